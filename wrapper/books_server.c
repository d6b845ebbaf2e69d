#include "books_server.h"

#include <stdlib.h>
#include <time.h>

#include "books_state.h"
#include "ledger.h"

enum { OPTIONS_BYTES = 1 << 20 };

static int copy_options(struct books *books, const struct books_options *given)
{
	struct books_options *options = &books->options;
	const char **rules, **directories;
	size_t count = 0;

	while (given->rules[count])
		count++;
	rules = arena_array(books->arena, count + 1, sizeof(*rules));
	directories = arena_array(books->arena, count + 1, sizeof(*directories));
	options->state = arena_strdup(books->arena, given->state);
	options->log = arena_strdup(books->arena, given->log);
	options->snapshots = arena_strdup(books->arena, given->snapshots);
	if (!rules || !directories || !options->state || !options->log ||
	    !options->snapshots)
		return -1;
	for (size_t i = 0; i < count; i++) {
		rules[i] = arena_strdup(books->arena, given->rules[i]);
		directories[i] = arena_printf(books->arena, "%s/current/%zu",
					      options->snapshots, i);
		if (!rules[i] || !directories[i])
			return -1;
	}
	options->rules = rules;
	books->directories = directories;
	return 0;
}

struct books *books_open(const struct books_options *options, struct fault *fault)
{
	struct books *books = calloc(1, sizeof(*books));
	struct fault later = {0};

	if (books) {
		books->arena = arena_new(OPTIONS_BYTES);
		books->grants = grants_new();
		books->since = time(NULL);
	}
	if (!books || !books->arena || !books->grants ||
	    copy_options(books, options) < 0) {
		books_close(books);
		fault_set(fault, "out of memory while the books were opened");
		return NULL;
	}
	/* What is wrong is told by status, and to whoever asks for something. */
	if (books_reload(books, &later) < 0)
		(void)books_rules_fall_back(books, &later);
	(void)books_ledger(books, &later);
	return books;
}

void books_close(struct books *books)
{
	if (!books)
		return;
	books_rules_free(books->rules);
	ledger_close(books->ledger);
	grants_free(books->grants);
	arena_free(books->arena);
	free(books);
}

bool books_grant_allows(struct books *books, pid_t pid, unsigned long long start,
			uint64_t dev, uint64_t ino, const char *argv_digest)
{
	return grants_allow(books->grants, pid, start, dev, ino, argv_digest);
}

void books_grants_each(struct books *books,
		       void (*each)(void *context, pid_t pid, unsigned long long start),
		       void *context)
{
	grants_each(books->grants, each, context);
}
