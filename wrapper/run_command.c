/*
 * tally run: a command through the gate, by hand. This process becomes the gate, which
 * becomes the command: the supervisor knows the gate by its file, so that there is one
 * program only that grants are given to.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "challenge.h"
#include "commands.h"
#include "exit_status.h"
#include "probe.h"
#include "session.h"

static const char help[] =
	"usage: tally run [--expect N] -- CMD...\n\n"
	"Runs CMD through the gate, as a guarded session does it by itself: counts its "
	"targets,\n"
	"asks where the policy says so, and becomes CMD.\n\n"
	"  --expect N  how many targets are meant: nobody is asked, and CMD only runs "
	"when\n"
	"              the number is right (TALLY_EXPECT=N in the environment does the "
	"same)\n"
	"  --help\n\n"
	"Exit status: that of CMD; 126 not run, 125 tallygate failed, 127 not found.\n";

static int fail(const char *text)
{
	fprintf(stderr, "tally run: %s\n", text);
	return EXIT_STATUS_FAILED;
}

/* tally-gate [--session=DIR] [--expect=N] -- PATH ARGV0 ARG... */
static int become_gate(struct arena *arena, const char *expect, char **argv)
{
	const char *directory = session_program_directory(arena);
	const char *session = session_named(), *gate, *path;
	size_t count = 0, used = 0;
	const char **words;

	gate = directory ? arena_printf(arena, "%s/tally-gate", directory) : NULL;
	while (argv[count])
		count++;
	words = arena_array(arena, count + 6, sizeof(*words));
	if (!gate || !words)
		return fail("out of memory");
	path = probe_find(arena, argv[0], (const char *const *)environ, NULL);
	if (!path) {
		fprintf(stderr, "tally run: %s: command not found\n", argv[0]);
		return EXIT_STATUS_NOT_FOUND;
	}
	words[used++] = "tally-gate";
	if (session)
		words[used++] = arena_printf(arena, "--session=%s", session);
	if (expect)
		words[used++] = arena_printf(arena, "--expect=%s", expect);
	words[used++] = "--";
	words[used++] = path;
	for (size_t i = 0; i < count; i++)
		words[used++] = argv[i];
	for (size_t i = 0; i < used; i++)
		if (!words[i])
			return fail("out of memory");
	execve(gate, (char *const *)words, environ);
	fprintf(stderr, "tally run: %s: %s\n", gate, strerror(errno));
	return EXIT_STATUS_FAILED;
}

int run_command(int argc, char **argv)
{
	static const struct option options[] = {{"expect", required_argument, NULL, 'e'},
						{"help", no_argument, NULL, 'h'},
						{NULL, 0, NULL, 0}};
	const char *expect = NULL;
	struct arena *arena;
	uint64_t number;
	int c, status;

	optind = 1;
	while ((c = getopt_long(argc, argv, "+h", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(help, stdout);
			return 0;
		}
		if (c != 'e')
			return EXIT_STATUS_USAGE;
		expect = optarg;
	}
	if (expect && !challenge_number(expect, &number)) {
		fprintf(stderr,
			"tally run: --expect %s: expected the number of targets that are "
			"meant\n",
			expect);
		return EXIT_STATUS_USAGE;
	}
	if (optind >= argc) {
		fputs("tally run: a command is missing: tally run -- CMD...\n", stderr);
		return EXIT_STATUS_USAGE;
	}
	arena = arena_new((size_t)64 << 20);
	if (!arena)
		return fail("out of memory");
	status = become_gate(arena, expect, argv + optind);
	arena_free(arena);
	return status;
}
