/*
 * What was looked at must be what runs. A caller that shares its memory with a running task
 * can show one path and let the kernel read another: its exec is watched until the new
 * program stands before its first instruction. The path of a caller that cannot be read is
 * not known before it has become something else.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "supervisor.h"
#include "trace.h"

enum {
	QUIET_PAUSES = 60,  /* some 3 ms: until then an exec is taken to be on its way */
	SEIZE_PAUSES = 100, /* for another thread of ours to let it go */
	AFTER_MS = 2000,
	MOST_MISSED = 100,
};

/* Of other ABIs than the one this is compiled for; taken on all machines, as it only waits. */
enum {
	COMPAT_EXECVE = 11,
	COMPAT_EXECVEAT = 358,
	X32_EXECVE = 520,
	X32_EXECVEAT = 545,
	X32_BIT = 0x40000000,
};

/* ---- the table ---- */

static bool watch(struct supervisor *supervisor, pid_t tid)
{
	bool done = false;

	pthread_mutex_lock(&supervisor->lock);
	for (size_t i = 0; i < MOST_WATCHED && !done; i++) {
		if (supervisor->watched[i].tid)
			continue;
		supervisor->watched[i] = (struct watched){tid, NULL};
		supervisor->watched_count++;
		done = true;
	}
	pthread_mutex_unlock(&supervisor->lock);
	return done;
}

/* What the thread has called meanwhile; with `last` it is watched no longer. */
static struct pending *take_next(struct supervisor *supervisor, pid_t tid, bool last)
{
	struct pending *next = NULL;

	pthread_mutex_lock(&supervisor->lock);
	for (size_t i = 0; i < MOST_WATCHED; i++) {
		struct watched *entry = &supervisor->watched[i];

		if (entry->tid != tid)
			continue;
		next = entry->next;
		entry->next = NULL;
		if (last) {
			entry->tid = 0;
			supervisor->watched_count--;
		}
		break;
	}
	pthread_mutex_unlock(&supervisor->lock);
	return next;
}

/* ---- what it has become ---- */

/* Ends it at once, and says so then. */
static void end(struct supervisor *supervisor, pid_t process, int pidfd, const char *name)
{
	char line[NAME_MAX + 160];
	int err = caller_stderr(process);

	if (pidfd < 0)
		kill(process, SIGKILL);
	else
		syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
	snprintf(line, sizeof(line),
		 "tallygate: %.255s was ended: process %ld started it past the gate\n",
		 name, (long)process);
	caller_tell(err, line);
	session_log(supervisor->session,
		    "ended %s (process %ld): its caller had not shown this program", name,
		    (long)process);
}

/* Its parent is not told before its tracer has looked. */
static void await_end(pid_t process)
{
	int signal;

	for (unsigned int i = 0; trace_look(process, &signal) != TRACE_GONE; i++)
		trace_pause(i);
}

/* Of tallyd: the gate, or what a gate was to execute. True when it is held no longer. */
static bool check_installed(struct supervisor *supervisor, pid_t process,
			    const struct granted *granted)
{
	const struct supervisor_daemon *daemon = supervisor->daemon;
	const char *why;

	if (exec_is_gate(&supervisor->finder, process)) {
		if (trace_secure(process) == 0 &&
		    daemon->gate_stands(supervisor->daemon_context, supervisor->session,
					process)) {
			trace_release(process, 0);
			return true;
		}
		why = "the gate could not be closed to its caller";
		end(supervisor, process, -1, "tally-gate");
	} else if (granted && granted_is(granted, process)) {
		trace_release(process, 0);
		return true;
	} else if (granted) {
		why = "what was executed is not what had been let through";
		end(supervisor, process, -1, "a program");
	} else {
		return false;
	}
	daemon->alert(supervisor->daemon_context, supervisor->session, process,
		      "program-ended", why);
	await_end(process);
	return true;
}

/* It stands before its first instruction. */
static void check(struct supervisor *supervisor, pid_t process,
		  const struct granted *granted)
{
	char name[NAME_MAX + 1];
	bool seen;

	if (supervisor->daemon && check_installed(supervisor, process, granted))
		return;
	if (!exec_runs_guarded(&supervisor->finder, process, &seen, name)) {
		trace_release(process, 0);
		return;
	}
	end(supervisor, process, -1, name);
	await_end(process);
	if (supervisor->daemon)
		supervisor->daemon->alert(supervisor->daemon_context, supervisor->session,
					  process, "program-ended",
					  "its caller had not shown this program");
}

/* ---- held ---- */

/* True while the thread is in a system call that executes. */
static bool in_exec(pid_t tid)
{
	char path[64], text[256];
	long number;
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/syscall", (long)tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	length = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (length <= 0)
		return false;
	text[length] = '\0';
	number = strtol(text, NULL, 10) & ~X32_BIT;
	return number == SYS_execve || number == SYS_execveat || number == 11 ||
	       number == COMPAT_EXECVE || number == COMPAT_EXECVEAT ||
	       number == X32_EXECVE || number == X32_EXECVEAT;
}

static int seize(pid_t tid)
{
	struct caller_status status;
	int error = -ESRCH;

	for (unsigned int i = 0; i < SEIZE_PAUSES; i++) {
		error = trace_seize(tid, PTRACE_O_TRACEEXEC);
		if (error == 0 || !caller_status(tid, &status) ||
		    !caller_traced_by_us(status.tracer))
			return error;
		trace_pause(i);
	}
	return error;
}

/*
 * The thread, still held, has called again, so the exec before has failed. True when it is
 * held no longer.
 */
static bool called_again(struct pending *again, struct granted **granted)
{
	bool released = false;

	settle_find(again);
	free(*granted);
	*granted = again->granted;
	again->granted = NULL;
	if (*granted) {
		caller_continue(&again->caller);
		settle_drop(again);
		return false;
	}
	switch (again->target.kind) {
	case EXEC_FREE:
	case EXEC_GATE:
		caller_continue(&again->caller);
		break;
	case EXEC_UNREADABLE:
		caller_refuse(&again->caller, EPERM);
		break;
	default:
		take_next(again->supervisor, again->caller.tid, true);
		settle_guarded(again, true);
		released = true;
	}
	settle_drop(again);
	return released;
}

static bool held_here(pid_t tid)
{
	struct caller_status status;

	return caller_status(tid, &status) && status.tracer == gettid();
}

/*
 * A thread that is not the leader gets the leader's number by its exec. While the two change
 * places it may for a moment seem that neither is there.
 */
static enum trace_stop look_at_leader(pid_t process, unsigned int *missed, int *signal)
{
	if (held_here(process)) {
		*missed = 0;
		return trace_look(process, signal);
	}
	return ++*missed > MOST_MISSED ? TRACE_GONE : TRACE_RUNS;
}

/* Follows the exec to its end, well or badly. */
static void follow(struct supervisor *supervisor, pid_t tid, pid_t process,
		   struct granted **granted)
{
	bool interrupted = false;
	unsigned int missed = 0;

	for (unsigned int i = 0;; i++) {
		struct pending *again = take_next(supervisor, tid, false);
		enum trace_stop stop;
		pid_t now = tid;
		int signal;

		if (again) {
			if (called_again(again, granted))
				return;
			i = 0;
		}
		stop = trace_look(tid, &signal);
		if (stop == TRACE_GONE && tid != process) {
			now = process;
			stop = look_at_leader(process, &missed, &signal);
		}
		switch (stop) {
		case TRACE_EXECED:
			check(supervisor, now, *granted);
			return;
		case TRACE_STOPS:
			trace_release(now, 0);
			return;
		case TRACE_SIGNAL:
			ptrace(PTRACE_CONT, now, NULL, (long)signal);
			break;
		case TRACE_GONE:
			return;
		case TRACE_RUNS:
			/* It goes on with something else: its exec has failed. */
			if (!interrupted && i > QUIET_PAUSES && !in_exec(tid))
				interrupted =
					ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) == 0;
			break;
		}
		trace_pause(i);
	}
}

/* What has to be held to go on, and cannot be. */
static void refuse_unheld(struct pending *pending)
{
	settle_explain(pending,
		       "its process is traced by another one, which could change "
		       "what runs; start it without a debugger");
	caller_refuse(&pending->caller, EPERM);
	settle_drop(pending);
}

void observe_exec(struct pending *pending)
{
	struct supervisor *supervisor = pending->supervisor;
	struct granted *granted = pending->granted;
	struct pending *again;
	struct caller_status status;
	pid_t tid = pending->caller.tid;

	if (!caller_status(tid, &status) || !caller_waiting(&pending->caller)) {
		caller_continue(&pending->caller);
		settle_drop(pending);
		return;
	}
	if (seize(tid) < 0) {
		if (supervisor->daemon && (granted || pending->target.kind == EXEC_GATE))
			refuse_unheld(pending);
		else
			observe_after(pending);
		return;
	}
	if (!watch(supervisor, tid)) {
		/* Too many at once: it tries again, and is seen again. */
		caller_refuse(&pending->caller, EAGAIN);
		ptrace(PTRACE_INTERRUPT, tid, NULL, NULL);
	} else {
		caller_continue(&pending->caller);
	}
	pending->granted = NULL;
	settle_drop(pending);
	follow(supervisor, tid, status.process, &granted);
	free(granted);
	again = take_next(supervisor, tid, true);
	if (again)
		settle_slowly(again);
}

/* ---- not held ---- */

/* What a process is, as far as it can be seen. */
struct look {
	bool seen, guarded;
	char name[NAME_MAX + 1];
	char line[256]; /* the beginning of its command line */
};

static struct look look_at(struct supervisor *supervisor, pid_t process)
{
	struct look look = {0};
	char path[64];
	ssize_t length;
	int fd;

	look.guarded =
		exec_runs_guarded(&supervisor->finder, process, &look.seen, look.name);
	snprintf(path, sizeof(path), "/proc/%ld/cmdline", (long)process);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return look;
	length = read(fd, look.line, sizeof(look.line));
	if (length < 0)
		look.seen = false;
	close(fd);
	return look;
}

static bool same(const struct look *a, const struct look *b)
{
	return a->seen == b->seen && strcmp(a->name, b->name) == 0 &&
	       memcmp(a->line, b->line, sizeof(a->line)) == 0;
}

/* Waits until the process is something else than it was, and looks at that. */
static void look_after(struct supervisor *supervisor, pid_t process, int pidfd,
		       const struct look *before)
{
	int64_t until = supervisor_now() + AFTER_MS;

	for (unsigned int i = 0; supervisor_now() < until; i++) {
		struct look now;

		trace_pause(i);
		if (syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0) < 0)
			return;
		now = look_at(supervisor, process);
		if (!now.seen || same(before, &now))
			continue;
		if (now.guarded)
			end(supervisor, process, pidfd, now.name);
		return;
	}
}

void observe_after(struct pending *pending)
{
	struct supervisor *supervisor = pending->supervisor;
	struct caller_status status;
	struct look before;
	int pidfd;

	if (!caller_status(pending->caller.tid, &status))
		status.process = pending->caller.tid;
	if (pending->target.kind == EXEC_UNREADABLE &&
	    exec_names_guarded(&supervisor->finder, status.process,
			       pending->target.name)) {
		settle_explain(pending, "the supervisor cannot read what its caller "
					"wants; start it from a shell");
		caller_refuse(&pending->caller, EPERM);
		settle_drop(pending);
		return;
	}
	before = look_at(supervisor, status.process);
	pidfd = (int)syscall(SYS_pidfd_open, status.process, 0);
	caller_continue(&pending->caller);
	settle_drop(pending);
	if (pidfd < 0)
		return;
	look_after(supervisor, status.process, pidfd, &before);
	close(pidfd);
}
