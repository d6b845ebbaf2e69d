/*
 * Which word of its command line an interpreter or a dynamic loader takes for the program:
 * `python3 -W ignore /usr/bin/ansible all`, `python3 -m ansible`, `ld.so --argv0 x
 * /usr/bin/pdsh`. Calls nothing of libc, like the guard table's reader it belongs to.
 */
#ifndef TALLY_GUARD_WORDS_H
#define TALLY_GUARD_WORDS_H

#include <stdbool.h>
#include <stddef.h>

struct guard_word {
	size_t at;	    /* index in argv; 0: it names no program */
	const char *module; /* python -m: the module's name, which is no file; or NULL */
	bool program; /* a program of its own (busybox sh X), so its words count as well */
};

/*
 * `name` is the base name the interpreter was found by, `argv` its whole command line,
 * NULL-terminated; NULL and empty ones name no program. python(1), perlrun(1), bash(1),
 * dash(1), ruby(1), node(1), busybox(1).
 */
struct guard_word guard_interpreted(const char *name, size_t length,
				    const char *const *argv);

/* The same for ld.so(8). */
struct guard_word guard_loaded(const char *const *argv);

/*
 * The length of the package in a module's name: "ansible.cli.adhoc" belongs to ansible. A
 * table that does not list the module may list that.
 */
size_t guard_module_package(const char *module);

#endif
