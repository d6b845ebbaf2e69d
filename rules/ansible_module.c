#include "ansible_module.h"

#include <string.h>

/*
 * Sources: the documentation of the modules of ansible-core 2.14 (`ansible-doc NAME`) and of
 * the collections named. Of all others the argument `state` decides.
 */
static const struct {
	const char *module;
	enum action action;
} modules[] = {
	{"ping", ACTION_READ},
	{"win_ping", ACTION_READ},
	{"setup", ACTION_READ},
	{"gather_facts", ACTION_READ},
	{"stat", ACTION_READ},
	{"find", ACTION_READ},
	{"fetch", ACTION_READ},
	{"slurp", ACTION_READ},
	{"debug", ACTION_READ},
	{"assert", ACTION_READ},
	{"fail", ACTION_READ},
	{"set_fact", ACTION_READ},
	{"add_host", ACTION_READ},
	{"group_by", ACTION_READ},
	{"include_vars", ACTION_READ},
	{"package_facts", ACTION_READ},
	{"service_facts", ACTION_READ},
	{"mount_facts", ACTION_READ},
	{"getent", ACTION_READ},
	{"wait_for", ACTION_READ},
	{"wait_for_connection", ACTION_READ},
	{"pause", ACTION_READ},
	{"meta", ACTION_READ},
	{"async_status", ACTION_READ},
	{"validate_argument_spec", ACTION_READ},
	{"reboot", ACTION_RESTART},
	{"win_reboot", ACTION_RESTART},
	{"win_shutdown", ACTION_STOP},
	{"shutdown", ACTION_STOP},
	{"script", ACTION_RUN},
	{"expect", ACTION_RUN},
	{"win_command", ACTION_RUN},
	{"win_shell", ACTION_RUN},
};

static const struct {
	const char *state;
	enum action action;
} states[] = {
	{"stopped", ACTION_STOP},	 {"restarted", ACTION_RESTART},
	{"reloaded", ACTION_CONFIG},	 {"started", ACTION_RESTORE},
	{"absent", ACTION_REMOVE},	 {"removed", ACTION_REMOVE},
	{"unmounted", ACTION_STOP},	 {"present", ACTION_CONFIG},
	{"poweredoff", ACTION_STOP},	 {"poweredon", ACTION_RESTORE},
	{"powered-off", ACTION_STOP},	 {"powered-on", ACTION_RESTORE},
	{"rebooted", ACTION_RESTART},	 {"restarting", ACTION_RESTART},
	{"terminated", ACTION_REMOVE},	 {"killed", ACTION_STOP},
	{"shutdown", ACTION_STOP},	 {"destroyed", ACTION_REMOVE},
	{"suspended", ACTION_STOP},	 {"shutdownguest", ACTION_STOP},
	{"rebootguest", ACTION_RESTART}, {"drain", ACTION_STOP},
	{"cordon", ACTION_STOP},	 {"uncordon", ACTION_RESTORE},
	{"purged", ACTION_REMOVE},
};

/* Modules of services, where "started" gives capacity back; elsewhere it is a change. */
static bool is_service(const char *base)
{
	static const char *const names[] = {
		"service", "systemd",	    "systemd_service", "sysvinit", "win_service",
		"runit",   "supervisorctl", "openwrt_init",    "nosh",	   "launchd"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(base, names[i]) == 0)
			return true;
	return false;
}

const char *ansible_module_base(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot ? dot + 1 : name;
}

bool ansible_module_is_local(const char *name)
{
	static const char *const names[] = {"debug",	    "set_fact",
					    "add_host",	    "group_by",
					    "assert",	    "fail",
					    "include_vars", "pause",
					    "meta",	    "include_tasks",
					    "import_tasks", "include_role",
					    "import_role",  "import_playbook",
					    "set_stats",    "validate_argument_spec"};
	const char *base = ansible_module_base(name);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(base, names[i]) == 0)
			return true;
	return false;
}

static bool is_free_form(const char *base)
{
	return strcmp(base, "command") == 0 || strcmp(base, "shell") == 0 ||
	       strcmp(base, "raw") == 0;
}

/* One key=value of -a, with the quotes that parse_kv() of ansible understands. */
const char *ansible_module_argument(void *context, const char *name)
{
	struct module_text *module = context;
	size_t length = strlen(name);
	const char *p = module->text;

	while (p && *p) {
		const char *start = p + strspn(p, " \t\n");
		char quote = '\0';

		for (p = start; *p && (quote || !strchr(" \t\n", *p)); p++) {
			if (quote && *p == quote)
				quote = '\0';
			else if (!quote && (*p == '"' || *p == '\''))
				quote = *p;
		}
		if (strncmp(start, name, length) == 0 && start[length] == '=') {
			start += length + 1;
			if ((*start == '"' || *start == '\'') && p > start + 1)
				return arena_strndup(module->arena, start + 1,
						     (size_t)(p - start - 2));
			return arena_strndup(module->arena, start, (size_t)(p - start));
		}
	}
	return NULL;
}

bool ansible_module_is_known(const char *name)
{
	const char *base = ansible_module_base(name);

	for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++)
		if (strcmp(modules[i].module, base) == 0)
			return true;
	return is_free_form(base);
}

enum action ansible_module_action(struct arena *arena, const struct action_table *actions,
				  const char *name, const char *text,
				  module_argument argument, void *context,
				  bool *irreversible)
{
	const char *base = ansible_module_base(name), *state;

	if (is_free_form(base)) {
		if (!text)
			text = argument(context, "cmd");
		if (!text)
			text = argument(context, "argv");
		return text ? remote_action(arena, actions, text, irreversible)
			    : ACTION_RUN;
	}
	for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++)
		if (strcmp(modules[i].module, base) == 0)
			return modules[i].action;
	state = argument(context, "state");
	if (!state)
		state = argument(context, "power_state");
	for (size_t i = 0; state && i < sizeof(states) / sizeof(states[0]); i++) {
		if (strcmp(states[i].state, state) != 0)
			continue;
		if (states[i].action == ACTION_RESTORE && !is_service(base))
			return ACTION_CONFIG;
		return states[i].action;
	}
	/* A templated state ("{{ wanted }}") may be any of them. */
	if (state && strstr(state, "{{"))
		return is_service(base) ? ACTION_STOP : ACTION_REMOVE;
	return ACTION_CONFIG;
}
