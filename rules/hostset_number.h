/*
 * One number of a product: digits of text and ranges side by side (`1[0-9]`, `[1-2]5`)
 * become the set of digit strings that the expanded names would show. For
 * hostset_product.c only.
 */
#ifndef TALLY_HOSTSET_NUMBER_H
#define TALLY_HOSTSET_NUMBER_H

#include "hostset_node.h"

enum {
	/* Spellings and patterns that one product may be written out to. */
	PRODUCT_MAX_SPELLED = 65536,
	/* Runs that joined digits may come to, strings that they may stand for. */
	PRODUCT_MAX_RUNS = 1 << 20,
	PRODUCT_MAX_JOINED = 1000000000,
	/* Digits that may be joined from pieces. */
	PRODUCT_MAX_LENGTH = 4096,
};

/* Digits of text (`ranges` NULL), or a list of ranges. */
struct piece {
	const char *digits;
	size_t length;
	const struct hostset_range *ranges;
	size_t range_count;
};

struct number {
	const struct node *node; /* strings of up to 18 digits; NULL: none */
	struct span *longer;	 /* the others, which are text and not numbers */
	size_t longer_count;
};

/* False when the work failed or the number cannot be kept folded. */
bool number_make(struct work *work, const struct piece *pieces, size_t count,
		 struct number *number);

/* All strings of a node of one number (at most PRODUCT_MAX_SPELLED), in scratch memory. */
bool number_spell(struct work *work, const struct node *node, struct span **spelled,
		  size_t *count);

#endif
