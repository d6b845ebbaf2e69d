/*
 * kubectl create, run, expose, debug: new objects, by their names on the line. Nothing is
 * asked for them: the verb would read --from-file=/dev/stdin before the command does.
 */
#include "kubectl.h"

#include <string.h>

struct generator {
	const char *name, *alias; /* of kubectl create */
	const char *group, *kind, *resource;
	bool spaced;
	size_t at; /* the word that is the name */
};

static const struct generator generators[] = {
	{"clusterrole", NULL, "rbac.authorization.k8s.io", "ClusterRole",
	 "clusterroles.rbac.authorization.k8s.io", false, 1},
	{"clusterrolebinding", NULL, "rbac.authorization.k8s.io", "ClusterRoleBinding",
	 "clusterrolebindings.rbac.authorization.k8s.io", false, 1},
	{"configmap", "cm", "", "ConfigMap", "configmaps", true, 1},
	{"cronjob", "cj", "batch", "CronJob", "cronjobs.batch", true, 1},
	{"deployment", "deploy", "apps", "Deployment", "deployments.apps", true, 1},
	{"ingress", "ing", "networking.k8s.io", "Ingress", "ingresses.networking.k8s.io",
	 true, 1},
	{"job", NULL, "batch", "Job", "jobs.batch", true, 1},
	{"namespace", "ns", "", "Namespace", "namespaces", false, 1},
	{"poddisruptionbudget", "pdb", "policy", "PodDisruptionBudget",
	 "poddisruptionbudgets.policy", true, 1},
	{"priorityclass", "pc", "scheduling.k8s.io", "PriorityClass",
	 "priorityclasses.scheduling.k8s.io", false, 1},
	{"quota", "resourcequota", "", "ResourceQuota", "resourcequotas", true, 1},
	{"role", NULL, "rbac.authorization.k8s.io", "Role",
	 "roles.rbac.authorization.k8s.io", true, 1},
	{"rolebinding", NULL, "rbac.authorization.k8s.io", "RoleBinding",
	 "rolebindings.rbac.authorization.k8s.io", true, 1},
	{"secret", NULL, "", "Secret", "secrets", true, 2},
	{"service", "svc", "", "Service", "services", true, 2},
	{"serviceaccount", "sa", "", "ServiceAccount", "serviceaccounts", true, 1},
	{"token", NULL, "", "ServiceAccount", "serviceaccounts", true, 1},
};

static const struct generator pod = {
	.group = "", .kind = "Pod", .resource = "pods", .spaced = true};
static const struct generator node = {.group = "", .kind = "Node", .resource = "nodes"};
static const struct generator service = {
	.group = "", .kind = "Service", .resource = "services", .spaced = true};

/* `count` new objects of one kind. A NULL name is one that kubectl or the server chooses. */
static int emit_new(struct kube_line *line, enum action action,
		    const struct generator *what, const char *const *names, size_t count)
{
	struct kube_objects objects = {0};
	struct kube_context context;
	int result = kube_context(line->reader, &context);

	if (result != READ_DONE)
		return result;
	for (size_t i = 0; i < count; i++) {
		struct kube_object *object =
			kube_objects_add(line->reader->arena, &objects);

		if (!object)
			return READ_FAULT;
		*object = (struct kube_object){.group = what->group,
					       .kind = what->kind,
					       .resource = what->resource,
					       .name = names[i]};
		if (what->spaced)
			object->space = context.space ? context.space : "*";
	}
	return kube_emit(line, action, &objects, NULL);
}

static int give_up(struct kube_line *line, enum action action, bool refused,
		   const char *text)
{
	int result = kube_problem(line, refused, "%s", text);

	return result == READ_DONE ? kube_give_up(line, action) : result;
}

/* ---- create ---- */

static const struct generator *find_generator(const char *word)
{
	for (size_t i = 0; i < sizeof(generators) / sizeof(generators[0]); i++)
		if (strcmp(generators[i].name, word) == 0 ||
		    (generators[i].alias && strcmp(generators[i].alias, word) == 0))
			return &generators[i];
	return NULL;
}

int kube_read_create(struct kube_line *line)
{
	const struct arguments *arguments = line->reader->arguments;
	const char *raw = arguments_value(arguments, "--raw");
	const struct generator *what;
	struct kube_objects objects = {0};
	const char *name;
	int result;

	if (raw && *raw)
		return kube_read_raw(line, raw);
	if (line->form == KUBE_FILES) {
		result = kube_get_described(line, &objects);
		if (result != READ_DONE)
			return result;
		return line->problem ? kube_give_up(line, ACTION_CONFIG)
				     : kube_emit(line, ACTION_CONFIG, &objects, NULL);
	}
	what = line->word_count ? find_generator(line->words[0]) : NULL;
	if (!what)
		return give_up(line, ACTION_CONFIG, false,
			       "what is to be created is not known");
	if (line->word_count <= what->at)
		return give_up(line, ACTION_CONFIG, true, "the new object needs a name");
	name = line->words[what->at];
	if (arguments_has(arguments, "--append-hash"))
		name = NULL;
	return emit_new(line, ACTION_CONFIG, what, &name, 1);
}

/* ---- run ---- */

int kube_read_run(struct kube_line *line)
{
	if (!line->word_count)
		return give_up(line, ACTION_RUN, true, "the new pod needs a name");
	return emit_new(line, ACTION_RUN, &pod, line->words, 1);
}

/* ---- expose ---- */

/* The service is called as what it exposes, unless --name says otherwise. */
int kube_read_expose(struct kube_line *line)
{
	const char *given = arguments_value(line->reader->arguments, "--name");
	bool slashes = line->word_count && strchr(line->words[0], '/');
	size_t first = slashes ? 0 : 1;

	if (line->form == KUBE_FILES)
		return give_up(line, ACTION_CONFIG, false,
			       "which services come of these files is not known");
	if (line->form != KUBE_NAMES)
		return give_up(line, ACTION_CONFIG, true,
			       "what is to be exposed is not named");
	for (size_t i = first; i < line->word_count; i++) {
		const char *slash = slashes ? strchr(line->words[i], '/') : NULL;

		if (given && *given)
			line->words[i] = given;
		else if (slash)
			line->words[i] = slash + 1;
	}
	return emit_new(line, ACTION_CONFIG, &service, line->words + first,
			line->word_count - first);
}

/* ---- debug ---- */

int kube_read_debug(struct kube_line *line)
{
	const struct arguments *arguments = line->reader->arguments;
	const char *word = line->word_count ? line->words[0] : NULL;
	bool replaces = arguments_has(arguments, "--replace");
	enum action action = replaces ? ACTION_REMOVE : ACTION_RUN;
	int result = READ_DONE;

	line->form = KUBE_TYPES;
	if (word && (strncmp(word, "node/", 5) == 0 || strncmp(word, "no/", 3) == 0 ||
		     strncmp(word, "nodes/", 6) == 0)) {
		word = strchr(word, '/') + 1;
		return emit_new(line, action, &node, &word, 1);
	}
	if (!word)
		result = kube_problem(line, true, "no pod is named");
	else
		result = kube_pod(line, action, word, false);
	if (result != READ_DONE)
		return result;
	return line->problem ? kube_give_up(line, action) : READ_DONE;
}
