#include "reader.h"

#include <fnmatch.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "readers.h"

static const struct {
	const char *name;
	reader_function read;
} readers[] = {
#define READER(name, function) {name, function},
	READERS
#undef READER
};

reader_function reader_find(const char *name)
{
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
		if (strcmp(readers[i].name, name) == 0)
			return readers[i].read;
	return NULL;
}

static bool holds(const struct reader *reader, const struct condition *condition)
{
	const struct arguments *arguments = reader->arguments;
	const char *value = NULL;
	bool found;

	if (condition->compare) {
		size_t operands = arguments_operands(arguments);

		if (condition->compare == '=')
			return operands == condition->number;
		return condition->compare == '>' ? operands > condition->number
						 : operands < condition->number;
	}
	if (condition->name)
		value = condition->name[0] == 'p'
				? command_base_name(reader->command->argv[0])
				: reader->verb_word;
	else if (condition->environment)
		value = command_env(reader->command, condition->environment);
	else if (condition->operand >= 0)
		value = arguments_operand(arguments, (size_t)condition->operand);
	else
		value = arguments_value(arguments, condition->option);
	found = value != NULL;
	if (found && condition->environment && !condition->pattern)
		found = *value != '\0';
	if (found && condition->pattern)
		found = fnmatch(condition->pattern, value, 0) == 0;
	return found;
}

bool reader_holds(const struct reader *reader, const struct conditions *conditions)
{
	for (size_t i = 0; i < conditions->count; i++)
		if (holds(reader, &conditions->items[i]) == conditions->items[i].negate)
			return false;
	return true;
}

struct operation *reader_operation(struct reader *reader, enum action action,
				   const char *unit, const struct hostset *targets)
{
	struct reading *reading = reader->reading;
	struct operation *grown =
		arena_array(reader->arena, reading->count + 1, sizeof(*grown));

	if (!grown)
		return NULL;
	if (reading->count)
		memcpy(grown, reading->operations, reading->count * sizeof(*grown));
	reading->operations = grown;
	grown += reading->count++;
	grown->action = action;
	grown->unit = unit ? unit : "object";
	grown->targets = targets;
	grown->temporary = action == ACTION_RESTART;
	return grown;
}

int reader_unknown(struct reader *reader, enum action action, const char *unit,
		   const char *format, ...)
{
	struct operation *operation = reader_operation(reader, action, unit, NULL);
	va_list args;

	if (!operation)
		return READ_FAULT;
	va_start(args, format);
	operation->unknown = arena_vprintf(reader->arena, format, args);
	va_end(args);
	return operation->unknown ? READ_DONE : READ_FAULT;
}

/*
 * A line that the tool refuses is counted as unknown, not as nothing: should we be wrong
 * about the refusal, a guarded command must not have run on the strength of it.
 */
int reader_refused(struct reader *reader, enum action action, const char *unit,
		   const char *format, ...)
{
	struct operation *operation = reader_operation(reader, action, unit, NULL);
	va_list args;

	if (!operation)
		return READ_FAULT;
	va_start(args, format);
	reader->reading->refusal = arena_vprintf(reader->arena, format, args);
	va_end(args);
	reader->reading->refused = true;
	operation->unknown = arena_printf(
		reader->arena, "%s itself refuses this line: %s", reader->tool->name,
		reader->reading->refusal ? reader->reading->refusal : "");
	return operation->unknown ? READ_DONE : READ_FAULT;
}

int reader_nothing(struct reader *reader, const char *unit)
{
	const struct hostset *none = hostset_empty(reader->arena);

	if (!none || !reader_operation(reader, ACTION_READ, unit, none))
		return READ_FAULT;
	return READ_DONE;
}

int reader_probe(struct reader *reader, const char *const *argv, unsigned timeout,
		 const struct fact **fact)
{
	struct need need = {.kind = FACT_PROBE, .argv = argv, .timeout = timeout};

	reader->reading->probe = argv;
	*fact = facts_get(reader->facts, &need);
	return *fact ? READ_DONE : READ_MISSING;
}

/* ---- the words of a probe ---- */

struct words {
	struct arena *arena;
	const char **items;
	size_t count, capacity;
	bool failed;
};

static void add_word(struct words *words, const char *word)
{
	const char **items = arena_grow(words->arena, words->items, words->count,
					&words->capacity, sizeof(*items));

	if (!items) {
		words->failed = true;
		return;
	}
	words->items = items;
	items[words->count++] = word;
}

/* The options named in `list` ("-i,-l") in the order and form they were typed in. */
static void add_options(const struct reader *reader, struct words *words,
			const char *list)
{
	const struct arguments *arguments = reader->arguments;
	size_t last_word = SIZE_MAX;

	for (size_t i = 0; i < arguments->count; i++) {
		const struct argument *item = &arguments->items[i];
		const char *p = list;

		if (!item->option || item->word == last_word)
			continue;
		while (*p) {
			size_t length = strcspn(p, ",");
			char *name = arena_strndup(words->arena, p, length);

			if (!name) {
				words->failed = true;
				return;
			}
			if (argument_is(item, name)) {
				const char *const *argv = reader->command->argv;

				for (size_t w = 0; w < item->words; w++)
					add_word(words, argv[item->word + w]);
				last_word = item->word;
				break;
			}
			p += length;
			p += *p == ',';
		}
	}
}

static void add_operands(const struct reader *reader, struct words *words, size_t from)
{
	const char *value;
	size_t at = 0;

	for (size_t n = 0; (value = arguments_next_operand(reader->arguments, &at)); n++)
		if (n >= from)
			add_word(words, value);
}

static void add_template(const struct reader *reader, struct words *words,
			 const char *word)
{
	const struct command *command = reader->command;

	if (strcmp(word, "@argv") == 0) {
		for (size_t i = 1; i < command->argc; i++)
			add_word(words, command->argv[i]);
	} else if (strcmp(word, "@program") == 0) {
		add_word(words, command->path ? command->path : command->argv[0]);
	} else if (strncmp(word, "@options:", 9) == 0) {
		add_options(reader, words, word + 9);
	} else if (strncmp(word, "@value:", 7) == 0) {
		const char *value = arguments_value(reader->arguments, word + 7);

		if (value)
			add_word(words, value);
	} else if (strcmp(word, "@operands") == 0) {
		add_operands(reader, words, 0);
	} else if (strncmp(word, "@operand:", 9) == 0) {
		const char *value =
			arguments_operand(reader->arguments, strtoul(word + 9, NULL, 10));

		if (value)
			add_word(words, value);
	} else if (strncmp(word, "@operands:", 10) == 0) {
		add_operands(reader, words, strtoul(word + 10, NULL, 10));
	} else if (strcmp(word, "@verb") == 0) {
		const char *p = reader->verb_path;

		while (*p) {
			size_t length = strcspn(p, " ");
			char *copy = arena_strndup(words->arena, p, length);

			if (!copy)
				words->failed = true;
			add_word(words, copy);
			p += length;
			p += *p == ' ';
		}
	} else {
		add_word(words, word);
	}
}

const char *const *reader_words(const struct reader *reader, const char *const *run)
{
	struct words words = {.arena = reader->arena};

	for (; *run; run++)
		add_template(reader, &words, *run);
	add_word(&words, NULL);
	return words.failed ? NULL : words.items;
}
