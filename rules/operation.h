/* What a command line would do: the result of reading it by its tool's description. */
#ifndef TALLY_OPERATION_H
#define TALLY_OPERATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "action.h"
#include "command.h"
#include "hostset.h"

/* What the targets stand for, when they stand for more than themselves. */
struct effect {
	bool known;
	const char *unit; /* NULL: the targets are the capacity themselves */
	int64_t count;	  /* units that go (negative: that come) */
};

/* One action on one set of targets. A command has one or more (`destroy a; undefine b`). */
struct operation {
	enum action action;
	const char *unit;	       /* host, instance, pod ... */
	const struct hostset *targets; /* NULL: unknown, never "none" */
	const char *unknown;	       /* why `targets` is NULL, one sentence */
	uint64_t picks; /* the tool takes only so many of them, at random; 0: all */
	struct effect effect;
	bool everything;   /* "all": a missing selector, '*', --all */
	bool irreversible; /* --force, --grace-period=0 and their like */
	bool temporary;	   /* targets come back by themselves (restart) */
	uint64_t unnamed;  /* further targets, which share a name with one in `targets` */
};

struct reading {
	const char *tool;	  /* name of the description; NULL: no known tool */
	const char *environment;  /* class of context, profile, inventory; NULL: none */
	const char *const *probe; /* argv of the (last) probe that was used, or NULL */
	struct operation *operations;
	size_t count;
	bool refused; /* the tool itself will refuse this line; operations may be 0 */
	const char *refusal; /* why it will, one sentence */
	enum action action;  /* the heaviest of all operations */
	const char *unit;    /* of the heaviest; "object" when they differ */
	const struct command
		*command;   /* as the tool itself gets it: behind sudo, env ... */
	const char *digest; /* of tool and arguments without the targets: "the same work"
				for canary limits; NULL: not known */
};

#endif
