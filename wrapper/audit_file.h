/* The file of the audit log: opened, locked, and a line written whole or not at all. */
#ifndef TALLY_AUDIT_FILE_H
#define TALLY_AUDIT_FILE_H

#include <stddef.h>
#include <sys/types.h>

#include <jansson.h>

#include "audit_chain.h"
#include "fault.h"

/* Says that `path` cannot be "written", why, and what to do. Always returns -1. */
int audit_broken(const char *path, const char *doing, int error, struct fault *fault);

/*
 * The log in the directory `state`, made if need be, with an exclusive lock on it and its size
 * in *size; never one that was moved away meanwhile. Its descriptor, or -1 and `fault`.
 */
int audit_open_locked(const char *state, const char *path, off_t *size,
		      struct fault *fault);

/* All of the bytes; -1 with errno. */
int audit_write(int fd, const char *bytes, size_t length);

/*
 * Writes `record` as the line behind *link, at the end of the log of *size bytes, and moves
 * both on. What was written of a line that does not fit is taken back. -1 and `fault`.
 */
int audit_write_line(const char *path, int fd, off_t *size, json_t *record,
		     struct audit_link *link, struct fault *fault);

#endif
