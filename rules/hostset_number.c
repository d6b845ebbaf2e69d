#include "hostset_number.h"

#include <stdio.h>
#include <string.h>

/* Runs in scratch memory, in any order. */
struct run_list {
	struct run *runs;
	size_t count, capacity;
};

static bool add_run(struct work *work, struct run_list *list, uint64_t low, uint64_t high,
		    uint64_t step)
{
	struct run *runs;

	if (list->count >= PRODUCT_MAX_RUNS)
		return false;
	runs = arena_grow(work->scratch, list->runs, list->count, &list->capacity,
			  sizeof(*runs));
	if (!runs)
		return false;
	list->runs = runs;
	runs[list->count++] =
		(struct run){low, high, low == high ? 1 : step, &hostset_leaf};
	return true;
}

/* The digits that the longest member of the range has. */
static unsigned range_length(const struct hostset_range *range)
{
	unsigned digits = key_digits(range->high);

	return range->width > digits ? range->width : digits;
}

static uint64_t range_members(const struct hostset_range *range)
{
	uint64_t steps;

	if (range->low > range->high)
		return 0;
	steps = (range->high - range->low) / (range->step ? range->step : 1);
	return steps == UINT64_MAX ? steps : steps + 1;
}

/* How many strings the piece stands for; stays at UINT64_MAX. */
static uint64_t piece_members(const struct piece *piece)
{
	uint64_t count = 0;

	if (!piece->ranges)
		return 1;
	for (size_t i = 0; i < piece->range_count; i++)
		if (__builtin_add_overflow(count, range_members(&piece->ranges[i]),
					   &count))
			return UINT64_MAX;
	return count;
}

/* Adds the range, block by block; its members have at most 18 digits. */
static bool add_range(struct work *work, struct run_list *list,
		      const struct hostset_range *range)
{
	uint64_t step = range->step ? range->step : 1, low = range->low;

	while (low <= range->high) {
		unsigned digits = key_digits(low);
		unsigned length = digits > range->width ? digits : range->width;
		uint64_t last = key_power(length) - 1, offset = key_offset(length);

		if (last > range->high)
			last = range->high;
		last -= (last - low) % step;
		if (!add_run(work, list, low + offset, last + offset, step))
			return false;
		if (__builtin_add_overflow(last, step, &low))
			break;
	}
	return true;
}

static const struct node *piece_node(struct work *work, const struct piece *piece)
{
	struct run_list list = {0};
	uint64_t key;

	if (!piece->ranges) {
		key = key_of(piece->digits, (unsigned)piece->length);
		if (!add_run(work, &list, key, key, 1))
			work->failed = true;
	} else {
		for (size_t i = 0; i < piece->range_count && !work->failed; i++)
			if (!add_range(work, &list, &piece->ranges[i]))
				work->failed = true;
	}
	return work->failed ? NULL : node_from_runs(work, list.runs, list.count);
}

/* The strings of run `a` followed by those of run `b`. */
static bool join_runs(struct work *work, struct run_list *list, const struct run *a,
		      const struct run *b)
{
	unsigned a_length = key_length(a->low), b_length = key_length(b->low);
	uint64_t power = key_power(b_length), b_offset = key_offset(b_length);
	uint64_t a_offset = key_offset(a_length),
		 offset = key_offset(a_length + b_length);
	uint64_t b_low = b->low - b_offset, b_high = b->high - b_offset;
	uint64_t a_low = a->low - a_offset, a_high = a->high - a_offset;

	if (a->step == 1 && b->step == 1 && b_low == 0 && b_high == power - 1)
		return add_run(work, list, offset + a_low * power,
			       offset + a_high * power + b_high, 1);
	if (b_low == b_high)
		return add_run(work, list, offset + a_low * power + b_low,
			       offset + a_high * power + b_low, a->step * power);
	if ((a_high - a_low) / a->step >= PRODUCT_MAX_RUNS)
		return false;
	for (uint64_t value = a_low; value <= a_high; value += a->step)
		if (!add_run(work, list, offset + value * power + b_low,
			     offset + value * power + b_high, b->step))
			return false;
	return true;
}

static const struct node *join_nodes(struct work *work, const struct node *a,
				     const struct node *b)
{
	struct run_list list = {0};
	uint64_t joined;

	if (__builtin_mul_overflow(a->count, b->count, &joined) ||
	    joined > PRODUCT_MAX_JOINED) {
		work->failed = true;
		return NULL;
	}
	for (size_t i = 0; i < a->length; i++) {
		for (size_t j = 0; j < b->length; j++) {
			if (!join_runs(work, &list, &a->runs[i], &b->runs[j])) {
				work->failed = true;
				return NULL;
			}
		}
	}
	return node_from_runs(work, list.runs, list.count);
}

static bool add_span(struct work *work, struct span *spans, size_t *count,
		     const struct span *head, const char *tail, size_t length)
{
	char *text;

	if (*count >= PRODUCT_MAX_SPELLED)
		return false;
	text = arena_alloc(work->scratch, head->length + length + 1);
	if (!text)
		return false;
	memcpy(text, head->text, head->length);
	memcpy(text + head->length, tail, length);
	spans[(*count)++] = (struct span){text, head->length + length};
	return true;
}

bool number_spell(struct work *work, const struct node *node, struct span **spelled,
		  size_t *count)
{
	struct span empty = {"", 0}, *spans;
	char digits[HOSTSET_MAX_DIGITS];

	*count = 0;
	if (node->count > PRODUCT_MAX_SPELLED)
		return false;
	spans = arena_array(work->scratch, node->count, sizeof(*spans));
	*spelled = spans;
	if (!spans)
		return false;
	for (size_t i = 0; i < node->length; i++) {
		const struct run *run = &node->runs[i];

		for (uint64_t key = run->low; key <= run->high; key += run->step)
			if (!add_span(work, spans, count, &empty, digits,
				      key_print(digits, key)))
				return false;
	}
	return true;
}

/* Every string of `heads` with every member of the range behind it. */
static bool spell_range(struct work *work, const struct hostset_range *range,
			const struct span *heads, size_t head_count, struct span *spans,
			size_t *count)
{
	uint64_t step = range->step ? range->step : 1, value = range->low;
	char digits[512];

	if (range->width >= sizeof(digits))
		return false;
	while (value <= range->high) {
		int length = snprintf(digits, sizeof(digits), "%0*llu", (int)range->width,
				      (unsigned long long)value);

		for (size_t i = 0; i < head_count; i++)
			if (!add_span(work, spans, count, &heads[i], digits,
				      (size_t)length))
				return false;
		if (__builtin_add_overflow(value, step, &value))
			break;
	}
	return true;
}

/* For numbers that may be too long: written out, then sorted into short and long. */
static bool spell_pieces(struct work *work, const struct piece *pieces, size_t count,
			 struct number *number)
{
	struct span empty = {"", 0}, *heads = &empty, *spans;
	size_t head_count = 1, span_count;
	struct run_list list = {0};

	for (size_t i = 0; i < count; i++) {
		const struct piece *piece = &pieces[i];
		uint64_t members = piece_members(piece);

		if (members > PRODUCT_MAX_SPELLED ||
		    members * head_count > PRODUCT_MAX_SPELLED)
			return false;
		spans = arena_array(work->scratch, members * head_count, sizeof(*spans));
		span_count = 0;
		if (!spans)
			return false;
		for (size_t j = 0; !piece->ranges && j < head_count; j++)
			if (!add_span(work, spans, &span_count, &heads[j], piece->digits,
				      piece->length))
				return false;
		for (size_t j = 0; piece->ranges && j < piece->range_count; j++)
			if (!spell_range(work, &piece->ranges[j], heads, head_count,
					 spans, &span_count))
				return false;
		heads = spans;
		head_count = span_count;
	}
	number->longer = heads;
	for (size_t i = 0; i < head_count; i++) {
		uint64_t key;

		if (heads[i].length > HOSTSET_MAX_DIGITS) {
			number->longer[number->longer_count++] = heads[i];
			continue;
		}
		key = key_of(heads[i].text, (unsigned)heads[i].length);
		if (!add_run(work, &list, key, key, 1))
			return false;
	}
	number->node = node_from_runs(work, list.runs, list.count);
	return !work->failed;
}

/* What the longest string of the number may come to. */
static size_t pieces_length(const struct piece *pieces, size_t count)
{
	size_t length = 0;

	for (size_t i = 0; i < count; i++) {
		size_t longest = pieces[i].length;

		for (size_t j = 0; pieces[i].ranges && j < pieces[i].range_count; j++)
			if (range_length(&pieces[i].ranges[j]) > longest)
				longest = range_length(&pieces[i].ranges[j]);
		length += longest;
	}
	return length;
}

bool number_make(struct work *work, const struct piece *pieces, size_t count,
		 struct number *number)
{
	size_t length = pieces_length(pieces, count);

	*number = (struct number){0};
	if (count > 1 && length > PRODUCT_MAX_LENGTH)
		return false;
	if (length > HOSTSET_MAX_DIGITS)
		return spell_pieces(work, pieces, count, number);
	for (size_t i = 0; i < count && !work->failed; i++) {
		const struct node *node = piece_node(work, &pieces[i]);

		if (!node) {
			number->node = NULL;
			break;
		}
		number->node = i == 0 ? node : join_nodes(work, number->node, node);
	}
	return !work->failed;
}
