#include "yaml_tree.h"

#include <string.h>
#include <strings.h>

#include <yaml.h>

struct anchor {
	struct anchor *next;
	const char *name;
	struct yaml_value *value;
};

struct build {
	struct arena *arena;
	yaml_parser_t parser;
	struct anchor *anchors;
	size_t values;
	struct fault *fault;
};

static struct yaml_value *build_value(struct build *build, yaml_event_t *event,
				      unsigned depth);

static int next_event(struct build *build, yaml_event_t *event)
{
	if (yaml_parser_parse(&build->parser, event))
		return 0;
	return fault_set(build->fault, "line %zu: no YAML: %s",
			 build->parser.problem_mark.line + 1,
			 build->parser.problem ? build->parser.problem : "out of memory");
}

static struct yaml_value *new_value(struct build *build, enum yaml_kind kind,
				    const yaml_event_t *event, const yaml_char_t *anchor,
				    const yaml_char_t *tag)
{
	struct yaml_value *value = arena_alloc(build->arena, sizeof(*value));

	if (!value || ++build->values > YAML_MAX_VALUES) {
		fault_set(build->fault, "line %zu: the YAML holds too much",
			  event->start_mark.line + 1);
		return NULL;
	}
	value->kind = kind;
	value->line = (int)event->start_mark.line + 1;
	if (tag)
		value->tag = arena_strdup(build->arena, (const char *)tag);
	if (anchor) {
		struct anchor *entry = arena_alloc(build->arena, sizeof(*entry));

		if (!entry ||
		    !(entry->name = arena_strdup(build->arena, (const char *)anchor))) {
			fault_set(build->fault, "out of memory");
			return NULL;
		}
		entry->value = value;
		entry->next = build->anchors;
		build->anchors = entry;
	}
	return value;
}

static struct yaml_value *build_alias(struct build *build, const yaml_event_t *event)
{
	const char *name = (const char *)event->data.alias.anchor;

	for (struct anchor *entry = build->anchors; entry; entry = entry->next)
		if (strcmp(entry->name, name) == 0)
			return entry->value;
	fault_set(build->fault, "line %zu: no anchor \"%s\"", event->start_mark.line + 1,
		  name);
	return NULL;
}

static struct yaml_value *build_scalar(struct build *build, const yaml_event_t *event)
{
	struct yaml_value *value =
		new_value(build, YAML_SCALAR, event, event->data.scalar.anchor,
			  event->data.scalar.tag);

	if (!value)
		return NULL;
	value->text = arena_strndup(build->arena, (const char *)event->data.scalar.value,
				    event->data.scalar.length);
	value->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	if (value->text)
		return value;
	fault_set(build->fault, "out of memory");
	return NULL;
}

static int append(struct build *build, struct yaml_value *parent, size_t *capacity,
		  size_t *key_capacity, const char *key, struct yaml_value *item)
{
	struct yaml_value **items = arena_grow(build->arena, parent->items, parent->count,
					       capacity, sizeof(struct yaml_value *));

	if (!items)
		return fault_set(build->fault, "out of memory");
	parent->items = items;
	if (parent->kind == YAML_MAPPING) {
		const char **keys = arena_grow(build->arena, parent->keys, parent->count,
					       key_capacity, sizeof(*keys));

		if (!keys)
			return fault_set(build->fault, "out of memory");
		parent->keys = keys;
		keys[parent->count] = key;
	}
	items[parent->count++] = item;
	return 0;
}

/* Items up to the end of the sequence or mapping that has begun. */
static int build_items(struct build *build, struct yaml_value *parent, unsigned depth)
{
	yaml_event_type_t end = parent->kind == YAML_SEQUENCE ? YAML_SEQUENCE_END_EVENT
							      : YAML_MAPPING_END_EVENT;
	size_t capacity = 0, key_capacity = 0;
	const char *key = NULL;

	for (;;) {
		struct yaml_value *item;
		yaml_event_t event;

		if (next_event(build, &event) < 0)
			return -1;
		if (event.type == end) {
			yaml_event_delete(&event);
			return 0;
		}
		item = build_value(build, &event, depth + 1);
		yaml_event_delete(&event);
		if (!item)
			return -1;
		if (parent->kind == YAML_MAPPING && !key) {
			key = item->kind == YAML_SCALAR ? item->text : "";
			continue;
		}
		if (append(build, parent, &capacity, &key_capacity, key, item) < 0)
			return -1;
		key = NULL;
	}
}

static struct yaml_value *build_value(struct build *build, yaml_event_t *event,
				      unsigned depth)
{
	struct yaml_value *value = NULL;

	if (depth > YAML_MAX_DEPTH) {
		fault_set(build->fault, "line %zu: the YAML nests more than %d deep",
			  event->start_mark.line + 1, YAML_MAX_DEPTH);
		return NULL;
	}
	switch (event->type) {
	case YAML_ALIAS_EVENT:
		return build_alias(build, event);
	case YAML_SCALAR_EVENT:
		return build_scalar(build, event);
	case YAML_SEQUENCE_START_EVENT:
		value = new_value(build, YAML_SEQUENCE, event,
				  event->data.sequence_start.anchor,
				  event->data.sequence_start.tag);
		break;
	case YAML_MAPPING_START_EVENT:
		value = new_value(build, YAML_MAPPING, event,
				  event->data.mapping_start.anchor,
				  event->data.mapping_start.tag);
		break;
	default:
		fault_set(build->fault, "line %zu: no YAML", event->start_mark.line + 1);
		return NULL;
	}
	if (!value || build_items(build, value, depth) < 0)
		return NULL;
	return value;
}

static bool is_empty(const struct yaml_value *value)
{
	return value->kind == YAML_SCALAR && value->plain && value->text[0] == '\0';
}

static int build_documents(struct build *build, struct yaml_documents *documents)
{
	size_t capacity = 0;

	for (;;) {
		struct yaml_value *value, **items;
		yaml_event_type_t type;
		yaml_event_t event;

		if (next_event(build, &event) < 0)
			return -1;
		type = event.type;
		if (type == YAML_STREAM_START_EVENT ||
		    type == YAML_DOCUMENT_START_EVENT ||
		    type == YAML_DOCUMENT_END_EVENT || type == YAML_STREAM_END_EVENT) {
			yaml_event_delete(&event);
			if (type == YAML_STREAM_END_EVENT)
				return 0;
			if (type == YAML_DOCUMENT_START_EVENT)
				build->anchors = NULL;
			continue;
		}
		value = build_value(build, &event, 0);
		yaml_event_delete(&event);
		if (!value)
			return -1;
		if (is_empty(value))
			continue;
		items = arena_grow(build->arena, documents->items, documents->count,
				   &capacity, sizeof(struct yaml_value *));
		if (!items)
			return fault_set(build->fault, "out of memory");
		documents->items = items;
		items[documents->count++] = value;
	}
}

int yaml_tree_parse(struct arena *arena, const char *text, size_t length,
		    struct yaml_documents *documents, struct fault *fault)
{
	struct build build = {.arena = arena, .fault = fault};
	int result;

	memset(documents, 0, sizeof(*documents));
	if (!yaml_parser_initialize(&build.parser))
		return fault_set(fault, "out of memory");
	yaml_parser_set_input_string(&build.parser, (const unsigned char *)text, length);
	result = build_documents(&build, documents);
	yaml_parser_delete(&build.parser);
	return result;
}

const struct yaml_value *yaml_get(const struct yaml_value *mapping, const char *key)
{
	if (!mapping || mapping->kind != YAML_MAPPING)
		return NULL;
	/* Of a key that stands twice the last one holds, as in most readers of YAML. */
	for (size_t i = mapping->count; i-- > 0;)
		if (strcmp(mapping->keys[i], key) == 0)
			return mapping->items[i];
	return NULL;
}

const char *yaml_text(const struct yaml_value *mapping, const char *key)
{
	const struct yaml_value *value = yaml_get(mapping, key);

	return value && value->kind == YAML_SCALAR ? value->text : NULL;
}

bool yaml_is_true(const struct yaml_value *value)
{
	static const char *const words[] = {"true", "yes", "on", "y", "1"};

	if (!value || value->kind != YAML_SCALAR)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(value->text, words[i]) == 0)
			return true;
	return false;
}

bool yaml_is_false(const struct yaml_value *value)
{
	static const char *const words[] = {"false", "no", "off", "n", "0"};

	if (!value || value->kind != YAML_SCALAR)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(value->text, words[i]) == 0)
			return true;
	return false;
}
