/*
 * The kubeconfig: which context is in use, and its namespace. Files are merged as
 * k8s.io/client-go/tools/clientcmd does: of $KUBECONFIG's list the first to say something
 * holds.
 */
#include "kubectl.h"

#include <string.h>

#include "yaml_tree.h"

/* A broken file is no answer: the namespace is then not known. */
static int read_file(struct reader *reader, const char *path,
		     struct kube_context *context, bool *found_space, bool *broken)
{
	struct yaml_documents documents = {0};
	const struct yaml_value *root, *contexts;
	const struct fact *fact;

	/* What can be read only once is the command's. */
	if (strncmp(path, "/dev/", 5) == 0 || strncmp(path, "/proc/", 6) == 0) {
		*broken = true;
		return READ_DONE;
	}
	fact = facts_file(reader->facts, path);
	if (!fact)
		return READ_MISSING;
	if (fact->state == FACT_ABSENT)
		return READ_DONE;
	if (fact->state != FACT_OK ||
	    yaml_tree_parse(reader->arena, fact->data, fact->length, &documents, NULL) <
		    0) {
		*broken = true;
		return READ_DONE;
	}
	if (!documents.count)
		return READ_DONE;
	root = documents.items[0];
	if (!context->name) {
		const char *name = yaml_text(root, "current-context");

		if (name && *name)
			context->name = name;
	}
	contexts = yaml_get(root, "contexts");
	for (size_t i = 0; contexts && contexts->kind == YAML_SEQUENCE &&
			   i < contexts->count && context->name && !*found_space;
	     i++) {
		const char *name = yaml_text(contexts->items[i], "name"), *space;

		if (!name || strcmp(name, context->name) != 0)
			continue;
		space = yaml_text(yaml_get(contexts->items[i], "context"), "namespace");
		context->space = space && *space ? space : "default";
		*found_space = true;
	}
	return READ_DONE;
}

/* The files, with colons between them. */
static const char *file_list(struct reader *reader)
{
	const char *list = arguments_value(reader->arguments, "--kubeconfig"), *home;

	if (list && *list)
		return list;
	list = command_env(reader->command, "KUBECONFIG");
	if (list && *list)
		return list;
	home = command_env(reader->command, "HOME");
	return home ? arena_printf(reader->arena, "%s/.kube/config", home) : "";
}

int kube_context(struct reader *reader, struct kube_context *context)
{
	const char *list = file_list(reader), *given;
	bool found_space = false, broken = false;

	*context = (struct kube_context){0};
	if (!list)
		return READ_FAULT;
	given = arguments_value(reader->arguments, "--context");
	if (given && *given)
		context->name = given;
	/* Twice: a later file may name the context that an earlier one describes. */
	for (int pass = 0; pass < 2; pass++) {
		for (const char *p = list; *p; p += *p == ':') {
			size_t length = strcspn(p, ":");
			char *path = arena_strndup(reader->arena, p, length);
			int result = READ_DONE;

			if (!path)
				return READ_FAULT;
			if (length)
				result = read_file(reader, path, context, &found_space,
						   &broken);
			if (result != READ_DONE)
				return result;
			p += length;
			if (!*p)
				break;
		}
	}
	given = arguments_value(reader->arguments, "--namespace");
	if (given && *given)
		context->space = given;
	else if (!context->space && !broken)
		context->space = "default";
	return READ_DONE;
}
