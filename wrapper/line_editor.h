/* readline, when it is there: found with dlopen(), as it is needed only to ask. */
#ifndef TALLY_LINE_EDITOR_H
#define TALLY_LINE_EDITOR_H

#include <stdbool.h>
#include <stdio.h>

struct line_editor {
	void *library; /* NULL: not installed */
	FILE *stream;  /* of the terminal */
	void (*install)(const char *prompt, void (*handler)(char *line));
	void (*remove)(void);
	void (*read_char)(void);
	void (*redraw)(void);	   /* the prompt and what is typed, on a fresh line */
	void (*resized)(void);	   /* the window has another size */
	void (*prepare)(int meta); /* terminal for editing */
	void (*restore)(void);	   /* terminal as it was */
	int (*fresh_line)(void);
};

/*
 * Loads readline for the terminal `fd`, whose characters it gets from `get`. History,
 * completion, signal handling and changes of the environment are off, bracketed paste is
 * on. False when there is no readline here.
 */
bool line_editor_open(struct line_editor *editor, int fd, int (*get)(FILE *stream));

/* Closes the stream; the library stays loaded, as it may have registered itself. */
void line_editor_close(struct line_editor *editor);

#endif
