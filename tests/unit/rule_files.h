/* Rule directories for unit tests: written below TMPDIR, removed again. */
#ifndef TALLY_RULE_FILES_H
#define TALLY_RULE_FILES_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct rule_files {
	char path[256];
	const char *rules[2];
};

static bool write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	if (!file)
		return false;
	fputs(text, file);
	return fclose(file) == 0;
}

/* A directory with fleet/t.cfg (NULL: none) and policy/t.cfg (NULL: no limits). */
__attribute__((unused)) static bool rule_files_make(struct rule_files *files,
						    const char *fleet, const char *policy)
{
	const char *top = getenv("TMPDIR");
	char path[300];

	snprintf(files->path, sizeof(files->path), "%s/tally-rules.XXXXXX",
		 top ? top : "/tmp");
	if (!mkdtemp(files->path))
		return false;
	files->rules[0] = files->path;
	files->rules[1] = NULL;
	snprintf(path, sizeof(path), "%s/fleet", files->path);
	if (mkdir(path, 0700))
		return false;
	snprintf(path, sizeof(path), "%s/policy", files->path);
	if (mkdir(path, 0700))
		return false;
	snprintf(path, sizeof(path), "%s/fleet/t.cfg", files->path);
	if (fleet && !write_text(path, fleet))
		return false;
	snprintf(path, sizeof(path), "%s/policy/t.cfg", files->path);
	return write_text(path, policy ? policy : "limits = ();");
}

__attribute__((unused)) static void rule_files_remove(const struct rule_files *files)
{
	static const char *const names[] = {"/fleet/t.cfg",  "/fleet/aliases", "/fleet",
					    "/policy/t.cfg", "/policy",	       ""};
	char path[300];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "%s%s", files->path, names[i]);
		remove(path);
	}
}

#endif
