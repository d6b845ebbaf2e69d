/* What becomes of a pdsh list: -x applied, the second brackets expanded. */
#include <string.h>

#include "hostset_ranges.h"
#include "syntax.h"
#include "syntax_pdsh_copies.h"

static bool remove_all(struct arena *arena, struct copies *copies,
		       const struct hostset *const *sets, size_t count)
{
	for (size_t i = 0; i < count && copies->count; i++)
		if (!copies_remove(arena, copies, sets[i]))
			return false;
	return true;
}

static bool remove_nested(struct arena *arena, struct pdsh_list *list,
			  const struct pdsh_list *out)
{
	for (size_t i = 0; i < list->nested_count; i++) {
		struct pdsh_nested *item = &list->nested[i];

		for (size_t j = 0; j < out->nested_count; j++) {
			const struct pdsh_nested *other = &out->nested[j];

			if (strcmp(item->head, other->head) == 0 &&
			    strcmp(item->tail, other->tail) == 0 &&
			    !remove_all(arena, &item->numbers, other->numbers.layers,
					other->numbers.count))
				return false;
		}
	}
	return true;
}

int syntax_pdsh_remove(struct arena *arena, struct pdsh_list *list,
		       const struct pdsh_list *out, struct fault *fault)
{
	struct copies copies = {list->layers, list->count};

	if (!remove_all(arena, &copies, out->layers, out->count) ||
	    (out->fixed && !remove_all(arena, &copies, &out->fixed, 1)) ||
	    !remove_nested(arena, list, out))
		return fault_set(fault, "the pdsh host list is too large: the memory for "
					"this evaluation is used up");
	list->layers = copies.layers;
	list->count = copies.count;
	return 0;
}

struct range_list {
	struct arena *arena;
	struct hostset_range *ranges;
	size_t count, capacity;
};

static int add_range(void *context, const struct hostset_range *range)
{
	struct range_list *list = context;
	struct hostset_range *ranges = arena_grow(list->arena, list->ranges, list->count,
						  &list->capacity, sizeof(*ranges));

	if (!ranges)
		return -1;
	list->ranges = ranges;
	ranges[list->count++] = *range;
	return 0;
}

static const struct hostset *expand(struct arena *arena, const struct pdsh_nested *item)
{
	struct range_list first = {.arena = arena};
	const struct node *numbers;
	struct ranges ranges;

	if (item->numbers.count == 0)
		return hostset_empty(arena);
	numbers = item->numbers.layers[0]->patterns[0].root;
	ranges_begin(&ranges, add_range, &first);
	for (size_t i = 0; i < numbers->length && !ranges.stop; i++)
		ranges_run(&ranges, &numbers->runs[i]);
	if (ranges_end(&ranges))
		return NULL;
	struct hostset_part parts[] = {
		{.text = item->head, .length = strlen(item->head)},
		{.ranges = first.ranges, .range_count = first.count},
		{.text = item->tail, .length = item->open},
		{.ranges = item->ranges, .range_count = item->range_count},
		{.text = item->tail + item->behind,
		 .length = strlen(item->tail + item->behind)},
	};
	return hostset_product(arena, parts, 5);
}

const struct hostset *syntax_pdsh_set(struct arena *arena, const struct pdsh_list *list)
{
	const struct hostset *set = list->count ? list->layers[0] : hostset_empty(arena);

	if (list->fixed)
		set = hostset_union(arena, set, list->fixed);
	for (size_t i = 0; i < list->nested_count && set; i++)
		set = hostset_union(arena, set, expand(arena, &list->nested[i]));
	return set;
}
