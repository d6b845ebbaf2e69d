/*
 * The file of the audit log, STATE/audit.jsonl (mode 0600): appending to it among other
 * processes. A record is whole or it is not there: what a power failure or a kill left of
 * one is recognised by the next writer, which goes on behind it with a record that says so.
 */
#ifndef TALLY_AUDIT_LOG_H
#define TALLY_AUDIT_LOG_H

#include <stdbool.h>

#include <jansson.h>

#include "arena.h"
#include "fault.h"

#define AUDIT_FILE "audit.jsonl"

enum {
	AUDIT_LOCK_MS = 5000,  /* how long another writer may hold the log */
	AUDIT_TORN = 64 << 20, /* bytes at the end that may be no records */
};

/* STATE/audit.jsonl; NULL when memory is short. */
const char *audit_path(struct arena *arena, const char *state);

/*
 * Appends one record (an object with "tallygate" and "event" in it, which is changed). With
 * `durable` it is on the disk when this returns. The cost does not go with the size of the
 * log. -1 and `fault`, which names the file and what to do; then nothing has been appended.
 */
int audit_append(struct arena *arena, const char *state, json_t *record, bool durable,
		 struct fault *fault);

/*
 * Closes the log under the name audit-TIME.jsonl (*rotated, its path) and begins a new one,
 * whose first record continues the chain. No record is lost or comes twice, whoever is
 * writing meanwhile. -1 and `fault`.
 */
int audit_rotate(struct arena *arena, const char *state, const char **rotated,
		 struct fault *fault);

#endif
