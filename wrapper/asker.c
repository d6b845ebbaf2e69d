#include "asker.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GROUPS = 4096 };

static const char *program_of(struct arena *arena, pid_t pid)
{
	char path[64], link[4096];
	const char *base;
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	length = readlink(path, link, sizeof(link) - 1);
	if (length <= 0)
		return NULL;
	link[length] = '\0';
	base = strrchr(link, '/');
	return arena_strdup(arena, base ? base + 1 : link);
}

/* The names of all groups of `user`; an unnamed group is left out, as no rule can name it. */
static const char *const *groups_of(struct arena *arena, const char *user, gid_t primary)
{
	const char **names = arena_array(arena, GROUPS + 1, sizeof(*names));
	gid_t *ids = arena_array(arena, GROUPS, sizeof(*ids));
	int count = GROUPS;
	size_t used = 0;

	if (!names || !ids)
		return NULL;
	if (getgrouplist(user, primary, ids, &count) < 0)
		count = GROUPS;
	for (int i = 0; i < count; i++) {
		const struct group *group = getgrgid(ids[i]);

		if (group && (names[used] = arena_strdup(arena, group->gr_name)))
			used++;
	}
	return names;
}

int asker_of(struct arena *arena, const struct who *who, bool terminal,
	     struct asker *asker, struct fault *fault)
{
	const struct passwd *user = getpwuid(who->login);
	char host[256] = "localhost";
	gid_t primary = user ? user->pw_gid : who->gid;

	memset(asker, 0, sizeof(*asker));
	asker->user = user ? arena_strdup(arena, user->pw_name)
			   : arena_printf(arena, "%lu", (unsigned long)who->login);
	if (asker->user)
		asker->groups = groups_of(arena, asker->user, primary);
	asker->parent_program = program_of(arena, who->parent);
	if (gethostname(host, sizeof(host) - 1) == 0)
		host[sizeof(host) - 1] = '\0';
	asker->host = arena_strdup(arena, host);
	asker->terminal = terminal;
	if (!asker->user || !asker->groups || !asker->host)
		return fault_set(fault, "out of memory while the user was looked up");
	return 0;
}

int asker_self(struct arena *arena, struct asker *asker, struct fault *fault)
{
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	struct who who;

	if (tty >= 0)
		close(tty);
	who_self(&who);
	return asker_of(arena, &who, tty >= 0, asker, fault);
}
