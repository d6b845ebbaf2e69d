/* A judgement as JSON: the object `tally explain --json` prints (docs/design.md, 11). */
#ifndef TALLY_JUDGEMENT_JSON_H
#define TALLY_JUDGEMENT_JSON_H

#include <stdbool.h>

#include <jansson.h>

#include "operation.h"
#include "policy.h"

/*
 * A new object, NULL when memory is short. `decision` may be NULL (nothing was decided: no
 * known tool). With `names`, all targets one by one.
 */
json_t *judgement_json(struct arena *arena, const struct reading *reading,
		       const struct decision *decision, bool names);

#endif
