/* The ledger's view for programs that only look: explain, status. */
#ifndef TALLY_LEDGER_VIEW_H
#define TALLY_LEDGER_VIEW_H

#include <stdint.h>

#include "arena.h"
#include "fault.h"
#include "history.h"
#include "session.h"

/*
 * What the session's ledger says of the last `window` seconds. A ledger that does not exist
 * yet is an empty view; one that cannot be read is a fault. Nothing is written.
 */
int ledger_view_for(struct arena *arena, const struct session *session, int64_t window,
		    struct history *history, struct fault *fault);

#endif
