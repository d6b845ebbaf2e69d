#include "wording.h"

#include <inttypes.h>
#include <string.h>

const char *word_duration(struct arena *arena, int64_t seconds)
{
	static const struct {
		int64_t seconds;
		const char *one, *many;
	} units[] = {{86400, "day", "days"}, {3600, "h", "h"}, {60, "min", "min"}};
	int64_t whole, rest;

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		const char *name;

		if (seconds < units[i].seconds)
			continue;
		whole = seconds / units[i].seconds;
		rest = seconds % units[i].seconds;
		name = whole == 1 ? units[i].one : units[i].many;
		if (!rest)
			return arena_printf(arena, "%" PRId64 " %s", whole, name);
		if (i == 2)
			return arena_printf(arena, "%" PRId64 " min %" PRId64 " s", whole,
					    rest);
		/* The next smaller unit, rounded up: never earlier than it is true. */
		rest = (rest + units[i + 1].seconds - 1) / units[i + 1].seconds;
		if (rest * units[i + 1].seconds == units[i].seconds)
			return arena_printf(arena, "%" PRId64 " %s", whole + 1,
					    units[i].many);
		return arena_printf(arena, "%" PRId64 " %s %" PRId64 " %s", whole, name,
				    rest, units[i + 1].many);
	}
	return arena_printf(arena, "%" PRId64 " s", seconds < 0 ? 0 : seconds);
}

const char *word_count(struct arena *arena, uint64_t count, const char *unit)
{
	size_t length;
	const char *ending = "s";

	if (!unit)
		unit = "target";
	length = strlen(unit);
	if (count == 1)
		ending = "";
	else if (length > 1 && (unit[length - 1] == 's' || unit[length - 1] == 'x' ||
				strcmp(unit + length - 2, "ch") == 0))
		ending = "es";
	else if (length > 1 && unit[length - 1] == 'y' &&
		 !strchr("aeiou", unit[length - 2]))
		return arena_printf(arena, "%" PRIu64 " %.*sies", count, (int)length - 1,
				    unit);
	return arena_printf(arena, "%" PRIu64 " %s%s", count, unit, ending);
}

const char *word_amount(struct arena *arena, struct amount amount, uint64_t number,
			uint64_t declared)
{
	uint64_t whole = amount.value / 100, part = amount.value % 100;

	if (!amount.percent)
		return arena_printf(arena, "%" PRIu64, number);
	if (!part)
		return arena_printf(arena, "%" PRIu64 " (%" PRIu64 "%% of %" PRIu64 ")",
				    number, whole, declared);
	if (part % 10 == 0)
		return arena_printf(
			arena, "%" PRIu64 " (%" PRIu64 ".%" PRIu64 "%% of %" PRIu64 ")",
			number, whole, part / 10, declared);
	return arena_printf(arena,
			    "%" PRIu64 " (%" PRIu64 ".%02" PRIu64 "%% of %" PRIu64 ")",
			    number, whole, part, declared);
}

const char *word_done(enum action action)
{
	switch (action) {
	case ACTION_READ:
		return "read";
	case ACTION_RESTORE:
		return "restored";
	case ACTION_RUN:
		return "used to run a command";
	case ACTION_CONFIG:
		return "configured";
	case ACTION_RESTART:
		return "restarted";
	case ACTION_STOP:
		return "stopped";
	case ACTION_SCALE:
	case ACTION_REMOVE:
		return "removed";
	}
	return "touched";
}

const char *word_would(struct arena *arena, enum action action, uint64_t count,
		       const char *unit)
{
	const char *what = word_count(arena, count, unit);

	if (!what)
		return NULL;
	if (action == ACTION_RUN)
		return arena_printf(arena, "the command would run on %s", what);
	return arena_printf(arena, "%s would be %s", what, word_done(action));
}
