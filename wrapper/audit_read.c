#include "audit_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "audit_log.h"

enum { FIRST_BUFFER = 256 * 1024 };

static int broken(const char *path, const char *doing, int error, struct fault *fault)
{
	const char *advice = "";

	if (error == ENOENT)
		advice = "; nothing has been recorded yet, or it stands elsewhere: name "
			 "it behind the options";
	else if (error == EACCES)
		advice = "; only its owner and root may read it";
	return fault_set(fault, "the audit log %s cannot be %s: %s%s", path, doing,
			 strerror(error), advice);
}

int audit_reader_more(struct audit_reader *reader, struct fault *fault)
{
	off_t before = reader->end;
	struct stat status;
	int result;

	/* Writers hold the lock for microseconds; nobody is half way through a line then. */
	while (flock(reader->fd, LOCK_SH) < 0 && errno == EINTR)
		;
	result = fstat(reader->fd, &status);
	flock(reader->fd, LOCK_UN);
	if (result < 0)
		return broken(reader->path, "read", errno, fault);
	if (!S_ISREG(status.st_mode))
		return fault_set(fault, "the audit log %s is not a regular file",
				 reader->path);
	if (status.st_size < before)
		return fault_set(fault, "the audit log %s has become shorter: it was cut",
				 reader->path);
	reader->end = status.st_size;
	return reader->end > before;
}

int audit_reader_open(struct audit_reader *reader, const char *path, struct fault *fault)
{
	memset(reader, 0, sizeof(*reader));
	reader->path = path;
	reader->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (reader->fd < 0)
		return broken(path, "opened", errno, fault);
	reader->buffer = malloc(FIRST_BUFFER + 1);
	reader->size = FIRST_BUFFER;
	if (!reader->buffer || audit_reader_more(reader, fault) < 0) {
		if (!reader->buffer)
			fault_set(fault, "out of memory");
		audit_reader_close(reader);
		return -1;
	}
	return 0;
}

void audit_reader_close(struct audit_reader *reader)
{
	free(reader->buffer);
	reader->buffer = NULL;
	if (reader->fd >= 0)
		close(reader->fd);
	reader->fd = -1;
}

/* Moves what is left to the front, makes room, and reads on. 0 at the end. */
static int fill(struct audit_reader *reader, struct fault *fault)
{
	off_t at = reader->offset + (off_t)(reader->filled - reader->used);
	size_t room;
	ssize_t got;

	memmove(reader->buffer, reader->buffer + reader->used,
		reader->filled - reader->used);
	reader->filled -= reader->used;
	reader->used = 0;
	if (reader->filled == reader->size) {
		char *grown;

		if (reader->size >= AUDIT_TORN)
			return fault_set(fault,
					 "%s:%llu: this line has more than %d MiB: it is "
					 "no record",
					 reader->path,
					 (unsigned long long)reader->number + 1,
					 AUDIT_TORN >> 20);
		grown = realloc(reader->buffer, reader->size * 2 + 1);
		if (!grown)
			return fault_set(fault, "out of memory");
		reader->buffer = grown;
		reader->size *= 2;
	}
	room = reader->size - reader->filled;
	if ((off_t)room > reader->end - at)
		room = (size_t)(reader->end - at);
	if (room == 0)
		return 0;
	do
		got = pread(reader->fd, reader->buffer + reader->filled, room, at);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return broken(reader->path, "read", errno, fault);
	reader->filled += (size_t)got;
	return got > 0;
}

int audit_reader_next(struct audit_reader *reader, struct audit_text *line,
		      struct fault *fault)
{
	size_t searched = 0;

	for (;;) {
		char *start = reader->buffer + reader->used;
		size_t left = reader->filled - reader->used;
		char *newline = memchr(start + searched, '\n', left - searched);
		int more;

		if (newline) {
			*newline = '\0';
			*line = (struct audit_text){start, (size_t)(newline - start),
						    false};
			reader->used += line->length + 1;
			reader->offset += (off_t)line->length + 1;
			reader->number++;
			return 1;
		}
		searched = left;
		more = fill(reader, fault);
		if (more < 0)
			return -1;
		if (more)
			continue;
		if (left == 0)
			return 0;
		/* The same bytes may be the beginning of a whole line later. */
		reader->buffer[left] = '\0';
		*line = (struct audit_text){reader->buffer, left, true};
		return 1;
	}
}

/* ---- fields ---- */

const json_t *audit_find(const json_t *record, const char *path)
{
	char name[64];

	while (record && *path) {
		size_t length = strcspn(path, ".");

		if (length >= sizeof(name))
			return NULL;
		memcpy(name, path, length);
		name[length] = '\0';
		record = json_object_get(record, name);
		path += length + (path[length] == '.');
	}
	return record;
}

const char *audit_get(const json_t *record, const char *path)
{
	const char *text = json_string_value(audit_find(record, path));

	return text ? text : "";
}

int64_t audit_get_number(const json_t *record, const char *path, int64_t missing)
{
	const json_t *value = audit_find(record, path);

	return json_is_integer(value) ? json_integer_value(value) : missing;
}

int64_t audit_time(const json_t *record)
{
	struct tm utc = {0};
	const char *end =
		strptime(audit_get(record, "@timestamp"), "%Y-%m-%dT%H:%M:%S", &utc);

	return end ? (int64_t)timegm(&utc) : -1;
}
