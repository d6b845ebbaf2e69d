/* Objects as probes print them, their names, and the operations they come to. */
#include "kubectl.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * Everything but the last column is free of blanks; a column that does not apply shows
 * <none>. Custom columns are read-only, of every kubectl, and the same for all kinds.
 */
const char kube_columns[] =
	"API:.apiVersion,KIND:.kind,IN:.metadata.namespace,NAME:.metadata.name,"
	"WANTED:.spec.replicas,PODS:.status.replicas,"
	"PLANNED:.status.desiredNumberScheduled,CORDONED:.spec.unschedulable,"
	"OWNER-KIND:.metadata.ownerReferences[0].kind,"
	"OWNER:.metadata.ownerReferences[0].name,ACTIVE:.status.active";

const char kube_described[] = "{.apiVersion}{\"\\t\"}{.kind}{\"\\t\"}{.metadata."
			      "namespace}{\"\\t\"}{.metadata."
			      "name}{\"\\t\"}{.spec.replicas}{\"\\n\"}";

enum { COLUMNS = 11, MOST_OBJECTS = 4 << 20 };

struct kube_object *kube_objects_add(struct arena *arena, struct kube_objects *objects)
{
	struct kube_object *items = arena_grow(arena, objects->items, objects->count,
					       &objects->capacity, sizeof(*items));

	if (!items)
		return NULL;
	objects->items = items;
	return &items[objects->count++];
}

/* A number of pods; -1 for anything else. */
static int64_t number(const char *text)
{
	char *end;
	long long value;

	if (!text || !isdigit((unsigned char)*text))
		return -1;
	errno = 0;
	value = strtoll(text, &end, 10);
	return errno || *end || value > INT32_MAX ? -1 : value;
}

static const char *value(const char *text)
{
	return text && *text && strcmp(text, "<none>") != 0 ? text : NULL;
}

/* ---- kind -> resource ---- */

static bool built_in(const char *group)
{
	static const char *const groups[] = {
		"",	  "apps",	"batch",	 "autoscaling",
		"policy", "extensions", "events.k8s.io", NULL};
	size_t length = strlen(group);

	for (const char *const *name = groups; *name; name++)
		if (strcmp(*name, group) == 0)
			return true;
	return length > 7 && strcmp(group + length - 7, ".k8s.io") == 0;
}

/* The plural as all of Kubernetes' own kinds have it. */
static const char *plural(struct arena *arena, const char *kind)
{
	char *text = arena_alloc(arena, strlen(kind) + 3);
	size_t length = strlen(kind);

	if (!text)
		return NULL;
	for (size_t i = 0; i < length; i++)
		text[i] = (char)tolower((unsigned char)kind[i]);
	if (strcmp(text, "endpoints") == 0 || !length)
		return text;
	if (text[length - 1] == 's' || text[length - 1] == 'x') {
		memcpy(text + length, "es", 3);
	} else if (text[length - 1] == 'y' && length > 1 &&
		   !strchr("aeiou", text[length - 2])) {
		memcpy(text + length - 1, "ies", 4);
	} else {
		memcpy(text + length, "s", 2);
	}
	return text;
}

/*
 * The plural of a custom kind stands in its definition: a line of api-resources is
 * NAME [SHORT] GROUP/VERSION NAMESPACED KIND.
 */
static int find_plural(struct kube_line *line, struct kube_object *object,
		       const char **name)
{
	static const char *const verbs[] = {"api-resources", "--cached", "--no-headers",
					    NULL};
	struct arena *arena = line->reader->arena;
	struct need need = {.kind = FACT_PROBE};
	struct kube_probe probe;
	const struct fact *fact;
	char *text, *row;

	kube_probe_begin(line->reader, &probe, verbs);
	if (probe.failed)
		return READ_FAULT;
	need.argv = probe.items;
	fact = facts_get(line->reader->facts, &need);
	if (!fact)
		return READ_MISSING;
	if (fact->state != FACT_OK || fact->status != 0)
		return READ_DONE;
	text = arena_strdup(arena, fact->data);
	if (!text)
		return READ_FAULT;
	while ((row = strsep(&text, "\n")) != NULL) {
		char *words[5], *word;
		size_t count = 0, length;

		while (count < 5 && (word = strsep(&row, " \t")) != NULL)
			if (*word)
				words[count++] = word;
		if (count < 4 || strcmp(words[count - 1], object->kind) != 0)
			continue;
		length = strlen(object->group);
		if (strncmp(words[count - 3], object->group, length) != 0 ||
		    words[count - 3][length] != '/')
			continue;
		*name = words[0];
		break;
	}
	return READ_DONE;
}

/* Objects of one kind mostly stand together: the one before is looked at first. */
static int set_resource(struct kube_line *line, const struct kube_objects *objects,
			struct kube_object *object)
{
	struct arena *arena = line->reader->arena;
	const char *name = NULL;
	int result;

	if (objects->count > 1) {
		const struct kube_object *before = object - 1;

		if (strcmp(before->kind, object->kind) == 0 &&
		    strcmp(before->group, object->group) == 0) {
			object->resource = before->resource;
			return READ_DONE;
		}
	}
	if (!built_in(object->group)) {
		result = find_plural(line, object, &name);
		if (result != READ_DONE)
			return result;
	}
	if (!name)
		name = plural(arena, object->kind);
	if (!name)
		return READ_FAULT;
	object->resource =
		*object->group ? arena_printf(arena, "%s.%s", name, object->group) : name;
	return object->resource ? READ_DONE : READ_FAULT;
}

/* ---- reading ---- */

static int add_object(struct kube_line *line, const char *const *columns,
		      struct kube_objects *objects)
{
	struct arena *arena = line->reader->arena;
	const char *version = columns[0], *slash = strchr(version, '/');
	struct kube_object *object;

	if (objects->count >= MOST_OBJECTS)
		return kube_problem(line, false, "there are too many objects to count");
	object = kube_objects_add(arena, objects);
	if (!object)
		return READ_FAULT;
	*object = (struct kube_object){.kind = columns[1],
				       .space = value(columns[2]),
				       .name = value(columns[3]),
				       .wanted = number(columns[4]),
				       .present = number(columns[5]),
				       .planned = number(columns[6]),
				       .cordoned = columns[7] &&
						   strcmp(columns[7], "true") == 0,
				       .owner_kind = value(columns[8]),
				       .owner = value(columns[9]),
				       .active = number(columns[10])};
	object->group =
		slash ? arena_strndup(arena, version, (size_t)(slash - version)) : "";
	if (!object->group)
		return READ_FAULT;
	return set_resource(line, objects, object);
}

static int parse(struct kube_line *line, const char *data, const char *separators,
		 struct kube_objects *objects)
{
	char *text = arena_strdup(line->reader->arena, data), *row;
	bool tabs = strcmp(separators, "\t") == 0;
	int result = READ_DONE;

	if (!text)
		return READ_FAULT;
	while (result == READ_DONE && !line->problem &&
	       (row = strsep(&text, "\n")) != NULL) {
		const char *columns[COLUMNS] = {NULL};
		size_t count = 0;
		char *word;

		if (!row[strspn(row, " \t\r")])
			continue;
		while (count < COLUMNS && (word = strsep(&row, separators)) != NULL)
			if (tabs || *word)
				columns[count++] = word;
		if (count < 4 || !value(columns[0]) || !value(columns[1]))
			return kube_problem(
				line, false,
				"kubectl printed something else than objects");
		result = add_object(line, columns, objects);
	}
	return result;
}

int kube_objects_parse(struct kube_line *line, const char *text,
		       struct kube_objects *objects)
{
	int result = parse(line, text, " \r", objects);

	for (size_t i = 0; result == READ_DONE && i < objects->count; i++)
		if (!objects->items[i].name)
			return kube_problem(line, false,
					    "an object without a name is among them");
	return result;
}

int kube_described_parse(struct kube_line *line, const char *text,
			 struct kube_objects *objects)
{
	return parse(line, text, "\t", objects);
}

/* ---- names and operations ---- */

const char *kube_object_name(struct arena *arena, const struct kube_object *object)
{
	const char *name = object->name ? object->name : "*";

	if (object->space)
		return arena_printf(arena, "%s/%s/%s", object->space, object->resource,
				    name);
	return arena_printf(arena, "%s/%s", object->resource, name);
}

bool kube_same_object(const struct kube_object *a, const struct kube_object *b)
{
	if (!a->name || !b->name || !a->space != !b->space)
		return false;
	return strcmp(a->name, b->name) == 0 && strcmp(a->resource, b->resource) == 0 &&
	       (!a->space || strcmp(a->space, b->space) == 0);
}

static const char *unit_of(struct arena *arena, const struct kube_object *object)
{
	char *unit = arena_strdup(arena, object->kind);

	for (char *c = unit; c && *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return unit;
}

static int emit_kind(struct kube_line *line, enum action action,
		     const struct kube_objects *all, const struct kube_objects *kind,
		     kube_weigh *weigh)
{
	struct arena *arena = line->reader->arena;
	const char **names = arena_array(arena, kind->count + 1, sizeof(*names));
	const char *unit = unit_of(arena, &kind->items[0]);
	struct operation *operation;
	const struct hostset *targets;
	struct effect effect = {0};
	uint64_t nameless = 0;
	int result = weigh ? weigh(line, all, kind, &effect) : READ_DONE;

	if (result != READ_DONE)
		return result;
	if (!names || !unit)
		return READ_FAULT;
	for (size_t i = 0; i < kind->count; i++) {
		names[i] = kube_object_name(arena, &kind->items[i]);
		nameless += !kind->items[i].name;
		if (!names[i])
			return READ_FAULT;
	}
	targets = hostset_names(arena, names, kind->count);
	operation =
		targets ? reader_operation(line->reader, action, unit, targets) : NULL;
	if (!operation)
		return READ_FAULT;
	operation->effect = effect;
	operation->unnamed = nameless > 1 ? nameless - 1 : 0;
	operation->everything = line->everything;
	operation->irreversible = line->irreversible;
	return READ_DONE;
}

static int by_name(const void *a, const void *b)
{
	const struct kube_object *x = a, *y = b;
	int order = strcmp(x->resource, y->resource);

	if (!order)
		order = strcmp(x->space ? x->space : "", y->space ? y->space : "");
	return order ? order : strcmp(x->name ? x->name : "", y->name ? y->name : "");
}

/* Sorted by kind, and each object once, however often a file or the line names it. */
static int sort(struct arena *arena, const struct kube_objects *objects,
		struct kube_objects *sorted)
{
	struct kube_object *items =
		arena_array(arena, objects->count + 1, sizeof(*items));
	size_t kept = 0;

	if (!items)
		return READ_FAULT;
	if (objects->count) {
		memcpy(items, objects->items, objects->count * sizeof(*items));
		qsort(items, objects->count, sizeof(*items), by_name);
	}
	for (size_t i = 0; i < objects->count; i++)
		if (!kept || !kube_same_object(&items[kept - 1], &items[i]))
			items[kept++] = items[i];
	*sorted = (struct kube_objects){items, kept, kept};
	return READ_DONE;
}

static int emit_nothing(struct kube_line *line, enum action action)
{
	const struct hostset *none = hostset_empty(line->reader->arena);

	return none && reader_operation(line->reader, action, kube_unit(line), none)
		       ? READ_DONE
		       : READ_FAULT;
}

int kube_emit(struct kube_line *line, enum action action,
	      const struct kube_objects *objects, kube_weigh *weigh)
{
	struct kube_objects all;
	int result = sort(line->reader->arena, objects, &all);
	size_t start = 0;

	if (result == READ_DONE && !all.count)
		return emit_nothing(line, action);
	for (size_t i = 1; result == READ_DONE && i <= all.count; i++) {
		struct kube_objects kind = {all.items + start, i - start, i - start};

		if (i < all.count &&
		    strcmp(all.items[i].resource, all.items[start].resource) == 0)
			continue;
		result = emit_kind(line, action, &all, &kind, weigh);
		start = i;
	}
	return result;
}
