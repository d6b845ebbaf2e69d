#include "tally.h"

#include <string.h>

static bool same_unit(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

void tally_add(struct inquiry *inquiry, struct tally *tally, const char *unit,
	       const struct hostset *targets)
{
	struct tally_part *part = tally->parts;

	if (hostset_is_empty(targets))
		return;
	while (part < tally->parts + tally->part_count && !same_unit(part->unit, unit))
		part++;
	if (part == tally->parts + TALLY_UNITS) {
		part--;
	} else if (part == tally->parts + tally->part_count) {
		tally->part_count++;
		*part = (struct tally_part){unit, targets};
		return;
	}
	part->targets = inquiry_union(inquiry, part->targets, targets);
}

void tally_add_effect(struct tally *tally, uint64_t effect, const char *unit)
{
	if (!effect)
		return;
	if (!tally->effect)
		tally->effect_unit = unit;
	else if (!same_unit(tally->effect_unit, unit))
		tally->effect_unit = "object";
	if (__builtin_add_overflow(tally->effect, effect, &tally->effect))
		tally->effect = UINT64_MAX;
}

void tally_add_all(struct inquiry *inquiry, struct tally *tally, const struct tally *more)
{
	for (size_t i = 0; i < more->part_count; i++)
		tally_add(inquiry, tally, more->parts[i].unit, more->parts[i].targets);
	tally_add_effect(tally, more->effect, more->effect_unit);
}

uint64_t tally_count(const struct tally *tally)
{
	uint64_t count = tally->effect;

	for (size_t i = 0; i < tally->part_count; i++) {
		if (__builtin_add_overflow(count, hostset_count(tally->parts[i].targets),
					   &count))
			return UINT64_MAX;
	}
	return count;
}

const char *tally_unit(const struct tally *tally, const char *machine)
{
	const char *unit;

	if (tally->part_count > 1 || (tally->part_count && tally->effect))
		return NULL;
	if (!tally->part_count)
		return tally->effect ? tally->effect_unit : NULL;
	unit = tally->parts[0].unit;
	return unit ? unit : machine;
}
