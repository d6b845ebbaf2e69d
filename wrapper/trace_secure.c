/* A new program is started as a setuid one would be: ld.so(8), secure-execution mode. */
#include "trace.h"

#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/auxv.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

enum { CHUNK = 512, MOST_WORDS = 4 << 20 };

static ssize_t peek(pid_t process, uint64_t at, void *bytes, size_t size)
{
	struct iovec local = {bytes, size};
	struct iovec remote = {(void *)(uintptr_t)at, size};

	return process_vm_readv(process, &local, 1, &remote, 1, 0);
}

static int stack_of(pid_t process, uint64_t *stack)
{
#if defined(__x86_64__)
	struct user_regs_struct regs;
#else
	struct user_pt_regs regs;
#endif
	struct iovec vector = {&regs, sizeof(regs)};

	if (ptrace(PTRACE_GETREGSET, process, (void *)(uintptr_t)NT_PRSTATUS, &vector) <
	    0)
		return -errno;
#if defined(__x86_64__)
	*stack = regs.rsp;
#else
	*stack = regs.sp;
#endif
	return 0;
}

/* The address behind the next NULL from `at` on; 0 when there is none. */
static uint64_t behind_null(pid_t process, uint64_t at)
{
	uint64_t words[CHUNK];

	for (size_t seen = 0; seen < MOST_WORDS;) {
		ssize_t got = peek(process, at, words, sizeof(words));
		size_t count = got > 0 ? (size_t)got / sizeof(*words) : 0;

		if (count == 0)
			return 0;
		for (size_t i = 0; i < count; i++)
			if (words[i] == 0)
				return at + (i + 1) * sizeof(*words);
		at += count * sizeof(*words);
		seen += count;
	}
	return 0;
}

/* The kernel's layout: argc, argv, NULL, environment, NULL, pairs of type and value. */
int trace_secure(pid_t process)
{
	uint64_t at = 0, pair[2];
	int error = stack_of(process, &at);

	if (error < 0)
		return error;
	at = behind_null(process, at + sizeof(at));
	if (at)
		at = behind_null(process, at);
	if (!at)
		return -EFAULT;
	for (size_t i = 0; i < CHUNK; i++, at += sizeof(pair)) {
		if (peek(process, at, pair, sizeof(pair)) != sizeof(pair) ||
		    pair[0] == AT_NULL)
			return -ENOENT;
		if (pair[0] != AT_SECURE)
			continue;
		return ptrace(PTRACE_POKEDATA, process,
			      (void *)(uintptr_t)(at + sizeof(*pair)), 1L) < 0
			       ? -errno
			       : 0;
	}
	return -ENOENT;
}
