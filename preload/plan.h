/*
 * What an exec becomes: the gate in its place, or the same exec with an environment that
 * keeps the shim. Worked out first, then written into memory of the caller's.
 */
#ifndef TALLY_PLAN_H
#define TALLY_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "look.h"
#include "shim_table.h"

/* One exec as it was asked for; argv and envp may be NULL. */
struct wish {
	const char *path;
	char *const *argv;
	char *const *envp;
	bool elsewhere; /* a relative path will be looked up in another directory */
};

struct plan {
	const struct wish *wish;
	struct shim_table table;
	struct looked looked;
	bool guarded; /* the gate is executed */
	int refused;  /* an errno: it is guarded, and the gate is not there */
	/* What is to be executed, after plan_write(). */
	const char *path;
	char *const *argv;
	char *const *envp;
	char *const *kept; /* the end of envp: the variables that were added */
	/* Of the environment. */
	bool rewrite;
	size_t env_count;
	const char *preload; /* the value LD_PRELOAD has now, or NULL */
	const char *shim;    /* the entry that must stand first in it */
	const char *session; /* TALLY_SESSION's value where it must be added, or NULL */
	size_t argc;
	size_t bytes; /* memory that plan_write() needs; 0: nothing changes */
};

/*
 * Works out what `wish` becomes. When plan->bytes is 0 the exec goes on as it is, and
 * ->path, ->argv and ->envp are the wish's. Says why on standard error when it is refused.
 */
void plan_make(struct plan *plan, const struct wish *wish);

/* Writes the new vectors to `memory`, plan->bytes long and aligned for pointers. */
void plan_write(struct plan *plan, void *memory);

/* Whether `envp` keeps the shim as it is; what system(3) and popen(3) pass on. */
bool plan_environment(struct plan *plan, char *const *envp);

#endif
