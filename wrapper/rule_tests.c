#include "rule_tests.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "load.h"

enum { TEST_BYTES = 256 << 20 }; /* memory of one test */

int rule_tests_load_policy(struct arena *arena, const char *const *directories,
			   const struct rulebook *book, struct rule_tests *tests,
			   struct fault *fault)
{
	return policy_tests_load(arena, directories, book->policy, &book->fleet,
				 &tests->policy, fault);
}

int rule_tests_load_tools(struct arena *arena, const char *const *directories,
			  struct rule_tests *tests, struct fault *fault)
{
	const char *const *paths;

	for (const char *const *directory = directories; *directory; directory++) {
		const char *path = arena_printf(arena, "%s/actions.cfg", *directory);

		if (!path)
			return fault_set(fault, "out of memory");
		if (access(path, F_OK) == 0 &&
		    action_tests_load(arena, path, NULL, &tests->tools, fault) < 0)
			return -1;
	}
	if (load_files(arena, directories, "tools", &paths, fault))
		return -1;
	for (; *paths; paths++) {
		if (tool_tests_load(arena, *paths, NULL, &tests->tools, fault))
			return -1;
	}
	return 0;
}

/* ---- one file ---- */

enum file_kind { FILE_TOOL, FILE_ACTIONS, FILE_RULES, FILE_TESTS };

static int kind_of(struct arena *arena, const char *path, enum file_kind *kind,
		   struct fault *fault)
{
	const config_setting_t *root;
	config_t config;

	if (load_open(arena, path, &config, fault))
		return -1;
	root = config_root_setting(&config);
	if (config_setting_get_member(root, "tool"))
		*kind = FILE_TOOL;
	else if (config_setting_get_member(root, "actions") ||
		 config_setting_get_member(root, "launchers"))
		*kind = FILE_ACTIONS;
	else if (config_setting_length(root) > 1 ||
		 !config_setting_get_member(root, "tests"))
		*kind = FILE_RULES;
	else
		*kind = FILE_TESTS;
	config_destroy(&config);
	return 0;
}

/* Whether `path` lies in one of the rule directories. */
static bool is_within(const char *const *directories, const char *path)
{
	char file[PATH_MAX], directory[PATH_MAX];

	if (!realpath(path, file))
		return false;
	for (; *directories; directories++) {
		size_t length;

		if (!realpath(*directories, directory))
			continue;
		length = strlen(directory);
		if (strncmp(file, directory, length) == 0 && file[length] == '/')
			return true;
	}
	return false;
}

int rule_tests_load_file(struct arena *arena, const char *const *directories,
			 const char *path, struct rulebook *book,
			 struct rule_tests *tests, struct fault *fault)
{
	bool within = is_within(directories, path);
	enum file_kind kind;

	if (kind_of(arena, path, &kind, fault))
		return -1;
	if (kind == FILE_ACTIONS)
		return action_tests_load(arena, path, NULL, &tests->tools, fault);
	if (kind == FILE_TOOL) {
		if (!within && rules_add_tool(book->rules, path, fault))
			return -1;
		return tool_tests_load(arena, path, NULL, &tests->tools, fault);
	}
	if (kind == FILE_RULES && !within)
		return fault_at(
			fault, path, 0,
			"is in none of the rule directories, so its rules are not "
			"the ones that would be tested: put it into DIR/policy or "
			"DIR/fleet and call `tally test --rules DIR`");
	return policy_tests_load_file(arena, path, book->policy, &book->fleet, NULL,
				      &tests->policy, fault);
}

size_t rule_tests_count(const struct rule_tests *tests)
{
	return tests->policy.count + tests->tools.count;
}

/* ---- running ---- */

struct reader_context {
	struct rules *rules;
	const char *const *directories;
};

/* Data files that belong to the rules are no part of the test's world: they are read. */
static int answer_rule_files(const struct reader_context *context, struct arena *arena,
			     struct facts *facts, struct fault *fault)
{
	int answered = 0;

	for (size_t i = 0; i < facts->missing_count;) {
		const struct need *need = &facts->missing[i];
		struct fact fact = {.need = *need, .data = ""};
		struct load_source source;

		if (need->kind != FACT_FILE || need->path[0] != '/' ||
		    !is_within(context->directories, need->path)) {
			i++;
			continue;
		}
		if (load_read(arena, need->path, &source, fault))
			return -1;
		fact.data = source.text;
		fact.length = source.length;
		if (facts_answer(facts, &fact))
			return fault_set(fault, "out of memory");
		answered++;
	}
	return answered;
}

static int read_line(void *opaque, struct arena *arena, const struct command *command,
		     struct facts *facts, struct reading *reading, struct fault *fault)
{
	const struct reader_context *context = opaque;

	for (;;) {
		int answered, state = judge_read(arena, context->rules, command, facts,
						 reading, fault);

		if (state <= 0)
			return state;
		answered = answer_rule_files(context, arena, facts, fault);
		if (answered <= 0)
			return answered < 0 ? -1 : 1;
	}
}

static int run_policy(struct arena *arena, const struct policy_test *test,
		      const struct rulebook *book, struct reader_context *context,
		      struct rule_test_outcome *outcome, struct fault *fault)
{
	struct policy_test_result result;

	if (policy_test_run(arena, book->policy, &book->fleet, test, read_line, context,
			    &result, fault))
		return -1;
	*outcome = (struct rule_test_outcome){&test->scene, result.passed,
					      result.expected, result.found};
	return 0;
}

static int run_tool(struct arena *arena, const struct tool_test *test,
		    const struct rulebook *book, struct reader_context *context,
		    struct rule_test_outcome *outcome, struct fault *fault)
{
	struct tool_test_result result;

	if (tool_test_run(arena, test, read_line, context, rules_actions(book->rules),
			  &result, fault))
		return -1;
	*outcome = (struct rule_test_outcome){&test->scene, result.passed,
					      result.expected, result.found};
	return 0;
}

int rule_tests_run(const struct rule_tests *tests, const struct rulebook *book,
		   const char *const *directories,
		   int (*each)(void *context, const struct rule_test_outcome *outcome),
		   void *context, struct fault *fault)
{
	struct reader_context reader = {book->rules, directories};
	struct arena *arena = arena_new(TEST_BYTES);
	int result = 0;

	if (!arena)
		return fault_set(fault, "out of memory");
	for (size_t i = 0; result == 0 && i < rule_tests_count(tests); i++) {
		size_t tool = i - tests->policy.count;
		struct rule_test_outcome outcome;

		if (i < tests->policy.count)
			result = run_policy(arena, &tests->policy.items[i], book, &reader,
					    &outcome, fault);
		else
			result = run_tool(arena, &tests->tools.items[tool], book, &reader,
					  &outcome, fault);
		if (result == 0)
			result = each(context, &outcome);
		arena_reset(arena);
	}
	arena_free(arena);
	return result;
}
