/* tallygate's own notation, see syntax.h. */
#include "hostset_gather.h"
#include "syntax.h"

#include <string.h>

struct reader {
	struct arena *arena;
	struct fault *fault;
	const char *at;
	struct gather gather;
	/* The item at hand. */
	const char *item;
	struct hostset_part *parts;
	size_t part_count, part_capacity;
	char *literal;
	size_t literal_length, literal_capacity;
};

static bool is_blank(char byte)
{
	return byte && strchr(" \t\n\v\f\r", byte);
}

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static int short_of_memory(struct reader *reader)
{
	return fault_set(
		reader->fault,
		"the set \"%.60s\" is too large or too scattered to be kept folded",
		reader->item);
}

static int add_part(struct reader *reader, const struct hostset_part *part)
{
	struct hostset_part *parts =
		arena_grow(reader->arena, reader->parts, reader->part_count,
			   &reader->part_capacity, sizeof(*parts));

	if (!parts)
		return short_of_memory(reader);
	reader->parts = parts;
	parts[reader->part_count++] = *part;
	return 0;
}

static int add_literal(struct reader *reader, char byte)
{
	char *literal = arena_grow(reader->arena, reader->literal, reader->literal_length,
				   &reader->literal_capacity, 1);

	if (!literal)
		return short_of_memory(reader);
	reader->literal = literal;
	literal[reader->literal_length++] = byte;
	return 0;
}

/* The literal so far becomes a part (or a name); the next one starts anew. */
static void take_literal(struct reader *reader, struct hostset_part *part)
{
	*part = (struct hostset_part){.text = reader->literal,
				      .length = reader->literal_length};
	reader->literal = NULL;
	reader->literal_length = reader->literal_capacity = 0;
}

struct bound {
	uint64_t value;
	unsigned length; /* digits */
	bool padded;
};

static int read_bound(struct reader *reader, struct bound *bound)
{
	const char *start = reader->at;

	*bound = (struct bound){0};
	for (; is_digit(*reader->at); reader->at++) {
		bound->value = bound->value * 10 + (uint64_t)(*reader->at - '0');
		if (++bound->length > HOSTSET_MAX_DIGITS)
			return fault_set(
				reader->fault,
				"the number %.40s has more than %d digits; write "
				"it outside of brackets",
				start, HOSTSET_MAX_DIGITS);
	}
	if (bound->length == 0)
		return fault_set(reader->fault,
				 "found \"%.20s\" in the brackets of \"%.60s\" where a "
				 "number was expected",
				 start, reader->item);
	bound->padded = bound->length > 1 && *start == '0';
	return 0;
}

static int check_range(struct reader *reader, const struct hostset_range *range,
		       const struct bound *low, const struct bound *high)
{
	if (range->low > range->high)
		return fault_set(
			reader->fault,
			"the range %llu-%llu of \"%.60s\" is reversed; write the "
			"lower bound first",
			(unsigned long long)range->low, (unsigned long long)range->high,
			reader->item);
	if (high->padded && high->length != low->length)
		return fault_set(
			reader->fault,
			"the bounds of the range %llu-%llu of \"%.60s\" are padded "
			"differently; give both the same number of digits",
			(unsigned long long)range->low, (unsigned long long)range->high,
			reader->item);
	if (range->high - range->low >= SYNTAX_MAX_RANGE)
		return fault_set(reader->fault,
				 "the range %llu-%llu of \"%.60s\" is larger than %llu",
				 (unsigned long long)range->low,
				 (unsigned long long)range->high, reader->item,
				 SYNTAX_MAX_RANGE);
	return 0;
}

/* number [ "-" number [ "/" step ] ] */
static int read_range(struct reader *reader, struct hostset_range *range)
{
	struct bound low, high, step;

	if (read_bound(reader, &low))
		return -1;
	high = low;
	*range = (struct hostset_range){low.value, low.value, 1, 0};
	if (low.padded)
		range->width = low.length;
	if (*reader->at != '-')
		return 0;
	reader->at++;
	if (read_bound(reader, &high))
		return -1;
	range->high = high.value;
	if (*reader->at == '/') {
		reader->at++;
		if (read_bound(reader, &step))
			return -1;
		if (step.value == 0)
			return fault_set(reader->fault,
					 "the step of a range of \"%.60s\" is 0; the "
					 "smallest step is 1",
					 reader->item);
		range->step = step.value;
	}
	return check_range(reader, range, &low, &high);
}

static int read_bracket(struct reader *reader)
{
	struct hostset_range *ranges = NULL;
	struct hostset_part part;
	size_t count = 0, capacity = 0;

	if (reader->literal_length) {
		take_literal(reader, &part);
		if (add_part(reader, &part))
			return -1;
	}
	do {
		reader->at++;
		ranges = arena_grow(reader->arena, ranges, count, &capacity,
				    sizeof(*ranges));
		if (!ranges)
			return short_of_memory(reader);
		if (read_range(reader, &ranges[count++]))
			return -1;
	} while (*reader->at == ',');
	if (*reader->at != ']')
		return fault_set(
			reader->fault,
			"found \"%.20s\" in the brackets of \"%.60s\" where , or ] "
			"was expected",
			reader->at, reader->item);
	reader->at++;
	part = (struct hostset_part){.ranges = ranges, .range_count = count};
	return add_part(reader, &part);
}

static int end_item(struct reader *reader)
{
	const struct hostset *set;
	struct hostset_part part;

	if (reader->part_count == 0 && reader->literal_length == 0)
		return fault_set(reader->fault,
				 "found an empty item before \"%.60s\"; remove the comma "
				 "or write a name",
				 reader->item);
	take_literal(reader, &part);
	if (reader->part_count == 0)
		return gather_name(&reader->gather, part.text, part.length)
			       ? 0
			       : short_of_memory(reader);
	if (part.length && add_part(reader, &part))
		return -1;
	set = hostset_product(reader->arena, reader->parts, reader->part_count);
	reader->part_count = 0;
	if (!set)
		return fault_set(reader->fault,
				 "the item \"%.60s\" cannot be kept folded; write it as "
				 "several smaller items",
				 reader->item);
	return gather_set(&reader->gather, set) ? 0 : short_of_memory(reader);
}

static int read_item(struct reader *reader)
{
	while (is_blank(*reader->at))
		reader->at++;
	reader->item = reader->at;
	while (*reader->at && *reader->at != ',' && !is_blank(*reader->at)) {
		if (*reader->at == '[') {
			if (read_bracket(reader))
				return -1;
			continue;
		}
		if (*reader->at == ']')
			return fault_set(
				reader->fault,
				"found ] without [ in \"%.60s\"; a bracket that is "
				"part of a name stands behind a backslash",
				reader->item);
		if (*reader->at == '\\' && !*++reader->at)
			return fault_set(
				reader->fault,
				"found a backslash at the end of \"%.60s\" where a "
				"byte was expected behind it",
				reader->item);
		if (add_literal(reader, *reader->at++))
			return -1;
	}
	while (is_blank(*reader->at))
		reader->at++;
	if (*reader->at && *reader->at != ',')
		return fault_set(
			reader->fault,
			"found a blank inside of \"%.60s\"; a comma separates items, "
			"a blank of a name stands behind a backslash",
			reader->item);
	return end_item(reader);
}

const struct hostset *syntax_folded(struct arena *arena, const char *text,
				    struct fault *fault)
{
	struct reader reader = {.arena = arena, .fault = fault, .at = text, .item = text};
	const struct hostset *set;

	reader.gather.arena = arena;
	while (is_blank(*reader.at))
		reader.at++;
	if (*reader.at && read_item(&reader))
		return NULL;
	while (*reader.at == ',') {
		reader.at++;
		if (read_item(&reader))
			return NULL;
	}
	set = gather_finish(&reader.gather);
	if (!set)
		short_of_memory(&reader);
	return set;
}
