/* tally shell: an embedded session, with the user's shell or one command in it. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "execute.h"
#include "exit_status.h"
#include "session.h"
#include "session_run.h"
#include "user_shell.h"

static const char help[] =
	"usage: tally shell [--rules DIR]... [-- CMD ARG...]\n\n"
	"Opens your shell in a guarded session: fleet commands are counted before they "
	"run, "
	"and\n"
	"asked about or stopped where the policy says so. With CMD runs that alone in "
	"such a\n"
	"session. Nothing needs to be installed, and nothing outside the session "
	"changes.\n\n"
	"  --rules DIR  a directory with tools/, policy/ and fleet/, instead of the "
	"usual "
	"rules;\n"
	"               may be given several times, later ones add to earlier ones\n"
	"  --help\n\n"
	"Exit status: that of the shell or of CMD; 125 when there can be no session.\n";

enum { SHELL_BYTES = 64 << 20 };

struct request {
	struct arena *arena;
	const char **rules; /* NULL: the usual ones */
	size_t rule_count;
	char **command; /* NULL-terminated, empty: the shell */
};

static int fail(const char *text)
{
	fprintf(stderr, "tally shell: %s\n", text);
	return EXIT_STATUS_FAILED;
}

static bool is_directory(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static int add_rules(struct request *request, const char *directory)
{
	const char **grown =
		arena_array(request->arena, request->rule_count + 2, sizeof(*grown));
	const char *parts[] = {"tools", "policy", "fleet"};
	char *real = realpath(directory, NULL);
	bool found = false;

	for (size_t i = 0; real && i < 3 && !found; i++) {
		const char *path = arena_printf(request->arena, "%s/%s", real, parts[i]);

		found = path && is_directory(path);
	}
	if (!found) {
		fprintf(stderr, "tally shell: --rules %s: %s\n", directory,
			real ? "expected a directory with tools/, policy/ or fleet/ in it"
			     : strerror(errno));
		free(real);
		return EXIT_STATUS_USAGE;
	}
	if (grown) {
		if (request->rule_count)
			memcpy(grown, request->rules,
			       request->rule_count * sizeof(*grown));
		grown[request->rule_count++] = arena_strdup(request->arena, real);
	}
	free(real);
	if (!grown || !grown[request->rule_count - 1])
		return fail("out of memory");
	request->rules = grown;
	return 0;
}

/* The user's own choice, as they are the one who asks. */
static const char *chosen_shell(struct arena *arena)
{
	const char *shell = getenv("SHELL"), *slash = shell ? strrchr(shell, '/') : NULL;

	if (!shell || shell[0] != '/' || access(shell, X_OK) < 0 ||
	    strcmp(slash, "/tallysh") == 0)
		return user_shell(arena);
	return shell;
}

/*
 * The file that CMD names, found as a shell finds it; `status` is what a shell ends with
 * when there is none.
 */
static const char *find_command(struct arena *arena, const char *name, int *status)
{
	const char *list = getenv("PATH");
	struct stat file;

	*status = EXIT_STATUS_NOT_FOUND;
	if (strchr(name, '/'))
		return name;
	if (!list)
		list = "/usr/local/bin:/usr/bin:/bin";
	for (;; list++) {
		size_t length = strcspn(list, ":");
		const char *path =
			length ? arena_printf(arena, "%.*s/%s", (int)length, list, name)
			       : arena_printf(arena, "./%s", name);

		list += length;
		if (*name && path && stat(path, &file) == 0 && S_ISREG(file.st_mode)) {
			if (access(path, X_OK) == 0)
				return path;
			*status = EXIT_STATUS_NOT_RUN;
		}
		if (!*list)
			return NULL;
	}
}

static int execute(const struct session_program *program)
{
	struct replay none = {0};
	struct fault fault;
	int error = execute_program(program->path, program->argv, environ, &none, &fault);

	fprintf(stderr, "tally shell: %s: %s\n", program->path, strerror(error));
	return execute_status(error);
}

static int run(const struct request *request)
{
	const char *shell = chosen_shell(request->arena);
	struct session_program program = {.argv = request->command, .warn = true};
	struct fault fault = {0};
	struct session session;
	char *only_shell[2] = {0};
	int result, missing;

	if (!shell)
		return fail("out of memory");
	program.path = shell;
	if (!request->command[0]) {
		only_shell[0] = (char *)user_shell_name(request->arena, shell, NULL);
		program.argv = only_shell;
	} else {
		program.path =
			find_command(request->arena, request->command[0], &missing);
		if (!program.path) {
			fprintf(stderr, "tally shell: %s: %s\n", request->command[0],
				missing == EXIT_STATUS_NOT_FOUND ? "command not found"
								 : strerror(EACCES));
			return missing;
		}
	}
	if (session_defaults(request->arena, request->rules, &session, &fault) < 0)
		return fail(fault.text);
	session.shell = shell;
	result = session_run(request->arena, &session, &program, &fault);
	if (result == SESSION_NESTED) {
		if (request->rules)
			fputs("tally shell: this is a guarded session already: its rules "
			      "hold, not those of --rules\n",
			      stderr);
		return execute(&program);
	}
	return result < 0 ? fail(fault.text) : result;
}

static int read_options(struct request *request, int argc, char **argv)
{
	static const struct option options[] = {{"rules", required_argument, NULL, 'r'},
						{"help", no_argument, NULL, 'h'},
						{NULL, 0, NULL, 0}};
	int c, status;

	optind = 1;
	while ((c = getopt_long(argc, argv, "+h", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(help, stdout);
			return -1;
		}
		if (c != 'r')
			return EXIT_STATUS_USAGE;
		status = add_rules(request, optarg);
		if (status)
			return status;
	}
	request->command = argv + optind;
	return 0;
}

int shell_command(int argc, char **argv)
{
	struct request request = {.arena = arena_new(SHELL_BYTES)};
	struct fault fault;
	int status;

	if (execute_prepare(&fault) < 0)
		return fail(fault.text);
	if (!request.arena)
		return fail("out of memory");
	status = read_options(&request, argc, argv);
	if (status == 0)
		status = run(&request);
	arena_free(request.arena);
	return status < 0 ? 0 : status;
}
