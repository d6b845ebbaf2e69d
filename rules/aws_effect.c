#include "aws_effect.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "aws_probe.h"
#include "aws_value.h"

enum { MAX_PROBES = 16 };

/* unit | words of a probe | query | what the line asks for */
struct column {
	const char *unit, *probe, *query, *sizes;
};

static bool cut(struct arena *arena, const char *text, struct column *column)
{
	const char **parts[] = {&column->unit, &column->probe, &column->query,
				&column->sizes};

	for (size_t i = 0; i < 4; i++) {
		size_t length = i < 3 ? strcspn(text, "|") : strlen(text);

		*parts[i] = arena_strndup(arena, text, length);
		if (!*parts[i])
			return false;
		text += length;
		text += *text == '|';
	}
	return true;
}

static bool number(const char *text, int64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoll(text, &end, 10);
	return end != text && *end == '\0' && errno == 0 && *value >= 0 &&
	       *value <= INT32_MAX;
}

/*
 * The option "desired", "max" or "min" of "desired=a,max=b:c": *given is false when the
 * line does not have it. A value that is no number gives *broken.
 */
static int size_of(struct aws *aws, const char *sizes, const char *which, bool *given,
		   int64_t *value, bool *broken)
{
	size_t name = strlen(which);
	int result = READ_DONE;

	*given = false;
	while (*sizes) {
		size_t length = strcspn(sizes, ","), option;
		struct aws_names names = {.arena = aws->reader->arena};
		const struct yaml_value *found;
		const char *why, *text = NULL;

		if (strncmp(sizes, which, name) != 0 || sizes[name] != '=') {
			sizes += length;
			sizes += *sizes == ',';
			continue;
		}
		sizes += name + 1;
		length -= name + 1;
		option = strcspn(sizes, ":,");
		result = aws_value(aws, sizes, option, &found, &why);
		if (result != READ_DONE)
			return result;
		if (why) {
			*broken = true;
			return READ_DONE;
		}
		if (found && option < length) {
			char *key = arena_strndup(names.arena, sizes + option + 1,
						  length - option - 1);

			if (!key)
				return READ_FAULT;
			text = yaml_text(found, key);
		} else if (found && found->kind == YAML_SCALAR) {
			text = found->text;
		}
		*given = text != NULL;
		if (text && !number(text, value))
			*broken = true;
		return READ_DONE;
	}
	return result;
}

/* The size that the line asks for, by what it is now. */
static int new_size(struct aws *aws, const char *sizes, int64_t current, int64_t *size,
		    bool *broken)
{
	int64_t desired = 0, most = 0, least = 0;
	bool has_desired, has_most, has_least;
	int result = size_of(aws, sizes, "desired", &has_desired, &desired, broken);

	if (result == READ_DONE)
		result = size_of(aws, sizes, "max", &has_most, &most, broken);
	if (result == READ_DONE)
		result = size_of(aws, sizes, "min", &has_least, &least, broken);
	*size = strchr(sizes, '=') ? current : 0;
	if (has_desired)
		*size = desired;
	else if (has_most && most < *size)
		*size = most;
	else if (has_least && least > *size)
		*size = least;
	return result;
}

static void drop_doubles(struct aws_names *names)
{
	size_t kept = 0;

	for (size_t i = 0; i < names->count; i++) {
		size_t k = 0;

		while (k < kept && strcmp(names->items[k], names->items[i]) != 0)
			k++;
		if (k == kept)
			names->items[kept++] = names->items[i];
	}
	names->count = kept;
}

/* The names that stand for `{option}`. */
static int placeholder(struct aws *aws, const char *word, size_t length,
		       struct aws_names *names)
{
	const struct yaml_value *value;
	const char *why;
	int result = aws_value(aws, word + 1, length - 2, &value, &why);

	if (result != READ_DONE)
		return result;
	if (value && !why && !aws_names_collect(names, value, "", &why) && !why)
		return READ_FAULT;
	drop_doubles(names);
	return READ_DONE;
}

/*
 * The probe for the `n`-th target: `{option}` becomes its value, of several the n-th. An
 * option whose value is not on the line is left out with the word in front.
 */
static int probe_words(struct aws *aws, const char *text, size_t n,
		       struct aws_words *words)
{
	struct arena *arena = aws->reader->arena;

	if (!aws_probe_start(aws, "", words))
		return READ_FAULT;
	while (*text) {
		size_t length = strcspn(text, " ");
		struct aws_names names = {.arena = arena};
		const char *word = arena_strndup(arena, text, length);

		if (*text == '{') {
			int result = placeholder(aws, text, length, &names);

			if (result != READ_DONE)
				return result;
			word = NULL;
			if (names.count)
				word = names.items[n < names.count ? n : 0];
			else
				words->items[--words->count] = NULL;
		} else if (!word) {
			return READ_FAULT;
		}
		if (word && !aws_words_add(arena, words, word))
			return READ_FAULT;
		text += length;
		text += *text == ' ';
	}
	return READ_DONE;
}

/* The sum of the numbers that the query found; false when one of them is none. */
static bool sum(const struct yaml_value *value, int64_t *total)
{
	int64_t one;

	if (value->kind == YAML_SCALAR) {
		if (!value->plain || !number(value->text, &one))
			return false;
		*total += one;
		return true;
	}
	if (value->kind != YAML_SEQUENCE || value->count == 0)
		return false;
	for (size_t i = 0; i < value->count; i++)
		if (!sum(value->items[i], total))
			return false;
	return true;
}

static int size_now(struct aws *aws, const struct column *column, uint64_t targets,
		    int64_t *current, bool *known)
{
	int last = READ_DONE;

	*current = 0;
	*known = targets > 0 && targets <= MAX_PROBES;
	/* All are asked for before the first answer is waited for. */
	for (size_t i = 0; *known && i < targets; i++) {
		struct aws_words words = {0};
		const struct yaml_value *value = NULL;
		const char *why = NULL;
		int result = probe_words(aws, column->probe, i, &words);

		if (result == READ_DONE)
			result =
				aws_probe_query(aws, &words, column->query, &value, &why);
		if (result == READ_FAULT)
			return result;
		if (result == READ_MISSING)
			last = result;
		else
			*known = value && sum(value, current);
	}
	return last;
}

/* "if=force-delete": without that option nothing goes with the targets. */
static bool goes(const struct aws *aws, const char *sizes)
{
	return strncmp(sizes, "if=", 3) != 0 || aws_is_on(aws, sizes + 3);
}

int aws_effect(struct aws *aws, struct operation *operation)
{
	struct column column;
	int64_t current, size = 0;
	bool known, broken = false;
	int result;

	if (aws->operation.effect[0] == '-' || !operation->targets ||
	    aws->action == ACTION_CONFIG || aws->action == ACTION_RUN)
		return READ_DONE;
	if (!cut(aws->reader->arena, aws->operation.effect, &column))
		return READ_FAULT;
	/* What is stopped by a size of 0 is the target itself. */
	if (aws->action == ACTION_STOP && strstr(column.sizes, "desired="))
		return READ_DONE;
	operation->effect.unit = column.unit;
	if (!goes(aws, column.sizes)) {
		operation->effect.known = true;
		return READ_DONE;
	}
	result = size_now(aws, &column, hostset_count(operation->targets), &current,
			  &known);
	if (result == READ_DONE && strncmp(column.sizes, "if=", 3) != 0 &&
	    aws->action == ACTION_SCALE)
		result = new_size(aws, column.sizes, current, &size, &broken);
	if (result != READ_DONE)
		return result;
	operation->effect.known = known && !broken;
	operation->effect.count = known ? current - size : 0;
	return READ_DONE;
}
