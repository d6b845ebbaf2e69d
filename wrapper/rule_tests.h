/*
 * The tests that stand beside the rules, of every kind, run one after the other: for `tally
 * test`, `tally check`, and before a policy is used (policy_vet.h).
 */
#ifndef TALLY_RULE_TESTS_H
#define TALLY_RULE_TESTS_H

#include "policy_test.h"
#include "rulebook.h"
#include "tool_test.h"

struct rule_tests {
	struct policy_tests policy; /* of policy and fleet files */
	struct tool_tests tools;    /* of tool descriptions and actions.cfg */
};

/* All tests of the policy and fleet files of the directories. -1 and `fault`. */
int rule_tests_load_policy(struct arena *arena, const char *const *directories,
			   const struct rulebook *book, struct rule_tests *tests,
			   struct fault *fault);

/* All tests of the tool descriptions and the actions.cfg of the directories. */
int rule_tests_load_tools(struct arena *arena, const char *const *directories,
			  struct rule_tests *tests, struct fault *fault);

/*
 * The tests of one file, whichever kind it is. A description that is in no rule directory
 * is added to the rules of `book`; a policy or fleet file there is refused, unless it holds
 * nothing but tests, because its rules would not be those that are tested.
 */
int rule_tests_load_file(struct arena *arena, const char *const *directories,
			 const char *path, struct rulebook *book,
			 struct rule_tests *tests, struct fault *fault);

size_t rule_tests_count(const struct rule_tests *tests);

struct rule_test_outcome {
	const struct scene *scene;
	bool passed;
	const char *expected, *found; /* NULL when it passed; valid during the call */
};

/*
 * Runs them all in order and hands each outcome to `each`, which returns 0 to go on. Returns
 * what `each` returned, or -1 and `fault` when the rules are broken or memory is short.
 */
int rule_tests_run(const struct rule_tests *tests, const struct rulebook *book,
		   const char *const *directories,
		   int (*each)(void *context, const struct rule_test_outcome *outcome),
		   void *context, struct fault *fault);

#endif
