/*
 * Target sets, kept folded: `web[001-400]` is one range, never 400 strings.
 *
 * A name is a pattern with up to HOSTSET_MAX_DIMS numbers in it (`r17n903` is the pattern
 * "r%n%" with the numbers 17 and 903). A number is its string of digits: 1, 01 and 001 are
 * three different numbers, as they are three different machines. Per pattern a set is an
 * interval decision diagram: sorted, disjoint intervals of the first number, each with the
 * set of what may follow; equal neighbours are merged, so that memory and time go with the
 * number of ranges and not with the number of hosts.
 *
 * Sets are immutable values that live in an arena; operations return a new set that may
 * share structure with its arguments, which must therefore live at least as long. Any byte
 * but NUL may be part of a name, an empty name is none.
 *
 * NULL is returned when the arena is exhausted, when a name cannot be one, and when a set
 * cannot be kept folded (4 million steps are not enough for an operation, or digits side
 * by side come to too many numbers): the caller reports an evaluation that failed. NULL as
 * an argument of an operation gives NULL.
 */
#ifndef TALLY_HOSTSET_H
#define TALLY_HOSTSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

enum {
	HOSTSET_MAX_DIMS = 8,	 /* further numbers of a name are taken as text */
	HOSTSET_MAX_DIGITS = 18, /* a longer run of digits is taken as text */
};

struct hostset;

/* The set without members. */
const struct hostset *hostset_empty(struct arena *arena);

/* The set of one name, taken to the letter: brackets and commas have no meaning. */
const struct hostset *hostset_name(struct arena *arena, const char *name, size_t length);

/* The set of `count` names, each to the letter; sorts and folds them in one go. */
const struct hostset *hostset_names(struct arena *arena, const char *const *names,
				    size_t count);

/*
 * One number of a name under construction: the digit strings from `low` to `high` in
 * steps of `step` (>= 1), each printed with at least `width` digits (0: as it is).
 */
struct hostset_range {
	uint64_t low, high, step;
	unsigned width;
};

/*
 * A piece of a pattern: either literal text (`ranges` NULL) or a list of ranges, whose
 * union is taken. Adjacent digits of text and ranges join into one number where that is
 * what the expanded names would show (`n1[0-9]` is n10 to n19).
 */
struct hostset_part {
	const char *text;
	size_t length;
	const struct hostset_range *ranges;
	size_t range_count;
};

/*
 * All names that the parts expand to, without expanding them where that is possible. At
 * most 65536 spellings are tried where it is not (numbers behind the eighth of a name or
 * of more than 18 digits). A range with low > high is empty.
 */
const struct hostset *hostset_product(struct arena *arena,
				      const struct hostset_part *parts, size_t count);

const struct hostset *hostset_union(struct arena *arena, const struct hostset *a,
				    const struct hostset *b);
const struct hostset *hostset_difference(struct arena *arena, const struct hostset *a,
					 const struct hostset *b);
const struct hostset *hostset_intersection(struct arena *arena, const struct hostset *a,
					   const struct hostset *b);

/* Distinct names; stays at UINT64_MAX when there are more. */
uint64_t hostset_count(const struct hostset *set);
bool hostset_is_empty(const struct hostset *set);
bool hostset_contains(const struct hostset *set, const char *name, size_t length);
bool hostset_equal(const struct hostset *a, const struct hostset *b);

/*
 * The set as text, folded, patterns sorted, comma between them: `idx[001-400],web1`. With
 * one number a name this is what `nodeset -f` 1.9.1 prints, except that more than 100
 * members in equal steps are written `[0-1000000/2]`; with several numbers, rows that are
 * equal share a bracket. NULL when memory is short.
 * Bytes that would be misread ([ ] , \ and blanks in a name) stand behind a backslash.
 * syntax_folded() reads it back to an equal set. NUL-terminated, in the arena.
 */
const char *hostset_fold(struct arena *arena, const struct hostset *set);

/*
 * Calls `each` with every name (NUL-terminated as well), pattern by pattern in ascending
 * order. Stops at and returns the first non-zero value that `each` returns; 0 at the end,
 * -1 when memory is short.
 */
int hostset_each(const struct hostset *set,
		 int (*each)(void *context, const char *name, size_t length),
		 void *context);

#endif
