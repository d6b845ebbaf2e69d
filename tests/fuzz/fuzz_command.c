/*
 * Any command line of any tool that is described, with any answers: read or refused, never
 * a crash, and never a target set that is missing without a reason. One host more in an
 * option that lists hosts never makes the number of targets smaller.
 *
 * The input: one byte for the program; words, each ended by a NUL byte, up to an empty one;
 * the rest is what files, probes and standard input hold. A word that begins with a byte
 * below 32 stands for an option (the next byte says which) or a verb of the description, so
 * that the fuzzer need not guess the names.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "judge.h"
#include "load.h"
#include "reading_sum.h"
#include "tool.h"
#include "tool_index.h"

enum { MAX_WORDS = 64, MAX_NAMES = 4096, ROUNDS = 64 };

static struct arena *rule_arena, *arena;
static struct rules *rules;
static struct tool_index tool_list;

/* Names of options and verbs of one tool. */
struct names {
	const char *items[MAX_NAMES];
	size_t count;
};

static void add_options(struct names *names, const struct option_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		for (const char *const *name = set->rules[i].names; *name; name++)
			if (names->count < MAX_NAMES)
				names->items[names->count++] = *name;
}

static void add_verbs(struct names *names, const struct verb *verbs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		for (const char *const *name = verbs[i].names; *name; name++)
			if (names->count < MAX_NAMES)
				names->items[names->count++] = *name;
		add_options(names, &verbs[i].section.options);
		add_verbs(names, verbs[i].verbs, verbs[i].verb_count);
	}
}

static const struct names *names_of(const struct tool_program *program)
{
	static struct {
		const char *file;
		struct names *names;
	} known[256];
	struct fault fault = {0};
	struct names *names;
	struct tool *tool;
	size_t i = 0;

	while (i < 255 && known[i].file &&
	       strcmp(known[i].file, program->description) != 0)
		i++;
	if (known[i].file && strcmp(known[i].file, program->description) == 0)
		return known[i].names;
	names = calloc(1, sizeof(*names));
	if (!names || tool_load(rule_arena, program->description, &tool, &fault) < 0)
		abort();
	add_options(names, &tool->section.options);
	add_verbs(names, tool->verbs, tool->verb_count);
	if (known[i].file)
		free(known[i].names);
	known[i].file = program->description;
	known[i].names = names;
	return names;
}

static void open_rules(void)
{
	static const char *directories[2];
	static char path[4096];
	struct fault fault = {0};

	if (rules)
		return;
	if (!getcwd(path, sizeof(path) - 8))
		abort();
	strcat(path, "/rules");
	directories[0] = path;
	rule_arena = arena_new((size_t)256 << 20);
	arena = arena_new((size_t)512 << 20);
	if (!rule_arena || !arena ||
	    rules_open(rule_arena, directories, &rules, &fault) < 0 ||
	    tool_index_load(rule_arena, directories, &tool_list, &fault) < 0) {
		fprintf(stderr, "%s:%d: %s\n", fault.file, fault.line, fault.text);
		abort();
	}
}

/* All that is asked for is answered with the same bytes, in a state that they choose. */
static void answer_all(struct facts *facts, const char *text, size_t length)
{
	while (facts->missing_count) {
		struct fact fact = {.need = facts->missing[0],
				    .data = text,
				    .length = length,
				    .error = "no reason"};
		unsigned char first = length ? (unsigned char)text[0] : 0;

		if (first < 5 && first)
			fact.state = (enum fact_state)first;
		fact.status = first == 6;
		if (fact.need.kind == FACT_KIND) {
			static const char *const kinds[] = {"file", "directory",
							    "program", "pipe"};

			fact.data = kinds[length % 4];
			fact.length = strlen(fact.data);
		}
		if (facts_answer(facts, &fact) < 0)
			return;
	}
}

static struct reading_sum check(const struct reading *reading)
{
	struct reading_sum sum = {0};

	if (!reading->tool)
		return sum;
	for (size_t i = 0; i < reading->count; i++) {
		const struct operation *operation = &reading->operations[i];

		if (!operation->unit || (!operation->targets && !operation->unknown))
			abort();
	}
	if (reading->refused && !reading->refusal)
		abort();
	if (reading_add_up(arena, reading, &sum) < 0)
		sum.known = false;
	return sum;
}

static struct reading_sum judge(const struct command *command, const char *text,
				size_t length)
{
	struct facts facts;
	struct fault fault = {0};
	struct reading_sum sum = {0};
	struct reading reading;
	int result = 1, round = 0;

	facts_init(&facts, arena);
	for (; result == 1 && round < ROUNDS; round++) {
		if (round)
			answer_all(&facts, text, length);
		result = judge_read(arena, rules, command, &facts, &reading, &fault);
	}
	if (result == 1 || (result < 0 && !fault.text[0]))
		abort(); /* asks without end, or fails without a word */
	if (result == 0)
		sum = check(&reading);
	return sum;
}

/* The number of targets with a list of hosts put in front of the other words. */
static struct reading_sum with_hosts(const struct command *command, const char *option,
				     const char *hosts, const char *text, size_t length)
{
	struct command more = *command;
	const char *argv[MAX_WORDS + 3] = {command->argv[0], option, hosts};

	for (size_t i = 1; i < command->argc; i++)
		argv[i + 2] = command->argv[i];
	more.argv = argv;
	more.argc += 2;
	return judge(&more, text, length);
}

static void add_host(const struct command *command, const char *tool, const char *text,
		     size_t length)
{
	static const struct {
		const char *tool, *option, *one, *two;
	} lists[] = {{"pdsh", "-w", "aa1", "aa1,zz9"},
		     {"clush", "-w", "aa1", "aa1,zz9"},
		     {"parallel-ssh", "-H", "aa1", "aa1 zz9"}};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct reading_sum one, two;

		if (strcmp(tool, lists[i].tool) != 0)
			continue;
		one = with_hosts(command, lists[i].option, lists[i].one, text, length);
		two = with_hosts(command, lists[i].option, lists[i].two, text, length);
		if (one.known && two.known && two.count < one.count)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const env[] = {"HOME=/home/u", "PATH=/bin", "WCOLL=/w/list",
					  NULL};
	struct command command = {.env = env, .cwd = "/w"};
	const char *argv[MAX_WORDS + 1] = {NULL};
	const struct tool_program *program;
	const struct names *names;
	size_t at = 1, count = 1;
	char *text;

	open_rules();
	if (size < 1 || size > 1 << 16 || !tool_list.count)
		return 0;
	program = &tool_list.programs[data[0] % tool_list.count];
	names = names_of(program);
	argv[0] = program->program;
	while (at < size && count < MAX_WORDS) {
		const uint8_t *end = memchr(data + at, '\0', size - at);
		size_t length = end ? (size_t)(end - data - at) : size - at;

		if (!length) {
			at++;
			break;
		}
		if (data[at] < 32 && names->count)
			argv[count++] = names->items[(data[at] * 256u +
						      (length > 1 ? data[at + 1] : 0)) %
						     names->count];
		else
			argv[count++] =
				arena_strndup(arena, (const char *)data + at, length);
		at += length + 1;
	}
	if (at > size)
		at = size;
	text = arena_strndup(arena, (const char *)data + at, size - at);
	command.argv = argv;
	command.argc = count;
	/* A NUL byte in an answer ends its text, but not its length. */
	if (text) {
		memcpy(text, data + at, size - at);
		judge(&command, text, size - at);
		add_host(&command, program->tool, text, size - at);
	}
	arena_reset(arena);
	return 0;
}

const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:libconfig.so\n";
}
