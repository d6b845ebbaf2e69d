/*
 * libFuzzer: the readers of host notations take any text without a crash or a hang, and
 * what they read folds to a text that is the same set.
 *
 *   clang -g -O1 -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE -Irules \
 *     tests/fuzz/fuzz_hostset.c rules/hostset*.c rules/syntax_*.c rules/arena.c \
 *     rules/fault.c -o build/fuzz_hostset
 *   build/fuzz_hostset -max_total_time=60 -timeout=5 -rss_limit_mb=1024
 */
#include <stdlib.h>
#include <string.h>

#include "hostset.h"
#include "syntax.h"

enum { MOST_NAMES = 2000 };

struct walk {
	const struct hostset *set;
	uint64_t seen;
};

static int check_name(void *context, const char *name, size_t length)
{
	struct walk *walk = context;

	if (!hostset_contains(walk->set, name, length))
		abort();
	return ++walk->seen == MOST_NAMES;
}

static void check_set(struct arena *arena, const struct hostset *set)
{
	struct walk walk = {set, 0};
	const struct hostset *again;
	struct fault fault;
	const char *fold;

	hostset_each(set, check_name, &walk);
	if (walk.seen < MOST_NAMES && walk.seen != hostset_count(set))
		abort();
	fold = hostset_fold(arena, set);
	again = fold ? syntax_folded(arena, fold, &fault) : NULL;
	/* Shortage of memory is the only excuse, and needs a large text. */
	if (again ? !hostset_equal(again, set) : fold && strlen(fold) < 10000)
		abort();
}

static void check_pdsh(struct arena *arena, const char *text, size_t length)
{
	struct pdsh_list list = {0}, out = {0};
	const char *tab = memchr(text, '\t', length);
	size_t left = tab ? (size_t)(tab - text) : length;
	const struct hostset *set;
	struct fault fault;

	if (syntax_pdsh_add(arena, &list, text, left, &fault))
		return;
	if (tab &&
	    (syntax_pdsh_add_excluded(arena, &out, tab + 1, length - left - 1, &fault) ||
	     syntax_pdsh_remove(arena, &list, &out, &fault)))
		return;
	set = syntax_pdsh_set(arena, &list);
	if (set)
		check_set(arena, set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena;
	const struct hostset *set = NULL;
	struct fault fault;
	char *text;

	if (size == 0)
		return 0;
	arena = arena_new((size_t)64 << 20);
	text = arena ? arena_strndup(arena, (const char *)data + 1, size - 1) : NULL;
	if (!text)
		return 0;
	switch (data[0] % 4) {
	case 0:
		set = syntax_folded(arena, text, &fault);
		break;
	case 1:
		set = syntax_clustershell(arena, text, &fault);
		break;
	case 2:
		set = syntax_lines(arena, text, size - 1, '#', &fault);
		break;
	default:
		check_pdsh(arena, text, size - 1);
	}
	if (set)
		check_set(arena, set);
	arena_free(arena);
	return 0;
}
