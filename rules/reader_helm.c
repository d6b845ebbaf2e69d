/*
 * helm: releases are NAMESPACE/NAME, where the namespace may be that of the kubeconfig; what
 * goes with them is what their manifests hold. Sources: helm 4.1.4 against a recording server,
 * helm 3 documentation.
 */
#include <stdint.h>
#include <string.h>

#include "kubectl.h"
#include "readers.h"

#define CONNECTION                                                                       \
	"@options:--kubeconfig,--context,--kube-apiserver,--kube-as-group,"              \
	"--kube-as-user,--kube-ca-file,--kube-token,--kube-tls-server-name,"             \
	"--kube-insecure-skip-tls-verify,--registry-config"

/* NULL: not known. */
static int find_space(struct reader *reader, const char **space)
{
	const char *given = arguments_value(reader->arguments, "--namespace");
	struct kube_context context;
	int result;

	if (!given || !*given)
		given = command_env(reader->command, "HELM_NAMESPACE");
	*space = given;
	if (given && *given)
		return READ_DONE;
	*space = NULL;
	if (command_env(reader->command, "HELM_KUBECONTEXT") &&
	    !arguments_value(reader->arguments, "--context"))
		return READ_DONE;
	result = kube_context(reader, &context);
	if (result == READ_DONE) {
		*space = context.space;
		reader->reading->environment = context.name;
	}
	return result;
}

/* The objects of a release: kinds at the left edge of its manifest. */
static int weigh(struct reader *reader, const char *release, const char *space,
		 struct effect *effect)
{
	const char *run[] = {"@program", CONNECTION, "get",
			     "manifest", release,    space ? "--namespace" : NULL,
			     space,	 NULL};
	const char *const *words = reader_words(reader, run);
	const struct fact *fact;
	int result;

	if (!words)
		return READ_FAULT;
	result = reader_probe(reader, words, 0, &fact);
	if (result != READ_DONE)
		return result;
	if (fact->state != FACT_OK || fact->status != 0) {
		effect->known = false;
		return READ_DONE;
	}
	for (const char *line = fact->data; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		effect->count += strncmp(line, "kind:", 5) == 0;
	}
	return READ_DONE;
}

static int releases(struct reader *reader, enum action action, size_t limit)
{
	struct effect effect = {.known = true, .unit = "object"};
	struct arguments const *arguments = reader->arguments;
	size_t count = arguments_operands(arguments), at = 0, used = 0;
	const char **names = arena_array(reader->arena, count + 1, sizeof(*names));
	const char *space, *name;
	struct operation *operation;
	const struct hostset *targets;
	int result;

	if (!names)
		return READ_FAULT;
	if (count == 0)
		return reader_refused(reader, action, "release", "no release is named");
	if (arguments->refusal)
		return reader_refused(reader, action, "release", "%s",
				      arguments->refusal);
	if (arguments->unknown)
		return reader_unknown(reader, action, "release",
				      "%s is no option that is known",
				      arguments->unknown);
	result = find_space(reader, &space);
	while (result == READ_DONE && used < limit &&
	       (name = arguments_next_operand(arguments, &at)) != NULL) {
		if (!*name)
			return reader_unknown(reader, action, "release",
					      "an empty name (an unset variable?)");
		names[used] =
			space ? arena_printf(reader->arena, "%s/%s", space, name) : name;
		if (!names[used++])
			return READ_FAULT;
		if (action == ACTION_REMOVE)
			result = weigh(reader, name, space, &effect);
	}
	if (result != READ_DONE)
		return result;
	targets = hostset_names(reader->arena, names, used);
	operation = targets ? reader_operation(reader, action, "release", targets) : NULL;
	if (!operation)
		return READ_FAULT;
	if (action == ACTION_REMOVE) {
		/* A release twice: its objects go once. */
		if (hostset_count(targets) != used)
			effect.known = false;
		operation->effect = effect;
	}
	return READ_DONE;
}

/* --dry-run, --dry-run=client; not --dry-run=none. */
static bool is_dry(const struct reader *reader)
{
	const char *value = arguments_value(reader->arguments, "--dry-run");

	return arguments_has(reader->arguments, "--dry-run") &&
	       !(value && (strcmp(value, "none") == 0 || strcmp(value, "false") == 0 ||
			   strcmp(value, "0") == 0 || strcmp(value, "f") == 0 ||
			   strcmp(value, "F") == 0 || strcmp(value, "FALSE") == 0 ||
			   strcmp(value, "False") == 0));
}

int reader_helm(struct reader *reader, struct fault *fault)
{
	const char *path = reader->verb_path;

	if (arguments_has(reader->arguments, "--help") || is_dry(reader))
		return is_dry(reader) && !reader->arguments->unknown
			       ? reader_nothing(reader, "release")
			       : reader_grammar(reader, fault);
	if (strcmp(path, "uninstall") == 0)
		return releases(reader, ACTION_REMOVE, SIZE_MAX);
	if (strcmp(path, "upgrade") == 0 || strcmp(path, "install") == 0 ||
	    strcmp(path, "rollback") == 0)
		return releases(reader, ACTION_CONFIG, 1);
	return reader_grammar(reader, fault);
}
