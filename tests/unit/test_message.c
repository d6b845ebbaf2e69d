/* Values that travel between the gate and tallyd: whole on the way there and back. */
#include <string.h>

#include "message_command.h"
#include "message_history.h"
#include "message_text.h"
#include "syntax.h"
#include "tap.h"

static const struct hostset *set(struct arena *arena, const char *text)
{
	struct fault fault;

	return syntax_folded(arena, text, &fault);
}

/* As it arrives: through its text. */
static json_t *sent(json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	json_t *arrived =
		text ? json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL) : NULL;

	free(text);
	json_decref(value);
	return arrived;
}

static void check_texts(struct arena *arena)
{
	static const struct {
		const char *text;
		size_t length;
	} cases[] = {{"", 0},	      {"web[1-3]", 8},	   {"\xff\xfe", 2},
		     {"a\0b", 3},     {"\xc3\xa4", 2},	   {"\xc3", 1},
		     {"\"\\\n\t", 4}, {"\xed\xa0\x80", 3}, {"{\"base64\":\"\"}", 13}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *value = sent(message_text(cases[i].text, cases[i].length));
		const char *text;
		size_t length;

		ok(message_get_text(arena, value, &text, &length) == 0 &&
			   length == cases[i].length &&
			   memcmp(text, cases[i].text, length) == 0 && !text[length],
		   "text %zu arrives as it was", i);
		ok((message_get_text(arena, value, &text, NULL) == 0) ==
			   !memchr(cases[i].text, '\0', cases[i].length),
		   "and is a string unless there is a NUL in it");
		json_decref(value);
	}
}

static void check_refused(struct arena *arena)
{
	static const char *const bad[] = {"1",
					  "true",
					  "[\"a\"]",
					  "{}",
					  "{\"base64\":1}",
					  "{\"base64\":\"a\"}",
					  "{\"base64\":\"YWJj\",\"x\":1}",
					  "{\"base64\":\"YW Jj\"}",
					  "{\"base64\":\"YWJj!\"}"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		json_t *value = json_loads(bad[i], JSON_DECODE_ANY, NULL);
		const char *text;
		size_t length;

		ok(message_get_text(arena, value, &text, &length) == -1, "%s is no text",
		   bad[i]);
		json_decref(value);
	}
}

static void check_command(struct arena *arena)
{
	static const char *const argv[] = {"pdsh", "-w", "\xff", "", NULL};
	static const char *const env[] = {"A=b", NULL};
	const struct command command = {
		.argv = argv, .argc = 4, .path = "/usr/bin/pdsh", .env = env, .cwd = "/"};
	json_t *value = sent(message_command(&command));
	struct command got;

	ok(message_get_command(arena, value, &got) == 0 && got.argc == 4 &&
		   strcmp(got.argv[2], "\xff") == 0 && !*got.argv[3] && !got.argv[4] &&
		   strcmp(got.env[0], "A=b") == 0 && strcmp(got.path, command.path) == 0,
	   "a command arrives as it was");
	json_object_set_new(value, "argv", json_array());
	ok(message_get_command(arena, value, &got) == -1, "one without words is none");
	json_decref(value);
}

static void check_facts(struct arena *arena)
{
	static const char *const argv[] = {"nodeset", "-e", "@all", NULL};
	static const char *const env[] = {"LC_ALL=C", NULL};
	const struct fact fact = {
		.need = {.kind = FACT_PROBE, .argv = argv, .env = env, .timeout = 7},
		.state = FACT_FAILED,
		.status = 130,
		.data = "a\0\xff",
		.length = 3,
		.age = 12,
		.error = "no route",
		.warnings = "careful"};
	struct facts facts, got;
	json_t *value, *item;

	facts_init(&facts, arena);
	facts_init(&got, arena);
	facts_answer(&facts, &fact);
	value = sent(message_facts(&facts));
	ok(message_get_facts(value, &got) == 0 && got.known_count == 1, "facts arrive");
	ok(need_equal(&got.known[0].need, &fact.need) && got.known[0].need.timeout == 7 &&
		   got.known[0].state == FACT_FAILED && got.known[0].status == 130 &&
		   got.known[0].length == 3 &&
		   memcmp(got.known[0].data, fact.data, 3) == 0 &&
		   got.known[0].age == 12 && strcmp(got.known[0].error, "no route") == 0,
	   "as they were");
	item = json_array_get(value, 0);
	json_object_set_new(item, "state", json_integer(99));
	ok(message_get_facts(value, &got) == -1, "a state that there is not");
	json_object_set_new(item, "state", json_integer(FACT_OK));
	json_object_set_new(item, "data", json_null());
	ok(message_get_facts(value, &got) == -1, "an answer without one");
	json_object_set_new(item, "data", json_string(""));
	json_object_set_new(item, "argv", json_null());
	ok(message_get_facts(value, &got) == -1, "a probe of nothing");
	json_decref(value);
}

static void check_history(struct arena *arena)
{
	const struct admission past = {.id = 7,
				       .at = 1700000000,
				       .action = ACTION_STOP,
				       .tool = "pdsh",
				       .user = "alice",
				       .uid = 4294967295u,
				       .targets = set(arena, "web[001-400/3]"),
				       .out = set(arena, "web001"),
				       .started = true,
				       .digest = "ab",
				       .effect = 3};
	const struct sighting seen = {"web", 399, 1700000001};
	const struct history history = {.now = 1700000002,
					.revision = 9,
					.admissions = &past,
					.count = 1,
					.sightings = &seen,
					.sighting_count = 1};
	json_t *value = sent(message_history(arena, &history));
	struct history got;

	ok(message_get_history(arena, value, &got) == 0 && got.now == history.now &&
		   got.revision == 9 && got.count == 1 && got.sighting_count == 1,
	   "a history arrives");
	ok(got.admissions[0].uid == past.uid && got.admissions[0].started &&
		   !got.admissions[0].ended && !got.admissions[0].unit &&
		   got.admissions[0].effect == 3 &&
		   hostset_equal(got.admissions[0].targets, past.targets) &&
		   hostset_equal(got.admissions[0].out, past.out) &&
		   got.sightings[0].capacity == 399,
	   "as it was");
	json_object_set_new(json_array_get(json_object_get(value, "admissions"), 0),
			    "targets", json_string("web[1-"));
	ok(message_get_history(arena, value, &got) == -1,
	   "targets that cannot be read are not no targets");
	json_decref(value);
}

int main(void)
{
	struct arena *arena = arena_new((size_t)64 << 20);

	check_texts(arena);
	check_refused(arena);
	check_command(arena);
	check_facts(arena);
	check_history(arena);
	arena_free(arena);
	return done();
}
