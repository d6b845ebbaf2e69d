#include "ledger_plan.h"

int ledger_plan_of(struct arena *arena, const struct decision *decision,
		   struct ledger_plan *plan, struct fault *fault)
{
	struct sighting *sightings;

	sightings = arena_array(arena, decision->impact_count + 1, sizeof(*sightings));
	if (!sightings)
		return fault_set(fault, "out of memory");
	*plan = (struct ledger_plan){.admissions = decision->admissions,
				     .admission_count = decision->admission_count,
				     .sightings = sightings};
	for (size_t i = 0; i < decision->impact_count; i++)
		if (decision->impacts[i].sighted)
			sightings[plan->sighting_count++] = (struct sighting){
				.subsystem = decision->impacts[i].subsystem,
				.capacity = decision->impacts[i].shown,
			};
	return 0;
}
