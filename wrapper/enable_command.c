/* tally enable, tally disable: who is guarded on this machine, without locking anybody out. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "enable_sshd.h"
#include "enable_system.h"
#include "enable_users.h"
#include "exit_status.h"

enum { STATUS_REFUSED = 1 };

/* clang-format off */
static const char enable_help[] =
"usage: tally enable [--dry-run] USER|%GROUP...\n"
"       tally enable [--dry-run] --sshd %GROUP...\n"
"       tally enable [--dry-run] --system\n\n"
"Makes tallysh their login shell. First it is tried as that user; the shell they have is\n"
"kept, and is what they get inside; what does not work is undone. Root is never changed;\n"
"of a group, members of the break-glass group and accounts that do not log in are passed\n"
"over. Sessions that are open stay as they are.\n\n"
"  --sshd         instead of login shells: sshd starts tallysh for members of these groups\n"
"                 (ForceCommand), also for accounts of a directory service\n"
"  --system       the shim in every program of the machine (/etc/ld.so.preload), after this\n"
"                 machine's programs have been started with it where nobody else sees it\n"
"  -n, --dry-run  checks and tries everything, changes nothing\n"
"  --help\n\n"
"Exit status: 0; 1 when somebody was refused, who is then as before; 2 for a wrong call;\n"
"125 when nothing could be done.\n";

static const char disable_help[] =
"usage: tally disable [--dry-run] USER|%GROUP...\n"
"       tally disable [--dry-run] --sshd|--system|--all\n\n"
"Gives them back the login shell they had before `tally enable`. Sessions that are open\n"
"stay guarded until they end.\n\n"
"  --sshd         takes our file out of sshd's configuration, and tells sshd\n"
"  --system       takes the shim out of /etc/ld.so.preload; where programs no longer start,\n"
"                 /usr/sbin/tally-unpreload does the same by itself\n"
"  --all          all of it, for everybody; the package calls this before it is removed\n"
"  -n, --dry-run  says what would be done\n"
"  --help\n\n"
"Exit status: 0; 1 when somebody's shell could not be given back; 2 for a wrong call;\n"
"125 when nothing could be done.\n";
/* clang-format on */

enum subject { SUBJECT_USERS, SUBJECT_SSHD, SUBJECT_SYSTEM, SUBJECT_ALL };

struct words {
	enum subject subject;
	char **names; /* NULL-terminated */
};

static int finish(const struct enable_call *call, const struct enable_result *result)
{
	printf("%s: %u %s, %u as before, %u passed over, %u refused\n", call->command,
	       result->done, call->only_say ? "would be changed" : "changed",
	       result->not_needed, result->passed_over, result->failed);
	return result->failed ? STATUS_REFUSED : 0;
}

static int enable(const struct enable_call *call, const struct words *words,
		  struct fault *fault)
{
	struct enable_result result = {0};
	int status;

	if (words->subject == SUBJECT_SSHD)
		return sshd_enable(call, words->names, fault);
	if (words->subject == SUBJECT_SYSTEM)
		return system_enable(call, fault);
	if (enable_users(call, words->names, &result, fault) < 0)
		return -1;
	status = finish(call, &result);
	if (result.done && !call->only_say)
		puts("Keep a root shell open until one of them has logged in anew. Undo: "
		     "tally disable USER...");
	return status;
}

static void report(const struct enable_call *call, const struct fault *fault)
{
	char line[FAULT_LINE];

	fprintf(stderr, "%s: %s\n", call->command, fault_line(fault, line));
}

/* One part that fails keeps none of the others from being done. */
static int disable_all(const struct enable_call *call)
{
	struct enable_result result = {0};
	struct fault fault = {0};
	int status;

	if (disable_everybody(call, &result, &fault) < 0) {
		report(call, &fault);
		result.failed++;
	}
	status = finish(call, &result);
	if (sshd_disable(call, &fault) < 0) {
		report(call, &fault);
		status = STATUS_REFUSED;
	}
	if (system_disable(call, &fault) < 0) {
		report(call, &fault);
		status = STATUS_REFUSED;
	}
	return status;
}

static int disable(const struct enable_call *call, const struct words *words,
		   struct fault *fault)
{
	struct enable_result result = {0};
	int done;

	switch (words->subject) {
	case SUBJECT_ALL:
		return disable_all(call);
	case SUBJECT_SSHD:
		done = sshd_disable(call, fault);
		if (done == 0)
			puts("there is no " SSHD_DROP_IN);
		return done < 0 ? -1 : 0;
	case SUBJECT_SYSTEM:
		done = system_disable(call, fault);
		if (done == 0)
			puts("libtally.so is not in /etc/ld.so.preload");
		return done < 0 ? -1 : 0;
	case SUBJECT_USERS:
		break;
	}
	if (disable_users(call, words->names, &result, fault) < 0)
		return -1;
	return finish(call, &result);
}

static int wrong(const struct enable_call *call, const char *what)
{
	fprintf(stderr, "%s: %s; see %s --help\n", call->command, what, call->command);
	return -1;
}

/* Which names belong to what was said. */
static int check_words(const struct enable_call *call, const struct words *words,
		       bool disabling)
{
	bool named = words->names[0] != NULL;

	if (words->subject == SUBJECT_ALL && !disabling)
		return wrong(call, "name the users or %groups; there is no --all");
	if (words->subject == SUBJECT_USERS && !named)
		return wrong(call, "which users?");
	if (words->subject == SUBJECT_SSHD && !disabling && !named)
		return wrong(call, "for which %groups?");
	if (named && (words->subject == SUBJECT_ALL || words->subject == SUBJECT_SYSTEM ||
		      (words->subject == SUBJECT_SSHD && disabling)))
		return wrong(call, "no names belong to this");
	return 0;
}

/* 0 to go on, else the exit status is *status. */
static int parse(int argc, char **argv, struct enable_call *call, struct words *words,
		 bool disabling, int *status)
{
	static const struct option options[] = {
		{"all", no_argument, NULL, 'a'},    {"sshd", no_argument, NULL, 's'},
		{"system", no_argument, NULL, 'y'}, {"dry-run", no_argument, NULL, 'n'},
		{"help", no_argument, NULL, 'h'},   {NULL, 0, NULL, 0}};
	enum subject subject = SUBJECT_USERS;
	int c;

	optind = 1;
	*status = EXIT_STATUS_USAGE;
	while ((c = getopt_long(argc, argv, "nh", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(disabling ? disable_help : enable_help, stdout);
			*status = 0;
			return -1;
		}
		if (c == '?')
			return -1;
		if (c == 'n') {
			call->only_say = true;
			continue;
		}
		subject = c == 'a'   ? SUBJECT_ALL
			  : c == 's' ? SUBJECT_SSHD
				     : SUBJECT_SYSTEM;
		if (words->subject != SUBJECT_USERS && words->subject != subject)
			return wrong(call, "one of --sshd, --system, --all at a time");
		words->subject = subject;
	}
	words->names = argv + optind;
	return check_words(call, words, disabling);
}

static int begin(struct enable_call *call, struct fault *fault)
{
	call->arena = arena_new((size_t)256 << 20);
	if (!call->arena)
		return fault_set(fault, "out of memory");
	if (geteuid() != 0)
		return fault_set(fault, "only root can do this: sudo %s ...",
				 call->command);
	return installed_find(call->arena, &call->installed, fault);
}

static int run(int argc, char **argv, bool disabling)
{
	struct enable_call call = {.command =
					   disabling ? "tally disable" : "tally enable"};
	struct fault fault = {0};
	struct words words = {0};
	int status;

	if (parse(argc, argv, &call, &words, disabling, &status) < 0)
		return status;
	status = begin(&call, &fault);
	if (status == 0)
		status = disabling ? disable(&call, &words, &fault)
				   : enable(&call, &words, &fault);
	if (status < 0)
		report(&call, &fault);
	arena_free(call.arena);
	return status < 0 ? EXIT_STATUS_FAILED : status;
}

int enable_command(int argc, char **argv)
{
	return run(argc, argv, false);
}

int disable_command(int argc, char **argv)
{
	return run(argc, argv, true);
}
