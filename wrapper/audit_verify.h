/* Is the chain of an audit log whole? And if not, where was it touched first? */
#ifndef TALLY_AUDIT_VERIFY_H
#define TALLY_AUDIT_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "audit_chain.h"
#include "fault.h"

/* Where the chain stood once, as somebody kept it elsewhere. */
struct audit_anchor {
	uint64_t sequence; /* 0: only the hash is known */
	char hash[AUDIT_HASH];
};

struct audit_check {
	const char *problem; /* the first one, with file:line; NULL: the chain is whole */
	uint64_t records;
	uint64_t torn;	/* torn lines that a later record tells of */
	uint64_t first; /* sequence of the first record; more than 1: older files */
	struct audit_link head; /* the last record that was good */
	char time[40];		/* its @timestamp */
};

/* "HASH", "SEQUENCE:HASH", or the name of a file that holds one. -1 and `fault`. */
int audit_anchor_read(const char *text, struct audit_anchor *anchor, struct fault *fault);

/*
 * Follows the chain through the files, which are in the order they were written; with an
 * anchor (or NULL), looks whether its record is in it. 0 and *check, whatever was found; -1
 * and `fault` when a file cannot be read or memory is short.
 */
int audit_verify(struct arena *arena, const char *const *paths, size_t count,
		 const struct audit_anchor *anchor, struct audit_check *check,
		 struct fault *fault);

#endif
