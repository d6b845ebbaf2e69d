/* tally audit without a word behind it: the records, one after the other. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit_call.h"
#include "audit_follow.h"
#include "audit_read.h"
#include "exit_status.h"
#include "terminal.h"

extern char **environ;

enum { FOLLOW_LINES = 10 }; /* that --follow begins with */

int audit_fail(const char *text)
{
	fprintf(stderr, "tally audit: %s\n", text);
	return EXIT_STATUS_FAILED;
}

struct audit_look audit_look_at_stdout(void)
{
	struct terminal terminal = {.fd = STDOUT_FILENO};

	terminal_look(&terminal, STDOUT_FILENO, (const char *const *)environ);
	return (struct audit_look){
		.width = isatty(STDOUT_FILENO) ? terminal.width : 0,
		.colour = isatty(STDOUT_FILENO) && terminal.colour,
		.utf8 = terminal.utf8,
	};
}

/* The last N records, until it is known that there are no more. */
struct ring {
	char **lines;
	uint64_t size, count;
};

struct show {
	const struct audit_call *call;
	struct audit_look look;
	struct audit_selection selection;
	struct arena *arena; /* of one record */
	struct ring ring;
};

static int print_record(struct show *show, const char *line, const json_t *record)
{
	const char *text;

	if (show->call->json)
		return puts(line) < 0 ? -1 : 0;
	arena_reset(show->arena);
	text = audit_show(show->arena, &show->look, record);
	return text && fputs(text, stdout) >= 0 ? 0 : -1;
}

static int print_line(struct show *show, const char *line)
{
	json_t *record = json_loads(line, 0, NULL);
	int result = print_record(show, line, record);

	json_decref(record);
	return result;
}

static int keep_line(struct ring *ring, const char *line)
{
	char **place = &ring->lines[ring->count++ % ring->size];

	free(*place);
	*place = strdup(line);
	return *place ? 0 : -1;
}

static int take_line(struct show *show, const struct audit_text *line)
{
	json_t *record;
	int result = 0;

	if (line->open)
		return 0;
	record = json_loadb(line->bytes, line->length, 0, NULL);
	if (!json_is_object(record)) {
		/* Half a line of a power failure; `verify` says whether it is one. */
		json_decref(record);
		return 0;
	}
	if (audit_selected(&show->selection, record))
		result = show->ring.size ? keep_line(&show->ring, line->bytes)
					 : print_record(show, line->bytes, record);
	json_decref(record);
	return result;
}

/* Prints what was kept; what comes later is printed at once. */
static int flush_ring(struct show *show)
{
	struct ring *ring = &show->ring;
	uint64_t first = ring->count > ring->size ? ring->count - ring->size : 0;
	int result = 0;

	for (uint64_t i = first; ring->size && i < ring->count; i++)
		if (result == 0)
			result = print_line(show, ring->lines[i % ring->size]);
	for (uint64_t i = 0; i < ring->size; i++)
		free(ring->lines[i]);
	free(ring->lines);
	*ring = (struct ring){0};
	return result;
}

static int show_lines(struct show *show, struct audit_reader *reader, struct fault *fault)
{
	struct audit_text line;
	int result;

	while ((result = audit_reader_next(reader, &line, fault)) > 0) {
		if (take_line(show, &line) < 0)
			return fault_set(fault,
					 "the output cannot be written, or memory is "
					 "short");
		if (line.open)
			return 0;
	}
	return result;
}

/* Goes on for ever, until it is ended or the output is closed. */
static int follow(struct show *show, int watch, struct audit_reader *reader,
		  struct fault *fault)
{
	for (;;) {
		if (fflush(stdout) != 0)
			return 0;
		if (audit_follow_wait(watch, reader, fault) < 0 ||
		    show_lines(show, reader, fault) < 0)
			return -1;
	}
}

static int show_file(struct show *show, const char *path, bool last, struct fault *fault)
{
	bool following = last && show->call->follow;
	int watch = following ? audit_follow_start(path, fault) : -1, result;
	struct audit_reader reader;

	if (following && watch < 0)
		return -1;
	if (audit_reader_open(&reader, path, fault) < 0) {
		if (watch >= 0)
			close(watch);
		return -1;
	}
	result = show_lines(show, &reader, fault);
	if (result == 0 && last && flush_ring(show) < 0)
		result = fault_set(fault, "the output cannot be written");
	if (result == 0 && following)
		result = follow(show, watch, &reader, fault);
	audit_reader_close(&reader);
	if (watch >= 0)
		close(watch);
	return result;
}

int audit_list(const struct audit_call *call)
{
	struct show show = {.call = call, .look = audit_look_at_stdout()};
	struct fault fault = {0};
	int result = 0;

	show.ring.size = call->last ? call->last : call->follow ? FOLLOW_LINES : 0;
	show.ring.lines =
		show.ring.size ? calloc(show.ring.size, sizeof(*show.ring.lines)) : NULL;
	show.arena = arena_new(AUDIT_BYTES);
	if (!show.arena || (show.ring.size && !show.ring.lines) ||
	    audit_selection_start(&show.selection, &call->filter) < 0)
		result = fault_set(&fault, "out of memory");
	for (size_t i = 0; result == 0 && i < call->path_count; i++)
		result = show_file(&show, call->paths[i], i + 1 == call->path_count,
				   &fault);
	if (result < 0)
		flush_ring(&show);
	audit_selection_end(&show.selection);
	arena_free(show.arena);
	if (fflush(stdout) != 0 && result == 0)
		result = fault_set(&fault, "the output cannot be written");
	return result < 0 ? audit_fail(fault.text) : 0;
}
