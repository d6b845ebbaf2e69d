/* Reading an audit log line by line, while others append to it. */
#ifndef TALLY_AUDIT_READ_H
#define TALLY_AUDIT_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <jansson.h>

#include "fault.h"

struct audit_reader {
	const char *path;
	int fd;
	off_t end;	 /* of what is read now: the size when no writer was at work */
	off_t offset;	 /* of the next line */
	uint64_t number; /* of the line that was read last, from 1 */
	char *buffer;
	size_t size, filled, used;
};

struct audit_text {
	const char
		*bytes; /* without newline, NUL-terminated; valid until the next call */
	size_t length;
	bool open; /* the last of the file, and it has no newline */
};

/* Opens the log for reading. -1 and `fault`, which says what to do. */
int audit_reader_open(struct audit_reader *reader, const char *path, struct fault *fault);

/* Sees what has been appended since. 1 when there is more to read, 0, -1 and `fault`. */
int audit_reader_more(struct audit_reader *reader, struct fault *fault);

/* The next line: 1, 0 at the end, -1 and `fault` (also for a line of more than 64 MiB). */
int audit_reader_next(struct audit_reader *reader, struct audit_text *line,
		      struct fault *fault);

void audit_reader_close(struct audit_reader *reader);

/* The text at a path like "process.command_line" of a record, "" when there is none. */
const char *audit_get(const json_t *record, const char *path);

/* The number at a path, `missing` when there is none. */
int64_t audit_get_number(const json_t *record, const char *path, int64_t missing);

/* The value at a path, NULL when there is none. */
const json_t *audit_find(const json_t *record, const char *path);

/* The time of a record, epoch seconds; -1 when it has none. */
int64_t audit_time(const json_t *record);

#endif
