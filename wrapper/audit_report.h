/* Who ran what, and how much of it was held: the audit log added up. */
#ifndef TALLY_AUDIT_REPORT_H
#define TALLY_AUDIT_REPORT_H

#include <jansson.h>

#include "arena.h"
#include "audit_show.h"

struct audit_report {
	json_t *root; /* {"records":N,"from":..,"to":..,"users":{NAME:{COUNTS}},...} */
};

/* -1 when memory is short. */
int audit_report_start(struct audit_report *report);
int audit_report_add(struct audit_report *report, const json_t *record);
void audit_report_end(struct audit_report *report);

/* The tables, visible text. NULL when memory is short. */
const char *audit_report_text(struct arena *arena, const struct audit_look *look,
			      const struct audit_report *report);

#endif
