/* Durations and dates of rule files. */
#include "load.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST_DURATION_DAYS = 36525 };

static bool unit_seconds(const char *unit, int64_t *seconds)
{
	static const struct {
		const char *name;
		int64_t seconds;
	} units[] = {
		{"s", 1},
		{"sec", 1},
		{"second", 1},
		{"seconds", 1},
		{"m", 60},
		{"min", 60},
		{"minute", 60},
		{"minutes", 60},
		{"h", 3600},
		{"hour", 3600},
		{"hours", 3600},
		{"d", 86400},
		{"day", 86400},
		{"days", 86400},
		{"w", 7 * 86400},
		{"week", 7 * 86400},
		{"weeks", 7 * 86400},
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (strcmp(units[i].name, unit) == 0) {
			*seconds = units[i].seconds;
			return true;
		}
	}
	return false;
}

static bool parse_duration(const char *text, int64_t *seconds)
{
	int64_t number = 0, unit;
	int digits = 0;

	for (; isdigit((unsigned char)*text) && digits < 10; digits++)
		number = number * 10 + (*text++ - '0');
	while (*text == ' ')
		text++;
	if (!digits || !unit_seconds(text, &unit))
		return false;
	*seconds = number * unit;
	return *seconds <= LONGEST_DURATION_DAYS * 86400LL;
}

int load_duration(const config_setting_t *group, const char *name, bool required,
		  int64_t *seconds, struct fault *fault)
{
	const config_setting_t *setting = config_setting_get_member(group, name);

	if (setting && config_setting_type(setting) == CONFIG_TYPE_STRING) {
		if (parse_duration(config_setting_get_string(setting), seconds))
			return 1;
	} else if (!setting || ((config_setting_type(setting) == CONFIG_TYPE_INT ||
				 config_setting_type(setting) == CONFIG_TYPE_INT64) &&
				config_setting_get_int64(setting) >= 0 &&
				config_setting_get_int64(setting) <=
					LONGEST_DURATION_DAYS * 86400LL)) {
		return load_int(group, name, required, 0, INT64_MAX, seconds, fault);
	}
	return load_expected(setting, fault,
			     "seconds, or a text like \"90 s\", \"10 min\", \"2 h\", "
			     "\"365 days\" (at most a hundred years)");
}

/* Days since 1970-01-01 of a date of the Gregorian calendar (Howard Hinnant's algorithm). */
static int64_t days_from_civil(int64_t year, int64_t month, int64_t day)
{
	int64_t era, year_of_era, day_of_year;

	year -= month <= 2;
	era = year / 400; /* year >= 0 here */
	year_of_era = year - era * 400;
	day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
	       day_of_year - 719468;
}

static bool digits(const char **text, int count, int64_t low, int64_t high,
		   int64_t *value)
{
	*value = 0;
	for (int i = 0; i < count; i++, (*text)++) {
		if (!isdigit((unsigned char)**text))
			return false;
		*value = *value * 10 + (**text - '0');
	}
	return *value >= low && *value <= high;
}

static bool one(const char **text, char c)
{
	return *(*text)++ == c;
}

static bool parse_date(const char *text, int64_t *seconds)
{
	static const int64_t month_days[] = {31, 28, 31, 30, 31, 30,
					     31, 31, 30, 31, 30, 31};
	int64_t year, month, day, hour = 0, minute = 0, second = 0;
	bool leap;

	if (strlen(text) != 10 && strlen(text) != 20)
		return false;
	if (!digits(&text, 4, 1970, 9999, &year) || !one(&text, '-') ||
	    !digits(&text, 2, 1, 12, &month) || !one(&text, '-') ||
	    !digits(&text, 2, 1, 31, &day))
		return false;
	leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	if (day > month_days[month - 1] + (month == 2 && leap))
		return false;
	if (*text &&
	    (!one(&text, 'T') || !digits(&text, 2, 0, 23, &hour) || !one(&text, ':') ||
	     !digits(&text, 2, 0, 59, &minute) || !one(&text, ':') ||
	     !digits(&text, 2, 0, 59, &second) || !one(&text, 'Z')))
		return false;
	*seconds = days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 +
		   second;
	return true;
}

int load_date(const config_setting_t *group, const char *name, bool required,
	      int64_t *seconds, struct fault *fault)
{
	const config_setting_t *setting = config_setting_get_member(group, name);

	if (!setting) {
		if (required)
			return load_fault(group, fault,
					  "\"%s\" is missing here: it is required", name);
		return 0;
	}
	if (config_setting_type(setting) != CONFIG_TYPE_STRING ||
	    !parse_date(config_setting_get_string(setting), seconds))
		return load_expected(setting, fault,
				     "a day like \"2014-06-01\", or a time in UTC like "
				     "\"2026-01-01T12:00:00Z\"");
	return 1;
}
