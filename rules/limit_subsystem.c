/* Limits that look at one subsystem at a time: shares, cells, redundancy groups. */
#include "limit_kinds.h"

#include <string.h>

#include "capacity.h"
#include "wording.h"

/* The members of `subsystem` that the limit sees among the targets. */
static const struct hostset *hit(struct inquiry *inquiry, const struct view *view,
				 const struct subsystem *subsystem)
{
	struct tally tally;
	const struct deed *unknown;
	const struct hostset *all = inquiry->empty;

	limit_tally(inquiry, view->limit, subsystem, &tally, &unknown);
	for (size_t i = 0; i < tally.part_count; i++)
		all = inquiry_union(inquiry, all, tally.parts[i].targets);
	return all;
}

void limit_judge_fraction(struct inquiry *inquiry, const struct view *view,
			  const struct subsystem *subsystem)
{
	const struct limit *limit = view->limit;
	uint64_t count = hostset_count(hit(inquiry, view, subsystem));
	uint64_t allowance = amount_allowance(limit->fraction, subsystem->declared);
	const char *amount, *would, *text;

	if (count <= allowance)
		return;
	amount = inquiry_text(inquiry, word_amount(inquiry->arena, limit->fraction,
						   allowance, subsystem->declared));
	would = inquiry_text(inquiry,
			     word_would(inquiry->arena, view->action, count,
					subsystem->unit ? subsystem->unit : "host"));
	text = arena_printf(inquiry->arena, "in %s %s, at once may be %s%s",
			    subsystem->name, would, amount,
			    allowance == 0 && limit->fraction.value
				    ? ": rounded down that is none, so every one is held"
				    : "");
	inquiry_limit(inquiry, limit, limit->verdict, text);
}

void limit_judge_cells(struct inquiry *inquiry, const struct view *view,
		       const struct subsystem *subsystem)
{
	const struct hostset *rest = hit(inquiry, view, subsystem);
	uint64_t touched = 0;
	const char *names = "", *text;

	if (!subsystem->cell_count)
		return;
	for (size_t i = 0; i < subsystem->cell_count; i++) {
		const struct hostset *cell = subsystem->cell_members[i];

		if (hostset_is_empty(inquiry_common(inquiry, rest, cell)))
			continue;
		if (touched++ < 4)
			names = inquiry_text(inquiry,
					     arena_printf(inquiry->arena, "%s%s%s", names,
							  *names ? " and " : "",
							  subsystem->cells[i]));
	}
	for (size_t i = 0; i < subsystem->cell_count; i++)
		rest = inquiry_minus(inquiry, rest, subsystem->cell_members[i]);
	/* Members of which nobody said where they are cannot be known to be together. */
	if (!hostset_is_empty(rest))
		touched++;
	if (touched <= view->limit->cells)
		return;
	text = arena_printf(
		inquiry->arena,
		"%llu cells of %s would be touched at once (%s%s%s), the limit "
		"is %llu",
		(unsigned long long)touched, subsystem->name, names,
		touched > 5 ? " ..." : "",
		hostset_is_empty(rest) ? "" : ", and members that are in no cell",
		(unsigned long long)view->limit->cells);
	inquiry_limit(inquiry, view->limit, view->limit->verdict, text);
}

void limit_judge_pairs(struct inquiry *inquiry, const struct view *view,
		       const struct subsystem *subsystem)
{
	const struct hostset *targets = hit(inquiry, view, subsystem), *gone;

	if (!subsystem->pair_count || hostset_is_empty(targets))
		return;
	/* The other half may be out already: that is no less the end of both. */
	gone = inquiry_union(inquiry, targets,
			     capacity_out(inquiry, subsystem, inquiry->history->now));
	for (size_t i = 0; i < subsystem->pair_count; i++) {
		const struct hostset *pair = subsystem->pairs[i];
		const char *folded, *text;

		if (hostset_is_empty(inquiry_common(inquiry, pair, targets)) ||
		    !hostset_is_empty(inquiry_minus(inquiry, pair, gone)))
			continue;
		folded = inquiry_text(inquiry, hostset_fold(inquiry->arena, pair));
		text = arena_printf(inquiry->arena,
				    "all %llu of the redundancy group %s of %s would be "
				    "%s or are out already",
				    (unsigned long long)hostset_count(pair), folded,
				    subsystem->name, word_done(view->action));
		inquiry_limit(inquiry, view->limit, view->limit->verdict, text);
		return;
	}
}
