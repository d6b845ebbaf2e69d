/*
 * Which pod `kubectl exec deploy/web` means: one, chosen by the client. Sources: k8s.io/
 * kubectl/pkg/polymorphichelpers (attachablepodforobject.go, logsforobject.go, helpers.go:
 * GetFirstPod) and pkg/util/podutils (ActivePods, ByLogging).
 */
#include "kubectl.h"

#include <stdlib.h>
#include <string.h>

static const char pod_columns[] =
	"IN:.metadata.namespace,NAME:.metadata.name,NODE:.spec.nodeName,"
	"PHASE:.status.phase,"
	"READY:.status.conditions[?(@.type==\"Ready\")].status,"
	"SINCE:.status.conditions[?(@.type==\"Ready\")].lastTransitionTime,"
	"CREATED:.metadata.creationTimestamp,"
	"RESTARTS:.status.containerStatuses[*].restartCount";

enum { COLUMNS = 8, STABLE = 12 };

struct candidate {
	const char *space, *name, *node, *phase, *ready, *since, *created;
	long restarts;
};

static int phase_rank(const char *phase)
{
	if (strcmp(phase, "Running") == 0)
		return 2;
	return strcmp(phase, "Unknown") == 0;
}

static int none_last(const char *a, const char *b)
{
	bool no_a = strcmp(a, "<none>") == 0, no_b = strcmp(b, "<none>") == 0;

	return no_a || no_b ? no_a - no_b : strcmp(a, b);
}

/* Negative when `a` is the better one. Times are RFC 3339 in UTC: they sort as text. */
static int compare(const struct candidate *a, const struct candidate *b, bool logs)
{
	bool ready_a = strcmp(a->ready, "True") == 0,
	     ready_b = strcmp(b->ready, "True") == 0;
	int order = (strcmp(a->node, "<none>") == 0) - (strcmp(b->node, "<none>") == 0);

	if (!order)
		order = phase_rank(b->phase) - phase_rank(a->phase);
	if (!order)
		order = ready_b - ready_a;
	if (!order && ready_a)
		order = none_last(a->since, b->since);
	/* The log of a pod that restarts is the one worth looking at. */
	if (!order && logs)
		order = (a->restarts < b->restarts) - (a->restarts > b->restarts);
	else if (!order)
		order = (a->restarts > b->restarts) - (a->restarts < b->restarts);
	return order ? order : none_last(a->created, b->created);
}

static long most_restarts(const char *text)
{
	long most = 0;

	while (text && *text) {
		char *end;
		long restarts = strtol(text, &end, 10);

		if (restarts > most)
			most = restarts;
		text = end + strcspn(end, ",");
		text += *text == ',';
	}
	return most;
}

static int parse(struct arena *arena, const char *data, struct candidate **list,
		 size_t *count)
{
	char *text = arena_strdup(arena, data), *row;
	size_t capacity = 0;

	if (!text)
		return READ_FAULT;
	while ((row = strsep(&text, "\n")) != NULL) {
		const char *columns[COLUMNS] = {NULL};
		struct candidate *items;
		size_t n = 0;
		char *word;

		while (n < COLUMNS && (word = strsep(&row, " \r")) != NULL)
			if (*word)
				columns[n++] = word;
		if (n < COLUMNS)
			continue;
		items = arena_grow(arena, *list, *count, &capacity, sizeof(*items));
		if (!items)
			return READ_FAULT;
		*list = items;
		items[(*count)++] = (struct candidate){
			columns[0], columns[1], columns[2], columns[3],
			columns[4], columns[5], columns[6], most_restarts(columns[7])};
	}
	return READ_DONE;
}

/*
 * Go's sort keeps the order of equals only in short lists: of longer ones any of the best
 * may be taken.
 */
static int choose(struct kube_line *line, enum action action,
		  const struct candidate *list, size_t count, bool logs)
{
	struct arena *arena = line->reader->arena;
	const char **names = arena_array(arena, count + 1, sizeof(*names));
	const struct candidate *best = list;
	const struct hostset *targets;
	struct operation *operation;
	size_t used = 0;

	if (!names)
		return READ_FAULT;
	for (size_t i = 1; i < count; i++)
		if (compare(&list[i], best, logs) < 0)
			best = &list[i];
	for (size_t i = 0; i < count; i++) {
		if (count <= STABLE ? &list[i] != best
				    : compare(&list[i], best, logs) != 0)
			continue;
		names[used] =
			arena_printf(arena, "%s/pods/%s", list[i].space, list[i].name);
		if (!names[used++])
			return READ_FAULT;
	}
	targets = hostset_names(arena, names, used);
	operation =
		targets ? reader_operation(line->reader, action, "pod", targets) : NULL;
	if (!operation)
		return READ_FAULT;
	operation->picks = used > 1 ? 1 : 0;
	return READ_DONE;
}

/* {"app":"web"} of matchLabels, or of a service -> "app=web". NULL: memory. */
static const char *add_requirements(struct arena *arena, const char *text,
				    const char *separator)
{
	char *copy = arena_strdup(arena, text), *word, *joined;
	size_t used = 0;

	joined = arena_alloc(arena, strlen(text) + 2);
	if (!copy || !joined)
		return NULL;
	while ((word = strsep(&copy, separator)) != NULL) {
		size_t length = strlen(word);

		if (!length)
			continue;
		if (used)
			joined[used++] = ',';
		memcpy(joined + used, word, length);
		used += length;
	}
	return joined;
}

/* The labels that the pods of TYPE/NAME have. */
static int find_selector(struct kube_line *line, const char *text, const char **space,
			 const char **selector)
{
	static const char *const verbs[] = {"get", NULL};
	/*
	 * One line for the namespace, then one label a line: of a workload, or of a service,
	 * whose selector has no matchLabels. Expressions are rare: they make it unknown.
	 */
	static const char template[] =
		"{{.metadata.namespace}}{{\"\\n\"}}{{with .spec}}{{with .selector}}"
		"{{if .matchExpressions}}?{{\"\\n\"}}{{else if .matchLabels}}"
		"{{range $k, $v := .matchLabels}}{{$k}}={{$v}}{{\"\\n\"}}{{end}}"
		"{{else}}{{range $k, $v := .}}{{$k}}={{$v}}{{\"\\n\"}}{{end}}"
		"{{end}}{{end}}{{end}}";
	struct arena *arena = line->reader->arena;
	struct kube_probe probe;
	const char *data;
	size_t length;
	int result;

	*selector = NULL;
	kube_probe_begin(line->reader, &probe, verbs);
	kube_probe_add_namespace(line->reader, &probe);
	if (line->form == KUBE_FILES)
		kube_probe_add_files(line->reader, &probe);
	kube_probe_add_text(&probe, "--output=go-template=%s", template);
	if (line->form != KUBE_FILES) {
		kube_probe_add(&probe, "--");
		kube_probe_add(&probe, text);
	}
	result = kube_probe_run(line, &probe, &data);
	if (result != READ_DONE || line->problem)
		return result;
	length = strcspn(data, "\n");
	*space = arena_strndup(arena, data, length);
	*selector = add_requirements(arena, data + length, "\n");
	if (!*space || !*selector)
		return READ_FAULT;
	if (!**selector || strchr(*selector, '?') || strstr(*selector, "<no value>"))
		return kube_problem(line, false, "which pods %s has is not known", text);
	return READ_DONE;
}

static int choose_of(struct kube_line *line, enum action action, const char *text,
		     bool logs)
{
	static const char *const verbs[] = {"get", "--ignore-not-found", "--no-headers",
					    NULL};
	const char *space = NULL, *selector = NULL, *data;
	struct candidate *list = NULL;
	struct kube_probe probe;
	size_t count = 0;
	int result = find_selector(line, text, &space, &selector);

	if (result != READ_DONE || line->problem)
		return result;
	kube_probe_begin(line->reader, &probe, verbs);
	kube_probe_add_text(&probe, "--namespace=%s", space);
	kube_probe_add_text(&probe, "--selector=%s", selector);
	kube_probe_add_text(&probe, "--output=custom-columns=%s", pod_columns);
	kube_probe_add(&probe, "--");
	kube_probe_add(&probe, "pods");
	result = kube_probe_run(line, &probe, &data);
	if (result != READ_DONE || line->problem)
		return result;
	result = parse(line->reader->arena, data, &list, &count);
	if (result != READ_DONE)
		return result;
	if (!count)
		return kube_problem(line, true, "%s has no pods", text);
	return choose(line, action, list, count, logs);
}

/* The name of POD and pod/POD; NULL for other TYPE/NAMEs. */
static const char *pod_name(const char *text)
{
	static const char *const types[] = {"po/", "pod/", "pods/", NULL};

	if (!strchr(text, '/'))
		return text;
	for (const char *const *type = types; *type; type++)
		if (strncmp(text, *type, strlen(*type)) == 0)
			return text + strlen(*type);
	return NULL;
}

int kube_pod(struct kube_line *line, enum action action, const char *text, bool logs)
{
	struct reader *reader = line->reader;
	const char *pod = text ? pod_name(text) : NULL;
	struct kube_context context;
	const struct hostset *targets;
	const char *name;
	int result;

	if (!pod)
		return choose_of(line, action, text ? text : "what the file names", logs);
	result = kube_context(reader, &context);
	if (result != READ_DONE)
		return result;
	if (!context.space)
		return kube_problem(line, false,
				    "the namespace is not known: the "
				    "kubeconfig cannot be read");
	name = arena_printf(reader->arena, "%s/pods/%s", context.space, pod);
	targets = name ? hostset_name(reader->arena, name, strlen(name)) : NULL;
	return targets && reader_operation(reader, action, "pod", targets) ? READ_DONE
									   : READ_FAULT;
}
