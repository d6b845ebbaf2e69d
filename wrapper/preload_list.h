/*
 * /etc/ld.so.preload, as text: names of libraries between blanks and colons, # to the end of
 * a line a comment (ld.so(8)). Pure, and without libc beyond string.h: the static
 * tally-unpreload uses it too.
 */
#ifndef TALLY_PRELOAD_LIST_H
#define TALLY_PRELOAD_LIST_H

#include <stdbool.h>
#include <stddef.h>

#define PRELOAD_LIST "/etc/ld.so.preload"

enum { PRELOAD_LIST_BYTES = 64 * 1024 };

/* Puts blanks in the place of each libtally.so, wherever it is; how many there were. */
size_t preload_list_blank(char *text, size_t length);

/* Whether it names a libtally.so. */
bool preload_list_has(const char *text, size_t length);

/* Whether it names no library at all, and no comment is lost with it. */
bool preload_list_empty(const char *text, size_t length);

#endif
