/* Follows RangeSet._parse and ParsingEngine._amend_*_digits of ClusterShell 1.9.1. */
#include "syntax_clustershell_ranges.h"

#include <stdio.h>
#include <string.h>

#include "hostset_ranges.h"

struct range_list {
	struct arena *arena;
	struct fault *fault;
	struct span before;
	struct hostset_range *ranges;
	size_t count, capacity;
};

bool clustershell_blank(char byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r') ||
	       (byte >= '\x1c' && byte <= '\x1f');
}

static struct span strip(struct span span)
{
	while (span.length && clustershell_blank(span.text[0])) {
		span.text++;
		span.length--;
	}
	while (span.length && clustershell_blank(span.text[span.length - 1]))
		span.length--;
	return span;
}

static int short_of_memory(struct fault *fault)
{
	return fault_set(fault,
			 "the node set is too large or too scattered to be kept folded");
}

static int bad_range(struct fault *fault, struct span span, const char *why)
{
	return fault_set(fault, "bad range \"%.*s\": %s",
			 span.length > 60 ? 60 : (int)span.length, span.text, why);
}

static int add_range(struct range_list *list, const struct hostset_range *range)
{
	struct hostset_range *ranges = arena_grow(list->arena, list->ranges, list->count,
						  &list->capacity, sizeof(*ranges));

	if (!ranges)
		return short_of_memory(list->fault);
	list->ranges = ranges;
	ranges[list->count++] = *range;
	return 0;
}

struct bound {
	uint64_t value;
	size_t length;
	bool padded; /* leading zeros that ClusterShell takes for padding */
};

/* False when this is no plain number of at most 18 digits. */
static bool read_bound(struct span span, struct bound *bound)
{
	*bound = (struct bound){.length = span.length};
	if (span.length == 0 || span.length > HOSTSET_MAX_DIGITS)
		return false;
	for (size_t i = 0; i < span.length; i++) {
		if (span.text[i] < '0' || span.text[i] > '9')
			return false;
		bound->value = bound->value * 10 + (uint64_t)(span.text[i] - '0');
	}
	bound->padded = span.length > 1 && span.text[0] == '0';
	return true;
}

static int add_bounds(struct range_list *list, struct span whole, const struct bound *low,
		      const struct bound *high, uint64_t step)
{
	struct hostset_range range = {low->value, high->value, step, 0};
	/* An upper bound of zeros only does not ask for padding. */
	bool padded = low->padded || (high->padded && high->value != 0);

	if (padded && low->length != high->length)
		return bad_range(
			list->fault, whole,
			"the bounds have leading zeros and differ in length; write "
			"[1-9,10-12] or [01-12]");
	if (low->value > high->value)
		return bad_range(list->fault, whole,
				 "it is reversed; write the lower bound first");
	if (step == 0)
		return bad_range(list->fault, whole,
				 "the step is 0; at least 1 is needed");
	if (high->value - low->value + 1 >= 1000000000)
		return bad_range(
			list->fault, whole,
			"it is too large; ClusterShell takes less than a billion");
	if (low->padded)
		range.width = (unsigned)low->length;
	return add_range(list, &range);
}

/* One of the ranges between commas. */
static int read_range(struct range_list *list, struct span whole)
{
	struct span range = strip(whole), first, second;
	struct bound low, high, step = {.value = 1};
	const char *slash = memchr(range.text, '/', range.length), *dash;

	if (slash) {
		struct span rest = {slash + 1,
				    (size_t)(range.text + range.length - slash - 1)};

		if (!read_bound(strip(rest), &step))
			return bad_range(list->fault, whole, "the step is not a number");
		range.length = (size_t)(slash - range.text);
	}
	dash = memchr(range.text, '-', range.length);
	if (!dash) {
		if (!read_bound(range, &low))
			return bad_range(list->fault, whole,
					 "expected a number of at most 18 digits");
		if (step.value != 1)
			return bad_range(list->fault, whole,
					 "a step needs a range before it, as in 1-9/2");
		return add_bounds(list, whole, &low, &low, 1);
	}
	first = (struct span){range.text, (size_t)(dash - range.text)};
	second = (struct span){dash + 1, range.length - first.length - 1};
	if (first.length == 0 || memchr(second.text, '-', second.length))
		return bad_range(list->fault, whole,
				 "negative numbers are not read here; expected low-high");
	if (!read_bound(strip(first), &low) || !read_bound(strip(second), &high))
		return bad_range(list->fault, whole,
				 "expected low-high, numbers of at most 18 digits");
	return add_bounds(list, whole, &low, &high, step.value);
}

static int read_list(struct range_list *list, struct span inner)
{
	for (;;) {
		const char *comma = memchr(inner.text, ',', inner.length);
		struct span range = {inner.text,
				     comma ? (size_t)(comma - inner.text) : inner.length};

		if (read_range(list, range))
			return -1;
		if (!comma)
			return 0;
		inner.length -= range.length + 1;
		inner.text = comma + 1;
	}
}

/*
 * _amend_trailing_digits: `1-3` with `5` behind becomes `15-35/10`, as text. The length of
 * the result is bounded by (length of inner + 1) * (length of behind + 4).
 */
static int put_behind(struct arena *arena, struct span *inner, struct span behind,
		      struct fault *fault)
{
	size_t used = 0, room;
	bool range = false;
	char *text;

	if (behind.length > HOSTSET_MAX_DIGITS)
		return bad_range(fault, behind, "too many digits behind a bracket");
	if (memchr(inner->text, '/', inner->length))
		return bad_range(fault, *inner,
				 "digits behind a bracket with steps are refused by "
				 "ClusterShell");
	room = (inner->length + 1) * (2 * behind.length + 4);
	text = arena_alloc(arena, room);
	if (!text)
		return short_of_memory(fault);
	for (size_t i = 0; i <= inner->length; i++) {
		char byte = i < inner->length ? inner->text[i] : ',';

		if (byte != ',' && byte != '-') {
			text[used++] = byte;
			continue;
		}
		memcpy(text + used, behind.text, behind.length);
		used += behind.length;
		range |= byte == '-';
		if (byte == ',' && range) {
			text[used++] = '/';
			text[used++] = '1';
			memset(text + used, '0', behind.length);
			used += behind.length;
			range = false;
		}
		if (i < inner->length)
			text[used++] = byte;
	}
	*inner = (struct span){text, used};
	return 0;
}

/* A long progression: ClusterShell puts the digits to each member, which keeps the step. */
static int put_before_progression(struct range_list *list, struct hostset_range range)
{
	uint64_t digits = 0;

	for (size_t i = 0; i < list->before.length; i++)
		digits = digits * 10 + (uint64_t)(list->before.text[i] - '0');
	while (range.low <= range.high) {
		unsigned natural = key_digits(range.low);
		unsigned length = natural > range.width ? natural : range.width;
		uint64_t last = key_power(length) - 1;
		struct hostset_range out = {.step = range.step};

		if (list->before.length + length > HOSTSET_MAX_DIGITS)
			return bad_range(list->fault, list->before,
					 "the numbers have more than 18 digits");
		if (last > range.high)
			last = range.high;
		last -= (last - range.low) % range.step;
		out.low = digits * key_power(length) + range.low;
		out.high = digits * key_power(length) + last;
		out.width = (unsigned)list->before.length + length;
		if (add_range(list, &out))
			return -1;
		range.low = last + range.step;
	}
	return 0;
}

/* _amend_leading_digits, for one contiguous range of what the bracket holds. */
static int put_before(void *context, const struct hostset_range *range)
{
	struct range_list *list = context;
	char text[4 * HOSTSET_MAX_DIGITS + 8];
	int before = (int)list->before.length, width = (int)range->width, length;

	if (range->step > 1)
		return put_before_progression(list, *range);
	length = snprintf(text, sizeof(text), "%.*s%0*llu", before, list->before.text,
			  width, (unsigned long long)range->low);
	if (range->low != range->high)
		length += snprintf(text + length, sizeof(text) - (size_t)length,
				   "-%.*s%0*llu", before, list->before.text, width,
				   (unsigned long long)range->high);
	return read_range(list, (struct span){text, (size_t)length});
}

/* The bracket as a set of numbers, cut into contiguous ranges, each with the digits. */
static int read_with_digits(struct range_list *list, struct span inner)
{
	struct range_list plain = {.arena = list->arena, .fault = list->fault};
	const struct hostset *set;
	struct hostset_part part;
	struct ranges ranges;

	if (list->before.length > HOSTSET_MAX_DIGITS)
		return bad_range(list->fault, list->before,
				 "too many digits before a bracket");
	if (read_list(&plain, inner))
		return -1;
	part = (struct hostset_part){.ranges = plain.ranges, .range_count = plain.count};
	set = hostset_product(list->arena, &part, 1);
	if (!set)
		return bad_range(list->fault, inner, "it cannot be kept folded");
	ranges_begin(&ranges, put_before, list);
	for (size_t i = 0; i < set->patterns[0].root->length && !ranges.stop; i++)
		ranges_run(&ranges, &set->patterns[0].root->runs[i]);
	return ranges_end(&ranges) ? -1 : 0;
}

int clustershell_ranges(struct arena *arena, struct span inner, struct span before,
			struct span behind, struct hostset_part *part,
			struct fault *fault)
{
	struct range_list list = {.arena = arena, .fault = fault, .before = before};

	if (behind.length && put_behind(arena, &inner, behind, fault))
		return -1;
	if (before.length ? read_with_digits(&list, inner) : read_list(&list, inner))
		return -1;
	*part = (struct hostset_part){.ranges = list.ranges, .range_count = list.count};
	return 0;
}
