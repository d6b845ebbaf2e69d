/* A bar of columns: how much of a whole is there, what goes, and a mark in it. */
#ifndef TALLY_BAR_H
#define TALLY_BAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

enum { BAR_LEAST = 20, BAR_MOST = 48 }; /* a shorter bar says nothing */

struct bar {
	uint64_t whole;
	uint64_t filled; /* drawn full */
	uint64_t fading; /* up to here: what goes; not less than `filled` */
	uint64_t mark;	 /* 0: none */
};

/* As text of `room` columns, at most BAR_MOST; NULL when memory is short. */
const char *bar_text(struct arena *arena, const struct bar *bar, size_t room, bool utf8);

#endif
