/*
 * The question that a `confirm` puts, and whether the answer shows that the person knows
 * what the command does. The question itself never gives the answer away: a number that is
 * merely typed back is a reflex, a number that has to be known is a check.
 */
#ifndef TALLY_CHALLENGE_H
#define TALLY_CHALLENGE_H

#include "prompt.h"
#include "screen.h"
#include "terminal.h"

struct challenge {
	const struct terminal *terminal;
	const struct screen *screen;
	const struct command *command;
	const struct reading *reading;
	const struct decision *decision; /* ->challenge says what is asked */
	const char *host; /* this machine: "localhost" is no name one could get wrong */
	unsigned timeout; /* seconds, 0: PROMPT_SECONDS */
	/* Filled in, in the arena of the screen: */
	const char *answer; /* as it was typed, "" when there is none */
	const char *reason; /* the answer to "reason" and "ticket", else NULL */
	const char *why;    /* one sentence when it was not met */
	bool show_all;	    /* the full screen has not been shown, and now it helps */
	int signal;	    /* that ended the question, or 0 */
	bool suspended;	    /* it was stopped and continued: time has passed */
};

/* 1 when it was met, 0 when not (`why` says what happened), -1 when memory is short. */
int challenge_put(struct challenge *challenge);

/*
 * The number in an answer: digits with blanks, commas, underscores or apostrophes between
 * them. False when it is none.
 */
bool challenge_number(const char *text, uint64_t *number);

/* True when `answer` names the target `name`: whole or without its domain, in any case. */
bool challenge_names(const char *answer, const char *name);

#endif
