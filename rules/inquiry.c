#include "inquiry.h"

#include <string.h>

#include "wording.h"

static const struct hostset *checked(struct inquiry *inquiry, const struct hostset *set)
{
	if (set)
		return set;
	inquiry->exhausted = true;
	return inquiry->empty;
}

const struct hostset *inquiry_union(struct inquiry *inquiry, const struct hostset *a,
				    const struct hostset *b)
{
	if (hostset_is_empty(a))
		return b;
	if (hostset_is_empty(b))
		return a;
	return checked(inquiry, hostset_union(inquiry->arena, a, b));
}

const struct hostset *inquiry_minus(struct inquiry *inquiry, const struct hostset *a,
				    const struct hostset *b)
{
	if (hostset_is_empty(a) || hostset_is_empty(b))
		return a;
	return checked(inquiry, hostset_difference(inquiry->arena, a, b));
}

const struct hostset *inquiry_common(struct inquiry *inquiry, const struct hostset *a,
				     const struct hostset *b)
{
	if (hostset_is_empty(a) || hostset_is_empty(b))
		return inquiry->empty;
	return checked(inquiry, hostset_intersection(inquiry->arena, a, b));
}

const struct hostset *inquiry_union_all(struct inquiry *inquiry,
					const struct hostset **sets, size_t count)
{
	if (!count)
		return inquiry->empty;
	while (count > 1) {
		size_t half = 0;

		for (size_t i = 0; i + 1 < count; i += 2)
			sets[half++] = inquiry_union(inquiry, sets[i], sets[i + 1]);
		if (count % 2)
			sets[half++] = sets[count - 1];
		count = half;
	}
	return sets[0];
}

const struct hostset *inquiry_identify(struct inquiry *inquiry,
				       const struct hostset *targets)
{
	return checked(inquiry, fleet_identify(inquiry->arena, &inquiry->fleet, targets));
}

const char *inquiry_text(struct inquiry *inquiry, const char *text)
{
	if (text)
		return text;
	inquiry->exhausted = true;
	return "";
}

const char *inquiry_count(struct inquiry *inquiry, uint64_t count, const char *unit)
{
	return inquiry_text(inquiry, word_count(inquiry->arena, count, unit));
}

/* From the easiest to the hardest, so that the order of rules never decides. */
static const char *const challenges[] = {
	"", "echo-count", "name", "blind-count", "name-subsystem", "reason", "ticket"};

enum { CHALLENGE_BLIND = 3, CHALLENGES = sizeof(challenges) / sizeof(*challenges) };

static void note_challenge(struct inquiry *inquiry, const char *challenge)
{
	size_t rank = CHALLENGE_BLIND;

	for (size_t i = 1; challenge && i < CHALLENGES; i++) {
		if (strcmp(challenges[i], challenge) == 0)
			rank = i;
	}
	if (rank > inquiry->challenge)
		inquiry->challenge = rank;
}

void inquiry_challenge(struct inquiry *inquiry)
{
	struct decision *decision = inquiry->decision;
	size_t rank = inquiry->challenge;

	if (decision->verdict == VERDICT_ALLOW)
		return;
	decision->challenge = challenges[rank];
	if (rank > CHALLENGE_BLIND)
		return;
	if (!decision->count_known)
		decision->challenge = "unknown";
	else if (decision->count == 1 && rank == CHALLENGE_BLIND)
		decision->challenge = "name";
	else if (decision->count != 1 && strcmp(decision->challenge, "name") == 0)
		decision->challenge = challenges[CHALLENGE_BLIND];
}

bool inquiry_enforces(const struct inquiry *inquiry, int observe)
{
	return observe < 0 ? !inquiry->policy->observe : observe == 0;
}

void inquiry_reason(struct inquiry *inquiry, const char *rule, const char *file, int line,
		    enum verdict verdict, int observe, const char *challenge,
		    const char *text)
{
	struct decision *decision = inquiry->decision;
	struct reason *grown =
		arena_grow(inquiry->arena, decision->reasons, decision->reason_count,
			   &inquiry->reason_capacity, sizeof(*grown));
	bool observed = !inquiry_enforces(inquiry, observe);

	if (!grown) {
		inquiry->exhausted = true;
		return;
	}
	decision->reasons = grown;
	grown[decision->reason_count++] =
		(struct reason){.rule = rule,
				.file = file,
				.line = line,
				.verdict = verdict,
				.observed = observed,
				.text = inquiry_text(inquiry, text)};
	if (observed)
		return;
	if (verdict > decision->verdict)
		decision->verdict = verdict;
	note_challenge(inquiry, challenge);
}

void inquiry_limit(struct inquiry *inquiry, const struct limit *limit,
		   enum verdict verdict, const char *text)
{
	if (text && limit->advice)
		text = arena_printf(inquiry->arena, "%s. %s", text, limit->advice);
	inquiry_reason(inquiry, limit_label(limit, verdict), limit->file, limit->line,
		       verdict, limit->observe, limit->challenge, text);
}

void inquiry_room(struct inquiry *inquiry, int observe, uint64_t fits, int64_t next)
{
	if (!inquiry_enforces(inquiry, observe))
		return;
	if (!inquiry->room.any || fits < inquiry->room.fits) {
		inquiry->room.any = true;
		inquiry->room.fits = fits;
		inquiry->room.next = next;
	} else if (fits == inquiry->room.fits && inquiry->room.next) {
		/* Both have to give way before one more fits. */
		if (next == 0 || next > inquiry->room.next)
			inquiry->room.next = next;
	}
}
