/*
 * Whether an exec is guarded: its file by name, inode and the links that lead to it, the
 * interpreters of its #! line as the kernel would follow them, the script of an interpreter
 * and the program of a dynamic loader.
 */
#ifndef TALLY_LOOK_H
#define TALLY_LOOK_H

#include <stdbool.h>
#include <stddef.h>

#include "guard_table.h"

enum { LOOK_DEPTH = 4, LOOK_LINE = 256 }; /* as many, and as long, as the kernel takes */

struct looked {
	bool guarded;
	/*
	 * What the kernel would make of it: the file, and the words that then stand for
	 * argv[0]. Without a #! line: the path itself and no words.
	 */
	const char *path;
	size_t word_count;
	const char *words[2 * LOOK_DEPTH + 1];
	char lines[LOOK_DEPTH][LOOK_LINE];
};

/*
 * Fills *looked for an exec of `path` with `argv` (may be NULL). A file that is not there or
 * cannot be executed is not guarded: the real call shall fail as it does; except that with
 * `elsewhere`, when a relative path will be looked up in another directory, its name alone
 * counts. No system call of it leaves anything behind.
 */
void look(const struct guard_table *table, const char *path, char *const *argv,
	  char *const *envp, bool elsewhere, struct looked *looked);

#endif
