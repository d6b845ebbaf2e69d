#include "audit_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "audit_log.h"
#include "state_directory.h"

/* What can be done about an errno, as the end of a sentence. */
static const char *advice(int error)
{
	switch (error) {
	case ENOSPC:
	case EDQUOT:
		return "; make room there, without a record no guarded command runs";
	case EFBIG:
		return "; `ulimit -f` lets no file grow further, raise it or move the "
		       "log "
		       "away";
	case EACCES:
	case EPERM:
		return "; its owner and mode, and those of its directory, must let this "
		       "user write it";
	case EROFS:
		return "; its file system is mounted read-only";
	case EEXIST:
		return "; try again in a second";
	case ELOOP:
		return "; it must not be a symbolic link";
	default:
		return "";
	}
}

int audit_broken(const char *path, const char *doing, int error, struct fault *fault)
{
	return fault_set(fault, "the audit log %s cannot be %s: %s%s", path, doing,
			 strerror(error), advice(error));
}

/* ---- opening ---- */

/* The name of a new file has to be on the disk as well as what is in it. */
static int sync_directory(const char *state, const char *path, struct fault *fault)
{
	int directory = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result = 0;

	if (directory < 0 || fsync(directory) < 0)
		result = audit_broken(path, "made", errno, fault);
	if (directory >= 0)
		close(directory);
	return result;
}

static int open_log(const char *state, const char *path, struct fault *fault)
{
	const int flags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY;
	int fd = open(path, flags);

	for (int round = 0; fd < 0 && errno == ENOENT && round < 2; round++) {
		if (round == 0 && state_directory_make(state, fault) < 0)
			return -1;
		fd = state_file_make(state, path, flags);
		if (fd >= 0 && sync_directory(state, path, fault) < 0) {
			close(fd);
			return -1;
		}
		/* Somebody else was faster. */
		if (fd < 0 && errno == EEXIST)
			fd = open(path, flags);
	}
	if (fd < 0)
		return audit_broken(path, "opened", errno, fault);
	return fd;
}

/* One name only, so that root below sudo appends to no file a user has linked here. */
static int check_file(const char *path, const struct stat *status, struct fault *fault)
{
	if (!S_ISREG(status->st_mode))
		return fault_set(fault,
				 "the audit log %s is not a regular file; move it away",
				 path);
	if (status->st_nlink > 1)
		return fault_set(fault,
				 "the audit log %s has a second name (a hard link); "
				 "remove one of them",
				 path);
	return 0;
}

static int64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Others hold it for microseconds; a process that was stopped with it must not stop all. */
static int lock(const char *path, int fd, struct fault *fault)
{
	struct timespec pause = {.tv_nsec = 100 * 1000};
	int64_t end = clock_ms() + AUDIT_LOCK_MS;

	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return audit_broken(path, "locked", errno, fault);
		if (clock_ms() > end)
			return fault_set(
				fault,
				"the audit log %s has been locked for %d seconds; "
				"`lslocks` shows by which process",
				path, AUDIT_LOCK_MS / 1000);
		nanosleep(&pause, NULL);
		if (pause.tv_nsec < 4 * 1000 * 1000)
			pause.tv_nsec *= 2;
	}
	return 0;
}

int audit_open_locked(const char *state, const char *path, off_t *size,
		      struct fault *fault)
{
	for (;;) {
		int fd = open_log(state, path, fault);
		struct stat opened, named;

		if (fd < 0)
			return -1;
		if (lock(path, fd, fault) < 0 || fstat(fd, &opened) < 0) {
			close(fd);
			return -1;
		}
		if (opened.st_nlink > 0 && lstat(path, &named) == 0 &&
		    named.st_dev == opened.st_dev && named.st_ino == opened.st_ino) {
			*size = opened.st_size;
			if (check_file(path, &opened, fault) == 0)
				return fd;
			close(fd);
			return -1;
		}
		close(fd);
	}
}

/* ---- writing ---- */

int audit_write(int fd, const char *bytes, size_t length)
{
	while (length) {
		ssize_t written = write(fd, bytes, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0) {
			errno = written ? errno : EIO;
			return -1;
		}
		bytes += written;
		length -= (size_t)written;
	}
	return 0;
}

int audit_write_line(const char *path, int fd, off_t *size, json_t *record,
		     struct audit_link *link, struct fault *fault)
{
	size_t length;
	char *line = audit_line(record, link, &length);
	int error;

	if (!line)
		return fault_set(fault, "out of memory while the audit record was made");
	if (audit_write(fd, line, length) < 0) {
		error = errno;
		free(line);
		/* If not even that can be done, the next writer sees a torn line. */
		while (ftruncate(fd, *size) < 0 && errno == EINTR)
			;
		return audit_broken(path, "written", error, fault);
	}
	free(line);
	*size += (off_t)length;
	return 0;
}
