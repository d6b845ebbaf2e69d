/*
 * long ROUTE BYTES PROGRAM WORD...: starts PROGRAM with that many bytes of further words,
 * eight bytes each, so that the vector is as long as the text. thread starts it by vfork
 * from a thread whose stack is as small as threads have it, and twice, so that what the
 * first start left behind would show. "errno N" when it cannot be started.
 */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct call {
	char **argv;
	int error;
};

static void by_execve(struct call *call)
{
	execve(call->argv[0], call->argv, environ);
	call->error = errno;
}

static void wait_for(pid_t child, struct call *call)
{
	int status;

	if (waitpid(child, &status, 0) == child && status != 0)
		call->error = ECHILD;
}

static void by_vfork(struct call *call)
{
	pid_t child = vfork();

	if (child == 0) {
		by_execve(call);
		_exit(127);
	}
	wait_for(child, call);
}

static void by_spawn(struct call *call)
{
	pid_t child;

	call->error = posix_spawn(&child, call->argv[0], NULL, NULL, call->argv, environ);
	if (!call->error)
		wait_for(child, call);
}

static void *thread_main(void *context)
{
	by_vfork(context);
	by_vfork(context);
	return NULL;
}

static void by_thread(struct call *call)
{
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, (size_t)128 * 1024);
	if (pthread_create(&thread, &attributes, thread_main, call) == 0)
		pthread_join(thread, NULL);
	else
		call->error = EAGAIN;
}

int main(int argc, char **argv)
{
	/* Strings and pointers count, and may take a quarter of the stack's limit. */
	struct rlimit limit = {(rlim_t)64 << 20, RLIM_INFINITY};
	struct call call = {0};
	size_t bytes, words, fixed = (size_t)argc - 3;

	if (argc < 4)
		return 2;
	setrlimit(RLIMIT_STACK, &limit);
	bytes = strtoul(argv[2], NULL, 10);
	words = bytes / 8;
	call.argv = calloc(fixed + words + 1, sizeof(*call.argv));
	if (!call.argv)
		return 2;
	memcpy(call.argv, argv + 3, fixed * sizeof(*call.argv));
	for (size_t i = 0; i < words; i++)
		call.argv[fixed + i] = (char *)(size_t) "1234567";
	if (strcmp(argv[1], "execve") == 0)
		by_execve(&call);
	else if (strcmp(argv[1], "vfork") == 0)
		by_vfork(&call);
	else if (strcmp(argv[1], "thread") == 0)
		by_thread(&call);
	else
		by_spawn(&call);
	if (call.error)
		printf("errno %d\n", call.error);
	return call.error != 0;
}
