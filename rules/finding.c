#include "finding.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static void add(struct findings *findings, enum severity severity, const char *file,
		int line, const char *text)
{
	struct finding *grown =
		arena_grow(findings->arena, findings->items, findings->count,
			   &findings->capacity, sizeof(*grown));
	const char *place = arena_strdup(findings->arena, file ? file : "");

	if (severity == FINDING_ERROR)
		findings->errors++;
	else
		findings->warnings++;
	if (!grown || !place || !text) {
		findings->exhausted = true;
		return;
	}
	findings->items = grown;
	grown[findings->count++] = (struct finding){severity, place, line, text};
}

void finding_add(struct findings *findings, enum severity severity, const char *file,
		 int line, const char *format, ...)
{
	const char *text;
	va_list args;

	va_start(args, format);
	text = arena_vprintf(findings->arena, format, args);
	va_end(args);
	add(findings, severity, file, line, text);
}

void finding_fault(struct findings *findings, const struct fault *fault)
{
	add(findings, FINDING_ERROR, fault->file, fault->line,
	    arena_strdup(findings->arena, fault->text));
}

int finding_goes_on(struct findings *findings, int result, const struct fault *fault)
{
	if (!findings || result >= 0)
		return result;
	finding_fault(findings, fault);
	return 0;
}

static int by_place(const void *a, const void *b)
{
	const struct finding *left = a, *right = b;
	int order = strcmp(left->file, right->file);

	if (order)
		return order;
	if (left->line != right->line)
		return left->line < right->line ? -1 : 1;
	if (left->severity != right->severity)
		return left->severity < right->severity ? -1 : 1;
	return strcmp(left->text, right->text);
}

void findings_sort(struct findings *findings)
{
	if (findings->count)
		qsort(findings->items, findings->count, sizeof(*findings->items),
		      by_place);
}
