/* Union, difference and intersection: one sweep over the runs of two nodes. */
#include "hostset_node.h"

enum { MEMO_SLOTS = 4096 };

/* Shared nodes meet again and again; what came out the last time is looked up here. */
struct memo {
	const struct node *a, *b, *result;
	enum set_op op;
};

/* What is left of the two run lists. `x` and `y` are the runs at hand, cut as needed. */
struct sweep {
	struct work *work;
	struct encoder out;
	const struct run *a, *a_end, *b, *b_end;
	struct run x, y;
};

static void put(struct sweep *sweep, uint64_t low, uint64_t high, uint64_t step,
		const struct node *next)
{
	if (next)
		encoder_run(&sweep->out, low, high, step, next);
}

static void next_x(struct sweep *sweep)
{
	if (++sweep->a < sweep->a_end)
		sweep->x = *sweep->a;
}

static void next_y(struct sweep *sweep)
{
	if (++sweep->b < sweep->b_end)
		sweep->y = *sweep->b;
}

/* The first key of the run that is not below `key`. */
static uint64_t not_below(const struct run *run, uint64_t key)
{
	uint64_t gap = key - run->low;

	return run->low + (gap + run->step - 1) / run->step * run->step;
}

/* The last key of the run that is not above `key`. */
static uint64_t not_above(const struct run *run, uint64_t key)
{
	if (key >= run->high)
		return run->high;
	return key - (key - run->low) % run->step;
}

static void cut_run(struct run *run, uint64_t key)
{
	run->low = not_below(run, key);
	if (run->low == run->high)
		run->step = 1;
}

/* Puts the keys of the left run below `key`, if they count, and drops them. */
static void pass_x(struct sweep *sweep, uint64_t key)
{
	struct run *x = &sweep->x;

	if (sweep->work->op != SET_INTERSECTION)
		put(sweep, x->low, not_above(x, key - 1), x->step, x->next);
	if (key > x->high)
		next_x(sweep);
	else
		cut_run(x, key);
}

static void pass_y(struct sweep *sweep, uint64_t key)
{
	struct run *y = &sweep->y;

	if (sweep->work->op == SET_UNION)
		put(sweep, y->low, not_above(y, key - 1), y->step, y->next);
	if (key > y->high)
		next_y(sweep);
	else
		cut_run(y, key);
}

static void drop_to(struct sweep *sweep, uint64_t key)
{
	if (key > sweep->x.high)
		next_x(sweep);
	else if (sweep->x.low < key)
		cut_run(&sweep->x, key);
	if (key > sweep->y.high)
		next_y(sweep);
	else if (sweep->y.low < key)
		cut_run(&sweep->y, key);
}

/* The least common multiple; UINT64_MAX, which is beyond all keys, on overflow. */
static uint64_t common_step(uint64_t a, uint64_t b)
{
	uint64_t x = a, y = b, product;

	while (y) {
		uint64_t rest = x % y;

		x = y;
		y = rest;
	}
	return __builtin_mul_overflow(a / x, b, &product) ? UINT64_MAX : product;
}

/*
 * Both runs have the key `low`. Where one progression contains the other the part up to
 * the nearer end is done at once; otherwise one key is. Memory and time then go with the
 * runs of the result, except where two progressions truly interleave.
 */
static void meet(struct sweep *sweep)
{
	const struct run x = sweep->x, y = sweep->y;
	const struct node *both = node_merge(sweep->work, x.next, y.next);
	uint64_t end = x.high < y.high ? x.high : y.high;
	bool x_in_y = x.step % y.step == 0, y_in_x = y.step % x.step == 0;

	if (x.low == end) {
		put(sweep, end, end, 1, both);
	} else if (x.step == y.step) {
		put(sweep, x.low, end, x.step, both);
	} else if (x_in_y && sweep->work->op != SET_UNION) {
		end = not_above(&x, end);
		put(sweep, x.low, end, x.step, both);
	} else if (y_in_x && sweep->work->op == SET_INTERSECTION) {
		end = not_above(&y, end);
		put(sweep, y.low, end, y.step, both);
	} else if (sweep->work->op == SET_UNION && y_in_x && node_equal(both, x.next)) {
		end = not_above(&x, end);
		put(sweep, x.low, end, x.step, both);
	} else if (sweep->work->op == SET_UNION && x_in_y && node_equal(both, y.next)) {
		end = not_above(&y, end);
		put(sweep, y.low, end, y.step, both);
	} else if (sweep->work->op == SET_INTERSECTION) {
		uint64_t step = common_step(x.step, y.step);

		end -= (end - x.low) % step;
		put(sweep, x.low, end, step, both);
	} else if (y.step == 2 * x.step && !both) {
		end = not_above(&x, end);
		if (end > x.low) {
			uint64_t first = x.low + x.step;

			put(sweep, first, end - (end - first) % y.step, y.step, x.next);
		}
	} else {
		end = x.low;
		put(sweep, end, end, 1, both);
	}
	drop_to(sweep, end + 1);
}

/* The runs have no key in common but lie across each other. True when that was used. */
static bool pass_each_other(struct sweep *sweep)
{
	const struct run x = sweep->x, y = sweep->y;
	uint64_t end = x.high < y.high ? x.high : y.high;
	uint64_t low = x.low < y.low ? x.low : y.low;
	uint64_t high = x.low < y.low ? y.low : x.low;

	if (x.step != y.step || (high - low) % x.step == 0)
		return false;
	if (sweep->work->op == SET_UNION) {
		if (2 * (high - low) != x.step || !node_equal(x.next, y.next))
			return false;
		end -= (end - low) % (high - low);
		put(sweep, low, end, high - low, x.next);
	} else if (sweep->work->op == SET_DIFFERENCE) {
		put(sweep, x.low, not_above(&x, end), x.step, x.next);
	}
	drop_to(sweep, end + 1);
	return true;
}

static void sweep_runs(struct sweep *sweep)
{
	struct work *work = sweep->work;

	while (!work->failed && sweep->a < sweep->a_end && sweep->b < sweep->b_end) {
		if (work->budget-- == 0) {
			work->budget = 0;
			work->failed = true;
		} else if (sweep->x.high < sweep->y.low) {
			pass_x(sweep, sweep->x.high + 1);
		} else if (sweep->y.high < sweep->x.low) {
			pass_y(sweep, sweep->y.high + 1);
		} else if (sweep->x.low == sweep->y.low) {
			meet(sweep);
		} else if (pass_each_other(sweep)) {
			continue;
		} else if (sweep->x.low < sweep->y.low) {
			pass_x(sweep, sweep->y.low);
		} else {
			pass_y(sweep, sweep->x.low);
		}
	}
	while (!work->failed && work->op != SET_INTERSECTION && sweep->a < sweep->a_end)
		pass_x(sweep, sweep->x.high + 1);
	while (!work->failed && work->op == SET_UNION && sweep->b < sweep->b_end)
		pass_y(sweep, sweep->y.high + 1);
}

static struct memo *memo_slot(struct work *work, const struct node *a,
			      const struct node *b)
{
	uint64_t hash = a->hash * 31 + b->hash;

	/* The last number of a name needs no memory: its sweep is not repeated below. */
	if (a->runs[0].next == &hostset_leaf)
		return NULL;
	if (!work->memo)
		work->memo = arena_array(work->scratch, MEMO_SLOTS, sizeof(*work->memo));
	if (!work->memo)
		return NULL;
	return &work->memo[(hash ^ (hash >> 29)) % MEMO_SLOTS];
}

const struct node *node_merge(struct work *work, const struct node *a,
			      const struct node *b)
{
	struct sweep sweep = {.work = work};
	const struct node *result;
	struct memo *memo;

	if (!a || !b) {
		if (work->op == SET_INTERSECTION)
			return NULL;
		return work->op == SET_UNION && b ? b : a;
	}
	if (node_equal(a, b))
		return work->op == SET_DIFFERENCE ? NULL : a;
	memo = memo_slot(work, a, b);
	if (memo && memo->a == a && memo->b == b && memo->op == work->op)
		return memo->result;
	sweep.a = a->runs;
	sweep.a_end = a->runs + a->length;
	sweep.b = b->runs;
	sweep.b_end = b->runs + b->length;
	sweep.x = a->runs[0];
	sweep.y = b->runs[0];
	encoder_begin(&sweep.out, work);
	sweep_runs(&sweep);
	result = encoder_finish(&sweep.out);
	if (memo && !work->failed)
		*memo = (struct memo){a, b, result, work->op};
	return result;
}
