#include "preload_list.h"

#include <string.h>

static const char shim[] = "libtally.so";

static bool separates(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r' || byte == ':';
}

/* The next name at or behind *at: its length, 0 at the end. Comments are passed over. */
static size_t next_name(const char *text, size_t length, size_t *at)
{
	size_t begin = *at, end;

	while (begin < length && (separates(text[begin]) || text[begin] == '#')) {
		if (text[begin] == '#')
			while (begin < length && text[begin] != '\n')
				begin++;
		else
			begin++;
	}
	for (end = begin; end < length && !separates(text[end]) && text[end] != '#';)
		end++;
	*at = begin;
	return end - begin;
}

static bool is_shim(const char *name, size_t length)
{
	size_t own = sizeof(shim) - 1;

	return length >= own && memcmp(name + length - own, shim, own) == 0 &&
	       (length == own || name[length - own - 1] == '/');
}

size_t preload_list_blank(char *text, size_t length)
{
	size_t at = 0, name, count = 0;

	while ((name = next_name(text, length, &at)) > 0) {
		if (is_shim(text + at, name)) {
			memset(text + at, ' ', name);
			count++;
		}
		at += name;
	}
	return count;
}

bool preload_list_has(const char *text, size_t length)
{
	size_t at = 0, name;

	while ((name = next_name(text, length, &at)) > 0) {
		if (is_shim(text + at, name))
			return true;
		at += name;
	}
	return false;
}

bool preload_list_empty(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!separates(text[i]))
			return false;
	return true;
}
