#include "aws_probe.h"

#include <string.h>

#include "aws_value.h"

enum { TIMEOUT = 20 }; /* seconds: a Python client, several pages, a slow link */

/* Global options that decide whom the client asks, and as whom. */
static const char *const passed[] = {"--profile",	   "--region",
				     "--endpoint-url",	   "--ca-bundle",
				     "--cli-read-timeout", "--cli-connect-timeout"};
static const char *const flags[] = {"--no-verify-ssl", "--no-sign-request"};

static const char *program(const struct command *command, const struct tool *tool)
{
	const char *base = command_base_name(command->argv[0]);

	for (const char *const *name = tool->programs; name && *name; name++)
		if (strcmp(*name, base) == 0)
			return command->path ? command->path : command->argv[0];
	return "aws"; /* python -m awscli, an interpreter and a script */
}

/* AWS_ENDPOINT_URL, unless newer clients would not use it for this service either. */
static const char *endpoint(const struct command *command)
{
	const char *ignore = command_env(command, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
	const char *url = command_env(command, "AWS_ENDPOINT_URL");

	if (!url || !*url || (ignore && strcasecmp(ignore, "true") == 0))
		return NULL;
	for (const char *const *env = command->env; env && *env; env++)
		if (strncmp(*env, "AWS_ENDPOINT_URL_", 17) == 0)
			return NULL;
	return url;
}

bool aws_probe_start(struct aws *aws, const char *start, struct aws_words *words)
{
	struct arena *arena = aws->reader->arena;
	const struct command *command = aws->reader->command;
	const char *url = endpoint(command);
	bool good = aws_words_add(arena, words, program(command, aws->reader->tool));

	for (size_t i = 0; good && i < sizeof(passed) / sizeof(passed[0]); i++) {
		const char *value = aws_globals_value(&aws->globals, passed[i]);

		if (!value && strcmp(passed[i], "--endpoint-url") == 0)
			value = url;
		if (value)
			good = aws_words_add(arena, words, passed[i]) &&
			       aws_words_add(arena, words, value);
	}
	for (size_t i = 0; good && i < sizeof(flags) / sizeof(flags[0]); i++)
		if (aws_globals_has(&aws->globals, flags[i]))
			good = aws_words_add(arena, words, flags[i]);
	while (good && *start) {
		size_t length = strcspn(start, " ");
		char *word = arena_strndup(arena, start, length);

		good = word && aws_words_add(arena, words, word);
		start += length;
		start += *start == ' ';
	}
	return good;
}

int aws_probe_run(struct aws *aws, const struct aws_words *words, const char **text,
		  const char **why)
{
	struct arena *arena = aws->reader->arena;
	const struct fact *fact;
	int result = reader_probe(aws->reader, words->items, TIMEOUT, &fact);

	*text = NULL;
	if (result != READ_DONE)
		return result;
	if (fact->state != FACT_OK || fact->status != 0)
		*why = arena_printf(arena, "the probe of aws failed: %s",
				    fact->error ? fact->error : "no reason given");
	else if (strlen(fact->data) != fact->length)
		*why = "the probe of aws printed what is no text";
	else
		*text = fact->data;
	return *text || *why ? READ_DONE : READ_FAULT;
}

int aws_probe_query(struct aws *aws, struct aws_words *words, const char *query,
		    const struct yaml_value **value, const char **why)
{
	struct arena *arena = aws->reader->arena;
	const char *text;
	int result;

	*value = NULL;
	if (!aws_words_add(arena, words, "--query") ||
	    !aws_words_add(arena, words, query) ||
	    !aws_words_add(arena, words, "--output") ||
	    !aws_words_add(arena, words, "json"))
		return READ_FAULT;
	result = aws_probe_run(aws, words, &text, why);
	if (result != READ_DONE || !text)
		return result;
	*value = aws_json(arena, text, why);
	return *value || *why ? READ_DONE : READ_FAULT;
}
