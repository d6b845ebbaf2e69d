#include "layout.h"

#include <stdint.h>
#include <string.h>

#include "visible.h"

static void put(struct layout *layout, const char *bytes, size_t length)
{
	while (!layout->failed && layout->capacity - layout->length <= length) {
		size_t wanted = layout->capacity ? layout->capacity * 2 : 2048;
		char *grown = arena_alloc(layout->arena, wanted);

		if (!grown) {
			layout->failed = true;
			return;
		}
		if (layout->length)
			memcpy(grown, layout->text, layout->length);
		layout->text = grown;
		layout->capacity = wanted;
	}
	if (layout->failed)
		return;
	memcpy(layout->text + layout->length, bytes, length);
	layout->length += length;
	layout->text[layout->length] = '\0';
}

static void put_text(struct layout *layout, const char *text)
{
	put(layout, text, strlen(text));
}

static void blanks(struct layout *layout, size_t count)
{
	while (count-- > 0)
		put(layout, " ", 1);
}

static void styled(struct layout *layout, enum style style, const char *text,
		   size_t length)
{
	static const char *const codes[] = {
		[STYLE_STRONG] = "\033[1m", [STYLE_DIM] = "\033[2m",
		[STYLE_RED] = "\033[1;31m", [STYLE_YELLOW] = "\033[33m",
		[STYLE_GREEN] = "\033[32m",
	};
	bool coloured = layout->colour && style != STYLE_PLAIN && length > 0;

	if (coloured)
		put_text(layout, codes[style]);
	put(layout, text, length);
	if (coloured)
		put_text(layout, "\033[0m");
}

const char *layout_ellipsis(const struct layout *layout)
{
	return layout->utf8 ? "\u2026" : "...";
}

size_t layout_room(const struct layout *layout)
{
	if (layout->width == 0)
		return SIZE_MAX;
	return layout->width > LAYOUT_LABEL + 8 ? layout->width - LAYOUT_LABEL : 8;
}

/*
 * The bytes of `text` that go into one line of `room` columns: up to the last blank or
 * comma that fits, else as many as fit, at least one character.
 */
static size_t line_length(const char *text, size_t room)
{
	size_t used = 0, columns = 0, at = 0;

	while (text[used]) {
		size_t step = visible_step(text + used);
		size_t width = visible_width(text + used, step);

		if (columns + width > room && used > 0)
			break;
		if (text[used] == ' ')
			at = used;
		columns += width;
		used += step;
		if (text[used - 1] == ',')
			at = used;
	}
	if (!text[used] || text[used] == ' ')
		return used;
	/* A break that leaves most of the line empty is worse than one inside a word. */
	return at > 0 && visible_width(text, at) * 3 >= room ? at : used;
}

/* Lines of `text`, the first at the cursor, the others behind `indent` blanks. */
static void wrapped(struct layout *layout, size_t indent, size_t room, enum style style,
		    const char *text)
{
	for (bool first = true; first || *text; first = false) {
		size_t length = line_length(text, room);

		if (!first)
			blanks(layout, indent);
		styled(layout, style, text, length);
		put(layout, "\n", 1);
		text += length;
		text += strspn(text, " ");
	}
}

void layout_line(struct layout *layout, enum style style, const char *text)
{
	if (text)
		wrapped(layout, 2, layout->width ? layout->width - 2 : SIZE_MAX, style,
			text);
	else
		layout->failed = true;
}

void layout_gap(struct layout *layout)
{
	put(layout, "\n", 1);
}

static void put_label(struct layout *layout, char mark, enum style style,
		      const char *label)
{
	size_t width = visible_width(label, strlen(label));

	styled(layout, mark == ' ' ? STYLE_PLAIN : style, &mark, 1);
	put(layout, " ", 1);
	if (layout->width && width + 3 > LAYOUT_LABEL && *label) {
		/* Names are long sometimes; then the text starts below. */
		wrapped(layout, 2, layout->width - 2, style, label);
		blanks(layout, LAYOUT_LABEL);
		return;
	}
	styled(layout, style, label, strlen(label));
	blanks(layout, width + 3 <= LAYOUT_LABEL ? LAYOUT_LABEL - 2 - width : 1);
}

void layout_paragraph(struct layout *layout, char mark, enum style label_style,
		      const char *label, enum style style, const char *text)
{
	if (!label || !text) {
		layout->failed = true;
		return;
	}
	put_label(layout, mark, label_style, label);
	wrapped(layout, LAYOUT_LABEL, layout_room(layout), style, text);
}

/* Bytes at the end of `text` that take at most `room` columns. */
static size_t tail_length(const char *text, size_t room)
{
	size_t length = strlen(text), at = 0;

	while (at < length && visible_width(text + at, length - at) > room)
		at += visible_step(text + at);
	return length - at;
}

void layout_ends(struct layout *layout, const char *label, const char *text,
		 unsigned lines)
{
	size_t room = layout_room(layout), head = 0, tail;
	const char *ellipsis = layout_ellipsis(layout);

	if (!text || !label) {
		layout->failed = true;
		return;
	}
	if (room == SIZE_MAX)
		room = 400;
	/* Wrapping at blanks wastes a part of each line, so fill only three quarters. */
	if (visible_width(text, strlen(text)) <= room * lines * 3 / 4 + room / 4) {
		layout_paragraph(layout, ' ', STYLE_DIM, label, STYLE_STRONG, text);
		return;
	}
	tail = tail_length(text, room / 2);
	while (visible_width(text, head) < room * (lines - 1) * 3 / 4)
		head += visible_step(text + head);
	text = arena_printf(layout->arena, "%.*s %s %s", (int)head, text, ellipsis,
			    text + strlen(text) - tail);
	layout_paragraph(layout, ' ', STYLE_DIM, label, STYLE_STRONG, text);
}

const char *layout_text(const struct layout *layout)
{
	if (layout->failed)
		return NULL;
	return layout->text ? layout->text : "";
}
