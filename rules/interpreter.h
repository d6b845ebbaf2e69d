/*
 * Programs that run the program they are given: interpreters with a script, python's -m,
 * the dynamic loader. Which word of their command line is it?
 */
#ifndef TALLY_INTERPRETER_H
#define TALLY_INTERPRETER_H

#include <stdbool.h>
#include <stddef.h>

enum interpreted_kind {
	INTERPRETED_NONE,   /* no such program, or none that is named (sh -c, a prompt) */
	INTERPRETED_SCRIPT, /* argv[at] is a script's file */
	INTERPRETED_MODULE, /* argv[at] is a module of python's */
	INTERPRETED_LOADED, /* argv[at] is a program for ld.so to start */
};

struct interpreted {
	enum interpreted_kind kind;
	size_t at; /* argv[at..] is the inner command */
};

/*
 * Looks at the command line of the program with the base name `name` ("python3.11" is
 * python). Words behind argv[at] are not looked at.
 */
struct interpreted interpreter_look(const char *name, const char *const *argv,
				    size_t argc);

#endif
