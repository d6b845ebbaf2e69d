#include "test_report.h"

#include <string.h>

#include "visible.h"

static const char *label(const struct scene *scene)
{
	return scene->name ? scene->name : scene->text;
}

/* ---- for people ---- */

static void human_field(struct test_report *report, const char *name, const char *text)
{
	const char *visible = visible_text(report->arena, text, true);

	fprintf(report->out, "  %-9s %s\n", name, visible ? visible : "");
}

static void human_add(struct test_report *report, const struct rule_test_outcome *outcome)
{
	const struct scene *scene = outcome->scene;
	const char *name = visible_text(report->arena, label(scene), true);

	if (outcome->passed)
		return;
	fprintf(report->out, "%s:%d: %sfailed%s: %s\n", scene->file, scene->line,
		report->colour ? "\033[1;31m" : "", report->colour ? "\033[0m" : "",
		name ? name : "");
	human_field(report, "command", scene->text);
	human_field(report, "expected", outcome->expected);
	human_field(report, "found", outcome->found);
}

static void human_end(const struct test_report *report)
{
	if (report->total == 0)
		fputs("no tests: a rule file holds them in `tests = ( ... )`, see "
		      "docs/rules.md\n",
		      report->out);
	else
		fprintf(report->out, "%zu passed, %zu failed\n", report->passed,
			report->failed);
}

/* ---- TAP (testanything.org): # in a description would be read as a directive ---- */

static void tap_text(struct test_report *report, const char *text)
{
	const char *visible = visible_text(report->arena, text, true);

	for (; visible && *visible; visible++) {
		if (*visible == '#')
			fputc('\\', report->out);
		fputc(*visible, report->out);
	}
}

static void tap_add(struct test_report *report, const struct rule_test_outcome *outcome)
{
	const struct scene *scene = outcome->scene;
	const char *slash = strrchr(scene->file, '/');

	fprintf(report->out, "%sok %zu - %s:%d ", outcome->passed ? "" : "not ",
		report->passed + report->failed, slash ? slash + 1 : scene->file,
		scene->line);
	tap_text(report, label(scene));
	fputc('\n', report->out);
	if (outcome->passed)
		return;
	fprintf(report->out, "# at %s:%d\n", scene->file, scene->line);
	fputs("# command  ", report->out);
	tap_text(report, scene->text);
	fputs("\n# expected ", report->out);
	tap_text(report, outcome->expected);
	fputs("\n# found    ", report->out);
	tap_text(report, outcome->found);
	fputc('\n', report->out);
}

/* ---- JUnit ---- */

static const char *kept(struct test_report *report, const char *text)
{
	return text ? visible_text(report->arena, text, true) : NULL;
}

static int junit_add(struct test_report *report, const struct rule_test_outcome *outcome)
{
	size_t count = report->passed + report->failed - 1;
	struct test_line *lines = arena_grow(report->arena, report->lines, count,
					     &report->line_capacity, sizeof(*lines));

	if (!lines)
		return -1;
	report->lines = lines;
	lines[count] = (struct test_line){
		.file = kept(report, outcome->scene->file),
		.line = outcome->scene->line,
		.text = kept(report, outcome->scene->text),
		.name = kept(report, label(outcome->scene)),
		.expected = kept(report, outcome->expected),
		.found = kept(report, outcome->found),
	};
	return lines[count].file && lines[count].text && lines[count].name ? 0 : -1;
}

static void xml_text(FILE *out, const char *text)
{
	for (; text && *text; text++) {
		switch (*text) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			fputc(*text, out);
		}
	}
}

static void junit_case(const struct test_report *report, const struct test_line *line)
{
	FILE *out = report->out;

	fputs("  <testcase classname=\"", out);
	xml_text(out, line->file);
	fputs("\" name=\"", out);
	xml_text(out, line->name);
	fputs("\" file=\"", out);
	xml_text(out, line->file);
	fprintf(out, "\" line=\"%d\"", line->line);
	if (!line->expected) {
		fputs("/>\n", out);
		return;
	}
	fputs(">\n    <failure message=\"expected ", out);
	xml_text(out, line->expected);
	fputs(", found ", out);
	xml_text(out, line->found);
	fprintf(out, "\">");
	xml_text(out, line->file);
	fprintf(out, ":%d\ncommand  ", line->line);
	xml_text(out, line->text);
	fputs("\nexpected ", out);
	xml_text(out, line->expected);
	fputs("\nfound    ", out);
	xml_text(out, line->found);
	fputs("\n</failure>\n  </testcase>\n", out);
}

static void junit_end(const struct test_report *report)
{
	size_t count = report->passed + report->failed;

	fprintf(report->out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<testsuites tests=\"%zu\" failures=\"%zu\">\n"
		" <testsuite name=\"tallygate rules\" tests=\"%zu\" failures=\"%zu\">\n",
		count, report->failed, count, report->failed);
	for (size_t i = 0; i < count; i++)
		junit_case(report, &report->lines[i]);
	fputs(" </testsuite>\n</testsuites>\n", report->out);
}

/* ---- all of them ---- */

void test_report_begin(struct test_report *report)
{
	if (report->format == TEST_TAP)
		fprintf(report->out, "TAP version 13\n1..%zu\n", report->total);
}

int test_report_add(struct test_report *report, const struct rule_test_outcome *outcome)
{
	if (outcome->passed)
		report->passed++;
	else
		report->failed++;
	if (report->format == TEST_JUNIT)
		return junit_add(report, outcome);
	if (report->format == TEST_TAP)
		tap_add(report, outcome);
	else
		human_add(report, outcome);
	return 0;
}

void test_report_end(struct test_report *report)
{
	if (report->format == TEST_HUMAN)
		human_end(report);
	else if (report->format == TEST_JUNIT)
		junit_end(report);
}
