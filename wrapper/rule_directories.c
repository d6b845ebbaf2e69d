#include "rule_directories.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { MOST = 4 };

struct found {
	struct arena *arena;
	const char **paths;
	size_t count;
	bool exhausted;
};

static bool is_directory(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* Adds BASE/RELATIVE if `part` (NULL: nothing) is a directory in it. */
static bool add(struct found *found, const char *base, const char *relative,
		const char *part)
{
	const char *path = arena_printf(found->arena, "%s/%s", base, relative);
	const char *proof =
		path && part ? arena_printf(found->arena, "%s/%s", path, part) : path;
	char *real;

	if (!proof) {
		found->exhausted = true;
		return false;
	}
	if (!is_directory(proof) || !(real = realpath(path, NULL)))
		return false;
	found->paths[found->count] = arena_strdup(found->arena, real);
	free(real);
	found->exhausted |= !found->paths[found->count];
	found->count++;
	return true;
}

const char *const *rule_directories_find(struct arena *arena, const char *program,
					 struct fault *fault)
{
	struct found found = {.arena = arena,
			      .paths = arena_array(arena, MOST + 1, sizeof(char *))};

	if (!program || !found.paths) {
		fault_set(fault, "out of memory while the rules were looked for");
		return NULL;
	}
	/* build/ and build/asan/ of a checkout. */
	if (!add(&found, program, "../rules", "tools") &&
	    !add(&found, program, "../../rules", "tools")) {
		if (!add(&found, program, "../../share/tallygate/rules", "tools"))
			add(&found, "/usr", "share/tallygate/rules", "tools");
		/* PREFIX/lib/tallygate: the /etc of a PREFIX that ends in /usr. */
		if (!add(&found, program, "../../../etc/tallygate", NULL))
			add(&found, "/etc", "tallygate", NULL);
	}
	if (found.exhausted) {
		fault_set(fault, "out of memory while the rules were looked for");
		return NULL;
	}
	if (found.count)
		return found.paths;
	fault_set(
		fault,
		"no rules found: neither beside %s nor in /usr/share/tallygate/rules or "
		"/etc/tallygate",
		program);
	return NULL;
}
