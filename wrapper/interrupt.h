/*
 * Signals as values while the gate waits: for a probe, for an answer. They are held back,
 * so that the terminal is set right, the probe ended and the record written before the
 * gate dies of the signal it was sent. Ignored signals stay ignored.
 */
#ifndef TALLY_INTERRUPT_H
#define TALLY_INTERRUPT_H

#include <signal.h>
#include <stdbool.h>

struct interrupt {
	int fd;		 /* readable when a signal is waiting */
	sigset_t before; /* the mask as it was: what a child must get */
	bool held;
};

/*
 * Holds back SIGINT, SIGTERM, SIGHUP and SIGQUIT, and with `job_control` SIGTSTP and
 * SIGWINCH too. 0, or -1 with errno set.
 */
int interrupt_begin(struct interrupt *interrupt, bool job_control);

/* The number of a signal that has come, 0 when there is none. */
int interrupt_take(const struct interrupt *interrupt);

/* Restores the mask and closes the file descriptor. */
void interrupt_end(struct interrupt *interrupt);

/* Ends this process by `number`, as if it had never been held back. */
_Noreturn void interrupt_die(int number);

#endif
