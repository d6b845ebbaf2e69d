/*
 * The inside of a target set, for the files hostset_*.c only.
 *
 * A string of 1 to 18 digits is numbered by length, then by value (its *key*): all strings
 * of one length form a *block* of consecutive keys, so 1, 01 and 001 differ and "7" stands
 * before "10" before "007". A node holds the possible keys of one number as *runs*: keys
 * in arithmetic progression with one and the same node of what may follow.
 *
 * Nodes are canonical: the runs are what a reader makes who takes the keys one by one in
 * ascending order and always extends the run at hand if he can (see encoder_run()). They
 * depend on the members only, never on the way the set came about, so two sets are equal
 * exactly if their nodes have equal runs.
 */
#ifndef TALLY_HOSTSET_NODE_H
#define TALLY_HOSTSET_NODE_H

#include "hostset.h"

struct run {
	uint64_t low, high, step; /* keys of one block; a single key has step 1 */
	const struct node *next;
};

struct node {
	uint64_t hash;
	uint64_t count; /* of names from here on; stays at UINT64_MAX */
	size_t length;	/* 0: the leaf, where names end */
	struct run runs[];
};

extern const struct node hostset_leaf;

/*
 * The text around the numbers, each number written "%s" and each percent sign "%%". This
 * is how ClusterShell writes a pattern, and it sorts the folded text as nodeset does.
 */
struct pattern {
	const char *text;
	const struct node *root;
	unsigned dims;
};

struct hostset {
	size_t count;
	const struct pattern *patterns; /* ascending by text, none empty */
};

struct span {
	const char *text;
	size_t length;
};

/* --- keys --- */

uint64_t key_offset(unsigned length);  /* the first key of the block, length 1 to 19 */
uint64_t key_power(unsigned exponent); /* ten to the 0 to 18 */
unsigned key_length(uint64_t key);
unsigned key_digits(uint64_t value); /* decimal digits of a value */
uint64_t key_of(const char *digits, unsigned length);
/* Writes the digit string of a key (no NUL); returns its length. */
unsigned key_print(char *text, uint64_t key);

/* --- work: what one operation needs; its scratch memory goes when it ends --- */

enum set_op { SET_UNION, SET_DIFFERENCE, SET_INTERSECTION };

struct memo;

struct work {
	struct arena *arena;   /* for results */
	struct arena *scratch; /* for everything else */
	struct run *runs;      /* a stack: nodes under construction */
	size_t top, capacity;
	struct memo *memo;
	enum set_op op;
	uint64_t budget; /* steps left, against operations that would not end */
	bool failed;	 /* memory or budget ran out: the result is void */
};

/* false when memory is short; work_end() is needed in any case. */
bool work_begin(struct work *work, struct arena *arena);
void work_end(struct work *work);

/* --- nodes --- */

struct encoder {
	struct work *work;
	size_t base;
	const struct node *next; /* NULL: no run at hand */
	uint64_t low, last, step, end;
};

/* Runs are put in ascending order, no key twice; encoders nest like calls. */
void encoder_begin(struct encoder *encoder, struct work *work);
void encoder_run(struct encoder *encoder, uint64_t low, uint64_t high, uint64_t step,
		 const struct node *next);
/* The node, NULL when it has no keys or the work failed. */
const struct node *encoder_finish(struct encoder *encoder);

bool node_equal(const struct node *a, const struct node *b);

/* a `work->op` b; NULL is the empty set, on both sides. */
const struct node *node_merge(struct work *work, const struct node *a,
			      const struct node *b);

/* The union of runs in any order, which may overlap; all lead to the leaf. Sorts them. */
const struct node *node_from_runs(struct work *work, struct run *runs, size_t count);

/* --- names --- */

/*
 * Splits a name into its pattern (`text` has room for 2 * length + 1 bytes) and the keys
 * of its numbers (room for HOSTSET_MAX_DIMS). Returns the number of keys.
 */
unsigned name_split(const char *name, size_t length, char *text, uint64_t *keys);

/* The set of names given by place and length; none may be empty or hold a NUL. */
const struct hostset *hostset_spans(struct arena *arena, const struct span *names,
				    size_t count);

/* A set of patterns in any order, in which a text may occur twice. */
const struct hostset *hostset_of_patterns(struct work *work, struct pattern *patterns,
					  size_t count);

#endif
