/*
 * The end of the audit log: where the chain stands, and what may lie behind it that is no
 * record (half a line, zeros) after a power failure or a kill in the middle of a write.
 */
#ifndef TALLY_AUDIT_TORN_H
#define TALLY_AUDIT_TORN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <jansson.h>

#include "audit_chain.h"

struct audit_torn {
	off_t offset;		 /* where it begins */
	uint64_t bytes;		 /* 0: nothing is torn; the newline to come included */
	char digest[AUDIT_HASH]; /* of all these bytes */
	bool open;		 /* it does not end in a newline: one has to be written */
};

/*
 * Looks at the end of the log of `size` bytes. 0, or -1 with errno; EFBIG: more than
 * AUDIT_TORN bytes are no records.
 */
int audit_torn_look(int fd, off_t size, struct audit_link *link, struct audit_torn *torn);

/* The record that tells of it, which continues the chain. NULL when memory is short. */
json_t *audit_torn_note(const struct audit_torn *torn);

#endif
