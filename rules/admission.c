#include "admission.h"

#include <string.h>

#include "capacity.h"
#include "inquiry.h"

static bool same_unit(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool takes(enum action action)
{
	return action == ACTION_RESTART || action == ACTION_STOP ||
	       action == ACTION_REMOVE;
}

int admission_note_out(struct arena *arena, const struct policy *policy,
		       const struct fleet *fleet, bool temporary,
		       struct admission *admission)
{
	bool unprobed = false;
	int64_t longest = 0;

	temporary |= admission->action == ACTION_RESTART;
	admission->until = admission->at;
	admission->out = hostset_empty(arena);
	if (!admission->out)
		return -1;
	for (size_t i = 0; takes(admission->action) && i < fleet->count; i++) {
		const struct subsystem *subsystem = &fleet->subsystems[i];
		const struct hostset *hit;
		int64_t lasts = capacity_settle(subsystem);

		if (!same_unit(subsystem->unit, admission->unit))
			continue;
		hit = hostset_intersection(arena, admission->targets, subsystem->members);
		admission->out = hit ? hostset_union(arena, admission->out, hit) : NULL;
		if (!admission->out)
			return -1;
		if (hostset_is_empty(hit))
			continue;
		if (temporary && subsystem->settle < 0)
			lasts = policy->restart_duration;
		unprobed |= !subsystem->capacity.probe;
		longest = lasts > longest ? lasts : longest;
	}
	if (temporary || !unprobed)
		admission->until += longest;
	else if (!hostset_is_empty(admission->out))
		admission->until = 0;
	return 0;
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
		struct admission *admission = &admissions[decision->admission_count];

		if (!deed->targets)
			continue;
		decision->admission_count++;
		*admission = (struct admission){
			.at = inquiry->history->now,
			.action = deed->action,
			.tool = inquiry->reading->tool,
			.user = inquiry->asker->user,
			.targets = deed->targets,
			.digest = inquiry->reading->digest,
			.unit = deed->unit,
			.effect = deed->effect,
		};
		if (admission_note_out(inquiry->arena, inquiry->policy, &inquiry->fleet,
				       deed->temporary, admission))
			inquiry->exhausted = true;
	}
}
