/*
 * Holding on to a thread for a moment. ptrace(2). How it stands is asked and not waited for,
 * so that a wait for any child elsewhere in this process takes nothing away.
 */
#ifndef TALLY_TRACE_H
#define TALLY_TRACE_H

#include <stdint.h>
#include <sys/types.h>

/* Seizes the thread with these PTRACE_O_ options; 0, or a negative errno. */
int trace_seize(pid_t tid, unsigned long options);

enum trace_stop {
	TRACE_RUNS,   /* it does not stand still */
	TRACE_STOPS,  /* after an interrupt, or a stop signal */
	TRACE_EXECED, /* behind an exec, before the first instruction of the program */
	TRACE_SIGNAL, /* a signal is about to be delivered */
	TRACE_GONE,
};

/* How the thread stands. *signal gets the signal of TRACE_SIGNAL. */
enum trace_stop trace_look(pid_t tid, int *signal);

/* Sleeps for a moment: short at first, longer the more often it has been called. */
void trace_pause(unsigned int times);

/* Lets it go for good, delivering `signal` (0: none). Only a thread that stands still. */
void trace_release(pid_t tid, int signal);

/*
 * Makes a thread that stands still call execveat(descriptor, "", argv, envp,
 * AT_EMPTY_PATH) next, `instruction` being the one behind its system call. 0, or a negative
 * errno.
 */
struct caller;
int trace_execveat(const struct caller *caller, int descriptor, uint64_t empty);

/*
 * A process that stands behind an exec, before the first instruction of its program: has it
 * start as a setuid program would (AT_SECURE, ld.so(8)), so that no library and no setting
 * of the environment comes to act in it. 0, or a negative errno.
 */
int trace_secure(pid_t process);

#endif
