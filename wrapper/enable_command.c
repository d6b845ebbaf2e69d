/* tally enable, tally disable: who is guarded on this machine, changed so that nobody is locked out. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "enable_users.h"
#include "exit_status.h"

enum { STATUS_REFUSED = 1 };

static const char enable_help[] =
	"usage: tally enable [--dry-run] USER|%GROUP...\n\n"
	"Makes tallysh their login shell. First it is tried as that user; the shell they "
	"have is\n"
	"kept, and is what they get inside; what does not work is undone. Root is never "
	"changed;\n"
	"of a group, members of the break-glass group and accounts that do not log in "
	"are "
	"passed\n"
	"over. Sessions that are open stay as they are.\n\n"
	"  -n, --dry-run  checks and tries everything, changes nothing\n"
	"  --help\n\n"
	"Exit status: 0; 1 when somebody was refused, who is then as before; 2 for a "
	"wrong call;\n"
	"125 when nothing could be done.\n";

static const char disable_help[] =
	"usage: tally disable [--dry-run] USER|%GROUP...\n"
	"       tally disable [--dry-run] --all\n\n"
	"Gives them back the login shell they had before `tally enable`. Sessions that "
	"are open\n"
	"stay guarded until they end.\n\n"
	"  --all          everybody; the package calls this before it is removed\n"
	"  -n, --dry-run  says what would be done\n"
	"  --help\n\n"
	"Exit status: 0; 1 when somebody's shell could not be given back; 2 for a wrong "
	"call;\n"
	"125 when nothing could be done.\n";

struct words {
	bool all;
	char **users; /* NULL-terminated */
};

static int finish(const struct enable_call *call, const struct enable_result *result)
{
	printf("%s: %u %s, %u as before, %u passed over, %u refused\n", call->command,
	       result->done, call->only_say ? "would be changed" : "changed",
	       result->not_needed, result->passed_over, result->failed);
	return result->failed ? STATUS_REFUSED : 0;
}

static int begin(struct enable_call *call, struct fault *fault)
{
	if (geteuid() != 0)
		return fault_set(fault, "only root can change login shells: sudo %s ...",
				 call->command);
	return installed_find(call->arena, &call->installed, fault);
}

static int enable(struct enable_call *call, const struct words *words,
		  struct fault *fault)
{
	struct enable_result result = {0};
	int status;

	if (begin(call, fault) < 0 ||
	    enable_users(call, words->users, &result, fault) < 0)
		return -1;
	status = finish(call, &result);
	if (result.done && !call->only_say)
		puts("Keep a root shell open until one of them has logged in anew. Undo: "
		     "tally disable USER...");
	return status;
}

static int disable(struct enable_call *call, const struct words *words,
		   struct fault *fault)
{
	struct enable_result result = {0};

	if (begin(call, fault) < 0 ||
	    (words->all ? disable_everybody(call, &result, fault)
			: disable_users(call, words->users, &result, fault)) < 0)
		return -1;
	return finish(call, &result);
}

/* 0 to go on, else the exit status is *status. */
static int parse(int argc, char **argv, struct enable_call *call, struct words *words,
		 const char *help, int *status)
{
	static const struct option options[] = {{"all", no_argument, NULL, 'a'},
						{"dry-run", no_argument, NULL, 'n'},
						{"help", no_argument, NULL, 'h'},
						{NULL, 0, NULL, 0}};
	bool disabling = strcmp(argv[0], "disable") == 0;
	int c;

	optind = 1;
	*status = EXIT_STATUS_USAGE;
	while ((c = getopt_long(argc, argv, "nh", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(help, stdout);
			*status = 0;
			return -1;
		}
		if (c == 'n') {
			call->only_say = true;
		} else if (c == 'a' && disabling) {
			words->all = true;
		} else {
			if (c == 'a')
				fputs("tally enable: name the users or %groups; there is "
				      "no --all\n",
				      stderr);
			return -1;
		}
	}
	words->users = argv + optind;
	if (words->all == (optind < argc)) {
		fprintf(stderr, "%s: %s; see %s --help\n", call->command,
			words->all ? "--all takes no names" : "which users?",
			call->command);
		return -1;
	}
	return 0;
}

static int run(int argc, char **argv, const char *command, const char *help,
	       int (*work)(struct enable_call *, const struct words *, struct fault *))
{
	struct enable_call call = {.command = command};
	struct fault fault = {0};
	struct words words = {0};
	char line[FAULT_LINE];
	int status;

	if (parse(argc, argv, &call, &words, help, &status) < 0)
		return status;
	call.arena = arena_new((size_t)256 << 20);
	status = call.arena ? work(&call, &words, &fault)
			    : fault_set(&fault, "out of memory");
	if (status < 0)
		fprintf(stderr, "%s: %s\n", command, fault_line(&fault, line));
	arena_free(call.arena);
	return status < 0 ? EXIT_STATUS_FAILED : status;
}

int enable_command(int argc, char **argv)
{
	return run(argc, argv, "tally enable", enable_help, enable);
}

int disable_command(int argc, char **argv)
{
	return run(argc, argv, "tally disable", disable_help, disable);
}
