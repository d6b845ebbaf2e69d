/*
 * The aws client (aws-cli 1 and 2). Which operation does what to which option's values is
 * data, rules/aws/SERVICE.tsv; here the line is taken apart, aliases are followed, and what
 * keeps an operation from being sent (help, a skeleton, a dry run) is looked at first.
 */
#include "reader.h"

#include <string.h>

#include "aws.h"
#include "aws_alias.h"
#include "aws_effect.h"
#include "aws_probe.h"
#include "aws_s3.h"
#include "aws_ssm.h"
#include "aws_targets.h"
#include "aws_value.h"
#include "readers.h"
#include "shell_scan.h"
#include "words.h"

enum { MAX_ALIASES = 8 };

/* `own`: the client's own command of that name is meant, not the alias; NULL: none. */
static int read_line(struct reader *reader, struct fault *fault,
		     const struct aws_words *words, const char *own, unsigned depth);

/* ---- the operation ---- */

/* A service or an operation that is not in the table: only its verb can be judged. */
static enum action action_by_verb(const char *operation)
{
	static const struct {
		const char *verb;
		enum action action;
	} verbs[] = {{"describe-", ACTION_READ},   {"list-", ACTION_READ},
		     {"get-", ACTION_READ},	   {"stop-", ACTION_STOP},
		     {"disable-", ACTION_STOP},	   {"reboot-", ACTION_RESTART},
		     {"restart-", ACTION_RESTART}, {"start-", ACTION_RUN},
		     {"create-", ACTION_CONFIG},   {"put-", ACTION_CONFIG},
		     {"tag-", ACTION_CONFIG}};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strncmp(operation, verbs[i].verb, strlen(verbs[i].verb)) == 0)
			return verbs[i].action;
	return ACTION_REMOVE;
}

/* "status=DRAINING", "!flag", "option": whether it holds for this line. */
static int condition(struct aws *aws, const char *text, size_t length, bool *holds)
{
	bool negate = *text == '!';
	const char *equals, *why;
	const struct yaml_value *value;
	size_t name;
	int result;

	text += negate;
	length -= negate;
	equals = memchr(text, '=', length);
	name = equals ? (size_t)(equals - text) : length;
	result = aws_value(aws, text, name, &value, &why);
	*holds = value != NULL || why != NULL;
	if (value && value->kind == YAML_SCALAR && value->plain &&
	    strcmp(value->text, "false") == 0)
		*holds = false;
	if (value && equals)
		*holds = value->kind == YAML_SCALAR &&
			 strlen(value->text) == length - name - 1 &&
			 memcmp(value->text, equals + 1, length - name - 1) == 0;
	if (negate)
		*holds = !*holds;
	return result;
}

/* The first action of the column whose condition holds. */
static int choose_action(struct aws *aws, struct fault *fault)
{
	const char *text = aws->operation.action;

	while (*text) {
		size_t length = strcspn(text, " "), word = strcspn(text, "? ");
		char *name = arena_strndup(aws->reader->arena, text, word);
		bool holds = true;
		int result = READ_DONE;

		if (!name)
			return READ_FAULT;
		if (word < length)
			result = condition(aws, text + word + 1, length - word - 1,
					   &holds);
		if (result != READ_DONE)
			return result;
		if (holds) {
			if (action_parse(name, &aws->action))
				return READ_DONE;
			return fault_set(fault, "aws/%s.tsv: %s: \"%s\" is no action",
					 aws->service, aws->operation.name, name);
		}
		text += length;
		text += *text == ' ';
	}
	aws->action = ACTION_CONFIG;
	return READ_DONE;
}

static const char *const irreversible[] = {
	"skip-final-snapshot", "skip-final-cluster-snapshot", "delete-automated-backups",
	"force-delete-without-recovery", "bypass-governance-retention"};

static int count_targets(struct aws *aws)
{
	struct aws_names names = {.arena = aws->reader->arena};
	struct operation *operation;
	const char *why;
	int result;

	if (strcmp(aws->service, "ssm") == 0 &&
	    strcmp(aws->operation.name, "send-command") == 0)
		return aws_ssm_send(aws);
	result = aws_targets(aws, aws->operation.target, &names, &why);
	if (result != READ_DONE)
		return result;
	if (why)
		return reader_unknown(aws->reader, aws->action, aws->operation.unit, "%s",
				      why);
	result = aws_targets_operation(aws, &names, &operation);
	if (result != READ_DONE)
		return result;
	for (size_t i = 0; i < sizeof(irreversible) / sizeof(irreversible[0]); i++)
		if (aws->action == ACTION_REMOVE && aws_is_on(aws, irreversible[i]))
			operation->irreversible = true;
	return aws_effect(aws, operation);
}

/* What a read prints is worth a probe only to those who explain the line. */
static int count_read(struct aws *aws)
{
	struct reader *reader = aws->reader;
	struct aws_names names = {.arena = reader->arena};
	struct aws_words words = {0};
	const struct yaml_value *value;
	const char *why = NULL;
	int result;

	aws->action = ACTION_READ;
	if (aws->operation.target[0] != '?')
		return reader_nothing(reader, aws->operation.unit);
	if (reader->facts->reads_uncounted)
		return reader_unknown(reader, ACTION_READ, aws->operation.unit,
				      "what is only read is not counted");
	if (!aws_probe_start(aws, "", &words) ||
	    !aws_words_add(reader->arena, &words, aws->service) ||
	    !aws_words_add(reader->arena, &words, aws->operation.name))
		return READ_FAULT;
	for (size_t i = 0; i < aws->rest.count; i++)
		if (!aws_words_add(reader->arena, &words, aws->rest.items[i]))
			return READ_FAULT;
	result = aws_probe_query(aws, &words, aws->operation.target + 1, &value, &why);
	if (result != READ_DONE)
		return result;
	if (value && !aws_names_collect(&names, value, "", &why) && !why)
		return READ_FAULT;
	if (why)
		return reader_unknown(reader, ACTION_READ, aws->operation.unit, "%s",
				      why);
	if (names.count == 0)
		return reader_nothing(reader, aws->operation.unit);
	return aws_targets_operation(aws, &names, &(struct operation *){NULL});
}

/* Whether the request is a trial: --dry-run, or DryRun in the input. */
static bool is_dry(const struct aws *aws)
{
	return aws_is_on(aws, "dry-run");
}

static bool is_help(const struct aws_words *words)
{
	return words->count == 1 && strcmp(words->items[0], "help") == 0;
}

static int read_operation(struct aws *aws)
{
	struct reader *reader = aws->reader;
	const char *why;
	int result;

	if (is_help(&aws->rest))
		return reader_nothing(reader, aws->operation.unit);
	if (strcmp(aws->operation.action, "read") == 0)
		return count_read(aws);
	if (!aws_options_parse(reader->arena, &aws->operation, &aws->rest, &aws->options))
		return READ_FAULT;
	/* The first word of the column that needs no condition is what it does at most. */
	result = aws_value_input(aws, &why);
	if (result == READ_DONE)
		result = choose_action(aws, aws->fault);
	if (result != READ_DONE)
		return result;
	if (aws->options.refusal)
		return reader_refused(reader, aws->action, aws->operation.unit, "%s",
				      aws->options.refusal);
	if (aws->options.skeleton)
		return reader_nothing(reader, aws->operation.unit);
	if (why)
		return reader_unknown(reader, aws->action, aws->operation.unit, "%s",
				      why);
	if (is_dry(aws))
		return reader_nothing(reader, aws->operation.unit);
	if (strcmp(aws->service, "s3") == 0)
		return aws_s3(aws);
	return count_targets(aws);
}

/* ---- aliases ---- */

static int alias_of(struct reader *reader, const char *section, const char *name,
		    const char **value)
{
	const char *home = command_env(reader->command, "HOME");
	const struct fact *fact;
	const char *path;
	bool failed;

	*value = NULL;
	if (!home || !*home)
		return READ_DONE;
	path = arena_printf(reader->arena, "%s/.aws/cli/alias", home);
	if (!path)
		return READ_FAULT;
	fact = facts_file(reader->facts, path);
	if (!fact)
		return READ_MISSING;
	if (fact->state != FACT_OK || strlen(fact->data) != fact->length)
		return READ_DONE;
	*value = aws_alias_find(reader->arena, fact->data, section, name, &failed);
	return failed ? READ_FAULT : READ_DONE;
}

/* A word that a shell would still change: what it becomes cannot be known. */
static bool is_expanded(const char *word)
{
	return strpbrk(word, "$`") != NULL;
}

/* Whether the text defines a function of that name: `f() {`, `f () {`. */
static bool is_function(const char *text, const char *word)
{
	size_t length = strlen(word);
	const char *at = text;

	while (length && (at = strstr(at, word)) != NULL) {
		const char *rest = at + length;

		rest += strspn(rest, " \t");
		if ((at == text || strchr(" \t\n;&|{}", at[-1])) && *rest == '(' &&
		    rest[1 + strspn(rest + 1, " \t")] == ')')
			return true;
		at += length;
	}
	return false;
}

static bool is_shell_noise(const char *text, const char *word)
{
	return word[strspn(word, "{}();")] == '\0' || is_function(text, word);
}

/* One command of shell text: aws lines are read, anything else runs. */
static int read_shell_command(struct reader *reader, struct fault *fault,
			      const char *text, const struct shell_command *command,
			      unsigned depth)
{
	struct aws_words words = {0};
	bool expanded = false;
	size_t at = 0;

	while (at < command->count && is_shell_noise(text, command->words[at])) {
		/* What is called is read where it is defined. */
		if (is_function(text, command->words[at++]))
			return READ_DONE;
	}
	if (at == command->count)
		return READ_DONE;
	if (strcmp(command_base_name(command->words[at]), "aws") != 0) {
		bool final = false;
		enum action action = remote_action_words(reader->arena, reader->actions,
							 command->words + at,
							 command->count - at, &final);

		for (size_t i = at + 1; i < command->count; i++)
			if (strcmp(command_base_name(command->words[i]), "aws") == 0)
				action = ACTION_REMOVE; /* xargs aws, sh -c ... */
		if (action == ACTION_READ)
			return READ_DONE;
		return reader_unknown(reader, action, "object",
				      "the alias runs %s, which is not looked into",
				      command->words[at]);
	}
	while (++at < command->count) {
		expanded |= is_expanded(command->words[at]);
		if (!aws_words_add(reader->arena, &words, command->words[at]))
			return READ_FAULT;
	}
	if (expanded)
		return reader_unknown(reader, ACTION_REMOVE, "object",
				      "the alias is shell text with variables in it");
	return read_line(reader, fault, &words, NULL, depth + 1);
}

static int external_alias(struct reader *reader, struct fault *fault, const char *text,
			  unsigned depth)
{
	struct shell_commands commands = {0};
	size_t before = reader->reading->count;
	bool missing = false;

	if (shell_scan(reader->arena, text, &commands) < 0)
		return reader_unknown(reader, ACTION_REMOVE, "object",
				      "the alias is shell text that cannot be read");
	for (size_t i = 0; i < commands.count; i++) {
		int result = read_shell_command(reader, fault, text, &commands.items[i],
						depth);

		if (result == READ_FAULT)
			return result;
		missing |= result == READ_MISSING;
	}
	if (missing)
		return READ_MISSING;
	return reader->reading->count > before ? READ_DONE
					       : reader_nothing(reader, "object");
}

/* The words of an alias with those of the line behind them. */
static int internal_alias(struct reader *reader, const char *text,
			  const struct aws_words *globals, const char *service,
			  const struct aws_words *rest, struct aws_words *words,
			  const char **why)
{
	char *flat = arena_strdup(reader->arena, text);
	struct fault fault = {0};
	const char *const *items;
	bool good = true;
	size_t count;

	for (char *p = flat; p && *p; p++)
		if (*p == '\n')
			*p = ' ';
	items = flat ? words_split(reader->arena, flat, &count, &fault) : NULL;
	if (!items) {
		*why = arena_printf(reader->arena, "the alias cannot be read: %s",
				    fault.text);
		return *why ? READ_DONE : READ_FAULT;
	}
	for (size_t i = 0; i < globals->count; i++)
		good = good && aws_words_add(reader->arena, words, globals->items[i]);
	if (service)
		good = good && aws_words_add(reader->arena, words, service);
	for (size_t i = 0; i < count; i++)
		good = good && aws_words_add(reader->arena, words, items[i]);
	for (size_t i = 0; i < rest->count; i++)
		good = good && aws_words_add(reader->arena, words, rest->items[i]);
	return good ? READ_DONE : READ_FAULT;
}

/*
 * Follows the alias `value` of the word `name`. An alias that leads to its own name means
 * the client's own command of that name.
 */
static int follow(struct aws *aws, const char *name, const char *value, bool top,
		  unsigned depth)
{
	struct reader *reader = aws->reader;
	struct aws_words words = {0};
	const char *why = NULL;
	size_t length = strlen(name);
	bool own = top && strncmp(value, name, length) == 0 &&
		   (value[length] == ' ' || value[length] == '\0');
	int result;

	if (depth >= MAX_ALIASES)
		return reader_unknown(reader, ACTION_REMOVE, "object",
				      "aliases lead in a circle");
	if (*value == '!')
		return external_alias(reader, aws->fault, value + 1, depth);
	result = internal_alias(reader, value, &aws->globals, top ? NULL : aws->service,
				&aws->rest, &words, &why);
	if (result != READ_DONE)
		return result;
	if (why)
		return reader_unknown(reader, ACTION_REMOVE, "object", "%s", why);
	return read_line(reader, aws->fault, &words, own ? name : NULL, depth + 1);
}

/* ---- the line ---- */

static int find_operation(struct aws *aws, unsigned depth)
{
	struct reader *reader = aws->reader;
	const char *name, *value, *section;
	enum aws_found found;
	enum action action;
	int result;

	if (aws_table_find(reader->arena, reader->rules, aws->service, NULL, &found, NULL,
			   aws->fault) < 0)
		return READ_FAULT;
	name = aws_words_take(&aws->rest);
	if (!name)
		return strcmp(aws->service, "configure") == 0
			       ? reader_nothing(reader, "file")
			       : reader_refused(reader, ACTION_READ, "object",
						"no operation is given");
	if (strcmp(name, "help") == 0)
		return reader_nothing(reader, "object");
	if (aws_table_find(reader->arena, reader->rules, aws->service, name, &found,
			   &aws->operation, aws->fault) < 0)
		return READ_FAULT;
	section = arena_printf(reader->arena, "command %s", aws->service);
	if (!section)
		return READ_FAULT;
	result = alias_of(reader, section, name, &value);
	if (result != READ_DONE)
		return result;
	if (value && found == AWS_FOUND)
		return reader_unknown(reader, ACTION_REMOVE, "object",
				      "the alias %s takes the place of an operation",
				      name);
	if (value)
		return follow(aws, name, value, false, depth);
	if (found == AWS_FOUND)
		return read_operation(aws);
	action = action_by_verb(name);
	if (action == ACTION_READ)
		return reader_nothing(reader, "object");
	return reader_unknown(reader, action, "object",
			      "aws %s %s is not in the table of operations "
			      "(scripts/aws-operations makes it)",
			      aws->service, name);
}

static int read_line(struct reader *reader, struct fault *fault,
		     const struct aws_words *words, const char *own, unsigned depth)
{
	struct aws aws = {.reader = reader, .fault = fault};
	const char *refusal, *value, *profile;
	int result;

	if (!aws_globals_split(reader->arena, &reader->tool->section.options, words,
			       &aws.globals, &aws.rest, &refusal))
		return READ_FAULT;
	profile = aws_globals_value(&aws.globals, "--profile");
	if (profile)
		reader->reading->environment = profile;
	if (aws_globals_has(&aws.globals, "--version"))
		return reader_nothing(reader, "object");
	aws.service = aws_words_take(&aws.rest);
	if (refusal || !aws.service)
		return reader_refused(reader, ACTION_REMOVE, "object", "%s",
				      refusal ? refusal : "no command is given");
	if (aws_globals_has(&aws.globals, "--cli-auto-prompt"))
		return reader_unknown(reader, ACTION_REMOVE, "object",
				      "--cli-auto-prompt lets the line be changed");
	result = alias_of(reader, "toplevel", aws.service, &value);
	if (result != READ_DONE)
		return result;
	if (value && (!own || strcmp(own, aws.service) != 0))
		return follow(&aws, aws.service, value, true, depth);
	if (strcmp(aws.service, "help") == 0)
		return reader_nothing(reader, "object");
	return find_operation(&aws, depth);
}

int reader_aws(struct reader *reader, struct fault *fault)
{
	const struct command *command = reader->command;
	struct aws_words words = {0};
	const char *profile = command_env(command, "AWS_PROFILE");

	if (!profile || !*profile)
		profile = command_env(command, "AWS_DEFAULT_PROFILE");
	if (profile && *profile)
		reader->reading->environment = profile;
	for (size_t i = 1; i < command->argc; i++)
		if (!aws_words_add(reader->arena, &words, command->argv[i]))
			return READ_FAULT;
	return read_line(reader, fault, &words, NULL, 0);
}
