/*
 * Text laid out for a screen of a certain width: headings, paragraphs with a label in front,
 * lists that end in "and 9,874 more". Everything is collected in an arena; the first
 * shortage makes layout_text() return NULL, so callers need not look after each piece.
 */
#ifndef TALLY_LAYOUT_H
#define TALLY_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"

enum style { STYLE_PLAIN, STYLE_STRONG, STYLE_DIM, STYLE_RED, STYLE_YELLOW, STYLE_GREEN };

struct layout {
	struct arena *arena;
	unsigned width; /* columns; 0: lines are never broken (logs, pipes) */
	bool colour, utf8;
	char *text;
	size_t length, capacity;
	bool failed;
};

/* Columns of the label in front of a paragraph; a longer one stands in a line of its own. */
enum { LAYOUT_LABEL = 11 };

/* A line of its own, broken at blanks when it is too long. `text` is visible text. */
void layout_line(struct layout *layout, enum style style, const char *text);

/* An empty line. */
void layout_gap(struct layout *layout);

/*
 * `mark` (one column), the label, and the text beside it, broken at blanks, behind commas
 * and, where nothing else helps, anywhere. The lines after the first are indented. NULL
 * stands for text there was no memory for.
 */
void layout_paragraph(struct layout *layout, char mark, enum style label_style,
		      const char *label, enum style style, const char *text);

/*
 * As layout_paragraph(), at most `lines` lines: the middle of longer text is left out and
 * replaced by an ellipsis, as both ends of a command line say more than its middle.
 */
void layout_ends(struct layout *layout, const char *label, const char *text,
		 unsigned lines);

/* Columns beside the label. */
size_t layout_room(const struct layout *layout);

/* "…" or "...". */
const char *layout_ellipsis(const struct layout *layout);

/* What has been laid out, NULL when memory was short. */
const char *layout_text(const struct layout *layout);

#endif
