/* The rules that tallyd judges by: the newest that were good, whatever is edited. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "books_state.h"
#include "policy_vet.h"

void books_rules_free(struct books_rules *rules)
{
	if (!rules)
		return;
	arena_free(rules->arena);
	free(rules);
}

static struct books_rules *new_rules(struct fault *fault)
{
	struct books_rules *rules = calloc(1, sizeof(*rules));

	if (rules)
		rules->arena = arena_new(BOOKS_RULES);
	if (rules && rules->arena)
		return rules;
	books_rules_free(rules);
	fault_set(fault, "out of memory while the rules were loaded");
	return NULL;
}

/* All of a snapshot, so that nothing is read, and found broken, later. */
static int load(struct books_rules *rules, struct fault *fault)
{
	struct session session = {.rules = rules->snapshot.directories};

	if (rulebook_open(rules->arena, rules->snapshot.directories, &rules->book,
			  fault) < 0 ||
	    rules_load_all(rules->book.rules, fault) < 0 ||
	    policy_vet(&session, rules->book.policy, &rules->book.fleet, fault) < 0) {
		rules_snapshot_fault(&rules->snapshot, fault);
		return -1;
	}
	rules->since = time(NULL);
	return 0;
}

static void take(struct books *books, struct books_rules *rules)
{
	books_rules_free(books->rules);
	books->rules = rules;
}

int books_reload(struct books *books, struct fault *fault)
{
	struct books_rules *rules;
	struct fault unwritten;
	char line[FAULT_LINE];

	*fault = (struct fault){0};
	rules = new_rules(fault);
	if (rules &&
	    rules_snapshot_make(rules->arena, books->options.snapshots,
				books->options.rules, &rules->snapshot, fault) == 0) {
		if (load(rules, fault) == 0 &&
		    rules_snapshot_use(books->options.snapshots, &rules->snapshot,
				       fault) == 0) {
			take(books, rules);
			books->rules_fault = (struct fault){0};
			return 0;
		}
		rules_snapshot_drop(books->options.snapshots, &rules->snapshot);
	}
	books_rules_free(rules);
	books->rules_fault = *fault;
	/* Status says it as well, so a log that cannot be written hides nothing. */
	(void)books_alert(books, NULL, "rules-refused", fault_line(fault, line),
			  &unwritten);
	return -1;
}

int books_rules_fall_back(struct books *books, struct fault *fault)
{
	struct books_rules *rules = new_rules(fault);
	int found;

	if (!rules)
		return -1;
	found = rules_snapshot_current(rules->arena, books->options.snapshots,
				       &rules->snapshot, fault);
	if (found > 0 && load(rules, fault) == 0) {
		take(books, rules);
		return 0;
	}
	books_rules_free(rules);
	return found == 0 ? fault_set(fault, "there are no earlier rules that were good")
			  : -1;
}

const char *const *books_rules_directories(const struct books *books)
{
	return books->directories;
}
