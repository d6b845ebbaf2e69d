#include "load_scan.h"

#include <ctype.h>
#include <string.h>

/*
 * A walk over the text that knows just enough of libconfig's lexer (lib/scanner.l of 1.5)
 * to tell strings and comments from the rest.
 */
struct scan {
	const struct load_source *source;
	size_t at;
	int line;
	unsigned depth; /* open brackets */
	bool in_tests;	/* within the value of a top-level `tests` */
	size_t tests;	/* where that setting begins */
	char *blank;	/* the text to blank such settings in, NULL: none */
};

enum { MAX_DEPTH = 64 }; /* libconfig frees nested settings by recursion */

static char here(const struct scan *scan)
{
	return scan->source->text[scan->at];
}

static char next(const struct scan *scan)
{
	return here(scan) ? scan->source->text[scan->at + 1] : '\0';
}

static void step(struct scan *scan)
{
	if (here(scan) == '\n')
		scan->line++;
	scan->at++;
}

static int refuse(const struct scan *scan, int line, struct fault *fault,
		  const char *text)
{
	return fault_at(fault, scan->source->path, line, "%s", text);
}

static int skip_string(struct scan *scan, struct fault *fault)
{
	int line = scan->line;

	for (step(scan); here(scan) != '"'; step(scan)) {
		if (here(scan) == '\\' && next(scan))
			step(scan);
		if (!here(scan))
			return refuse(scan, line, fault,
				      "this text has no closing quote");
	}
	step(scan);
	return 0;
}

static int skip_comment(struct scan *scan, struct fault *fault)
{
	int line = scan->line;

	if (next(scan) != '*') {
		while (here(scan) && here(scan) != '\n')
			step(scan);
		return 0;
	}
	step(scan);
	step(scan);
	while (here(scan) != '*' || next(scan) != '/') {
		if (!here(scan))
			return refuse(scan, line, fault,
				      "this comment is never closed: expected */");
		step(scan);
	}
	step(scan);
	step(scan);
	return 0;
}

/* libconfig 1.5 reads integers with atoi(), strtoul() and atoll(): too large wraps. */
static int check_number(struct scan *scan, struct fault *fault)
{
	const char *word = scan->source->text + scan->at;
	size_t length = 0, digits = 0;
	bool hex = word[0] == '0' && (word[1] == 'x' || word[1] == 'X');
	uint64_t value = 0, limit = INT32_MAX;

	for (length = hex ? 2 : 0; isxdigit((unsigned char)word[length]); length++) {
		if (!hex && !isdigit((unsigned char)word[length]))
			break;
		digits++;
		if (value <= UINT64_MAX / 16 - 16)
			value = value * (hex ? 16 : 10) +
				(uint64_t)(isdigit((unsigned char)word[length])
						   ? word[length] - '0'
						   : (word[length] | 32) - 'a' + 10);
	}
	if (word[length] == 'L')
		limit = INT64_MAX / 16; /* beyond it `value` stands still */
	scan->at += length;
	if (digits && value > limit && word[length] != '.' && (word[length] | 32) != 'e')
		return fault_at(fault, scan->source->path, scan->line,
				"%.*s: expected a number of at most %llu%s", (int)length,
				word, (unsigned long long)limit,
				limit == INT32_MAX ? " (or with L behind it)" : "");
	return 0;
}

static bool in_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '*';
}

static int check_bracket(struct scan *scan, struct fault *fault)
{
	char c = here(scan);

	if (strchr("({[", c)) {
		if (scan->depth++ >= MAX_DEPTH)
			return refuse(scan, scan->line, fault,
				      "brackets are nested too deeply");
	} else if (strchr(")}]", c) && scan->depth) {
		scan->depth--;
	}
	step(scan);
	return 0;
}

/* True when the name that has just been passed is `tests` and its value is a list. */
static bool begins_tests(const struct scan *scan, size_t start)
{
	const char *at = scan->source->text + scan->at;

	if (scan->at - start != 5 || memcmp(scan->source->text + start, "tests", 5) != 0)
		return false;
	at += strspn(at, " \t\r\n");
	if (*at != '=' && *at != ':')
		return false;
	at++;
	at += strspn(at, " \t\r\n");
	return *at == '(';
}

static int scan_one(struct scan *scan, struct fault *fault)
{
	char c = here(scan);

	if (c == '"')
		return skip_string(scan, fault);
	if (c == '#' || (c == '/' && (next(scan) == '/' || next(scan) == '*')))
		return skip_comment(scan, fault);
	if (c == '@')
		return refuse(scan, scan->line, fault,
			      "@include is not allowed in rule files: put the other file "
			      "into the rule directory, all of its *.cfg are read");
	if (c == '.') { /* what follows is the fraction of a float */
		for (step(scan); isdigit((unsigned char)here(scan));)
			step(scan);
		return 0;
	}
	if (isdigit((unsigned char)c))
		return check_number(scan, fault);
	if (isalpha((unsigned char)c) || c == '*') {
		size_t start = scan->at;

		while (in_name(here(scan)))
			step(scan);
		if (scan->depth == 0 && begins_tests(scan, start)) {
			scan->in_tests = true;
			scan->tests = start;
		}
		return 0;
	}
	return check_bracket(scan, fault);
}

/* The bytes from `tests` to here become blanks; the lines stay where they are. */
static void blank_tests(struct scan *scan)
{
	scan->in_tests = false;
	while (isspace((unsigned char)here(scan)))
		step(scan);
	if (here(scan) == ';' || here(scan) == ',')
		step(scan);
	for (size_t i = scan->tests; scan->blank && i < scan->at; i++)
		if (scan->blank[i] != '\n')
			scan->blank[i] = ' ';
}

int load_scan(const struct load_source *source, char *blank, struct fault *fault)
{
	struct scan scan = {.source = source, .line = 1, .blank = blank};
	const char *nul = memchr(source->text, '\0', source->length);

	if (nul) {
		for (const char *at = source->text; at < nul; at++)
			scan.line += *at == '\n';
		return refuse(&scan, scan.line, fault, "holds a NUL byte: expected text");
	}
	while (here(&scan)) {
		bool closing = scan.depth == 1 && here(&scan) == ')';

		if (scan_one(&scan, fault))
			return -1;
		if (closing && scan.in_tests)
			blank_tests(&scan);
	}
	return 0;
}
