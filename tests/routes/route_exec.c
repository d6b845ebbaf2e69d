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

enum { MOST_WORDS = 8 };
#define END ((char *)NULL)

/* The words of a list that ends with NULL, and one more NULL for every word there is not. */
#define WORDS(a, n)                                                                      \
	a[0], n > 1 ? a[1] : NULL, n > 2 ? a[2] : NULL, n > 3 ? a[3] : NULL,             \
		n > 4 ? a[4] : NULL, n > 5 ? a[5] : NULL, n > 6 ? a[6] : NULL,           \
		n > 7 ? a[7] : NULL

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
	execl(call->path, WORDS(call->argv, n), END);
	return -errno;
}

static int by_execlp(const struct route_call *call)
{
	int n = count(call->argv);

	if (n > MOST_WORDS)
		return -E2BIG;
	execlp(call->path, WORDS(call->argv, n), END);
	return -errno;
}

/* The environment stands behind the NULL, so there must be exactly one. */
static int by_execle(const struct route_call *call)
{
	char *const *a = call->argv, *const *envp = call->envp;
	const char *path = call->path;

	switch (count(a)) {
	case 1:
		execle(path, a[0], END, envp);
		break;
	case 2:
		execle(path, a[0], a[1], END, envp);
		break;
	case 3:
		execle(path, a[0], a[1], a[2], END, envp);
		break;
	case 4:
		execle(path, a[0], a[1], a[2], a[3], END, envp);
		break;
	case 5:
		execle(path, a[0], a[1], a[2], a[3], a[4], END, envp);
		break;
	case 6:
		execle(path, a[0], a[1], a[2], a[3], a[4], a[5], END, envp);
		break;
	case 7:
		execle(path, a[0], a[1], a[2], a[3], a[4], a[5], a[6], END, envp);
		break;
	case MOST_WORDS:
		execle(path, a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], END, envp);
		break;
	default:
		return -E2BIG;
	}
	return -errno;
}

/* Without O_CLOEXEC: a script's interpreter opens it by the descriptor. */
static int by_fexecve(const struct route_call *call)
{
	int fd = open(call->path, O_RDONLY);

	if (fd < 0)
		return -errno;
	fexecve(fd, call->argv, call->envp);
	return -errno;
}

#if defined(__GLIBC__)

static int by_execveat(const struct route_call *call)
{
	execveat(AT_FDCWD, call->path, call->argv, call->envp, 0);
	return -errno;
}

/* A file that has no name here: what memfd users and container runtimes do. */
static int by_execveat_fd(const struct route_call *call)
{
	int fd = open(call->path, O_PATH);

	if (fd < 0)
		return -errno;
	execveat(fd, "", call->argv, call->envp, AT_EMPTY_PATH);
	return -errno;
}

#endif

const struct route routes_exec[] = {
	{"execve", by_execve},
	{"execv", by_execv},
	{"execvp", by_execvp},
	{"execvpe", by_execvpe},
	{"execl", by_execl},
	{"execlp", by_execlp},
	{"execle", by_execle},
	{"fexecve", by_fexecve},
#if defined(__GLIBC__)
	{"execveat", by_execveat},
	{"execveat-fd", by_execveat_fd},
#endif
	{NULL, NULL},
};
