/* What the ledger has to remember of an admitted command. */
#include "inquiry.h"

#include <string.h>

#include "capacity.h"

static bool same_unit(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/*
 * The members among the targets and when they are taken for back: a restart lasts as long
 * as the subsystem takes to settle; what is stopped or removed is out until a restore gives
 * it back (0), or, where every subsystem concerned has a probe, until that shows it.
 */
static void note_out(struct inquiry *inquiry, const struct deed *deed,
		     struct admission *admission)
{
	bool unprobed = false;
	int64_t longest = 0;

	for (size_t i = 0; i < inquiry->fleet.count; i++) {
		const struct subsystem *subsystem = &inquiry->fleet.subsystems[i];
		const struct hostset *hit;
		int64_t lasts = capacity_settle(subsystem);

		if (!same_unit(subsystem->unit, deed->unit))
			continue;
		hit = inquiry_common(inquiry, deed->targets, subsystem->members);
		if (hostset_is_empty(hit))
			continue;
		admission->out = inquiry_union(inquiry, admission->out, hit);
		if (deed->temporary && subsystem->settle < 0)
			lasts = inquiry->policy->restart_duration;
		unprobed |= !subsystem->capacity.probe;
		longest = lasts > longest ? lasts : longest;
	}
	if (hostset_is_empty(admission->out))
		admission->until = admission->at;
	else if (deed->temporary || !unprobed)
		admission->until = admission->at + longest;
}

void inquiry_admissions(struct inquiry *inquiry)
{
	struct decision *decision = inquiry->decision;
	struct admission *admissions =
		arena_array(inquiry->arena, inquiry->deed_count + 1, sizeof(*admissions));

	if (!admissions) {
		inquiry->exhausted = true;
		return;
	}
	decision->admissions = admissions;
	for (size_t i = 0; i < inquiry->deed_count; i++) {
		const struct deed *deed = &inquiry->deeds[i];
		struct admission *admission;

		if (!deed->targets)
			continue;
		admission = &admissions[decision->admission_count++];
		*admission = (struct admission){
			.at = inquiry->history->now,
			.action = deed->action,
			.tool = inquiry->reading->tool,
			.user = inquiry->asker->user,
			.targets = deed->targets,
			.out = inquiry->empty,
			.until = inquiry->history->now,
			.digest = inquiry->reading->digest,
			.unit = deed->unit,
			.effect = deed->effect,
		};
		if (deed->takes) {
			admission->until = 0;
			note_out(inquiry, deed, admission);
		}
	}
}
