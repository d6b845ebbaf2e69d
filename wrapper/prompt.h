/*
 * Asks a person one question on /dev/tty, whatever stdin is. With readline where it is
 * installed (loaded only now), else with the terminal's own line editing. The terminal is
 * left as it was found on every way out; a background job is stopped by the terminal until
 * it is brought forward, as any program that wants to read would be.
 */
#ifndef TALLY_PROMPT_H
#define TALLY_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

#include "terminal.h"

enum {
	PROMPT_SECONDS = 120, /* until no answer is a no */
	PROMPT_ANSWER = 512,  /* bytes of an answer, with its NUL */
	/*
	 * An answer of two or more characters whose characters came at less than this many
	 * microseconds apart on average was not typed. What is pasted arrives in one read
	 * (0 µs) or at the pace of a serial line (9600 baud: 1040 µs). The fastest typists
	 * need 30 ms a key, two keys rolled together 10 ms, and `tmux send-keys`, one key a
	 * call, 3 ms. The whole answer is measured, from its first character to its last: a
	 * slow line that delivers some keys late and together has delivered the first alone.
	 */
	PROMPT_PASTE_US = 1500,
};

enum prompt_end {
	PROMPT_ANSWERED,
	PROMPT_NOBODY,	    /* no terminal, or never in its foreground */
	PROMPT_CLOSED,	    /* Ctrl-D, or the terminal went away */
	PROMPT_LATE,	    /* no answer in time */
	PROMPT_PASTED,	    /* not typed */
	PROMPT_TOO_LONG,    /* more than PROMPT_ANSWER */
	PROMPT_INTERRUPTED, /* by a signal: Ctrl-C is SIGINT */
	PROMPT_FAILED,	    /* errno says why */
};

struct prompt {
	const struct terminal *terminal;
	const char *before;   /* shown once before the question, NULL: nothing */
	const char *question; /* one line, visible text */
	unsigned timeout;     /* seconds, 0: PROMPT_SECONDS */
	bool may_paste;	      /* a ticket number may be pasted, a count may not */
	/* Filled in: */
	char answer[PROMPT_ANSWER]; /* without the newline and blanks around it */
	int signal;		    /* with PROMPT_INTERRUPTED */
	bool suspended;		    /* it was stopped and continued: time has passed */
};

/*
 * Waits for the foreground, shows what is to be shown, throws away what was typed before,
 * asks and waits. When the process was stopped meanwhile (Ctrl-Z), the question is shown
 * again and the time starts anew.
 */
enum prompt_end prompt_ask(struct prompt *prompt);

#endif
