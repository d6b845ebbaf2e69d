/*
 * Any text as a fleet file, a policy file, a file of tests, and what a probe prints: refused
 * with a fault or judged, never a crash. The input is cut into three texts at NUL bytes.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "load.h"
#include "policy_test.h"
#include "syntax.h"

static char directory[] = "/tmp/tally-fuzz.XXXXXX";

static void clean_up(void)
{
	char path[64];

	for (const char *const *name =
		     (const char *const[]){"/fleet/f.cfg", "/policy/p.cfg", "/fleet",
					   "/policy", "", NULL};
	     *name; name++) {
		snprintf(path, sizeof(path), "%s%s", directory, *name);
		remove(path);
	}
}

static void make_directory(void)
{
	char path[64];

	if (!mkdtemp(directory))
		abort();
	atexit(clean_up);
	snprintf(path, sizeof(path), "%s/fleet", directory);
	if (mkdir(path, 0700))
		abort();
	snprintf(path, sizeof(path), "%s/policy", directory);
	if (mkdir(path, 0700))
		abort();
}

static void write_file(const char *name, const uint8_t *bytes, size_t size)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "w");
	if (!file || fwrite(bytes, 1, size, file) != size || fclose(file))
		abort();
}

/* The piece up to the next NUL byte. */
static size_t piece(const uint8_t *bytes, size_t size)
{
	const uint8_t *nul = memchr(bytes, '\0', size);

	return nul ? (size_t)(nul - bytes) : size;
}

/* Stands in for the tools: every command stops what the text of the input names. */
static int read_command(void *context, struct arena *arena, const struct command *command,
			struct facts *facts, struct reading *reading, struct fault *fault)
{
	struct operation *operation = arena_alloc(arena, sizeof(*operation));

	(void)facts;
	if (!operation)
		return fault_set(fault, "out of memory");
	operation->action = ACTION_STOP;
	operation->unit = "host";
	operation->targets =
		syntax_folded(arena, command->argc > 1 ? command->argv[1] : "s1", NULL);
	*reading = (struct reading){.tool = context,
				    .operations = operation,
				    .count = 1,
				    .action = ACTION_STOP,
				    .unit = "host"};
	return 0;
}

static void judge_all(struct arena *arena, const uint8_t *answer, size_t size)
{
	const char *const rules[] = {directory, NULL};
	static const char *const none[] = {NULL};
	struct policy_tests tests = {0};
	struct policy_test_result result;
	struct policy_test one = {.history.now = 1767268800,
				  .asker = {.groups = none},
				  .because = none,
				  .never = none};
	struct fault fault = {0};
	struct policy *policy;
	struct fleet fleet;

	if (fleet_load(arena, rules, &fleet, &fault) ||
	    policy_load(arena, rules, &fleet, &policy, &fault)) {
		if (!fault.text[0])
			abort(); /* refused, and nobody says why */
		return;
	}
	if (policy_tests_load(arena, rules, policy, &fleet, &tests, &fault) == 0) {
		for (size_t i = 0; i < tests.count && i < 8; i++)
			policy_test_run(arena, policy, &fleet, &tests.items[i],
					read_command, (void *)"pdsh", &result, &fault);
	}
	if (fleet.count && fleet.subsystems[0].capacity.probe) {
		struct fact fact = {.need = {.kind = FACT_PROBE,
					     .argv = fleet.subsystems[0].capacity.probe},
				    .data = (const char *)answer,
				    .length = size};
		const char *const argv[] = {"pdsh", "s[1-3]", NULL};

		one.scene.command = (struct command){.argv = argv, .argc = 2};
		one.scene.answers = &fact;
		one.scene.answer_count = 1;
		policy_test_run(arena, policy, &fleet, &one, read_command, (void *)"pdsh",
				&result, &fault);
	}
}

/* libconfig 1.5 forgets the text of an open string when it finds a syntax error. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:libconfig.so\n";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena;
	size_t fleet, policy;
	static const uint8_t empty[1];

	if (size > 1 << 16)
		return 0;
	if (directory[sizeof(directory) - 2] == 'X')
		make_directory();
	fleet = piece(data, size);
	write_file("fleet/f.cfg", data, fleet);
	data = fleet < size ? data + fleet + 1 : empty;
	size = fleet < size ? size - fleet - 1 : 0;
	policy = piece(data, size);
	write_file("policy/p.cfg", data, policy);
	data = policy < size ? data + policy + 1 : empty;
	size = policy < size ? size - policy - 1 : 0;
	arena = arena_new(64 << 20);
	if (arena)
		judge_all(arena, data, size);
	arena_free(arena);
	return 0;
}
