/*
 * The words of a kubectl line. Sources: kubectl 1.32, k8s.io/cli-runtime/pkg/resource
 * (Builder.ResourceTypeOrNameArgs), k8s.io/kubectl/pkg/cmd/util (GetDryRunStrategy,
 * GetResourcesAndPairs), pkg/cmd/taint. Tried against the real client.
 */
#include "kubectl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int kube_problem(struct kube_line *line, bool refused, const char *format, ...)
{
	va_list args;

	if (line->problem)
		return READ_DONE;
	va_start(args, format);
	line->problem = arena_vprintf(line->reader->arena, format, args);
	va_end(args);
	line->refused = refused;
	return line->problem ? READ_DONE : READ_FAULT;
}

/* Of types, only those that limits speak about are worth knowing here. */
const char *kube_unit(const struct kube_line *line)
{
	static const char *const types[][2] = {{"po", "pod"},
					       {"pod", "pod"},
					       {"pods", "pod"},
					       {"no", "node"},
					       {"node", "node"},
					       {"nodes", "node"},
					       {"ns", "namespace"},
					       {"namespace", "namespace"},
					       {"namespaces", "namespace"},
					       {"deploy", "deployment"},
					       {"deployment", "deployment"},
					       {"deployments", "deployment"},
					       {"sts", "statefulset"},
					       {"statefulset", "statefulset"},
					       {"statefulsets", "statefulset"},
					       {"ds", "daemonset"},
					       {"daemonset", "daemonset"},
					       {"daemonsets", "daemonset"},
					       {"rs", "replicaset"},
					       {"replicaset", "replicaset"},
					       {"replicasets", "replicaset"},
					       {"svc", "service"},
					       {"service", "service"},
					       {"services", "service"}};
	const char *word = line->word_count ? line->words[0] : "";
	size_t length = strcspn(word, "/.");

	if (strcmp(line->unit, "object") != 0)
		return line->unit;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strlen(types[i][0]) == length &&
		    memcmp(types[i][0], word, length) == 0)
			return types[i][1];
	return line->unit;
}

int kube_give_up(struct kube_line *line, enum action action)
{
	const char *unit = kube_unit(line);
	struct reader *reader = line->reader;
	size_t before = reader->reading->count;
	int result;

	if (line->refused)
		result = reader_refused(reader, action, unit, "%s", line->problem);
	else
		result = reader_unknown(reader, action, unit, "%s", line->problem);
	for (size_t i = before; result == READ_DONE && i < reader->reading->count; i++) {
		reader->reading->operations[i].everything = line->everything;
		reader->reading->operations[i].irreversible = line->irreversible;
	}
	return result;
}

static bool is_other(enum kube_words words, const char *word)
{
	size_t length = strlen(word);

	if (words != KUBE_PAIRS && words != KUBE_TAINTS)
		return false;
	return strchr(word, '=') || (length && word[length - 1] == '-') ||
	       (words == KUBE_TAINTS && strchr(word, ':'));
}

/* "node-01" of drain is "nodes/node-01" for get. */
static const char *qualify(struct arena *arena, enum kube_words words, const char *word)
{
	const char *type = words == KUBE_NODES ? "nodes" : "certificatesigningrequests";

	if ((words != KUBE_NODES && words != KUBE_CSRS) || strchr(word, '/'))
		return word;
	return arena_printf(arena, "%s/%s", type, word);
}

static int cut_operands(struct kube_line *line, enum kube_words words)
{
	const struct arguments *arguments = line->reader->arguments;
	struct arena *arena = line->reader->arena;
	size_t count = arguments_operands(arguments);

	line->words = arena_array(arena, count + 1, sizeof(*line->words));
	line->others = arena_array(arena, count + 1, sizeof(*line->others));
	if (!line->words || !line->others)
		return READ_FAULT;
	for (size_t i = 0, n = 0; i < arguments->count; i++) {
		const struct argument *item = &arguments->items[i];
		const char *word = item->value;

		if (item->option || item->unknown || !word)
			continue;
		n++;
		if (line->other_count || is_other(words, word) ||
		    (words == KUBE_LAST_OTHER && n == count)) {
			line->others[line->other_count++] = word;
			continue;
		}
		word = qualify(arena, words, word);
		if (!word)
			return READ_FAULT;
		line->words[line->word_count++] = word;
	}
	return READ_DONE;
}

static enum kube_form form_of(const struct kube_line *line)
{
	const struct arguments *arguments = line->reader->arguments;

	if (arguments_value(arguments, "--filename") ||
	    arguments_value(arguments, "--kustomize"))
		return KUBE_FILES;
	if (!line->word_count)
		return KUBE_NOTHING;
	if (line->word_count > 1 || strchr(line->words[0], '/'))
		return KUBE_NAMES;
	return KUBE_TYPES;
}

/* An empty selector is one that was never given: "$UNSET". */
static const char *selector(const struct reader *reader, const char *option)
{
	const char *text = arguments_value(reader->arguments, option);

	return text && *text ? text : NULL;
}

int kube_line_read(struct reader *reader, enum kube_words words, struct kube_line *line)
{
	const struct arguments *arguments = reader->arguments;

	*line = (struct kube_line){.reader = reader};
	if (cut_operands(line, words) != READ_DONE)
		return READ_FAULT;
	line->form = form_of(line);
	line->selector = selector(reader, "--selector");
	line->fields = selector(reader, "--field-selector");
	line->all = arguments_has(arguments, "--all");
	line->everywhere = arguments_has(arguments, "--all-namespaces");
	line->everything = (line->form == KUBE_TYPES || line->form == KUBE_NOTHING) &&
			   !line->selector && !line->fields &&
			   (line->all || line->everywhere);
	if (arguments->refusal)
		return kube_problem(line, true, "%s", arguments->refusal);
	if (arguments->unknown)
		return kube_problem(line, false,
				    "%s is no option that the description of kubectl "
				    "knows for \"%s\"",
				    arguments->unknown, reader->verb_path);
	return READ_DONE;
}

bool kube_number(const struct reader *reader, const char *option, int64_t *number)
{
	const char *text = arguments_value(reader->arguments, option);
	char *end;

	if (!text || !*text || strspn(text, "+-0123456789abcdefABCDEFxX") != strlen(text))
		return false;
	errno = 0;
	*number = strtoll(text, &end, 0);
	return !errno && !*end && *number >= INT32_MIN && *number <= INT32_MAX;
}

static bool is_one_of(const char *text, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(text, *words) == 0)
			return true;
	return false;
}

int kube_dry_run(struct kube_line *line, bool *dry)
{
	static const char *const yes[] = {"client", "server", "unchanged", "1",	   "t",
					  "T",	    "true",   "TRUE",	   "True", NULL};
	static const char *const no[] = {"none",  "0",	   "f",	    "F",
					 "false", "FALSE", "False", NULL};
	const struct arguments *arguments = line->reader->arguments;
	const struct argument *last = NULL;

	*dry = false;
	for (size_t i = 0; i < arguments->count; i++)
		if (argument_is(&arguments->items[i], "--dry-run"))
			last = &arguments->items[i];
	if (!last)
		return READ_DONE;
	/* Without a value it is an old way to say client. */
	*dry = !last->value || is_one_of(last->value, yes);
	if (*dry || is_one_of(last->value, no))
		return READ_DONE;
	return kube_problem(line, true, "--dry-run=%s is none of none, client and server",
			    last->value);
}
