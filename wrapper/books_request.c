/* Requests: taken apart, sent to who answers them, and what all answers share. */
#include <string.h>
#include <time.h>

#include "books_state.h"
#include "digest.h"
#include "ledger_grants.h"
#include "limit.h"
#include "message_history.h"
#include "message_text.h"
#include "probe.h"
#include "text_json.h"
#include "version.h"

/* ---- answers ---- */

json_t *books_error(const char *error, const char *reason)
{
	/* Reasons may quote what was typed, which may be any bytes. */
	return json_pack("{s:s, s:o}", "error", error, "reason",
			 text_json_or_null(reason));
}

json_t *books_failed(const struct books_request *request, const char *error,
		     struct fault *fault)
{
	char line[FAULT_LINE];

	if (request->books->rules)
		rules_snapshot_fault(&request->books->rules->snapshot, fault);
	return books_error(error, fault_line(fault, line));
}

json_t *books_done(void)
{
	return json_pack("{s:b}", "done", 1);
}

json_t *books_malformed(void)
{
	return books_error("malformed",
			   "tallyd does not understand this request; is it of "
			   "another version than the gate?");
}

/* ---- parts of requests ---- */

void books_argv_digest(const char *const *argv, size_t argc, char digest[GRANT_DIGEST])
{
	struct digest sum;

	digest_start(&sum);
	for (size_t i = 0; i < argc; i++)
		digest_add(&sum, argv[i], strlen(argv[i]));
	digest_end(&sum, digest);
}

int books_file(const struct books_request *request, uint64_t *dev, uint64_t *ino)
{
	const json_t *file = json_object_get(request->message, "file");
	const json_t *device = json_array_get(file, 0), *inode = json_array_get(file, 1);

	/* A file that is not there: whatever is executed then is something else. */
	*dev = *ino = 0;
	if (json_is_array(file) && json_array_size(file) == 0)
		return 0;
	if (json_array_size(file) != 2 || !json_is_integer(device) ||
	    !json_is_integer(inode))
		return -1;
	*dev = (uint64_t)json_integer_value(device);
	*ino = (uint64_t)json_integer_value(inode);
	return 0;
}

int books_argv(const struct books_request *request, const char *const **argv,
	       char digest[GRANT_DIGEST])
{
	size_t count;

	if (message_get_texts(request->arena, json_object_get(request->message, "argv"),
			      argv, &count) < 0 ||
	    count == 0)
		return -1;
	books_argv_digest(*argv, count, digest);
	return 0;
}

/* RFC 9562: 8-4-4-4-12 hexadecimal digits, in small letters as ours are. */
static bool is_event(const char *text)
{
	if (!text || strlen(text) != 36)
		return false;
	for (size_t i = 0; i < 36; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? text[i] != '-' : !strchr("0123456789abcdef", text[i]))
			return false;
	}
	return true;
}

/* ---- the ledger ---- */

static int reload_grant(void *context, const struct ledger_grant *kept, bool alive)
{
	struct books *books = context;
	struct permit permit = {
		.grant = kept->grant,
		.dev = kept->dev,
		.ino = kept->ino,
		.admission = kept->admission,
		.since = probe_clock() - (time(NULL) - kept->since) * 1000,
		/* Nobody knows, and what may have run is not taken back. */
		.used = true,
		.kept = true};

	if (!alive) {
		permit.since = -1;
		books_write_end(books, &permit, false, 0);
	} else if (strlen(kept->argv_digest) < GRANT_DIGEST) {
		memcpy(permit.argv_digest, kept->argv_digest,
		       strlen(kept->argv_digest) + 1);
		/* Too many is no reason to do without the others. */
		(void)grants_take(books->grants, &permit);
	}
	return 0;
}

static int load_grants(struct books *books, struct fault *fault)
{
	struct arena *arena = arena_new(BOOKS_REQUEST);
	int result = -1;

	if (arena)
		result = ledger_grants_load(books->ledger, arena, reload_grant, books,
					    fault);
	else
		fault_set(fault, "out of memory while the grants were read");
	arena_free(arena);
	books->grants_loaded = result == 0;
	return result;
}

struct ledger *books_ledger(struct books *books, struct fault *fault)
{
	if (books->ledger)
		return books->ledger;
	if (ledger_open(books->options.state, true, &books->ledger, fault) < 0)
		return NULL;
	if (ledger_grants_open(books->ledger, fault) == 0 &&
	    (books->grants_loaded || load_grants(books, fault) == 0))
		return books->ledger;
	books_ledger_lost(books);
	return NULL;
}

void books_ledger_lost(struct books *books)
{
	ledger_close(books->ledger);
	books->ledger = NULL;
}

/* ---- what anybody may know ---- */

static json_t *status(const struct books_request *request)
{
	struct books *books = request->books;
	const struct books_rules *rules = books->rules;
	struct fault fault = {0};
	char line[FAULT_LINE];
	const char *broken =
		books->rules_fault.text[0] ? fault_line(&books->rules_fault, line) : NULL;
	const char *down = books_ledger(books, &fault) ? NULL : fault.text;

	return json_pack(
		"{s:s, s:I, s:{s:s?, s:s?, s:I, s:s?}, s:{s:s?}, s:I, s:I, s:I, "
		"s:I}",
		"version", TALLY_VERSION, "since", (json_int_t)books->since, "rules",
		"policy", rules ? rules->book.policy->digest : NULL, "generation",
		rules ? rules->snapshot.name : NULL, "since",
		(json_int_t)(rules ? rules->since : 0), "broken", broken, "ledger",
		"down", down, "running", (json_int_t)grants_count(books->grants),
		"requests", (json_int_t)books->requests, "admitted",
		(json_int_t)books->admitted, "refused", (json_int_t)books->refused);
}

static json_t *view(const struct books_request *request)
{
	struct books *books = request->books;
	struct fault fault = {0};
	struct history history;

	if (!books->rules)
		return books_failed(request, "rules", &books->rules_fault);
	if (!books_ledger(books, &fault))
		return books_failed(request, "ledger", &fault);
	if (ledger_view(books->ledger, request->arena,
			policy_window(books->rules->book.policy), &history, &fault) < 0) {
		books_ledger_lost(books);
		return books_failed(request, "ledger", &fault);
	}
	return json_pack("{s:o, s:s}", "history",
			 message_history(request->arena, &history), "policy",
			 books->rules->book.policy->digest);
}

/* ---- sending each to who answers it ---- */

static const struct {
	const char *name;
	bool command; /* of a gate, about its own command: it has an event */
	json_t *(*answer)(const struct books_request *request);
} operations[] = {
	{"look", true, books_look},	{"read", true, books_read},
	{"admit", true, books_admit},	{"withdraw", true, books_withdraw},
	{"record", true, books_record}, {"shell", true, books_shell},
	{"probe", true, books_probe},	{"status", false, status},
	{"view", false, view},
};

static json_t *answer(struct books_request *request, const char *name)
{
	const json_t *message = request->message;

	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		if (strcmp(operations[i].name, name) != 0)
			continue;
		request->event = json_string_value(json_object_get(message, "event"));
		if (operations[i].command && request->peer->client != BOOKS_GATE)
			return books_error("client", "only a gate may ask this");
		if (operations[i].command && !is_event(request->event))
			return books_malformed();
		return operations[i].answer(request);
	}
	return books_malformed();
}

json_t *books_handle(struct books *books, const struct books_peer *peer,
		     const json_t *message)
{
	const char *name = json_string_value(json_object_get(message, "op"));
	const json_t *version = json_object_get(message, "v");
	struct books_request request = {.books = books, .peer = peer, .message = message};
	json_t *result;

	books->requests++;
	if (!json_is_object(message) || !name || !json_is_integer(version))
		return books_malformed();
	if (json_integer_value(version) != BOOKS_VERSION)
		return books_error(
			"version",
			"this gate and tallyd are of different versions; an "
			"administrator restarts tallyd, or the login has to be "
			"made again");
	request.arena = arena_new(BOOKS_REQUEST);
	if (!request.arena)
		return books_error("memory", "tallyd is out of memory");
	result = answer(&request, name);
	if (json_object_get(result, "error"))
		books->refused++;
	arena_free(request.arena);
	return result;
}
