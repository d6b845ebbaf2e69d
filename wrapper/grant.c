#include "grant.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "digest.h"
#include "process.h"
#include "transport.h"

enum {
	FAR = 64,
	LARGEST = 64 * 1024, /* bytes of a grant */
};

void grant_digest(const char *const *argv, size_t argc, char digest[GRANT_DIGEST])
{
	struct digest sum;

	_Static_assert((int)DIGEST_HEX == (int)GRANT_DIGEST,
		       "a grant's digest is a digest");
	digest_start(&sum);
	for (size_t i = 1; i < argc; i++)
		digest_add(&sum, argv[i], strlen(argv[i]));
	digest_end(&sum, digest);
}

/* ---- files: event, tool, digest and transports, each ended by a NUL ---- */

static int put(char *text, size_t *length, const char *word)
{
	size_t size = strlen(word) + 1;

	if (size > LARGEST - *length)
		return -1;
	memcpy(text + *length, word, size);
	*length += size;
	return 0;
}

static int write_whole(const char *path, const char *text, size_t length)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	ssize_t written;
	int error;

	if (fd < 0)
		return errno;
	written = write(fd, text, length);
	error = written < 0 ? errno : (size_t)written < length ? ENOSPC : 0;
	if (close(fd) < 0 && !error)
		error = errno;
	if (error)
		unlink(path);
	return error;
}

static bool grant_name(const char *name, pid_t *pid, unsigned long long *start)
{
	char *end;
	long number = strtol(name, &end, 10);

	if (*end != '.' || number <= 0 || number > INT_MAX)
		return false;
	*pid = (pid_t)number;
	*start = strtoull(end + 1, &end, 10);
	return *end == '\0';
}

/* Removes the grants of processes that are gone, or all of them. */
static void sweep(const char *directory, bool all)
{
	DIR *entries = opendir(directory);
	struct dirent *entry;

	while (entries && (entry = readdir(entries))) {
		unsigned long long start;
		pid_t pid;

		if (grant_name(entry->d_name, &pid, &start) &&
		    (all || !process_alive(pid, start)))
			unlinkat(dirfd(entries), entry->d_name, 0);
	}
	if (entries)
		closedir(entries);
}

int grant_take(const char *session, const struct grant *grant, struct fault *fault)
{
	char directory[PATH_MAX], path[PATH_MAX + 64], *text;
	size_t length = 0;
	int error, fits;

	if ((size_t)snprintf(directory, sizeof(directory), "%s/grants", session) >=
	    sizeof(directory))
		return fault_set(fault, "the session directory's name is too long");
	snprintf(path, sizeof(path), "%s/%d.%llu", directory, (int)grant->pid,
		 grant->start);
	text = malloc(LARGEST);
	if (!text)
		return fault_set(fault, "out of memory");
	fits = put(text, &length, grant->event ? grant->event : "") == 0 &&
	       put(text, &length, grant->tool) == 0 &&
	       put(text, &length, grant->digest) == 0;
	for (const char *const *name = grant->transports; fits && *name; name++)
		fits = put(text, &length, *name) == 0;
	if (!fits) {
		free(text);
		return fault_set(fault, "the transports of %s are too many", grant->tool);
	}
	error = write_whole(path, text, length);
	if (error == ENOENT) {
		error = mkdir(directory, 0700) < 0 && errno != EEXIST
				? errno
				: write_whole(path, text, length);
	}
	free(text);
	if (error)
		return fault_set(fault, "the grant %s cannot be written: %s", path,
				 strerror(error));
	sweep(directory, false);
	return 0;
}

static const char *next_word(const char **at, const char *end)
{
	const char *word = *at, *stop = memchr(word, '\0', (size_t)(end - word));

	if (!stop)
		return NULL;
	*at = stop + 1;
	return word;
}

static int parse(struct arena *arena, const char *text, size_t length,
		 struct grant *grant)
{
	const char *at = text, *end = text + length;
	size_t count = 0, capacity = 0;
	const char **names = NULL, *word;

	grant->event = next_word(&at, end);
	grant->tool = grant->event ? next_word(&at, end) : NULL;
	grant->digest = grant->tool ? next_word(&at, end) : NULL;
	if (!grant->digest)
		return 0;
	do {
		names = arena_grow(arena, names, count, &capacity, sizeof(*names));
		if (!names)
			return -1;
		word = next_word(&at, end);
		names[count++] = word;
	} while (word);
	grant->transports = names;
	return 1;
}

/* The grant of this very process: 1, 0 when it has none, -1 when it cannot be read. */
static int read_grant(const char *session, struct arena *arena,
		      const struct process *process, struct grant *grant,
		      struct fault *fault)
{
	char path[PATH_MAX];
	ssize_t length;
	char *text;
	int fd;

	if ((size_t)snprintf(path, sizeof(path), "%s/grants/%d.%llu", session,
			     (int)process->pid, process->start) >= sizeof(path))
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0)
		return fault_set(fault, "the grant %s cannot be read: %s", path,
				 strerror(errno));
	text = arena_alloc(arena, LARGEST);
	length = text ? read(fd, text, LARGEST) : -1;
	close(fd);
	*grant = (struct grant){.pid = process->pid, .start = process->start};
	if (length < 0)
		return fault_set(fault, "the grant %s cannot be read", path);
	return parse(arena, text, (size_t)length, grant) < 0
		       ? fault_set(fault, "out of memory while a grant was read")
		       : grant->transports != NULL;
}

bool grant_covers(const struct grant *grant, const struct grant_wish *wish)
{
	if (strcmp(grant->tool, wish->tool) == 0 &&
	    strcmp(grant->digest, wish->digest) == 0)
		return true;
	return transports_cover(grant->transports, wish->tool, wish->line);
}

int grant_find(const char *session, struct arena *arena, pid_t pid,
	       const struct grant_wish *wish, struct grant *grant, struct fault *fault)
{
	struct process process;

	for (int i = 0; i < FAR && pid > 1 && process_look(pid, &process); i++) {
		int found = read_grant(session, arena, &process, grant, fault);

		if (found < 0)
			return -1;
		/*
		 * A grant that does not cover this command hides those above it: what an
		 * approved playbook starts is not the business of who started the playbook.
		 */
		if (found)
			return grant_covers(grant, wish) ||
			       strcmp(grant->transports[0] ? grant->transports[0] : "",
				      "*") == 0;
		pid = process.parent;
	}
	return 0;
}

void grant_drop(const char *session, pid_t pid, unsigned long long start)
{
	char path[PATH_MAX];

	if ((size_t)snprintf(path, sizeof(path), "%s/grants/%d.%llu", session, (int)pid,
			     start) < sizeof(path))
		unlink(path);
}

void grant_remove_all(const char *session)
{
	char directory[PATH_MAX];

	if ((size_t)snprintf(directory, sizeof(directory), "%s/grants", session) >=
	    sizeof(directory))
		return;
	sweep(directory, true);
	rmdir(directory);
}
