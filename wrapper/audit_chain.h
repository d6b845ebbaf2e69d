/*
 * The chain of the audit log. Every line ends in
 *
 *     ,"sequence":N,"hash":"H"}}
 *
 * where N counts the records and H is the BLAKE2b-256, in hex, of all bytes of the line in
 * front of `,"hash"`. Those bytes hold the hash of the record before (tallygate.previous), so
 * that no record can be changed without all later ones. As number and hash stand at the end,
 * the next writer has to read the last bytes of the log only, whatever its size; and
 * `head -c -76 | b2sum -l 256` computes a hash by hand.
 */
#ifndef TALLY_AUDIT_CHAIN_H
#define TALLY_AUDIT_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

enum {
	AUDIT_HASH = 65,		     /* hex of BLAKE2b-256, and the NUL */
	AUDIT_TRAILER = 9 + 64 + 3,	     /* ,"hash":"H"}} */
	AUDIT_END = AUDIT_TRAILER + 12 + 20, /* and ,"sequence":N before it, at most */
	AUDIT_LINE = 1 << 20,		     /* no record is longer */
};

/* Where a chain stands: the last record's number and hash. */
struct audit_link {
	uint64_t sequence;     /* 0: there is no record yet */
	char hash[AUDIT_HASH]; /* 64 zeros before the first record */
};

/* The beginning of all chains. */
extern const struct audit_link audit_chain_start;

/* Reads the end of a line (or its last AUDIT_END bytes), newline excluded. */
bool audit_link_read(const char *line, size_t length, struct audit_link *link);

/* True when the hash of a whole line is the one it should have; `found` is set to that. */
bool audit_line_intact(const char *line, size_t length, const struct audit_link *link,
		       char found[AUDIT_HASH]);

void audit_hash(const void *bytes, size_t length, char hex[AUDIT_HASH]);

/*
 * `record` as the line that comes after *link, with newline: sets @timestamp,
 * tallygate.previous, event.sequence and event.hash, and moves *link on. malloc()ed; NULL
 * when memory is short or the line would be longer than AUDIT_LINE.
 */
char *audit_line(json_t *record, struct audit_link *link, size_t *length);

#endif
