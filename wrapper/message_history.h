/* The ledger's view as a JSON value and back: tallyd hands it to gates that show it. */
#ifndef TALLY_MESSAGE_HISTORY_H
#define TALLY_MESSAGE_HISTORY_H

#include <jansson.h>

#include "history.h"

/* NULL when memory is short. */
json_t *message_history(struct arena *arena, const struct history *history);

/* -1 when the value is none, or memory is short. */
int message_get_history(struct arena *arena, const json_t *value,
			struct history *history);

#endif
