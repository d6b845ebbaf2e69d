/* Read-only runs of kubectl that say what the cluster holds. */
#include "kubectl.h"

#include <stdarg.h>
#include <string.h>

void kube_probe_add(struct kube_probe *probe, const char *word)
{
	/* One word more than there are, so that the end can always be marked. */
	const char **items = arena_grow(probe->arena, probe->items, probe->count + 1,
					&probe->capacity, sizeof(*items));

	if (!items || !word) {
		probe->failed = true;
		return;
	}
	probe->items = items;
	items[probe->count++] = word;
	items[probe->count] = NULL;
}

void kube_probe_add_text(struct kube_probe *probe, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	kube_probe_add(probe, arena_vprintf(probe->arena, format, args));
	va_end(args);
}

/* The long name of an option: bundles like -Anprod cannot be passed on as they are. */
static const char *long_name(const struct option_rule *rule)
{
	const char *const *name = rule->names;

	while (name[1] && strncmp(*name, "--", 2) != 0)
		name++;
	return *name;
}

static void add_option(struct kube_probe *probe, const struct argument *item)
{
	if (item->option->arity == OPTION_FLAG)
		kube_probe_add_text(probe, "%s=%s", long_name(item->option),
				    item->negative ? "false" : "true");
	else if (item->value)
		kube_probe_add_text(probe, "%s=%s", long_name(item->option), item->value);
	else
		kube_probe_add(probe, long_name(item->option));
}

void kube_probe_add_options(const struct reader *reader, struct kube_probe *probe,
			    const char *const *names)
{
	const struct arguments *arguments = reader->arguments;

	for (size_t i = 0; i < arguments->count; i++) {
		const struct argument *item = &arguments->items[i];
		const char *const *name = names;

		while (*name && !argument_is(item, *name))
			name++;
		if (*name)
			add_option(probe, item);
	}
}

void kube_probe_begin(const struct reader *reader, struct kube_probe *probe,
		      const char *const *verbs)
{
	static const char *const connection[] = {"--kubeconfig",
						 "--context",
						 "--cluster",
						 "--user",
						 "--server",
						 "--token",
						 "--username",
						 "--password",
						 "--as",
						 "--as-group",
						 "--as-uid",
						 "--certificate-authority",
						 "--client-certificate",
						 "--client-key",
						 "--tls-server-name",
						 "--insecure-skip-tls-verify",
						 "--match-server-version",
						 "--disable-compression",
						 "--cache-dir",
						 "--request-timeout",
						 NULL};
	const struct command *command = reader->command;

	*probe = (struct kube_probe){.arena = reader->arena};
	kube_probe_add(probe, command->path ? command->path : command->argv[0]);
	for (; *verbs; verbs++)
		kube_probe_add(probe, *verbs);
	kube_probe_add_options(reader, probe, connection);
}

void kube_probe_add_namespace(const struct reader *reader, struct kube_probe *probe)
{
	static const char *const names[] = {"--namespace", NULL};

	kube_probe_add_options(reader, probe, names);
}

void kube_probe_add_files(const struct reader *reader, struct kube_probe *probe)
{
	static const char *const names[] = {"--filename", "--kustomize", "--recursive",
					    NULL};

	kube_probe_add_options(reader, probe, names);
}

/* ---- files ---- */

/* A pipe gives its bytes once, and they are the command's. */
static int check_path(struct kube_line *line, const char *path)
{
	const struct fact *fact;

	if (strncmp(path, "http://", 7) == 0 || strncmp(path, "https://", 8) == 0)
		return READ_DONE;
	if (strncmp(path, "/dev/", 5) == 0 || strncmp(path, "/proc/", 6) == 0)
		return kube_problem(line, false, "%s can be read only once", path);
	fact = facts_kind(line->reader->facts, path);
	if (!fact)
		return READ_MISSING;
	if (fact->state == FACT_OK && strcmp(fact->data, "pipe") == 0)
		return kube_problem(line, false,
				    "%s is a pipe, which can be read only once", path);
	return READ_DONE;
}

static int check_input(struct kube_line *line, const char **input)
{
	const struct fact *fact = facts_stdin(line->reader->facts);

	if (!fact)
		return READ_MISSING;
	if (fact->state != FACT_OK)
		return kube_problem(line, false,
				    "what stands on standard input is not known");
	if (strlen(fact->data) != fact->length)
		return kube_problem(line, false, "standard input is no text");
	*input = fact->data;
	return READ_DONE;
}

/* -f takes lists with commas. All that is not known yet is asked for at once. */
static int check_filename(struct kube_line *line, const char *text, const char **input)
{
	int result = READ_DONE;

	for (;;) {
		size_t length = strcspn(text, ",");
		char *path = arena_strndup(line->reader->arena, text, length);
		int one = READ_DONE;

		if (!path)
			return READ_FAULT;
		if (strcmp(path, "-") == 0)
			one = check_input(line, input);
		else if (length)
			one = check_path(line, path);
		if (one == READ_FAULT)
			return one;
		if (one == READ_MISSING)
			result = one;
		if (!text[length])
			return result;
		text += length + 1;
	}
}

/* *input is what stands for the "-" among the files. */
static int check_files(struct kube_line *line, const char **input)
{
	const struct arguments *arguments = line->reader->arguments;
	int result = READ_DONE;

	for (size_t i = 0; i < arguments->count; i++) {
		const struct argument *item = &arguments->items[i];
		int one = READ_DONE;

		if (argument_is(item, "--filename") && item->value)
			one = check_filename(line, item->value, input);
		if (one == READ_FAULT)
			return one;
		if (one == READ_MISSING)
			result = one;
	}
	return result;
}

int kube_probe_run(struct kube_line *line, struct kube_probe *probe, const char **data)
{
	struct reader *reader = line->reader;
	struct need need = {
		.kind = FACT_PROBE, .argv = probe->items, .timeout = probe->timeout};
	const struct fact *fact;
	int result;

	*data = NULL;
	if (probe->failed)
		return READ_FAULT;
	if (line->form == KUBE_FILES) {
		result = check_files(line, &need.input);
		if (result != READ_DONE || line->problem)
			return result;
	}
	reader->reading->probe = need.argv;
	fact = facts_get(reader->facts, &need);
	if (!fact)
		return READ_MISSING;
	if (fact->state == FACT_OK && fact->status == 0) {
		*data = fact->data;
		return READ_DONE;
	}
	if (fact->state == FACT_TIMEOUT)
		return kube_problem(line, false,
				    "kubectl did not say in time which "
				    "objects there are");
	return kube_problem(line, false, "kubectl cannot say which objects these are: %s",
			    fact->error ? fact->error : "no reason given");
}

/* ---- get ---- */

static void add_selection(const struct kube_line *line, struct kube_probe *probe)
{
	if (line->everywhere)
		kube_probe_add(probe, "--all-namespaces");
	if (line->selector)
		kube_probe_add_text(probe, "--selector=%s", line->selector);
	if (line->fields)
		kube_probe_add_text(probe, "--field-selector=%s", line->fields);
}

int kube_get(struct kube_line *line, struct kube_objects *objects)
{
	static const char *const verbs[] = {"get", "--ignore-not-found", "--no-headers",
					    NULL};
	struct reader *reader = line->reader;
	struct kube_probe probe;
	const char *data;
	int result;

	if (line->form == KUBE_NOTHING)
		return kube_problem(line, true, "no resource is named");
	kube_probe_begin(reader, &probe, verbs);
	kube_probe_add_namespace(reader, &probe);
	if (line->form == KUBE_FILES) {
		if (line->word_count)
			return kube_problem(line, true,
					    "resources are named beside -f or -k");
		kube_probe_add_files(reader, &probe);
		if (line->selector)
			kube_probe_add_text(&probe, "--selector=%s", line->selector);
	} else {
		add_selection(line, &probe);
	}
	kube_probe_add_text(&probe, "--output=custom-columns=%s", kube_columns);
	if (line->form != KUBE_FILES) {
		kube_probe_add(&probe, "--");
		for (size_t i = 0; i < line->word_count; i++)
			kube_probe_add(&probe, line->words[i]);
	}
	result = kube_probe_run(line, &probe, &data);
	if (result != READ_DONE || line->problem)
		return result;
	return kube_objects_parse(line, data, objects);
}

int kube_get_described(struct kube_line *line, struct kube_objects *objects)
{
	/* Of kubectl's verbs this is the one that shows files as they are. */
	static const char *const verbs[] = {"create", "--dry-run=client",
					    "--validate=false", NULL};
	struct kube_probe probe;
	const char *data;
	int result;

	if (line->form != KUBE_FILES)
		return kube_problem(line, true, "no file is named");
	kube_probe_begin(line->reader, &probe, verbs);
	kube_probe_add_namespace(line->reader, &probe);
	kube_probe_add_files(line->reader, &probe);
	if (line->selector)
		kube_probe_add_text(&probe, "--selector=%s", line->selector);
	kube_probe_add_text(&probe, "--output=jsonpath=%s", kube_described);
	result = kube_probe_run(line, &probe, &data);
	if (result != READ_DONE || line->problem)
		return result;
	return kube_described_parse(line, data, objects);
}
