#include "daemon_config.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "load.h"
#include "session.h"

enum { ENTRY_BYTES = 16384, MOST_GROUPS = 1024 };

void daemon_config_defaults(struct daemon_config *config)
{
	*config = (struct daemon_config){
		.socket = SESSION_DAEMON,
		.run = "/run/tallygate",
		.state = "/var/lib/tallygate",
		.log = "/var/log/tallygate",
		.break_glass = "tallygate-break-glass",
	};
}

static int read_path(struct arena *arena, const config_setting_t *root, const char *name,
		     const char **value, struct fault *fault)
{
	const char *path = *value;

	if (load_string(arena, root, name, false, &path, fault) < 0)
		return -1;
	if (path && path[0] != '/')
		return load_expected(config_setting_get_member(root, name), fault,
				     "an absolute path");
	*value = path;
	return 0;
}

static int read_shell(struct arena *arena, const config_setting_t *group,
		      struct daemon_shell *shell, struct fault *fault)
{
	static const char *const keys[] = {"user", "group", "shell", NULL};

	if (load_check_keys(group, keys, fault) < 0 ||
	    load_string(arena, group, "user", false, &shell->user, fault) < 0 ||
	    load_string(arena, group, "group", false, &shell->group, fault) < 0 ||
	    load_string(arena, group, "shell", true, &shell->shell, fault) < 0 ||
	    read_path(arena, group, "shell", &shell->shell, fault) < 0)
		return -1;
	if (!shell->user == !shell->group)
		return load_fault(group, fault,
				  "expected either user = \"...\" or group = \"...\"");
	return 0;
}

static int read_shells(struct arena *arena, const config_setting_t *root,
		       struct daemon_config *config, struct fault *fault)
{
	config_setting_t *list = NULL;
	struct daemon_shell *shells;
	int found = load_groups(root, "shells", false, &list, fault);
	size_t count;

	if (found <= 0)
		return found;
	count = (size_t)config_setting_length(list);
	shells = arena_array(arena, count + 1, sizeof(*shells));
	if (!shells)
		return fault_set(fault, "out of memory");
	for (size_t i = 0; i < count; i++)
		if (read_shell(arena, config_setting_get_elem(list, (unsigned)i),
			       &shells[i], fault) < 0)
			return -1;
	config->shells = shells;
	config->shell_count = count;
	return 0;
}

static int read_all(struct arena *arena, const config_setting_t *root,
		    struct daemon_config *config, struct fault *fault)
{
	static const char *const keys[] = {"socket", "state",  "log",	      "rules",
					   "shell",  "shells", "break_glass", NULL};
	const char *slash;

	if (load_check_keys(root, keys, fault) < 0 ||
	    read_path(arena, root, "socket", &config->socket, fault) < 0 ||
	    read_path(arena, root, "state", &config->state, fault) < 0 ||
	    read_path(arena, root, "log", &config->log, fault) < 0 ||
	    load_strings(arena, root, "rules", false, &config->rules, fault) < 0 ||
	    read_path(arena, root, "shell", &config->shell, fault) < 0 ||
	    read_shells(arena, root, config, fault) < 0 ||
	    load_string(arena, root, "break_glass", false, &config->break_glass, fault) <
		    0)
		return -1;
	slash = strrchr(config->socket, '/');
	config->run =
		arena_strndup(arena, config->socket, (size_t)(slash - config->socket));
	return config->run ? 0 : fault_set(fault, "out of memory");
}

int daemon_config_load(struct arena *arena, const char *path,
		       struct daemon_config *config, struct fault *fault)
{
	config_t file;
	int result;

	daemon_config_defaults(config);
	if (access(path, F_OK) < 0 && errno == ENOENT)
		return 0;
	if (load_trusted(path, 0, fault) < 0 || load_open(arena, path, &file, fault) < 0)
		return -1;
	result = read_all(arena, config_root_setting(&file), config, fault);
	config_destroy(&file);
	if (result < 0)
		daemon_config_defaults(config);
	return result;
}

bool daemon_config_member(uid_t uid, const char *group)
{
	struct passwd entry, *user = NULL;
	struct group group_entry, *found = NULL;
	char text[ENTRY_BYTES], group_text[ENTRY_BYTES];
	gid_t groups[MOST_GROUPS];
	int count = MOST_GROUPS;

	if (getpwuid_r(uid, &entry, text, sizeof(text), &user) != 0 || !user ||
	    getgrnam_r(group, &group_entry, group_text, sizeof(group_text), &found) !=
		    0 ||
	    !found || getgrouplist(user->pw_name, user->pw_gid, groups, &count) < 0)
		return false;
	for (int i = 0; i < count; i++)
		if (groups[i] == found->gr_gid)
			return true;
	return false;
}

const char *daemon_config_shell(const struct daemon_config *config, uid_t uid)
{
	struct passwd entry, *user = NULL;
	char text[ENTRY_BYTES];

	if (getpwuid_r(uid, &entry, text, sizeof(text), &user) != 0)
		user = NULL;
	for (size_t i = 0; i < config->shell_count; i++) {
		const struct daemon_shell *shell = &config->shells[i];

		if (shell->user ? user && strcmp(user->pw_name, shell->user) == 0
				: daemon_config_member(uid, shell->group))
			return shell->shell;
	}
	return config->shell;
}
