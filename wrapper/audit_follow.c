#include "audit_follow.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOOK_MS = 1000 }; /* file systems over a network say nothing: look by ourselves */

int audit_follow_start(const char *path, struct fault *fault)
{
	const char *slash = strrchr(path, '/');
	char directory[PATH_MAX] = ".";
	int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (slash)
		snprintf(directory, sizeof(directory), "%.*s",
			 slash == path ? 1 : (int)(slash - path), path);
	if (watch < 0 || inotify_add_watch(watch, directory,
					   IN_MODIFY | IN_CREATE | IN_MOVED_TO) < 0) {
		fault_set(fault, "%s cannot be watched: %s", directory, strerror(errno));
		if (watch >= 0)
			close(watch);
		return -1;
	}
	return watch;
}

/* The log was moved away and another one stands in its place. */
static int reopen(struct audit_reader *reader, struct fault *fault)
{
	struct stat opened, named;
	struct audit_reader fresh;

	if (fstat(reader->fd, &opened) < 0 || stat(reader->path, &named) < 0 ||
	    (opened.st_dev == named.st_dev && opened.st_ino == named.st_ino))
		return 0;
	/* What was written into the old one before it was moved comes first. */
	if (opened.st_size > reader->offset)
		return 0;
	if (audit_reader_open(&fresh, reader->path, fault) < 0)
		return -1;
	audit_reader_close(reader);
	*reader = fresh;
	return 0;
}

int audit_follow_wait(int watch, struct audit_reader *reader, struct fault *fault)
{
	struct pollfd waited = {.fd = watch, .events = POLLIN};
	char events[4096];

	/* What is wanted is only that something happened, not what. */
	if (poll(&waited, 1, LOOK_MS) > 0)
		while (read(watch, events, sizeof(events)) > 0)
			;
	if (reopen(reader, fault) < 0)
		return -1;
	return audit_reader_more(reader, fault) < 0 ? -1 : 0;
}
