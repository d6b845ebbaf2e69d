/*
 * What every test beside the rules begins with: a command line, and what is learnt when the
 * rules ask about the world. The rest of a test is what it expects: policy_test.h,
 * tool_test.h.
 */
#ifndef TALLY_SCENE_H
#define TALLY_SCENE_H

#include <libconfig.h>

#include "command.h"
#include "facts.h"
#include "fault.h"
#include "operation.h"

struct scene {
	const char *file;
	int line;
	const char *name; /* what the test shows, or NULL */
	const char *text; /* the command line as it is written */
	struct command command;
	struct fact *answers;
	size_t answer_count;
};

/* A number of targets, or "unknown". */
struct expected_count {
	bool given, unknown;
	uint64_t count;
};

/* judge_read() of judge.h with what it needs beside: the tests know no tools. */
typedef int scene_reader(void *context, struct arena *arena,
			 const struct command *command, struct facts *facts,
			 struct reading *reading, struct fault *fault);

/* The settings `name`, `command`, `cwd` and `answers` of a test. -1 and `fault`. */
int scene_load(struct arena *arena, const config_setting_t *group, struct scene *scene,
	       struct fault *fault);

/* The setting `count`, if it is there. -1 and `fault`. */
int scene_load_count(const config_setting_t *group, struct expected_count *expected,
		     struct fault *fault);

/*
 * Reads the command with the answers of the test. 0; 1 when *why says why it cannot be read
 * to its end (a probe without an answer); -1 and `fault` when the rules are broken or memory
 * is short.
 */
int scene_read(const struct scene *scene, struct arena *arena, scene_reader *read,
	       void *context, struct facts *facts, struct reading *reading,
	       const char **why, struct fault *fault);

/* Fresh facts with the answers of the test. -1 when memory is short. */
int scene_begin(const struct scene *scene, struct arena *arena, struct facts *facts);

/*
 * Answers whose probe ends in "..." are for all that begin like it. Questions that the test
 * does not answer: a file is not there, standard input is a
 * terminal; a probe fails, and *why says which. -1 when memory is short.
 */
int scene_answer_rest(const struct scene *scene, struct facts *facts, struct arena *arena,
		      const char **why);

#endif
