/*
 * kubectl: which verb does what. The grammar of the line stands in rules/tools/kubectl.cfg;
 * what only the cluster knows is asked with `kubectl get`, never with the verb itself.
 * Sources: kubectl 1.32 (k8s.io/kubectl/pkg/cmd), tried against the real client.
 */
#include "kubectl.h"

#include <string.h>

#include "readers.h"

struct kube_verb {
	const char *path; /* names of the description, joined */
	enum action action;
	const char *unit; /* when nothing better is known */
	enum kube_words words;
	bool alone; /* a type alone means all of them: rollout restart deploy */
	int (*read)(struct kube_line *line); /* NULL: see read_objects() */
	kube_weigh *weigh;
};

/* What --local and --list of set, label, annotate do is to print. */
static bool only_prints(const struct reader *reader)
{
	return arguments_has(reader->arguments, "--local") ||
	       arguments_has(reader->arguments, "--list");
}

int kube_check_selection(struct kube_line *line, bool alone)
{
	bool narrowed = line->selector || line->fields || line->all;

	if (line->form == KUBE_NOTHING)
		return kube_problem(line, true, "no resource is named");
	if (line->form == KUBE_TYPES && !narrowed && !alone)
		return kube_problem(line, true,
				    "a type is named, but no object, no selector and no "
				    "--all");
	if (line->form == KUBE_NAMES && (line->selector || line->fields))
		return kube_problem(line, true, "objects are named beside a selector");
	if (line->form == KUBE_NAMES && line->everywhere)
		return kube_problem(line, true,
				    "objects are named, which is not possible with "
				    "--all-namespaces");
	if (line->form == KUBE_NAMES && line->all)
		return kube_problem(line, true, "objects are named beside --all");
	if (line->all && line->form != KUBE_FILES && (line->selector || line->fields))
		return kube_problem(line, true, "--all stands beside a selector");
	if (alone && line->form == KUBE_TYPES && !narrowed)
		line->everything = true;
	return READ_DONE;
}

/* Verbs that do the same to every object that the line names. */
static int read_objects(struct kube_line *line, const struct kube_verb *verb)
{
	struct kube_objects objects = {0};
	int result = kube_check_selection(line, verb->alone);

	if (result == READ_DONE && !line->problem)
		result = kube_get(line, &objects);
	if (result != READ_DONE)
		return result;
	if (line->problem)
		return kube_give_up(line, verb->action);
	return kube_emit(line, verb->action, &objects, verb->weigh);
}

/* ---- reads ---- */

/* The names as the tool prints them, one a line. */
static int emit_lines(struct kube_line *line, const char *data)
{
	struct arena *arena = line->reader->arena;
	char *text = arena_strdup(arena, data), *row;
	size_t count = 0, capacity = 0;
	const char **names = NULL;
	struct operation *operation;
	const struct hostset *targets;

	if (!text)
		return READ_FAULT;
	while ((row = strsep(&text, "\r\n")) != NULL) {
		if (!*row)
			continue;
		names = arena_grow(arena, names, count, &capacity, sizeof(*names));
		if (!names)
			return READ_FAULT;
		names[count++] = row;
	}
	targets = hostset_names(arena, names, count);
	operation = targets ? reader_operation(line->reader, ACTION_READ, kube_unit(line),
					       targets)
			    : NULL;
	if (!operation)
		return READ_FAULT;
	operation->unnamed = count - hostset_count(targets);
	return READ_DONE;
}

static int read_names(struct kube_line *line)
{
	static const char *const verbs[] = {"get", "--output=name", NULL};
	struct reader *reader = line->reader;
	struct kube_probe probe;
	const char *data;
	int result;

	kube_probe_begin(reader, &probe, verbs);
	kube_probe_add_namespace(reader, &probe);
	kube_probe_add_files(reader, &probe);
	if (line->everywhere)
		kube_probe_add(&probe, "--all-namespaces");
	if (line->selector)
		kube_probe_add_text(&probe, "--selector=%s", line->selector);
	if (line->fields)
		kube_probe_add_text(&probe, "--field-selector=%s", line->fields);
	kube_probe_add(&probe, "--");
	for (size_t i = 0; i < line->word_count; i++)
		kube_probe_add(&probe, line->words[i]);
	result = kube_probe_run(line, &probe, &data);
	if (result != READ_DONE)
		return result;
	return line->problem ? kube_give_up(line, ACTION_READ) : emit_lines(line, data);
}

static int read_uncounted(struct kube_line *line)
{
	return reader_unknown(line->reader, ACTION_READ, "object",
			      "what is only read is not counted");
}

static int read_get(struct kube_line *line)
{
	const struct arguments *arguments = line->reader->arguments;
	const char *output = arguments_value(arguments, "--output");
	struct kube_objects objects = {0};
	int result;

	if (line->reader->facts->reads_uncounted || arguments_value(arguments, "--raw"))
		return read_uncounted(line);
	if (output && strcmp(output, "name") == 0 && line->form != KUBE_NOTHING)
		return read_names(line);
	result = kube_get(line, &objects);
	if (result != READ_DONE)
		return result;
	if (line->problem)
		return kube_give_up(line, ACTION_READ);
	return kube_emit(line, ACTION_READ, &objects, NULL);
}

/* logs -f is --follow; a word of it is a pod. */
static int read_logs(struct kube_line *line)
{
	static const char pods[] = "pods";
	struct kube_objects objects = {0};
	int result;

	if (line->reader->facts->reads_uncounted)
		return read_uncounted(line);
	line->form = KUBE_TYPES;
	if (line->selector && !line->word_count) {
		line->words[line->word_count++] = pods;
		result = kube_get(line, &objects);
		if (result == READ_DONE && !line->problem)
			return kube_emit(line, ACTION_READ, &objects, NULL);
	} else if (line->word_count &&
		   !arguments_has(line->reader->arguments, "--all-pods")) {
		result = kube_pod(line, ACTION_READ, line->words[0], true);
	} else {
		result = kube_problem(line, false, "which pods it reads is not counted");
	}
	if (result != READ_DONE)
		return result;
	return line->problem ? kube_give_up(line, ACTION_READ) : READ_DONE;
}

/* ---- into pods ---- */

/* The words behind -- are the pod's. */
static const char *first_word(const struct reader *reader)
{
	for (size_t i = 0; i < reader->arguments->count; i++) {
		const struct argument *item = &reader->arguments->items[i];

		if (!item->option && !item->unknown && !item->behind_dashes)
			return item->value;
	}
	return NULL;
}

static int read_pod(struct kube_line *line)
{
	const char *word = first_word(line->reader);
	int result = READ_DONE;

	if (line->form != KUBE_FILES)
		line->form = KUBE_TYPES;
	if (word && line->form == KUBE_FILES) /* the words are the command */
		word = NULL;
	if (!word && line->form != KUBE_FILES)
		result = kube_problem(line, true, "no pod is named");
	if (result == READ_DONE && !line->problem)
		result = kube_pod(line, ACTION_RUN, word, false);
	if (result != READ_DONE)
		return result;
	return line->problem ? kube_give_up(line, ACTION_RUN) : READ_DONE;
}

/* The pod of NAMESPACE/POD:PATH and POD:PATH; NULL: a local file. */
static const char *remote_pod(const char *text)
{
	const char *colon = text ? strchr(text, ':') : NULL;

	return colon && colon > text && *text != '.' && *text != '/' ? colon : NULL;
}

static int read_copy(struct kube_line *line)
{
	struct reader *reader = line->reader;
	const char *from = arguments_operand(reader->arguments, 0);
	const char *to = arguments_operand(reader->arguments, 1);
	enum action action = remote_pod(to) ? ACTION_CONFIG : ACTION_READ;
	const char *pod = remote_pod(to) ? to : from, *end = remote_pod(pod), *slash;
	struct kube_context context;
	const struct hostset *targets;
	char *name;
	int result;

	if (!end || !to) {
		result = kube_problem(line, true, "no file of a pod is named");
		return result == READ_DONE ? kube_give_up(line, ACTION_CONFIG) : result;
	}
	result = kube_context(reader, &context);
	if (result != READ_DONE)
		return result;
	name = arena_strndup(reader->arena, pod, (size_t)(end - pod));
	if (!name)
		return READ_FAULT;
	slash = strchr(name, '/');
	if (!slash && !context.space) {
		result = kube_problem(line, false, "the namespace is not known");
		return result == READ_DONE ? kube_give_up(line, action) : result;
	}
	if (slash)
		name = arena_printf(reader->arena, "%.*s/pods/%s", (int)(slash - name),
				    name, slash + 1);
	else
		name = arena_printf(reader->arena, "%s/pods/%s", context.space, name);
	targets = name ? hostset_name(reader->arena, name, strlen(name)) : NULL;
	return targets && reader_operation(reader, action, "pod", targets) ? READ_DONE
									   : READ_FAULT;
}

/* Whatever asks the proxy, it asks in the name of this user. */
static int read_proxy(struct kube_line *line)
{
	return reader_unknown(line->reader, ACTION_RUN, "object",
			      "what is done through the proxy shows only later");
}

/* ---- the table ---- */

static const struct kube_verb kube_verbs[] = {
	{"delete", ACTION_REMOVE, "object", KUBE_RESOURCES, false, kube_read_delete,
	 NULL},
	{"drain", ACTION_REMOVE, "node", KUBE_NODES, false, kube_read_nodes, NULL},
	{"cordon", ACTION_STOP, "node", KUBE_NODES, false, kube_read_nodes, NULL},
	{"uncordon", ACTION_RESTORE, "node", KUBE_NODES, false, kube_read_nodes, NULL},
	{"taint", ACTION_REMOVE, "node", KUBE_TAINTS, false, kube_read_taint, NULL},
	{"scale", ACTION_SCALE, "object", KUBE_RESOURCES, false, kube_read_scale, NULL},
	{"autoscale", ACTION_SCALE, "horizontalpodautoscaler", KUBE_RESOURCES, false,
	 kube_read_autoscale, NULL},
	{"patch", ACTION_SCALE, "object", KUBE_RESOURCES, false, kube_read_patch, NULL},
	{"apply", ACTION_CONFIG, "object", KUBE_RESOURCES, false, kube_read_apply, NULL},
	{"apply edit-last-applied", ACTION_CONFIG, "object", KUBE_RESOURCES, false, NULL,
	 NULL},
	{"apply set-last-applied", ACTION_CONFIG, "object", KUBE_RESOURCES, false, NULL,
	 NULL},
	{"replace", ACTION_CONFIG, "object", KUBE_RESOURCES, false, kube_read_replace,
	 NULL},
	{"create", ACTION_CONFIG, "object", KUBE_RESOURCES, false, kube_read_create,
	 NULL},
	{"expose", ACTION_CONFIG, "service", KUBE_RESOURCES, false, kube_read_expose,
	 NULL},
	{"run", ACTION_RUN, "pod", KUBE_RESOURCES, false, kube_read_run, NULL},
	{"edit", ACTION_CONFIG, "object", KUBE_RESOURCES, true, NULL, NULL},
	{"label", ACTION_CONFIG, "object", KUBE_PAIRS, false, NULL, NULL},
	{"annotate", ACTION_CONFIG, "object", KUBE_PAIRS, false, NULL, NULL},
	{"rollout restart", ACTION_RESTART, "object", KUBE_RESOURCES, true, NULL,
	 kube_weigh_pods},
	{"rollout undo", ACTION_RESTART, "object", KUBE_RESOURCES, true, NULL,
	 kube_weigh_pods},
	{"rollout pause", ACTION_CONFIG, "object", KUBE_RESOURCES, true, NULL, NULL},
	{"rollout resume", ACTION_CONFIG, "object", KUBE_RESOURCES, true, NULL, NULL},
	{"set image", ACTION_RESTART, "object", KUBE_PAIRS, false, NULL, kube_weigh_pods},
	{"set env", ACTION_RESTART, "object", KUBE_PAIRS, false, NULL, kube_weigh_pods},
	{"set resources", ACTION_RESTART, "object", KUBE_RESOURCES, false, NULL,
	 kube_weigh_pods},
	{"set serviceaccount", ACTION_RESTART, "object", KUBE_LAST_OTHER, false, NULL,
	 kube_weigh_pods},
	{"set selector", ACTION_CONFIG, "object", KUBE_LAST_OTHER, false, NULL, NULL},
	{"set subject", ACTION_CONFIG, "object", KUBE_RESOURCES, false, NULL, NULL},
	{"certificate approve", ACTION_CONFIG, "certificatesigningrequest", KUBE_CSRS,
	 false, NULL, NULL},
	{"certificate deny", ACTION_CONFIG, "certificatesigningrequest", KUBE_CSRS, false,
	 NULL, NULL},
	{"auth reconcile", ACTION_CONFIG, "object", KUBE_RESOURCES, false,
	 kube_read_apply, NULL},
	{"exec", ACTION_RUN, "pod", KUBE_RESOURCES, false, read_pod, NULL},
	{"attach", ACTION_RUN, "pod", KUBE_RESOURCES, false, read_pod, NULL},
	{"port-forward", ACTION_RUN, "pod", KUBE_RESOURCES, false, read_pod, NULL},
	{"debug", ACTION_RUN, "object", KUBE_RESOURCES, false, kube_read_debug, NULL},
	{"cp", ACTION_CONFIG, "pod", KUBE_RESOURCES, false, read_copy, NULL},
	{"proxy", ACTION_RUN, "object", KUBE_RESOURCES, false, read_proxy, NULL},
	{"get", ACTION_READ, "object", KUBE_RESOURCES, true, read_get, NULL},
	{"describe", ACTION_READ, "object", KUBE_RESOURCES, true, read_get, NULL},
	{"wait", ACTION_READ, "object", KUBE_RESOURCES, true, read_get, NULL},
	{"rollout status", ACTION_READ, "object", KUBE_RESOURCES, true, read_get, NULL},
	{"rollout history", ACTION_READ, "object", KUBE_RESOURCES, true, read_get, NULL},
	{"logs", ACTION_READ, "pod", KUBE_RESOURCES, true, read_logs, NULL},
};

static const struct kube_verb *find_verb(const char *path)
{
	for (size_t i = 0; i < sizeof(kube_verbs) / sizeof(kube_verbs[0]); i++)
		if (strcmp(kube_verbs[i].path, path) == 0)
			return &kube_verbs[i];
	return NULL;
}

/* Only what changes something is judged by its context. */
static int set_environment(struct reader *reader)
{
	struct kube_context context;
	int result = kube_context(reader, &context);

	if (result == READ_DONE)
		reader->reading->environment = context.name;
	return result;
}

int reader_kubectl(struct reader *reader, struct fault *fault)
{
	const struct kube_verb *verb = find_verb(reader->verb_path);
	struct kube_line line;
	bool dry = false;
	int result;

	if (arguments_has(reader->arguments, "--help"))
		return reader_nothing(reader, "object");
	/* Verbs that touch nothing, and those that nobody knows: plugins, aliases. */
	if (!verb)
		return reader_grammar(reader, fault);
	result = kube_line_read(reader, verb->words, &line);
	if (result == READ_DONE)
		result = kube_dry_run(&line, &dry);
	line.unit = verb->unit;
	if (result != READ_DONE)
		return result;
	if (line.problem)
		return kube_give_up(&line, verb->action);
	if (dry || (verb->action != ACTION_READ && only_prints(reader)))
		return reader_nothing(reader, verb->unit);
	if (verb->action != ACTION_READ) {
		result = set_environment(reader);
		if (result != READ_DONE)
			return result;
	}
	return verb->read ? verb->read(&line) : read_objects(&line, verb);
}
