#include "syntax_pdsh_copies.h"

#include <string.h>

bool copies_of(struct arena *arena, struct copies *copies, const struct hostset *set)
{
	*copies = (struct copies){0};
	if (!set)
		return false;
	if (hostset_is_empty(set))
		return true;
	copies->layers = arena_array(arena, 1, sizeof(const struct hostset *));
	if (!copies->layers)
		return false;
	copies->layers[0] = set;
	copies->count = 1;
	return true;
}

/* What is in a layer already moves one layer up. `room` layers may be used. */
static bool add_set(struct arena *arena, struct copies *copies, const struct hostset *set,
		    size_t room)
{
	for (size_t i = 0; set && !hostset_is_empty(set); i++) {
		const struct hostset *layer;

		if (i == room)
			return false;
		if (i == copies->count) {
			copies->layers[copies->count++] = set;
			return true;
		}
		layer = copies->layers[i];
		copies->layers[i] = hostset_union(arena, layer, set);
		if (!copies->layers[i])
			return false;
		set = hostset_intersection(arena, layer, set);
	}
	return set != NULL;
}

bool copies_add(struct arena *arena, struct copies *copies, const struct copies *more)
{
	size_t room = copies->count + more->count;
	const struct hostset **layers;

	if (room > PDSH_MAX_COPIES)
		room = PDSH_MAX_COPIES;
	layers = arena_array(arena, room, sizeof(*layers));
	if (!layers)
		return false;
	if (copies->count)
		memcpy(layers, copies->layers, copies->count * sizeof(*layers));
	copies->layers = layers;
	for (size_t i = 0; i < more->count; i++)
		if (!add_set(arena, copies, more->layers[i], room))
			return false;
	return true;
}

bool copies_remove(struct arena *arena, struct copies *copies, const struct hostset *set)
{
	const struct hostset **layers;

	layers = arena_array(arena, copies->count, sizeof(*layers));
	if (!layers)
		return false;
	for (size_t i = 0; i < copies->count; i++) {
		layers[i] = hostset_difference(arena, copies->layers[i], set);
		if (i + 1 < copies->count)
			layers[i] = hostset_union(
				arena, layers[i],
				hostset_intersection(arena, copies->layers[i + 1], set));
		if (!layers[i])
			return false;
	}
	copies->layers = layers;
	while (copies->count && hostset_is_empty(copies->layers[copies->count - 1]))
		copies->count--;
	return true;
}

bool copies_sum_add(struct copies_sum *sum, const struct hostset *set)
{
	struct copies copies;
	size_t i = 0;

	if (!copies_of(sum->arena, &copies, set))
		return false;
	for (; sum->slots[i].count; i++) {
		if (!copies_add(sum->arena, &copies, &sum->slots[i]))
			return false;
		sum->slots[i] = (struct copies){0};
	}
	sum->slots[i] = copies;
	return true;
}

bool copies_sum_end(struct copies_sum *sum, struct copies *copies)
{
	for (size_t i = 0; i < sizeof(sum->slots) / sizeof(sum->slots[0]); i++)
		if (sum->slots[i].count &&
		    !copies_add(sum->arena, copies, &sum->slots[i]))
			return false;
	return true;
}
