/*
 * tallysh: a login shell that gives users their own shell, in a guarded session. Called as
 * -tallysh, tallysh -c COMMAND, tallysh -l or with whatever arguments, it is to its caller
 * what that shell would be with the same ones; it has no options of its own, and prints
 * nothing.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "execute.h"
#include "exit_status.h"
#include "session.h"
#include "session_installed.h"
#include "session_run.h"
#include "user_shell.h"

enum { TALLYSH_BYTES = 64 << 20 };

static int become(const struct session_program *program)
{
	struct replay none = {0};
	struct fault fault;
	int error = execute_program(program->path, program->argv, environ, &none, &fault);

	fprintf(stderr, "tallygate: %s: %s\n", program->path, strerror(error));
	return execute_status(error);
}

static int run(struct arena *arena, const struct session_program *program,
	       struct fault *fault)
{
	struct session session;

	if (session_defaults(arena, NULL, &session, fault) < 0)
		return -1;
	session.shell = program->path;
	return session_run(arena, &session, program, fault);
}

/* Nobody is locked out: without a session it is the plain shell, and says so. */
static int start(struct arena *arena, char **argv, struct fault *fault)
{
	const char *shell = user_shell(arena), *name;
	struct session_program program = {.argv = argv, .shim_alone = true};
	static char *only_name[2];
	int result;

	name = shell ? user_shell_name(arena, shell, argv[0]) : NULL;
	if (!name) {
		fault_set(fault, "out of memory");
		shell = name = "/bin/sh";
	}
	program.path = shell;
	if (argv[0])
		argv[0] = (char *)name;
	else
		program.argv = only_name;
	only_name[0] = (char *)name;
	result = fault->text[0] ? -1 : run(arena, &program, fault);
	if (result >= 0)
		return result;
	if (result != SESSION_NESTED)
		fprintf(stderr, "tallygate: this session is not guarded: %s\n",
			fault->text);
	(void)setenv("SHELL", shell, 1);
	return become(&program);
}

int main(int argc, char **argv, char **envp)
{
	struct fault fault = {0};
	struct arena *arena;
	int status;

	(void)argc;
	(void)execute_prepare(&fault);
	fault.text[0] = '\0';
	arena = arena_new(TALLYSH_BYTES);
	if (!arena)
		return EXIT_STATUS_FAILED;
	status = session_is_installed(arena) ? session_installed_run(arena, argv, envp)
					     : start(arena, argv, &fault);
	arena_free(arena);
	return status;
}
