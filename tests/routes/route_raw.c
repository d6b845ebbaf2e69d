/* Starting a program without any name of libc that a preloaded library could take over. */
#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "route.h"

static int by_syscall(const struct route_call *call)
{
	syscall(SYS_execve, call->path, call->argv, call->envp);
	return -errno;
}

#if defined(__x86_64__) || defined(__i386__)

enum { INT80_EXECVE = 11, INT80_BYTES = 1 << 20 };

struct low {
	char *next, *end;
};

static void *low_bytes(struct low *low, const void *bytes, size_t size)
{
	char *at = low->next;

	if (size > (size_t)(low->end - at))
		return NULL;
	low->next += (size + 7) & ~(size_t)7;
	return bytes ? memcpy(at, bytes, size) : at;
}

/* A vector of 32-bit pointers, as the 32-bit entry of the kernel takes it. */
static unsigned int *low_vector(struct low *low, char *const *words)
{
	size_t n = 0;
	unsigned int *vector;

	while (words && words[n])
		n++;
	vector = low_bytes(low, NULL, (n + 1) * sizeof(*vector));
	for (size_t i = 0; vector && i < n; i++) {
		char *word = low_bytes(low, words[i], strlen(words[i]) + 1);

		if (!word)
			return NULL;
		vector[i] = (unsigned int)(size_t)word;
	}
	return vector;
}

/* The 32-bit system call, from a 64-bit process too: all it points to lies below 2 GB. */
static int by_int80(const struct route_call *call)
{
	struct low low;
	unsigned int *argv, *envp;
	char *path;
	int result;
	int flags = MAP_PRIVATE | MAP_ANONYMOUS;

#if defined(MAP_32BIT) && defined(__x86_64__)
	flags |= MAP_32BIT;
#endif
	low.next = mmap(NULL, INT80_BYTES, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (low.next == MAP_FAILED)
		return -errno;
	low.end = low.next + INT80_BYTES;
	path = low_bytes(&low, call->path, strlen(call->path) + 1);
	argv = low_vector(&low, call->argv);
	envp = low_vector(&low, call->envp);
	if (!path || !argv || !envp)
		return -E2BIG;
	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(INT80_EXECVE), "b"(path), "c"(argv), "d"(envp)
			 : "memory");
	return result;
}

#endif

static void *thread_main(void *context)
{
	const struct route_call *call = context;

	execve(call->path, call->argv, call->envp);
	return (void *)(size_t)errno;
}

/* A thread that is not the leader: the kernel gives it the process's number on success. */
static int by_thread(const struct route_call *call)
{
	struct route_call copy = *call;
	pthread_t thread;
	void *error;

	if (pthread_create(&thread, NULL, thread_main, &copy) != 0)
		return -EAGAIN;
	pthread_join(thread, &error);
	return -(int)(size_t)error;
}

const struct route routes_raw[] = {
	{"syscall", by_syscall},
#if defined(__x86_64__) || defined(__i386__)
	{"int80", by_int80},
#endif
	{"thread", by_thread},
	{NULL, NULL},
};
