/* tally audit: the audit log shown, followed, verified, added up. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "action.h"
#include "audit_call.h"
#include "audit_log.h"
#include "audit_read.h"
#include "audit_report.h"
#include "audit_select.h"
#include "audit_show.h"
#include "audit_verify.h"
#include "commands.h"
#include "exit_status.h"
#include "session.h"

enum {
	STATUS_BROKEN = 1, /* verify: the chain is not whole */
};

static const char help[] =
	"usage: tally audit [FILTER...] [--last N] [--follow] [--json] [FILE...]\n"
	"       tally audit report [FILTER...] [--json] [FILE...]\n"
	"       tally audit verify [--anchor HASH|NUMBER:HASH|FILE] [--print-anchor] "
	"[FILE...]\n"
	"       tally audit rotate\n\n"
	"Shows what was recorded of every guarded command: when, who, what was decided, "
	"the "
	"tool,\n"
	"what it would do to how many targets, and its command line. FILE: audit logs, "
	"oldest "
	"first;\n"
	"without it the one of the session, or of this user.\n\n"
	"  --since WHEN, --until WHEN\n"
	"                  \"10 min\", \"3 days\" (ago), \"14:30\", \"2026-11-24 "
	"14:30\"\n"
	"  --user NAME     of the login user, or of the one it became\n"
	"  --tool NAME     --action ACTION (stop, remove ...)\n"
	"  --verdict V     allow, confirm, approve, deny\n"
	"  --denied        only what was held: denied, declined, failed\n"
	"  --target HOST   only what named this target\n"
	"  --event ID      only the records with this event.id\n"
	"  -n, --last N    only the last N of them\n"
	"  -f, --follow    goes on with what is recorded from now on\n"
	"  --json          the records as they are in the log\n"
	"  --help\n\n"
	"`tally audit verify --help`, `tally audit report --help` and `tally audit "
	"rotate "
	"--help`\n"
	"say more about these.\n\n"
	"Exit status: 0, 2 for a wrong call, 125 when the log cannot be read.\n";

static const char verify_help[] =
	"usage: tally audit verify [--anchor ANCHOR] [--print-anchor] [FILE...]\n\n"
	"Follows the chain of the audit log: each record carries the hash of the one "
	"before. "
	"Names\n"
	"the first record that was edited, removed, reordered or replaced. That the end "
	"was "
	"cut off,\n"
	"or that all of it was written anew, shows only with an anchor that was kept "
	"elsewhere.\n\n"
	"  --anchor ANCHOR  HASH, NUMBER:HASH, or a file with one a line, the last one "
	"counts\n"
	"  --print-anchor   prints NUMBER:HASH of the last record, nothing else, when "
	"the "
	"chain is\n"
	"                   whole\n"
	"  FILE             audit logs, oldest first; without it the one of the session\n"
	"  --help\n\n"
	"Exit status: 0 whole, 1 touched, 2 for a wrong call, 125 when it cannot be "
	"read.\n";

static const char report_help[] =
	"usage: tally audit report [FILTER...] [--json] [FILE...]\n\n"
	"Adds the audit log up: who ran what, how much was held, which limits spoke. "
	"`parts` "
	"are\n"
	"commands started by one that was let through, `targets` those of what was let "
	"through.\n"
	"The filters are those of `tally audit`; --json prints one object.\n\n"
	"Exit status: 0, 2 for a wrong call, 125 when the log cannot be read.\n";

static const char rotate_help[] =
	"usage: tally audit rotate\n\n"
	"Closes the audit log under the name audit-TIME.jsonl, beside it, and begins a "
	"new "
	"one, in\n"
	"which the chain goes on: `tally audit verify OLD NEW` checks both. Prints the "
	"name "
	"of the\n"
	"closed one. Commands may run meanwhile.\n\n"
	"Exit status: 0, 2 for a wrong call, 125 when it cannot be done.\n";

static int wrong(const char *text)
{
	fprintf(stderr, "tally audit: %s\n", text);
	return EXIT_STATUS_USAGE;
}

/* ---- adding up ---- */

static int report_file(const char *path, struct audit_selection *selection,
		       struct audit_report *report, struct fault *fault)
{
	struct audit_reader reader;
	struct audit_text line;
	int result;

	if (audit_reader_open(&reader, path, fault) < 0)
		return -1;
	while ((result = audit_reader_next(&reader, &line, fault)) > 0 && !line.open) {
		json_t *record = json_loadb(line.bytes, line.length, 0, NULL);

		result = 0;
		if (json_is_object(record) && audit_selected(selection, record))
			result = audit_report_add(report, record);
		json_decref(record);
		if (result < 0) {
			fault_set(fault, "out of memory");
			break;
		}
	}
	audit_reader_close(&reader);
	return result < 0 ? -1 : 0;
}

static int report_log(const struct audit_call *call)
{
	struct audit_look look = audit_look_at_stdout();
	struct audit_selection selection = {0};
	struct audit_report report = {0};
	struct fault fault = {0};
	const char *text = NULL;
	int result = 0;

	if (audit_selection_start(&selection, &call->filter) < 0 ||
	    audit_report_start(&report) < 0)
		result = fault_set(&fault, "out of memory");
	for (size_t i = 0; result == 0 && i < call->path_count; i++)
		result = report_file(call->paths[i], &selection, &report, &fault);
	if (result == 0 && call->json) {
		if (json_dumpf(report.root, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII) ==
		    0)
			putchar('\n');
	} else if (result == 0) {
		text = audit_report_text(call->arena, &look, &report);
		if (text)
			fputs(text, stdout);
		else
			result = fault_set(&fault, "out of memory");
	}
	audit_report_end(&report);
	audit_selection_end(&selection);
	return result < 0 ? audit_fail(fault.text) : 0;
}

/* ---- verifying ---- */

static int verify_log(const struct audit_call *call)
{
	struct audit_anchor anchor;
	struct audit_check check;
	struct fault fault = {0};

	if (call->anchor && audit_anchor_read(call->anchor, &anchor, &fault) < 0)
		return wrong(fault.text);
	if (audit_verify(call->arena, call->paths, call->path_count,
			 call->anchor ? &anchor : NULL, &check, &fault) < 0)
		return audit_fail(fault.text);
	if (check.problem) {
		struct audit_look look = audit_look_at_stdout();

		look.width = 0;
		fprintf(stderr, "tally audit: %s\n",
			audit_fit(call->arena, &look, check.problem, 0));
		if (check.records)
			fprintf(stderr,
				"tally audit: %" PRIu64 " records before it are whole\n",
				check.records);
		return STATUS_BROKEN;
	}
	if (call->print_anchor) {
		printf("%" PRIu64 ":%s\n", check.head.sequence, check.head.hash);
		return 0;
	}
	printf("whole: %" PRIu64 " records, the last is %" PRIu64 " of %s, hash %s\n",
	       check.records, check.head.sequence, check.records ? check.time : "never",
	       check.head.hash);
	if (check.first > 1)
		printf("begins with record %" PRIu64
		       "; older files hold those before it\n",
		       check.first);
	if (check.torn)
		printf("torn lines that later records tell of: %" PRIu64 "\n",
		       check.torn);
	if (!call->anchor)
		puts("no anchor was given: a cut end would not show");
	return 0;
}

static int rotate_log(const struct audit_call *call)
{
	struct fault fault = {0};
	const char *rotated;

	if (audit_rotate(call->arena, call->state, &rotated, &fault) < 0)
		return audit_fail(fault.text);
	puts(rotated);
	return 0;
}

/* ---- the call ---- */

enum mode { MODE_SHOW, MODE_REPORT, MODE_VERIFY, MODE_ROTATE };

static const struct {
	const char *name, *help;
	const char *options; /* of the table below that it takes */
	int (*run)(const struct audit_call *call);
} modes[] = {
	[MODE_SHOW] = {"", help, "sutaAvdTenfjh", audit_list},
	[MODE_REPORT] = {"report", report_help, "sutaAvdTejh", report_log},
	[MODE_VERIFY] = {"verify", verify_help, "kph", verify_log},
	[MODE_ROTATE] = {"rotate", rotate_help, "h", rotate_log},
};

static const struct option options[] = {
	{"since", required_argument, NULL, 's'},
	{"until", required_argument, NULL, 'u'},
	{"tool", required_argument, NULL, 't'},
	{"user", required_argument, NULL, 'a'},
	{"action", required_argument, NULL, 'A'},
	{"verdict", required_argument, NULL, 'v'},
	{"denied", no_argument, NULL, 'd'},
	{"target", required_argument, NULL, 'T'},
	{"event", required_argument, NULL, 'e'},
	{"last", required_argument, NULL, 'n'},
	{"follow", no_argument, NULL, 'f'},
	{"json", no_argument, NULL, 'j'},
	{"anchor", required_argument, NULL, 'k'},
	{"print-anchor", no_argument, NULL, 'p'},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

/* 0, or an exit status. */
static int take_option(struct audit_call *call, int option, const char *value)
{
	struct fault fault = {0};
	enum verdict verdict;
	enum action action;
	char *end;

	switch (option) {
	case 's':
	case 'u':
		return audit_when(value, time(NULL),
				  option == 's' ? &call->filter.since
						: &call->filter.until,
				  &fault) < 0
			       ? wrong(fault.text)
			       : 0;
	case 't':
		call->filter.tool = value;
		return 0;
	case 'a':
		call->filter.user = value;
		return 0;
	case 'A':
		call->filter.action = value;
		return action_parse(value, &action)
			       ? 0
			       : wrong("--action: expected read, run, config, restart, "
				       "stop, scale, remove or restore");
	case 'v':
		call->filter.verdict = value;
		return verdict_parse(value, &verdict)
			       ? 0
			       : wrong("--verdict: expected allow, confirm, approve or "
				       "deny");
	case 'd':
		call->filter.held = true;
		return 0;
	case 'T':
		call->filter.host = value;
		return 0;
	case 'e':
		call->filter.event = value;
		return 0;
	case 'n':
		call->last = strtoull(value, &end, 10);
		return *value >= '1' && *value <= '9' && !*end && call->last <= 1000000
			       ? 0
			       : wrong("--last: expected a number from 1 to 1000000");
	case 'f':
		call->follow = true;
		return 0;
	case 'j':
		call->json = true;
		return 0;
	case 'k':
		call->anchor = value;
		return 0;
	case 'p':
		call->print_anchor = true;
		return 0;
	default:
		return EXIT_STATUS_USAGE;
	}
}

/* The files that were named, else the log of the session, else that of this user. */
static int find_logs(struct audit_call *call, char **names, size_t count)
{
	struct session session;
	struct fault fault = {0};
	const char **path;

	if (count) {
		call->paths = (const char *const *)names;
		call->path_count = count;
		return 0;
	}
	if (session_load(call->arena, session_named(), &session, &fault) < 0)
		return audit_fail(fault.text);
	call->state = session.state;
	path = arena_array(call->arena, 2, sizeof(*path));
	if (!path || !(*path = audit_path(call->arena, session.state)))
		return audit_fail("out of memory");
	call->paths = path;
	call->path_count = 1;
	return 0;
}

static enum mode mode_of(const char *word)
{
	for (size_t i = MODE_REPORT; word && i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(word, modes[i].name) == 0)
			return (enum mode)i;
	return MODE_SHOW;
}

static int run(struct audit_call *call, int argc, char **argv)
{
	enum mode mode = mode_of(argc > 1 ? argv[1] : NULL);
	int option, result;

	if (mode != MODE_SHOW)
		argc--, argv++;
	optind = 1;
	while ((option = getopt_long(argc, argv, "n:fh", options, NULL)) != -1) {
		if (option == 'h') {
			fputs(modes[mode].help, stdout);
			return 0;
		}
		if (option != '?' && !strchr(modes[mode].options, option)) {
			fprintf(stderr,
				"tally audit: this option is not one of `tally audit "
				"%s`; see --help\n",
				modes[mode].name);
			return EXIT_STATUS_USAGE;
		}
		result = take_option(call, option, optarg);
		if (result)
			return result;
	}
	if (mode == MODE_ROTATE && optind < argc)
		return wrong("rotate takes no file; it closes the log of the session");
	result = find_logs(call, argv + optind, (size_t)(argc - optind));
	return result ? result : modes[mode].run(call);
}

int audit_command(int argc, char **argv)
{
	struct audit_call call = {.arena = arena_new(AUDIT_BYTES)};
	int status;

	if (!call.arena)
		return audit_fail("out of memory");
	status = run(&call, argc, argv);
	arena_free(call.arena);
	return status;
}
