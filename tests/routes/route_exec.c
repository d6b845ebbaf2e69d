/* The exec family of libc. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "route.h"

static int by_execve(const struct route_call *call)
{
	execve(call->path, call->argv, call->envp);
	return -errno;
}

static int by_execv(const struct route_call *call)
{
	execv(call->path, call->argv);
	return -errno;
}

static int by_execvp(const struct route_call *call)
{
	execvp(call->path, call->argv);
	return -errno;
}

static int by_execvpe(const struct route_call *call)
{
	execvpe(call->path, call->argv, call->envp);
	return -errno;
}

/* As many words as these routes pass; enough for any test. */
#define WORDS(a)                                                                         \
	a[0], n > 1 ? a[1] : NULL, n > 2 ? a[2] : NULL, n > 3 ? a[3] : NULL,             \
		n > 4 ? a[4] : NULL, n > 5 ? a[5] : NULL, n > 6 ? a[6] : NULL,           \
		n > 7 ? a[7] : NULL, n > 8 ? a[8] : NULL, n > 9 ? a[9] : NULL

enum { MOST_WORDS = 10 };

static int count(char *const *argv)
{
	int n = 0;

	while (argv[n])
		n++;
	return n;
}

static int by_execl(const struct route_call *call)
{
	int n = count(call->argv);

	if (n > MOST_WORDS)
		return -E2BIG;
	execl(call->path, WORDS(call->argv), (char *)NULL);
	return -errno;
}

static int by_execlp(const struct route_call *call)
{
	int n = count(call->argv);

	if (n > MOST_WORDS)
		return -E2BIG;
	execlp(call->path, WORDS(call->argv), (char *)NULL);
	return -errno;
}

static int by_execle(const struct route_call *call)
{
	int n = count(call->argv);
	char *const *envp = call->envp;

	if (n > MOST_WORDS)
		return -E2BIG;
	/* The environment stands behind the NULL, so there must be exactly one. */
	switch (n) {
	case 1:
		execle(call->path, call->argv[0], (char *)NULL, envp);
		break;
	case 2:
		execle(call->path, call->argv[0], call->argv[1], (char *)NULL, envp);
		break;
	case 3:
		execle(call->path, call->argv[0], call->argv[1], call->argv[2],
		       (char *)NULL, envp);
		break;
	case 4:
		execle(call->path, call->argv[0], call->argv[1], call->argv[2],
		       call->argv[3], (char *)NULL, envp);
		break;
	default:
		return -E2BIG;
	}
	return -errno;
}

static int by_fexecve(const struct route_call *call)
{
	int fd = open(call->path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	fexecve(fd, call->argv, call->envp);
	return -errno;
}

static int by_execveat(const struct route_call *call)
{
	execveat(AT_FDCWD, call->path, call->argv, call->envp, 0);
	return -errno;
}

/* A file that has no name here: what memfd users and container runtimes do. */
static int by_execveat_fd(const struct route_call *call)
{
	int fd = open(call->path, O_PATH | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	execveat(fd, "", call->argv, call->envp, AT_EMPTY_PATH);
	return -errno;
}

const struct route routes_exec[] = {
	{"execve", by_execve},
	{"execv", by_execv},
	{"execvp", by_execvp},
	{"execvpe", by_execvpe},
	{"execl", by_execl},
	{"execlp", by_execlp},
	{"execle", by_execle},
	{"fexecve", by_fexecve},
	{"execveat", by_execveat},
	{"execveat-fd", by_execveat_fd},
	{NULL, NULL},
};
