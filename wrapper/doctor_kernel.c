/* tally doctor: what this kernel lets the supervisor do. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "doctor.h"
#include "doctor_try.h"
#include "supervise.h"

static const char layer[] = "kernel";

/* ---- seccomp user notification ---- */

enum { INSTALLED = 0, NESTED = 3, REFUSED = 1 };

static int install_filter(void *context)
{
	struct fault fault = {0};
	int listener = supervise_install(&fault);

	(void)context;
	if (listener == SUPERVISE_NESTED)
		return NESTED;
	if (listener < 0)
		puts(fault.text);
	return listener < 0 ? REFUSED : INSTALLED;
}

static void try_notification(struct doctor *doctor)
{
	static const char name[] = "user notification";
	struct doctor_try try;

	doctor_try_function(doctor, install_filter, NULL, TRY_SECONDS, &try);
	if (try.status == NESTED) {
		doctor->nested = true;
		doctor_ok(doctor, layer, name,
			  "a supervisor holds this very session already");
	} else if (try.started && try.status == INSTALLED) {
		doctor_ok(doctor, layer, name, "a filter that tells of execs installs");
	} else {
		doctor_fail(doctor, layer, name,
			    "Linux 5.9 or newer with CONFIG_SECCOMP_FILTER is needed; in "
			    "a container its seccomp profile has to allow seccomp(2)",
			    "%s", doctor_try_text(doctor, &try));
	}
}

static void try_killable(struct doctor *doctor)
{
	struct utsname kernel = {0};

	(void)uname(&kernel);
	if (supervise_waits_killable())
		doctor_ok(doctor, layer, "WAIT_KILLABLE_RECV",
			  "an exec that waits is not interrupted by signals (Linux %s)",
			  kernel.release);
	else
		doctor_none(
			doctor, layer, "WAIT_KILLABLE_RECV",
			"Linux %s does not have it (5.19 does): a signal may have one "
			"exec looked at several times",
			kernel.release);
}

/* ---- tracing, which the redirect needs ---- */

/* The steps of a redirect, without one: hold a child, read its memory, let it go. */
static int trace_child(void *context)
{
	long word = 0x7a11, copy = 0;
	struct iovec here = {&copy, sizeof(copy)}, there = {&word, sizeof(word)};
	pid_t child = fork();
	int result = 0, status;

	(void)context;
	if (child == 0)
		for (;;)
			pause();
	if (child < 0)
		return printf("fork: %s\n", strerror(errno)) > 0;
	if (ptrace(PTRACE_SEIZE, child, NULL, NULL) < 0 ||
	    ptrace(PTRACE_INTERRUPT, child, NULL, NULL) < 0 ||
	    waitpid(child, &status, __WALL) != child)
		result = printf("ptrace(2): %s\n", strerror(errno)) > 0;
	else if (process_vm_readv(child, &here, 1, &there, 1, 0) != sizeof(copy) ||
		 copy != word)
		result = printf("process_vm_readv(2): %s\n", strerror(errno)) > 0;
	else if (ptrace(PTRACE_DETACH, child, NULL, NULL) < 0)
		result = printf("PTRACE_DETACH: %s\n", strerror(errno)) > 0;
	kill(child, SIGKILL);
	waitpid(child, NULL, __WALL);
	return result;
}

static int yama_scope(void)
{
	FILE *file = fopen("/proc/sys/kernel/yama/ptrace_scope", "re");
	int scope = -1;

	if (!file)
		return -1;
	if (fscanf(file, "%d", &scope) != 1)
		scope = -1;
	fclose(file);
	return scope;
}

static const char *scope_meaning(int scope)
{
	switch (scope) {
	case 0:
		return "ptrace_scope 0: a user may trace all of their own processes";
	case 1:
		return "ptrace_scope 1: descendants may be traced, and all of a session "
		       "are the supervisor's";
	case 2:
		return "ptrace_scope 2: only with CAP_SYS_PTRACE";
	case 3:
		return "ptrace_scope 3: nobody may trace, until the next boot";
	}
	return "no Yama: a user may trace all of their own processes";
}

static void try_tracing(struct doctor *doctor)
{
	int scope = yama_scope();
	struct doctor_try try;

	doctor_try_function(doctor, trace_child, NULL, TRY_SECONDS, &try);
	if (try.started && try.status == 0)
		doctor_ok(doctor, layer, "ptrace", "%s", scope_meaning(scope));
	else
		doctor_fail(
			doctor, layer, "ptrace",
			scope >= 2
				? "sysctl kernel.yama.ptrace_scope=1 (3 needs a boot); "
				  "until then only the shim brings commands before "
				  "the gate, and what it does not see is refused"
				: "in a container its profile has to allow ptrace(2) "
				  "and process_vm_readv(2)",
			"%s; %s", doctor_try_text(doctor, &try), scope_meaning(scope));
}

static int open_pidfd(void *context)
{
	(void)context;
	if (syscall(SYS_pidfd_open, getpid(), 0) >= 0)
		return 0;
	printf("pidfd_open(2): %s\n", strerror(errno));
	return 1;
}

void doctor_kernel(struct doctor *doctor)
{
	struct doctor_try try;

	try_notification(doctor);
	try_killable(doctor);
	try_tracing(doctor);
	doctor_try_function(doctor, open_pidfd, NULL, TRY_SECONDS, &try);
	if (try.started && try.status == 0)
		doctor_ok(doctor, layer, "pidfd", "processes can be held by descriptor");
	else
		doctor_fail(doctor, layer, "pidfd", "Linux 5.3 or newer is needed", "%s",
			    doctor_try_text(doctor, &try));
}
