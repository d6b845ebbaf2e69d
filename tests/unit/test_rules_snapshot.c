/* A copy of the rules has everything that descriptions refer to. */
#include <dirent.h>
#include <ftw.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rules_snapshot.h"
#include "tap.h"

static int remove_one(const char *path, const struct stat *status, int kind,
		      struct FTW *walk)
{
	(void)status;
	(void)kind;
	(void)walk;
	return remove(path);
}

/* Every directory of `rules` but the examples for a new site is in `copy`. */
static void compare(const char *rules, const char *copy)
{
	DIR *directory = opendir(rules);
	struct dirent *entry;
	char path[PATH_MAX + NAME_MAX + 2];
	struct stat status;
	int found = 0;

	while (directory && (entry = readdir(directory))) {
		snprintf(path, sizeof(path), "%s/%s", rules, entry->d_name);
		if (entry->d_name[0] == '.' || strcmp(entry->d_name, "starter") == 0 ||
		    stat(path, &status) < 0 || !S_ISDIR(status.st_mode))
			continue;
		found++;
		snprintf(path, sizeof(path), "%s/%s", copy, entry->d_name);
		ok(stat(path, &status) == 0, "%s is copied", entry->d_name);
	}
	if (directory)
		closedir(directory);
	ok(found > 3, "%d directories of rules", found);
}

int main(void)
{
	char top[] = "/tmp/tally-snapshot-XXXXXX", rules[PATH_MAX];
	const char *directories[] = {rules, NULL};
	struct rules_snapshot snapshot = {0};
	struct arena *arena = arena_new(64 << 20);
	struct fault fault = {0};

	if (!arena || !mkdtemp(top) || !realpath("rules", rules)) {
		ok(false, "the test can begin");
		return done();
	}
	if (ok(rules_snapshot_make(arena, top, directories, &snapshot, &fault) == 0,
	       "a copy is made: %s", fault.text))
		compare(rules, snapshot.directories[0]);
	nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	arena_free(arena);
	return done();
}
