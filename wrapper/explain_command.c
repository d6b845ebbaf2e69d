/* tally explain: what a command would do, and why. Runs nothing but read-only probes. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "asker.h"
#include "commands.h"
#include "exit_status.h"
#include "explain.h"
#include "judgement_json.h"
#include "ledger_view.h"
#include "policy_vet.h"
#include "screen.h"
#include "terminal.h"
#include "text_json.h"
#include "visible.h"

enum { LINE_BYTES = 1 << 30 }; /* memory of one evaluation */

static const char help[] =
	"usage: tally explain [--json] [--names] [--rules DIR]... -- CMD...\n"
	"       tally explain --jsonl [--names] [--rules DIR]... < LINES\n\n"
	"Says what CMD would touch and what the policy says to it. CMD is not run and "
	"nothing is\n"
	"reserved; the tool itself may be asked read-only questions (probes).\n\n"
	"  --json       one JSON object on stdout\n"
	"  --jsonl      read "
	"{\"argv\":[...],\"cwd\":\"...\",\"env\":{...},\"stdin\":\"...\"} lines\n"
	"               on stdin, print one object a line, in order; an \"error\" key "
	"where there\n"
	"               is nothing to judge\n"
	"  --names      with --json or --jsonl: add the targets one by one\n"
	"  --rules DIR  these rule directories instead of the session's (repeatable)\n"
	"  --help\n\n"
	"Exit status: 0 whatever the verdict is, 2 for a wrong call, 125 when it cannot "
	"be "
	"told\n"
	"(the rules are broken, the ledger cannot be read).\n";

int explain_judge(const struct explain *explain, struct judgement *judgement,
		  const struct explain_line *line, struct fault *fault)
{
	const struct command_rules *rules = &explain->rules;
	const struct rulebook *book = &rules->book;
	struct answer_options options = {.line_input = line->input,
					 .no_input = explain->jsonl};
	struct history history = {0};
	struct asker asker;

	if (judgement_read(judgement, book->rules, &line->command, &options, fault) < 0)
		return -1;
	if (!judgement->reading.tool)
		return 0;
	if (asker_self(judgement->arena, &asker, fault) < 0 ||
	    ledger_view_for(judgement->arena, &rules->session,
			    policy_window(book->policy), &history, fault) < 0)
		return -1;
	if (judgement_decide(judgement, book->policy, &book->fleet, &asker, &history,
			     &line->command, &options, fault) < 0)
		return -1;
	return rules_snapshot_reasons(judgement->arena, &rules->session.snapshot,
				      &judgement->decision, fault);
}

void explain_print(json_t *object)
{
	char *text =
		object ? json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;

	puts(text ? text : "{\"error\":\"out of memory\"}");
	free(text);
	json_decref(object);
}

void explain_print_error(const char *text)
{
	json_t *object = json_object();

	json_object_set_new(object, "error", text_json_or_null(text));
	explain_print(object);
}

static int show_text(struct arena *arena, const struct command *command,
		     const struct judgement *judgement)
{
	const char *text;

	if (!judgement->reading.tool) {
		text = visible_word(arena, command->argv[0], terminal_utf8(command->env));
		printf("%s is no program that tallygate knows: it runs unasked.\n",
		       text ? text : "this");
		return 0;
	}
	text = screen_explain(arena, command, &judgement->reading, &judgement->decision,
			      terminal_width(STDOUT_FILENO),
			      terminal_colour(STDOUT_FILENO));
	if (!text)
		return -1;
	fputs(text, stdout);
	return 0;
}

static int explain_one(const struct explain *explain, struct arena *arena,
		       const struct explain_line *line)
{
	struct judgement judgement = {.arena = arena};
	const struct reading *reading = &judgement.reading;
	struct fault fault = {0};

	if (explain_judge(explain, &judgement, line, &fault) < 0)
		return command_fault("explain", &fault);
	if (explain->json)
		explain_print(judgement_json(arena, reading,
					     reading->tool ? &judgement.decision : NULL,
					     explain->names));
	else if (show_text(arena, &line->command, &judgement) < 0) {
		fault_set(&fault, "out of memory");
		return command_fault("explain", &fault);
	}
	return 0;
}

/* What is shown by such a policy is not what happens. */
static void warn_unused_policy(const struct explain *explain)
{
	const struct command_rules *rules = &explain->rules;
	struct session session = rules->session;
	struct fault fault = {0};
	char line[FAULT_LINE];

	session.rules = rules->directories;
	/* Other rules than the session's: what is noted there is not about them. */
	if (rules->given_count)
		session.directory = NULL;
	if (policy_vet(&session, rules->book.policy, &rules->book.fleet, &fault) < 0)
		fprintf(stderr, "tally explain: warning: %s\n", fault_line(&fault, line));
}

static int run(struct explain *explain, int argc, char **argv)
{
	struct explain_line line = {.command = {.argv = (const char *const *)argv,
						.argc = (size_t)argc,
						.env = (const char *const *)environ}};
	struct arena *arena;
	char *here;
	int status = command_rules_open(&explain->rules);

	if (status)
		return status;
	warn_unused_policy(explain);
	if (explain->jsonl)
		return explain_lines(explain);
	here = get_current_dir_name();
	line.command.cwd = here ? here : "/proc/self/cwd";
	arena = arena_new(LINE_BYTES);
	status = arena ? explain_one(explain, arena, &line) : EXIT_STATUS_FAILED;
	arena_free(arena);
	free(here);
	return status;
}

int explain_command(int argc, char **argv)
{
	static const struct option options[] = {{"json", no_argument, NULL, 'j'},
						{"jsonl", no_argument, NULL, 'l'},
						{"names", no_argument, NULL, 'n'},
						{"rules", required_argument, NULL, 'r'},
						{"help", no_argument, NULL, 'h'},
						{NULL, 0, NULL, 0}};
	struct explain explain = {.rules = {.command = "explain"}};
	int c, status = 0;

	optind = 1;
	while ((c = getopt_long(argc, argv, "+hj", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(help, stdout);
			return 0;
		}
		if (c == 'r')
			status = command_rules_add(&explain.rules, optarg);
		else if (c == 'j')
			explain.json = true;
		else if (c == 'l')
			explain.jsonl = true;
		else if (c == 'n')
			explain.names = true;
		else
			status = EXIT_STATUS_USAGE;
		if (status)
			return status;
	}
	if (!explain.jsonl && optind >= argc)
		return command_usage("explain",
				     "a command is missing: tally explain -- CMD...");
	if (explain.jsonl && optind < argc)
		return command_usage(
			"explain", "--jsonl reads its commands from standard input, and "
				   "here is one behind it");
	status = run(&explain, argc - optind, argv + optind);
	command_rules_close(&explain.rules);
	return status;
}
