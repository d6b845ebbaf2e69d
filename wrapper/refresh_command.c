/*
 * tally refresh: writes the guard table of the shim that works without a session anew: after
 * a rule file or a tool was added. A session has a table of its own, made when it starts.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "exit_status.h"
#include "guard_build.h"
#include "guard_names.h"
#include "session.h"

static const char help[] =
	"usage: tally refresh [--rules DIR | --session DIR] [FILE]\n\n"
	"Writes the table of guarded programs for shells that only the preloaded "
	"library\n"
	"guards (LD_PRELOAD=.../libtally.so bash), after a rule file or a tool was "
	"added.\n"
	"Programs that run already keep the one they have; sessions have their own.\n\n"
	"  FILE           default: guard.table beside libtally.so where tally stands,\n"
	"                 else /run/tallygate/guard.table\n"
	"  --rules DIR    look for tool descriptions there\n"
	"  --session DIR  the table of that session; FILE is DIR/guard.table\n"
	"  --help\n";

struct refresh {
	const char *rules, *session, *file; /* as given, or NULL */
};

static const char *default_file(struct arena *arena, const struct refresh *given)
{
	const char *directory = session_program_directory(arena);
	const char *shim =
		directory ? arena_printf(arena, "%s/libtally.so", directory) : NULL;

	if (given->session)
		return arena_printf(arena, "%s/guard.table", given->session);
	if (!shim)
		return NULL;
	return access(shim, F_OK) == 0 ? arena_printf(arena, "%s/guard.table", directory)
				       : "/run/tallygate/guard.table";
}

static int refresh(struct arena *arena, const struct refresh *given, struct fault *fault)
{
	const char *directories = getenv("PATH"), *shim, *file = given->file;
	struct guard_program *programs;
	struct session session;
	struct fault broken = {0};
	size_t count;

	if (session_load(arena, given->session, &session, fault) < 0)
		return -1;
	if (given->rules) {
		const char **list = arena_array(arena, 2, sizeof(*list));

		if (!list)
			return fault_set(fault, "out of memory");
		list[0] = given->rules;
		session.rules = list;
	}
	shim = session_shim(arena, &session);
	if (!file)
		file = default_file(arena, given);
	if (!shim || !file)
		return fault_set(fault, "out of memory");
	if (guard_names(arena, session.rules, &programs, &count, &broken, fault) < 0)
		return -1;
	if (broken.text[0]) { /* the table that is there knows better */
		*fault = broken;
		return -1;
	}
	return guard_build(arena, file, programs, count,
			   directories ? directories : "/usr/bin:/bin", session.gate,
			   given->session ? given->session : "", shim, fault);
}

int refresh_command(int argc, char **argv)
{
	static const struct option options[] = {{"rules", required_argument, NULL, 'r'},
						{"session", required_argument, NULL, 's'},
						{"help", no_argument, NULL, 'h'},
						{NULL, 0, NULL, 0}};
	struct fault fault = {0};
	struct refresh given = {0};
	char line[FAULT_LINE];
	struct arena *arena;
	int c, result;

	optind = 1;
	while ((c = getopt_long(argc, argv, "+h", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(help, stdout);
			return 0;
		}
		if (c == 'r')
			given.rules = optarg;
		else if (c == 's')
			given.session = optarg;
		else
			return EXIT_STATUS_USAGE;
	}
	if (given.session && given.session[0] != '/') {
		fputs("tally refresh: --session takes an absolute path\n", stderr);
		return EXIT_STATUS_USAGE;
	}
	if (argc - optind > 1) {
		fputs("tally refresh: one FILE at most; see tally refresh --help\n",
		      stderr);
		return EXIT_STATUS_USAGE;
	}
	arena = arena_new((size_t)256 << 20);
	if (!arena) {
		fputs("tally refresh: out of memory\n", stderr);
		return EXIT_STATUS_FAILED;
	}
	if (argc > optind)
		given.file = argv[optind];
	result = refresh(arena, &given, &fault);
	if (result < 0)
		fprintf(stderr, "tally refresh: %s\n", fault_line(&fault, line));
	arena_free(arena);
	return result < 0 ? EXIT_STATUS_FAILED : 0;
}
