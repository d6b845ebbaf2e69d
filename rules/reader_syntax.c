/* Target notations by name, for the generic reader and for the others. */
#include "reader.h"

#include <jansson.h>
#include <string.h>

#include "syntax.h"

struct names {
	struct arena *arena;
	const char **items;
	size_t count, capacity;
};

static bool add_name(struct names *names, const char *text, size_t length)
{
	const char **items = arena_grow(names->arena, names->items, names->count,
					&names->capacity, sizeof(*items));

	if (!items)
		return false;
	names->items = items;
	items[names->count] = arena_strndup(names->arena, text, length);
	return items[names->count++] != NULL;
}

/* The host of [rcmd:][user@]host, ssh://user@host:port/. */
static bool add_host(struct names *names, const char *text, size_t length, bool url)
{
	const char *end = text + length, *at;

	if (url && length > 6 && strncmp(text, "ssh://", 6) == 0) {
		const char *slash, *colon;

		text += 6;
		slash = memchr(text, '/', (size_t)(end - text));
		if (slash)
			end = slash;
		colon = memrchr(text, ':', (size_t)(end - text));
		if (colon && !memchr(colon, ']', (size_t)(end - colon)))
			end = colon;
	}
	at = memrchr(text, '@', (size_t)(end - text));
	if (at)
		text = at + 1;
	return add_name(names, text, (size_t)(end - text));
}

static bool split(struct names *names, const char *text, const char *separators,
		  bool host)
{
	while (*text) {
		size_t length = strcspn(text, separators);

		if (length && !(host ? add_host(names, text, length, false)
				     : add_name(names, text, length)))
			return false;
		text += length;
		text += *text != '\0';
	}
	return true;
}

static bool add_json(struct names *names, json_t *value)
{
	const char *key;
	json_t *item;
	size_t index;

	if (json_is_string(value))
		return add_name(names, json_string_value(value),
				json_string_length(value));
	if (json_is_array(value)) {
		json_array_foreach(value, index,
				   item) if (!add_json(names, item)) return false;
	}
	if (json_is_object(value)) {
		json_object_foreach(value, key,
				    item) if (!add_json(names, item)) return false;
	}
	return true;
}

static int read_json(struct names *names, const char *text, const char **why)
{
	json_error_t error;
	json_t *value = json_loads(text, JSON_DECODE_ANY, &error);
	bool good;

	if (!value) {
		*why = arena_printf(names->arena, "no JSON: %s", error.text);
		return *why ? READ_DONE : READ_FAULT;
	}
	good = add_json(names, value);
	json_decref(value);
	return good ? READ_DONE : READ_FAULT;
}

/* A notation that is a list of names: fills `names`. False when it is another one. */
static bool read_names(const char *syntax, const char *text, struct names *names,
		       int *result, const char **why)
{
	bool good;

	if (strcmp(syntax, "word") == 0)
		good = add_name(names, text, strlen(text));
	else if (strcmp(syntax, "key") == 0)
		good = add_name(names, text, strcspn(text, "="));
	else if (strcmp(syntax, "user@host") == 0)
		good = add_host(names, text, strlen(text), false);
	else if (strcmp(syntax, "ssh-url") == 0)
		good = add_host(names, text, strlen(text), true);
	else if (strcmp(syntax, "words") == 0)
		good = split(names, text, " \t\n", false);
	else if (strcmp(syntax, "comma") == 0)
		good = split(names, text, ",", false);
	else if (strcmp(syntax, "comma-or-blank") == 0)
		good = split(names, text, ", \t\n", false);
	else if (strcmp(syntax, "user@host-comma") == 0)
		good = split(names, text, ",", true);
	else if (strcmp(syntax, "json") == 0) {
		*result = read_json(names, text, why);
		return true;
	} else {
		return false;
	}
	*result = good ? READ_DONE : READ_FAULT;
	return true;
}

static int read_text(struct reader *reader, const char *syntax, const char *text,
		     const struct hostset **set, const char **why)
{
	struct fault fault = {0};
	size_t length = strlen(text);

	if (strcmp(syntax, "plain") == 0 && text[strcspn(text, "*?[")]) {
		*set = NULL;
		*why = "what the wildcard in it stands for is known to the tool only";
		return READ_DONE;
	}

	if (strcmp(syntax, "plain") == 0)
		*set = hostset_name(reader->arena, text, length);
	else if (strcmp(syntax, "folded") == 0)
		*set = syntax_folded(reader->arena, text, &fault);
	else if (strcmp(syntax, "clustershell") == 0)
		*set = syntax_clustershell(reader->arena, text, &fault);
	else if (strcmp(syntax, "lines") == 0)
		*set = syntax_lines(reader->arena, text, length, 0, &fault);
	else if (strcmp(syntax, "hostfile") == 0)
		*set = syntax_lines(reader->arena, text, length, '#', &fault);
	else
		fault_set(&fault, "the description names an unknown notation \"%s\"",
			  syntax);
	if (!*set)
		*why = arena_strdup(reader->arena,
				    fault.text[0] ? fault.text : "out of memory");
	return *set || *why ? READ_DONE : READ_FAULT;
}

bool reader_syntax_known(const char *syntax)
{
	static const char *const known[] = {
		"word",		"words",	   "comma",    "comma-or-blank", "key",
		"user@host",	"user@host-comma", "ssh-url",  "json",		 "folded",
		"clustershell", "lines",	   "hostfile", "plain"};

	if (strncmp(syntax, "file-", 5) == 0)
		syntax += 5;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(syntax, known[i]) == 0)
			return true;
	}
	return false;
}

int reader_syntax(struct reader *reader, const char *syntax, const char *text,
		  const struct hostset **set, const char **why, struct fault *fault)
{
	struct names names = {.arena = reader->arena};
	int result = READ_DONE;

	*set = NULL;
	*why = NULL;
	if (strncmp(syntax, "file-", 5) == 0) {
		const struct fact *fact = facts_file(reader->facts, text);

		if (!fact)
			return READ_MISSING;
		if (fact->state != FACT_OK) {
			*why = arena_printf(reader->arena, "%s: %s", text,
					    fact->error ? fact->error : "cannot be read");
			return *why ? READ_DONE : READ_FAULT;
		}
		if (strlen(fact->data) != fact->length) {
			*why = arena_printf(reader->arena, "%s: not a text file", text);
			return *why ? READ_DONE : READ_FAULT;
		}
		return reader_syntax(reader, syntax + 5, fact->data, set, why, fault);
	}
	if (!read_names(syntax, text, &names, &result, why))
		return read_text(reader, syntax, text, set, why);
	if (result == READ_DONE && !*why) {
		*set = hostset_names(reader->arena, names.items, names.count);
		if (!*set)
			result = READ_FAULT;
	}
	if (result == READ_FAULT)
		fault_set(fault, "out of memory while the targets of %s were read",
			  reader->tool->name);
	return result;
}
