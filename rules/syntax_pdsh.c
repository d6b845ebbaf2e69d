/*
 * Host lists as pdsh 2.34 reads them. Sources: its hostlist.c (bracket grammar, strtoul()
 * of bounds, numbers above MAX_HOST_SUFFIX) and split.c (items), and the program itself
 * (`pdsh -R exec -w LIST -x LIST echo %h`).
 *
 * pdsh expands the first bracket of an item, then applies -x, then expands one bracket
 * more; a third one stays literal.
 */
#include "syntax.h"

#include <stdlib.h>
#include <string.h>

#include "hostset_node.h"
#include "hostset_ranges.h"
#include "syntax_pdsh_copies.h"

enum {
	MAX_RANGE = 16384,	/* hosts of one range */
	MAX_RANGES = 10240,	/* ranges of one bracket */
	MAX_SUFFIX = 33554432,	/* larger numbers at the end of a name are text to pdsh */
	MAX_SUFFIX_DIGITS = 14, /* the digits of smaller ones that pdsh keeps */
	MAX_TEXT = 1000, /* bytes of an item around brackets: its buffers are small */
};

struct reader {
	struct arena *arena;
	struct fault *fault;
	bool excluded;
	struct pdsh_list *list;
	struct copies_sum sum;
	struct span *names; /* hosts without brackets */
	size_t name_count, name_capacity;
};

/* What is in one bracket. */
struct bracket {
	struct hostset_range *ranges;
	size_t count, capacity;
	const char *behind; /* the text behind it */
};

static int refuse(struct reader *reader, const struct span *span, const char *what)
{
	return fault_set(reader->fault, "%s in the pdsh host list item \"%.*s\"", what,
			 span->length > 60 ? 60 : (int)span->length, span->text);
}

static int short_of_memory(struct reader *reader)
{
	return fault_set(
		reader->fault,
		"the pdsh host list is too large to be kept, or names a host more "
		"than %d times",
		PDSH_MAX_COPIES);
}

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

/* strtoul() base 10: blanks, a sign, digits. False without digits or with too many. */
static bool read_number(const char **at, const char *end, uint64_t *value)
{
	const char *start;

	while (*at < end && strchr(" \t\n\v\f\r", **at))
		(*at)++;
	if (*at < end && **at == '+')
		(*at)++;
	*value = 0;
	for (start = *at; *at < end && is_digit(**at); (*at)++) {
		if (*at - start >= HOSTSET_MAX_DIGITS)
			return false;
		*value = *value * 10 + (uint64_t)(**at - '0');
	}
	return *at > start;
}

/* _parse_single_range(): the width is that of all that stands before the dash. */
static bool read_range(const char *at, const char *end, struct hostset_range *range)
{
	const char *dash = memchr(at, '-', (size_t)(end - at)), *start = at;
	const char *low_end = dash ? dash : end;

	*range = (struct hostset_range){.step = 1, .width = (unsigned)(low_end - at)};
	if (range->width > MAX_TEXT || !read_number(&at, low_end, &range->low))
		return false;
	range->high = range->low;
	if (dash && dash + 1 < end) {
		at = dash + 1;
		if (!read_number(&at, end, &range->high))
			return false;
		low_end = end;
	}
	return at == low_end && start < end && range->low <= range->high &&
	       range->high - range->low < MAX_RANGE;
}

/* The first bracket of text from `open` on, which is closed. */
static int read_bracket(struct reader *reader, const struct span *item, const char *open,
			struct bracket *bracket)
{
	const char *end = item->text + item->length, *at = open + 1, *comma;
	const char *close = memchr(open, ']', (size_t)(end - open));

	*bracket = (struct bracket){.behind = close + 1};
	do {
		struct hostset_range *ranges;

		comma = memchr(at, ',', (size_t)(close - at));
		if (bracket->count == MAX_RANGES)
			return refuse(reader, item, "found more than 10240 ranges");
		ranges = arena_grow(reader->arena, bracket->ranges, bracket->count,
				    &bracket->capacity, sizeof(*ranges));
		if (!ranges)
			return short_of_memory(reader);
		bracket->ranges = ranges;
		if (!read_range(at, comma ? comma : close, &ranges[bracket->count++]))
			return refuse(
				reader, item,
				"found a bad range (expected low-high, at most 16384 "
				"hosts, no step)");
		at = comma ? comma + 1 : close;
	} while (comma);
	return 0;
}

static const char *closed_bracket(const char *at, const char *end)
{
	const char *open = at < end ? memchr(at, '[', (size_t)(end - at)) : NULL;

	return open && memchr(open, ']', (size_t)(end - open)) ? open : NULL;
}

static const char *digits_before(const char *start, const char *end)
{
	while (end > start && is_digit(end[-1]))
		end--;
	return end;
}

/* Numbers with leading zeros and more than 14 digits at the end of a name are cut. */
static bool is_cut(const char *start, const char *end, const struct bracket *bracket)
{
	const char *digits = digits_before(start, end);
	size_t before = (size_t)(end - digits);

	for (size_t i = 0; i < bracket->count; i++) {
		const struct hostset_range *range = &bracket->ranges[i];
		unsigned low = key_digits(range->low), high = key_digits(range->high);
		bool zero = before ? *digits == '0' : range->width > low;

		if (zero && before + (range->width > high ? range->width : high) >
				    MAX_SUFFIX_DIGITS)
			return true;
	}
	return false;
}

static int compare_ranges(const void *left, const void *right)
{
	const struct hostset_range *a = left, *b = right;

	return a->low < b->low ? -1 : a->low > b->low;
}

/* head, ranges, tail: adds a copy of each name, all at once where none can be double. */
static int add_product(struct reader *reader, struct copies_sum *sum, struct span head,
		       struct bracket *bracket, struct span tail)
{
	struct hostset_part parts[] = {
		{.text = head.text, .length = head.length},
		{.ranges = bracket->ranges, .range_count = bracket->count},
		{.text = tail.text, .length = tail.length},
	};
	size_t at_once = bracket->count;

	qsort(bracket->ranges, bracket->count, sizeof(*bracket->ranges), compare_ranges);
	for (size_t i = 1; i < bracket->count; i++)
		if (bracket->ranges[i].low <= bracket->ranges[i - 1].high)
			at_once = 1;
	parts[1].range_count = at_once;
	for (size_t i = 0; i < bracket->count; i += at_once) {
		parts[1].ranges = bracket->ranges + i;
		if (!copies_sum_add(sum, hostset_product(reader->arena, parts, 3)))
			return short_of_memory(reader);
	}
	return 0;
}

/* The value of the digits at the end of the name, which bounds what -x can find. */
static bool is_findable(struct span digits, const struct hostset_range *range,
			uint64_t value)
{
	unsigned length = key_digits(value);
	uint64_t head = 0;

	if (length < range->width)
		length = range->width;
	for (size_t i = 0; i < digits.length; i++) {
		head = head * 10 + (uint64_t)(digits.text[i] - '0');
		if (head > MAX_SUFFIX)
			return false;
	}
	if (head == 0)
		return value <= MAX_SUFFIX;
	return length <= 8 && head * key_power(length) + value <= MAX_SUFFIX;
}

/* Moves what -x cannot find from the bracket to list->fixed. */
static int take_fixed(struct reader *reader, struct span head, struct bracket *bracket)
{
	const char *end = head.text + head.length, *start = digits_before(head.text, end);
	struct span digits = {start, (size_t)(end - start)};
	struct pdsh_list *list = reader->list;
	size_t kept = 0;

	for (size_t i = 0; i < bracket->count; i++) {
		struct hostset_range range = bracket->ranges[i];
		struct hostset_part parts[] = {
			{.text = head.text, .length = head.length},
			{.ranges = &range, .range_count = 1},
		};
		uint64_t low = range.low, high = range.high + 1;

		while (low < high) {
			uint64_t middle = low + (high - low) / 2;

			if (is_findable(digits, &range, middle))
				low = middle + 1;
			else
				high = middle;
		}
		if (low > range.low) {
			bracket->ranges[kept] = range;
			bracket->ranges[kept++].high = low - 1;
		}
		if (low > range.high)
			continue;
		range.low = low;
		if (!list->fixed)
			list->fixed = hostset_empty(reader->arena);
		list->fixed = hostset_union(reader->arena, list->fixed,
					    hostset_product(reader->arena, parts, 2));
		if (!list->fixed)
			return short_of_memory(reader);
	}
	bracket->count = kept;
	return 0;
}

static struct pdsh_nested *find_nested(struct pdsh_list *list, const char *head,
				       const char *tail)
{
	for (size_t i = 0; i < list->nested_count; i++)
		if (strcmp(list->nested[i].head, head) == 0 &&
		    strcmp(list->nested[i].tail, tail) == 0)
			return &list->nested[i];
	return NULL;
}

static int add_nested(struct reader *reader, const struct span *item, struct span head,
		      struct bracket *bracket, struct span tail)
{
	struct pdsh_list *list = reader->list;
	struct copies_sum sum = {.arena = reader->arena};
	struct span nothing = {"", 0};
	struct pdsh_nested *nested;
	struct bracket second;
	char *head_text = arena_strndup(reader->arena, head.text, head.length);
	char *tail_text = arena_strndup(reader->arena, tail.text, tail.length);
	const char *open = closed_bracket(tail.text, tail.text + tail.length);

	for (size_t i = 0; i < bracket->count; i++)
		if (bracket->ranges[i].width > HOSTSET_MAX_DIGITS)
			return refuse(reader, item,
				      "found a number of more than 18 digits");
	if (!head_text || !tail_text)
		return short_of_memory(reader);
	if (read_bracket(reader, item, open, &second))
		return -1;
	if (second.behind == item->text + item->length &&
	    (is_cut(tail.text, open, &second) ||
	     digits_before(tail.text, open) == tail.text))
		for (size_t i = 0; i < second.count; i++)
			if (second.ranges[i].width + tail.length > MAX_SUFFIX_DIGITS)
				return refuse(reader, item,
					      "found a number that pdsh would cut");
	nested = find_nested(list, head_text, tail_text);
	if (!nested) {
		nested = arena_grow(reader->arena, list->nested, list->nested_count,
				    &list->nested_capacity, sizeof(*nested));
		if (!nested)
			return short_of_memory(reader);
		list->nested = nested;
		nested += list->nested_count++;
		*nested = (struct pdsh_nested){
			.head = head_text,
			.tail = tail_text,
			.open = (size_t)(open - tail.text),
			.behind = (size_t)(second.behind - tail.text),
			.ranges = second.ranges,
			.range_count = second.count,
		};
	}
	if (add_product(reader, &sum, nothing, bracket, nothing))
		return -1;
	return copies_sum_end(&sum, &nested->numbers) ? 0 : short_of_memory(reader);
}

static int add_name(struct reader *reader, const struct span *item)
{
	const char *end = item->text + item->length;
	const char *digits = digits_before(item->text, end);
	struct span *names = arena_grow(reader->arena, reader->names, reader->name_count,
					&reader->name_capacity, sizeof(*names));

	if (end - digits > MAX_SUFFIX_DIGITS && *digits == '0')
		return refuse(reader, item, "found a number that pdsh would cut");
	if (item->length > MAX_TEXT)
		return refuse(reader, item, "found a name of more than 1000 bytes");
	if (!names)
		return short_of_memory(reader);
	reader->names = names;
	names[reader->name_count++] = *item;
	return 0;
}

/* One item without blanks and commas, but in brackets. */
static int read_word(struct reader *reader, const struct span *item)
{
	const char *end = item->text + item->length;
	const char *open = closed_bracket(item->text, end);
	struct bracket bracket;
	struct span head, tail;

	if (!open)
		return add_name(reader, item);
	if (read_bracket(reader, item, open, &bracket))
		return -1;
	head = (struct span){item->text, (size_t)(open - item->text)};
	tail = (struct span){bracket.behind, (size_t)(end - bracket.behind)};
	if (head.length + tail.length > MAX_TEXT)
		return refuse(reader, item,
			      "found more than 1000 bytes around a bracket");
	if (closed_bracket(tail.text, end))
		return add_nested(reader, item, head, &bracket, tail);
	if (tail.length == 0) {
		if (is_cut(head.text, open, &bracket))
			return refuse(reader, item, "found a number that pdsh would cut");
		if (!reader->excluded && take_fixed(reader, head, &bracket))
			return -1;
	}
	return add_product(reader, &reader->sum, head, &bracket, tail);
}

/* The bytes up to the next separator that is not in brackets. */
static size_t word_length(const char *at, const char *end, const char *separators)
{
	const char *start = at;
	long level = 0;

	for (; at < end && (level != 0 || !strchr(separators, *at)); at++)
		level += *at == '[' ? 1 : *at == ']' ? -1 : 0;
	return (size_t)(at - start);
}

bool syntax_pdsh_item(const char **at, const char *end, const char **item, size_t *length)
{
	while (*at < end && **at == ',')
		(*at)++;
	if (*at == end)
		return false;
	*item = *at;
	*length = word_length(*at, end, ",");
	*at += *length;
	return true;
}

/* Drops rcmd: and user@ from the front of an item. */
static int drop_user(struct reader *reader, struct span *item)
{
	struct span whole = *item;
	const char *colon = memchr(item->text, ':', item->length), *sign, *start;

	while (item->length && (*item->text == ' ' || *item->text == '\t')) {
		item->text++;
		item->length--;
	}
	start = item->text;
	if (colon) {
		for (const char *at = item->text; at < colon; at++)
			if (*at == '[' || *at == '@' || *at == ' ')
				return refuse(reader, &whole,
					      "found a colon (expected rcmd:user@hosts)");
		item->length -= (size_t)(colon + 1 - item->text);
		item->text = colon + 1;
		if (colon == start || memchr(item->text, ':', item->length))
			return refuse(reader, &whole,
				      "found a colon (expected rcmd:user@hosts)");
	}
	sign = item->length ? memchr(item->text, '@', item->length) : NULL;
	if (sign) {
		item->length -= (size_t)(sign + 1 - item->text);
		item->text = sign + 1;
	}
	return 0;
}

static int read_item(struct reader *reader, struct span item)
{
	const char *at, *end;

	if (strchr("^/-", *item.text))
		return refuse(reader, &item,
			      "found a file, a pattern or an exclusion where hosts were "
			      "expected");
	if (!reader->excluded && drop_user(reader, &item))
		return -1;
	at = item.text;
	end = item.text + item.length;
	while (at < end) {
		struct span word = {at, word_length(at, end, "\t, ")};

		at += word.length;
		if (word.length == 0)
			at++;
		else if (read_word(reader, &word))
			return -1;
	}
	return 0;
}

static int compare_names(const void *left, const void *right)
{
	const struct span *a = left, *b = right;
	size_t shorter = a->length < b->length ? a->length : b->length;
	int order = memcmp(a->text, b->text, shorter);

	return order ? order : a->length < b->length ? -1 : a->length > b->length;
}

/* The names without brackets: the first copies as one set, the second copies as one ... */
static int take_names(struct reader *reader)
{
	struct span *left = reader->names;
	size_t count = reader->name_count;

	if (count)
		qsort(left, count, sizeof(*left), compare_names);
	while (count) {
		struct span *firsts = arena_array(reader->arena, count, sizeof(*firsts));
		size_t first_count = 0, kept = 0;

		if (!firsts)
			return short_of_memory(reader);
		for (size_t i = 0; i < count; i++) {
			if (first_count &&
			    compare_names(&firsts[first_count - 1], &left[i]) == 0)
				left[kept++] = left[i];
			else
				firsts[first_count++] = left[i];
		}
		if (!copies_sum_add(&reader->sum,
				    hostset_spans(reader->arena, firsts, first_count)))
			return short_of_memory(reader);
		count = kept;
	}
	return 0;
}

static int read_list(struct reader *reader, const char *text, size_t length)
{
	struct copies copies = {reader->list->layers, reader->list->count};
	const char *at = text, *end = text + length;
	struct span item;

	if (memchr(text, '\0', length))
		return fault_set(reader->fault, "found a zero byte in a pdsh host list");
	reader->sum.arena = reader->arena;
	while (syntax_pdsh_item(&at, end, &item.text, &item.length))
		if (read_item(reader, item))
			return -1;
	if (take_names(reader))
		return -1;
	if (!copies_sum_end(&reader->sum, &copies))
		return short_of_memory(reader);
	reader->list->layers = copies.layers;
	reader->list->count = copies.count;
	return 0;
}

int syntax_pdsh_add(struct arena *arena, struct pdsh_list *list, const char *text,
		    size_t length, struct fault *fault)
{
	struct reader reader = {.arena = arena, .fault = fault, .list = list};

	return read_list(&reader, text, length);
}

int syntax_pdsh_add_excluded(struct arena *arena, struct pdsh_list *list,
			     const char *text, size_t length, struct fault *fault)
{
	struct reader reader = {
		.arena = arena, .fault = fault, .list = list, .excluded = true};

	return read_list(&reader, text, length);
}
