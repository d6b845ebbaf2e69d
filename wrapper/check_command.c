/* tally check: everything that is wrong with the rule files, with its place. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <jansson.h>

#include "check_rules.h"
#include "command_rules.h"
#include "commands.h"
#include "exit_status.h"
#include "terminal.h"
#include "text_json.h"
#include "visible.h"

static const char help[] =
	"usage: tally check [--json] [DIR...]\n\n"
	"Reads all rule files of the session, or of the rule directories DIR, and prints "
	"every\n"
	"error and warning with its place. Nothing is loaded into a running session. The "
	"tests\n"
	"beside the rules are run as well (`tally test` shows them one by one).\n\n"
	"  --json  one JSON object: errors, warnings, findings, what was read\n"
	"  --help\n\n"
	"Exit status: 0 no error (there may be warnings), 1 errors, 2 for a wrong "
	"call.\n";

static const char *severity_name(const struct finding *finding)
{
	return finding->severity == FINDING_ERROR ? "error" : "warning";
}

static void print_finding(struct arena *arena, const struct finding *finding, bool colour)
{
	const char *text = visible_text(arena, finding->text, true);
	const char *file = visible_text(arena, finding->file, true);
	const char *on = finding->severity == FINDING_ERROR ? "\033[1;31m" : "\033[33m";

	if (file && *file)
		printf("%s:", file);
	if (finding->line > 0)
		printf("%d:", finding->line);
	printf("%s%s%s%s: %s\n", file && *file ? " " : "", colour ? on : "",
	       severity_name(finding), colour ? "\033[0m" : "", text ? text : "");
}

static void print_text(const struct findings *findings,
		       const struct checked_rules *checked)
{
	bool colour = terminal_colour(STDOUT_FILENO);

	for (size_t i = 0; i < findings->count; i++)
		print_finding(findings->arena, &findings->items[i], colour);
	printf("%zu tools, %zu subsystems, %zu limits, %zu tests: %zu error%s, %zu "
	       "warning%s\n",
	       checked->tools, checked->subsystems, checked->limits, checked->tests,
	       findings->errors, findings->errors == 1 ? "" : "s", findings->warnings,
	       findings->warnings == 1 ? "" : "s");
	if (checked->observe)
		puts("the policy only observes: nothing is held back by it "
		     "(observe = true)");
}

static json_t *finding_json(const struct finding *finding)
{
	json_t *object = json_object();

	json_object_set_new(object, "severity", json_string(severity_name(finding)));
	json_object_set_new(object, "file",
			    text_json_or_null(*finding->file ? finding->file : NULL));
	json_object_set_new(object, "line",
			    finding->line > 0 ? json_integer(finding->line)
					      : json_null());
	json_object_set_new(object, "text", text_json_or_null(finding->text));
	return object;
}

static int print_json(const struct findings *findings,
		      const struct checked_rules *checked, const char *const *directories)
{
	json_t *object = json_object(), *list = json_array(), *rules = json_array();
	char *text;

	for (size_t i = 0; i < findings->count; i++)
		json_array_append_new(list, finding_json(&findings->items[i]));
	for (; *directories; directories++)
		json_array_append_new(rules, text_json_or_null(*directories));
	json_object_set_new(object, "errors", json_integer((json_int_t)findings->errors));
	json_object_set_new(object, "warnings",
			    json_integer((json_int_t)findings->warnings));
	json_object_set_new(object, "findings", list);
	json_object_set_new(object, "rules", rules);
	json_object_set_new(object, "tools", json_integer((json_int_t)checked->tools));
	json_object_set_new(object, "subsystems",
			    json_integer((json_int_t)checked->subsystems));
	json_object_set_new(object, "limits", json_integer((json_int_t)checked->limits));
	json_object_set_new(object, "tests", json_integer((json_int_t)checked->tests));
	json_object_set_new(object, "observe", json_boolean(checked->observe));
	json_object_set_new(object, "digest",
			    checked->digest ? json_string(checked->digest) : json_null());
	text = json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER);
	json_decref(object);
	if (!text)
		return -1;
	puts(text);
	free(text);
	return 0;
}

static int check(struct command_rules *rules, bool json)
{
	struct findings findings = {.arena = rules->arena};
	const char *const *shown = rules->given_count ? rules->given : rules->directories;
	struct checked_rules checked;
	struct fault fault = {0};

	check_rules(shown, rules->directories, &findings, &checked);
	if (json && print_json(&findings, &checked, rules->directories) < 0)
		findings.exhausted = true;
	if (!json)
		print_text(&findings, &checked);
	if (findings.exhausted) {
		fault_set(&fault, "out of memory: some findings are missing");
		return command_fault("check", &fault);
	}
	return findings.errors ? 1 : 0;
}

int check_command(int argc, char **argv)
{
	struct command_rules rules = {.command = "check"};
	bool json = false;
	int status = command_rules_options(&rules, argc, argv, help, &json);

	if (status >= 0)
		return status;
	status = 0;
	for (; optind < argc && status == 0; optind++)
		status = command_rules_add(&rules, argv[optind]);
	if (status == 0)
		status = command_rules_find(&rules);
	if (status == 0)
		status = check(&rules, json);
	command_rules_close(&rules);
	return status;
}
