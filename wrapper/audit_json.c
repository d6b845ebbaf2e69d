#include "audit_json.h"

#include <inttypes.h>
#include <string.h>

#include "text_json.h"

void audit_json_start(struct audit_json *record, struct arena *arena)
{
	*record = (struct audit_json){.arena = arena, .root = json_object()};
	/* Set when the record gets its place in the log; named here to be the first. */
	audit_json_text(record, record->root, "@timestamp", "");
	audit_json_text(record, audit_json_group(record, NULL, "ecs"), "version",
			"8.11.0");
}

json_t *audit_json_end(struct audit_json *record)
{
	if (!record->failed && record->root)
		return record->root;
	json_decref(record->root);
	record->root = NULL;
	return NULL;
}

static json_t *put(struct audit_json *record, json_t *object, const char *name,
		   json_t *value)
{
	if (!value || json_object_set_new(object, name, value) < 0) {
		record->failed = true;
		return NULL;
	}
	return value;
}

json_t *audit_json_group(struct audit_json *record, json_t *parent, const char *name)
{
	json_t *object = parent ? parent : record->root;
	json_t *group = json_object_get(object, name);

	return group ? group : put(record, object, name, json_object());
}

json_t *audit_json_list(struct audit_json *record, json_t *parent, const char *name)
{
	return put(record, parent, name, json_array());
}

json_t *audit_json_item(struct audit_json *record, json_t *list)
{
	json_t *item = json_object();

	if (!item || json_array_append_new(list, item) < 0) {
		record->failed = true;
		return NULL;
	}
	return item;
}

size_t audit_json_fit(const char *text, size_t length, size_t limit)
{
	if (length <= limit)
		return length;
	while (limit > 0 && ((unsigned char)text[limit] & 0xc0) == 0x80)
		limit--;
	return limit;
}

/* What is cut says so, and how much. */
static json_t *bounded(struct audit_json *record, const char *text)
{
	size_t length = strlen(text), kept = audit_json_fit(text, length, AUDIT_TEXT);
	const char *shown = text;

	if (kept < length) {
		shown = arena_printf(record->arena, "%.*s... (%zu bytes more)", (int)kept,
				     text, length - kept);
		if (!shown)
			return NULL;
		length = strlen(shown);
	}
	return text_json(shown, length);
}

void audit_json_text(struct audit_json *record, json_t *object, const char *name,
		     const char *text)
{
	if (text)
		put(record, object, name, bounded(record, text));
}

void audit_json_word(struct audit_json *record, json_t *list, const char *text)
{
	if (json_array_append_new(list, bounded(record, text)) < 0)
		record->failed = true;
}

void audit_json_number(struct audit_json *record, json_t *object, const char *name,
		       uint64_t number)
{
	/* JSON's readers know 63 bits; more than that is "as many as can be said". */
	put(record, object, name,
	    json_integer(number > INT64_MAX ? INT64_MAX : (json_int_t)number));
}

void audit_json_bool(struct audit_json *record, json_t *object, const char *name,
		     bool value)
{
	put(record, object, name, json_boolean(value));
}
