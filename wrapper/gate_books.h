/*
 * The gate's side of the books: grants, the ledger and the audit log. Nothing here is
 * opened before it is needed, as a read needs none of it.
 */
#ifndef TALLY_GATE_BOOKS_H
#define TALLY_GATE_BOOKS_H

#include <stdbool.h>
#include <sys/types.h>

#include "action.h"
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
	struct history history;
};

/* How a command ended at the gate, as the audit log says it. */
enum gate_outcome {
	OUTCOME_READ,	 /* only reads: let through without a decision */
	OUTCOME_GRANTED, /* part of a command that has been let through */
	OUTCOME_ALLOWED, /* no limit held it */
	OUTCOME_CONFIRMED,
	OUTCOME_DENIED,
	OUTCOME_DECLINED,     /* a person, or nobody, said no */
	OUTCOME_FAILED,	      /* tallygate could not judge it */
	OUTCOME_NOT_EXECUTED, /* the program itself could not be executed */
};

/* 1 when a grant above this process covers the command, 0 when not, -1 and gate->fault. */
int gate_granted(struct gate *gate);

/*
 * Opens the ledger and reads its view into books.history. An unreachable ledger is no
 * failure here: books.down says why, and the view is empty.
 */
int gate_view(struct gate *gate);

/*
 * Reserves what the decision admits, judged again by the view at that very moment. 1 when
 * it is reserved (or may go on without the ledger), 0 when it is not: either the decision
 * has become heavier than books.accepted (it then is the new one), or books.down says that
 * there is no ledger and gate->fault what follows. -1 and gate->fault for failures.
 */
int gate_admit(struct gate *gate);

/* Gives the reservation back: the command did not run. */
void gate_withdraw(struct gate *gate);

/*
 * Writes the audit record. What lets a command run is on the disk before it returns, reads
 * excepted. -1 and gate->fault.
 */
int gate_record(struct gate *gate, enum gate_outcome outcome);

/* Takes the grant for this process and tells the ledger that the tool starts. */
int gate_start(struct gate *gate);

/* The same for a read, if its tool starts others, which would be asked for otherwise. */
int gate_start_read(struct gate *gate);

void gate_books_close(struct gate *gate);

/* For answer_options: grants the probe `child` before it executes. */
int gate_announce_probe(void *context, pid_t child, const char *const *argv,
			struct fault *fault);

#endif
