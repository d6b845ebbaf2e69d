#include "session_run.h"

#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "descriptors.h"
#include "execute.h"
#include "exit_status.h"
#include "process.h"
#include "session_front.h"
#include "session_keeper.h"
#include "session_link.h"
#include "supervise.h"

/* What the caller left us with, and the program is to have again. */
struct caller {
	sigset_t mask;
	struct sigaction child;
};

struct start {
	struct arena *arena;
	struct session *session;
	const struct session_program *program;
	struct caller caller;
};

static void take_over_signals(struct caller *caller)
{
	struct sigaction standard = {.sa_handler = SIG_DFL};
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &caller->mask);
	/* Ignored, it would take the wait statuses away; waitpid(2). */
	sigaction(SIGCHLD, &standard, &caller->child);
}

static void give_back_signals(const struct caller *caller)
{
	sigaction(SIGCHLD, &caller->child, NULL);
	sigprocmask(SIG_SETMASK, &caller->mask, NULL);
}

static int make_link(int link[2], struct fault *fault)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, link) < 0)
		return fault_set(fault, "no pair of sockets: %s", strerror(errno));
	return 0;
}

/* ---- the shell, before it is one ---- */

/*
 * The shim at the head, once, before whatever else is preloaded. When the loader cannot
 * load it (it has not been built, or there is a blank in its path), it would say so at
 * every start of every program; then the supervisor does without.
 */
static int set_preload(const struct start *start)
{
	const char *shim = session_shim(start->arena, start->session);
	const char *others = getenv("LD_PRELOAD");

	if (!shim)
		return -1;
	/* cppcheck-suppress leakReturnValNotUsed ; only whether it can be loaded is asked */
	if (strpbrk(shim, " :\t\n") || !dlopen(shim, RTLD_LAZY | RTLD_LOCAL))
		return 0;
	if (!others || !*others)
		return setenv("LD_PRELOAD", shim, 1);
	if (strncmp(others, shim, strlen(shim)) == 0)
		return 0;
	shim = arena_printf(start->arena, "%s:%s", shim, others);
	return shim ? setenv("LD_PRELOAD", shim, 1) : -1;
}

static int set_environment(const struct start *start, const char *directory)
{
	if (set_preload(start) < 0 || setenv("TALLY_SESSION", directory, 1) < 0 ||
	    setenv("SHELL", start->session->shell, 1) < 0)
		return -1;
	return 0;
}

static _Noreturn void become(const struct start *start, const char *directory)
{
	const struct session_program *program = start->program;
	struct replay none = {0};
	struct fault fault;
	int error;

	if (set_environment(start, directory) < 0) {
		fprintf(stderr, "tallygate: out of memory\n");
		_exit(EXIT_STATUS_FAILED);
	}
	give_back_signals(&start->caller);
	error = execute_program(program->path, program->argv, environ, &none, &fault);
	fprintf(stderr, "tallygate: %s: %s\n", program->path, strerror(error));
	_exit(execute_status(error));
}

static _Noreturn void shell_start(const struct start *start, int link)
{
	struct word word = {.kind = WORD_FILTERED};
	struct fault fault = {0};
	int listener = supervise_install(&fault);

	if (listener < 0) {
		word.kind = listener == SUPERVISE_NESTED ? WORD_NESTED : WORD_FAILED;
		memcpy(word.text, fault.text, sizeof(fault.text));
	}
	if (word_send(link, &word, listener) < 0)
		_exit(EXIT_STATUS_FAILED);
	/* An exec in a process that holds the listener would wait for itself. */
	if (listener >= 0)
		close(listener);
	if (word_receive(link, &word, NULL) <= 0 || word.kind != WORD_GO)
		_exit(EXIT_STATUS_FAILED);
	close(link);
	become(start, word.directory);
}

/* ---- the supervisor, before it serves ---- */

/* `link` is to the shell, which ends when it closes. */
static _Noreturn void give_up(const struct keeper *keeper, int link, enum word_kind kind,
			      const char *text)
{
	struct word word = {.kind = kind};

	close(link);
	if (keeper->shell > 0)
		waitpid(keeper->shell, NULL, 0);
	snprintf(word.text, sizeof(word.text), "%s", text);
	(void)word_send(keeper->link, &word, -1);
	_exit(EXIT_STATUS_FAILED);
}

/* What the user should know: that nobody supervises, or that the rules are broken. */
static int say_ready(const struct keeper *keeper, const char *unsupervised,
		     const struct fault *broken, bool warn)
{
	struct word word = {.kind = WORD_READY, .pid = keeper->shell};

	snprintf(word.directory, sizeof(word.directory), "%s",
		 keeper->session->directory);
	if (unsupervised)
		snprintf(word.text, sizeof(word.text),
			 "this session has no supervisor, only the preloaded library: "
			 "what starts programs without it goes unseen (%.900s)",
			 unsupervised);
	else if (warn && broken->text[0] && broken->file[0])
		snprintf(word.text, sizeof(word.text),
			 "%s:%d: %s\ntallygate: guarded programs are refused until this "
			 "is put right",
			 broken->file, broken->line, broken->text);
	else if (warn && broken->text[0])
		snprintf(word.text, sizeof(word.text),
			 "%s\ntallygate: guarded programs are refused until this is put "
			 "right",
			 broken->text);
	return word_send(keeper->link, &word, -1);
}

static int shell_fork(const struct start *start, int front, int link[2])
{
	pid_t shell = fork();

	if (shell == 0) {
		close(front);
		close(link[0]);
		shell_start(start, link[1]);
	}
	close(link[1]);
	return shell;
}

static _Noreturn void supervisor_start(const struct start *start, int front)
{
	struct session *session = start->session;
	struct keeper keeper = {.session = session, .link = front, .listener = -1};
	struct fault fault = {0}, broken = {0};
	const char *unsupervised = NULL;
	struct process self = {0};
	struct word word, go = {.kind = WORD_GO};
	int link[2], keep[3];

	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 || make_link(link, &fault) < 0)
		give_up(&keeper, -1, WORD_FAILED, "the supervisor cannot be set up");
	keeper.shell = shell_fork(start, front, link);
	if (keeper.shell < 0)
		give_up(&keeper, link[0], WORD_FAILED, strerror(errno));
	if (word_receive(link[0], &word, &keeper.listener) <= 0)
		give_up(&keeper, link[0], WORD_FAILED,
			"the shell died before it was one");
	if (word.kind == WORD_NESTED)
		give_up(&keeper, link[0], WORD_NESTED, "");
	if (word.kind == WORD_FAILED) {
		if (!start->program->shim_alone)
			give_up(&keeper, link[0], WORD_FAILED, word.text);
		unsupervised = word.text;
	} else if (process_look(getpid(), &self)) {
		session->supervisor = self.pid;
		session->supervisor_start = self.start;
	}
	if (session_create(start->arena, session, &broken, &fault) < 0)
		give_up(&keeper, link[0], WORD_FAILED, fault.text);
	keeper_leave_group();
	snprintf(go.directory, sizeof(go.directory), "%s", session->directory);
	if (say_ready(&keeper, unsupervised, &broken, start->program->warn) < 0 ||
	    word_receive(front, &word, NULL) <= 0 || word.kind != WORD_GO ||
	    word_send(link[0], &go, -1) < 0) {
		kill(keeper.shell, SIGKILL);
		session_remove(session);
		_exit(EXIT_STATUS_FAILED);
	}
	keep[0] = front;
	keep[1] = keeper.listener;
	keep[2] = -1;
	descriptors_release(keep, 3);
	prctl(PR_SET_NAME, "tally-supervise");
	(void)!chdir("/"); /* to keep no file system busy */
	keeper_serve(&keeper);
	session_remove(session);
	_exit(0);
}

/* ---- the front ---- */

static int start_all(const struct start *start, struct front *front, struct word *word,
		     struct fault *fault)
{
	int link[2];

	if (make_link(link, fault) < 0)
		return -1;
	front->supervisor = fork();
	if (front->supervisor == 0) {
		close(link[0]);
		supervisor_start(start, link[1]);
	}
	close(link[1]);
	front->link = link[0];
	if (front->supervisor < 0) {
		close(link[0]);
		return fault_set(fault, "no further process: %s", strerror(errno));
	}
	if (word_receive(front->link, word, NULL) <= 0) {
		word->kind = WORD_FAILED;
		snprintf(word->text, sizeof(word->text), "the supervisor died at once");
	}
	if (word->kind == WORD_READY) {
		front->shell = word->pid;
		front->directory = word->directory;
		front->shell_handle = (int)syscall(SYS_pidfd_open, front->shell, 0);
		if (front->shell_handle >= 0)
			return 0;
		fault_set(fault, "the shell cannot be watched: %s", strerror(errno));
	} else {
		fault_set(fault, "%.900s", word->text);
	}
	close(front->link);
	waitpid(front->supervisor, NULL, 0);
	return word->kind == WORD_NESTED ? SESSION_NESTED : -1;
}

int session_run(struct arena *arena, struct session *session,
		const struct session_program *program, struct fault *fault)
{
	struct start start = {.arena = arena, .session = session, .program = program};
	struct front front = {0};
	struct word word;
	int result, was_reaper = 0;

	take_over_signals(&start.caller);
	/* Should the supervisor die, the shell becomes a child of ours. */
	prctl(PR_GET_CHILD_SUBREAPER, &was_reaper);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	result = start_all(&start, &front, &word, fault);
	if (result < 0) {
		prctl(PR_SET_CHILD_SUBREAPER, was_reaper);
		give_back_signals(&start.caller);
		return result;
	}
	if (word.text[0])
		fprintf(stderr, "tallygate: %s\n", word.text);
	return front_end(front_wait(&front));
}
