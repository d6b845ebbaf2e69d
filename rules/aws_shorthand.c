#include "aws_shorthand.h"

#include <string.h>

enum { MAX_DEPTH = 64 };

struct scan {
	struct arena *arena;
	const char *text;
	size_t at;
	struct fault *fault;
};

struct yaml_value *aws_scalar(struct arena *arena, const char *text, size_t length)
{
	struct yaml_value *value = arena_alloc(arena, sizeof(*value));

	if (!value)
		return NULL;
	value->kind = YAML_SCALAR;
	value->text = arena_strndup(arena, text, length);
	return value->text ? value : NULL;
}

struct yaml_value *aws_container(struct arena *arena, enum yaml_kind kind)
{
	struct yaml_value *value = arena_alloc(arena, sizeof(*value));

	if (value)
		value->kind = kind;
	return value;
}

/* Room doubles at powers of two, so that the count alone says what there is. */
static void *widen(struct arena *arena, const void *old, size_t count)
{
	size_t capacity = count < 4 ? 4 : count * 2;
	void **items;

	if (count && (count < 4 || (count & (count - 1)) != 0))
		return (void *)(size_t)old;
	items = arena_array(arena, capacity, sizeof(*items));
	if (items && count)
		memcpy(items, old, count * sizeof(*items));
	return items;
}

bool aws_append(struct arena *arena, struct yaml_value *container, const char *key,
		struct yaml_value *item)
{
	if (!item)
		return false;
	container->items = widen(arena, container->items, container->count);
	if (!container->items)
		return false;
	if (container->kind == YAML_MAPPING) {
		container->keys = widen(arena, container->keys, container->count);
		if (!container->keys)
			return false;
		container->keys[container->count] = key;
	}
	container->items[container->count++] = item;
	return true;
}

static char now(const struct scan *scan)
{
	return scan->text[scan->at];
}

static void skip_blanks(struct scan *scan)
{
	scan->at += strspn(scan->text + scan->at, " \t\n\r\v\f");
}

static bool expect(struct scan *scan, char wanted)
{
	skip_blanks(scan);
	if (now(scan) != wanted) {
		fault_set(scan->fault, "no shorthand: expected %c at \"%.20s\"", wanted,
			  scan->text + scan->at);
		return false;
	}
	scan->at++;
	skip_blanks(scan);
	return true;
}

static const char *read_key(struct scan *scan)
{
	size_t length = strspn(scan->text + scan->at,
			       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "0123456789-_.#/:");
	const char *key = arena_strndup(scan->arena, scan->text + scan->at, length);

	scan->at += length;
	return key;
}

/* The three sets of characters that shorthand.py spells as ranges. */
static bool starts_word(unsigned char c)
{
	return c > ' ' && !strchr("\"',=[{", c);
}

static bool follows_first(unsigned char c)
{
	return c && (strchr(" \t\n\r\v\f", c) || (c > ' ' && !strchr("\"',]}", c)));
}

static bool follows_second(unsigned char c)
{
	return c && (strchr(" \t\n\r\v\f", c) || (c > ' ' && !strchr("\"',=", c)));
}

/* A word without quotes: `\,` is a comma, blanks at its end are dropped. */
static struct yaml_value *read_bare(struct scan *scan, bool (*follows)(unsigned char),
				    bool needed)
{
	const char *start = scan->text + scan->at;
	size_t length = 0, out = 0;
	char *copy;

	while (start[length]) {
		if (start[length] == '\\' && start[length + 1] == ',') {
			length += 2;
			continue;
		}
		if (!(length ? follows : starts_word)((unsigned char)start[length]))
			break;
		length++;
	}
	if (needed && length == 0)
		return NULL;
	scan->at += length;
	copy = arena_strndup(scan->arena, start, length);
	if (!copy)
		return NULL;
	for (size_t i = 0; i < length; i++) {
		if (copy[i] == '\\' && copy[i + 1] == ',')
			continue;
		copy[out++] = copy[i];
	}
	while (out && strchr(" \t\n\r\v\f", copy[out - 1]))
		out--;
	return aws_scalar(scan->arena, copy, out);
}

static struct yaml_value *read_quoted(struct scan *scan)
{
	char quote = now(scan);
	size_t end = scan->at + 1, out = 0;
	char *copy;

	while (scan->text[end] && scan->text[end] != quote) {
		if (scan->text[end] == '\\' &&
		    (scan->text[end + 1] == quote || scan->text[end + 1] == '\\'))
			end++;
		end++;
	}
	if (scan->text[end] != quote) {
		fault_set(scan->fault, "no shorthand: a quote is not closed");
		return NULL;
	}
	copy = arena_strndup(scan->arena, scan->text + scan->at + 1, end - scan->at - 1);
	if (!copy)
		return NULL;
	for (size_t i = 0; copy[i]; i++) {
		if (copy[i] == '\\' && (copy[i + 1] == quote || copy[i + 1] == '\\'))
			i++;
		copy[out++] = copy[i];
	}
	scan->at = end + 1;
	return aws_scalar(scan->arena, copy, out);
}

static bool is_quote(char c)
{
	return c == '\'' || c == '"';
}

static struct yaml_value *read_explicit(struct scan *scan, unsigned depth);

static struct yaml_value *read_list(struct scan *scan, unsigned depth)
{
	struct yaml_value *list = aws_container(scan->arena, YAML_SEQUENCE);

	if (!list || !expect(scan, '['))
		return NULL;
	while (now(scan) != ']') {
		if (!now(scan)) {
			fault_set(scan->fault, "no shorthand: [ is not closed");
			return NULL;
		}
		if (!aws_append(scan->arena, list, NULL, read_explicit(scan, depth)))
			return NULL;
		skip_blanks(scan);
		if (now(scan) != ']' && !expect(scan, ','))
			return NULL;
	}
	scan->at++;
	skip_blanks(scan);
	return list;
}

static struct yaml_value *read_hash(struct scan *scan, unsigned depth)
{
	struct yaml_value *hash = aws_container(scan->arena, YAML_MAPPING);

	if (!hash || !expect(scan, '{'))
		return NULL;
	while (now(scan) != '}') {
		const char *key = read_key(scan);

		if (!key || !expect(scan, '=') ||
		    !aws_append(scan->arena, hash, key, read_explicit(scan, depth)))
			return NULL;
		skip_blanks(scan);
		if (now(scan) != '}' && !expect(scan, ','))
			return NULL;
	}
	scan->at++;
	skip_blanks(scan);
	return hash;
}

static struct yaml_value *read_explicit(struct scan *scan, unsigned depth)
{
	if (depth > MAX_DEPTH) {
		fault_set(scan->fault, "no shorthand: nested too deep");
		return NULL;
	}
	if (now(scan) == '[')
		return read_list(scan, depth + 1);
	if (now(scan) == '{')
		return read_hash(scan, depth + 1);
	if (is_quote(now(scan)))
		return read_quoted(scan);
	return read_bare(scan, follows_first, false);
}

/* a  or  a,b,c  up to a comma behind which a new key begins. */
static struct yaml_value *read_values(struct scan *scan)
{
	struct yaml_value *first = read_explicit(scan, 0), *list;

	if (!first || first->kind != YAML_SCALAR)
		return first;
	skip_blanks(scan);
	if (now(scan) != ',')
		return first;
	list = aws_container(scan->arena, YAML_SEQUENCE);
	if (!list || !aws_append(scan->arena, list, NULL, first))
		return NULL;
	while (now(scan) == ',') {
		size_t comma = scan->at++;
		struct yaml_value *next;

		skip_blanks(scan);
		next = is_quote(now(scan)) ? read_quoted(scan)
					   : read_bare(scan, follows_second, true);
		skip_blanks(scan);
		if (!next || (now(scan) != ',' && now(scan) != '\0')) {
			scan->at = comma;
			break;
		}
		if (!aws_append(scan->arena, list, NULL, next))
			return NULL;
	}
	return list->count == 1 ? first : list;
}

struct yaml_value *aws_shorthand(struct arena *arena, const char *text,
				 struct fault *fault)
{
	struct scan scan = {arena, text, 0, fault};
	struct yaml_value *mapping = aws_container(arena, YAML_MAPPING);

	while (mapping) {
		const char *key = read_key(&scan);

		if (!key || !expect(&scan, '='))
			return NULL;
		if (yaml_get(mapping, key)) {
			fault_set(fault, "no shorthand: %s is given twice", key);
			return NULL;
		}
		if (!aws_append(arena, mapping, key, read_values(&scan)))
			return NULL;
		skip_blanks(&scan);
		if (!now(&scan))
			return mapping;
		if (!expect(&scan, ','))
			return NULL;
	}
	return NULL;
}
