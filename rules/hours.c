#include "hours.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { DAY_SECONDS = 86400, DAY_MINUTES = 1440 };

static bool parse_day(const char **text, unsigned *day)
{
	static const char names[7][4] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

	for (unsigned i = 0; i < 7; i++) {
		if (strncasecmp(*text, names[i], 3) == 0) {
			*text += 3;
			*day = i;
			return true;
		}
	}
	return false;
}

static bool parse_days(const char **text, unsigned *days)
{
	unsigned from, until;

	*days = 0;
	if (**text == '*') {
		(*text)++;
		*days = 0x7f;
		return true;
	}
	for (;;) {
		if (!parse_day(text, &from))
			return false;
		until = from;
		if (**text == '-') {
			(*text)++;
			if (!parse_day(text, &until))
				return false;
		}
		for (unsigned day = from;; day = (day + 1) % 7) {
			*days |= 1U << day;
			if (day == until)
				break;
		}
		if (**text != ',')
			return true;
		(*text)++;
	}
}

static bool parse_time(const char **text, unsigned *minutes)
{
	const char *t = *text;

	for (int i = 0; i < 5; i++) {
		if (i == 2 ? t[i] != ':' : !isdigit((unsigned char)t[i]))
			return false;
	}
	*minutes = (unsigned)((t[0] - '0') * 10 + (t[1] - '0')) * 60 +
		   (unsigned)((t[3] - '0') * 10 + (t[4] - '0'));
	*text += 5;
	return t[3] <= '5' && *minutes <= DAY_MINUTES;
}

static void skip_blanks(const char **text)
{
	while (**text == ' ')
		(*text)++;
}

bool hours_parse(const char *text, struct hours *hours)
{
	unsigned offset;
	int sign;

	*hours = (struct hours){0};
	if (!parse_days(&text, &hours->days) || *text != ' ')
		return false;
	skip_blanks(&text);
	if (!parse_time(&text, &hours->from) || *text++ != '-' ||
	    !parse_time(&text, &hours->until) || hours->from >= DAY_MINUTES)
		return false;
	skip_blanks(&text);
	if (!*text)
		return true;
	if (strcmp(text, "UTC") == 0)
		return true;
	sign = *text == '+' ? 1 : *text == '-' ? -1 : 0;
	text++;
	if (!sign || !parse_time(&text, &offset) || *text || offset > 14 * 60)
		return false;
	hours->offset = sign * (int64_t)offset * 60;
	return true;
}

bool hours_contain(const struct hours *hours, int64_t at)
{
	int64_t local = at + hours->offset;
	int64_t day = local / DAY_SECONDS - (local % DAY_SECONDS < 0);
	unsigned minute = (unsigned)((local - day * DAY_SECONDS) / 60);
	unsigned weekday = (unsigned)(((day + 3) % 7 + 7) % 7); /* day 0: a Thursday */
	unsigned before = (weekday + 6) % 7;

	if (hours->until > hours->from)
		return (hours->days >> weekday & 1U) && minute >= hours->from &&
		       minute < hours->until;
	return ((hours->days >> weekday & 1U) && minute >= hours->from) ||
	       ((hours->days >> before & 1U) && minute < hours->until);
}
