/*
 * gcloud: the command by the table (gcloud_table.h), its names as the paths that the service
 * knows them by. Names are one run of words, in front of the flags or behind them; a flag that
 * is given again replaces what it had. Sources: gcloud 528.0.0 run against a recording server
 * (calliope/parser_extensions.py, calliope/arg_parsers.py, `gcloud topic escaping`).
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "gcloud_table.h"
#include "readers.h"

static const char global_valued[] = "access-token-file account billing-project "
				    "configuration flags-file flatten format "
				    "impersonate-service-account project trace-token "
				    "verbosity filter limit page-size "
				    "sort-by";
static const char global_boolean[] = "help quiet log-http no-log-http "
				     "user-output-enabled no-user-output-enabled version "
				     "uri";

struct flag {
	const char *name; /* without dashes */
	const char *value;
};

struct gcloud {
	struct reader *reader;
	struct gcloud_command command;
	const char **words; /* names */
	size_t word_count;
	struct flag *flags;
	size_t flag_count;
	const char *remote;  /* what stands behind --, for compute ssh; NULL: nothing */
	const char *refusal; /* why gcloud refuses it */
	const char *problem; /* why it cannot be known */
};

static const char *flag_value(const struct gcloud *line, const char *name)
{
	for (size_t i = line->flag_count; i-- > 0;)
		if (strcmp(line->flags[i].name, name) == 0)
			return line->flags[i].value;
	return NULL;
}

static bool is_boolean(const struct gcloud *line, const char *name)
{
	const char *list = line->command.boolean;

	if (gcloud_is_in(global_boolean, name, strlen(name)) ||
	    gcloud_is_in(list, name, strlen(name)))
		return true;
	return strncmp(name, "no-", 3) == 0 &&
	       gcloud_is_in(list, name + 3, strlen(name + 3));
}

static bool is_valued(const struct gcloud *line, const char *name)
{
	return gcloud_is_in(global_valued, name, strlen(name)) ||
	       gcloud_is_in(line->command.valued, name, strlen(name));
}

/* The flag at argv[at]; the number of words it takes, 0 when memory is short. */
static size_t take_flag(struct gcloud *line, size_t at)
{
	const struct command *command = line->reader->command;
	const char *word = command->argv[at], *equals = strchr(word, '=');
	struct flag *flag = &line->flags[line->flag_count];
	char *name;

	if (strcmp(word, "-q") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "-v") == 0)
		name = arena_strdup(line->reader->arena,
				    word[1] == 'q' ? "quiet" : "help");
	else if (word[1] != '-')
		name = NULL;
	else
		name = equals ? arena_strndup(line->reader->arena, word + 2,
					      (size_t)(equals - word) - 2)
			      : arena_strdup(line->reader->arena, word + 2);
	if (!name) {
		line->problem = arena_printf(line->reader->arena,
					     "%s is no flag that is known", word);
		return line->problem ? 1 : 0;
	}
	*flag = (struct flag){.name = name, .value = equals ? equals + 1 : ""};
	line->flag_count++;
	if (equals || is_boolean(line, name))
		return 1;
	if (is_valued(line, name) || line->command.path == NULL) {
		if (at + 1 >= command->argc) {
			line->refusal = "a flag has no value";
			return 1;
		}
		flag->value = command->argv[at + 1];
		return 2;
	}
	if (strcmp(line->command.action, "read") != 0)
		line->problem = arena_printf(line->reader->arena,
					     "--%s is no flag that is known of %s", name,
					     line->command.path);
	return 1;
}

static bool is_track(const char *word)
{
	return strcmp(word, "alpha") == 0 || strcmp(word, "beta") == 0 ||
	       strcmp(word, "preview") == 0;
}

/* Follows the words to a command; *at is left behind it. */
static int find_command(struct gcloud *line, size_t *at, enum gcloud_found *found,
			struct fault *fault)
{
	struct reader *reader = line->reader;
	const struct command *command = reader->command;
	const char *path = "";

	*found = GCLOUD_NOTHING;
	while (*at < command->argc) {
		const char *word = command->argv[*at], *longer;

		if (word[0] == '-' && word[1]) {
			size_t taken = take_flag(line, *at);

			if (!taken)
				return READ_FAULT;
			*at += taken;
			continue;
		}
		(*at)++;
		if (!*path && is_track(word))
			continue;
		longer = arena_printf(reader->arena, "%s%s%s", path, *path ? " " : "",
				      word);
		if (!longer)
			return READ_FAULT;
		path = longer;
		if (gcloud_table_find(reader->arena, reader->rules, path, found,
				      &line->command, fault) < 0)
			return READ_FAULT;
		if (*found != GCLOUD_GROUP)
			break;
	}
	reader->verb_path = path;
	return READ_DONE;
}

/* What stands behind the command. */
static int read_rest(struct gcloud *line, size_t at)
{
	const struct command *command = line->reader->command;
	size_t last = 0;

	while (at < command->argc) {
		const char *word = command->argv[at];

		if (word[0] != '-' || !word[1]) {
			if (line->word_count && last + 1 != at)
				line->refusal = "names stand on both sides of a flag";
			line->words[line->word_count++] = word;
			last = at++;
		} else if (strcmp(word, "--") == 0) {
			/* What follows is for ssh: its options, then a command. */
			while (++at < command->argc) {
				if (!line->remote && command->argv[at][0] == '-')
					continue;
				line->remote = arena_printf(
					line->reader->arena, "%s%s%s",
					line->remote ? line->remote : "",
					line->remote ? " " : "", command->argv[at]);
				if (!line->remote)
					return READ_FAULT;
			}
			return READ_DONE;
		} else {
			size_t taken = take_flag(line, at);

			if (!taken)
				return READ_FAULT;
			at += taken;
		}
	}
	return READ_DONE;
}

/* ---- names ---- */

/* One alternative of a name; NULL when a flag in it was not given. */
static const char *fill(const struct gcloud *line, const char *text, size_t length,
			const char *name)
{
	struct arena *arena = line->reader->arena;
	const char *end = text + length, *out = "";

	while (text < end && out) {
		const char *open = memchr(text, '{', (size_t)(end - text)), *close,
			   *value;
		char *flag;

		if (!open)
			return arena_printf(arena, "%s%.*s", out, (int)(end - text),
					    text);
		close = memchr(open, '}', (size_t)(end - open));
		if (!close)
			return NULL;
		flag = arena_strndup(arena, open + 1, (size_t)(close - open) - 1);
		if (!flag)
			return NULL;
		if (!*flag)
			value = name;
		else if (strcmp(flag, "^0") == 0)
			value = line->word_count ? line->words[0] : NULL;
		else
			value = flag_value(line, flag);
		if (!value || !*value)
			return NULL;
		out = arena_printf(arena, "%s%.*s%s", out, (int)(open - text), text,
				   value);
		text = close + 1;
	}
	return out;
}

/* The path of a resource: as it was given, or put together. */
static const char *full_name(const struct gcloud *line, const char *name)
{
	const char *forms = line->command.name, *projects, *suffix;
	struct arena *arena = line->reader->arena;

	projects = strncmp(name, "projects/", 9) == 0 ? name : strstr(name, "/projects/");
	if (projects) {
		const char *rest = strchr(projects + (*projects == '/') + 9, '/');

		suffix = strrchr(forms, '}');
		return rest ? arena_printf(arena, "%s%s", rest + 1,
					   suffix ? suffix + 1 : "")
			    : name;
	}
	while (*forms) {
		size_t length = strcspn(forms, "|");
		const char *filled = fill(line, forms, length, name);

		if (filled)
			return filled;
		forms += length;
		forms += *forms == '|';
	}
	return name;
}

static bool add_name(struct gcloud *line, const char ***names, size_t *count,
		     size_t *capacity, const char *name)
{
	*names = arena_grow(line->reader->arena, *names, *count, capacity,
			    sizeof(**names));
	if (!*names)
		return false;
	(*names)[*count] = full_name(line, name);
	return (*names)[(*count)++] != NULL;
}

/* The value of a list flag: commas, or what ^:^ in front says. */
static bool add_list(struct gcloud *line, const char *value, const char ***names,
		     size_t *count, size_t *capacity)
{
	const char *separator = ",", *end;
	size_t length = 1;

	if (*value == '^' && (end = strchr(value + 1, '^')) != NULL && end > value + 1) {
		separator = value + 1;
		length = (size_t)(end - separator);
		value = end + 1;
	}
	for (;;) {
		const char *next = memmem(value, strlen(value), separator, length);
		char *item = next ? arena_strndup(line->reader->arena, value,
						  (size_t)(next - value))
				  : arena_strdup(line->reader->arena, value);

		if (!item || (*item && !add_name(line, names, count, capacity, item)))
			return false;
		if (!next)
			return true;
		value = next + length;
	}
}

static int find_targets(struct gcloud *line, const struct hostset **targets)
{
	const char **names = NULL, *target = line->command.target, *value;
	size_t count = 0, capacity = 0;
	bool good = true;

	*targets = NULL;
	if (*target == '^') {
		size_t last = target[1] == '0' ? 1 : line->word_count;

		for (size_t i = 0; good && i < last && i < line->word_count; i++) {
			if (!*line->words[i])
				line->problem = "an empty name (an unset variable?)";
			good = add_name(line, &names, &count, &capacity, line->words[i]);
		}
	} else {
		value = flag_value(line, target + 2);
		if (value)
			good = add_list(line, value, &names, &count, &capacity);
		else
			line->problem = arena_printf(line->reader->arena,
						     "%s is not given", target);
	}
	if (!good)
		return READ_FAULT;
	if (!count && !line->problem)
		line->problem = "the line does not name what it touches";
	if (line->problem)
		return READ_DONE;
	*targets = hostset_names(line->reader->arena, names, count);
	return *targets ? READ_DONE : READ_FAULT;
}

/* ---- what goes with a group of instances ---- */

/* How many a managed instance group has now. */
static int group_size(struct gcloud *line, const char *name, struct effect *effect)
{
	static const char *const passed[] = {
		"project",	    "zone",	     "region",
		"account",	    "configuration", "impersonate-service-account",
		"access-token-file"};
	const struct command *command = line->reader->command;
	const char *words[16], *value;
	const struct fact *fact;
	size_t count = 0;
	char *end;
	long now;
	int result;

	words[count++] = command->path ? command->path : command->argv[0];
	words[count++] = "compute";
	words[count++] = "instance-groups";
	words[count++] = "managed";
	words[count++] = "describe";
	words[count++] = name;
	for (size_t i = 0; i < sizeof(passed) / sizeof(passed[0]); i++) {
		value = flag_value(line, passed[i]);
		if (!value)
			continue;
		words[count] =
			arena_printf(line->reader->arena, "--%s=%s", passed[i], value);
		if (!words[count++])
			return READ_FAULT;
	}
	words[count++] = "--format=value(targetSize)";
	words[count++] = NULL;
	{
		const char **copy =
			arena_array(line->reader->arena, count, sizeof(*copy));

		if (!copy)
			return READ_FAULT;
		memcpy(copy, words, count * sizeof(*copy));
		result = reader_probe(line->reader, copy, 0, &fact);
	}
	if (result != READ_DONE)
		return result;
	if (fact->state != FACT_OK || fact->status != 0 ||
	    !isdigit((unsigned char)fact->data[0])) {
		effect->known = false;
		return READ_DONE;
	}
	now = strtol(fact->data, &end, 10);
	value = flag_value(line, "size");
	if (value && strcmp(line->command.action, "scale") == 0) {
		now -= strtol(value, &end, 10);
		if (!isdigit((unsigned char)*value) || *end)
			effect->known = false;
	}
	effect->count += now;
	return READ_DONE;
}

static int weigh(struct gcloud *line, struct operation *operation)
{
	struct effect effect = {.known = true, .unit = "instance"};
	int result = READ_DONE;

	if (strcmp(line->command.unit, "mig") == 0) {
		for (size_t i = 0; i < line->word_count && result == READ_DONE; i++)
			result = group_size(line, line->words[i], &effect);
		operation->effect = effect;
	} else if (operation->action == ACTION_SCALE) {
		operation->effect.unit = "instance";
	}
	return result;
}

/* A list with --format=value(NAME) prints a name a line. */
static int read_list(struct gcloud *line)
{
	struct reader *reader = line->reader;
	const char *format = flag_value(line, "format");
	size_t length = strlen(line->command.path);
	static const char *const run[] = {"@program", "@argv", NULL};
	const struct hostset *targets = NULL;
	const char *const *words, *why;
	const struct fact *fact;
	struct fault fault = {0};
	int result;

	if (reader->facts->reads_uncounted || !format ||
	    strncmp(format, "value(", 6) != 0 || strchr(format, ',') || length < 5 ||
	    strcmp(line->command.path + length - 5, " list") != 0)
		return reader_unknown(reader, ACTION_READ, "object",
				      "what is only read is not counted");
	words = reader_words(reader, run);
	if (!words)
		return READ_FAULT;
	result = reader_probe(reader, words, 30, &fact);
	if (result != READ_DONE)
		return result;
	if (fact->state == FACT_OK && fact->status == 0 &&
	    reader_syntax(reader, "lines", fact->data, &targets, &why, &fault) ==
		    READ_FAULT)
		return READ_FAULT;
	if (!targets)
		return reader_unknown(reader, ACTION_READ, "object",
				      "the list could not be read");
	return reader_operation(reader, ACTION_READ, "object", targets) ? READ_DONE
									: READ_FAULT;
}

static int emit(struct gcloud *line)
{
	struct reader *reader = line->reader;
	const struct hostset *targets;
	const char *remote = flag_value(line, "command");
	enum action action = ACTION_RUN;
	struct operation *operation;
	bool irreversible = false;
	int result = find_targets(line, &targets);

	if (result != READ_DONE)
		return result;
	if (!remote)
		remote = line->remote;
	action_parse(line->command.action, &action);
	if (action == ACTION_RUN && remote)
		action = remote_action(reader->arena, reader->actions, remote,
				       &irreversible);
	if (line->refusal)
		return reader_refused(reader, action, line->command.unit, "%s",
				      line->refusal);
	if (!targets)
		return reader_unknown(reader, action, line->command.unit, "%s",
				      line->problem);
	operation = reader_operation(reader, action, line->command.unit, targets);
	if (!operation)
		return READ_FAULT;
	operation->irreversible = irreversible;
	return weigh(line, operation);
}

int reader_gcloud(struct reader *reader, struct fault *fault)
{
	size_t argc = reader->command->argc, at = 1;
	struct gcloud line = {.reader = reader};
	enum gcloud_found found;
	int result;

	line.words = arena_array(reader->arena, argc + 1, sizeof(*line.words));
	line.flags = arena_array(reader->arena, argc + 1, sizeof(*line.flags));
	if (!line.words || !line.flags)
		return READ_FAULT;
	result = find_command(&line, &at, &found, fault);
	if (result == READ_DONE && found == GCLOUD_COMMAND)
		result = read_rest(&line, at);
	if (result != READ_DONE)
		return result;
	if (flag_value(&line, "help") || flag_value(&line, "version") ||
	    !reader->verb_path[0])
		return reader_nothing(reader, "object");
	if (found != GCLOUD_COMMAND)
		return reader_unknown(reader, ACTION_REMOVE, "object",
				      "the table of gcloud commands does not have \"%s\"",
				      reader->verb_path);
	if (strcmp(line.command.action, "read") == 0)
		return read_list(&line);
	if (flag_value(&line, "flags-file"))
		line.problem = "flags and names stand in a file (--flags-file)";
	return emit(&line);
}
