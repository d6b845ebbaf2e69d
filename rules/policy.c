#include "policy.h"

#include <stdlib.h>

#include "inquiry.h"
#include "limit.h"
#include "tally.h"

int64_t policy_window(const struct policy *policy)
{
	int64_t longest = 0;

	for (size_t i = 0; i < policy->count; i++) {
		const struct limit *limit = &policy->limits[i];
		int64_t looks_back = 0;

		if (limit->kind == LIMIT_RATE)
			looks_back = limit->rate_seconds;
		else if (limit->kind == LIMIT_CANARY)
			looks_back = limit->canary.within;
		longest = looks_back > longest ? looks_back : longest;
	}
	return longest;
}

bool policy_ledger_down(const struct policy *policy, enum action action)
{
	return action == ACTION_READ || action == ACTION_RESTORE ||
	       ((action == ACTION_RUN || action == ACTION_CONFIG) &&
		policy->ledger_down_allows);
}

static int compare_past(const void *a, const void *b)
{
	const struct admission *const *left = a, *const *right = b;

	if ((*left)->at != (*right)->at)
		return (*left)->at < (*right)->at ? -1 : 1;
	return ((*left)->id > (*right)->id) - ((*left)->id < (*right)->id);
}

/* The view of the ledger need not be in order; outs and returns are. */
static void sort_past(struct inquiry *inquiry)
{
	const struct history *history = inquiry->history;

	inquiry->past =
		arena_array(inquiry->arena, history->count + 1, sizeof(*inquiry->past));
	inquiry->out = arena_array(inquiry->arena, inquiry->fleet.count + 1,
				   sizeof(*inquiry->out));
	if (!inquiry->past || !inquiry->out) {
		inquiry->exhausted = true;
		return;
	}
	for (size_t i = 0; i < history->count; i++)
		inquiry->past[i] = &history->admissions[i];
	qsort(inquiry->past, history->count, sizeof(struct admission *), compare_past);
}

int inquiry_start(struct inquiry *inquiry, const struct fleet *fleet,
		  struct fault *no_aliases)
{
	int resolved;

	inquiry->empty = hostset_empty(inquiry->arena);
	if (!inquiry->empty) {
		inquiry->exhausted = true;
		return 0;
	}
	resolved = fleet_resolve(inquiry->arena, fleet, inquiry->facts, &inquiry->fleet,
				 no_aliases);
	if (resolved > 0)
		inquiry->waiting = true;
	sort_past(inquiry);
	return resolved;
}

static void count_targets(struct inquiry *inquiry)
{
	struct decision *decision = inquiry->decision;
	struct tally tally = {0};

	decision->count_known = true;
	for (size_t i = 0; i < inquiry->deed_count; i++) {
		const struct deed *deed = &inquiry->deeds[i];

		if (deed->targets)
			tally_add(inquiry, &tally, deed->unit, deed->targets);
		else
			decision->count_known = false;
	}
	decision->count = decision->count_known ? tally_count(&tally) : 0;
}

/* Names that may be anything, because their aliases are not known, are under no floor. */
static void judge_identity(struct inquiry *inquiry, const struct fault *why)
{
	const struct hostset *taken = inquiry_minus(inquiry, inquiry_taken(inquiry, NULL),
						    inquiry->fleet.members);
	const char *folded;

	if (hostset_is_empty(taken))
		return;
	folded = inquiry_text(inquiry, hostset_fold(inquiry->arena, taken));
	inquiry_reason(
		inquiry, "identity", NULL, 0, VERDICT_DENY, -1, NULL,
		arena_printf(inquiry->arena,
			     "whether %.200s belong to a subsystem cannot be told: "
			     "%s",
			     folded, why->text));
}

static int finish(struct inquiry *inquiry, struct fault *fault)
{
	struct decision *decision = inquiry->decision;

	if (inquiry->exhausted || inquiry->facts->exhausted)
		return fault_set(fault, "the command is too large to be judged: out of "
					"memory");
	if (inquiry->waiting)
		return 1;
	inquiry_challenge(inquiry);
	decision->room.known = inquiry->room.any;
	decision->room.fits_now = inquiry->room.fits;
	decision->room.next_at = inquiry->room.next;
	return 0;
}

static bool only_reads(const struct reading *reading)
{
	for (size_t i = 0; i < reading->count; i++) {
		if (reading->operations[i].action != ACTION_READ)
			return false;
	}
	return reading->count || reading->action == ACTION_READ;
}

int decide(struct arena *arena, const struct policy *policy, const struct fleet *fleet,
	   const struct reading *reading, const struct asker *asker,
	   const struct history *history, struct facts *facts, struct decision *decision,
	   struct fault *fault)
{
	struct inquiry inquiry = {.arena = arena,
				  .policy = policy,
				  .fleet = *fleet,
				  .reading = reading,
				  .asker = asker,
				  .history = history,
				  .facts = facts,
				  .decision = decision};
	struct fault no_aliases = {0};
	int resolved;

	*decision = (struct decision){
		.verdict = VERDICT_ALLOW, .count_known = true, .digest = policy->digest};
	if (!reading->tool || only_reads(reading))
		return 0;
	resolved = inquiry_start(&inquiry, fleet, &no_aliases);
	if (!inquiry.exhausted)
		inquiry_deeds(&inquiry);
	if (inquiry.exhausted)
		return finish(&inquiry, fault);
	count_targets(&inquiry);
	if (resolved < 0)
		judge_identity(&inquiry, &no_aliases);
	inquiry_limits(&inquiry);
	inquiry_floors(&inquiry);
	inquiry_admissions(&inquiry);
	return finish(&inquiry, fault);
}
