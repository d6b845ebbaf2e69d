/* One call of `tally audit`, as audit_command.c has read it. */
#ifndef TALLY_AUDIT_CALL_H
#define TALLY_AUDIT_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "audit_select.h"
#include "audit_show.h"

enum { AUDIT_BYTES = 64 << 20 }; /* arena of a call, and of one record that is shown */

struct audit_call {
	struct arena *arena; /* of the call */
	struct audit_filter filter;
	bool json, follow, print_anchor;
	const char *anchor;
	uint64_t last; /* 0: all */
	const char *const *paths;
	size_t path_count;
	const char *state;
};

/* Shows the records, and goes on with --follow. An exit status. */
int audit_list(const struct audit_call *call);

/* Says why on stderr; returns EXIT_STATUS_FAILED. */
int audit_fail(const char *text);

/* What can be shown on stdout. */
struct audit_look audit_look_at_stdout(void);

#endif
