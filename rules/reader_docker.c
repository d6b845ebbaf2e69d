/*
 * docker: lines that do not name what they touch (prune, stack rm), and services, which
 * stand for their tasks. Everything else is said by rules/tools/docker.cfg. Only lists are
 * asked for. Sources: docker 28.2.2 (cli/command/{container,image,volume,network,system}/
 * prune.go, cli/command/stack/remove.go), tried against its API.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "readers.h"

#define CONNECTION                                                                       \
	"@options:--config,--context,--host,--tls,--tlscacert,--tlscert,--tlskey,"       \
	"--tlsverify"
#define DOCKER(...)                                                                      \
	(const char *const[])                                                            \
	{                                                                                \
		"@program", CONNECTION, __VA_ARGS__, NULL                                \
	}

struct found {
	const char **names;
	size_t count, capacity;
	const char *problem; /* NULL: all lists were answered */
};

/* What a list prints; *text NULL when it failed. */
static int ask(struct reader *reader, const char *const *run, struct found *found,
	       const char **text)
{
	const char *const *words = reader_words(reader, run);
	const struct fact *fact;
	int result;

	*text = NULL;
	if (!words)
		return READ_FAULT;
	result = reader_probe(reader, words, 0, &fact);
	if (result != READ_DONE)
		return result;
	if (fact->state == FACT_OK && fact->status == 0)
		*text = fact->data;
	else
		found->problem = "docker did not say what there is";
	return READ_DONE;
}

static bool is_anonymous(const char *name)
{
	return strlen(name) == 64 && strspn(name, "0123456789abcdef") == 64;
}

/* Adds the lines of a list, all or only those that `wanted` says. */
static int add(struct reader *reader, const char *const *run,
	       bool (*wanted)(const char *name), struct found *found)
{
	const char *text;
	char *copy, *line;
	int result = ask(reader, run, found, &text);

	if (result != READ_DONE || !text)
		return result;
	copy = arena_strdup(reader->arena, text);
	if (!copy)
		return READ_FAULT;
	while ((line = strsep(&copy, "\r\n")) != NULL) {
		if (!*line || (wanted && !wanted(line)))
			continue;
		found->names = arena_grow(reader->arena, found->names, found->count,
					  &found->capacity, sizeof(*found->names));
		if (!found->names)
			return READ_FAULT;
		found->names[found->count++] = line;
	}
	return READ_DONE;
}

static int add_containers(struct reader *reader, struct found *found)
{
	return add(reader,
		   DOCKER("ps", "-a", "-f", "status=created", "-f", "status=exited", "-f",
			  "status=dead", "--format", "{{.Names}}"),
		   NULL, found);
}

static bool is_in(const struct found *found, const char *name)
{
	for (size_t i = 0; i < found->count; i++)
		if (strcmp(found->names[i], name) == 0)
			return true;
	return false;
}

/*
 * Networks or volumes that nothing uses. Servers that only speak docker's API are known to
 * overlook the filter: then what is used is unused as well, and nothing is known.
 */
static int add_unused(struct reader *reader, const char *kind,
		      bool (*wanted)(const char *name), struct found *found)
{
	struct found used = {0}, unused = {0};
	int result =
		add(reader,
		    DOCKER(kind, "ls", "-f", "dangling=true", "--format", "{{.Name}}"),
		    wanted, &unused);

	if (result == READ_DONE)
		result = add(reader,
			     DOCKER(kind, "ls", "-f", "dangling=false", "--format",
				    "{{.Name}}"),
			     wanted, &used);
	if (result != READ_DONE)
		return result;
	if (used.problem || unused.problem)
		found->problem = used.problem ? used.problem : unused.problem;
	for (size_t i = 0; i < unused.count; i++) {
		if (is_in(&used, unused.names[i]) && !wanted)
			found->problem = "docker does not say which of them are in use";
		found->names = arena_grow(reader->arena, found->names, found->count,
					  &found->capacity, sizeof(*found->names));
		if (!found->names)
			return READ_FAULT;
		found->names[found->count++] = unused.names[i];
	}
	return READ_DONE;
}

static int add_networks(struct reader *reader, struct found *found)
{
	return add_unused(reader, "network", NULL, found);
}

static int add_volumes(struct reader *reader, bool all, struct found *found)
{
	return add_unused(reader, "volume", all ? NULL : is_anonymous, found);
}

static bool is_untagged(const char *line)
{
	return strncmp(line, "<none> ", 7) == 0;
}

static int add_images(struct reader *reader, bool all, struct found *found)
{
	size_t before = found->count;
	int result;

	if (all) {
		found->problem =
			"which images are in use is known only to the docker daemon";
		return READ_DONE;
	}
	result = add(reader,
		     DOCKER("image", "ls", "--no-trunc", "-f", "dangling=true",
			    "--format", "{{.Repository}} {{.ID}}"),
		     is_untagged, found);
	for (size_t i = before; i < found->count; i++)
		found->names[i] += strlen("<none> ");
	return result;
}

static int emit(struct reader *reader, struct found *found, bool everything)
{
	const char *unit =
		reader->section->unit ? reader->section->unit : reader->tool->unit;
	const struct hostset *targets = NULL;
	struct operation *operation;

	if (!found->problem) {
		targets = hostset_names(reader->arena, found->names, found->count);
		if (!targets)
			return READ_FAULT;
	}
	operation = reader_operation(reader, ACTION_REMOVE, unit, targets);
	if (!operation)
		return READ_FAULT;
	operation->unknown = found->problem;
	operation->everything = everything;
	operation->irreversible = true;
	return READ_DONE;
}

static int prune(struct reader *reader, const char *what)
{
	bool all = arguments_has(reader->arguments, "--all");
	struct found found = {0};
	int result = READ_DONE;

	if (reader->arguments->unknown ||
	    arguments_value(reader->arguments, "--filter")) {
		found.problem = "its filters are known only to the docker daemon";
	} else if (strcmp(what, "container") == 0) {
		result = add_containers(reader, &found);
	} else if (strcmp(what, "network") == 0) {
		result = add_networks(reader, &found);
	} else if (strcmp(what, "volume") == 0) {
		result = add_volumes(reader, all, &found);
	} else if (strcmp(what, "image") == 0) {
		result = add_images(reader, all, &found);
	} else if (strcmp(what, "system") == 0) {
		result = add_containers(reader, &found);
		if (result == READ_DONE)
			result = add_networks(reader, &found);
		if (result == READ_DONE && arguments_has(reader->arguments, "--volumes"))
			result = add_volumes(reader, false, &found);
		if (result == READ_DONE)
			result = add_images(reader, all, &found);
	} else {
		found.problem =
			"what would be removed is known only to the docker daemon";
	}
	return result == READ_DONE ? emit(reader, &found, true) : result;
}

/* All that carries the stack's label goes: services, networks, secrets, configs. */
static int remove_stacks(struct reader *reader)
{
	struct found found = {0};
	const char *stack;
	size_t at = 0;
	int result = READ_DONE;

	if (arguments_operands(reader->arguments) == 0)
		return reader_refused(reader, ACTION_REMOVE, "object",
				      "no stack is named");
	if (reader->arguments->unknown)
		found.problem = "an option is not known";
	while (result == READ_DONE && !found.problem &&
	       (stack = arguments_next_operand(reader->arguments, &at)) != NULL) {
		static const char *const kinds[] = {"service", "network", "secret",
						    "config"};
		const char *label = arena_printf(
			reader->arena, "label=com.docker.stack.namespace=%s", stack);

		for (size_t i = 0;
		     label && i < 4 && result == READ_DONE && !found.problem; i++)
			result = add(reader,
				     DOCKER(kinds[i], "ls", "-f", label, "--format",
					    "{{.Name}}"),
				     NULL, &found);
		if (!label)
			return READ_FAULT;
	}
	return result == READ_DONE ? emit(reader, &found, false) : result;
}

/* ---- services ---- */

struct service {
	const char *id, *name;
	bool global;
	long tasks; /* -1: not known */
};

/* One line of the list: "ID NAME MODE RUNNING/WANTED". */
static bool find_service(char *text, const char *wanted, struct service *service)
{
	char *line;

	while ((line = strsep(&text, "\r\n")) != NULL) {
		char *id = strsep(&line, " "), *name = strsep(&line, " ");
		char *mode = strsep(&line, " "), *slash;

		if (!mode || !line)
			continue;
		if (strcmp(name, wanted) != 0 && strncmp(id, wanted, strlen(wanted)) != 0)
			continue;
		slash = strchr(line, '/');
		*service = (struct service){.id = id,
					    .name = name,
					    .global = strstr(mode, "global") != NULL,
					    .tasks = -1};
		if (slash && isdigit((unsigned char)slash[1]))
			service->tasks = strtol(slash + 1, NULL, 10);
		return true;
	}
	return false;
}

/* NAME, or NAME=N of scale: *wanted is N, 0 without one. False when it is no such word. */
static bool cut_word(char *word, bool scale, long *wanted)
{
	char *equals = strchr(word, '='), *end;

	*wanted = 0;
	if (!scale)
		return true;
	if (!equals || equals == word || !isdigit((unsigned char)equals[1]))
		return false;
	*equals = '\0';
	errno = 0;
	*wanted = strtol(equals + 1, &end, 10);
	return !errno && *end == '\0';
}

/* service rm A B, service scale A=0 B=1: what goes is tasks. */
static int services(struct reader *reader, enum action action)
{
	struct arena *arena = reader->arena;
	size_t count = arguments_operands(reader->arguments), at = 0, used = 0;
	const char **names = arena_array(arena, count + 1, sizeof(*names)), *word, *text;
	struct effect effect = {.known = true, .unit = "task"};
	bool scale = action == ACTION_SCALE;
	struct operation *operation;
	const struct hostset *targets;
	struct found found = {0};
	int result;

	if (!names)
		return READ_FAULT;
	if (count == 0)
		return reader_refused(reader, action, "service", "no service is named");
	if (reader->arguments->unknown)
		return reader_unknown(reader, action, "service",
				      "%s is no option that is known",
				      reader->arguments->unknown);
	while (scale && (word = arguments_next_operand(reader->arguments, &at)) != NULL) {
		char *name = arena_strdup(arena, word);
		long wanted;

		if (!name)
			return READ_FAULT;
		if (!cut_word(name, scale, &wanted))
			return reader_refused(reader, action, "service",
					      "%s is not SERVICE=REPLICAS", word);
	}
	at = 0;
	result = ask(reader,
		     DOCKER("service", "ls", "--format",
			    "{{.ID}} {{.Name}} {{.Mode}} {{.Replicas}}"),
		     &found, &text);
	if (result != READ_DONE)
		return result;
	while ((word = arguments_next_operand(reader->arguments, &at)) != NULL) {
		char *name = arena_strdup(arena, word),
		     *list = arena_strdup(arena, text ? text : "");
		struct service service;
		long wanted;

		if (!name || !list)
			return READ_FAULT;
		cut_word(name, scale, &wanted);
		names[used++] = name;
		if (!find_service(list, name, &service) || service.tasks < 0) {
			effect.known = false;
			continue;
		}
		names[used - 1] = service.name;
		if (scale && service.global)
			return reader_refused(reader, action, "service",
					      "%s is global: it cannot be scaled", name);
		effect.count += service.tasks - wanted;
	}
	targets = hostset_names(arena, names, used);
	if (!targets)
		return READ_FAULT;
	/* One service twice: neither of the numbers is the sum. */
	if (hostset_count(targets) != used)
		effect.known = false;
	operation = reader_operation(reader, action, "service", targets);
	if (!operation)
		return READ_FAULT;
	operation->effect = effect;
	return READ_DONE;
}

int reader_docker(struct reader *reader, struct fault *fault)
{
	const char *path = reader->verb_path;
	size_t length = strlen(path);

	if (arguments_has(reader->arguments, "--help") || reader->arguments->refusal)
		return reader_grammar(reader, fault);
	if (length > 6 && strcmp(path + length - 6, " prune") == 0) {
		const char *what = arena_strndup(reader->arena, path, length - 6);

		return what ? prune(reader, what) : READ_FAULT;
	}
	if (strcmp(path, "stack rm") == 0)
		return remove_stacks(reader);
	if (strcmp(path, "service rm") == 0)
		return services(reader, ACTION_REMOVE);
	if (strcmp(path, "service scale") == 0)
		return services(reader, ACTION_SCALE);
	return reader_grammar(reader, fault);
}
