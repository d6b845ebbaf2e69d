#include "exec.h"

#include <alloca.h>
#include <errno.h>
#include <fcntl.h>

#include "next.h"
#include "raw_syscall.h"
#include "scratch.h"

typedef int execve_function(const char *, char *const *, char *const *);
typedef int fexecve_function(int, char *const *, char *const *);
typedef int execveat_function(int, const char *, char *const *, char *const *, int);

/* That of another library which is preloaded as well, else the system call. */
static int next_execve(const char *path, char *const *argv, char *const *envp)
{
	execve_function *next = (execve_function *)next_before_libc("execve");

	if (!next)
		return -(int)raw_syscall3(SYS_execve, (long)path, (long)argv, (long)envp);
	next(path, argv, envp);
	return errno;
}

static int next_at(const struct at_call *at, char *const *argv, char *const *envp)
{
	fexecve_function *next;
	execveat_function *next_execveat;

	if (at->by_descriptor) {
		next = (fexecve_function *)next_function("fexecve");
		if (!next)
			return ENOSYS;
		next(at->fd, argv, envp);
		return errno;
	}
	next_execveat = (execveat_function *)next_before_libc("execveat");
	if (!next_execveat)
		return -(int)raw_syscall6(SYS_execveat, at->fd, (long)at->path,
					  (long)argv, (long)envp, at->flags, 0);
	next_execveat(at->fd, at->path, argv, envp, at->flags);
	return errno;
}

static int run_gate(const struct plan *plan, const struct at_call *at)
{
	long flags = 0, result;

	if (at && at->keep_open) {
		flags = raw_syscall3(SYS_fcntl, at->fd, F_GETFD, 0);
		raw_syscall3(SYS_fcntl, at->fd, F_SETFD, 0);
	}
	result = raw_syscall3(SYS_execve, (long)plan->path, (long)plan->argv,
			      (long)plan->envp);
	if (at && at->keep_open)
		raw_syscall3(SYS_fcntl, at->fd, F_SETFD, flags);
	return -(int)result;
}

static int run(const struct plan *plan, const struct at_call *at)
{
	if (plan->guarded)
		return run_gate(plan, at);
	if (at)
		return next_at(at, plan->argv, plan->envp);
	return next_execve(plan->path, plan->argv, plan->envp);
}

int exec_start(const struct wish *wish, const struct at_call *at)
{
	struct plan plan;
	struct scratch scratch;
	int error;

	plan_make(&plan, wish);
	if (plan.refused)
		return plan.refused;
	if (plan.bytes == 0)
		return run(&plan, at);
	if (plan.bytes <= EXEC_STACK_BYTES) {
		plan_write(&plan, alloca(plan.bytes));
		return run(&plan, at);
	}
	scratch = scratch_take(plan.bytes);
	if (!scratch.memory)
		return ENOMEM;
	plan_write(&plan, scratch.memory);
	scratch_leave(scratch);
	error = run(&plan, at);
	scratch_drop();
	return error;
}
