/*
 * The few string functions the shim needs, inline: between fork and exec it calls nothing of
 * libc, and a library that needs nothing is the cheapest one to load.
 */
#ifndef TALLY_TEXT_H
#define TALLY_TEXT_H

#include <stdbool.h>
#include <stddef.h>

static inline size_t text_length(const char *text)
{
	size_t length = 0;

	while (text[length])
		length++;
	return length;
}

static inline bool text_equal(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

/* What stands behind `prefix` at the start of `text`, or NULL. */
static inline const char *text_after(const char *text, const char *prefix)
{
	while (*prefix)
		if (*text++ != *prefix++)
			return 0;
	return text;
}

static inline bool text_has(const char *text, char byte)
{
	while (*text && *text != byte)
		text++;
	return *text != '\0';
}

static inline const char *text_base(const char *path)
{
	const char *base = path;

	for (; *path; path++)
		if (*path == '/')
			base = path + 1;
	return base;
}

/* Copies `length` bytes and returns the end of the copy. */
static inline char *text_put(char *to, const char *from, size_t length)
{
	for (size_t i = 0; i < length; i++)
		to[i] = from[i];
	return to + length;
}

#endif
