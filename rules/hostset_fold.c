/* A set as text: per pattern the products of ranges that it comes to. */
#include "hostset_ranges.h"

#include <stdio.h>
#include <string.h>

/* Readers refuse larger ranges (SYNTAX_MAX_RANGE): such a one is written in parts. */
#define FOLD_MAX_RANGE 1000000000ULL

struct text {
	struct arena *scratch;
	char *bytes;
	size_t length, capacity;
	bool failed;
};

/* Numbers with the same node behind them are written in one bracket. */
struct group {
	const struct node *next;
	size_t first, last; /* links into fold.links, 1-based */
};

struct fold {
	struct text out;
	struct text item; /* the item at hand, up to the number at hand */
	const char *pattern;
};

static void put_bytes(struct text *text, const char *bytes, size_t length)
{
	while (!text->failed && text->capacity - text->length < length) {
		size_t wanted = text->capacity ? text->capacity * 2 : 256;
		char *grown = arena_alloc(text->scratch, wanted);

		if (!grown) {
			text->failed = true;
			return;
		}
		if (text->length)
			memcpy(grown, text->bytes, text->length);
		text->bytes = grown;
		text->capacity = wanted;
	}
	if (text->failed)
		return;
	if (length)
		memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
}

static void put_name_byte(struct text *text, char byte)
{
	if (strchr("[],\\ \t\n\v\f\r", byte))
		put_bytes(text, "\\", 1);
	put_bytes(text, &byte, 1);
}

static void put_bounds(struct text *text, const struct hostset_range *range)
{
	char bytes[80];
	int width = (int)range->width, length;
	unsigned long long low = range->low, high = range->high, step = range->step;

	if (text->length && text->bytes[text->length - 1] != '[')
		put_bytes(text, ",", 1);
	if (low == high)
		length = snprintf(bytes, sizeof(bytes), "%0*llu", width, low);
	else if (step == 1)
		length = snprintf(bytes, sizeof(bytes), "%0*llu-%0*llu", width, low,
				  width, high);
	else
		length = snprintf(bytes, sizeof(bytes), "%0*llu-%0*llu/%llu", width, low,
				  width, high, step);
	put_bytes(text, bytes, (size_t)length);
}

static int put_range(void *context, const struct hostset_range *range)
{
	struct hostset_range part = *range;
	struct text *text = context;

	while (range->high - part.low >= FOLD_MAX_RANGE && !text->failed) {
		part.high = part.low + (FOLD_MAX_RANGE - 1) / part.step * part.step;
		put_bounds(text, &part);
		part.low = part.high + part.step;
	}
	part.high = range->high;
	put_bounds(text, &part);
	return text->failed ? -1 : 0;
}

static void fold_from(struct fold *fold, const char *pattern, const struct node *node);

/* A single number as it is, several in brackets, then what is behind them. */
static void fold_group(struct fold *fold, const char *pattern, const struct node *node,
		       const struct group *group, const size_t *links)
{
	const struct run *first = &node->runs[group->first - 1];
	size_t length = fold->item.length;
	char digits[HOSTSET_MAX_DIGITS];
	struct ranges ranges;

	if (group->first == group->last && first->low == first->high) {
		put_bytes(&fold->item, digits, key_print(digits, first->low));
	} else {
		put_bytes(&fold->item, "[", 1);
		ranges_begin(&ranges, put_range, &fold->item);
		for (size_t at = group->first; at; at = links ? links[at - 1] : at + 1) {
			ranges_run(&ranges, &node->runs[at - 1]);
			if (at == group->last || fold->item.failed)
				break;
		}
		ranges_end(&ranges);
		put_bytes(&fold->item, "]", 1);
	}
	fold_from(fold, pattern, group->next);
	fold->item.length = length;
}

/* Groups the runs of a node by what is behind them, in the order of their first keys. */
static size_t make_groups(struct arena *scratch, const struct node *node,
			  struct group *groups, size_t *links)
{
	size_t slots = node->length * 2 + 1, count = 0;
	size_t *table = arena_array(scratch, slots, sizeof(*table));

	if (!table)
		return 0;
	for (size_t i = 0; i < node->length; i++) {
		const struct node *next = node->runs[i].next;
		size_t slot = next->hash % slots;

		while (table[slot] && !node_equal(groups[table[slot] - 1].next, next))
			slot = (slot + 1) % slots;
		if (table[slot]) {
			struct group *group = &groups[table[slot] - 1];

			links[group->last - 1] = i + 1;
			group->last = i + 1;
		} else {
			groups[count] = (struct group){next, i + 1, i + 1};
			table[slot] = ++count;
		}
	}
	return count;
}

static void fold_number(struct fold *fold, const char *pattern, const struct node *node)
{
	const struct group all = {&hostset_leaf, 1, node->length};
	struct arena *scratch = fold->out.scratch;
	struct group *groups;
	size_t *links, count = 0;

	if (node->runs[0].next == &hostset_leaf) {
		fold_group(fold, pattern, node, &all, NULL);
		return;
	}
	groups = arena_array(scratch, node->length, sizeof(*groups));
	links = arena_array(scratch, node->length, sizeof(*links));
	if (groups && links)
		count = make_groups(scratch, node, groups, links);
	if (count == 0)
		fold->out.failed = true;
	for (size_t i = 0; i < count && !fold->out.failed; i++)
		fold_group(fold, pattern, node, &groups[i], links);
}

/* `pattern` is the rest of the pattern, `node` what may stand for its numbers. */
static void fold_from(struct fold *fold, const char *pattern, const struct node *node)
{
	size_t length = fold->item.length;

	for (; *pattern; pattern++) {
		if (pattern[0] == '%' && pattern[1] == 's') {
			fold_number(fold, pattern + 2, node);
			fold->item.length = length;
			return;
		}
		put_name_byte(&fold->item, *pattern);
		if (*pattern == '%')
			pattern++;
	}
	if (fold->out.length)
		put_bytes(&fold->out, ",", 1);
	put_bytes(&fold->out, fold->item.bytes, fold->item.length);
	fold->out.failed |= fold->item.failed;
	fold->item.length = length;
}

const char *hostset_fold(struct arena *arena, const struct hostset *set)
{
	struct arena *scratch = arena_new(SIZE_MAX);
	struct fold fold = {.out.scratch = scratch, .item.scratch = scratch};
	char *text = NULL;

	if (!scratch)
		return NULL;
	for (size_t i = 0; i < set->count && !fold.out.failed; i++)
		fold_from(&fold, set->patterns[i].text, set->patterns[i].root);
	if (!fold.out.failed)
		text = arena_strndup(arena, fold.out.length ? fold.out.bytes : "",
				     fold.out.length);
	arena_free(scratch);
	return text;
}
