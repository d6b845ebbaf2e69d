/* What goes with an object: the pods of a workload, all that is in a namespace. */
#include "kubectl.h"

#include <string.h>

static bool is(const struct kube_object *object, const char *group, const char *kind)
{
	return strcmp(object->group, group) == 0 && strcmp(object->kind, kind) == 0;
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/*
 * Whatever a status says may lag behind: the larger of what there is and what is wanted.
 * Custom workloads (Rollout, CloneSet ...) say it by the same fields.
 */
int64_t kube_pods(const struct kube_object *object)
{
	int64_t pods = larger(object->wanted, object->present);

	if (is(object, "apps", "DaemonSet"))
		return larger(object->planned, pods);
	if (is(object, "batch", "Job"))
		return larger(object->active, 0);
	if (is(object, "", "Pod"))
		return 0;
	return larger(pods, 0);
}

static const struct kube_object *find_owner(const struct kube_objects *workloads,
					    const struct kube_object *object)
{
	if (!object->owner || !object->owner_kind || !object->space)
		return NULL;
	for (size_t i = 0; i < workloads->count; i++) {
		const struct kube_object *owner = &workloads->items[i];

		if (strcmp(owner->kind, object->owner_kind) == 0 && owner->space &&
		    strcmp(owner->name, object->owner) == 0 &&
		    strcmp(owner->space, object->space) == 0)
			return owner;
	}
	return NULL;
}

/* Nothing is counted twice: a replica set whose deployment is here, a pod whose owner is. */
static int add_pods(struct kube_line *line, const struct kube_objects *all,
		    const struct kube_objects *kind, int64_t *pods)
{
	struct arena *arena = line->reader->arena;
	struct kube_objects workloads = {0};

	for (size_t i = 0; i < all->count; i++) {
		struct kube_object *copy;

		if (!all->items[i].name || kube_pods(&all->items[i]) == 0)
			continue;
		copy = kube_objects_add(arena, &workloads);
		if (!copy)
			return READ_FAULT;
		*copy = all->items[i];
	}
	*pods = 0;
	for (size_t i = 0; i < kind->count; i++) {
		const struct kube_object *object = &kind->items[i];
		int64_t here = kube_pods(object);

		if (here < 0) {
			*pods = -1;
			return READ_DONE;
		}
		if (!find_owner(&workloads, object))
			*pods += here;
	}
	if (workloads.count == 0 || is(&kind->items[0], "", "Pod"))
		return READ_DONE;
	for (size_t i = 0; i<all->count && * pods> 0; i++) {
		const struct kube_object *pod = &all->items[i], *owner;

		if (!is(pod, "", "Pod"))
			continue;
		owner = find_owner(&workloads, pod);
		if (owner && find_owner(&workloads, owner))
			owner = find_owner(&workloads, owner);
		if (owner && strcmp(owner->resource, kind->items[0].resource) == 0)
			(*pods)--;
	}
	return READ_DONE;
}

int kube_weigh_pods(struct kube_line *line, const struct kube_objects *all,
		    const struct kube_objects *kind, struct effect *effect)
{
	int64_t pods;
	int result = add_pods(line, all, kind, &pods);

	if (result == READ_DONE && pods != 0)
		*effect = (struct effect){
			.known = pods > 0, .unit = "pod", .count = pods > 0 ? pods : 0};
	return result;
}

/* ---- namespaces and definitions ---- */

/* A cluster has a hundred kinds, each of which is a request. */
enum { ALL_KINDS_SECONDS = 30 };

static int64_t count_lines(const char *text)
{
	int64_t count = 0;

	while (*text) {
		size_t length = strcspn(text, "\n");

		count += strspn(text, " \t\r") < length;
		text += length;
		text += *text == '\n';
	}
	return count;
}

/* Kinds that come and go by themselves, or only show others. */
static bool counts(const char *resource)
{
	static const char *const shadows[] = {"events",
					      "events.events.k8s.io",
					      "endpoints",
					      "endpointslices.discovery.k8s.io",
					      "pods.metrics.k8s.io",
					      NULL};

	for (const char *const *name = shadows; *name; name++)
		if (strcmp(*name, resource) == 0)
			return false;
	return true;
}

/* All resources that live in namespaces, with commas between them; "" when unknown. */
static int namespaced(struct kube_line *line, const char **list)
{
	static const char *const verbs[] = {"api-resources", "--cached",
					    "--namespaced",  "--verbs=list",
					    "--output=name", NULL};
	struct arena *arena = line->reader->arena;
	struct kube_probe probe;
	const char *data;
	char *text, *word, *joined;
	size_t used = 0;
	int result;

	*list = NULL;
	kube_probe_begin(line->reader, &probe, verbs);
	result = kube_probe_run(line, &probe, &data);
	if (result != READ_DONE || line->problem)
		return result;
	text = arena_strdup(arena, data);
	joined = arena_alloc(arena, strlen(data) + 2);
	if (!text || !joined)
		return READ_FAULT;
	while ((word = strsep(&text, " \t\r\n")) != NULL) {
		size_t length = strlen(word);

		if (!length || !counts(word))
			continue;
		if (used)
			joined[used++] = ',';
		memcpy(joined + used, word, length);
		used += length;
	}
	*list = joined;
	return used ? READ_DONE
		    : kube_problem(line, false, "kubectl named no kinds of objects");
}

/* The names of all objects of `kind`, with commas between them. */
static const char *join_names(struct arena *arena, const struct kube_objects *kind)
{
	size_t length = 1, used = 0;
	char *text;

	for (size_t i = 0; i < kind->count; i++)
		length += strlen(kind->items[i].name) + 1;
	text = arena_alloc(arena, length);
	for (size_t i = 0; text && i < kind->count; i++) {
		size_t size = strlen(kind->items[i].name);

		if (i)
			text[used++] = ',';
		memcpy(text + used, kind->items[i].name, size);
		used += size;
	}
	return text;
}

static bool among(const struct kube_objects *objects, const char *name)
{
	for (size_t i = 0; i < objects->count; i++)
		if (strcmp(objects->items[i].name, name) == 0)
			return true;
	return false;
}

/* Lines of `data` that are the name of one of `spaces`. */
static int count_in(struct arena *arena, const struct kube_objects *spaces,
		    const char *data, int64_t *count)
{
	char *text = arena_strdup(arena, data), *word;

	if (!text)
		return READ_FAULT;
	while ((word = strsep(&text, " \t\r\n")) != NULL)
		*count += *word && among(spaces, word);
	return READ_DONE;
}

/* Objects of the types `list` in `spaces` (NULL: in all). */
static int count_objects(struct kube_line *line, const char *list,
			 const struct kube_objects *spaces, int64_t *count)
{
	static const char *const verbs[] = {"get", "--ignore-not-found", "--no-headers",
					    NULL};
	struct kube_probe probe;
	const char *data;
	int result;

	kube_probe_begin(line->reader, &probe, verbs);
	probe.timeout = ALL_KINDS_SECONDS;
	if (spaces && spaces->count == 1)
		kube_probe_add_text(&probe, "--namespace=%s", spaces->items[0].name);
	else
		kube_probe_add(&probe, "--all-namespaces");
	kube_probe_add(&probe, spaces && spaces->count > 1
				       ? "--output=custom-columns=IN:.metadata.namespace"
				       : "--output=name");
	kube_probe_add(&probe, "--");
	kube_probe_add(&probe, list);
	result = kube_probe_run(line, &probe, &data);
	if (result != READ_DONE || line->problem)
		return result;
	if (spaces && spaces->count > 1)
		return count_in(line->reader->arena, spaces, data, count);
	*count = count_lines(data);
	return READ_DONE;
}

/*
 * A problem on the way only leaves the effect unknown: the targets themselves are known.
 */
static int weigh_contents(struct kube_line *line, const struct kube_objects *kind,
			  bool spaces, struct effect *effect)
{
	struct kube_line inner = *line;
	const char *list = NULL;
	int64_t count = 0;
	int result = READ_DONE;

	inner.form = KUBE_TYPES;
	if (spaces)
		result = namespaced(&inner, &list);
	else if (!(list = join_names(line->reader->arena, kind)))
		result = READ_FAULT;
	if (result == READ_DONE && !inner.problem)
		result = count_objects(&inner, list, spaces ? kind : NULL, &count);
	if (result == READ_DONE)
		*effect = (struct effect){
			.known = !inner.problem, .unit = "object", .count = count};
	return result;
}

int kube_weigh_deletion(struct kube_line *line, const struct kube_objects *all,
			const struct kube_objects *kind, struct effect *effect)
{
	const char *cascade = arguments_value(line->reader->arguments, "--cascade");
	int result;

	if (is(&kind->items[0], "", "Namespace"))
		result = weigh_contents(line, kind, true, effect);
	else if (is(&kind->items[0], "apiextensions.k8s.io", "CustomResourceDefinition"))
		result = weigh_contents(line, kind, false, effect);
	else if (cascade &&
		 (strcmp(cascade, "orphan") == 0 || strcmp(cascade, "false") == 0))
		return READ_DONE; /* the pods stay */
	else
		return kube_weigh_pods(line, all, kind, effect);
	/* An empty one is still one. */
	if (result == READ_DONE && effect->known && effect->count == 0)
		*effect = (struct effect){0};
	return result;
}

/* ---- nodes ---- */

static const char pod_columns[] =
	"NODE:.spec.nodeName,OWNER-KIND:.metadata.ownerReferences[0].kind,"
	"MIRROR:.metadata.annotations.kubernetes\\.io/config\\.mirror";

/* Mirror pods stay; those of daemon sets stay when a node is drained. */
static int64_t count_leaving(struct arena *arena, const struct kube_objects *nodes,
			     const char *data, bool drain)
{
	char *text = arena_strdup(arena, data), *row;
	int64_t count = 0;

	if (!text)
		return -1;
	while ((row = strsep(&text, "\n")) != NULL) {
		const char *columns[3] = {NULL};
		size_t n = 0;
		char *word;

		while (n < 3 && (word = strsep(&row, " \r")) != NULL)
			if (*word)
				columns[n++] = word;
		if (n < 3 || !among(nodes, columns[0]) ||
		    strcmp(columns[2], "<none>") != 0)
			continue;
		if (!drain || strcmp(columns[1], "DaemonSet") != 0)
			count++;
	}
	return count;
}

int kube_weigh_drain(struct kube_line *line, const struct kube_objects *all,
		     const struct kube_objects *kind, struct effect *effect)
{
	static const char *const verbs[] = {"get", "--ignore-not-found", "--no-headers",
					    "--all-namespaces", NULL};
	const char *pods = arguments_value(line->reader->arguments, "--pod-selector");
	bool drain = strcmp(line->reader->verb_path, "drain") == 0;
	struct kube_line inner = *line;
	struct kube_probe probe;
	const char *data;
	int64_t count = 0;
	int result;

	(void)all;
	inner.form = KUBE_TYPES;
	kube_probe_begin(line->reader, &probe, verbs);
	if (pods && *pods)
		kube_probe_add_text(&probe, "--selector=%s", pods);
	if (kind->count == 1)
		kube_probe_add_text(&probe, "--field-selector=spec.nodeName=%s",
				    kind->items[0].name);
	kube_probe_add_text(&probe, "--output=custom-columns=%s", pod_columns);
	kube_probe_add(&probe, "--");
	kube_probe_add(&probe, "pods");
	result = kube_probe_run(&inner, &probe, &data);
	if (result != READ_DONE)
		return result;
	if (data)
		count = count_leaving(line->reader->arena, kind, data, drain);
	if (count < 0)
		return READ_FAULT;
	*effect = (struct effect){.known = data != NULL, .unit = "pod", .count = count};
	return READ_DONE;
}
