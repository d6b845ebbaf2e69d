/* `tests` of tool descriptions and of actions.cfg -> struct tool_test. */
#include "tool_test.h"

#include <string.h>

#include "finding.h"
#include "load.h"
#include "words.h"

static const char *const tool_keys[] = {
	"command",	"name",	   "cwd",   "answers",	   "tool",   "action",
	"count",	"unknown", "unit",  "targets",	   "effect", "everything",
	"irreversible", "refused", "probe", "environment", NULL};
static const char *const action_keys[] = {"command", "name", "action", "irreversible",
					  NULL};
static const char *const effect_keys[] = {"unit", "count", NULL};

enum { MOST_UNITS = 1000000000 };

/* true, false or not given. */
static int load_maybe(const config_setting_t *group, const char *name, int *value,
		      struct fault *fault)
{
	bool yes = false;
	int found = load_bool(group, name, false, &yes, fault);

	*value = found > 0 ? yes : -1;
	return found;
}

static int load_action(struct arena *arena, const config_setting_t *group,
		       struct tool_test *test, struct fault *fault)
{
	const char *text;
	int found = load_string(arena, group, "action", false, &text, fault);

	if (found <= 0)
		return found;
	test->action_given = true;
	if (!action_parse(text, &test->action))
		return load_expected(config_setting_get_member(group, "action"), fault,
				     "read, restore, run, config, restart, stop, scale "
				     "or remove");
	return 1;
}

/* unknown = true is the same as count = "unknown". */
static int load_amount_of(const config_setting_t *group, struct tool_test *test,
			  struct fault *fault)
{
	bool unknown = false;

	if (scene_load_count(group, &test->count, fault) ||
	    load_bool(group, "unknown", false, &unknown, fault) < 0)
		return -1;
	if (!unknown)
		return 0;
	if (test->count.given && !test->count.unknown)
		return load_expected(config_setting_get_member(group, "unknown"), fault,
				     "either it or `count`, not both");
	test->count.given = test->count.unknown = true;
	return 0;
}

static int load_effect(struct arena *arena, const config_setting_t *group,
		       struct tool_test *test, struct fault *fault)
{
	config_setting_t *inner;
	int found = load_group(group, "effect", false, &inner, fault);

	if (found <= 0)
		return found;
	if (load_check_keys(inner, effect_keys, fault) ||
	    load_string(arena, inner, "unit", true, &test->effect_unit, fault) < 0 ||
	    load_int(inner, "count", true, -MOST_UNITS, MOST_UNITS, &test->effect,
		     fault) < 0)
		return -1;
	return 1;
}

/* A command line as one text, or its words. */
static int load_asked(struct arena *arena, const config_setting_t *group,
		      struct tool_test *test, struct fault *fault)
{
	const config_setting_t *setting = config_setting_get_member(group, "probe");
	struct fault why = {0};
	size_t count;

	if (!setting)
		return 0;
	if (config_setting_type(setting) != CONFIG_TYPE_STRING)
		return load_strings(arena, group, "probe", true, &test->probe, fault);
	test->probe =
		words_split(arena, config_setting_get_string(setting), &count, &why);
	if (!test->probe)
		return load_expected(setting, fault, "a command line; %s", why.text);
	return 1;
}

static int load_tool_test(struct arena *arena, const config_setting_t *group,
			  const char *tool, struct tool_test *test, struct fault *fault)
{
	*test = (struct tool_test){.tool = tool};
	if (load_check_keys(group, tool_keys, fault) ||
	    scene_load(arena, group, &test->scene, fault) < 0 ||
	    load_string(arena, group, "tool", false, &test->tool, fault) < 0 ||
	    load_action(arena, group, test, fault) < 0 ||
	    load_amount_of(group, test, fault) ||
	    load_set(arena, group, "targets", false, &test->targets, fault) < 0 ||
	    load_string(arena, group, "unit", false, &test->unit, fault) < 0 ||
	    load_string(arena, group, "environment", false, &test->environment, fault) <
		    0 ||
	    load_effect(arena, group, test, fault) < 0 ||
	    load_maybe(group, "everything", &test->everything, fault) < 0 ||
	    load_maybe(group, "irreversible", &test->irreversible, fault) < 0 ||
	    load_maybe(group, "refused", &test->refused, fault) < 0 ||
	    load_asked(arena, group, test, fault) < 0)
		return -1;
	if (strcmp(test->tool, "none") == 0)
		test->tool = NULL;
	return 0;
}

/* What is done on the far side is text for a shell there: it may hold all a shell knows. */
static int load_action_test(struct arena *arena, const config_setting_t *group,
			    const char *tool, struct tool_test *test, struct fault *fault)
{
	(void)tool;
	*test = (struct tool_test){
		.remote = true,
		.everything = -1,
		.refused = -1,
		.scene = {.file = load_source(group)->path, .line = load_line(group)}};
	if (load_check_keys(group, action_keys, fault) ||
	    load_string(arena, group, "name", false, &test->scene.name, fault) < 0 ||
	    load_string(arena, group, "command", true, &test->scene.text, fault) < 0 ||
	    load_action(arena, group, test, fault) < 0 ||
	    load_maybe(group, "irreversible", &test->irreversible, fault) < 0)
		return -1;
	if (!test->action_given)
		return load_fault(group, fault,
				  "\"action\" is missing: expected what "
				  "the command does");
	return 0;
}

typedef int test_loader(struct arena *arena, const config_setting_t *group,
			const char *tool, struct tool_test *test, struct fault *fault);

static int add_tests(struct arena *arena, const config_setting_t *root, const char *tool,
		     test_loader *load, struct findings *findings,
		     struct tool_tests *tests, struct fault *fault)
{
	config_setting_t *list;
	int found = load_groups(root, "tests", false, &list, fault);

	if (found <= 0)
		return found;
	for (int i = 0; i < config_setting_length(list); i++) {
		struct tool_test *grown = arena_grow(arena, tests->items, tests->count,
						     &tests->capacity, sizeof(*grown));

		if (!grown)
			return load_fault(list, fault, "out of memory");
		tests->items = grown;
		if (load(arena, config_setting_get_elem(list, (unsigned)i), tool,
			 &grown[tests->count], fault) == 0)
			tests->count++;
		else if (finding_goes_on(findings, -1, fault))
			return -1;
	}
	return 0;
}

int tool_tests_load(struct arena *arena, const char *path, struct findings *findings,
		    struct tool_tests *tests, struct fault *fault)
{
	config_setting_t *group;
	const char *tool;
	config_t config;
	int result;

	if (load_open(arena, path, &config, fault))
		return -1;
	result = load_group(config_root_setting(&config), "tool", true, &group, fault);
	if (result > 0)
		result = load_string(arena, group, "name", true, &tool, fault);
	if (result > 0)
		result = add_tests(arena, config_root_setting(&config), tool,
				   load_tool_test, findings, tests, fault);
	config_destroy(&config);
	return result < 0 ? -1 : 0;
}

int action_tests_load(struct arena *arena, const char *path, struct findings *findings,
		      struct tool_tests *tests, struct fault *fault)
{
	config_t config;
	int result;

	if (load_open(arena, path, &config, fault))
		return -1;
	result = add_tests(arena, config_root_setting(&config), NULL, load_action_test,
			   findings, tests, fault);
	config_destroy(&config);
	return result;
}
