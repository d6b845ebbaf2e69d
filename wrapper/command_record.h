/*
 * The audit record of a command (docs/audit.md): what the gate writes in an embedded session,
 * and tallyd for the gates of an installed one, are the same fields.
 */
#ifndef TALLY_COMMAND_RECORD_H
#define TALLY_COMMAND_RECORD_H

#include <jansson.h>

#include "command.h"
#include "facts.h"
#include "operation.h"
#include "policy.h"
#include "who.h"

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

struct command_record {
	enum gate_outcome outcome;
	const char *event; /* event.id */
	const struct who *who;
	const char *source; /* as audit_source() takes it */
	pid_t top;	    /* of the session, as audit_above() takes it */
	const char *session;
	const struct command *command;
	const struct reading *reading;
	const struct decision *decision; /* NULL: nothing was decided */
	const struct facts *facts;
	const char *const *secrets; /* of the tool, NULL: none */
	const char *why;	    /* it was not run, or NULL */
	bool interactive, expected;
	uint64_t expect;	     /* declared number of targets, when `expected` */
	const char *answer, *reason; /* typed by a person, or NULL */
	const char *parent_event;    /* of the grant that covers it, or NULL */
	const char *down;	     /* why there is no ledger, or NULL */
	int64_t latency;	     /* milliseconds */
};

/* A new value for audit_append(), NULL when memory is short. */
json_t *command_record(struct arena *arena, const struct command_record *from);

/* event.* of a record by its outcome. */
struct audit_json;
void record_outcome(struct audit_json *record, enum gate_outcome outcome,
		    const char *reason, const char *event);

/* The event.action of an outcome, "command-denied" ... */
const char *outcome_action(enum gate_outcome outcome);

#endif
