#include "answer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe.h"

/* Memory of one answer, which facts_answer() copies out of it. */
enum { SCRATCH = 512 * 1024 * 1024 };

static int no_memory(struct fault *fault, const char *path)
{
	return fault_set(fault, "no memory to read %s", path ? path : "standard input");
}

/* The state that `error` of opening or reading means, with a line that says it. */
static int cannot(struct arena *arena, struct fact *fact, const char *path, int error)
{
	bool absent = error == ENOENT || error == ENOTDIR || error == ELOOP;

	fact->state = absent ? FACT_ABSENT : FACT_FAILED;
	fact->data = "";
	fact->length = 0;
	fact->error = arena_printf(arena, "%s: %s", path, strerror(error));
	return fact->error ? 0 : -1;
}

/* Takes what replay_read() found over into the fact. */
static int take_bytes(struct arena *arena, struct fact *fact, const char *path,
		      const struct replay_bytes *bytes)
{
	static const char *const states[] = {
		[REPLAY_OK] = "",
		[REPLAY_TERMINAL] = "is a terminal, whose input is not known yet",
		[REPLAY_ONCE] = "is a pipe, which only one program can read",
		[REPLAY_TOO_BIG] = "is too long to be counted",
	};

	fact->data = "";
	if (bytes->state == REPLAY_FAILED)
		return cannot(arena, fact, path, bytes->error);
	if (bytes->state == REPLAY_OK) {
		fact->state = FACT_OK;
		fact->data = bytes->data;
		fact->length = bytes->length;
		return 0;
	}
	if (bytes->state == REPLAY_TOO_BIG)
		fact->state = FACT_TOO_BIG;
	else if (bytes->state == REPLAY_TERMINAL && fact->need.kind == FACT_STDIN)
		fact->state = FACT_TERMINAL;
	else
		fact->state = FACT_FAILED;
	fact->error = arena_printf(arena, "%s %s", path, states[bytes->state]);
	return fact->error ? 0 : -1;
}

static int answer_stdin(struct arena *arena, const struct answer_options *options,
			struct fact *fact)
{
	struct replay_bytes bytes = {0};
	int result;

	if (options->line_input) {
		fact->state = FACT_OK;
		fact->data = options->line_input;
		fact->length = strlen(options->line_input);
		return 0;
	}
	if (options->no_input) {
		fact->state = FACT_FAILED;
		fact->data = "";
		fact->error = "standard input is not known";
		return 0;
	}
	if (replay_fd(options->replay, STDIN_FILENO, ANSWER_INPUT, &bytes) < 0)
		return -1;
	result = take_bytes(arena, fact, "standard input", &bytes);
	/* facts_answer() copies later, so the bytes move into the arena. */
	if (result == 0 && fact->state == FACT_OK) {
		fact->data = arena_strndup(arena, bytes.data, bytes.length);
		result = fact->data ? 0 : -1;
	}
	free(bytes.data);
	return result;
}

static int answer_file(struct arena *arena, const struct answer_options *options,
		       const char *path, struct fact *fact)
{
	int fd = replay_fd_of(path), result;
	struct replay_bytes bytes = {0};
	struct stat status;

	if (fd == STDIN_FILENO && (options->line_input || options->no_input))
		return answer_stdin(arena, options, fact);
	/* A file opened by such a name is read from its start, and as often as one likes. */
	if (fd >= 0 && !(fstat(fd, &status) == 0 && S_ISREG(status.st_mode)))
		result = replay_fd(options->replay, fd, ANSWER_FILE, &bytes);
	else
		result = replay_path(path, ANSWER_FILE, &bytes);
	if (result == 0)
		result = take_bytes(arena, fact, path, &bytes);
	if (result == 0 && fact->state == FACT_OK) {
		fact->data = arena_strndup(arena, bytes.data, bytes.length);
		result = fact->data ? 0 : -1;
	}
	free(bytes.data);
	return result;
}

static int answer_kind(struct arena *arena, const char *path, struct fact *fact)
{
	struct stat status;

	if (stat(path, &status) < 0)
		return cannot(arena, fact, path, errno);
	if (S_ISDIR(status.st_mode))
		fact->data = "directory";
	else if (S_ISREG(status.st_mode) && access(path, X_OK) == 0)
		fact->data = "program";
	else
		fact->data = S_ISREG(status.st_mode) ? "file" : "pipe";
	fact->state = FACT_OK;
	fact->length = strlen(fact->data);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The sorted names, one a line. */
static int join(struct arena *arena, const char **names, size_t count, size_t length,
		struct fact *fact)
{
	char *text = arena_alloc(arena, length + 1), *end = text;

	if (!text)
		return -1;
	if (count)
		qsort(names, count, sizeof(*names), by_name);
	for (size_t i = 0; i < count; i++) {
		end = stpcpy(end, names[i]);
		*end++ = '\n';
	}
	fact->state = FACT_OK;
	fact->data = text;
	fact->length = length;
	return 0;
}

static int list(struct arena *arena, DIR *directory, const char *path, struct fact *fact)
{
	const char **names = NULL;
	size_t count = 0, capacity = 0, length = 0;
	struct dirent *entry;

	while ((errno = 0, entry = readdir(directory))) {
		const char *name = entry->d_name;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		if (strchr(name, '\n'))
			return cannot(arena, fact, path, EILSEQ);
		length += strlen(name) + 1;
		if (length > ANSWER_LIST) {
			fact->state = FACT_TOO_BIG;
			fact->error =
				arena_printf(arena, "%s holds too many files", path);
			return fact->error ? 0 : -1;
		}
		names = arena_grow(arena, names, count, &capacity, sizeof(*names));
		if (!names || !(names[count++] = arena_strdup(arena, name)))
			return -1;
	}
	if (errno)
		return cannot(arena, fact, path, errno);
	return join(arena, names, count, length, fact);
}

static int answer_list(struct arena *arena, const char *path, struct fact *fact)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), result;
	DIR *directory = fd >= 0 ? fdopendir(fd) : NULL;

	if (!directory) {
		result = cannot(arena, fact, path, errno);
		if (fd >= 0)
			close(fd);
		return result;
	}
	result = list(arena, directory, path, fact);
	closedir(directory);
	return result;
}

static int answer_probe(struct arena *arena, const struct command *command,
			struct answer_options *options, struct fact *fact,
			struct fault *fault)
{
	const struct need need = fact->need;
	const struct probe probe = {
		.need = &need,
		.command = command,
		.terminal = options->terminal,
		.purpose = options->purpose ? options->purpose : "counting targets",
		.deadline = options->deadline,
		.announce = options->announce,
		.context = options->context,
	};
	int result;

	if (!need.argv || !need.argv[0])
		return fault_set(fault, "a rule asks for a probe without a program");
	result = probe_run(arena, &probe, fact, fault);
	if (result > 0) {
		options->stopped = result;
		return fault_set(fault, "stopped while waiting for %s", need.argv[0]);
	}
	return result;
}

static int answer_one(struct arena *arena, const struct command *command,
		      struct answer_options *options, struct fact *fact,
		      struct fault *fault)
{
	const struct need *need = &fact->need;
	const char *path = NULL;
	int result = -1;

	if (need->kind == FACT_PROBE)
		return answer_probe(arena, command, options, fact, fault);
	if (need->kind != FACT_STDIN) {
		path = need->path ? command_file(arena, command, need->path) : NULL;
		if (!path)
			return no_memory(fault, need->path);
	}
	fact->data = "";
	switch (need->kind) {
	case FACT_FILE:
		result = answer_file(arena, options, path, fact);
		break;
	case FACT_KIND:
		result = answer_kind(arena, path, fact);
		break;
	case FACT_LIST:
		result = answer_list(arena, path, fact);
		break;
	case FACT_STDIN:
		result = answer_stdin(arena, options, fact);
		break;
	case FACT_PROBE:
		break;
	}
	return result < 0 ? no_memory(fault, path) : 0;
}

int answer_facts(struct facts *facts, const struct command *command,
		 struct answer_options *options, struct fault *fault)
{
	int result = 0;

	options->stopped = 0;
	if (facts->exhausted)
		return fault_set(fault, "no memory for what the rules ask");
	while (facts->missing_count > 0 && result == 0) {
		struct arena *scratch = arena_new(SCRATCH);
		struct fact fact = {.need = facts->missing[0]};

		if (!scratch)
			return no_memory(fault, NULL);
		result = answer_one(scratch, command, options, &fact, fault);
		/* The answer takes its question off the list. */
		if (result == 0 && facts_answer(facts, &fact) < 0)
			result = no_memory(fault, fact.need.path);
		arena_free(scratch);
	}
	return result;
}
