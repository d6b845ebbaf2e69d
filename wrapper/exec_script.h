/* The first line of a script, as the kernel reads it: execve(2), "Interpreter scripts". */
#ifndef TALLY_EXEC_SCRIPT_H
#define TALLY_EXEC_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

enum { SCRIPT_LINE = 256 }; /* BINPRM_BUF_SIZE */

struct script_line {
	char interpreter[SCRIPT_LINE];
	char argument[SCRIPT_LINE]; /* all the rest of the line as one word; "": none */
};

/* Reads the #! line at the beginning of `bytes`. False when there is none. */
bool script_line_read(const char *bytes, size_t length, struct script_line *line);

/* The same of an open file; `fd` may be O_PATH. False also when it cannot be read. */
bool script_line_of(int fd, struct script_line *line);

#endif
