/*
 * Which program would this exec start, and is it guarded? Found by base name and by file,
 * through links, descriptors, #! lines, interpreters with a script and the dynamic loader.
 */
#ifndef TALLY_EXEC_TARGET_H
#define TALLY_EXEC_TARGET_H

#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "caller.h"
#include "exec_path.h"
#include "guard_table.h"

enum exec_kind {
	EXEC_FREE,	 /* not guarded, or nothing that the kernel could start */
	EXEC_GUARDED,	 /* to be put behind the gate */
	EXEC_GATE,	 /* the gate itself, told to serve our session */
	EXEC_GATE_OTHER, /* the gate itself, told something else */
	EXEC_LATER,	 /* cannot be told without waiting */
	EXEC_UNREADABLE, /* the caller's memory is closed to us */
};

enum { EXEC_WORDS = 3 };

/* What an exec would start. */
struct exec_target {
	enum exec_kind kind;
	char path[PATH_MAX];	 /* of the program, for the caller; "" for a gate */
	char name[NAME_MAX + 1]; /* base name that the caller gave, "" when not known */
	int program; /* a descriptor when no path leads there any more, else -1 */
	/* What the kernel would put in the place of argv[0], for a #! line; 0: nothing. */
	char words[EXEC_WORDS][PATH_MAX];
	size_t word_count;
};

enum { EXEC_KNOWN = 1024 };

/* A file that has been looked into: it stays what it is while none of this changes. */
struct exec_file {
	uint64_t device, inode, size;
	int64_t changed;
	uint32_t changed_ns;
};

/* What is needed to tell, the same for all execs of a session. */
struct exec_finder {
	struct guard_table table;
	const char *session; /* directory: the gate must be given this one */
	struct exec_root root;
	uint64_t gate_device, gate_inode;
	pthread_mutex_t lock; /* of known */
	struct exec_file
		known[EXEC_KNOWN]; /* that start nothing guarded by their #! line */
};

/*
 * Looks at what `caller` wants to start. Without `may_block` everything is answered from
 * memory, or EXEC_LATER; with it, the function may be called by several threads.
 */
void exec_target_find(struct exec_finder *finder, const struct caller *caller,
		      bool may_block, struct exec_target *target);

/* Closes what a target holds. */
void exec_target_close(struct exec_target *target);

/* Is process `pid` the gate, with one thread and memory of its own? */
bool exec_is_gate(const struct exec_finder *finder, pid_t pid);

/*
 * Is what process `pid` runs now guarded, by its file and its command line? `name` gets its
 * base name. False also when it cannot be looked at; *seen says which. The gate is not.
 */
bool exec_runs_guarded(struct exec_finder *finder, pid_t pid, bool *seen,
		       char name[NAME_MAX + 1]);

/*
 * Does the command line of process `pid` name a guarded program behind its own name? `name`
 * gets its base name.
 */
bool exec_names_guarded(const struct exec_finder *finder, pid_t pid,
			char name[NAME_MAX + 1]);

#endif
