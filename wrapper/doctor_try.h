/* One try of `tally doctor`: in a process of its own, with a limit of time. */
#ifndef TALLY_DOCTOR_TRY_H
#define TALLY_DOCTOR_TRY_H

#include "doctor.h"

enum {
	TRY_SECONDS = 10, /* what should take less than one; the machine may be busy */
	TRY_LONG_SECONDS = 60, /* what goes with the size of rules or logs */
	TRY_OUTPUT = 1 << 20,  /* bytes that are kept of what a try prints */
};

struct doctor_try {
	bool started; /* false: there was no process or no memory for it */
	bool late;    /* it was ended when its time was over */
	int status;   /* exit status, or 128 and the signal */
	const char
		*output; /* stdout and stderr, never NULL; a newline at the end is cut */
};

/*
 * Runs a program without terminal, input or anything else of ours, and waits until it and all
 * that it has started are gone; what is left when the time is over is killed. `env` is its
 * whole environment.
 */
void doctor_try_program(struct doctor *doctor, const char *const *argv,
			const char *const *env, unsigned seconds, struct doctor_try *try);

/* The same for a function, which prints to stdout; what it returns is the exit status. */
void doctor_try_function(struct doctor *doctor, int (*run)(void *context), void *context,
			 unsigned seconds, struct doctor_try *try);

/*
 * What went wrong with a try, for the detail of a failure: its last line of output, or that
 * it was late, or its exit status.
 */
const char *doctor_try_text(const struct doctor *doctor, const struct doctor_try *try);

#endif
