/* Which dynamic loader a program asks for. */
#ifndef TALLY_ELF_INTERPRETER_H
#define TALLY_ELF_INTERPRETER_H

#include <stddef.h>

enum elf_kind {
	ELF_NONE,    /* no ELF program: a script, a text, not readable */
	ELF_STATIC,  /* starts without a loader */
	ELF_DYNAMIC, /* `interpreter` is the loader */
};

/* Looks at the program headers of `path`, of either word size. */
enum elf_kind elf_interpreter(const char *path, char *interpreter, size_t size);

#endif
