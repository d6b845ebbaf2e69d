/*
 * Readers of target notations: text -> target set. One file a notation (syntax_*.c).
 * All are pure. They return NULL and fill `fault` when the text is not of the notation
 * (the tool would refuse it, or we cannot know): never an empty set for a text that was
 * not understood.
 */
#ifndef TALLY_SYNTAX_H
#define TALLY_SYNTAX_H

#include "arena.h"
#include "fault.h"
#include "hostset.h"

/* A range may not be larger than this in any notation: a typing error, not a fleet. */
#define SYNTAX_MAX_RANGE 1000000000ULL

/*
 * tallygate's own notation, used by rule files, the ledger and the screen:
 *   text := item { "," item }       item := { literal | "[" range { "," range } "]" }
 *   range := number [ "-" number [ "/" step ] ]
 * Any number of brackets an item, text behind them (`n[1-3]-ib`), padding from the low
 * bound (`[01-10]`), backslash before a byte takes it literally. Blanks around items are
 * dropped. An empty text is the empty set; an empty item is a fault.
 */
const struct hostset *syntax_folded(struct arena *arena, const char *text,
				    struct fault *fault);

/*
 * One ClusterShell NodeSet expression without groups and wildcards, as `nodeset` 1.9
 * reads it (operators , ! & ^ from left to right, no precedence; [1-9/2] steps; mixed
 * padding; empty items, open brackets and reversed ranges are faults).
 * Source: nodeset(1), ClusterShell 1.9.1.
 */
const struct hostset *syntax_clustershell(struct arena *arena, const char *text,
					  struct fault *fault);

/*
 * A pdsh host list is a list with repetitions (pdsh(1), hostlist.c of 2.34): -x removes
 * one copy only. A multiset keeps, folded, the hosts that occur at least once, twice ...
 * A zeroed one is the empty list.
 */
struct pdsh_list {
	const struct hostset **layers; /* layers[k]: hosts with more than k copies */
	size_t count;
	/*
	 * Hosts from a range with numbers above 33554432: pdsh does not find them again, so
	 * -x never removes them. NULL: none.
	 */
	const struct hostset *fixed;
	/* Items with a second bracket, which pdsh expands after -x has been applied. */
	struct pdsh_nested *nested;
	size_t nested_count, nested_capacity;
};

/*
 * The items of one pdsh list argument: comma or blank separated, brackets without steps,
 * one range of at most 16384 hosts, an open bracket is literal. `user@` and `rcmd:` are
 * dropped; items that start with ^ / or - are not handled here (a fault): see tool reader
 * pdsh, which cuts the argument with syntax_pdsh_item(). Returns 0, or -1 with `fault`,
 * also for what pdsh takes but changes: it cuts padded numbers to 14 digits.
 */
int syntax_pdsh_add(struct arena *arena, struct pdsh_list *list, const char *text,
		    size_t length, struct fault *fault);
/* The same for the argument of -x, where user@ and rcmd: are part of the name. */
int syntax_pdsh_add_excluded(struct arena *arena, struct pdsh_list *list,
			     const char *text, size_t length, struct fault *fault);
/*
 * The next item of an argument, as pdsh cuts it: at commas outside of brackets. Sets
 * `item` and `length` and moves *at behind it; false at `end`.
 */
bool syntax_pdsh_item(const char **at, const char *end, const char **item,
		      size_t *length);
int syntax_pdsh_remove(struct arena *arena, struct pdsh_list *list,
		       const struct pdsh_list *out, struct fault *fault);
/* The distinct hosts of the list; NULL when memory is short. */
const struct hostset *syntax_pdsh_set(struct arena *arena, const struct pdsh_list *list);

/* One name a line; blank lines are dropped, `comment` (0: none) starts a comment. */
const struct hostset *syntax_lines(struct arena *arena, const char *text, size_t length,
				   char comment, struct fault *fault);

#endif
