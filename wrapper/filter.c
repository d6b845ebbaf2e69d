/* The filter that makes every exec of a session visible. seccomp(2), seccomp_unotify(2). */
#include "supervise.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/filter.h>

/* Linux 5.19; older headers do not know it. */
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

enum { LARGEST = 4096 }; /* instructions: BPF_MAXINSNS of the kernel */

/* The ABIs that a process can call this kernel by, besides the native one. */
static const uint32_t other_abis[] = {
#if defined(__x86_64__)
	SCMP_ARCH_X86, SCMP_ARCH_X32,
#elif defined(__aarch64__)
	SCMP_ARCH_ARM,
#endif
	SCMP_ARCH_NATIVE, /* there already; keeps the list from being empty */
};

/* libseccomp's negative errno, or 0. */
static int describe(scmp_filter_ctx filter)
{
	static const int calls[] = {SCMP_SYS(execve), SCMP_SYS(execveat)};
	int result = 0;

	/* A call by an ABI that is not listed must not kill a program that has always worked. */
	if (result == 0)
		result =
			seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ALLOW);
	for (size_t i = 0; i < sizeof(other_abis) / sizeof(*other_abis) && !result; i++) {
		result = seccomp_arch_add(filter, other_abis[i]);
		if (result == -EEXIST)
			result = 0;
	}
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls) && !result; i++)
		result = seccomp_rule_add(filter, SCMP_ACT_NOTIFY, calls[i], 0);
	return result;
}

/*
 * The filter as the kernel takes it. libseccomp before 2.6 loads filters without the flag
 * that this needs, so it only compiles it.
 */
static int compile(struct sock_fprog *program, struct fault *fault)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int fd = memfd_create("tallygate-filter", MFD_CLOEXEC);
	int result = filter && fd >= 0 ? describe(filter) : -ENOMEM;
	ssize_t length = 0;

	program->filter = NULL;
	if (result == 0)
		result = seccomp_export_bpf(filter, fd);
	if (result == 0)
		program->filter = calloc(LARGEST, sizeof(*program->filter));
	if (program->filter)
		length =
			pread(fd, program->filter, LARGEST * sizeof(*program->filter), 0);
	program->len = (unsigned short)((size_t)(length > 0 ? length : 0) /
					sizeof(*program->filter));
	if (filter)
		seccomp_release(filter);
	if (fd >= 0)
		close(fd);
	if (program->len)
		return 0;
	free(program->filter);
	return fault_set(fault,
			 "the seccomp filter cannot be made: %s; the supervisor needs "
			 "libseccomp 2.5 and Linux 5.9 or newer",
			 strerror(result < 0 ? -result : EIO));
}

static int load(struct sock_fprog *program, unsigned long flags)
{
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, program);
}

bool supervise_waits_killable(void)
{
	/* Flags are looked at before the filter, and there is no filter at NULL. */
	return load(NULL, SECCOMP_FILTER_FLAG_NEW_LISTENER |
				  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV) < 0 &&
	       errno == EFAULT;
}

int supervise_install(struct fault *fault)
{
	/* SPEC_ALLOW: a filter of ours is no reason to slow the session's programs down. */
	unsigned long flags =
		SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_SPEC_ALLOW;
	struct sock_fprog program;
	int listener, error;

	if (compile(&program, fault) < 0)
		return -1;
	if (supervise_waits_killable())
		flags |= SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	listener = load(&program, flags);
	/* Without CAP_SYS_ADMIN the kernel wants to be sure that no setuid program is fooled. */
	if (listener < 0 && errno == EACCES &&
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		listener = load(&program, flags);
	error = errno;
	free(program.filter);
	if (listener >= 0)
		return listener;
	if (error == EBUSY)
		return SUPERVISE_NESTED;
	return fault_set(fault,
			 "the seccomp filter cannot be installed: %s; `tally doctor` "
			 "shows what this kernel can do",
			 strerror(error));
}
