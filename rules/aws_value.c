#include "aws_value.h"

#include <jansson.h>
#include <string.h>

#include "aws_shorthand.h"

enum { MAX_DEPTH = 64 };

/* ---- JSON ---- */

static struct yaml_value *tree(struct arena *arena, const json_t *json, unsigned depth);

static struct yaml_value *plain(struct arena *arena, const char *text)
{
	struct yaml_value *value = aws_scalar(arena, text, strlen(text));

	if (value)
		value->plain = true;
	return value;
}

static struct yaml_value *container(struct arena *arena, const json_t *json,
				    unsigned depth)
{
	bool object = json_is_object(json);
	struct yaml_value *value =
		aws_container(arena, object ? YAML_MAPPING : YAML_SEQUENCE);
	const char *key, *copy;
	json_t *item;
	size_t index;

	if (!value || depth > MAX_DEPTH)
		return NULL;
	if (object) {
		json_object_foreach((json_t *)(size_t)json, key, item)
		{
			copy = arena_strdup(arena, key);
			if (!copy ||
			    !aws_append(arena, value, copy, tree(arena, item, depth + 1)))
				return NULL;
		}
		return value;
	}
	json_array_foreach(json, index, item)
	{
		if (!aws_append(arena, value, NULL, tree(arena, item, depth + 1)))
			return NULL;
	}
	return value;
}

static struct yaml_value *tree(struct arena *arena, const json_t *json, unsigned depth)
{
	char number[64];

	switch (json_typeof(json)) {
	case JSON_OBJECT:
	case JSON_ARRAY:
		return container(arena, json, depth);
	case JSON_STRING:
		return aws_scalar(arena, json_string_value(json),
				  json_string_length(json));
	case JSON_INTEGER:
		snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT,
			 json_integer_value(json));
		return plain(arena, number);
	case JSON_REAL:
		snprintf(number, sizeof(number), "%.17g", json_real_value(json));
		return plain(arena, number);
	case JSON_TRUE:
		return plain(arena, "true");
	case JSON_FALSE:
		return plain(arena, "false");
	case JSON_NULL:
		break;
	}
	return plain(arena, "null");
}

struct yaml_value *aws_json(struct arena *arena, const char *text, const char **why)
{
	json_error_t error;
	json_t *json = json_loads(text, JSON_DECODE_ANY, &error);
	struct yaml_value *value;

	if (!json) {
		*why = arena_printf(arena, "no JSON: %s", error.text);
		return NULL;
	}
	value = tree(arena, json, 0);
	json_decref(json);
	if (!value)
		*why = "the JSON is nested too deep or too large";
	return value;
}

/* ---- file://, fileb://, http:// ---- */

/* `~` and $HOME in front are expanded; any other variable cannot be here. */
static const char *expand_path(struct aws *aws, const char *path, const char **why)
{
	struct arena *arena = aws->reader->arena;
	const char *home = command_env(aws->reader->command, "HOME"), *rest = NULL;

	if (path[0] == '~' && (path[1] == '/' || path[1] == '\0'))
		rest = path + 1;
	else if (strncmp(path, "$HOME/", 6) == 0)
		rest = path + 5;
	else if (strncmp(path, "${HOME}/", 8) == 0)
		rest = path + 7;
	if (rest && home)
		path = arena_printf(arena, "%s%s", home, rest);
	if (!path || path[0] == '~' || strchr(path, '$')) {
		*why = "the name of a file:// holds a variable";
		return NULL;
	}
	return path;
}

/* The text behind file:// in `word`, the word itself when it has no such prefix. */
static int load_text(struct aws *aws, const char *word, const char **text,
		     const char **why)
{
	const struct fact *fact;
	const char *path = NULL;

	*text = word;
	if (strncmp(word, "file://", 7) == 0)
		path = word + 7;
	else if (strncmp(word, "fileb://", 8) == 0)
		path = word + 8;
	if (!path)
		return READ_DONE;
	*text = NULL;
	path = expand_path(aws, path, why);
	if (!path)
		return READ_DONE;
	fact = facts_file(aws->reader->facts, path);
	if (!fact)
		return READ_MISSING;
	if (fact->state != FACT_OK)
		*why = arena_printf(aws->reader->arena, "%s: %s", path,
				    fact->error ? fact->error : "cannot be read");
	else if (strlen(fact->data) != fact->length)
		*why = arena_printf(aws->reader->arena, "%s is no text", path);
	else
		*text = fact->data;
	return READ_DONE;
}

/* ---- from words to a value ---- */

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, " \t\n\r\v\f");
}

/* One structure: JSON or shorthand; a bare word where old lists allow it. */
static struct yaml_value *structure(struct arena *arena, const char *text, char kind,
				    const char **why)
{
	struct fault fault = {0};
	struct yaml_value *value;
	const char *start = skip_blanks(text);

	if (*start == '{' || *start == '[')
		return aws_json(arena, text, why);
	if (kind == ']')
		return aws_scalar(arena, text, strlen(text));
	value = aws_shorthand(arena, text, &fault);
	if (!value)
		*why = arena_strdup(arena, fault.text[0] ? fault.text : "out of memory");
	return value;
}

/*
 * The characters of a text, one name each: what the client makes of a file:// that holds
 * no JSON where it wants a list.
 */
static struct yaml_value *letters(struct arena *arena, const char *text)
{
	struct yaml_value *list = aws_container(arena, YAML_SEQUENCE);

	while (list && *text) {
		size_t length = 1;

		while (((unsigned char)text[length] & 0xC0) == 0x80)
			length++;
		if (!aws_append(arena, list, NULL, aws_scalar(arena, text, length)))
			return NULL;
		text += length;
	}
	return list;
}

static int list_value(struct aws *aws, const struct aws_given *given,
		      struct yaml_value **value, const char **why)
{
	struct arena *arena = aws->reader->arena;
	char kind = given->option->kind;
	const char *text = NULL;
	bool loaded = false;

	if (given->count == 1) {
		int result = load_text(aws, given->values[0], &text, why);

		if (result != READ_DONE || !text)
			return result;
		loaded = text != given->values[0];
		if (!loaded && (strncmp(text, "http://", 7) == 0 ||
				strncmp(text, "https://", 8) == 0)) {
			*why = "aws-cli 1 takes the list from that address";
			return READ_DONE;
		}
		if (*skip_blanks(text) == '[') {
			*value = aws_json(arena, text, why);
			return READ_DONE;
		}
	}
	if (loaded) {
		/* One text where a list of words should be. */
		*value = kind == '[' ? structure(arena, text, kind, why)
				     : letters(arena, text);
		return READ_DONE;
	}
	*value = aws_container(arena, YAML_SEQUENCE);
	for (size_t i = 0; *value && i < given->count; i++) {
		const char *word = given->values[i];
		struct yaml_value *item = kind == '*'
						  ? aws_scalar(arena, word, strlen(word))
						  : structure(arena, word, kind, why);

		if (!aws_append(arena, *value, NULL, item))
			*value = NULL;
	}
	return READ_DONE;
}

static int given_value(struct aws *aws, const struct aws_given *given,
		       struct yaml_value **value, const char **why)
{
	struct arena *arena = aws->reader->arena;
	char kind = given->option->kind;
	const char *text;
	int result;

	if (strchr("!?", kind) || (kind == '%' && given->count == 0)) {
		*value = plain(arena, given->off ? "false" : "true");
		return READ_DONE;
	}
	if (strchr("*[]", kind))
		return list_value(aws, given, value, why);
	if (given->count == 0)
		return READ_DONE;
	result = load_text(aws, given->values[0], &text, why);
	if (result != READ_DONE || !text)
		return result;
	*value = kind == '{' ? structure(arena, text, kind, why)
			     : aws_scalar(arena, text, strlen(text));
	return READ_DONE;
}

static bool is_null(const struct yaml_value *value)
{
	return value->kind == YAML_SCALAR && value->plain &&
	       (strcmp(value->text, "null") == 0 || strcmp(value->text, "~") == 0 ||
		value->text[0] == '\0');
}

static const struct yaml_value *input_value(const struct aws *aws, const char *name,
					    size_t length)
{
	const struct aws_operation *operation = &aws->operation;

	for (size_t i = 0; aws->input && i < operation->count; i++) {
		const struct aws_option *option = &operation->options[i];

		if (strlen(option->name) != length ||
		    memcmp(option->name, name, length) != 0)
			continue;
		for (size_t k = 0; k < aws->input->count; k++)
			if (aws_option_is_key(option, aws->input->keys[k]) &&
			    !is_null(aws->input->items[k]))
				return aws->input->items[k];
	}
	return NULL;
}

int aws_value(struct aws *aws, const char *name, size_t length,
	      const struct yaml_value **value, const char **why)
{
	const struct aws_given *given = aws_options_find(&aws->options, name, length);
	struct yaml_value *made = NULL;
	int result;

	*value = NULL;
	*why = NULL;
	if (!given) {
		*value = input_value(aws, name, length);
		return READ_DONE;
	}
	result = given_value(aws, given, &made, why);
	if (result == READ_DONE && !made && !*why)
		*why = arena_printf(aws->reader->arena,
				    "--%.*s has no value that can "
				    "be read",
				    (int)length, name);
	*value = *why ? NULL : made;
	return result;
}

int aws_value_input(struct aws *aws, const char **why)
{
	const char *word = aws->options.json ? aws->options.json : aws->options.yaml;
	struct arena *arena = aws->reader->arena;
	const char *text;
	int result;

	*why = NULL;
	if (!word)
		return READ_DONE;
	result = load_text(aws, word, &text, why);
	if (result != READ_DONE || !text)
		return result;
	if (aws->options.json) {
		aws->input = aws_json(arena, text, why);
	} else {
		struct yaml_documents documents = {0};
		struct fault fault = {0};

		if (yaml_tree_parse(arena, text, strlen(text), &documents, &fault) < 0)
			*why = arena_strdup(arena, fault.text);
		else if (documents.count == 1)
			aws->input = documents.items[0];
	}
	if (!*why && (!aws->input || aws->input->kind != YAML_MAPPING))
		*why = "the input of --cli-input is no mapping";
	if (*why)
		aws->input = NULL;
	return READ_DONE;
}

bool aws_is_on(const struct aws *aws, const char *name)
{
	const struct aws_given *given =
		aws_options_find(&aws->options, name, strlen(name));
	const struct yaml_value *value;

	if (given)
		return !given->off;
	value = input_value(aws, name, strlen(name));
	return value && value->kind == YAML_SCALAR && value->plain && yaml_is_true(value);
}
