/*
 * Any request to the books of tallyd: an answer or an error, never a crash, and no grant for
 * another process than the one that asks. The input is one request or several, divided by NUL
 * bytes: JSON text; or "@", a byte for the op, one for a member, and what that is to be in a
 * request that is good otherwise; or the operands of a command.
 */
#include <stdint.h>

#include "../unit/books_case.h"

static struct books *books;
static struct books_peer self;

static void clean_up(void)
{
	books_close(books);
	books_files_remove();
}

static void set_up(void)
{
	struct fault fault;

	if (!books_files_make())
		abort();
	/* The disk is not what is tested. */
	books = books_open(&books_options, &fault);
	if (!books)
		abort();
	self = books_peer_self();
	atexit(clean_up);
}

static void refuse_strangers(void *context, pid_t pid, unsigned long long start)
{
	(void)context, (void)start;
	if (pid != self.who.pid)
		abort();
}

/* The text as the command of a request of each kind. */
static void ask_about(const char *text)
{
	static const char *const ops[] = {"look", "read", "admit"};
	char line[4096];

	snprintf(line, sizeof(line), "drain %.4000s", text);
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		json_t *request = strcmp(ops[i], "admit") == 0
					  ? books_admission(EVENT "1", line, "confirm")
					  : books_about(ops[i], EVENT "1", line);

		json_decref(request ? books_handle(books, &self, request) : NULL);
		json_decref(request);
	}
}

/* A good request, with one member that is something else. */
static void ask_changed(const char *text, size_t length)
{
	static const char *const ops[] = {"look",   "read",  "admit", "withdraw",
					  "record", "shell", "probe", "view"};
	static const char *const members[] = {
		"command", "facts",    "program",  "tool",   "file",   "interactive",
		"latency", "accepted", "expected", "answer", "reason", "again",
		"event",   "record",   "child",	   "argv",   "v",      "path",
		"env",	   "cwd",      "words"};
	const char *op = ops[(unsigned char)text[0] % (sizeof(ops) / sizeof(ops[0]))];
	const char *member =
		members[(unsigned char)text[1] % (sizeof(members) / sizeof(members[0]))];
	json_t *request = books_admission(EVENT "2", "drain --run web001", "confirm");
	json_t *value =
		json_loadb(text + 2, length - 2, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	json_t *into = request, *answer;

	if (!value)
		value = json_stringn(text + 2, length - 2);
	json_object_set_new(request, "op", json_string(op));
	json_object_set_new(request, "child", json_integer(self.who.pid));
	json_object_set_new(request, "argv", json_pack("[s]", "drain"));
	json_object_set_new(request, "record",
			    json_pack("{s:{s:s}}", "event", "action", "command-denied"));
	/* Members of the command. */
	if (strcmp(member, "path") == 0 || strcmp(member, "env") == 0 ||
	    strcmp(member, "cwd") == 0 || strcmp(member, "words") == 0)
		into = json_object_get(request, "command");
	json_object_set(into, strcmp(member, "words") == 0 ? "argv" : member, value);
	json_decref(value);
	answer = books_handle(books, &self, request);
	if (!json_is_object(answer))
		abort();
	json_decref(answer);
	json_decref(request);
}

static void ask(const char *text, size_t length)
{
	json_t *request =
		json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
	json_t *answer;

	if (!request) {
		ask_about(text);
		return;
	}
	answer = books_handle(books, &self, request);
	if (!json_is_object(answer))
		abort();
	json_decref(answer);
	json_decref(request);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static char text[1 << 16];
	size_t at = 0;

	if (!books)
		set_up();
	if (size >= sizeof(text))
		return 0;
	memcpy(text, bytes, size);
	text[size] = '\0';
	while (at < size) {
		size_t length = strlen(text + at);

		ask(text + at, length);
		at += length + 1;
	}
	books_grants_each(books, refuse_strangers, NULL);
	books_end(books, self.who.pid, self.who.start, true, 0);
	return 0;
}
