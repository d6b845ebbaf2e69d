#include "accounts.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int add(struct arena *arena, struct accounts *accounts, size_t *capacity,
	       const struct account *account)
{
	struct account *list = arena_grow(arena, accounts->list, accounts->count,
					  capacity, sizeof(*list));

	if (!list)
		return -1;
	accounts->list = list;
	list[accounts->count++] = *account;
	return 0;
}

int accounts_load(struct arena *arena, struct accounts *accounts, struct fault *fault)
{
	FILE *file = fopen("/etc/passwd", "re");
	size_t capacity = 0;
	struct passwd *entry;
	int result = 0;

	*accounts = (struct accounts){0};
	if (!file)
		return fault_set(fault, "/etc/passwd: %s", strerror(errno));
	while (result == 0 && (entry = fgetpwent(file))) {
		struct account account = {
			.name = arena_strdup(arena, entry->pw_name),
			.shell = arena_strdup(arena, entry->pw_shell && entry->pw_shell[0]
							     ? entry->pw_shell
							     : "/bin/sh"),
			.uid = entry->pw_uid,
			.gid = entry->pw_gid};

		if (!account.name || !account.shell ||
		    add(arena, accounts, &capacity, &account) < 0)
			result = fault_set(fault, "out of memory");
	}
	fclose(file);
	return result;
}

const struct account *account_find(const struct accounts *accounts, const char *name)
{
	for (size_t i = 0; i < accounts->count; i++)
		if (strcmp(accounts->list[i].name, name) == 0)
			return &accounts->list[i];
	return NULL;
}

static bool is_member(const struct account *account, const struct group *group)
{
	if (account->gid == group->gr_gid)
		return true;
	for (char **member = group->gr_mem; *member; member++)
		if (strcmp(*member, account->name) == 0)
			return true;
	return false;
}

int accounts_in_group(struct arena *arena, const struct accounts *accounts,
		      const char *group, struct accounts *members, struct fault *fault)
{
	const struct group *found;
	size_t capacity = 0;

	*members = (struct accounts){0};
	errno = 0;
	found = getgrnam(group);
	if (!found)
		return fault_set(fault, "there is no group \"%s\"%s%s", group,
				 errno ? ": " : "", errno ? strerror(errno) : "");
	for (size_t i = 0; i < accounts->count; i++)
		if (is_member(&accounts->list[i], found) &&
		    add(arena, members, &capacity, &accounts->list[i]) < 0)
			return fault_set(fault, "out of memory");
	return 0;
}

bool account_in_group(const struct account *account, const char *group)
{
	const struct group *found = getgrnam(group);

	return found && is_member(account, found);
}

bool shell_is_listed(const char *shell)
{
	const char *listed;
	bool found = false;

	setusershell();
	while (!found && (listed = getusershell()))
		found = strcmp(listed, shell) == 0;
	endusershell();
	return found;
}

bool shell_is_there(const char *shell)
{
	struct stat status;

	return shell[0] == '/' && stat(shell, &status) == 0 && S_ISREG(status.st_mode) &&
	       (status.st_mode & 0111) == 0111;
}
