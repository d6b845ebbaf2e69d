#include "hostset_ranges.h"

void ranges_begin(struct ranges *ranges,
		  int (*each)(void *context, const struct hostset_range *range),
		  void *context)
{
	*ranges = (struct ranges){.each = each, .context = context};
}

static void give(struct ranges *ranges, uint64_t low, uint64_t high, uint64_t step,
		 unsigned width)
{
	struct hostset_range range = {low, high, step, width};

	if (ranges->stop == 0)
		ranges->stop = ranges->each(ranges->context, &range);
}

/* Gives what is at hand: as a range if it is one, else its members below `end`. */
static void give_at_hand(struct ranges *ranges, uint64_t end)
{
	unsigned width = ranges->padded ? ranges->width : 0;

	if (ranges->step <= 1) {
		give(ranges, ranges->first, ranges->last, 1, width);
		return;
	}
	for (uint64_t value = ranges->first; value < end; value += ranges->step)
		give(ranges, value, value, 1, width);
}

static void start(struct ranges *ranges, uint64_t value, unsigned width, bool padded)
{
	ranges->started = true;
	ranges->first = value;
	ranges->padded = padded;
	ranges->width = width;
}

/*
 * One number. Follows the original closely, with its habit that the padding at hand stays
 * in force after members that did not make a range.
 */
static void add_value(struct ranges *ranges, uint64_t value, unsigned width)
{
	bool padded = width > key_digits(value), other_width, other_step;

	if (!ranges->started) {
		start(ranges, value, width, padded);
		ranges->step = 0;
		ranges->last = value;
		return;
	}
	other_width = ranges->padded ? width != ranges->width : padded;
	other_step = !other_width && ranges->step && ranges->step != value - ranges->last;
	if (!other_width && !other_step) {
		ranges->step = value - ranges->last;
		ranges->last = value;
		return;
	}
	if (ranges->step <= 1 || other_width) {
		give_at_hand(ranges, ranges->last + 1);
		start(ranges, value, width, padded);
	} else {
		give_at_hand(ranges, ranges->last);
		ranges->first = ranges->last;
	}
	ranges->step = other_step ? value - ranges->last : 0;
	ranges->last = value;
}

/* The progression at hand: long ones with their step, others through add_value(). */
static void end_row(struct ranges *ranges)
{
	uint64_t value = ranges->row.low, step = ranges->row.step;
	unsigned width = ranges->row_width;

	if (step == 1) {
		for (int i = 0; i < 3; i++, value++) {
			add_value(ranges, value, width);
			if (value == ranges->row.high)
				return;
		}
		ranges->last = ranges->row.high;
	} else if (ranges->row_count <= RANGES_MAX_SINGLES) {
		for (; value <= ranges->row.high; value += step)
			add_value(ranges, value,
				  width > key_digits(value) ? width : key_digits(value));
	} else {
		if (ranges->started)
			give_at_hand(ranges, ranges->last + 1);
		ranges->started = false;
		give(ranges, value, ranges->row.high, step,
		     width > key_digits(value) ? width : 0);
	}
}

/* Whether the progression at hand goes on with `next`, both without leading zeros. */
static bool goes_on(const struct ranges *ranges, const struct run *next, bool padded)
{
	const struct run *row = &ranges->row;
	bool single = row->low == row->high;
	uint64_t step = single ? next->step : row->step;

	return !padded && ranges->row_width <= key_digits(row->low) && step > 1 &&
	       (next->low == next->high || next->step == step) && next->low > row->high &&
	       next->low - row->high == step;
}

void ranges_run(struct ranges *ranges, const struct run *run)
{
	unsigned width = key_length(run->low);
	uint64_t offset = key_offset(width);
	struct run values = {run->low - offset, run->high - offset, run->step, NULL};
	uint64_t count = (run->high - run->low) / run->step + 1;

	if (ranges->row_count &&
	    goes_on(ranges, &values, width > key_digits(values.low))) {
		if (ranges->row.low == ranges->row.high)
			ranges->row.step = values.step;
		ranges->row.high = values.high;
		ranges->row_count += count;
		return;
	}
	if (ranges->row_count && ranges->stop == 0)
		end_row(ranges);
	ranges->row = values;
	ranges->row_count = count;
	ranges->row_width = width;
}

int ranges_end(struct ranges *ranges)
{
	if (ranges->row_count && ranges->stop == 0)
		end_row(ranges);
	if (ranges->started && ranges->stop == 0)
		give_at_hand(ranges, ranges->last + 1);
	return ranges->stop;
}
