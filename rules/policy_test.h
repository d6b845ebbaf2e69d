/*
 * Tests that stand beside the rules: commands with the verdict they are to get, in the
 * `tests` of policy and fleet files. docs/rules.md describes their settings.
 */
#ifndef TALLY_POLICY_TEST_H
#define TALLY_POLICY_TEST_H

#include "policy.h"
#include "scene.h"

struct policy_test {
	struct scene scene;
	struct asker asker;
	enum verdict verdict;
	struct expected_count count;
	const char *const *because; /* each is the rule or in the text of a reason */
	const char *const *never;   /* none of these is */
	struct history history;
};

struct policy_tests {
	struct policy_test *items;
	size_t count, capacity;
};

struct findings;

/* Reads the tests of all policy and fleet files. -1 and `fault` at the first error. */
int policy_tests_load(struct arena *arena, const char *const *rules,
		      const struct policy *policy, const struct fleet *fleet,
		      struct policy_tests *tests, struct fault *fault);

/*
 * Adds the tests of one file, which may hold nothing else. With `findings` (or NULL) as
 * fleet_load_files().
 */
int policy_tests_load_file(struct arena *arena, const char *path,
			   const struct policy *policy, const struct fleet *fleet,
			   struct findings *findings, struct policy_tests *tests,
			   struct fault *fault);

struct policy_test_result {
	bool passed;
	const char *expected, *found; /* where they differ first; NULL when it passed */
	struct reading reading;
	struct decision decision;
};

/*
 * Runs one test in `arena`. A probe that the test has no answer for makes it fail; files are
 * then absent and standard input is a terminal. -1 and `fault` when the rules are broken or
 * memory is short.
 */
int policy_test_run(struct arena *arena, const struct policy *policy,
		    const struct fleet *fleet, const struct policy_test *test,
		    scene_reader *read, void *context, struct policy_test_result *result,
		    struct fault *fault);

#endif
