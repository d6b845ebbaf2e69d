/*
 * Target sets against a naive implementation that keeps every name: algebra, counts,
 * membership, order, canonical form, folding. Random, from a seed that is printed;
 * `test_hostset SEED` repeats a run.
 */
#include <stdlib.h>

#include "hostset.h"
#include "syntax.h"
#include "tap.h"

enum { MOST_NAMES = 4096, NAME_ROOM = 48 };

static uint64_t random_state;

/* splitmix64 */
static uint64_t random_below(uint64_t bound)
{
	uint64_t value = random_state += 0x9e3779b97f4a7c15ULL;

	value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
	value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
	return (value ^ (value >> 31)) % bound;
}

/* --- the naive set: names, sorted by strcmp(), none twice --- */

struct names {
	char text[MOST_NAMES][NAME_ROOM];
	size_t count;
};

static struct names left, right, wanted, found;

static int compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void sort_names(struct names *names)
{
	size_t kept = 0;

	if (names->count == 0)
		return;
	qsort(names->text, names->count, NAME_ROOM, compare_names);
	for (size_t i = 1; i < names->count; i++)
		if (strcmp(names->text[kept], names->text[i]) != 0)
			memmove(names->text[++kept], names->text[i], NAME_ROOM);
	names->count = kept + 1;
}

static bool has_name(const struct names *names, const char *name)
{
	char key[NAME_ROOM];

	snprintf(key, sizeof(key), "%s", name);
	return names->count &&
	       bsearch(key, names->text, names->count, NAME_ROOM, compare_names);
}

static void add_name(struct names *names, const char *name)
{
	if (names->count < MOST_NAMES)
		snprintf(names->text[names->count++], NAME_ROOM, "%s", name);
}

enum op { UNION, DIFFERENCE, INTERSECTION };

static void naive_op(struct names *out, const struct names *a, const struct names *b,
		     enum op op)
{
	out->count = 0;
	for (size_t i = 0; i < a->count; i++)
		if (op == UNION || has_name(b, a->text[i]) == (op == INTERSECTION))
			add_name(out, a->text[i]);
	for (size_t i = 0; op == UNION && i < b->count; i++)
		add_name(out, b->text[i]);
	sort_names(out);
}

static const struct hostset *set_op(struct arena *arena, const struct hostset *a,
				    const struct hostset *b, enum op op)
{
	return op == UNION	  ? hostset_union(arena, a, b)
	       : op == DIFFERENCE ? hostset_difference(arena, a, b)
				  : hostset_intersection(arena, a, b);
}

static const struct hostset *of_names(struct arena *arena, const struct names *names)
{
	static const char *texts[MOST_NAMES];

	for (size_t i = 0; i < names->count; i++)
		texts[i] = names->text[i];
	return hostset_names(arena, texts, names->count);
}

static int collect(void *context, const char *name, size_t length)
{
	if (strlen(name) != length)
		return 1;
	add_name(context, name);
	return 0;
}

/* Whether the set has these names and says so in every way it can be asked. */
static bool same(struct arena *arena, const struct hostset *set,
		 const struct names *names)
{
	const struct hostset *again;
	const char *fold;
	struct fault fault;

	if (!set || hostset_count(set) != names->count ||
	    hostset_is_empty(set) != (names->count == 0))
		return false;
	found.count = 0;
	if (hostset_each(set, collect, &found) != 0 || found.count != names->count)
		return false;
	sort_names(&found);
	if (found.count != names->count)
		return false;
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(found.text[i], names->text[i]) != 0 ||
		    !hostset_contains(set, names->text[i], strlen(names->text[i])))
			return false;
	/* Canonical: built in another way, it is the same structure. */
	if (!hostset_equal(set, of_names(arena, names)))
		return false;
	fold = hostset_fold(arena, set);
	again = fold ? syntax_folded(arena, fold, &fault) : NULL;
	if (!again || !hostset_equal(again, set))
		printf("# fold: %.200s\n", fold ? fold : "(null)");
	return again && hostset_equal(again, set);
}

/* --- random sets --- */

static void random_name(char *name)
{
	static const char *const shapes[] = {
		"n%0*d",	  "n%0*d",
		"r%0*dn%0*d",	  "r%0*dn%0*d",
		"%0*d-%0*d-%0*d", "a b%0*d[x],",
		"100%%%0*d",	  "n0000000000000000000%0*d"};
	int values[3], widths[3];

	for (int i = 0; i < 3; i++) {
		values[i] = (int)random_below(random_below(2) ? 14 : 4);
		widths[i] = random_below(4) ? 1 : 1 + (int)random_below(3);
	}
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
	snprintf(name, NAME_ROOM, shapes[random_below(8)], widths[0], values[0],
		 widths[1], values[1], widths[2], values[2]);
#pragma GCC diagnostic pop
}

static void random_names(struct names *names)
{
	char name[NAME_ROOM];

	names->count = 0;
	for (uint64_t i = random_below(120); i > 0; i--) {
		random_name(name);
		add_name(names, name);
	}
	sort_names(names);
}

/* A product of ranges with steps and padding, and the names that it expands to. */
static const struct hostset *random_product(struct arena *arena, struct names *names)
{
	struct hostset_range ranges[2][3];
	size_t counts[2];
	char name[NAME_ROOM];
	bool two = random_below(3) == 0;

	for (int i = 0; i < 2; i++) {
		counts[i] = 1 + random_below(3);
		for (size_t j = 0; j < counts[i]; j++) {
			uint64_t low = random_below(two ? 12 : 120);

			ranges[i][j] = (struct hostset_range){
				low, low + random_below(two ? 12 : 60),
				random_below(2) ? 1 : 1 + random_below(5),
				random_below(3) ? 0 : (unsigned)random_below(4)};
		}
	}
	struct hostset_part parts[] = {
		{.text = "n", .length = random_below(8) != 0},
		{.ranges = ranges[0], .range_count = counts[0]},
		{.text = "x5", .length = random_below(3)},
		{.ranges = ranges[1], .range_count = two ? counts[1] : 1},
	};
	if (!two)
		ranges[1][0] = (struct hostset_range){7, 7, 1, 0};
	names->count = 0;
	for (size_t i = 0; i < counts[0]; i++)
		for (size_t j = 0; j < parts[3].range_count; j++)
			for (uint64_t v = ranges[0][i].low; v <= ranges[0][i].high;
			     v += ranges[0][i].step)
				for (uint64_t w = ranges[1][j].low;
				     w <= ranges[1][j].high; w += ranges[1][j].step) {
					snprintf(name, sizeof(name), "%.*s%0*d%.*s%0*d",
						 (int)parts[0].length, "n",
						 (int)ranges[0][i].width, (int)v,
						 (int)parts[2].length, "x5",
						 (int)ranges[1][j].width, (int)w);
					add_name(names, name);
				}
	sort_names(names);
	return hostset_product(arena, parts, 4);
}

static void test_algebra(void)
{
	int bad = 0, rounds = 800;

	for (int i = 0; i < rounds; i++) {
		struct arena *arena = arena_new((size_t)1 << 28);
		bool products = random_below(2);
		const struct hostset *a, *b;

		if (products) {
			a = random_product(arena, &left);
			b = random_product(arena, &right);
		} else {
			random_names(&left);
			random_names(&right);
			a = of_names(arena, &left);
			b = of_names(arena, &right);
		}
		bad += !same(arena, a, &left) || !same(arena, b, &right);
		for (enum op op = UNION; op <= INTERSECTION; op++) {
			const struct hostset *c = set_op(arena, a, b, op);

			naive_op(&wanted, &left, &right, op);
			bad += !same(arena, c, &wanted);
		}
		for (size_t j = 0; j < right.count && j < 20; j++)
			bad += hostset_contains(a, right.text[j],
						strlen(right.text[j])) !=
			       has_name(&left, right.text[j]);
		arena_free(arena);
	}
	ok(bad == 0, "%d random pairs of sets agree with the naive ones (%d do not)",
	   rounds, bad);
}

/* Many operations in a row on progressions: the shapes that are hard to keep canonical. */
static void test_chains(void)
{
	int bad = 0, rounds = 200;

	for (int i = 0; i < rounds; i++) {
		struct arena *arena = arena_new((size_t)1 << 28);
		const struct hostset *set = hostset_empty(arena);

		left.count = 0;
		for (int j = 0; j < 8; j++) {
			enum op op = random_below(4)
					     ? (random_below(2) ? UNION : DIFFERENCE)
					     : INTERSECTION;
			const struct hostset *other = random_product(arena, &right);

			if (op == INTERSECTION && left.count == 0)
				op = UNION;
			set = set_op(arena, set, other, op);
			naive_op(&wanted, &left, &right, op);
			memcpy(&left, &wanted, sizeof(left));
			if (left.count == MOST_NAMES)
				break;
			bad += !same(arena, set, &left);
		}
		arena_free(arena);
	}
	ok(bad == 0,
	   "%d chains of operations agree with the naive ones (%d steps do not)", rounds,
	   bad);
}

/* --- cases --- */

static void folds_to(const char *text, const char *expected, uint64_t count)
{
	struct arena *arena = arena_new((size_t)1 << 26);
	struct fault fault = {0};
	const struct hostset *set = syntax_folded(arena, text, &fault);
	char name[200];

	snprintf(name, sizeof(name), "%.80s folds to %.80s", text, expected);
	is_text(set ? hostset_fold(arena, set) : fault.text, expected, name);
	ok(set && hostset_count(set) == count, "%.80s has %llu names", text,
	   (unsigned long long)count);
	arena_free(arena);
}

static void test_folding(void)
{
	folds_to("n[1-9,010-012]", "n[1-9,010-012]", 12);
	folds_to("[01-100]", "[01-99,100]", 100);
	folds_to("n1,n01,n001", "n[1,01,001]", 3);
	folds_to("node[1-1000000]", "node[1-1000000]", 1000000);
	folds_to("node[0-1000000/2]", "node[0-1000000/2]", 500001);
	folds_to("n[0-1000000/2],n[1-1000000/2]", "n[0-1000000]", 1000001);
	folds_to("n[1-7/2]", "n[1,3,5,7]", 4);
	folds_to("r1n[1-9],r2n[1-9],r3n[1-9],r7n[1-9]", "r[1-3,7]n[1-9]", 36);
	folds_to("r1n1,r1n2,r2n1", "r1n[1-2],r2n1", 3);
	folds_to("n1[0-9]", "n[10-19]", 10);
	folds_to("[1-2][3-4]", "[13-14,23-24]", 4);
	folds_to("[1-3]5", "[15,25,35]", 3);
	folds_to("n[1-1000000]5", "n[15-10000005/10]", 1000000);
	folds_to("n0[0-9][0-9]", "n[000-099]", 100);
	folds_to("b,a,n2,n1", "a,b,n[1-2]", 4);
	folds_to("n[1-3]-ib,n[1-3]", "n[1-3],n[1-3]-ib", 6);
	folds_to("a\\[1\\],b\\,c\\ d\\\\", "a\\[1\\],b\\,c\\ d\\\\", 2);
	folds_to("n1234567890123456789", "n1234567890123456789", 1);
	folds_to("n[1-2]000000000000000000", "n1000000000000000000,n2000000000000000000",
		 2);
	folds_to("[1-1000000000]-[1-1000000000]", "[1-1000000000]-[1-1000000000]",
		 1000000000000000000ULL);
	folds_to("a[1-1000000000]-[1-1000000000]-[1-1000000000]",
		 "a[1-1000000000]-[1-1000000000]-[1-1000000000]", UINT64_MAX);
	folds_to("n[1-1000000000],n[1000000001-1500000000]",
		 "n[1-1000000000,1000000001-1500000000]", 1500000000);
	folds_to("1-2-3-4-5-6-7-8-[9-10]", "1-2-3-4-5-6-7-8-10,1-2-3-4-5-6-7-8-9", 2);
	folds_to("100%[1-2],%s", "%s,100%[1-2]", 3);
	folds_to("", "", 0);
}

static void test_memory(void)
{
	struct arena *arena = arena_new(16384), *tiny = arena_new(64);
	struct fault fault = {0};
	const struct hostset *set =
		syntax_folded(arena, "node[0-1000000/2],r[1-400]n[1-1000]", &fault);

	ok(set && hostset_count(set) == 900001, "ranges and progressions fit in 16 KiB");
	ok(!syntax_folded(tiny, "n[1-5],m[1-5]", &fault) && fault.text[0],
	   "an arena too small is a fault");
	ok(!hostset_name(tiny, "n1", 2), "an arena too small is no set");
	ok(!hostset_union(arena, NULL, set) && !hostset_difference(arena, set, NULL),
	   "what failed stays failed");
	ok(!hostset_name(arena, "", 0), "an empty name is no set");
	ok(!hostset_name(arena, "a\0b", 3), "a name with a zero byte is no set");
	arena_free(tiny);
	arena_free(arena);
}

static int stop_at_third(void *context, const char *name, size_t length)
{
	(void)name;
	(void)length;
	return ++*(int *)context == 3 ? 42 : 0;
}

static void test_asking(void)
{
	struct arena *arena = arena_new(1 << 20);
	struct fault fault;
	const struct hostset *set = syntax_folded(arena, "n[1-9,010],web", &fault);
	int seen = 0;

	ok(hostset_each(set, stop_at_third, &seen) == 42 && seen == 3,
	   "each stops where it is told");
	ok(hostset_contains(set, "n010", 4) && !hostset_contains(set, "n10", 3) &&
		   !hostset_contains(set, "n01", 3) && hostset_contains(set, "web", 3) &&
		   !hostset_contains(set, "", 0) && !hostset_contains(set, "we", 2),
	   "members are told from others");
	ok(hostset_is_empty(hostset_difference(arena, set, set)),
	   "a set without itself is empty");
	ok(hostset_contains(hostset_name(arena, "n[1-3],x", 8), "n[1-3],x", 8),
	   "a name is taken to the letter");
	arena_free(arena);
}

int main(int argc, char **argv)
{
	random_state = argc > 1 ? strtoull(argv[1], NULL, 0) : 20240607;
	printf("# seed %llu\n", (unsigned long long)random_state);
	test_folding();
	test_memory();
	test_asking();
	test_algebra();
	test_chains();
	return done();
}
