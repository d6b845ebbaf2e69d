#include "hostset_node.h"

#include <stdlib.h>
#include <string.h>

enum { SCRATCH_BYTES = 256 * 1024 * 1024, BUDGET_STEPS = 4 * 1024 * 1024 };

const struct node hostset_leaf = {.hash = 0x9ae16a3b2f90404fULL, .count = 1};

static const uint64_t powers[HOSTSET_MAX_DIGITS + 1] = {
	1ULL,
	10ULL,
	100ULL,
	1000ULL,
	10000ULL,
	100000ULL,
	1000000ULL,
	10000000ULL,
	100000000ULL,
	1000000000ULL,
	10000000000ULL,
	100000000000ULL,
	1000000000000ULL,
	10000000000000ULL,
	100000000000000ULL,
	1000000000000000ULL,
	10000000000000000ULL,
	100000000000000000ULL,
	1000000000000000000ULL,
};

uint64_t key_power(unsigned exponent)
{
	return powers[exponent];
}

uint64_t key_offset(unsigned length)
{
	/* 10 + 100 + ... + 10^(length-1) */
	return (powers[length - 1] - 1) / 9 * 10;
}

unsigned key_length(uint64_t key)
{
	unsigned length = 1;

	while (length < HOSTSET_MAX_DIGITS && key >= key_offset(length + 1))
		length++;
	return length;
}

unsigned key_digits(uint64_t value)
{
	unsigned digits = 1;

	while (value >= 10) {
		value /= 10;
		digits++;
	}
	return digits;
}

uint64_t key_of(const char *digits, unsigned length)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < length; i++)
		value = value * 10 + (uint64_t)(digits[i] - '0');
	return key_offset(length) + value;
}

unsigned key_print(char *text, uint64_t key)
{
	unsigned length = key_length(key);
	uint64_t value = key - key_offset(length);

	for (unsigned i = length; i > 0; i--) {
		text[i - 1] = (char)('0' + value % 10);
		value /= 10;
	}
	return length;
}

bool work_begin(struct work *work, struct arena *arena)
{
	*work = (struct work){.arena = arena, .budget = BUDGET_STEPS};
	work->scratch = arena_new(SCRATCH_BYTES);
	work->failed = !work->scratch;
	return !work->failed;
}

void work_end(struct work *work)
{
	arena_free(work->scratch);
	work->scratch = NULL;
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15ULL;
	return hash ^ (hash >> 32);
}

static uint64_t run_length(const struct run *run)
{
	return (run->high - run->low) / run->step + 1;
}

bool node_equal(const struct node *a, const struct node *b)
{
	if (a == b)
		return true;
	if (!a || !b || a->hash != b->hash || a->length != b->length)
		return false;
	for (size_t i = 0; i < a->length; i++) {
		const struct run *x = &a->runs[i], *y = &b->runs[i];

		if (x->low != y->low || x->high != y->high || x->step != y->step ||
		    !node_equal(x->next, y->next))
			return false;
	}
	return true;
}

void encoder_begin(struct encoder *encoder, struct work *work)
{
	*encoder = (struct encoder){.work = work, .base = work->top};
}

static void push_run(struct work *work, uint64_t low, uint64_t high, uint64_t step,
		     const struct node *next)
{
	struct run *runs = arena_grow(work->scratch, work->runs, work->top,
				      &work->capacity, sizeof(*runs));

	if (!runs) {
		work->failed = true;
		return;
	}
	work->runs = runs;
	runs[work->top++] = (struct run){low, high, low == high ? 1 : step, next};
}

/* Two keys apart are no progression: the first stands alone. Returns the keys left. */
static void push_at_hand(struct encoder *encoder)
{
	struct work *work = encoder->work;

	if (encoder->step > 1 && encoder->last - encoder->low == encoder->step) {
		push_run(work, encoder->low, encoder->low, 1, encoder->next);
		push_run(work, encoder->last, encoder->last, 1, encoder->next);
	} else {
		push_run(work, encoder->low, encoder->last, encoder->step, encoder->next);
	}
}

static void encoder_key(struct encoder *encoder, uint64_t key, const struct node *next)
{
	uint64_t step;

	if (encoder->next && key < encoder->end && node_equal(encoder->next, next)) {
		step = key - encoder->last;
		if (encoder->low == encoder->last || step == encoder->step) {
			encoder->step = step;
			encoder->last = key;
			return;
		}
		if (encoder->step > 1 && encoder->last - encoder->low == encoder->step) {
			push_run(encoder->work, encoder->low, encoder->low, 1,
				 encoder->next);
			encoder->low = encoder->last;
			encoder->last = key;
			encoder->step = step;
			return;
		}
	}
	if (encoder->next)
		push_at_hand(encoder);
	if (!encoder->next || key >= encoder->end)
		encoder->end = key_offset(key_length(key) + 1);
	encoder->low = encoder->last = key;
	encoder->step = 1;
	encoder->next = next;
}

void encoder_run(struct encoder *encoder, uint64_t low, uint64_t high, uint64_t step,
		 const struct node *next)
{
	/* After three keys of a run, the run at hand has its step: the rest in one go. */
	for (int i = 0; i < 3; i++) {
		encoder_key(encoder, low, next);
		if (low == high)
			return;
		low += step;
	}
	encoder->last = high;
}

const struct node *encoder_finish(struct encoder *encoder)
{
	struct work *work = encoder->work;
	struct node *node;
	size_t length;

	if (encoder->next)
		push_at_hand(encoder);
	if (work->failed)
		return NULL;
	length = work->top - encoder->base;
	if (length == 0)
		return NULL;
	node = arena_alloc(work->arena, sizeof(*node) + length * sizeof(node->runs[0]));
	if (!node) {
		work->failed = true;
		return NULL;
	}
	work->top = encoder->base;
	node->length = length;
	memcpy(node->runs, work->runs + encoder->base, length * sizeof(node->runs[0]));
	for (size_t i = 0; i < length; i++) {
		const struct run *run = &node->runs[i];
		uint64_t names;

		node->hash = mix(mix(mix(node->hash, run->low), run->high),
				 run->step ^ run->next->hash);
		if (__builtin_mul_overflow(run_length(run), run->next->count, &names) ||
		    __builtin_add_overflow(node->count, names, &node->count))
			node->count = UINT64_MAX;
	}
	return node;
}

static int compare_runs(const void *left, const void *right)
{
	const struct run *a = left, *b = right;

	if (a->low != b->low)
		return a->low < b->low ? -1 : 1;
	if (a->high != b->high)
		return a->high < b->high ? -1 : 1;
	return 0;
}

/* `runs` ascend by low key and may overlap. */
static const struct node *union_of_sorted(struct work *work, const struct run *runs,
					  size_t count)
{
	const struct node *left, *right;
	struct encoder encoder;
	size_t apart = 1;

	while (apart < count && runs[apart - 1].high < runs[apart].low)
		apart++;
	if (apart >= count) {
		encoder_begin(&encoder, work);
		for (size_t i = 0; i < count; i++)
			encoder_run(&encoder, runs[i].low, runs[i].high, runs[i].step,
				    &hostset_leaf);
		return encoder_finish(&encoder);
	}
	left = union_of_sorted(work, runs, count / 2);
	right = union_of_sorted(work, runs + count / 2, count - count / 2);
	return node_merge(work, left, right);
}

const struct node *node_from_runs(struct work *work, struct run *runs, size_t count)
{
	size_t kept = 0;

	if (count == 0)
		return NULL;
	qsort(runs, count, sizeof(*runs), compare_runs);
	for (size_t i = 1; i < count; i++) {
		struct run *last = &runs[kept];

		if (last->step == 1 && runs[i].step == 1 && runs[i].low <= last->high) {
			if (runs[i].high > last->high)
				last->high = runs[i].high;
		} else {
			runs[++kept] = runs[i];
		}
	}
	work->op = SET_UNION;
	return union_of_sorted(work, runs, kept + 1);
}
