#include "state_directory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* To the owner of `directory`, which `fd` was made in. */
static int give(int fd, const char *directory)
{
	struct stat status;

	if (geteuid() != 0)
		return 0;
	if (stat(directory, &status) < 0)
		return -1;
	return status.st_uid == 0 ? 0 : fchown(fd, status.st_uid, status.st_gid);
}

static int make_one(const char *path, const char *parent)
{
	int fd, result;

	if (mkdir(path, 0700) < 0)
		return errno == EEXIST ? 0 : -1;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -1;
	result = give(fd, parent);
	close(fd);
	return result;
}

int state_directory_make(const char *state, struct fault *fault)
{
	char path[4096], parent[4096] = "/";
	size_t length = strlen(state);

	if (length >= sizeof(path))
		return fault_set(fault, "the state directory's name is too long: %s",
				 state);
	memcpy(path, state, length + 1);
	for (char *p = path + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (make_one(path, parent) < 0)
			return fault_set(fault, "%s cannot be made: %s", path,
					 strerror(errno));
		memcpy(parent, path, (size_t)(p - path) + 1);
		*p = '/';
	}
	if (make_one(path, parent) < 0)
		return fault_set(fault, "%s cannot be made: %s", path, strerror(errno));
	return 0;
}

int state_file_make(const char *state, const char *path, int flags)
{
	int fd = open(path, flags | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int error;

	if (fd < 0 || give(fd, state) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}
