#include "pattern.h"

#include <stddef.h>
#include <string.h>

bool pattern_match(const char *pattern, const char *text)
{
	const char *star = NULL, *retry = NULL;

	/* Only the last * ever needs to be tried again, so this is no worse than n * m. */
	while (*text) {
		if (*pattern == '*') {
			star = pattern++;
			retry = text;
		} else if (*pattern == '?' || *pattern == *text) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star + 1;
			text = ++retry;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

bool pattern_is_glob(const char *pattern)
{
	return strpbrk(pattern, "*?") != NULL;
}

bool pattern_list_match_any(const char *const *patterns, const char *const *texts)
{
	bool wanted = false, asked = false;

	if (!patterns)
		return true;
	for (; *patterns; patterns++) {
		bool negative = **patterns == '!';
		bool hit = false;

		for (size_t i = 0; texts && texts[i] && !hit; i++)
			hit = pattern_match(*patterns + negative, texts[i]);
		if (negative && hit)
			return false;
		asked |= !negative;
		wanted |= !negative && hit;
	}
	return wanted || !asked;
}

bool pattern_list_match(const char *const *patterns, const char *text)
{
	const char *const texts[] = {text ? text : "", NULL};

	return pattern_list_match_any(patterns, texts);
}
