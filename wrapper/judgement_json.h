/* A judgement as JSON: the object `tally explain --json` prints (docs/design.md, 11). */
#ifndef TALLY_JUDGEMENT_JSON_H
#define TALLY_JUDGEMENT_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "operation.h"
#include "policy.h"

/* All targets of a reading but those that are only read, or of the reads if it only reads. */
struct reading_sum {
	bool known;		   /* false: some of it is unknown */
	const struct hostset *set; /* NULL when unknown */
	uint64_t count;
	bool effect_known;
	const char *effect_unit; /* NULL: the targets are the capacity themselves */
	int64_t effect;
	const char *unknown; /* the first reason why something is unknown, or NULL */
};

/* -1 when memory is short. */
int reading_add_up(struct arena *arena, const struct reading *reading,
		   struct reading_sum *sum);

/*
 * A new object, NULL when memory is short. `decision` may be NULL (nothing was decided: no
 * known tool). With `names`, all targets one by one.
 */
json_t *judgement_json(struct arena *arena, const struct reading *reading,
		       const struct decision *decision, bool names);

#endif
