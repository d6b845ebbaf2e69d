/* tally explain --jsonl: lines in, one object a line out, in order. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exit_status.h"
#include "explain.h"
#include "judgement_json.h"

enum { LINE_BYTES = 1 << 30 }; /* memory of one evaluation */

/* NULL when memory is short or something is no text that a program could be given. */
static const char **words_of(struct arena *arena, json_t *array, size_t *count)
{
	const char **words;
	json_t *item;
	size_t i;

	*count = json_array_size(array);
	words = arena_array(arena, *count + 1, sizeof(*words));
	json_array_foreach(array, i, item)
	{
		const char *text = json_string_value(item);

		if (!words || !text || strlen(text) != json_string_length(item))
			return NULL;
		words[i] = arena_strdup(arena, text);
		if (!words[i])
			return NULL;
	}
	return words;
}

/* The environment of this process with the line's variables added. */
static const char **environment_of(struct arena *arena, json_t *object)
{
	size_t count = 0, used = 0;
	const char **env, *key;
	json_t *value;

	while (environ[count])
		count++;
	env = arena_array(arena, count + json_object_size(object) + 1, sizeof(*env));
	for (size_t i = 0; env && i < count; i++) {
		size_t length = strcspn(environ[i], "=");
		char *name = arena_strndup(arena, environ[i], length);

		if (!name)
			return NULL;
		if (!json_object_get(object, name))
			env[used++] = environ[i];
	}
	json_object_foreach(object, key, value)
	{
		if (!env || !json_is_string(value))
			continue;
		env[used] = arena_printf(arena, "%s=%s", key, json_string_value(value));
		if (!env[used++])
			return NULL;
	}
	return env;
}

/* NULL, or what is wrong with the line. */
static const char *parse(struct arena *arena, json_t *root, const char *here,
			 struct explain_line *line)
{
	json_t *argv = json_object_get(root, "argv"), *cwd = json_object_get(root, "cwd");
	json_t *env = json_object_get(root, "env"),
	       *input = json_object_get(root, "stdin");

	if (!json_is_array(argv) || json_array_size(argv) == 0)
		return "expected an object with \"argv\": an array of at least one "
		       "string";
	if ((cwd && !json_is_string(cwd)) || (env && !json_is_object(env)) ||
	    (input && !json_is_string(input)))
		return "expected \"cwd\" and \"stdin\" to be strings and \"env\" to be "
		       "an "
		       "object";
	line->command.argv = words_of(arena, argv, &line->command.argc);
	if (!line->command.argv)
		return "\"argv\" holds something that is no string";
	line->command.env = environment_of(arena, env);
	line->command.cwd = cwd ? arena_strdup(arena, json_string_value(cwd)) : here;
	if (input)
		line->input = arena_strdup(arena, json_string_value(input));
	if (!line->command.env || !line->command.cwd || (input && !line->input))
		return "out of memory";
	return NULL;
}

static void judge(const struct explain *explain, struct arena *arena,
		  const struct explain_line *line)
{
	struct judgement judgement = {.arena = arena};
	const struct reading *reading = &judgement.reading;
	struct fault fault = {0};
	char text[FAULT_LINE];

	if (explain_judge(explain, &judgement, line, &fault) < 0)
		explain_print_error(fault_line(&fault, text));
	else
		explain_print(judgement_json(arena, reading,
					     reading->tool ? &judgement.decision : NULL,
					     explain->names));
}

static void take_line(const struct explain *explain, struct arena *arena,
		      const char *text, size_t length, const char *here)
{
	struct explain_line line = {0};
	json_error_t error;
	json_t *root = json_loadb(text, length, 0, &error);
	const char *wrong = root ? parse(arena, root, here, &line) : error.text;

	if (wrong)
		explain_print_error(wrong);
	else
		judge(explain, arena, &line);
	fflush(stdout);
	json_decref(root);
}

int explain_lines(const struct explain *explain)
{
	struct arena *arena = arena_new(LINE_BYTES);
	char *text = NULL, *here = get_current_dir_name();
	size_t size = 0;
	ssize_t length;

	while (arena && (length = getline(&text, &size, stdin)) > 0) {
		if (strspn(text, " \t\r\n") == (size_t)length)
			continue;
		take_line(explain, arena, text, (size_t)length,
			  here ? here : "/proc/self/cwd");
		arena_reset(arena);
	}
	free(text);
	free(here);
	arena_free(arena);
	return arena ? 0 : EXIT_STATUS_FAILED;
}
