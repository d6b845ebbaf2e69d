/* A wide run only after the same work has been done on few, and has settled. */
#include "limit_kinds.h"

#include <string.h>

#include "wording.h"

static uint64_t admitted_count(const struct admission *admission)
{
	if (admission->effect)
		return admission->effect;
	return admission->targets ? hostset_count(admission->targets) : 0;
}

void limit_judge_canary(struct inquiry *inquiry, const struct view *view)
{
	const struct history *history = inquiry->history;
	const struct limit *limit = view->limit;
	const char *digest = inquiry->reading->digest;
	const char *why = "it was not tried on so few before";
	const char *text;

	if (view->count <= limit->canary.targets)
		return;
	for (size_t i = 0; digest && i < history->count; i++) {
		const struct admission *past = inquiry->past[i];
		uint64_t count = admitted_count(past);

		if (!past->digest || strcmp(past->digest, digest) != 0 ||
		    past->action == ACTION_RESTORE || !count ||
		    count > limit->canary.targets ||
		    past->at < history->now - limit->canary.within)
			continue;
		if (past->ended && past->at + limit->canary.settle <= history->now)
			return;
		why = "the trial on few has not settled yet";
	}
	if (!digest)
		why = "whether it was tried on so few before cannot be told";
	text = arena_printf(inquiry->arena,
			    "%s, more than %llu only after the same command on at most "
			    "%llu and %s: %s",
			    view->what, (unsigned long long)limit->canary.targets,
			    (unsigned long long)limit->canary.targets,
			    inquiry_text(inquiry, word_duration(inquiry->arena,
								limit->canary.settle)),
			    why);
	inquiry_limit(inquiry, limit, limit->verdict, text);
}
