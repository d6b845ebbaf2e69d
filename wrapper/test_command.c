/* tally test: runs the tests that stand beside the rules. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command_rules.h"
#include "commands.h"
#include "exit_status.h"
#include "rule_tests.h"
#include "terminal.h"
#include "test_report.h"

static const char help[] =
	"usage: tally test [--format human|tap|junit] [--rules DIR]... [FILE...]\n\n"
	"Runs the tests that stand beside the rules (`tests = ( ... )` in policy, fleet "
	"and "
	"tool\n"
	"files): each is a command line with what has to be read from it and decided. "
	"Nothing is\n"
	"run and nothing is asked of the machine; a test says itself what a probe "
	"answers.\n\n"
	"  FILE             only the tests of these files; a tool description may lie "
	"anywhere,\n"
	"                   a policy or fleet file has to be in a rule directory\n"
	"  --format FORMAT  human (the default), tap or junit\n"
	"  --rules DIR      these rule directories instead of the session's "
	"(repeatable)\n"
	"  --help\n\n"
	"Exit status: 0 all passed, 1 some failed, 2 for a wrong call, 125 when the "
	"rules "
	"are\n"
	"broken.\n";

static const char *const formats[] = {"human", "tap", "junit"};

static int parse_format(const char *text, enum test_format *format)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (strcmp(text, formats[i]) == 0) {
			*format = (enum test_format)i;
			return 0;
		}
	}
	return command_usage("test", "--format %s: expected human, tap or junit", text);
}

static int load(struct command_rules *rules, char *const *files, struct rule_tests *tests,
		struct fault *fault)
{
	if (!*files)
		return rule_tests_load_policy(rules->arena, rules->directories,
					      &rules->book, tests, fault) < 0 ||
				       rule_tests_load_tools(rules->arena,
							     rules->directories, tests,
							     fault) < 0
			       ? -1
			       : 0;
	for (; *files; files++) {
		if (rule_tests_load_file(rules->arena, rules->directories, *files,
					 &rules->book, tests, fault))
			return -1;
	}
	return 0;
}

static int add(void *context, const struct rule_test_outcome *outcome)
{
	return test_report_add(context, outcome);
}

static int run(struct command_rules *rules, struct test_report *report,
	       char *const *files)
{
	struct rule_tests tests = {0};
	struct fault fault = {0};

	if (load(rules, files, &tests, &fault))
		return command_fault("test", &fault);
	report->arena = rules->arena;
	report->total = rule_tests_count(&tests);
	test_report_begin(report);
	if (rule_tests_run(&tests, &rules->book, rules->directories, add, report,
			   &fault) < 0) {
		if (!fault.text[0])
			fault_set(&fault, "out of memory");
		return command_fault("test", &fault);
	}
	test_report_end(report);
	return report->failed ? 1 : 0;
}

int test_command(int argc, char **argv)
{
	static const struct option options[] = {{"format", required_argument, NULL, 'f'},
						{"rules", required_argument, NULL, 'r'},
						{"help", no_argument, NULL, 'h'},
						{NULL, 0, NULL, 0}};
	struct test_report report = {.out = stdout,
				     .colour = terminal_colour(STDOUT_FILENO)};
	struct command_rules rules = {.command = "test"};
	int c, status = 0;

	optind = 1;
	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(help, stdout);
			return 0;
		}
		if (c == 'f')
			status = parse_format(optarg, &report.format);
		else if (c == 'r')
			status = command_rules_add(&rules, optarg);
		else
			status = EXIT_STATUS_USAGE;
		if (status)
			return status;
	}
	status = command_rules_open(&rules);
	if (status == 0)
		status = run(&rules, &report, argv + optind);
	command_rules_close(&rules);
	return status;
}
