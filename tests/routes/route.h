/*
 * The ways a program can start another one, each by its own name, for the tests that ask
 * what sees them. A route either replaces this process or starts a child and waits for it.
 */
#ifndef TALLY_TESTS_ROUTE_H
#define TALLY_TESTS_ROUTE_H

struct route_call {
	const char *path;  /* the program as it was given */
	char *const *argv; /* argv[0] is the program; NULL-terminated */
	char *const *envp; /* for routes that take one; may be NULL */
};

struct route {
	const char *name;
	/*
	 * Returns the exit status of a child, or -errno when the program could not be
	 * started; a route that replaces the process returns only then.
	 */
	int (*run)(const struct route_call *call);
};

/* Each ends with an entry without a name. */
extern const struct route routes_exec[];  /* replace this process, by libc */
extern const struct route routes_raw[];	  /* replace it without libc's names */
extern const struct route routes_spawn[]; /* start a child and wait */

/* The exit status of a child: 128 and the signal when one killed it. */
int route_status(int status);

#endif
