/* tally-gate: stands in a command's place until it is clear that the command may run. */
#include <stdio.h>
#include <string.h>

#include "execute.h"
#include "exit_status.h"
#include "gate.h"

static const char usage[] =
	"usage: tally-gate [--session=DIR] [--expect=N] -- PATH ARGV0 [ARG...]\n"
	"Programs of a guarded session start it; by hand use `tally run -- CMD...`.\n";

static int read_call(int argc, char **argv, char **envp, struct gate_call *call)
{
	int at = 1;

	*call = (struct gate_call){.env = envp};
	for (; at < argc && strcmp(argv[at], "--") != 0; at++) {
		if (strncmp(argv[at], "--session=", 10) == 0)
			call->session = argv[at] + 10;
		else if (strncmp(argv[at], "--expect=", 9) == 0)
			call->expect = argv[at] + 9;
		else
			return -1;
	}
	/* A program may be called with an empty argv[0], but not without one. */
	if (argc - at < 3)
		return -1;
	call->path = argv[at + 1];
	call->argv = argv + at + 2;
	return 0;
}

int main(int argc, char **argv, char **envp)
{
	struct fault fault = {0};
	struct gate_call call;

	if (execute_prepare(&fault) < 0) {
		fprintf(stderr, "tallygate: %s\n", fault.text);
		return EXIT_STATUS_FAILED;
	}
	if (read_call(argc, argv, envp, &call) < 0) {
		fputs(usage, stderr);
		return EXIT_STATUS_FAILED;
	}
	return gate_pass(&call);
}
