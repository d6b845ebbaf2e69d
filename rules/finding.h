/*
 * What is wrong with rule files, all of it: errors and warnings with their places. The
 * loaders stop at the first fault, as rules are taken whole or not at all; given a list of
 * findings they note it and go on with the next element, for `tally check`.
 */
#ifndef TALLY_FINDING_H
#define TALLY_FINDING_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "fault.h"

enum severity { FINDING_ERROR, FINDING_WARNING };

struct finding {
	enum severity severity;
	const char *file; /* "" when there is none */
	int line;	  /* 0: unknown, or the file as a whole */
	const char *text;
};

struct findings {
	struct arena *arena;
	struct finding *items;
	size_t count, capacity;
	size_t errors, warnings;
	bool exhausted; /* memory was short: some are missing */
};

void finding_add(struct findings *findings, enum severity severity, const char *file,
		 int line, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* A fault as an error. */
void finding_fault(struct findings *findings, const struct fault *fault);

/*
 * For loops over elements: `result` of a function that filled `fault` when it is -1. With
 * findings (not NULL) the fault is noted and 0 returned, so that the loop goes on; without,
 * `result` is returned.
 */
int finding_goes_on(struct findings *findings, int result, const struct fault *fault);

/* In the order in which they are read: by file, then by line. */
void findings_sort(struct findings *findings);

#endif
