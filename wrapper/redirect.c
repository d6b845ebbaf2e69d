#include "redirect.h"

#include <errno.h>
#include <limits.h>
#include <sys/ptrace.h>
#include <unistd.h>

#include "trace.h"

enum {
	SEIZE_PAUSES = 100, /* for another thread of ours to let it go */
};

/* Another thread of this process may be about to let it go. */
static enum redirect_result seize(pid_t tid)
{
	struct caller_status status;
	int error = 0;

	for (unsigned int i = 0; i < SEIZE_PAUSES; i++) {
		error = trace_seize(tid, 0);
		if (error == 0)
			return REDIRECT_DONE;
		if (!caller_status(tid, &status))
			return REDIRECT_GONE;
		if (!caller_traced_by_us(status.tracer))
			return status.tracer ? REDIRECT_TRACED : REDIRECT_CLOSED;
		trace_pause(i);
	}
	return REDIRECT_CLOSED;
}

/*
 * Waits until the thread stands between its system call and its next instruction. It has its
 * answer, so this takes as long as the scheduler takes to let it run; it cannot be let go
 * before.
 */
static bool await_stop(pid_t tid)
{
	for (unsigned int i = 0;; i++) {
		int signal;

		switch (trace_look(tid, &signal)) {
		case TRACE_STOPS:
			return true;
		case TRACE_GONE:
			return false;
		case TRACE_SIGNAL:
		case TRACE_EXECED:
			/* The stop that was asked for is still to come. */
			ptrace(PTRACE_CONT, tid, NULL, (long)signal);
			break;
		case TRACE_RUNS:
			break;
		}
		trace_pause(i);
	}
}

/* An address in the caller that holds an empty string: the end of its path. */
static bool find_empty(const struct caller *caller, uint64_t *empty)
{
	char path[PATH_MAX];
	ssize_t length = caller_string(caller, caller->path, path, sizeof(path));

	if (length < 0)
		return false;
	*empty = caller->path + (uint64_t)length;
	return true;
}

enum redirect_result redirect(const struct caller *caller, bool seized, int gate,
			      const char *session, const struct exec_target *target,
			      void (*stopped)(void *context, int gate, int error),
			      void *context)
{
	struct handover_given given = {-1, -1, -1};
	enum redirect_result result = REDIRECT_DONE;
	uint64_t empty = 0;
	int error;

	if (!seized)
		result = seize(caller->tid);
	if (result != REDIRECT_DONE)
		return result;
	/* From here on the thread has to be stopped before it can be let go. */
	if (!find_empty(caller, &empty))
		error = EFAULT;
	else if (caller->abi == CALLER_FOREIGN)
		error = ENOSYS;
	else
		error = -handover_give(caller, gate, session, target, &given);
	ptrace(PTRACE_INTERRUPT, caller->tid, NULL, NULL);
	/*
	 * It leaves the call by this answer, or, where signals may interrupt the waiting, has
	 * done so by the interrupt already.
	 */
	caller_refuse(caller, EPERM);
	if (!await_stop(caller->tid))
		return REDIRECT_GONE;
	if (error == 0)
		error = -trace_execveat(caller, given.gate, empty);
	stopped(context, given.gate, error);
	trace_release(caller->tid, 0);
	return error ? REDIRECT_FAILED : REDIRECT_DONE;
}
