#include "replay.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "terminal.h"

int replay_fd_of(const char *path)
{
	static const char *const places[] = {"/dev/fd/", "/proc/self/fd/"};
	char *end;
	long number;

	if (strcmp(path, "/dev/stdin") == 0)
		return STDIN_FILENO;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		size_t length = strlen(places[i]);

		if (strncmp(path, places[i], length) != 0 || path[length] < '0' ||
		    path[length] > '9')
			continue;
		errno = 0;
		number = strtol(path + length, &end, 10);
		return *end || errno || number > INT_MAX ? -1 : (int)number;
	}
	return -1;
}

static struct replay_kept *find(struct replay *replay, int fd)
{
	for (size_t i = 0; replay && i < replay->count; i++)
		if (replay->kept[i].fd == fd)
			return &replay->kept[i];
	return NULL;
}

static void fail(struct replay_bytes *bytes, int error)
{
	free(bytes->data);
	*bytes = (struct replay_bytes){.state = REPLAY_FAILED, .error = error};
}

/* Reads `fd` from where it stands to its end. -1 when memory is short. */
static int read_all(int fd, size_t bound, struct replay_bytes *bytes)
{
	size_t capacity = 0;

	*bytes = (struct replay_bytes){.state = REPLAY_OK};
	for (;;) {
		ssize_t got;

		if (bytes->length + 1 >= capacity) {
			size_t wanted = capacity ? capacity * 2 : 64 * 1024;
			char *grown = realloc(bytes->data, wanted);

			if (!grown) {
				fail(bytes, ENOMEM);
				return -1;
			}
			bytes->data = grown;
			capacity = wanted;
		}
		got = read(fd, bytes->data + bytes->length, capacity - bytes->length - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			fail(bytes, errno);
			return 0;
		}
		bytes->length += (size_t)got;
		if (bytes->length > bound) {
			free(bytes->data);
			*bytes = (struct replay_bytes){.state = REPLAY_TOO_BIG};
			return 0;
		}
		if (got == 0)
			break;
	}
	bytes->data[bytes->length] = '\0';
	return 0;
}

/* A read-only, sealed file in memory with these bytes, standing at its start. -1: errno. */
static int sealed_copy(const struct replay_bytes *bytes)
{
	int fd = memfd_create("tallygate-replay", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -1;
	if (terminal_write(fd, bytes->data, bytes->length) < 0 ||
	    lseek(fd, 0, SEEK_SET) < 0 ||
	    fcntl(fd, F_ADD_SEALS,
		  F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

/* Notes what was taken from `fd`, so that it can be given back. */
static void keep(struct replay *replay, int fd, off_t start, struct replay_bytes *bytes)
{
	struct replay_kept *kept = &replay->kept[replay->count];

	*kept = (struct replay_kept){.fd = fd, .memory = -1, .back = -1};
	if (bytes->state == REPLAY_OK) {
		kept->memory = sealed_copy(bytes);
		if (kept->memory < 0)
			fail(bytes, errno);
	}
	if (kept->memory < 0) {
		kept->back = start;
		kept->lost = start < 0;
	}
	replay->count++;
}

static int again(const struct replay_kept *kept, size_t bound, struct replay_bytes *bytes)
{
	int result;

	if (kept->memory < 0) {
		bytes->state = REPLAY_TOO_BIG;
		return 0;
	}
	result = read_all(kept->memory, bound, bytes);
	if (lseek(kept->memory, 0, SEEK_SET) < 0)
		fail(bytes, errno);
	return result;
}

int replay_fd(struct replay *replay, int fd, size_t bound, struct replay_bytes *bytes)
{
	struct replay_kept *kept = find(replay, fd);
	off_t start;
	int flags;

	*bytes = (struct replay_bytes){.state = REPLAY_OK};
	if (kept)
		return again(kept, bound, bytes);
	flags = fcntl(fd, F_GETFD);
	/* What would not survive the exec is ours: the command has no such descriptor. */
	if (flags < 0 || flags & FD_CLOEXEC) {
		fail(bytes, EBADF);
		return 0;
	}
	if (isatty(fd)) {
		bytes->state = REPLAY_TERMINAL;
		return 0;
	}
	if (replay && replay->count == REPLAY_FDS) {
		bytes->state = REPLAY_ONCE;
		return 0;
	}
	start = lseek(fd, 0, SEEK_CUR);
	if (read_all(fd, bound, bytes) < 0)
		return -1;
	if (replay)
		keep(replay, fd, start, bytes);
	return 0;
}

int replay_path(const char *path, size_t bound, struct replay_bytes *bytes)
{
	struct stat status;
	int fd, result;

	*bytes = (struct replay_bytes){.state = REPLAY_OK};
	/* Looked at first: opening a named pipe would take a writer away from the tool. */
	if (stat(path, &status) < 0) {
		fail(bytes, errno);
		return 0;
	}
	if (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode)) {
		bytes->state = REPLAY_ONCE;
		return 0;
	}
	if (S_ISDIR(status.st_mode)) {
		fail(bytes, EISDIR);
		return 0;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0) {
		fail(bytes, errno);
		return 0;
	}
	if (isatty(fd)) {
		bytes->state = REPLAY_TERMINAL;
		close(fd);
		return 0;
	}
	result = read_all(fd, bound, bytes);
	close(fd);
	return result;
}

int replay_install(struct replay *replay, struct fault *fault)
{
	for (size_t i = 0; i < replay->count; i++) {
		const struct replay_kept *kept = &replay->kept[i];

		if (kept->lost)
			return fault_set(fault,
					 "the input at file descriptor %d is too long to "
					 "be counted and has been read: put it into a "
					 "file and name that",
					 kept->fd);
		if (kept->memory >= 0 ? dup2(kept->memory, kept->fd) < 0
				      : kept->back >= 0 &&
						lseek(kept->fd, kept->back, SEEK_SET) < 0)
			return fault_set(fault, "cannot give the input back: %s",
					 strerror(errno));
	}
	return 0;
}

void replay_close(struct replay *replay)
{
	for (size_t i = 0; i < replay->count; i++)
		if (replay->kept[i].memory >= 0)
			close(replay->kept[i].memory);
	replay->count = 0;
}
