/* Asking the books of a test, and what is in their log. */
#ifndef TALLY_BOOKS_ASK_H
#define TALLY_BOOKS_ASK_H

#include <errno.h>

#include "books_case.h"
#include "tap.h"

static struct books *books;
static struct books_peer self;

/* ---- asking ---- */

__attribute__((unused)) static json_t *handle_as(const struct books_peer *peer,
						 json_t *request)
{
	json_t *answer = books_handle(books, peer, request);

	json_decref(request);
	return answer;
}

__attribute__((unused)) static bool has(json_t *answer, const char *name)
{
	bool found = json_is_true(json_object_get(answer, name));

	if (!found) {
		char *text = json_dumps(answer, JSON_COMPACT);

		printf("# answer: %.400s\n", text ? text : "(null)");
		free(text);
	}
	json_decref(answer);
	return found;
}

/* Whether that is in the answer at all. */
__attribute__((unused)) static bool answers(json_t *answer, const char *name)
{
	bool found = json_object_get(answer, name) != NULL;

	json_decref(answer);
	return found;
}

__attribute__((unused)) static bool is_error(json_t *answer, const char *error)
{
	const char *found = json_string_value(json_object_get(answer, "error"));
	bool same = found && strcmp(found, error) == 0;

	if (!same)
		printf("# error: %s\n", found ? found : "none");
	json_decref(answer);
	return same;
}

__attribute__((unused)) static bool admits(const char *event, const char *line,
					   const char *accepted)
{
	return has(handle_as(&self, books_admission(event, line, accepted)), "admitted");
}

/* Admissions in the ledger's view. */
__attribute__((unused)) static size_t reserved(void)
{
	json_t *answer = handle_as(&self, json_pack("{s:i, s:s}", "v", 1, "op", "view"));
	size_t count = json_array_size(
		json_object_get(json_object_get(answer, "history"), "admissions"));

	json_decref(answer);
	return count;
}

__attribute__((unused)) static bool allows(const char *line)
{
	char digest[GRANT_DIGEST];

	books_line_digest(line, digest);
	return books_grant_allows(books, self.who.pid, self.who.start, 1, 2, digest);
}

/* Ends what this process has been granted. */
__attribute__((unused)) static void end(void)
{
	books_end(books, self.who.pid, self.who.start, true, 0);
}

/* The last record of the log: an object. */
__attribute__((unused)) static json_t *last_record(void)
{
	static char line[1 << 20];
	char path[400];
	json_t *record = NULL;
	FILE *file;

	snprintf(path, sizeof(path), "%s/audit.jsonl", books_log);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file)) {
		json_decref(record);
		record = json_loads(line, 0, NULL);
	}
	if (file)
		fclose(file);
	return record;
}

__attribute__((unused)) static size_t records(void)
{
	char path[400];
	size_t lines = 0;
	FILE *file;
	int byte;

	snprintf(path, sizeof(path), "%s/audit.jsonl", books_log);
	file = fopen(path, "r");
	while (file && (byte = fgetc(file)) != EOF)
		lines += byte == '\n';
	if (file)
		fclose(file);
	return lines;
}

__attribute__((unused)) static const char *member(const json_t *record, const char *group,
						  const char *name)
{
	return json_string_value(json_object_get(json_object_get(record, group), name));
}

__attribute__((unused)) static bool last_action(const char *action)
{
	json_t *record = last_record();
	const char *found = member(record, "event", "action");
	bool same = found && strcmp(found, action) == 0;

	if (!same)
		printf("# last action: %s\n", found ? found : "none");
	json_decref(record);
	return same;
}

__attribute__((unused)) static void open_books(void)
{
	struct fault fault = {0};

	books = books_open(&books_options, &fault);
	if (!books) {
		printf("Bail out! %s\n", fault.text);
		exit(1);
	}
}

/* The books of this process. */
__attribute__((unused)) static void begin_books(void)
{
	if (!books_files_make()) {
		printf("Bail out! %s\n", strerror(errno));
		exit(1);
	}
	self = books_peer_self();
	open_books();
}

__attribute__((unused)) static int done_books(void)
{
	books_close(books);
	books_files_remove();
	return done();
}

#endif
