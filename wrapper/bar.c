#include "bar.h"

#include <string.h>

static size_t cells(uint64_t value, uint64_t whole, size_t width)
{
	if (whole == 0)
		return 0;
	if (value >= whole)
		return width;
	return (size_t)((double)value * (double)width / (double)whole + 0.5);
}

const char *bar_text(struct arena *arena, const struct bar *bar, size_t room, bool utf8)
{
	static const char *const unicode[] = {"\u2588", "\u2591", "\u00b7", "\u2503"};
	static const char *const ascii[] = {"#", "-", ".", "|"};
	const char *const *parts = utf8 ? unicode : ascii;
	size_t width = room < BAR_MOST ? room : BAR_MOST;
	size_t filled = cells(bar->filled, bar->whole, width);
	size_t fading = cells(bar->fading, bar->whole, width);
	size_t mark = cells(bar->mark, bar->whole, width);
	char *text = arena_alloc(arena, width * 4 + 1), *to = text;

	for (size_t i = 0; text && i < width; i++) {
		int part = i < filled ? 0 : i < fading ? 1 : 2;

		if (bar->mark && i == (mark < width ? mark : width - 1))
			part = 3;
		to = stpcpy(to, parts[part]);
	}
	return text;
}
