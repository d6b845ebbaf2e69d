/*
 * An error as a value: what went wrong, where, and what the reader can do about it.
 * Functions that can fail take a `struct fault *`, fill it, and return -1 or NULL.
 */
#ifndef TALLY_FAULT_H
#define TALLY_FAULT_H

enum { FAULT_TEXT = 1024, FAULT_FILE = 512, FAULT_LINE = FAULT_FILE + FAULT_TEXT + 16 };

struct fault {
	char file[FAULT_FILE]; /* the rule file concerned, "" when there is none */
	int line;	       /* 1-based; 0 when unknown */
	char text
		[FAULT_TEXT]; /* one sentence; says what was found and what was expected */
};

/* Fills `fault` (which may be NULL) without a place. Always returns -1. */
int fault_set(struct fault *fault, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Fills `fault` with a place in a file. Always returns -1. */
int fault_at(struct fault *fault, const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* "FILE:LINE: TEXT", or what of it is known, into `line`; returns `line`. */
const char *fault_line(const struct fault *fault, char line[FAULT_LINE]);

#endif
