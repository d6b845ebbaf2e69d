/*
 * The grants of all sessions in memory: what each process may execute, and which commands
 * below it are part of the one it was granted. For any thread.
 */
#ifndef TALLY_BOOKS_GRANTS_H
#define TALLY_BOOKS_GRANTS_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "grant.h"

enum {
	GRANTS_MOST = 65536, /* commands that run at once */
	GRANTS_OF_PROCESS =
		64, /* one after the other in one process: older are forgotten */
};

struct grants;

struct grants *grants_new(void);
void grants_free(struct grants *grants);

/* Leave for one exec of one process. */
struct permit {
	struct grant
		grant; /* transports NULL: it covers nothing that is started below it */
	uint64_t dev, ino;
	char argv_digest[GRANT_DIGEST];
	int64_t admission; /* of the ledger, 0: nothing is reserved */
	int64_t since;	   /* monotonic milliseconds; negative: not known */
	bool used;	   /* it has been executed */
	bool probe;	   /* no command of its own: its end is not written */
	bool kept;	   /* it is in the ledger's database, too */
};

/* Takes it in, copied. -1: there are too many, or memory is short. */
int grants_take(struct grants *grants, const struct permit *permit);

/* Whether the process has a permit of that event. */
bool grants_has(struct grants *grants, pid_t pid, unsigned long long start,
		const char *event);

/* Lets the process execute something else by the permit of `event`. -1: there is none. */
int grants_change(struct grants *grants, pid_t pid, unsigned long long start,
		  const char *event, uint64_t dev, uint64_t ino, const char *argv_digest);

/* Whether the process may execute that, which is noted. */
bool grants_allow(struct grants *grants, pid_t pid, unsigned long long start,
		  uint64_t dev, uint64_t ino, const char *argv_digest);

/*
 * Looks upwards from `pid` (itself included), as grant_find() does, for the nearest grant that
 * could cover something: 1 when it covers the command; *event (in the arena) is its event. 0
 * when not, -1 when memory is short.
 */
int grants_cover(struct grants *grants, struct arena *arena, pid_t pid,
		 const struct grant_wish *wish, const char **event);

/*
 * Takes one permit of the process out, the oldest, or (`event` not NULL) the one of that
 * event. False when there is none. Give it to permit_clear().
 */
bool grants_remove(struct grants *grants, pid_t pid, unsigned long long start,
		   const char *event, struct permit *permit);
void permit_clear(struct permit *permit);

size_t grants_count(struct grants *grants);

void grants_each(struct grants *grants,
		 void (*each)(void *context, pid_t pid, unsigned long long start),
		 void *context);

#endif
