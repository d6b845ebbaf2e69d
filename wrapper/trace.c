#include "trace.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "caller.h"

int trace_seize(pid_t tid, unsigned long options)
{
	return ptrace(PTRACE_SEIZE, tid, NULL, options) < 0 ? -errno : 0;
}

/* What wait() would say of it, left for whoever waits. False when there is no such thread. */
static bool peek(pid_t tid, siginfo_t *info)
{
	memset(info, 0, sizeof(*info));
	return waitid(P_PID, (id_t)tid, info, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0;
}

/*
 * A traced thread that dies stays a zombie until its tracer has looked; then its parent is
 * told. Where this process is the parent, the parent's own wait must find it.
 */
static bool gone(pid_t tid)
{
	struct caller_status status;
	siginfo_t info;

	if (!peek(tid, &info))
		return true;
	/* Stops are reported too, whatever is asked for. */
	if (info.si_pid == 0 || info.si_code == CLD_TRAPPED ||
	    info.si_code == CLD_STOPPED)
		return false;
	if (caller_status(tid, &status) && status.parent != getpid())
		waitpid(tid, NULL, WNOHANG | __WALL);
	return true;
}

/*
 * After the exec of a thread that was not the leader, whose number it has got by that, the
 * kernel answers no request before the event has been waited for: its tracer might mean the
 * old leader. Somebody else in this process may have done it. True when it was done here.
 */
static bool take_exec_event(pid_t tid)
{
	siginfo_t info;

	return peek(tid, &info) && info.si_pid && info.si_code == CLD_TRAPPED &&
	       info.si_status == (SIGTRAP | PTRACE_EVENT_EXEC << 8) &&
	       waitid(P_PID, (id_t)tid, &info, WSTOPPED | WNOHANG | __WALL) == 0;
}

static enum trace_stop stop_of(const siginfo_t *info, int *signal)
{
	switch (info->si_code >> 8) {
	case PTRACE_EVENT_STOP:
		return TRACE_STOPS;
	case PTRACE_EVENT_EXEC:
		return TRACE_EXECED;
	default:
		*signal = info->si_signo;
		return TRACE_SIGNAL;
	}
}

enum trace_stop trace_look(pid_t tid, int *signal)
{
	siginfo_t info;

	*signal = 0;
	if (ptrace(PTRACE_GETSIGINFO, tid, NULL, &info) == 0)
		return stop_of(&info, signal);
	/* A stop of the whole group has no signal information: EINVAL. */
	if (errno == EINVAL)
		return TRACE_STOPS;
	if (take_exec_event(tid) && ptrace(PTRACE_GETSIGINFO, tid, NULL, &info) == 0)
		return stop_of(&info, signal);
	return gone(tid) ? TRACE_GONE : TRACE_RUNS;
}

void trace_pause(unsigned int times)
{
	struct timespec pause = {.tv_nsec = 20 * 1000};

	if (times > 50)
		pause.tv_nsec = 200 * 1000;
	if (times > 100)
		pause.tv_nsec = 2 * 1000 * 1000;
	nanosleep(&pause, NULL);
}

void trace_release(pid_t tid, int signal)
{
	ptrace(PTRACE_DETACH, tid, NULL, (long)signal);
}

#if defined(__x86_64__)

enum {
	NATIVE_EXECVEAT = 322,
	COMPAT_EXECVEAT = 358,
	X32_EXECVEAT = 545,
	X32_BIT = 0x40000000,
	INSTRUCTION = 2, /* syscall: 0f 05, int 0x80: cd 80 */
};

static bool is_system_call(const struct caller *caller)
{
	uint64_t at = caller->instruction - INSTRUCTION;
	unsigned char bytes[INSTRUCTION];

	if (caller_read(caller, at, bytes, sizeof(bytes)) != sizeof(bytes))
		return false;
	if (caller->abi == CALLER_COMPAT)
		return bytes[0] == 0xcd && bytes[1] == 0x80;
	return bytes[0] == 0x0f && bytes[1] == 0x05;
}

int trace_execveat(const struct caller *caller, int descriptor, uint64_t empty)
{
	struct user_regs_struct regs;

	if (!is_system_call(caller))
		return -ENOEXEC;
	if (ptrace(PTRACE_GETREGS, caller->tid, NULL, &regs) < 0)
		return -errno;
	regs.rip = caller->instruction - INSTRUCTION;
	/* No system call to restart: this is the beginning of one. */
	regs.orig_rax = (unsigned long long)-1;
	if (caller->abi == CALLER_COMPAT) {
		regs.rax = COMPAT_EXECVEAT;
		regs.rbx = (unsigned int)descriptor;
		regs.rcx = empty;
		regs.rdx = caller->argv;
		regs.rsi = caller->envp;
		regs.rdi = AT_EMPTY_PATH;
	} else {
		regs.rax = caller->abi == CALLER_X32 ? X32_BIT | X32_EXECVEAT
						     : NATIVE_EXECVEAT;
		regs.rdi = (unsigned int)descriptor;
		regs.rsi = empty;
		regs.rdx = caller->argv;
		regs.r10 = caller->envp;
		regs.r8 = AT_EMPTY_PATH;
	}
	return ptrace(PTRACE_SETREGS, caller->tid, NULL, &regs) < 0 ? -errno : 0;
}

#elif defined(__aarch64__)

enum { INSTRUCTION = 4 }; /* svc 0 */

int trace_execveat(const struct caller *caller, int descriptor, uint64_t empty)
{
	struct user_regs_struct regs;
	struct iovec vector = {&regs, sizeof(regs)};

	if (ptrace(PTRACE_GETREGSET, caller->tid, NT_PRSTATUS, &vector) < 0)
		return -errno;
	regs.pc = caller->instruction - INSTRUCTION;
	regs.regs[8] = SYS_execveat;
	regs.regs[0] = (unsigned int)descriptor;
	regs.regs[1] = empty;
	regs.regs[2] = caller->argv;
	regs.regs[3] = caller->envp;
	regs.regs[4] = AT_EMPTY_PATH;
	return ptrace(PTRACE_SETREGSET, caller->tid, NT_PRSTATUS, &vector) < 0 ? -errno
									       : 0;
}

#endif
