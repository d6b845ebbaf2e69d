/*
 * A genders database, the node attributes that pdsh -g, -X, -a and -A select by.
 * Sources: genders(5?), libgenders(3) of genders 1.27: queries join attributes with ||, &&
 * and --, from left to right without precedence; ~ is the complement of what follows.
 */
#ifndef TALLY_GENDERS_H
#define TALLY_GENDERS_H

#include <stddef.h>

#include "arena.h"
#include "fault.h"
#include "hostset.h"

struct genders;

/* Reads the text of a genders file. NULL and `fault` when it is malformed. */
struct genders *genders_parse(struct arena *arena, const char *text, struct fault *fault);

/* All nodes, by their own names. */
const struct hostset *genders_all(struct arena *arena, const struct genders *genders);

/* The nodes that one query selects; an unknown attribute selects none, as in libgenders. */
const struct hostset *genders_query(struct arena *arena, const struct genders *genders,
				    const char *query, size_t length,
				    struct fault *fault);

/* The set with each node that has an altname replaced by it (what pdsh contacts). */
const struct hostset *genders_altnames(struct arena *arena, const struct genders *genders,
				       const struct hostset *nodes);

#endif
