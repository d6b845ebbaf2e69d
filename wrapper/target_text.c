#include "target_text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "visible.h"

/* How many names the folded text up to here stands for, while it is read byte by byte. */
struct meter {
	bool inside;	  /* between [ and ] */
	bool single;	  /* this item has one bracket only */
	bool second;	  /* a further bracket would not be its first */
	uint64_t whole;	  /* names of the items before this one */
	uint64_t product; /* of the brackets of this item that are closed */
	uint64_t sum;	  /* of the ranges in the open bracket */
};

static uint64_t times(uint64_t a, uint64_t b)
{
	uint64_t product;

	return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

/* Numbers in "17" (one) or "001-400" (400). */
static uint64_t in_range(const char *text, size_t length)
{
	const char *dash = memchr(text, '-', length);
	uint64_t low = strtoull(text, NULL, 10), high;

	if (!dash)
		return 1;
	high = strtoull(dash + 1, NULL, 10);
	return high >= low ? high - low + 1 : 1;
}

/* True when the item whose first bracket opens at `text` has no second one. */
static bool only_bracket(const char *text)
{
	for (bool inside = true; *++text && (inside || *text != ',');) {
		if (*text == '\\' && text[1])
			text++;
		else if (*text == ']')
			inside = false;
		else if (*text == '[')
			return false;
	}
	return true;
}

/*
 * Reads one piece of the folded text, up to behind the next comma. Returns its length; *cut
 * is true when the text may end behind it, *shown then tells the names up to there.
 */
static size_t piece(struct meter *meter, const char *text, bool *cut, uint64_t *shown)
{
	size_t used = 0, start = 0;

	for (; text[used] && text[used] != ','; used++) {
		if (text[used] == '\\' && text[used + 1]) {
			used++;
		} else if (text[used] == '[' && !meter->inside) {
			meter->inside = true;
			/* A second bracket has a first one before it. */
			meter->single = !meter->second && only_bracket(text + used);
			meter->second = true;
			meter->sum = 0;
			start = used + 1;
		} else if (text[used] == ']' && meter->inside) {
			meter->sum += in_range(text + start, used - start);
			meter->product = times(meter->product, meter->sum);
			meter->inside = false;
		}
	}
	if (meter->inside) {
		meter->sum += in_range(text + start, used - start);
		*cut = meter->single;
		*shown = meter->whole + meter->sum;
	} else {
		meter->whole += meter->product;
		meter->product = 1;
		meter->second = false;
		*cut = true;
		*shown = meter->whole;
	}
	return text[used] ? used + 1 : used;
}

const char *target_text(const struct layout *layout, const struct hostset *set,
			size_t columns)
{
	const char *folded = hostset_fold(layout->arena, set), *start, *number, *more;
	struct meter meter = {.product = 1};
	uint64_t shown = 0, kept_shown = 0, all = hostset_count(set);
	size_t used = 0, kept = 0;
	bool inside = false;
	char *head;

	if (!folded)
		return NULL;
	start = visible_text(layout->arena, folded, layout->utf8);
	if (!start || columns == 0 || visible_width(start, strlen(start)) <= columns)
		return start;
	while (folded[used]) {
		bool cut = false;

		used += piece(&meter, folded + used, &cut, &shown);
		if (kept && used > columns)
			break;
		if (cut || !kept) {
			kept = used;
			kept_shown = cut ? shown : 0;
			inside = meter.inside;
		}
	}
	if (!folded[kept])
		return start;
	head = arena_strndup(layout->arena, folded, kept);
	number = visible_number(layout->arena, kept_shown < all ? all - kept_shown : 0);
	start = head ? visible_text(layout->arena, head, layout->utf8) : NULL;
	if (!start || !number)
		return NULL;
	/* One enormous item with several numbers in it cannot be counted half-way. */
	if (kept_shown == 0)
		more = arena_printf(layout->arena, " (%s in all)",
				    visible_number(layout->arena, all));
	else
		more = arena_printf(layout->arena, " and %s more", number);
	return more ? arena_printf(layout->arena, "%s%s%s%s", start,
				   layout_ellipsis(layout), inside ? "]" : "", more)
		    : NULL;
}
