#include "scratch.h"

#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>

#include "raw_syscall.h"

/*
 * One a thread. A child between vfork and exec uses its parent's, which sleeps meanwhile;
 * a signal handler that executes something finds it taken and maps its own. The size
 * stands in front of what is handed out.
 */
static __thread _Atomic(uintptr_t) left;

enum { HEAD = 64 };

static void unmap(uintptr_t memory)
{
	if (memory)
		raw_syscall3(SYS_munmap, (long)memory, (long)*(size_t *)memory, 0);
}

struct scratch scratch_take(size_t bytes)
{
	uintptr_t memory = atomic_exchange(&left, 0);
	size_t size = (bytes + HEAD + 0xffff) & ~(size_t)0xffff;
	long mapped;

	if (memory && *(size_t *)memory >= size)
		return (struct scratch){(char *)memory + HEAD, *(size_t *)memory};
	unmap(memory);
#if defined(SYS_mmap2)
	mapped = raw_syscall6(SYS_mmap2, 0, (long)size, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
#else
	mapped = raw_syscall6(SYS_mmap, 0, (long)size, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
#endif
	if ((unsigned long)mapped > (unsigned long)-4096L)
		return (struct scratch){NULL, 0};
	*(size_t *)mapped = size;
	return (struct scratch){(char *)mapped + HEAD, size};
}

void scratch_leave(struct scratch scratch)
{
	unmap(atomic_exchange(&left, (uintptr_t)scratch.memory - HEAD));
}

void scratch_drop(void)
{
	unmap(atomic_exchange(&left, 0));
}
