#include "check_rules.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "action_table.h"
#include "check.h"
#include "limit.h"
#include "load.h"
#include "remote_command.h"
#include "rule_tests.h"

struct rules_check {
	struct arena *arena;
	const char *const *directories, *const *absolute;
	struct findings *findings;
	struct checked_rules *checked;
	struct tool **tools; /* those that can be read */
	size_t tool_count, tool_capacity;
	struct rulebook book;
	struct rule_tests tests;
};

static void short_of_memory(struct rules_check *check)
{
	check->findings->exhausted = true;
}

/* ---- the files themselves ---- */

/* What others may write, others decide. */
static void check_trust(struct rules_check *check, const char *path)
{
	struct fault fault = {0};

	if (load_trusted(path, geteuid(), &fault))
		finding_add(check->findings, FINDING_WARNING, fault.file, 0, "%s",
			    fault.text);
}

/* Names that look like rules and are not read, because they do not end in .cfg. */
static bool looks_meant(const char *name)
{
	size_t length = strlen(name);

	if (name[0] == '.' || (length > 4 && strcmp(name + length - 4, ".cfg") == 0))
		return false;
	return strcasestr(name, ".cfg") || strstr(name, ".conf");
}

static void check_names(struct rules_check *check, const char *directory)
{
	DIR *stream = opendir(directory);
	struct dirent *entry;

	while (stream && (entry = readdir(stream))) {
		const char *path;

		if (!looks_meant(entry->d_name))
			continue;
		path = arena_printf(check->arena, "%s/%s", directory, entry->d_name);
		if (!path)
			short_of_memory(check);
		finding_add(check->findings, FINDING_WARNING, path, 0,
			    "is not read: the names of rule files end in .cfg");
	}
	if (stream)
		closedir(stream);
}

static void check_directory(struct rules_check *check, const char *directory)
{
	static const char *const parts[] = {"tools", "fleet", "policy", "actions.cfg"};
	bool any = false;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		const char *path =
			arena_printf(check->arena, "%s/%s", directory, parts[i]);

		if (!path) {
			short_of_memory(check);
			return;
		}
		if (access(path, F_OK))
			continue;
		any = true;
		if (i + 1 < sizeof(parts) / sizeof(parts[0]))
			check_names(check, path);
		else
			check_trust(check, path);
	}
	if (!any)
		finding_add(check->findings, FINDING_ERROR, directory, 0,
			    "holds neither tools, fleet, policy nor actions.cfg: is it "
			    "the right directory?");
}

/* The files of one kind; NULL when there are none to be had. */
static const char *const *files_of(struct rules_check *check, const char *kind)
{
	static const char *const none[] = {NULL};
	const char *const *paths;
	struct fault fault = {0};

	if (load_files(check->arena, check->directories, kind, &paths, &fault)) {
		finding_fault(check->findings, &fault);
		return none;
	}
	for (const char *const *path = paths; *path; path++)
		check_trust(check, *path);
	return paths;
}

/* ---- actions.cfg and tools ---- */

static void check_actions(struct rules_check *check, const char *directory)
{
	const char *const only[] = {directory, NULL};
	const char *path = arena_printf(check->arena, "%s/actions.cfg", directory);
	struct action_table *table;
	struct fault fault = {0};

	if (!path) {
		short_of_memory(check);
		return;
	}
	if (access(path, F_OK))
		return;
	if (action_table_load(check->arena, only, &table, &fault) < 0 ||
	    (action_table_list(table) && action_table_check(table, &fault) < 0) ||
	    action_tests_load(check->arena, path, check->findings, &check->tests.tools,
			      &fault) < 0)
		finding_fault(check->findings, &fault);
}

static void check_twice(struct rules_check *check, const struct tool *tool)
{
	for (size_t i = 0; i < check->tool_count; i++) {
		const struct tool *other = check->tools[i];

		if (strcmp(other->name, tool->name) == 0) {
			finding_add(check->findings, FINDING_WARNING, tool->file,
				    tool->line, "replaces the description of %s in %s:%d",
				    tool->name, other->file, other->line);
			return;
		}
		for (const char *const *a = tool->programs; *a; a++) {
			for (const char *const *b = other->programs; *b; b++) {
				if (strcmp(*a, *b) == 0)
					finding_add(check->findings, FINDING_WARNING,
						    tool->file, tool->line,
						    "%s is a program of %s too (%s:%d): "
						    "only one of them can speak for it",
						    *a, other->name, other->file,
						    other->line);
			}
		}
	}
}

static void check_description(struct rules_check *check, const char *path)
{
	size_t tests = check->tests.tools.count;
	struct fault fault = {0};
	struct tool *tool, **grown;

	if (tool_load(check->arena, path, &tool, &fault)) {
		finding_fault(check->findings, &fault);
		return;
	}
	check_tool(tool, check->findings);
	check_twice(check, tool);
	if (tool_tests_load(check->arena, path, check->findings, &check->tests.tools,
			    &fault))
		finding_fault(check->findings, &fault);
	else if (check->tests.tools.count == tests)
		finding_add(check->findings, FINDING_WARNING, tool->file, tool->line,
			    "%s has no tests: add `tests = ( { command = \"%s ...\"; "
			    "action = ...; count = ...; } );`",
			    tool->name,
			    tool->programs[0] ? tool->programs[0] : tool->name);
	grown = arena_grow(check->arena, check->tools, check->tool_count,
			   &check->tool_capacity, sizeof(*grown));
	if (!grown) {
		short_of_memory(check);
		return;
	}
	check->tools = grown;
	grown[check->tool_count++] = tool;
}

static const char *const *tool_names(struct rules_check *check)
{
	const char **names =
		arena_array(check->arena, check->tool_count + 1, sizeof(*names));

	for (size_t i = 0; names && i < check->tool_count; i++)
		names[i] = check->tools[i]->name;
	return names;
}

/* ---- fleet and policy ---- */

static void check_tests(struct rules_check *check, const char *const *paths)
{
	struct fault fault = {0};

	for (; *paths; paths++) {
		if (policy_tests_load_file(check->arena, *paths, check->book.policy,
					   &check->book.fleet, check->findings,
					   &check->tests.policy, &fault) < 0)
			/* That it cannot be read has been said already. */
			continue;
	}
}

static void check_meaning(struct rules_check *check)
{
	const char *const *names = tool_names(check);
	const struct policy *policy = check->book.policy;

	if (!names) {
		short_of_memory(check);
		return;
	}
	check_policy(policy, &check->book.fleet, names, check->findings);
	check_fleet(&check->book.fleet, policy, check->findings);
}

static void check_judgement(struct rules_check *check)
{
	const char *const *fleet = files_of(check, "fleet");
	const char *const *policy = files_of(check, "policy");
	struct fault fault = {0};

	if (fleet_load_files(check->arena, fleet, check->findings, &check->book.fleet,
			     &fault) < 0 ||
	    policy_load_files(check->arena, policy, &check->book.fleet, check->findings,
			      &check->book.policy, &fault) < 0) {
		finding_fault(check->findings, &fault);
		return;
	}
	if (!*policy)
		finding_add(check->findings, FINDING_ERROR, check->directories[0], 0,
			    "no policy: expected a file policy/*.cfg here or in another "
			    "rule directory");
	check_tests(check, fleet);
	check_tests(check, policy);
	if (*policy && !check->tests.policy.count && !check->findings->errors)
		finding_add(check->findings, FINDING_WARNING, *policy, 0,
			    "the policy has no tests: add `tests = ( { command = ...; "
			    "verdict = ...; } );`");
	if (!check->book.fleet.incomplete)
		check_meaning(check);
}

/* ---- the tests ---- */

static int note_failed(void *context, const struct rule_test_outcome *outcome)
{
	const struct scene *scene = outcome->scene;

	if (!outcome->passed)
		finding_add(context, FINDING_ERROR, scene->file, scene->line,
			    "the test \"%.120s\" fails: expected %s, found %s",
			    scene->name ? scene->name : scene->text, outcome->expected,
			    outcome->found);
	return 0;
}

static void run_tests(struct rules_check *check)
{
	struct fault fault = {0};

	if (rules_open(check->arena, check->absolute, &check->book.rules, &fault) < 0 ||
	    rule_tests_run(&check->tests, &check->book, check->absolute, note_failed,
			   check->findings, &fault) < 0)
		finding_fault(check->findings, &fault);
}

static void sum_up(struct rules_check *check)
{
	struct checked_rules *checked = check->checked;

	checked->tools = check->tool_count;
	checked->subsystems = check->book.fleet.count;
	checked->tests = rule_tests_count(&check->tests);
	if (!check->book.policy)
		return;
	checked->limits = check->book.policy->count;
	checked->observe = check->book.policy->observe;
	if (!check->findings->errors)
		checked->digest = check->book.policy->digest;
}

void check_rules(const char *const *directories, const char *const *absolute,
		 struct findings *findings, struct checked_rules *checked)
{
	struct rules_check check = {.arena = findings->arena,
				    .directories = directories,
				    .absolute = absolute,
				    .findings = findings,
				    .checked = checked};

	*checked = (struct checked_rules){0};
	for (const char *const *directory = directories; *directory; directory++) {
		check_directory(&check, *directory);
		check_actions(&check, *directory);
	}
	for (const char *const *path = files_of(&check, "tools"); *path; path++)
		check_description(&check, *path);
	check_judgement(&check);
	if (!findings->errors)
		run_tests(&check);
	sum_up(&check);
	findings_sort(findings);
}
