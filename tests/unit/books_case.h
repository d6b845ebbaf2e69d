/* Books of a test's own: rules, state and log below TMPDIR, and requests for them. */
#ifndef TALLY_BOOKS_CASE_H
#define TALLY_BOOKS_CASE_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "books_server.h"
#include "digest.h"

#define EVENT "01890000-0000-7000-8000-00000000000"

static char books_top[256];
static char books_rules[300], books_state[300], books_log[300], books_snapshots[300];
static const char *books_rule_list[] = {books_rules, NULL};
static const struct books_options books_options = {
	.state = books_state,
	.log = books_log,
	.snapshots = books_snapshots,
	.rules = books_rule_list,
};

static const char books_drain[] =
	"tool = { name = \"drain\"; programs = [ \"drain\" ]; unit = \"host\";\n"
	"  options = [ \"--list\", \"--everywhere\", \"--run\" ];\n"
	"  operations = ( { when = [ \"--list\" ]; action = \"read\"; },\n"
	"    { when = [ \"--run\" ]; action = \"run\"; }, { action = \"stop\"; } );\n"
	"  targets = ( { operands = \"all\"; syntax = \"folded\"; } );\n"
	"  probes = ( { when = [ \"--everywhere\" ]; run = [ \"list-hosts\" ];\n"
	"    syntax = \"lines\"; } );\n"
	"  everything = [ \"--everywhere\" ]; transports = [ \"shut\" ]; };\n";
static const char books_shut[] =
	"tool = { name = \"shut\"; programs = [ \"shut\" ]; unit = \"host\";\n"
	"  operations = ( { action = \"stop\"; } );\n"
	"  targets = ( { operands = \"all\"; syntax = \"folded\"; } ); };\n";
static const char books_fleet[] =
	"subsystems = ( { name = \"web\"; members = \"web[001-100]\"; floor = 60; } );\n";
static const char books_policy[] =
	"limits = ( { action = \"stop\"; confirm_above = 2; },\n"
	"  { name = \"too-many\"; action = \"stop\"; deny_above = 50; } );\n";

static bool books_write(const char *name, const char *text)
{
	char path[400];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", books_top, name);
	file = fopen(path, "w");
	if (!file)
		return false;
	fputs(text, file);
	return fclose(file) == 0;
}

static bool books_mkdir(const char *name)
{
	char path[400];

	snprintf(path, sizeof(path), "%s/%s", books_top, name);
	return mkdir(path, 0755) == 0;
}

/* Everything anew, in a directory of its own. */
__attribute__((unused)) static bool books_files_make(void)
{
	const char *top = getenv("TMPDIR");

	umask(022);
	snprintf(books_top, sizeof(books_top), "%.200s/tally-books.XXXXXX",
		 top ? top : "/tmp");
	if (!mkdtemp(books_top) || chmod(books_top, 0755) < 0)
		return false;
	snprintf(books_rules, sizeof(books_rules), "%s/rules", books_top);
	snprintf(books_state, sizeof(books_state), "%s/state", books_top);
	snprintf(books_log, sizeof(books_log), "%s/log", books_top);
	snprintf(books_snapshots, sizeof(books_snapshots), "%s/snapshots", books_top);
	return books_mkdir("rules") && books_mkdir("rules/tools") &&
	       books_mkdir("rules/fleet") && books_mkdir("rules/policy") &&
	       books_write("rules/tools/drain.cfg", books_drain) &&
	       books_write("rules/tools/shut.cfg", books_shut) &&
	       books_write("rules/fleet/fleet.cfg", books_fleet) &&
	       books_write("rules/policy/policy.cfg", books_policy);
}

static int books_remove_one(const char *path, const struct stat *status, int flag,
			    struct FTW *walk)
{
	(void)status, (void)flag, (void)walk;
	return remove(path);
}

__attribute__((unused)) static void books_files_remove(void)
{
	nftw(books_top, books_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* This process, as a gate in session "s1". */
__attribute__((unused)) static struct books_peer books_peer_self(void)
{
	struct books_peer peer = {.client = BOOKS_GATE, .session = "s1"};

	who_self(&peer.who);
	return peer;
}

/* A request about the command `line`, whose words blanks divide. */
__attribute__((unused)) static json_t *books_about(const char *op, const char *event,
						   const char *line)
{
	json_t *argv = json_array();
	char *words = strdup(line), *rest = words, *word, path[64];

	snprintf(path, sizeof(path), "/usr/bin/%.*s", (int)strcspn(line, " "), line);
	while ((word = strsep(&rest, " ")))
		json_array_append_new(argv, json_string(word));
	free(words);
	return json_pack("{s:i, s:s, s:s, s:{s:s, s:o, s:[s], s:s}, s:[], s:[i, i], s:b, "
			 "s:i, s:n, s:n}",
			 "v", 1, "op", op, "event", event, "command", "path", path,
			 "argv", argv, "env", "A=b", "cwd", "/", "facts", "file", 1, 2,
			 "interactive", 1, "latency", 3, "program", "tool");
}

/* The same as an admission. */
__attribute__((unused)) static json_t *
books_admission(const char *event, const char *line, const char *accepted)
{
	json_t *request = books_about("admit", event, line);

	json_object_set_new(request, "accepted", json_string(accepted));
	json_object_set_new(request, "expected", json_null());
	json_object_set_new(request, "answer", json_string("3"));
	json_object_set_new(request, "reason", json_null());
	return request;
}

/* The digest of the whole line, as the watch thread makes it. */
__attribute__((unused)) static void books_line_digest(const char *line,
						      char digest[GRANT_DIGEST])
{
	char *words = strdup(line), *rest = words;
	const char *argv[64];
	size_t count = 0;

	while (count < 64 && (argv[count] = strsep(&rest, " ")))
		count++;
	books_argv_digest(argv, count, digest);
	free(words);
}

#endif
