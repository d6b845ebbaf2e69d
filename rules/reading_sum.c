#include "reading_sum.h"

#include <string.h>

static int add_effect(const struct operation *operation, struct reading_sum *sum)
{
	if (!operation->effect.unit || !operation->effect.known)
		return 0;
	if (sum->effect_unit && strcmp(sum->effect_unit, operation->effect.unit) != 0)
		return -1;
	sum->effect_unit = operation->effect.unit;
	sum->effect_known = true;
	sum->effect += operation->effect.count;
	return 0;
}

int reading_add_up(struct arena *arena, const struct reading *reading,
		   struct reading_sum *sum)
{
	bool mixed_units = false;
	uint64_t picks = UINT64_MAX, unnamed = 0;

	memset(sum, 0, sizeof(*sum));
	sum->known = reading->count > 0;
	sum->set = hostset_empty(arena);
	if (!sum->set)
		return -1;
	for (size_t i = 0; i < reading->count; i++) {
		const struct operation *operation = &reading->operations[i];

		if (operation->action == ACTION_READ && reading->action != ACTION_READ)
			continue;
		if (!operation->targets) {
			sum->known = false;
			if (!sum->unknown)
				sum->unknown = operation->unknown;
			continue;
		}
		sum->set = hostset_union(arena, sum->set, operation->targets);
		if (!sum->set)
			return -1;
		unnamed += operation->unnamed;
		if (operation->picks && reading->count == 1)
			picks = operation->picks;
		if (add_effect(operation, sum) < 0)
			mixed_units = true;
	}
	if (mixed_units) {
		sum->effect_known = false;
		sum->effect_unit = NULL;
	}
	if (!sum->known)
		sum->set = NULL;
	else
		sum->count = hostset_count(sum->set) + unnamed;
	if (sum->known && sum->count > picks)
		sum->count = picks;
	return 0;
}
