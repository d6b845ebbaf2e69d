/*
 * --raw of delete, create and replace: one request to an address of the API server. A DELETE
 * of a collection takes all that is in it, a POST may be an eviction.
 * Source: Kubernetes API concepts, "Resource URIs".
 */
#include "kubectl.h"

#include <ctype.h>
#include <string.h>

struct address {
	struct kube_object object; /* name NULL: the whole collection */
	const char *part;	   /* "eviction", "scale" ...: of the object; or NULL */
	bool dry;
};

/* Cuts the next piece of a path; NULL at its end. */
static char *piece(char **path)
{
	char *word;

	while ((word = strsep(path, "/")) != NULL)
		if (*word)
			return word;
	return NULL;
}

/*
 * /api/VERSION/... or /apis/GROUP/VERSION/..., then [namespaces/NS/]RESOURCE[/NAME[/PART]].
 * False when it is of no object.
 */
static bool split_path(struct arena *arena, char *path, struct address *address)
{
	struct kube_object *object = &address->object;
	const char *group = "", *resource, *name;
	char *word = piece(&path);

	if (!word)
		return false;
	if (strcmp(word, "apis") == 0)
		group = piece(&path);
	else if (strcmp(word, "api") != 0)
		return false;
	if (!group || !piece(&path))
		return false;
	resource = piece(&path);
	name = piece(&path);
	word = piece(&path);
	if (!resource)
		return false;
	/* A namespace has parts of its own, all other words are resources in it. */
	if (strcmp(resource, "namespaces") == 0 && word &&
	    strcmp(word, "finalize") != 0 && strcmp(word, "status") != 0) {
		object->space = name;
		resource = word;
		name = piece(&path);
		word = piece(&path);
	}
	object->group = group;
	object->name = name;
	address->part = word;
	object->resource =
		*group ? arena_printf(arena, "%s.%s", resource, group) : resource;
	return object->resource != NULL;
}

static int digit(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	return isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10 : -1;
}

/* %3D is =, + is a blank; in place. */
static void decode(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (*text == '%' && digit(text[1]) >= 0 && digit(text[2]) >= 0) {
			*to++ = (char)(digit(text[1]) * 16 + digit(text[2]));
			text += 2;
		} else {
			*to++ = *text == '+' ? ' ' : *text;
		}
	}
	*to = '\0';
}

/* What chooses objects narrows the line; what is not known makes it unknown. */
static int read_query(struct kube_line *line, char *query, struct address *address)
{
	static const char *const harmless[] = {"gracePeriodSeconds",
					       "propagationPolicy",
					       "orphanDependents",
					       "timeout",
					       "pretty",
					       "fieldManager",
					       "fieldValidation",
					       NULL};
	char *word;

	while ((word = strsep(&query, "&")) != NULL) {
		char *value = strchr(word, '=');
		const char *const *name = harmless;

		if (!*word)
			continue;
		if (value)
			*value++ = '\0';
		else
			value = word + strlen(word);
		decode(value);
		while (*name && strcmp(*name, word) != 0)
			name++;
		if (*name)
			continue;
		if (strcmp(word, "labelSelector") == 0)
			line->selector = *value ? value : NULL;
		else if (strcmp(word, "fieldSelector") == 0)
			line->fields = *value ? value : NULL;
		else if (strcmp(word, "dryRun") == 0 && strcmp(value, "All") == 0)
			address->dry = true;
		else
			return kube_problem(line, false,
					    "what %s in the address means "
					    "is not known",
					    word);
	}
	return READ_DONE;
}

static int split_uri(struct kube_line *line, const char *uri, struct address *address)
{
	char *path = arena_strndup(line->reader->arena, uri, strcspn(uri, "#")), *query;

	if (!path)
		return READ_FAULT;
	query = strchr(path, '?');
	if (query)
		*query++ = '\0';
	if (!split_path(line->reader->arena, path, address))
		return kube_problem(line, false, "%s is no address of an object", uri);
	return query ? read_query(line, query, address) : READ_DONE;
}

/* What is at the address is asked by names: --raw itself prints no columns. */
static int get(struct kube_line *line, const struct kube_object *object,
	       struct kube_objects *objects)
{
	static const char *const verbs[] = {"get", "--ignore-not-found", "--no-headers",
					    NULL};
	struct kube_probe probe;
	const char *data;
	int result;

	line->form = object->name ? KUBE_NAMES : KUBE_TYPES;
	kube_probe_begin(line->reader, &probe, verbs);
	if (object->space)
		kube_probe_add_text(&probe, "--namespace=%s", object->space);
	else if (!object->name)
		kube_probe_add(&probe, "--all-namespaces");
	/* One object is taken whatever the query chooses. */
	if (line->selector && !object->name)
		kube_probe_add_text(&probe, "--selector=%s", line->selector);
	if (line->fields && !object->name)
		kube_probe_add_text(&probe, "--field-selector=%s", line->fields);
	kube_probe_add_text(&probe, "--output=custom-columns=%s", kube_columns);
	kube_probe_add(&probe, "--");
	kube_probe_add(&probe, object->resource);
	if (object->name)
		kube_probe_add(&probe, object->name);
	result = kube_probe_run(line, &probe, &data);
	if (result != READ_DONE || line->problem)
		return result;
	return kube_objects_parse(line, data, objects);
}

/* A body that is not read may set any number of pods. */
static int emit_replaced(struct kube_line *line, struct kube_objects *objects)
{
	bool sized = false;

	for (size_t i = 0; i < objects->count; i++) {
		objects->items[i].planned = -1;
		sized = sized || kube_pods(&objects->items[i]) > 0 ||
			objects->items[i].wanted >= 0;
	}
	return sized ? kube_emit_scale(line, objects)
		     : kube_emit(line, ACTION_CONFIG, objects, NULL);
}

int kube_read_raw(struct kube_line *line, const char *uri)
{
	const char *verb = line->reader->verb_path;
	bool delete = strcmp(verb, "delete") == 0, put = strcmp(verb, "replace") == 0;
	enum action action = put ? ACTION_SCALE : ACTION_REMOVE;
	struct kube_objects objects = {0};
	struct address address = {0};
	int result = READ_DONE;

	if (delete &&line->form != KUBE_NOTHING)
		result = kube_problem(line, true, "resources are named beside --raw");
	if (result == READ_DONE && !line->problem)
		result = split_uri(line, uri, &address);
	if (result == READ_DONE && !line->problem && address.dry)
		return reader_nothing(line->reader, line->unit);
	if (!delete &&!put) {
		bool evicts = address.part && strcmp(address.part, "eviction") == 0;

		action = evicts || address.part ? ACTION_REMOVE : ACTION_CONFIG;
		if (!evicts && result == READ_DONE)
			result = kube_problem(line, false,
					      "what is sent to %s is not read", uri);
	}
	if (result == READ_DONE && !line->problem)
		result = get(line, &address.object, &objects);
	if (result != READ_DONE)
		return result;
	if (line->problem)
		return kube_give_up(line, action);
	line->everything = !address.object.name && !line->selector && !line->fields;
	return put ? emit_replaced(line, &objects)
		   : kube_emit(line, ACTION_REMOVE, &objects, kube_weigh_deletion);
}
