/*
 * Tests that stand beside tool descriptions (`tests` of rules/tools/ *.cfg): command lines
 * and what has to be read from them; and those of rules/actions.cfg: what is done on the
 * far side. docs/rules.md describes their settings.
 */
#ifndef TALLY_TOOL_TEST_H
#define TALLY_TOOL_TEST_H

#include "action.h"
#include "hostset.h"
#include "scene.h"

struct action_table;

struct tool_test {
	struct scene scene;
	const char *tool; /* the description that has to speak, NULL: no known tool */
	bool remote; /* of actions.cfg: the command as text for the far side's shell */
	bool action_given;
	enum action action;
	struct expected_count count;
	const struct hostset *targets;	/* NULL: not looked at */
	int everything, irreversible;	/* 1, 0, -1: not looked at */
	int refused;			/* the tool itself will refuse the line */
	const char *unit, *environment; /* NULL: not looked at */
	const char *effect_unit;	/* NULL: not looked at */
	int64_t effect;			/* units that go, negative: that come */
	const char *const *probe; /* argv that has to be asked, NULL: not looked at */
};

struct tool_tests {
	struct tool_test *items;
	size_t count, capacity;
};

struct findings;

/*
 * Adds the tests of one description, or of one actions.cfg. -1 and `fault` when the file is
 * broken; with `findings` (or NULL) as fleet_load_files().
 */
int tool_tests_load(struct arena *arena, const char *path, struct findings *findings,
		    struct tool_tests *tests, struct fault *fault);
int action_tests_load(struct arena *arena, const char *path, struct findings *findings,
		      struct tool_tests *tests, struct fault *fault);

struct tool_test_result {
	bool passed;
	const char *expected, *found; /* where they differ first; NULL when it passed */
	struct reading reading;
};

/*
 * Runs one test in `arena`. `actions` is for tests of actions.cfg. -1 and `fault` when the
 * rules are broken or memory is short.
 */
int tool_test_run(struct arena *arena, const struct tool_test *test, scene_reader *read,
		  void *context, const struct action_table *actions,
		  struct tool_test_result *result, struct fault *fault);

#endif
