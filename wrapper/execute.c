#include "execute.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "exit_status.h"

int execute_prepare(struct fault *fault)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		/* The lowest free number is this one. It stays open until the exec. */
		/* cppcheck-suppress leakReturnValNotUsed */
		if (open("/dev/null", O_RDWR | O_CLOEXEC) != fd)
			return fault_set(fault,
					 "file descriptor %d is closed, and "
					 "/dev/null cannot hold its place: %s",
					 fd, strerror(errno));
	}
	return 0;
}

static int by_shell(const char *path, char *const *argv, char *const *env,
		    int (*through_shell)(void *context, const char *const *argv,
					 struct fault *fault),
		    void *context, struct fault *fault)
{
	size_t count = 0;
	const char **words;
	int result;

	while (argv[count])
		count++;
	words = calloc(count + 2, sizeof(*words));
	if (!words)
		return 0;
	words[0] = "/bin/sh";
	words[1] = path;
	for (size_t i = 1; i < count; i++)
		words[i + 1] = argv[i];
	result = through_shell ? through_shell(context, words, fault) : 0;
	if (result == 0)
		syscall(SYS_execve, "/bin/sh", words, env);
	free(words);
	return result;
}

int execute_granted(const char *path, char *const *argv, char *const *env,
		    struct replay *replay,
		    int (*through_shell)(void *context, const char *const *argv,
					 struct fault *fault),
		    void *context, struct fault *fault)
{
	int error;

	if (replay_install(replay, fault) < 0)
		return -1;
	syscall(SYS_execve, path, argv, env);
	error = errno;
	if (error == ENOEXEC &&
	    by_shell(path, argv, env, through_shell, context, fault) < 0)
		return -1;
	return error;
}

int execute_program(const char *path, char *const *argv, char *const *env,
		    struct replay *replay, struct fault *fault)
{
	return execute_granted(path, argv, env, replay, NULL, NULL, fault);
}

int execute_status(int error)
{
	return error == ENOENT || error == ENOTDIR ? EXIT_STATUS_NOT_FOUND
						   : EXIT_STATUS_NOT_RUN;
}
