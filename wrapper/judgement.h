/*
 * From a command to a decision: the pure functions of the engine (judge_read(), decide())
 * called again and again, with the facts they ask for fetched between the calls.
 */
#ifndef TALLY_JUDGEMENT_H
#define TALLY_JUDGEMENT_H

#include <stdbool.h>

#include "answer.h"
#include "judge.h"
#include "policy.h"

struct judgement {
	struct arena *arena; /* everything below lives in it */
	struct facts facts;
	struct reading reading;
	struct decision decision;
};

/* Reads the command with fresh facts. -1 and `fault`. */
int judgement_read(struct judgement *judgement, struct rules *rules,
		   const struct command *command, struct answer_options *options,
		   struct fault *fault);

/* Decides what was read, by the ledger's view `history`. -1 and `fault`. */
int judgement_decide(struct judgement *judgement, const struct policy *policy,
		     const struct fleet *fleet, const struct asker *asker,
		     const struct history *history, const struct command *command,
		     struct answer_options *options, struct fault *fault);

/* True when the command changes nothing: it need not be decided. */
bool judgement_only_reads(const struct reading *reading);

#endif
