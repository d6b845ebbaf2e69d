#include "doctor_try.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe.h"
#include "process.h"

enum {
	LOOK_MS = 20,	/* between two looks at what is left of a try */
	GRACE_MS = 3000 /* for what ends by itself when the tried program has ended */
};

struct attempt {
	const char *const *argv, *const *env;
	int (*run)(void *context);
	void *context;
	int output; /* a memfd */
};

/* ---- in the child ---- */

static void plain_signals(void)
{
	struct sigaction standard = {.sa_handler = SIG_DFL};
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		(void)sigaction(i, &standard, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void attempt_start(const struct attempt *attempt)
{
	int input = open("/dev/null", O_RDWR), status;

	plain_signals();
	(void)setsid();
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (input < 0 || dup2(input, 0) < 0 || dup2(attempt->output, 1) < 0 ||
	    dup2(attempt->output, 2) < 0)
		_exit(125);
	closefrom(3);
	if (attempt->run) {
		status = attempt->run(attempt->context);
		fflush(stdout);
		_exit(status);
	}
	execve(attempt->argv[0], (char *const *)attempt->argv,
	       (char *const *)attempt->env);
	dprintf(2, "%s: %s\n", attempt->argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

/* ---- in the doctor ---- */

/* What a try has started and left behind has come to us, as we are a subreaper. */
static void kill_children(void)
{
	DIR *directory = opendir("/proc");
	struct dirent *entry;

	if (!directory)
		return;
	while ((entry = readdir(directory))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
		struct process process;

		if (pid > 0 && process_look(pid, &process) && process.parent == getpid())
			kill(pid, SIGKILL);
	}
	closedir(directory);
}

/* Buries the dead; true when no child is left. `status` gets that of `pid`. */
static bool bury(pid_t pid, int *status, bool *ended)
{
	for (;;) {
		int found;
		pid_t dead = waitpid(-1, &found, WNOHANG | __WALL);

		if (dead < 0 && errno == EINTR)
			continue;
		if (dead <= 0)
			return dead < 0;
		if (dead == pid) {
			*status = found;
			*ended = true;
		}
	}
}

/* Waits a moment, less when something happens; false when we have to end. */
static bool wait_a_moment(struct doctor *doctor)
{
	struct pollfd signals = {.fd = doctor->signals, .events = POLLIN};
	struct signalfd_siginfo info;

	if (doctor->stopped)
		return false;
	if (poll(&signals, 1, LOOK_MS) <= 0 ||
	    read(doctor->signals, &info, sizeof(info)) != sizeof(info))
		return true;
	if (info.ssi_signo == SIGCHLD)
		return true;
	doctor->stopped = (int)info.ssi_signo;
	return false;
}

static void wait_for_end(struct doctor *doctor, pid_t pid, unsigned seconds,
			 struct doctor_try *try)
{
	int64_t limit = probe_clock() + (int64_t)seconds * 1000, grace = 0;
	bool ended = false;
	int status = 0;

	while (!bury(pid, &status, &ended)) {
		int64_t now = probe_clock();

		if (ended && !grace)
			grace = now + GRACE_MS;
		if (doctor->stopped || (ended ? now > grace : now > limit)) {
			try->late |= !ended && !doctor->stopped;
			kill_children();
		}
		if (!wait_a_moment(doctor))
			poll(NULL, 0, LOOK_MS);
	}
	try->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static const char *read_output(const struct doctor *doctor, int output)
{
	off_t size = lseek(output, 0, SEEK_END);
	char *text;
	ssize_t length;

	if (size > TRY_OUTPUT)
		size = TRY_OUTPUT;
	if (size < 0 || !(text = arena_alloc(doctor->arena, (size_t)size + 1)))
		return NULL;
	length = pread(output, text, (size_t)size, 0);
	if (length < 0)
		length = 0;
	while (length > 0 && text[length - 1] == '\n')
		length--;
	text[length] = '\0';
	return text;
}

static void run_attempt(struct doctor *doctor, struct attempt *attempt, unsigned seconds,
			struct doctor_try *try)
{
	pid_t pid;

	*try = (struct doctor_try){.output = "", .status = 125};
	attempt->output = memfd_create("tally-doctor", MFD_CLOEXEC);
	if (attempt->output < 0 || doctor->stopped)
		return;
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		attempt_start(attempt);
	if (pid > 0) {
		wait_for_end(doctor, pid, seconds, try);
		try->output = read_output(doctor, attempt->output);
		try->started = try->output != NULL;
	}
	if (!try->output)
		try->output = "";
	close(attempt->output);
}

void doctor_try_program(struct doctor *doctor, const char *const *argv,
			const char *const *env, unsigned seconds, struct doctor_try *try)
{
	struct attempt attempt = {.argv = argv, .env = env};

	if (argv[0] && env)
		run_attempt(doctor, &attempt, seconds, try);
	else
		*try = (struct doctor_try){.output = "", .status = 125};
}

void doctor_try_function(struct doctor *doctor, int (*run)(void *context), void *context,
			 unsigned seconds, struct doctor_try *try)
{
	struct attempt attempt = {.run = run, .context = context};

	run_attempt(doctor, &attempt, seconds, try);
}

const char *doctor_try_text(const struct doctor *doctor, const struct doctor_try *try)
{
	const char *line = strrchr(try->output, '\n'), *text;

	line = line ? line + 1 : try->output;
	if (!try->started)
		return "no process could be started for it";
	if (try->late)
		text = arena_printf(doctor->arena, "it took too long and was ended%s%s",
				    *line ? ": " : "", line);
	else if (try->status > 128)
		text = arena_printf(doctor->arena, "ended by signal %d%s%s",
				    try->status - 128, *line ? ": " : "", line);
	else
		text = *line ? line
			     : arena_printf(doctor->arena, "exit status %d", try->status);
	return text ? text : "out of memory";
}
