/* tally explain: what a command would do, and why. Runs nothing but read-only probes. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <jansson.h>

#include "answer.h"
#include "asker.h"
#include "commands.h"
#include "exit_status.h"
#include "judgement_json.h"
#include "ledger_view.h"
#include "rulebook.h"
#include "screen.h"
#include "session.h"
#include "terminal.h"

extern char **environ;

enum {
	RULES_BYTES = 256 << 20, /* the rules themselves */
	LINE_BYTES = 1 << 30,	 /* one evaluation */
	MAX_ROUNDS = 64,	 /* of fetching facts for one line */
};

struct explain {
	struct arena *rules_arena;
	struct session session;
	struct rulebook book;
	bool json, jsonl, names;
};

static const char help[] =
	"usage: tally explain [--json] [--names] [--rules DIR]... -- CMD...\n"
	"       tally explain --jsonl [--names] [--rules DIR]... < LINES\n\n"
	"Says what CMD would touch and what the policy says to it. CMD is not run and "
	"nothing is\n"
	"reserved; the tool itself may be asked read-only questions (probes).\n\n"
	"  --json       one JSON object on stdout\n"
	"  --jsonl      read "
	"{\"argv\":[...],\"cwd\":\"...\",\"env\":{...},\"stdin\":\"...\"} lines\n"
	"               on stdin, print one object a line, in order\n"
	"  --names      add the targets one by one\n"
	"  --rules DIR  these rule directories instead of the session's (repeatable)\n"
	"  --help\n\n"
	"Exit status: 0, 2 for a wrong call, 125 when the rules are broken.\n";

/* One line to judge. */
struct line {
	struct command command;
	const char *input; /* what its stdin would be; NULL: ours, unless with --jsonl */
};

/* Reads, fetches what is missing, reads again, until nothing is missing. */
static int judge_line(const struct explain *explain, struct arena *arena,
		      const struct line *line, struct reading *reading,
		      struct decision *decision, struct fault *fault)
{
	struct history history = {0};
	struct answer_options options = {.line_input = line->input,
					 .no_input = explain->jsonl};
	struct asker asker;
	struct facts facts;
	int result = 1;

	facts_init(&facts, arena);
	for (int round = 0; result == 1 && round < MAX_ROUNDS; round++) {
		if (round && answer_facts(&facts, &line->command, &options, fault) < 0)
			return -1;
		result = judge_read(arena, explain->book.rules, &line->command, &facts,
				    reading, fault);
	}
	if (result == 1)
		return fault_set(fault, "the line asks for facts without end");
	if (result < 0 || !reading->tool)
		return result;
	if (asker_self(arena, &asker, fault) < 0 ||
	    ledger_view_for(arena, &explain->session, policy_window(explain->book.policy),
			    &history, fault) < 0)
		return -1;
	for (int round = 0; round < MAX_ROUNDS; round++) {
		result = decide(arena, explain->book.policy, &explain->book.fleet,
				reading, &asker, &history, &facts, decision, fault);
		if (result != 1)
			return result;
		if (answer_facts(&facts, &line->command, &options, fault) < 0)
			return -1;
	}
	return fault_set(fault, "the policy asks for facts without end");
}

static void print_object(json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER);

	if (text)
		puts(text);
	free(text);
	json_decref(object);
}

static void print_error(const char *text)
{
	json_t *object = json_object();

	json_object_set_new(object, "error", json_string(text));
	print_object(object);
}

/* ---- --jsonl ---- */

static const char **json_words(struct arena *arena, json_t *array, size_t *count)
{
	const char **words;
	json_t *item;
	size_t i;

	*count = json_array_size(array);
	words = arena_array(arena, *count + 1, sizeof(*words));
	json_array_foreach(array, i, item)
	{
		if (!json_is_string(item))
			return NULL;
		if (words)
			words[i] = arena_strdup(arena, json_string_value(item));
	}
	return words;
}

/* The environment of this process with the line's variables added. */
static const char **json_environment(struct arena *arena, json_t *object)
{
	size_t count = 0, used = 0;
	const char **env, *key;
	json_t *value;

	while (environ[count])
		count++;
	env = arena_array(arena, count + json_object_size(object) + 1, sizeof(*env));
	for (size_t i = 0; env && i < count; i++) {
		size_t length = strcspn(environ[i], "=");
		char *name = arena_strndup(arena, environ[i], length);

		if (name && !json_object_get(object, name))
			env[used++] = environ[i];
	}
	json_object_foreach(object, key, value)
	{
		if (env && json_is_string(value))
			env[used++] = arena_printf(arena, "%s=%s", key,
						   json_string_value(value));
	}
	return env;
}

static const char *parse_line(struct arena *arena, json_t *root, struct line *line)
{
	json_t *argv = json_object_get(root, "argv"), *cwd = json_object_get(root, "cwd");
	json_t *input = json_object_get(root, "stdin");

	if (!json_is_array(argv) || json_array_size(argv) == 0)
		return "expected an object with \"argv\": an array of at least one "
		       "string";
	line->command.argv = json_words(arena, argv, &line->command.argc);
	if (!line->command.argv)
		return "\"argv\" holds something that is no string";
	line->command.env = json_environment(arena, json_object_get(root, "env"));
	line->command.cwd = json_is_string(cwd)
				    ? arena_strdup(arena, json_string_value(cwd))
				    : get_current_dir_name();
	if (json_is_string(input))
		line->input = arena_strdup(arena, json_string_value(input));
	if (!line->command.env || !line->command.cwd)
		return "out of memory";
	return NULL;
}

static void explain_json_line(const struct explain *explain, struct arena *arena,
			      const char *text)
{
	struct reading reading = {0};
	struct decision decision = {0};
	struct fault fault = {0};
	struct line line = {0};
	json_error_t error;
	json_t *root = json_loads(text, 0, &error), *object;
	const char *wrong = root ? parse_line(arena, root, &line) : error.text;

	if (wrong) {
		print_error(wrong);
	} else if (judge_line(explain, arena, &line, &reading, &decision, &fault) < 0) {
		print_error(fault.text);
	} else {
		object = judgement_json(arena, &reading, reading.tool ? &decision : NULL,
					explain->names);
		if (object)
			print_object(object);
		else
			print_error("out of memory");
	}
	fflush(stdout);
	json_decref(root);
}

static int explain_lines(const struct explain *explain)
{
	struct arena *arena = arena_new(LINE_BYTES);
	char *text = NULL;
	size_t size = 0;
	ssize_t length;

	if (!arena)
		return EXIT_STATUS_FAILED;
	while ((length = getline(&text, &size, stdin)) > 0) {
		if (strspn(text, " \t\r\n") == (size_t)length)
			continue;
		explain_json_line(explain, arena, text);
		arena_reset(arena);
	}
	free(text);
	arena_free(arena);
	return 0;
}

/* ---- one command from our own argv ---- */

static int report(const struct fault *fault)
{
	char line[FAULT_LINE];

	fprintf(stderr, "tally: %s\n", fault_line(fault, line));
	return EXIT_STATUS_FAILED;
}

static int show(const struct explain *explain, struct arena *arena,
		const struct line *line, const struct reading *reading,
		const struct decision *decision, struct fault *fault)
{
	const char *text;

	if (explain->json) {
		json_t *object = judgement_json(
			arena, reading, reading->tool ? decision : NULL, explain->names);

		if (!object) {
			fault_set(fault, "out of memory");
			return report(fault);
		}
		print_object(object);
		return 0;
	}
	if (!reading->tool) {
		printf("%s is no program that tallygate knows: it runs unasked.\n",
		       line->command.argv[0]);
		return 0;
	}
	text = screen_explain(arena, &line->command, reading, decision,
			      terminal_width(STDOUT_FILENO),
			      terminal_colour(STDOUT_FILENO));
	if (!text) {
		fault_set(fault, "out of memory");
		return report(fault);
	}
	fputs(text, stdout);
	return 0;
}

static int explain_one(const struct explain *explain, int argc, char **argv)
{
	struct arena *arena = arena_new(LINE_BYTES);
	struct reading reading = {0};
	struct decision decision = {0};
	struct fault fault = {0};
	char *cwd = get_current_dir_name();
	struct line line = {.command = {.argv = (const char *const *)argv,
					.argc = (size_t)argc,
					.env = (const char *const *)environ,
					.cwd = cwd}};
	int status;

	if (!arena || !cwd) {
		fault_set(&fault, "out of memory");
		status = report(&fault);
	} else if (judge_line(explain, arena, &line, &reading, &decision, &fault) < 0) {
		status = report(&fault);
	} else {
		status = show(explain, arena, &line, &reading, &decision, &fault);
	}
	free(cwd);
	arena_free(arena);
	return status;
}

static int open_rules(struct explain *explain, const char *const *directories)
{
	struct fault fault = {0};

	explain->rules_arena = arena_new(RULES_BYTES);
	if (!explain->rules_arena)
		return EXIT_STATUS_FAILED;
	if (session_load(explain->rules_arena, session_named(), &explain->session,
			 &fault) < 0)
		return report(&fault);
	if (directories[0])
		explain->session.rules = directories;
	if (rulebook_open(explain->rules_arena, explain->session.rules, &explain->book,
			  &fault) < 0)
		return report(&fault);
	return 0;
}

int explain_command(int argc, char **argv)
{
	static const struct option options[] = {{"json", no_argument, NULL, 'j'},
						{"jsonl", no_argument, NULL, 'l'},
						{"names", no_argument, NULL, 'n'},
						{"rules", required_argument, NULL, 'r'},
						{"help", no_argument, NULL, 'h'},
						{NULL, 0, NULL, 0}};
	const char *directories[64] = {NULL};
	size_t directory_count = 0;
	struct explain explain = {0};
	int c, status;

	optind = 1;
	while ((c = getopt_long(argc, argv, "+hj", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(help, stdout);
			return 0;
		}
		if (c == 'r' && directory_count < 63)
			directories[directory_count++] = optarg;
		else if (c == 'j')
			explain.json = true;
		else if (c == 'l')
			explain.jsonl = true;
		else if (c == 'n')
			explain.names = true;
		else
			return EXIT_STATUS_USAGE;
	}
	if (!explain.jsonl && optind >= argc) {
		fputs("tally explain: a command is missing: tally explain -- CMD...\n",
		      stderr);
		return EXIT_STATUS_USAGE;
	}
	status = open_rules(&explain, directories);
	if (status == 0)
		status = explain.jsonl
				 ? explain_lines(&explain)
				 : explain_one(&explain, argc - optind, argv + optind);
	arena_free(explain.rules_arena);
	return status;
}
