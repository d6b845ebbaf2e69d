/*
 * Numbers as ranges of text, cut where ClusterShell 1.9.1 cuts them (RangeSet.py,
 * _slices_padding): `1-9,10-99` is one range, `01-99` and `100` are two. For hostset_*.c
 * and for the reader of ClusterShell's notation, where the cuts change the meaning.
 */
#ifndef TALLY_HOSTSET_RANGES_H
#define TALLY_HOSTSET_RANGES_H

#include "hostset_node.h"

/* A progression of more members than this is written with its step, not one by one. */
enum { RANGES_MAX_SINGLES = 100 };

struct ranges {
	/* Called with every range, in order; a value other than 0 ends the work. */
	int (*each)(void *context, const struct hostset_range *range);
	void *context;
	int stop;
	/* The range at hand. `step` 0: not known yet, it has one member. */
	bool started, padded;
	uint64_t first, last, step;
	unsigned width;
	/* The progression at hand, over the borders of blocks. */
	struct run row;
	uint64_t row_count;
	unsigned row_width;
};

void ranges_begin(struct ranges *ranges,
		  int (*each)(void *context, const struct hostset_range *range),
		  void *context);
/* The runs of one number, ascending by key; what they lead to does not matter. */
void ranges_run(struct ranges *ranges, const struct run *run);
/* 0, or what `each` returned. */
int ranges_end(struct ranges *ranges);

#endif
