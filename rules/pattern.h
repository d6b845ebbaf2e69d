/* Names with wildcards in rule files: * is any run of bytes, ? any one byte. */
#ifndef TALLY_PATTERN_H
#define TALLY_PATTERN_H

#include <stdbool.h>

bool pattern_match(const char *pattern, const char *text);

/* True when the pattern holds a wildcard. */
bool pattern_is_glob(const char *pattern);

/*
 * True when `text` is among the patterns (NULL-terminated): it matches one of those
 * without "!" in front (or there are only such), and none of those with it. NULL as
 * `patterns` matches everything; NULL as `text` is the empty text.
 */
bool pattern_list_match(const char *const *patterns, const char *text);

/* The same for somebody with several names (groups): one of them has to match. */
bool pattern_list_match_any(const char *const *patterns, const char *const *texts);

#endif
