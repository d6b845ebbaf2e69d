#include "kept_shells.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEPT_BYTES = 4 << 20 };

/* As tallysh goes by it for everybody, it must be nobody's but root's. */
static int only_roots(const char *path, int fd, size_t *size, struct fault *fault)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return fault_set(fault, "%s: %s", path, strerror(errno));
	if (!S_ISREG(status.st_mode) || status.st_uid != 0 || (status.st_mode & 022))
		return fault_set(fault,
				 "%s must be a file of root's that nobody else can "
				 "write: chown root %s; chmod 644 %s",
				 path, path, path);
	if (status.st_size > KEPT_BYTES)
		return fault_set(fault, "%s is larger than it can be", path);
	*size = (size_t)status.st_size;
	return 0;
}

static int take_line(struct arena *arena, struct kept_shells *kept, size_t *capacity,
		     char *line)
{
	char *colon = strchr(line, ':');
	struct kept_shell *list;

	if (!colon || colon == line || colon[1] != '/')
		return 0; /* no line of ours */
	list = arena_grow(arena, kept->list, kept->count, capacity, sizeof(*list));
	if (!list)
		return -1;
	*colon = '\0';
	kept->list = list;
	list[kept->count++] = (struct kept_shell){.user = line, .shell = colon + 1};
	return 0;
}

static int read_lines(struct arena *arena, const char *path, int fd, size_t size,
		      struct kept_shells *kept, struct fault *fault)
{
	char *text = arena_alloc(arena, size + 1), *line;
	size_t length = 0, capacity = 0;
	ssize_t got = 1;

	if (!text)
		return fault_set(fault, "out of memory");
	while (length < size && got > 0) {
		got = read(fd, text + length, size - length);
		if (got < 0)
			return fault_set(fault, "%s: %s", path, strerror(errno));
		length += (size_t)got;
	}
	text[length] = '\0';
	while ((line = strsep(&text, "\n")))
		if (take_line(arena, kept, &capacity, line) < 0)
			return fault_set(fault, "out of memory");
	return 0;
}

int kept_shells_load(struct arena *arena, const char *path, struct kept_shells *kept,
		     struct fault *fault)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), result;
	size_t size = 0;

	*kept = (struct kept_shells){0};
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return fault_set(fault, "%s: %s", path, strerror(errno));
	result = only_roots(path, fd, &size, fault);
	if (result == 0)
		result = read_lines(arena, path, fd, size, kept, fault);
	close(fd);
	return result;
}

const char *kept_shell_of(const struct kept_shells *kept, const char *user)
{
	for (size_t i = 0; i < kept->count; i++)
		if (strcmp(kept->list[i].user, user) == 0)
			return kept->list[i].shell;
	return NULL;
}

static void write_lines(FILE *file, const struct kept_shells *kept, const char *user,
			const char *shell)
{
	for (size_t i = 0; i < kept->count; i++)
		if (strcmp(kept->list[i].user, user) != 0)
			fprintf(file, "%s:%s\n", kept->list[i].user, kept->list[i].shell);
	if (shell)
		fprintf(file, "%s:%s\n", user, shell);
}

static int replace(const char *path, const char *fresh, const struct kept_shells *kept,
		   const char *user, const char *shell, struct fault *fault)
{
	int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	int failed;

	if (!file) {
		if (fd >= 0)
			close(fd);
		return fault_set(fault, "%s cannot be written: %s", fresh,
				 strerror(errno));
	}
	write_lines(file, kept, user, shell);
	failed = fchmod(fd, 0644) < 0 || fflush(file) != 0 || fsync(fd) < 0 ? errno : 0;
	if (fclose(file) != 0 && !failed)
		failed = errno;
	if (!failed && rename(fresh, path) < 0)
		failed = errno;
	if (!failed)
		return 0;
	unlink(fresh);
	return fault_set(fault, "%s cannot be written: %s", path, strerror(failed));
}

int kept_shells_set(struct arena *arena, const char *path, const char *user,
		    const char *shell, struct fault *fault)
{
	const char *slash = strrchr(path, '/'), *fresh, *directory;
	struct kept_shells kept;
	int lock, result;

	fresh = arena_printf(arena, "%s.new", path);
	directory = arena_strndup(arena, path, (size_t)(slash - path));
	if (!fresh || !directory)
		return fault_set(fault, "out of memory");
	if (mkdir(directory, 0755) < 0 && errno != EEXIST)
		return fault_set(fault, "%s cannot be made: %s", directory,
				 strerror(errno));
	/* The directory itself is the lock: the file is another one each time. */
	lock = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (lock < 0 || flock(lock, LOCK_EX) < 0) {
		result = fault_set(fault, "%s: %s", directory, strerror(errno));
	} else {
		result = kept_shells_load(arena, path, &kept, fault);
		if (result == 0)
			result = replace(path, fresh, &kept, user, shell, fault);
		if (result == 0 && fsync(lock) < 0)
			result = fault_set(fault, "%s: %s", directory, strerror(errno));
	}
	if (lock >= 0)
		close(lock);
	return result;
}
