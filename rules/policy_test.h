/*
 * Tests that stand beside the rules: commands with the verdict they are to get, in the
 * `tests` of policy and fleet files. docs/rules.md describes their settings.
 */
#ifndef TALLY_POLICY_TEST_H
#define TALLY_POLICY_TEST_H

#include "command.h"
#include "policy.h"

struct policy_test {
	const char *file;
	int line;
	const char *name; /* what it shows, or NULL */
	const char *text; /* the command line as it is written */
	struct command command;
	struct asker asker;
	enum verdict verdict;
	bool count_given, count_unknown;
	uint64_t count;
	const char *const *because; /* each is the rule or in the text of a reason */
	const char *const *never;   /* none of these is */
	struct history history;
	struct fact *answers;
	size_t answer_count;
};

struct policy_tests {
	struct policy_test *items;
	size_t count, capacity;
};

/* Reads the tests of all policy and fleet files. -1 and `fault` at the first error. */
int policy_tests_load(struct arena *arena, const char *const *rules,
		      const struct policy *policy, const struct fleet *fleet,
		      struct policy_tests *tests, struct fault *fault);

/* Adds the tests of one file, which may hold nothing else. */
int policy_tests_load_file(struct arena *arena, const char *path,
			   const struct policy *policy, const struct fleet *fleet,
			   struct policy_tests *tests, struct fault *fault);

/* judge_read() of judge.h with what it needs beside: the tests know no tools. */
typedef int policy_test_reader(void *context, struct arena *arena,
			       const struct command *command, struct facts *facts,
			       struct reading *reading, struct fault *fault);

struct policy_test_result {
	bool passed;
	const char *why; /* it failed: one sentence, or NULL */
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
		    policy_test_reader *read, void *context,
		    struct policy_test_result *result, struct fault *fault);

#endif
