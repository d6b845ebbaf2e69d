/* tally-gate: stands in a command's place until it is clear that the command may run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "execute.h"
#include "exit_status.h"
#include "gate.h"
#include "handover.h"
#include "initial_environment.h"

static const char usage[] =
	"usage: tally-gate [--session=DIR] [--expect=N] [--keep=NAME=VALUE]... -- PATH "
	"ARGV0 [ARG...]\n"
	"Programs of a guarded session start it; by hand use `tally run -- CMD...`.\n";

/* One more variable that was kept from the gate's own environment. */
static int keep(const char *variable, size_t most, struct gate_call *call)
{
	static const char **kept;
	static size_t count;

	if (!strchr(variable, '='))
		return -1;
	if (!kept)
		kept = calloc(most + 1, sizeof(*kept));
	if (!kept)
		return -1;
	kept[count++] = variable;
	call->keep = kept;
	return 0;
}

static int read_call(int argc, char **argv, char **envp, struct gate_call *call)
{
	int at = 1;

	*call = (struct gate_call){.env = envp};
	for (; at < argc && strcmp(argv[at], "--") != 0; at++) {
		if (strncmp(argv[at], "--session=", 10) == 0)
			call->session = argv[at] + 10;
		else if (strncmp(argv[at], "--expect=", 9) == 0)
			call->expect = argv[at] + 9;
		else if (strncmp(argv[at], "--keep=", 7) == 0) {
			if (keep(argv[at] + 7, (size_t)argc, call) < 0)
				return -1;
		} else
			return -1;
	}
	/* A program may be called with an empty argv[0], but not without one. */
	if (argc - at < 3)
		return -1;
	call->path = argv[at + 1];
	call->argv = argv + at + 2;
	return 0;
}

/* The command as the kernel would have started it, with what stands for argv[0] in front. */
static int take_argv(int argc, char **argv, struct handover *handover,
		     struct gate_call *call)
{
	const char **words;

	if (handover->word_count == 0) {
		call->argv = argv;
		return 0;
	}
	words = calloc((size_t)argc + handover->word_count + 1, sizeof(*words));
	if (!words)
		return -1;
	memcpy(words, handover->words, handover->word_count * sizeof(*words));
	for (int i = 1; i < argc; i++)
		words[handover->word_count + (size_t)i - 1] = argv[i];
	call->argv = (char *const *)words;
	return 0;
}

/* What the supervisor put this process in the place of; 0 when it did not. */
static int take_place(int argc, char **argv, char **envp, struct gate_call *call)
{
	static struct handover handover;

	if (!handover_take(&handover))
		return 0;
	/* The kernel has named it by a descriptor's number. */
	prctl(PR_SET_NAME, "tally-gate", 0, 0, 0);
	if (handover.path) {
		*call = (struct gate_call){.path = handover.path, .env = envp};
		if (take_argv(argc, argv, &handover, call) < 0)
			return -1;
	} else if (read_call(argc, argv, envp, call) < 0) {
		return -1;
	}
	call->session = handover.session;
	return 1;
}

int main(int argc, char **argv, char **envp)
{
	struct fault fault = {0};
	struct gate_call call;
	/* Before anything opens a file where the note may be looked for. */
	char **environment = initial_environment(argv, envp);
	int placed = environment ? take_place(argc, argv, environment, &call) : -1;

	if (execute_prepare(&fault) < 0) {
		fprintf(stderr, "tallygate: %s\n", fault.text);
		return EXIT_STATUS_FAILED;
	}
	if (placed < 0 || (!placed && read_call(argc, argv, environment, &call) < 0)) {
		fputs(usage, stderr);
		return EXIT_STATUS_FAILED;
	}
	return gate_pass(&call);
}
