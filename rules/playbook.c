#include "playbook.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

int playbook_unknown(struct playbook *playbook, enum action action, const char *format,
		     ...)
{
	va_list args;

	if (action > playbook->unknown_action)
		playbook->unknown_action = action;
	if (playbook->unknown)
		return READ_DONE;
	va_start(args, format);
	playbook->unknown = arena_vprintf(playbook->reader->arena, format, args);
	va_end(args);
	return playbook->unknown ? READ_DONE : READ_FAULT;
}

int playbook_touch(struct playbook *playbook, enum action action,
		   const struct hostset *hosts)
{
	const struct hostset **slot = &playbook->by_action[action];

	*slot = *slot ? hostset_union(playbook->reader->arena, *slot, hosts) : hosts;
	return *slot ? READ_DONE : READ_FAULT;
}

int playbook_file(struct playbook *playbook, const char *path,
		  const struct yaml_value **value, const char **why)
{
	struct reader *reader = playbook->reader;
	const struct fact *fact = facts_file(reader->facts, path);
	struct yaml_documents documents;
	struct fault fault = {0};

	*value = NULL;
	*why = NULL;
	if (!fact)
		return READ_MISSING;
	if (fact->state != FACT_OK) {
		*why = arena_printf(reader->arena, "%s cannot be read", path);
		return *why ? READ_DONE : READ_FAULT;
	}
	if (yaml_tree_parse(reader->arena, fact->data, fact->length, &documents, &fault) <
	    0) {
		*why = arena_printf(reader->arena, "%s, %s", path, fault.text);
		return *why ? READ_DONE : READ_FAULT;
	}
	if (documents.count == 0) {
		*why = arena_printf(reader->arena, "%s is empty", path);
		return *why ? READ_DONE : READ_FAULT;
	}
	*value = documents.items[0];
	return READ_DONE;
}

/* ---- tags ---- */

static int add_tag(struct playbook *playbook, struct tag_list *tags, const char *text,
		   size_t length)
{
	struct arena *arena = playbook->reader->arena;
	const char **items = arena_array(arena, tags->count + 1, sizeof(*items));

	if (!items)
		return READ_FAULT;
	if (tags->count)
		memcpy(items, tags->items, tags->count * sizeof(*items));
	while (length && isspace((unsigned char)*text))
		text++, length--;
	while (length && isspace((unsigned char)text[length - 1]))
		length--;
	items[tags->count] = arena_strndup(arena, text, length);
	tags->items = items;
	return items[tags->count++] ? READ_DONE : READ_FAULT;
}

static int add_tags(struct playbook *playbook, struct tag_list *tags, const char *text)
{
	while (*text) {
		size_t length = strcspn(text, ",");

		if (length && add_tag(playbook, tags, text, length) != READ_DONE)
			return READ_FAULT;
		text += length;
		text += *text == ',';
	}
	return READ_DONE;
}

int playbook_tags(struct playbook *playbook, const struct yaml_value *value,
		  struct tag_list *tags)
{
	if (!value)
		return READ_DONE;
	if (value->kind == YAML_SCALAR)
		return add_tags(playbook, tags, value->text);
	for (size_t i = 0; value->kind == YAML_SEQUENCE && i < value->count; i++)
		if (value->items[i]->kind == YAML_SCALAR &&
		    add_tags(playbook, tags, value->items[i]->text) != READ_DONE)
			return READ_FAULT;
	return READ_DONE;
}

static bool has_tag(const struct tag_list *tags, const char *tag)
{
	for (size_t i = 0; i < tags->count; i++)
		if (strcmp(tags->items[i], tag) == 0)
			return true;
	return false;
}

static bool share_tag(const struct tag_list *a, const struct tag_list *b)
{
	for (size_t i = 0; i < a->count; i++)
		if (has_tag(b, a->items[i]))
			return true;
	return false;
}

/* playbook/taggable.py of ansible-core: evaluate_tags(). */
bool playbook_selected(const struct playbook *playbook, const struct tag_list *tags)
{
	const struct tag_list *only = &playbook->only, *skip = &playbook->skip;
	bool run = true, always = has_tag(tags, "always"), never = has_tag(tags, "never");

	if (only->count) {
		run = false;
		if (always || (has_tag(only, "all") && !never) || share_tag(only, tags) ||
		    (has_tag(only, "tagged") && tags->count && !never) ||
		    (has_tag(only, "untagged") && !tags->count))
			run = true;
	} else if (never) {
		run = false;
	}
	if (run && skip->count) {
		if (has_tag(skip, "all") && (!always || has_tag(skip, "always")))
			run = false;
		else if (share_tag(skip, tags))
			run = false;
		else if (has_tag(skip, "tagged") && tags->count)
			run = false;
		else if (has_tag(skip, "untagged") && !tags->count)
			run = false;
	}
	return run;
}

/* ---- when ---- */

static const char *skip_blanks(const char *text)
{
	while (isspace((unsigned char)*text))
		text++;
	return text;
}

/* groups["x"], groups['x'] or groups.x up to the end of `text`: its name, or NULL. */
static const char *group_name(struct arena *arena, const char *text)
{
	size_t length;

	if (strncmp(text, "groups", 6) != 0)
		return NULL;
	text += 6;
	if (*text == '.') {
		length = strspn(text + 1,
				"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				"0123456789_");
		return text[1 + length] == '\0' && length
			       ? arena_strndup(arena, text + 1, length)
			       : NULL;
	}
	if (text[0] != '[' || (text[1] != '"' && text[1] != '\''))
		return NULL;
	length = strcspn(text + 2, "\"'");
	if (text[2 + length] != text[1] || strcmp(text + 3 + length, "]") != 0)
		return NULL;
	return arena_strndup(arena, text + 2, length);
}

/* The members of an inventory group, or of one that add_host has made. */
static int group_hosts(struct playbook *playbook, const char *name,
		       const struct hostset **hosts)
{
	struct ansible_play play;
	int result;

	*hosts = NULL;
	for (const struct dynamic_group *g = playbook->groups; g; g = g->next)
		if (!g->name || strcmp(g->name, name) == 0)
			return READ_DONE;
	result = ansible_pattern_hosts(playbook->reader, name, false, &play);
	if (result == READ_DONE)
		*hosts = play.hosts;
	return result;
}

/* One comparison that is understood; *result stays `hosts` for any other text. */
static int simple_condition(struct playbook *playbook, const char *text,
			    const struct hostset *hosts, const struct hostset **result)
{
	struct arena *arena = playbook->reader->arena;
	const struct hostset *named = NULL;
	bool negate = false;
	const char *group;
	int status;

	*result = hosts;
	if (strcmp(text, "false") == 0 || strcmp(text, "False") == 0) {
		*result = hostset_empty(arena);
		return *result ? READ_DONE : READ_FAULT;
	}
	if (strncmp(text, "inventory_hostname", 18) != 0)
		return READ_DONE;
	text = skip_blanks(text + 18);
	if (strncmp(text, "not in ", 7) == 0) {
		negate = true;
		text = skip_blanks(text + 7);
	} else if (strncmp(text, "in ", 3) == 0) {
		text = skip_blanks(text + 3);
	} else if (strncmp(text, "==", 2) == 0 || strncmp(text, "!=", 2) == 0) {
		char quote;
		size_t length;

		negate = *text == '!';
		text = skip_blanks(text + 2);
		quote = *text;
		if (quote != '"' && quote != '\'')
			return READ_DONE;
		length = strcspn(text + 1, "\"'");
		if (text[1 + length] != quote || text[2 + length] != '\0')
			return READ_DONE;
		named = hostset_name(arena, text + 1, length);
		if (!named)
			return READ_FAULT;
	} else {
		return READ_DONE;
	}
	if (!named) {
		group = group_name(arena, text);
		if (!group)
			return READ_DONE;
		status = group_hosts(playbook, group, &named);
		if (status != READ_DONE || !named)
			return status;
	}
	*result = negate ? hostset_difference(arena, hosts, named)
			 : hostset_intersection(arena, hosts, named);
	return *result ? READ_DONE : READ_FAULT;
}

int playbook_when(struct playbook *playbook, const struct yaml_value *when,
		  const struct hostset *hosts, const struct hostset **result)
{
	char *text, *part;
	int status = READ_DONE;

	*result = hosts;
	if (!when)
		return READ_DONE;
	if (when->kind == YAML_SEQUENCE) {
		for (size_t i = 0; i < when->count && status == READ_DONE; i++)
			status = playbook_when(playbook, when->items[i], *result, result);
		return status;
	}
	if (when->kind != YAML_SCALAR || strstr(when->text, " or ") ||
	    strpbrk(when->text, "()"))
		return READ_DONE;
	text = arena_strdup(playbook->reader->arena, skip_blanks(when->text));
	while (text && status == READ_DONE) {
		char *and = strstr(text, " and "), *end;

		part = text;
		text = and? and+5 : NULL;
		if (and)
			*and = '\0';
		part += strspn(part, " \t");
		end = part + strlen(part);
		while (end > part && isspace((unsigned char)end[-1]))
			*--end = '\0';
		status = simple_condition(playbook, part, *result, result);
	}
	return status;
}
