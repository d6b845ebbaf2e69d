#include "command_rules.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "exit_status.h"

enum { RULES_BYTES = 256 << 20 };

int command_fault(const char *command, const struct fault *fault)
{
	char line[FAULT_LINE];

	fprintf(stderr, "tally %s: %s\n", command, fault_line(fault, line));
	return EXIT_STATUS_FAILED;
}

int command_usage(const char *command, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "tally %s: ", command);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "; see tally %s --help\n", command);
	return EXIT_STATUS_USAGE;
}

int command_rules_add(struct command_rules *rules, const char *directory)
{
	if (rules->given_count >= COMMAND_RULES_DIRECTORIES)
		return command_usage(rules->command, "more than %d rule directories",
				     (int)COMMAND_RULES_DIRECTORIES);
	rules->given[rules->given_count++] = directory;
	return 0;
}

/* A directory that is not there must not be taken for one without rules. */
static int find_given(struct command_rules *rules)
{
	const char **found =
		arena_array(rules->arena, rules->given_count + 1, sizeof(*found));
	char path[PATH_MAX];
	struct stat status;

	for (size_t i = 0; found && i < rules->given_count; i++) {
		const char *given = rules->given[i];

		if (!realpath(given, path) || stat(path, &status))
			return command_usage(rules->command, "rule directory %s: %s",
					     given, strerror(errno));
		if (!S_ISDIR(status.st_mode))
			return command_usage(
				rules->command,
				"%s is no directory; expected one that holds "
				"tools, fleet and policy",
				given);
		found[i] = arena_strdup(rules->arena, path);
		if (!found[i])
			found = NULL;
	}
	rules->directories = found;
	return 0;
}

int command_rules_options(struct command_rules *rules, int argc, char **argv,
			  const char *help, bool *json)
{
	static const struct option options[] = {{"json", no_argument, NULL, 'j'},
						{"rules", required_argument, NULL, 'r'},
						{"help", no_argument, NULL, 'h'},
						{NULL, 0, NULL, 0}};
	int c, status = 0;

	optind = 1;
	while ((c = getopt_long(argc, argv, "hj", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(help, stdout);
			return 0;
		}
		if (c == 'j')
			*json = true;
		else if (c == 'r')
			status = command_rules_add(rules, optarg);
		else
			status = EXIT_STATUS_USAGE;
		if (status)
			return status;
	}
	return -1;
}

int command_rules_find(struct command_rules *rules)
{
	struct fault fault = {0};
	int status = 0;

	rules->arena = arena_new(RULES_BYTES);
	if (!rules->arena) {
		fault_set(&fault, "out of memory");
		return command_fault(rules->command, &fault);
	}
	if (session_load(rules->arena, session_named(), &rules->session, &fault) < 0) {
		/* Where the rules are given, those of the installation need not be there. */
		if (!rules->given_count || session_named())
			return command_fault(rules->command, &fault);
	}
	rules->directories = rules->session.rules;
	if (rules->given_count)
		status = find_given(rules);
	if (status == 0 && !rules->directories) {
		fault_set(&fault, "out of memory");
		status = command_fault(rules->command, &fault);
	}
	return status;
}

int command_rules_open(struct command_rules *rules)
{
	struct fault fault = {0};
	int status = command_rules_find(rules);

	if (status == 0 &&
	    rulebook_open(rules->arena, rules->directories, &rules->book, &fault) < 0)
		status = command_fault(rules->command, &fault);
	return status;
}

void command_rules_close(struct command_rules *rules)
{
	arena_free(rules->arena);
	rules->arena = NULL;
}
