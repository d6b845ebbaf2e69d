/* What a patch does that is more than a change: a number of pods, a cordon, a new template. */
#include "kubectl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "yaml_tree.h"

static void set_replicas(struct kube_patch *patch, const struct yaml_value *value)
{
	char *end;

	patch->replicas = true;
	patch->replicas_known = false;
	if (!value || value->kind != YAML_SCALAR || !value->plain || !*value->text)
		return;
	errno = 0;
	patch->wanted = strtoll(value->text, &end, 10);
	patch->replicas_known =
		!errno && !*end && patch->wanted >= 0 && patch->wanted <= INT32_MAX;
}

static void set_taints(struct kube_patch *patch, const struct yaml_value *taints)
{
	for (size_t i = 0; taints && taints->kind == YAML_SEQUENCE && i < taints->count;
	     i++) {
		const char *effect = yaml_text(taints->items[i], "effect");

		if (effect && strcmp(effect, "NoExecute") == 0)
			patch->evicts = true;
		else if (effect && strcmp(effect, "NoSchedule") == 0)
			patch->shuts = true;
	}
}

/* null takes a field away: of a number of pods it leaves the default of one. */
static bool is_null(const struct yaml_value *value)
{
	return value->kind == YAML_SCALAR && value->plain &&
	       (strcmp(value->text, "null") == 0 || strcmp(value->text, "~") == 0 ||
		*value->text == '\0');
}

static void set_field(struct kube_patch *patch, const char *name,
		      const struct yaml_value *value)
{
	if (strcmp(name, "replicas") == 0) {
		set_replicas(patch, value);
		if (value && is_null(value)) {
			patch->wanted = 1;
			patch->replicas_known = true;
		}
	} else if (strcmp(name, "unschedulable") == 0) {
		patch->cordon = value && !yaml_is_false(value) && !is_null(value);
		patch->uncordon = !patch->cordon;
	} else if (strcmp(name, "taints") == 0) {
		set_taints(patch, value);
	} else if (strcmp(name, "template") == 0) {
		patch->template = true;
	}
}

static void set_spec(struct kube_patch *patch, const struct yaml_value *spec)
{
	for (size_t i = 0; spec && spec->kind == YAML_MAPPING && i < spec->count; i++)
		set_field(patch, spec->keys[i], spec->items[i]);
}

static void set_object(struct kube_patch *patch, const struct yaml_value *object)
{
	if (object->kind != YAML_MAPPING)
		patch->unreadable = true;
	else
		set_spec(patch, yaml_get(object, "spec"));
}

/* One operation of RFC 6902. */
static void set_operation(struct kube_patch *patch, const struct yaml_value *operation)
{
	const char *op = yaml_text(operation, "op"), *path = yaml_text(operation, "path");
	const struct yaml_value *value = yaml_get(operation, "value");
	char name[32];
	size_t length;

	if (!op || !path) {
		patch->unreadable = true;
		return;
	}
	if (strcmp(op, "test") == 0)
		return;
	/* What is moved or copied there is not known. */
	if (strcmp(op, "add") != 0 && strcmp(op, "replace") != 0 &&
	    strcmp(op, "remove") != 0) {
		const char *from = yaml_text(operation, "from");

		patch->unreadable = strncmp(path, "/spec", 5) == 0 || *path == '\0' ||
				    (from && strncmp(from, "/spec", 5) == 0);
		return;
	}
	if (*path == '\0' && value)
		set_object(patch, value);
	if (strcmp(path, "/spec") == 0)
		set_spec(patch, value);
	if (strncmp(path, "/spec/", 6) != 0)
		return;
	length = strcspn(path + 6, "/");
	if (length >= sizeof(name))
		return;
	memcpy(name, path + 6, length);
	name[length] = '\0';
	if (strcmp(op, "remove") == 0 && strcmp(name, "replicas") == 0) {
		patch->replicas = patch->replicas_known = true;
		patch->wanted = 1;
	} else if (strcmp(op, "remove") == 0 && strcmp(name, "unschedulable") == 0) {
		patch->uncordon = true;
	} else if (strcmp(name, "taints") == 0 && value && value->kind == YAML_MAPPING) {
		const struct yaml_value list = {
			.kind = YAML_SEQUENCE,
			.items = (struct yaml_value *[]){(struct yaml_value *)value},
			.count = 1};

		set_taints(patch, &list);
	} else {
		set_field(patch, name, value);
	}
}

int kube_patch_read(struct arena *arena, const char *text, bool json,
		    struct kube_patch *patch)
{
	struct yaml_documents documents = {0};

	*patch = (struct kube_patch){0};
	if (yaml_tree_parse(arena, text, strlen(text), &documents, NULL) < 0 ||
	    documents.count != 1) {
		patch->unreadable = true;
		return READ_DONE;
	}
	if (!json) {
		set_object(patch, documents.items[0]);
		return READ_DONE;
	}
	if (documents.items[0]->kind != YAML_SEQUENCE) {
		patch->unreadable = true;
		return READ_DONE;
	}
	for (size_t i = 0; i < documents.items[0]->count; i++)
		set_operation(patch, documents.items[0]->items[i]);
	return READ_DONE;
}
