/* An exec by a grant: is it what was granted, and is it what has come of it? */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "books_server.h"
#include "exec_path.h"
#include "supervisor.h"

enum { FIRST_BYTES = 16 << 10, MOST_BYTES = 8 << 20, BYTES_A_WORD = 8 };

/* All words of argv: -1 when there are too many, or they cannot be read. */
static int read_words(const struct caller *caller, struct caller_words *words)
{
	for (size_t size = FIRST_BYTES; size <= MOST_BYTES; size *= 4) {
		words->size = size;
		words->limit = size / BYTES_A_WORD;
		words->text = malloc(words->size);
		words->words = malloc(words->limit * sizeof(*words->words));
		if (words->text && words->words && caller_words(caller, words) == 0 &&
		    words->complete)
			return 0;
		free(words->text);
		free(words->words);
	}
	return -1;
}

/* The file that the exec is about; false when there is none. */
static bool find_file(const struct pending *pending, struct granted *file)
{
	const struct caller *caller = &pending->caller;
	struct exec_view view =
		exec_view_of(caller->tid, &pending->supervisor->finder.root);
	char path[PATH_MAX], link[64], start[2];
	struct exec_found found;
	struct statx status;
	bool good;
	int fd;

	view.may_block = true;
	if (caller_string(caller, caller->path, path, sizeof(path)) < 0 ||
	    exec_path_find(&view, caller->directory, path, caller->flags, &found) < 0)
		return false;
	good = statx(found.fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &status) == 0 &&
	       S_ISREG(status.stx_mode);
	if (good) {
		file->device = makedev(status.stx_dev_major, status.stx_dev_minor);
		file->inode = status.stx_ino;
		snprintf(link, sizeof(link), "/proc/self/fd/%d", found.fd);
		fd = open(link, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		file->script = fd >= 0 && pread(fd, start, 2, 0) == 2 &&
			       memcmp(start, "#!", 2) == 0;
		if (fd >= 0)
			close(fd);
	}
	close(found.fd);
	return good;
}

static struct granted *make(const struct granted *file, const struct caller_words *words)
{
	const char *end = words->words[words->count - 1];
	struct granted *granted;
	size_t length;

	end += strlen(end) + 1;
	length = (size_t)(end - words->text);
	granted = malloc(sizeof(*granted) + length);
	if (!granted)
		return NULL;
	*granted = *file;
	granted->length = length;
	granted->first = strlen(words->text) + 1;
	memcpy(granted->text, words->text, length);
	return granted;
}

struct granted *granted_find(const struct pending *pending)
{
	struct supervisor *supervisor = pending->supervisor;
	struct caller_words words = {0};
	struct granted file = {0}, *granted = NULL;
	char digest[GRANT_DIGEST];
	struct caller_status status;

	if (!caller_status(pending->caller.tid, &status) || !find_file(pending, &file) ||
	    read_words(&pending->caller, &words) < 0)
		return NULL;
	books_argv_digest(words.words, words.count, digest);
	/* What was read is the caller's only if it still waits. */
	if (words.count > 0 && caller_waiting(&pending->caller) &&
	    supervisor->daemon->allows(supervisor->daemon_context, status.process,
				       file.device, file.inode, digest))
		granted = make(&file, &words);
	free(words.text);
	free(words.words);
	return granted;
}

static bool is_file(const struct granted *granted, pid_t process)
{
	struct stat status;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%ld/exe", (long)process);
	return stat(path, &status) == 0 && status.st_dev == granted->device &&
	       status.st_ino == granted->inode;
}

/* proc(5): the arguments as the kernel has put them on the new stack. */
static bool has_arguments(const struct granted *granted, pid_t process)
{
	size_t tail =
		granted->script ? granted->length - granted->first : granted->length;
	const char *wanted = granted->text + (granted->length - tail);
	size_t room = tail + 3 * PATH_MAX, length = 0;
	char path[64], *text = malloc(room + 1);
	ssize_t got = 1;
	bool same;
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/cmdline", (long)process);
	fd = text ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	while (fd >= 0 && length <= room && got > 0) {
		got = read(fd, text + length, room + 1 - length);
		if (got > 0)
			length += (size_t)got;
	}
	if (fd >= 0)
		close(fd);
	/* In front of a script's own arguments stand the words of its first line. */
	same = length >= tail && (granted->script ? length <= room : length == tail) &&
	       memcmp(text + (length - tail), wanted, tail) == 0;
	free(text);
	return same;
}

bool granted_is(const struct granted *granted, pid_t process)
{
	return (granted->script || is_file(granted, process)) &&
	       has_arguments(granted, process);
}
