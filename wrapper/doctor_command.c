/* tally doctor: which layers are live on this machine, each one tried. */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command_rules.h"
#include "commands.h"
#include "doctor.h"
#include "doctor_scratch.h"
#include "exit_status.h"
#include "probe.h"
#include "session_installed.h"

enum { ALL_SECONDS = 600 }; /* for all tries; about one where nothing is broken */

static const char help[] =
	"usage: tally doctor [--json | --quiet] [--rules DIR]...\n\n"
	"Tries every layer of tallygate on this machine and says which are live, and for "
	"one\n"
	"that is not, how to mend it. A throw-away command that must be blocked is "
	"really "
	"run,\n"
	"in a scratch session of its own; no guarded program is started, and neither "
	"ledger nor\n"
	"audit log are changed. Fit for cron: no terminal, no colours, bounded time.\n\n"
	"  --json       one array of {layer, name, status, detail, mend}; status is ok, "
	"fail or\n"
	"               none (does not apply here)\n"
	"  --quiet      only what has failed: nothing where all is well, so that cron "
	"mails nothing\n"
	"  --rules DIR  these rule directories instead of the session's (repeatable)\n"
	"  --help\n\n"
	"Exit status: 0 all is well, 1 something has failed, 2 for a wrong call.\n";

static void (*const groups[])(struct doctor *doctor) = {
	doctor_rules, doctor_kernel, doctor_shim, doctor_session,   doctor_ledger,
	doctor_audit, doctor_tools,  doctor_sudo, doctor_installed,
};

/* ---- what everything else needs ---- */

static void find_installed(struct doctor *doctor)
{
	struct fault fault = {0};
	char line[FAULT_LINE];

	if (daemon_config_load(doctor->arena, DAEMON_CONFIG, &doctor->config, &fault) < 0)
		doctor_fail(doctor, "rules", "tallygate.cfg",
			    "mend it; until then the defaults hold", "%s",
			    fault_line(&fault, line));
	doctor->state = doctor->config.state;
	doctor->log = doctor->config.log;
	if (doctor->config.rules && doctor->rules == doctor->session.rules &&
	    !doctor->session.installed)
		doctor->rules = doctor->config.rules;
}

static void find_session(struct doctor *doctor, const char *const *given)
{
	const char *named = session_named();
	struct fault fault = {0};
	char line[FAULT_LINE];

	if (session_load(doctor->arena, named, &doctor->session, &fault) < 0) {
		doctor_fail(doctor, "rules", "directories",
			    named ? "leave this session and log in again"
				  : "install the rules again, or name them with --rules",
			    "%s", fault_line(&fault, line));
		memset(&doctor->session, 0, sizeof(doctor->session));
		(void)session_defaults(doctor->arena, given, &doctor->session, &fault);
	}
	doctor->rules = given ? given : doctor->session.rules;
	doctor->state = doctor->log = doctor->session.state;
	doctor->installed =
		doctor->session.installed || session_is_installed(doctor->arena);
	if (doctor->installed)
		find_installed(doctor);
}

static int find_program(struct doctor *doctor)
{
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (length > 0)
		doctor->program = arena_strndup(doctor->arena, path, (size_t)length);
	doctor->directory = session_program_directory(doctor->arena);
	return doctor->program && doctor->directory ? 0 : -1;
}

static int examine(struct doctor *doctor, const char *const *given, doctor_printer *print)
{
	struct fault fault = {0};
	int printed;

	if (find_program(doctor) < 0) {
		fputs("tally doctor: /proc/self/exe cannot be read: is /proc mounted?\n",
		      stderr);
		return 1;
	}
	find_session(doctor, given);
	if (doctor_scratch_make(doctor, &fault) < 0)
		doctor_fail(
			doctor, "kernel", "scratch directory",
			"make room in one of them, on a filesystem that is not noexec",
			"%s", fault.text);
	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups) && !doctor->stopped; i++)
		groups[i](doctor);
	doctor_scratch_remove(doctor);
	if (doctor->stopped)
		return 128 + doctor->stopped;
	printed = print(doctor);
	if (printed < 0)
		fputs("tally doctor: out of memory: some results are missing\n", stderr);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "tally doctor: the results cannot be written: %s\n",
			strerror(errno));
		return 1;
	}
	return printed < 0 || doctor_failed(doctor) ? 1 : 0;
}

/* ---- two processes: the one that was called, and one without children of others ---- */

static void watched_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGCHLD);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGQUIT);
}

static _Noreturn void work(struct command_rules *rules, const sigset_t *signals,
			   doctor_printer *print)
{
	struct doctor doctor = {.arena = rules->arena};
	int status;

	/* What a try leaves behind becomes our child, and is ended with it. */
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	doctor.signals = signalfd(-1, signals, SFD_CLOEXEC | SFD_NONBLOCK);
	status = examine(&doctor, rules->given_count ? rules->directories : NULL, print);
	fflush(stderr);
	_exit(status);
}

/* Whatever hangs (a PATH on a server that is gone), this process ends in time. */
static int supervise(pid_t worker, const sigset_t *signals)
{
	int64_t limit = probe_clock() + ALL_SECONDS * 1000;
	struct timespec second = {.tv_sec = 1};
	siginfo_t info;
	int status;

	for (;;) {
		if (waitpid(worker, &status, WNOHANG) == worker)
			return WIFEXITED(status) ? WEXITSTATUS(status)
						 : 128 + WTERMSIG(status);
		if (probe_clock() > limit) {
			kill(worker, SIGTERM);
			fprintf(stderr,
				"tally doctor: something has kept it for more than %d "
				"seconds: is a directory of PATH or the state directory "
				"on a server that does not answer?\n",
				ALL_SECONDS);
			return 1;
		}
		/* Ctrl-C reaches both; a kill of one is handed on. */
		if (sigtimedwait(signals, &info, &second) > 0 &&
		    info.si_signo != SIGCHLD && info.si_code <= 0)
			kill(worker, info.si_signo);
	}
}

static int run(struct command_rules *rules, doctor_printer *print)
{
	struct sigaction standard = {.sa_handler = SIG_DFL};
	sigset_t signals;
	pid_t worker;

	watched_signals(&signals);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	sigaction(SIGCHLD, &standard, NULL);
	worker = fork();
	if (worker < 0) {
		fprintf(stderr, "tally doctor: no process can be started: %s\n",
			strerror(errno));
		return 1;
	}
	if (worker == 0)
		work(rules, &signals, print);
	return supervise(worker, &signals);
}

int doctor_command(int argc, char **argv)
{
	static const struct option options[] = {{"json", no_argument, NULL, 'j'},
						{"quiet", no_argument, NULL, 'q'},
						{"rules", required_argument, NULL, 'r'},
						{"help", no_argument, NULL, 'h'},
						{NULL, 0, NULL, 0}};
	struct command_rules rules = {.command = "doctor"};
	doctor_printer *print = doctor_print_text;
	int c, status = 0;

	optind = 1;
	while ((c = getopt_long(argc, argv, "hjq", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(help, stdout);
			return 0;
		}
		if (c == 'j')
			print = doctor_print_json;
		else if (c == 'q')
			print = doctor_print_failures;
		else if (c == 'r')
			status = command_rules_add(&rules, optarg);
		else
			status = EXIT_STATUS_USAGE;
		if (status)
			return status;
	}
	if (optind < argc)
		return command_usage("doctor", "%s: expected nothing but options",
				     argv[optind]);
	if (rules.given_count)
		status = command_rules_find(&rules);
	else
		rules.arena = arena_new(256 << 20);
	if (status == 0 && !rules.arena) {
		fputs("tally doctor: out of memory\n", stderr);
		status = 1;
	}
	if (status == 0)
		status = run(&rules, print);
	command_rules_close(&rules);
	return status == EXIT_STATUS_FAILED ? 1 : status;
}
