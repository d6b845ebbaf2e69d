/* What the parts of the books (books_server.h) share. Not for anybody else. */
#ifndef TALLY_BOOKS_STATE_H
#define TALLY_BOOKS_STATE_H

#include <stdbool.h>

#include "books_grants.h"
#include "books_server.h"
#include "ledger.h"
#include "rules_snapshot.h"
#include "rulebook.h"

enum {
	BOOKS_RULES = 256 << 20,   /* bytes of memory for rules */
	BOOKS_REQUEST = 512 << 20, /* and for one request */
};

/* One generation of rules, loaded whole. */
struct books_rules {
	struct arena *arena;
	struct rules_snapshot snapshot;
	struct rulebook book;
	int64_t since; /* seconds since the epoch */
};

struct books {
	struct arena *arena; /* of the options and what follows from them */
	struct books_options options;
	const char *const *directories; /* of the rules in force, by the link */
	struct books_rules *rules;	/* NULL: there are none that are good */
	struct fault rules_fault;	/* of the last reload; text "" when it was good */
	struct ledger *ledger;		/* NULL: not open */
	struct grants *grants;
	bool grants_loaded;
	int64_t since;
	uint64_t requests, admitted, refused;
};

/* ---- books_rules.c ---- */

/* Loads the newest good snapshot, for when the rules themselves are broken. */
int books_rules_fall_back(struct books *books, struct fault *fault);
void books_rules_free(struct books_rules *rules);

/* ---- books_request.c ---- */

/* One request while it is answered: all of it lives in its arena. */
struct books_request {
	struct books *books;
	struct arena *arena;
	const struct books_peer *peer;
	const json_t *message;
	const char *event; /* as the gate calls this command: a UUID */
};

/* {"error": ..., "reason": ...}; NULL when memory is short. */
json_t *books_error(const char *error, const char *reason);

/* The same, with the sentence of a fault, files by the names that people know. */
json_t *books_failed(const struct books_request *request, const char *error,
		     struct fault *fault);
json_t *books_done(void); /* {"done": true} */
json_t *books_malformed(void);

/* "file": device and inode, of a request. -1: it is none. */
int books_file(const struct books_request *request, uint64_t *dev, uint64_t *ino);

/* "argv" of a request, by its digest. -1: it is none. */
int books_argv(const struct books_request *request, const char *const **argv,
	       char digest[GRANT_DIGEST]);

/* Opens the ledger, if need be; NULL and `fault`. */
struct ledger *books_ledger(struct books *books, struct fault *fault);

/* What cannot be read or written will not be better the next time: it is opened anew. */
void books_ledger_lost(struct books *books);

/* ---- books_judge.c: what is asked about a command ---- */

json_t *books_look(const struct books_request *request);
json_t *books_read(const struct books_request *request);
json_t *books_admit(const struct books_request *request);

/* ---- books_tell.c: what is told, and what is written ---- */

json_t *books_withdraw(const struct books_request *request);
json_t *books_record(const struct books_request *request);
json_t *books_shell(const struct books_request *request);
json_t *books_probe(const struct books_request *request);

/* The end record of what has been executed by a permit. */
void books_write_end(struct books *books, const struct permit *permit, bool status_known,
		     int status);

/* Takes a permit into the table, and into the ledger's database if it has to last. */
int books_permit(struct books *books, const struct permit *permit, struct fault *fault);

#endif
