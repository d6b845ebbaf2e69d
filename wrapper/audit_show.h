/* One record of the audit log as a person reads it. */
#ifndef TALLY_AUDIT_SHOW_H
#define TALLY_AUDIT_SHOW_H

#include <stdbool.h>

#include <jansson.h>

#include "arena.h"

struct audit_look {
	unsigned width; /* columns; 0: nothing is cut */
	bool colour, utf8;
};

/*
 * When, who, what was decided, tool, action, count and targets in one line (two where the
 * screen is narrow), the command line in another, and why, when it did not run. Local time.
 * Visible text; NULL when memory is short.
 */
const char *audit_show(struct arena *arena, const struct audit_look *look,
		       const json_t *record);

/*
 * `text` in at most `columns` columns (0: all of it), with an ellipsis where it was cut.
 * Visible text. NULL when memory is short.
 */
const char *audit_fit(struct arena *arena, const struct audit_look *look,
		      const char *text, unsigned columns);

#endif
