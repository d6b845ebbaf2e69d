/*
 * The terminal of the person in front of it: /dev/tty, whatever stdin and stderr are. What
 * it can show is told by the environment of the command, which is the user's own.
 */
#ifndef TALLY_TERMINAL_H
#define TALLY_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

enum { TERMINAL_NARROWEST = 40, TERMINAL_WIDEST = 200 };

struct terminal {
	int fd;		/* /dev/tty, close-on-exec; -1: there is none */
	unsigned width; /* columns, between TERMINAL_NARROWEST and TERMINAL_WIDEST */
	bool colour;	/* TERM is not dumb and NO_COLOR is not set */
	bool utf8;	/* the locale of LC_ALL, LC_CTYPE or LANG is a UTF-8 one */
	bool dumb;	/* TERM is empty or "dumb": no control sequences at all */
};

/* Looks for the terminal; 0, or -1 when the process has none (the fields are filled then
 * for plain text, 80 columns wide). `env`: NAME=value, NULL-terminated, may be NULL. */
int terminal_open(struct terminal *terminal, const char *const *env);
void terminal_close(struct terminal *terminal);

/* Fills width, colour, utf8 and dumb for text that goes to `fd`, terminal or not. */
void terminal_look(struct terminal *terminal, int fd, const char *const *env);

/* Columns of the terminal at `fd` (80 when it is none), and whether to colour text there. */
unsigned terminal_width(int fd);
bool terminal_colour(int fd);

/* True when the locale named in `env` is a UTF-8 one. */
bool terminal_utf8(const char *const *env);

/* True when this process may talk to the terminal now: it is in the foreground. */
bool terminal_foreground(const struct terminal *terminal);

/*
 * Waits for the foreground as job control wants it: a background job is stopped by the
 * terminal until the user brings it forward. -1 when that can never happen (an orphaned
 * process group, or SIGTTOU is ignored).
 */
int terminal_claim(const struct terminal *terminal);

/* Writes all of `text`; -1 with errno set. */
int terminal_write(int fd, const char *text, size_t length);

#endif
