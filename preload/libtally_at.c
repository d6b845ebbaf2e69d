/* execveat(2) and fexecve(3): the file is named by a descriptor. */
#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <linux/stat.h>
#include <stdbool.h>
#include <unistd.h>

#include "exec.h"
#include "export.h"
#include "raw_syscall.h"
#include "text.h"

enum { DESCRIPTOR_BYTES = 32 };

/* "/proc/self/fd/N" */
static size_t put_descriptor(char *to, int fd)
{
	static const char directory[] = "/proc/self/fd/";
	char digits[12], *end = to;
	size_t count = 0;

	end = text_put(end, directory, sizeof(directory) - 1);
	do
		digits[count++] = (char)('0' + fd % 10);
	while ((fd /= 10) > 0);
	while (count)
		*end++ = digits[--count];
	*end = '\0';
	return (size_t)(end - to);
}

static bool same_file(const char *a, const char *b)
{
	struct statx x, y;

	return raw_syscall6(SYS_statx, AT_FDCWD, (long)a, 0, STATX_INO, (long)&x, 0) ==
		       0 &&
	       raw_syscall6(SYS_statx, AT_FDCWD, (long)b, 0, STATX_INO, (long)&y, 0) ==
		       0 &&
	       x.stx_ino == y.stx_ino && x.stx_dev_major == y.stx_dev_major &&
	       x.stx_dev_minor == y.stx_dev_minor;
}

/* Puts "/PATH" behind what stands in `to`, unless PATH is empty. */
static bool append(char *to, size_t length, size_t size, const char *path)
{
	size_t more = text_length(path);

	if (length + more + 2 > size)
		return false;
	if (more)
		to[length++] = '/';
	text_put(to + length, path, more + 1);
	return true;
}

/*
 * A path to what `at` names, for the gate, which may not have the descriptor any more: by
 * the name the file has in /proc, or through the descriptor where that leads elsewhere (a
 * file that was removed). False when there is none.
 */
static bool reach(struct at_call *at, char *path, size_t size)
{
	char through[DESCRIPTOR_BYTES + NAME_MAX + 1];
	size_t length = put_descriptor(through, at->fd);
	long named = raw_syscall6(SYS_readlinkat, AT_FDCWD, (long)through, (long)path,
				  (long)size - 1, 0, 0);

	if (named <= 0 || !append(through, length, sizeof(through), at->path))
		return false;
	path[named] = '\0';
	if (append(path, (size_t)named, size, at->path) && same_file(path, through))
		return true;
	at->keep_open = true;
	text_put(path, through, text_length(through) + 1);
	return same_file(path, path);
}

static int start_at(struct at_call *at, char *const *argv, char *const *envp)
{
	char path[PATH_MAX];
	struct wish wish = {.path = path, .argv = argv, .envp = envp};

	/* What is not to be reached fails in the real call, in its own way. */
	if (at->fd < 0 || !reach(at, path, sizeof(path)))
		wish.path = "";
	errno = exec_start(&wish, at);
	return -1;
}

/* A link that is not to be followed: the real call refuses it. */
static bool refused_link(const struct at_call *at)
{
	char byte[2];

	return (at->flags & AT_SYMLINK_NOFOLLOW) && *at->path &&
	       raw_syscall6(SYS_readlinkat, at->fd, (long)at->path, (long)byte, 1, 0,
			    0) >= 0;
}

int tally_execveat(int fd, const char *path, char *const argv[], char *const envp[],
		   int flags)
{
	struct at_call at = {.fd = fd, .flags = flags, .path = path};
	struct wish wish = {.path = path, .argv = argv, .envp = envp};

	if (!path || refused_link(&at) || (!*path && !(flags & AT_EMPTY_PATH)))
		wish.path = "";
	else if (fd != AT_FDCWD && *path != '/')
		return start_at(&at, argv, envp);
	errno = exec_start(&wish, &at);
	return -1;
}

int tally_fexecve(int fd, char *const argv[], char *const envp[])
{
	struct at_call at = {.by_descriptor = true, .fd = fd, .path = ""};
	struct wish wish = {.path = "", .argv = argv, .envp = envp};

	/* This one does not take NULL for empty. */
	if (fd >= 0 && argv && envp)
		return start_at(&at, argv, envp);
	errno = exec_start(&wish, &at);
	return -1;
}
