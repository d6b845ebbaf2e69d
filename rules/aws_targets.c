#include "aws_targets.h"

#include <string.h>

#include "aws_value.h"

bool aws_names_add(struct aws_names *names, const char *name)
{
	const char **items = arena_grow(names->arena, names->items, names->count,
					&names->capacity, sizeof(*items));

	if (!items)
		return false;
	names->items = items;
	items[names->count++] = *name ? name : "\"\"";
	return true;
}

/* The text of the first member of "a/b" that is there, or of "a+b" all, with / between. */
static const char *leaf(struct arena *arena, const struct yaml_value *mapping,
			const char *path, const char **why)
{
	const char *joined = NULL;

	for (const char *p = path; *p;) {
		size_t length = strcspn(p, "/+");
		char *key = arena_strndup(arena, p, length);
		const char *text = key ? yaml_text(mapping, key) : NULL;

		if (!key)
			return NULL;
		if (text && p[length] != '+' && !joined)
			return text;
		if (text)
			joined = joined ? arena_printf(arena, "%s/%s", joined, text)
					: text;
		p += length;
		p += *p != '\0';
	}
	if (!joined)
		*why = arena_printf(arena, "a target has no %s", path);
	return joined;
}

bool aws_names_collect(struct aws_names *names, const struct yaml_value *value,
		       const char *path, const char **why)
{
	size_t length = strcspn(path, ".");
	const char *name;

	if (value->kind == YAML_SEQUENCE) {
		for (size_t i = 0; i < value->count; i++)
			if (!aws_names_collect(names, value->items[i], path, why))
				return false;
		return true;
	}
	if (value->kind == YAML_SCALAR) {
		/* Bare words stand for structures with one member. */
		return aws_names_add(names, value->text);
	}
	if (path[length] == '.') {
		char *key = arena_strndup(names->arena, path, length);
		const struct yaml_value *inner = key ? yaml_get(value, key) : NULL;

		if (key && !inner)
			*why = arena_printf(names->arena, "there is no %s", key);
		return inner && aws_names_collect(names, inner, path + length + 1, why);
	}
	if (!*path) {
		*why = "a target is no text";
		return false;
	}
	if (yaml_get(value, path))
		return aws_names_collect(names, yaml_get(value, path), "", why);
	name = leaf(names->arena, value, path, why);
	return name && aws_names_add(names, name);
}

/* "/clusters/{cluster-name}/node-groups/{nodegroup-name}" */
static int request_path(struct aws *aws, const char *target, struct aws_names *names,
			const char **why)
{
	struct arena *arena = aws->reader->arena;
	const char *path = arena_strdup(arena, "");

	while (path && *target) {
		size_t length = strcspn(target, "{");
		const struct yaml_value *value;
		int result;

		path = arena_printf(arena, "%s%.*s", path, (int)length, target);
		target += length;
		if (*target == '\0' || !path)
			break;
		length = strcspn(++target, "}");
		result = aws_value(aws, target, length, &value, why);
		if (result != READ_DONE || *why)
			return result;
		if (!value || value->kind != YAML_SCALAR) {
			*why = arena_printf(arena, "--%.*s is not given", (int)length,
					    target);
			return READ_DONE;
		}
		path = arena_printf(arena, "%s%s", path, value->text);
		target += length;
		target += *target == '}';
	}
	return path && aws_names_add(names, path) ? READ_DONE : READ_FAULT;
}

int aws_targets(struct aws *aws, const char *target, struct aws_names *names,
		const char **why)
{
	struct arena *arena = aws->reader->arena;
	const char *all = target;

	*why = NULL;
	if (target[0] == '-' || target[0] == '?') {
		*why = arena_printf(arena,
				    "the line of aws %s %s does not name its targets",
				    aws->service, aws->operation.name);
		return READ_DONE;
	}
	if (target[0] == '\'')
		return aws_names_add(names, target + 1) ? READ_DONE : READ_FAULT;
	if (target[0] == '/')
		return request_path(aws, target, names, why);
	while (*target) {
		size_t length = strcspn(target, "|"), name = strcspn(target, ":|");
		const char *path = "";
		const struct yaml_value *value;
		int result = aws_value(aws, target, name, &value, why);

		if (result != READ_DONE || *why)
			return result;
		if (name < length)
			path = arena_strndup(arena, target + name + 1, length - name - 1);
		if (!path)
			return READ_FAULT;
		if (value) {
			if (!aws_names_collect(names, value, path, why))
				return *why ? READ_DONE : READ_FAULT;
			if (names->count == 0)
				*why = "the list of targets is empty";
			return READ_DONE;
		}
		target += length;
		target += *target == '|';
	}
	*why = arena_printf(arena, "no target is given (--%s)", all);
	return READ_DONE;
}

int aws_targets_operation(struct aws *aws, const struct aws_names *names,
			  struct operation **operation)
{
	const struct hostset *set =
		hostset_names(aws->reader->arena, names->items, names->count);

	*operation =
		set ? reader_operation(aws->reader, aws->action, aws->operation.unit, set)
		    : NULL;
	return *operation ? READ_DONE : READ_FAULT;
}
