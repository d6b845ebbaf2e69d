/* kubectl delete, also by --raw; replace --force, which deletes and creates again. */
#include "kubectl.h"

#include <string.h>

/* --force, --now, --grace-period=0: nothing gets the time to end well. */
static bool hurried(const struct reader *reader)
{
	int64_t grace;

	return arguments_has(reader->arguments, "--force") ||
	       arguments_has(reader->arguments, "--now") ||
	       (kube_number(reader, "--grace-period", &grace) && grace >= 0 &&
		grace <= 1);
}

/* ---- --raw ---- */

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
 * /api/VERSION/... or /apis/GROUP/VERSION/..., then [namespaces/NS/]RESOURCE[/NAME[/...]].
 * Fills in what the path says; false when it is of no object.
 */
static bool split_uri(struct arena *arena, const char *uri, struct kube_object *object)
{
	char *path = arena_strndup(arena, uri, strcspn(uri, "?#")), *word, *next;
	const char *group = "";

	word = piece(&path);
	if (!word)
		return false;
	if (strcmp(word, "apis") == 0)
		group = piece(&path);
	else if (strcmp(word, "api") != 0)
		return false;
	if (!group || !piece(&path))
		return false;
	word = piece(&path);
	next = piece(&path);
	if (!word)
		return false;
	*object = (struct kube_object){.group = group, .kind = word, .wanted = -1};
	object->present = object->planned = object->active = -1;
	if (strcmp(word, "namespaces") == 0 && next && *group == '\0') {
		word = piece(&path);
		if (word && strcmp(word, "finalize") != 0 &&
		    strcmp(word, "status") != 0) {
			object->space = next;
			object->kind = word;
			next = piece(&path);
		}
	} else if (strcmp(word, "namespaces") == 0 && next) {
		object->space = next;
		object->kind = piece(&path);
		next = piece(&path);
	}
	object->name = next;
	if (!object->kind)
		return false;
	object->resource =
		*group ? arena_printf(arena, "%s.%s", object->kind, group) : object->kind;
	return object->resource != NULL;
}

/* "namespaces" of a path is a Namespace when it goes; others keep the path's word. */
static const char *kind_of(struct arena *arena, const char *resource)
{
	static const char *const kinds[][2] = {
		{"namespaces", "Namespace"},
		{"pods", "Pod"},
		{"nodes", "Node"},
		{"deployments", "Deployment"},
		{"statefulsets", "StatefulSet"},
		{"replicasets", "ReplicaSet"},
		{"daemonsets", "DaemonSet"},
		{"customresourcedefinitions", "CustomResourceDefinition"}};
	size_t length = strlen(resource);

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i][0], resource) == 0)
			return kinds[i][1];
	return length && resource[length - 1] == 's'
		       ? arena_strndup(arena, resource, length - 1)
		       : resource;
}

/*
 * A GET of the same address names what a DELETE of it takes. What stands in it is found by
 * get, by the names: the address has no columns.
 */
static int get_raw(struct kube_line *line, const struct kube_object *object,
		   const char *uri, struct kube_objects *objects)
{
	static const char *const verbs[] = {"get", "--ignore-not-found", "--no-headers",
					    NULL};
	struct kube_probe probe;
	const char *data, *query = strchr(uri, '?');
	int result;

	if (query && query[1])
		return kube_problem(line, false,
				    "what the query of %s chooses is not known", uri);
	line->form = object->name ? KUBE_NAMES : KUBE_TYPES;
	line->everything = !object->name;
	kube_probe_begin(line->reader, &probe, verbs);
	if (object->space)
		kube_probe_add_text(&probe, "--namespace=%s", object->space);
	else if (!object->name)
		kube_probe_add(&probe, "--all-namespaces");
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

static int read_raw(struct kube_line *line, const char *uri)
{
	struct arena *arena = line->reader->arena;
	struct kube_objects objects = {0};
	struct kube_object object = {0};
	int result;

	if (line->form != KUBE_NOTHING) {
		result = kube_problem(line, true, "resources are named beside --raw");
	} else if (!split_uri(arena, uri, &object)) {
		result = kube_problem(line, false, "%s is no address of an object", uri);
	} else {
		object.kind = kind_of(arena, object.kind);
		if (!object.kind)
			return READ_FAULT;
		result = get_raw(line, &object, uri, &objects);
	}
	if (result != READ_DONE)
		return result;
	if (line->problem)
		return kube_give_up(line, ACTION_REMOVE);
	return kube_emit(line, ACTION_REMOVE, &objects, kube_weigh_deletion);
}

/* ---- delete ---- */

int kube_read_delete(struct kube_line *line)
{
	const char *raw = arguments_value(line->reader->arguments, "--raw");
	struct kube_objects objects = {0};
	int result;

	line->irreversible = hurried(line->reader);
	if (raw && *raw)
		return read_raw(line, raw);
	result = kube_check_selection(line, false);
	if (result == READ_DONE && !line->problem)
		result = kube_get(line, &objects);
	if (result != READ_DONE)
		return result;
	if (line->problem)
		return kube_give_up(line, ACTION_REMOVE);
	return kube_emit(line, ACTION_REMOVE, &objects, kube_weigh_deletion);
}

/* ---- replace --force ---- */

int kube_read_replace(struct kube_line *line)
{
	const struct arguments *arguments = line->reader->arguments;
	const char *raw = arguments_value(arguments, "--raw");
	struct kube_objects objects = {0};
	int result = READ_DONE;

	if (raw && *raw)
		result = kube_problem(line, false, "what is written to %s is not read",
				      raw);
	else if (!arguments_has(arguments, "--force"))
		return kube_read_apply(line);
	line->irreversible = hurried(line->reader);
	if (result == READ_DONE && !line->problem && line->form != KUBE_FILES)
		result = kube_problem(line, true, "no file is named");
	if (result == READ_DONE && !line->problem)
		result = kube_get(line, &objects);
	if (result != READ_DONE)
		return result;
	if (line->problem)
		return kube_give_up(line, raw && *raw ? ACTION_SCALE : ACTION_REMOVE);
	return kube_emit(line, ACTION_REMOVE, &objects, kube_weigh_deletion);
}
