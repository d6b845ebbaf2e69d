/* The outcomes of the rules' tests as text: for people, as TAP, as JUnit's XML. */
#ifndef TALLY_TEST_REPORT_H
#define TALLY_TEST_REPORT_H

#include <stdio.h>

#include "arena.h"
#include "rule_tests.h"

enum test_format { TEST_HUMAN, TEST_TAP, TEST_JUNIT };

struct test_report {
	FILE *out;
	enum test_format format;
	struct arena *arena; /* JUnit: what is kept until the end */
	bool colour;
	size_t total; /* how many there will be */
	size_t passed, failed;
	/* JUnit has its numbers in front. */
	struct test_line {
		const char *file, *text, *name, *expected, *found;
		int line;
	} * lines;
	size_t line_capacity;
};

void test_report_begin(struct test_report *report);

/* One outcome; -1 when memory is short. */
int test_report_add(struct test_report *report, const struct rule_test_outcome *outcome);

void test_report_end(struct test_report *report);

#endif
