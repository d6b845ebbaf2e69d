/*
 * The gate's side of the books: grants, the ledger and the audit log. Nothing here is
 * opened before it is needed, as a read needs none of it.
 *
 * In an embedded session these are files of the user's own (books_local.c), in an installed
 * one they are tallyd's, and asked for by messages (books_daemon.c). tallyd judges each
 * command anew: what the gate decides is what it shows and asks.
 */
#ifndef TALLY_GATE_BOOKS_H
#define TALLY_GATE_BOOKS_H

#include <stdbool.h>
#include <sys/types.h>

#include "action.h"
#include "command_record.h"
#include "daemon_client.h"
#include "fault.h"
#include "history.h"

struct gate;
struct ledger;

struct gate_books {
	struct ledger *ledger;	  /* NULL: not open, or not to be reached */
	const char *down;	  /* why it cannot be reached, NULL: it can */
	int64_t admission;	  /* what is reserved, 0: nothing */
	enum verdict accepted;	  /* the heaviest that has been said yes to */
	const char *event;	  /* event.id of this command's records */
	const char *parent_event; /* of the grant that covers it, or NULL */
	bool unrecorded;	  /* the audit log could not be written */
	bool stale; /* tallyd decides by other rules than were read: read them again */
	struct daemon_client daemon; /* of an installed session */
	bool viewed;		     /* the view came with gate_granted()'s answer */
	const char *heavier;	     /* tallyd's reason for not admitting it, or NULL */
	struct history history;
};

/*
 * 1 when a grant above this process covers the command, which may then be executed; 0 when
 * not, -1 and gate->fault.
 */
int gate_granted(struct gate *gate);

/* Who asks, as the policy sees it: gate->asker. Behind gate_granted(). -1 and gate->fault. */
int gate_asker(struct gate *gate);

/*
 * Opens the ledger and reads its view into books.history. An unreachable ledger is no
 * failure here: books.down says why, and the view is empty.
 */
int gate_view(struct gate *gate);

/*
 * Reserves what the decision admits, judged again by the view at that very moment. 1 when
 * it is reserved (or may go on without the ledger), 0 when it is not: either the decision
 * has become heavier than books.accepted (it has to be made again, after the rules have been
 * read again where books.stale says so), or books.down says that there is no ledger and
 * gate->fault what follows. -1 and gate->fault for failures.
 */
int gate_admit(struct gate *gate);

/* Gives the reservation back: the command did not run. */
void gate_withdraw(struct gate *gate);

/*
 * Writes the audit record. What lets a command run is on the disk before it returns. -1 and
 * gate->fault. Where tallyd lets a command run, its record is written already.
 */
int gate_record(struct gate *gate, enum gate_outcome outcome);

/* Takes the grant for this process and tells the ledger that the tool starts. */
int gate_start(struct gate *gate);

/*
 * Records a command that only reads, or that no tool is known for, and takes its grant, if
 * its tool starts others, which would be asked for otherwise. -1 and gate->fault.
 */
int gate_read(struct gate *gate);

/*
 * This process is about to become the command, by `path`, or by a shell that is given it
 * because the kernel cannot execute it. -1 and gate->fault.
 */
int gate_through_shell(void *gate, const char *const *argv, struct fault *fault);

/* Tells who waits for it that the process is the command from now on. Best effort. */
void gate_becomes(struct gate *gate);

void gate_books_close(struct gate *gate);

/* For answer_options: grants the probe `child` before it executes `path`. */
int gate_announce_probe(void *context, pid_t child, const char *path,
			const char *const *argv, struct fault *fault);

/* ---- gate_record.c ---- */

/* The record of this command as it stands; NULL when memory is short. */
json_t *gate_record_json(struct gate *gate, enum gate_outcome outcome);

/* ---- the two kinds of books ---- */

struct gate_books_kind {
	int (*granted)(struct gate *gate);
	int (*asker)(struct gate *gate);
	int (*view)(struct gate *gate);
	int (*admit)(struct gate *gate);
	void (*withdraw)(struct gate *gate);
	int (*record)(struct gate *gate, enum gate_outcome outcome, struct fault *fault);
	int (*start)(struct gate *gate);
	int (*read)(struct gate *gate);
	int (*through_shell)(struct gate *gate, const char *const *argv,
			     struct fault *fault);
	void (*becomes)(struct gate *gate);
	void (*close)(struct gate *gate);
	int (*announce)(struct gate *gate, pid_t child, const char *path,
			const char *const *argv, struct fault *fault);
};

extern const struct gate_books_kind books_local, books_daemon;

#endif
