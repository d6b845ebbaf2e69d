/* tally status: how the fleet stands, and what the limits still leave. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "answer.h"
#include "asker.h"
#include "commands.h"
#include "exit_status.h"
#include "ledger_view.h"
#include "status.h"

enum { ROUNDS = 16 }; /* of fetching facts */

static const char help[] =
	"usage: tally status [--json] [--rules DIR]...\n\n"
	"Shows every subsystem: how many of its members are in service (asked of its "
	"probe, "
	"where\n"
	"it has one, and of the ledger), its floor and how many more may go; every rate: "
	"how "
	"much\n"
	"of it is used and when the next target fits; and what limits in observe mode "
	"would "
	"have\n"
	"held within the last day.\n\n"
	"  --json       one JSON object\n"
	"  --rules DIR  these rule directories instead of the session's (repeatable)\n"
	"  --help\n\n"
	"Exit status: 0, 1 when a subsystem is below its floor or its capacity is "
	"unknown, 2 "
	"for a\n"
	"wrong call, 125 when it cannot be told.\n";

static int look(struct status *status, const struct terminal *terminal,
		struct fault *fault)
{
	const struct rulebook *book = &status->rules->book;
	char *here = get_current_dir_name();
	const struct command command = {.env = (const char *const *)environ,
					.cwd = here ? here : "/proc/self/cwd"};
	struct answer_options options = {
		.no_input = true, .terminal = terminal, .purpose = "asking the fleet"};
	struct asker asker;
	struct facts facts;
	int result =
		asker_self(status->arena, &asker, fault) < 0 ||
				ledger_view_for(status->arena, &status->rules->session,
						policy_window(book->policy),
						&status->history, fault) < 0
			? -1
			: 1;

	facts_init(&facts, status->arena);
	for (int round = 0; result == 1 && round < ROUNDS; round++) {
		result =
			standing_look(status->arena, book->policy, &book->fleet, &asker,
				      &status->history, &facts, &status->standing, fault);
		if (result == 1 && answer_facts(&facts, &command, &options, fault) < 0)
			result = -1;
	}
	free(here);
	return result == 1 ? fault_set(fault, "the fleet asks for facts without end")
			   : result;
}

static bool all_well(const struct standing *standing)
{
	for (size_t i = 0; i < standing->subsystem_count; i++) {
		if (standing->subsystems[i].below || !standing->subsystems[i].known)
			return false;
	}
	return true;
}

static int print(const struct status *status, const struct terminal *terminal, bool json)
{
	json_t *object;
	const char *text;
	char *dump;

	if (!json) {
		text = status_text(status, terminal);
		if (text)
			fputs(text, stdout);
		return text ? 0 : -1;
	}
	object = status_json(status);
	dump = object ? json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
	if (dump)
		puts(dump);
	json_decref(object);
	free(dump);
	return dump ? 0 : -1;
}

static int show(const struct command_rules *rules, bool json)
{
	struct status status = {.rules = rules, .arena = rules->arena};
	struct terminal terminal = {.fd = -1}, person;
	struct fault fault = {0};
	int result;

	terminal_look(&terminal, STDOUT_FILENO, (const char *const *)environ);
	terminal_open(&person, (const char *const *)environ);
	result = look(&status, &person, &fault);
	terminal_close(&person);
	if (result < 0)
		return command_fault("status", &fault);
	if (status_find_sessions(&status) < 0 || status_find_observed(&status) < 0 ||
	    print(&status, &terminal, json) < 0) {
		fault_set(&fault, "out of memory");
		return command_fault("status", &fault);
	}
	return all_well(&status.standing) ? 0 : 1;
}

int status_command(int argc, char **argv)
{
	struct command_rules rules = {.command = "status"};
	bool json = false;
	int status = command_rules_options(&rules, argc, argv, help, &json);

	if (status >= 0)
		return status;
	status = 0;
	if (optind < argc)
		return command_usage("status", "%s: no arguments are expected",
				     argv[optind]);
	status = command_rules_open(&rules);
	if (status == 0)
		status = show(&rules, json);
	command_rules_close(&rules);
	return status;
}
