#include "tool_test.h"

#include <string.h>

#include "reading_sum.h"
#include "remote_command.h"

/* Expected and found of one property; where they differ the test has failed. */
struct comparison {
	struct arena *arena;
	struct tool_test_result *result;
	bool exhausted;
};

/* True when a difference has been noted, now or before. */
static bool differs(struct comparison *comparison, const char *property,
		    const char *expected, const char *found, const char *why)
{
	struct tool_test_result *result = comparison->result;

	if (result->expected)
		return true;
	if (!expected || !found) {
		comparison->exhausted = true;
		return true;
	}
	if (strcmp(expected, found) == 0)
		return false;
	result->expected = arena_printf(comparison->arena, "%s %s", property, expected);
	result->found = arena_printf(comparison->arena, "%s %s%s%s%s", property, found,
				     why ? " (" : "", why ? why : "", why ? ")" : "");
	if (!result->expected || !result->found)
		comparison->exhausted = true;
	return true;
}

static const char *number(struct arena *arena, bool known, uint64_t value)
{
	return known ? arena_printf(arena, "%llu", (unsigned long long)value) : "unknown";
}

static void compare_amounts(struct comparison *comparison, const struct tool_test *test,
			    const struct reading_sum *sum)
{
	struct arena *arena = comparison->arena;

	if (test->count.given)
		differs(comparison, "count",
			number(arena, !test->count.unknown, test->count.count),
			number(arena, sum->known, sum->count), sum->unknown);
	if (test->targets)
		differs(comparison, "targets", hostset_fold(arena, test->targets),
			sum->known ? hostset_fold(arena, sum->set) : "unknown",
			sum->unknown);
	if (test->effect_unit)
		differs(comparison, "effect",
			arena_printf(arena, "%s %lld", test->effect_unit,
				     (long long)test->effect),
			sum->effect_known
				? arena_printf(arena, "%s %lld", sum->effect_unit,
					       (long long)sum->effect)
				: "unknown",
			sum->unknown);
}

static void compare_flag(struct comparison *comparison, const char *property,
			 int expected, bool found)
{
	if (expected >= 0)
		differs(comparison, property, expected ? "true" : "false",
			found ? "true" : "false", NULL);
}

static void compare_flags(struct comparison *comparison, const struct tool_test *test,
			  const struct reading *reading)
{
	bool everything = false, irreversible = false;

	for (size_t i = 0; i < reading->count; i++) {
		everything |= reading->operations[i].everything;
		irreversible |= reading->operations[i].irreversible;
	}
	compare_flag(comparison, "everything", test->everything, everything);
	compare_flag(comparison, "irreversible", test->irreversible, irreversible);
	compare_flag(comparison, "refused", test->refused, reading->refused);
}

static const char *joined(struct arena *arena, const char *const *words)
{
	const char *text = "";

	for (; text && words && *words; words++)
		text = arena_printf(arena, "%s%s%s", text, *text ? " " : "", *words);
	return text && *text ? text : "none";
}

static const char *or_none(const char *text)
{
	return text ? text : "none";
}

static int compare(struct comparison *comparison, const struct tool_test *test)
{
	const struct reading *reading = &comparison->result->reading;
	struct reading_sum sum;

	if (reading_add_up(comparison->arena, reading, &sum) < 0)
		return -1;
	differs(comparison, "tool", or_none(test->tool), or_none(reading->tool), NULL);
	if (test->action_given)
		differs(comparison, "action", action_name(test->action),
			action_name(reading->action), sum.unknown);
	compare_amounts(comparison, test, &sum);
	compare_flags(comparison, test, reading);
	if (test->unit)
		differs(comparison, "unit", test->unit, or_none(reading->unit), NULL);
	if (test->environment)
		differs(comparison, "environment", test->environment,
			or_none(reading->environment), NULL);
	if (test->probe)
		differs(comparison, "probe", joined(comparison->arena, test->probe),
			joined(comparison->arena, reading->probe), NULL);
	return comparison->exhausted ? -1 : 0;
}

static int run_remote(struct comparison *comparison, const struct tool_test *test,
		      const struct action_table *actions)
{
	bool irreversible = false;
	enum action action = remote_action(comparison->arena, actions, test->scene.text,
					   &irreversible);

	differs(comparison, "action", action_name(test->action), action_name(action),
		NULL);
	compare_flag(comparison, "irreversible", test->irreversible, irreversible);
	return comparison->exhausted ? -1 : 0;
}

int tool_test_run(struct arena *arena, const struct tool_test *test, scene_reader *read,
		  void *context, const struct action_table *actions,
		  struct tool_test_result *result, struct fault *fault)
{
	struct comparison comparison = {.arena = arena, .result = result};
	const char *why = NULL;
	struct facts facts;
	int state;

	*result = (struct tool_test_result){0};
	if (test->remote) {
		state = run_remote(&comparison, test, actions);
	} else {
		if (scene_read(&test->scene, arena, read, context, &facts,
			       &result->reading, &why, fault) < 0)
			return -1;
		if (why) {
			result->expected = "a line that can be read to its end";
			result->found = why;
		}
		state = compare(&comparison, test);
	}
	if (state < 0)
		return fault_set(fault, "out of memory");
	result->passed = !result->expected;
	return 0;
}
