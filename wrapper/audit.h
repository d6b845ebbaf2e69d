/*
 * The audit log: one JSON object a line, Elastic Common Schema names, each record chained to
 * the one before (docs/audit.md). What the gate records of a command is in gate_record.c.
 */
#ifndef TALLY_AUDIT_H
#define TALLY_AUDIT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "arena.h"
#include "fault.h"

/* How a command that was let through ended. */
struct audit_end {
	const char
		*event; /* event.id of the record it was let through by, NULL: unknown */
	pid_t pid;
	bool status_known;
	int status;	      /* as wait(2) gives it */
	int64_t milliseconds; /* from its record to its end; negative: not known */
	const char *tool;     /* NULL: not known */
};

/*
 * Appends the end record of a command to the log in the directory `state`. Does not wait for
 * the disk; waits for other writers at most AUDIT_LOCK_MS (audit_log.h). -1 and `fault`, which
 * says what to do: the command has ended either way, so the caller can only tell somebody.
 */
int audit_write_end(struct arena *arena, const char *state, const struct audit_end *end,
		    struct fault *fault);

/* A new event.id: a UUID of version 7 (RFC 9562), so that ids sort by time. NULL: memory. */
const char *audit_event_id(struct arena *arena);

#endif
