/* What the steps of the gate (gate.c) share. Not for anybody else. */
#ifndef TALLY_GATE_STATE_H
#define TALLY_GATE_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "asker.h"
#include "challenge.h"
#include "gate.h"
#include "gate_books.h"
#include "judgement.h"
#include "replay.h"
#include "rulebook.h"
#include "screen.h"
#include "session.h"
#include "terminal.h"

struct gate {
	const struct gate_call *call;
	char *const *env; /* copied, so that no library changes what the tool gets */
	struct arena *arena;
	struct command command;
	struct session session;
	const char *program;  /* name that the guard table found it by, or NULL */
	struct rulebook book; /* fleet and policy only once something is decided */
	struct replay replay;
	struct terminal terminal; /* of the person; fd -1: none */
	struct answer_options options;
	struct judgement judgement;
	struct asker asker;
	struct gate_books books; /* ledger, audit log, grants */
	bool expected;
	uint64_t expect;	     /* declared number of targets */
	const char *answer, *reason; /* what was typed, for the audit log */
	const char *why;	     /* what was said when it was not run, or NULL */
	int signal;		     /* that ended it, 0: none */
	bool suspended;		     /* Ctrl-Z while it asked */
	int64_t started;	     /* monotonic milliseconds */
	struct fault fault;
};

/* ---- gate_ask.c: who says yes ---- */

/* What happened to the question. */
enum gate_answer {
	GATE_YES,
	GATE_NO,	 /* said so on stderr */
	GATE_NO_SIGNAL,	 /* by gate->signal */
	GATE_NO_FAILURE, /* gate->fault */
};

/* Gets a yes or a no for the decision as it stands. */
enum gate_answer gate_ask(struct gate *gate);

/* ---- gate_tell.c: what is said on stderr ---- */

/* "tallygate: denied: ..." with reasons: the full screen on a terminal, else a few lines. */
void gate_tell_denied(struct gate *gate, const char *outcome);

/* One sentence: "tallygate: not run: WHY". */
void gate_tell_not_run(struct gate *gate, const char *why);

/* The fault, with its place; returns EXIT_STATUS_FAILED. */
int gate_tell_fault(struct gate *gate);

/* A screen for `fd`: its width, its colours, the local time. */
struct screen gate_screen(struct gate *gate, int fd);

#endif
