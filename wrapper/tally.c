/* tally: the command line of tallygate. Finds the subcommand and hands over to it. */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "exit_status.h"
#include "version.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *arguments, *summary;
} commands[] = {
	{"explain", explain_command, "[--json] -- CMD...",
	 "what CMD would do, and why; never runs or reserves anything"},
	{"status", status_command, "", "subsystems, floors, what the rates still leave"},
	{"check", check_command, "[DIR...]", "rule files: all errors and warnings"},
	{"test", test_command, "[FILE...]", "the tests beside the rules"},
	{"audit", audit_command, "[verify|report|rotate]",
	 "what was recorded of every guarded command"},
	{"run", run_command, "[--expect N] -- CMD...", "CMD through the gate, by hand"},
	{"refresh", refresh_command, "[FILE]", "the shim's table of guarded programs"},
	{"enable", enable_command, "USER|%GROUP...",
	 "tallysh as their login shell, tried first"},
	{"disable", disable_command, "USER|%GROUP...|--all",
	 "the login shells they had before"},
	{"doctor", doctor_command, "[--json|--quiet]",
	 "which layers are live here, each one tried"},
	{"shell", shell_command, "[--rules DIR] [-- CMD...]",
	 "your shell, or CMD, in a guarded session"},
};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static void usage(FILE *stream)
{
	fputs("tally counts what a command is about to touch, before it runs.\n\n"
	      "usage: tally COMMAND [ARG...]\n\n",
	      stream);
	for (size_t i = 0; i < COMMANDS; i++) {
		fprintf(stream, "  %-8s %-25s %s\n", commands[i].name,
			commands[i].arguments, commands[i].summary);
	}
	fputs("\n`tally COMMAND --help` says more about one of them.\n", stream);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		usage(stderr);
		return EXIT_STATUS_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		usage(stdout);
		return 0;
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("tally " TALLY_VERSION);
		return 0;
	}
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	fprintf(stderr, "tally: there is no command \"%s\"; `tally --help` lists them\n",
		argv[1]);
	return EXIT_STATUS_USAGE;
}
