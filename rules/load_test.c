/* `tests` of policy and fleet files -> struct policy_test. */
#include "policy_test.h"

#include <string.h>

#include "admission.h"
#include "finding.h"
#include "load.h"

static const char *const test_keys[] = {
	"command", "name",    "verdict", "count",    "because", "never",
	"at",	   "history", "answers", "seen",     "user",	"groups",
	"parent",  "host",    "cwd",	 "terminal", NULL};
static const char *const past_keys[] = {"action", "targets", "ago",    "user",	 "tool",
					"ended",  "unit",    "effect", "digest", NULL};
static const char *const seen_keys[] = {"subsystem", "capacity", "ago", NULL};
static const char *const verdicts[] = {"allow", "confirm", "approve", "deny", NULL};

enum { MOST_UNITS = 1000000000 };

/* When no time is given: any day will do, so long as it is always the same. */
static const int64_t default_time = 1767268800; /* 2026-01-01T12:00:00Z, a Thursday */

struct test_files {
	struct arena *arena;
	const struct policy *policy;
	const struct fleet *fleet;
};

static int load_asker(const struct test_files *files, const config_setting_t *group,
		      struct asker *asker, struct fault *fault)
{
	static const char *const none[] = {NULL};

	*asker = (struct asker){.user = "someone",
				.groups = none,
				.parent_program = "bash",
				.host = "bastion",
				.terminal = true};
	if (load_string(files->arena, group, "user", false, &asker->user, fault) < 0 ||
	    load_strings(files->arena, group, "groups", false, &asker->groups, fault) <
		    0 ||
	    load_string(files->arena, group, "parent", false, &asker->parent_program,
			fault) < 0 ||
	    load_string(files->arena, group, "host", false, &asker->host, fault) < 0 ||
	    load_bool(group, "terminal", false, &asker->terminal, fault) < 0)
		return -1;
	return 0;
}

/* Names and numbers of an entry of `history`, without what follows from them. */
static int load_past_words(const struct test_files *files, const config_setting_t *group,
			   int64_t now, struct admission *past, struct fault *fault)
{
	const config_setting_t *setting = config_setting_get_member(group, "action");
	const char *action = NULL;
	int64_t ago = 0, effect = 0;
	bool ended = true;

	if (load_check_keys(group, past_keys, fault) ||
	    load_string(files->arena, group, "action", true, &action, fault) < 0 ||
	    load_set(files->arena, group, "targets", true, &past->targets, fault) < 0 ||
	    load_duration(group, "ago", true, &ago, fault) < 0 ||
	    load_string(files->arena, group, "user", false, &past->user, fault) < 0 ||
	    load_string(files->arena, group, "tool", false, &past->tool, fault) < 0 ||
	    load_string(files->arena, group, "unit", false, &past->unit, fault) < 0 ||
	    load_string(files->arena, group, "digest", false, &past->digest, fault) < 0 ||
	    load_int(group, "effect", false, 0, MOST_UNITS, &effect, fault) < 0 ||
	    load_bool(group, "ended", false, &ended, fault) < 0)
		return -1;
	if (!action_parse(action, &past->action) || past->action == ACTION_SCALE)
		return load_expected(setting, fault,
				     "run, config, restart, stop, remove or restore");
	past->at = now - ago;
	past->effect = (uint64_t)effect;
	past->started = true;
	past->ended = ended;
	return 0;
}

static int load_past(const struct test_files *files, const config_setting_t *list,
		     struct policy_test *test, struct fault *fault)
{
	size_t count = (size_t)config_setting_length(list);
	struct admission *past = arena_array(files->arena, count + 1, sizeof(*past));

	if (!past)
		return load_fault(list, fault, "out of memory");
	for (size_t i = 0; i < count; i++) {
		const config_setting_t *group =
			config_setting_get_elem(list, (unsigned)i);

		past[i].id = (int64_t)i + 1;
		past[i].user = "someone";
		if (load_past_words(files, group, test->history.now, &past[i], fault))
			return -1;
		if (fleet_unit_is_machine(past[i].unit)) {
			past[i].unit = NULL;
			past[i].targets = fleet_identify(files->arena, files->fleet,
							 past[i].targets);
		}
		if (!past[i].targets || admission_note_out(files->arena, files->policy,
							   files->fleet, false, &past[i]))
			return load_fault(group, fault, "out of memory");
	}
	test->history.admissions = past;
	test->history.count = count;
	return 0;
}

static int load_seen(const struct test_files *files, const config_setting_t *list,
		     struct policy_test *test, struct fault *fault)
{
	size_t count = (size_t)config_setting_length(list);
	struct sighting *seen = arena_array(files->arena, count + 1, sizeof(*seen));

	if (!seen)
		return load_fault(list, fault, "out of memory");
	for (size_t i = 0; i < count; i++) {
		const config_setting_t *group =
			config_setting_get_elem(list, (unsigned)i);
		int64_t capacity = 0, ago = 0;

		if (load_check_keys(group, seen_keys, fault) ||
		    load_string(files->arena, group, "subsystem", true,
				&seen[i].subsystem, fault) < 0 ||
		    load_int(group, "capacity", true, 0, INT64_MAX, &capacity, fault) <
			    0 ||
		    load_duration(group, "ago", true, &ago, fault) < 0)
			return -1;
		if (!files->fleet->incomplete &&
		    !fleet_subsystem(files->fleet, seen[i].subsystem))
			return load_expected(
				config_setting_get_member(group, "subsystem"), fault,
				"the name of a subsystem of the fleet files");
		seen[i].capacity = (uint64_t)capacity;
		seen[i].at = test->history.now - ago;
	}
	test->history.sightings = seen;
	test->history.sighting_count = count;
	return 0;
}

/* What was before the command: history and sightings. */
static int load_world(const struct test_files *files, const config_setting_t *group,
		      struct policy_test *test, struct fault *fault)
{
	static int (*const readers[])(const struct test_files *, const config_setting_t *,
				      struct policy_test *,
				      struct fault *) = {load_past, load_seen};
	static const char *const names[] = {"history", "seen"};

	test->history.now = default_time;
	if (load_date(group, "at", false, &test->history.now, fault) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		config_setting_t *list;
		int found = load_groups(group, names[i], false, &list, fault);

		if (found < 0 || (found && readers[i](files, list, test, fault)))
			return -1;
	}
	return 0;
}

static int load_test(const struct test_files *files, const config_setting_t *group,
		     struct policy_test *test, struct fault *fault)
{
	static const char *const none[] = {NULL};
	int verdict = 0;

	*test = (struct policy_test){.because = none, .never = none};
	if (load_check_keys(group, test_keys, fault) ||
	    scene_load(files->arena, group, &test->scene, fault) < 0 ||
	    load_choice(group, "verdict", true, verdicts, &verdict, fault) < 0 ||
	    scene_load_count(group, &test->count, fault) ||
	    load_strings(files->arena, group, "because", false, &test->because, fault) <
		    0 ||
	    load_strings(files->arena, group, "never", false, &test->never, fault) < 0 ||
	    load_asker(files, group, &test->asker, fault) ||
	    load_world(files, group, test, fault))
		return -1;
	test->verdict = (enum verdict)verdict;
	return 0;
}

static int add_tests(const struct test_files *files, const config_setting_t *list,
		     struct findings *findings, struct policy_tests *tests,
		     struct fault *fault)
{
	for (int i = 0; i < config_setting_length(list); i++) {
		struct policy_test *grown =
			arena_grow(files->arena, tests->items, tests->count,
				   &tests->capacity, sizeof(*grown));

		if (!grown)
			return load_fault(list, fault, "out of memory");
		tests->items = grown;
		if (load_test(files, config_setting_get_elem(list, (unsigned)i),
			      &grown[tests->count], fault) == 0)
			tests->count++;
		else if (finding_goes_on(findings, -1, fault))
			return -1;
	}
	return 0;
}

int policy_tests_load_file(struct arena *arena, const char *path,
			   const struct policy *policy, const struct fleet *fleet,
			   struct findings *findings, struct policy_tests *tests,
			   struct fault *fault)
{
	const struct test_files files = {arena, policy, fleet};
	config_setting_t *list;
	config_t config;
	int result;

	if (load_open(arena, path, &config, fault))
		return -1;
	result = load_groups(config_root_setting(&config), "tests", false, &list, fault);
	if (result > 0)
		result = add_tests(&files, list, findings, tests, fault);
	config_destroy(&config);
	return result;
}

int policy_tests_load(struct arena *arena, const char *const *rules,
		      const struct policy *policy, const struct fleet *fleet,
		      struct policy_tests *tests, struct fault *fault)
{
	static const char *const directories[] = {"fleet", "policy"};

	*tests = (struct policy_tests){0};
	for (size_t i = 0; i < 2; i++) {
		const char *const *paths;

		if (load_files(arena, rules, directories[i], &paths, fault))
			return -1;
		for (; *paths; paths++) {
			if (policy_tests_load_file(arena, *paths, policy, fleet, NULL,
						   tests, fault))
				return -1;
		}
	}
	return 0;
}
