/* Tasks, blocks, roles and includes of a playbook. */
#include "playbook.h"

#include <fnmatch.h>
#include <string.h>

#include "ansible_module.h"

enum { MAX_DEPTH = 24 };

/* Keywords of a task that are not its module (playbook keywords, ansible-core 2.14). */
static const char *const keywords[] = {"name",
				       "when",
				       "tags",
				       "become",
				       "become_user",
				       "become_method",
				       "become_flags",
				       "become_exe",
				       "register",
				       "changed_when",
				       "failed_when",
				       "ignore_errors",
				       "ignore_unreachable",
				       "loop",
				       "loop_control",
				       "until",
				       "retries",
				       "delay",
				       "delegate_to",
				       "delegate_facts",
				       "run_once",
				       "notify",
				       "listen",
				       "vars",
				       "environment",
				       "args",
				       "async",
				       "poll",
				       "check_mode",
				       "diff",
				       "connection",
				       "port",
				       "remote_user",
				       "no_log",
				       "any_errors_fatal",
				       "throttle",
				       "timeout",
				       "debugger",
				       "module_defaults",
				       "collections",
				       "block",
				       "rescue",
				       "always",
				       "local_action",
				       "action",
				       NULL};

static bool is_keyword(const char *key)
{
	for (const char *const *k = keywords; *k; k++)
		if (strcmp(*k, key) == 0)
			return true;
	return strncmp(key, "with_", 5) == 0;
}

struct task {
	const struct yaml_value *value;
	const char *module;
	const struct yaml_value *arguments; /* of the module: a mapping or a text */
	struct arena *arena;
};

/* key=value in a module's text. */
static const char *text_argument(struct arena *arena, const char *text, const char *name)
{
	size_t length = strlen(name);

	while (*text) {
		size_t word;

		text += strspn(text, " \t\n");
		word = strcspn(text, " \t\n");
		if (strncmp(text, name, length) == 0 && text[length] == '=')
			return arena_strndup(arena, text + length + 1, word - length - 1);
		text += word;
	}
	return NULL;
}

static const char *argument(void *context, const char *name)
{
	const struct task *task = context;
	const struct yaml_value *args = yaml_get(task->value, "args");
	const char *text = yaml_text(task->arguments, name);

	if (!text && task->arguments && task->arguments->kind == YAML_SCALAR)
		text = text_argument(task->arena, task->arguments->text, name);
	return text ? text : yaml_text(args, name);
}

/* The module of a task: the key that is no keyword, `action` or `local_action`. */
static void find_module(struct task *task)
{
	const struct yaml_value *value = task->value;

	for (size_t i = 0; i < value->count; i++) {
		if (is_keyword(value->keys[i]))
			continue;
		task->module = value->keys[i];
		task->arguments = value->items[i];
	}
	if (!task->module) {
		const struct yaml_value *action = yaml_get(value, "action");

		if (!action)
			action = yaml_get(value, "local_action");
		if (action && action->kind == YAML_SCALAR) {
			size_t length = strcspn(action->text, " \t");

			task->module = arena_strndup(task->arena, action->text, length);
			task->arguments = arena_alloc(task->arena, sizeof(*action));
			if (task->arguments) {
				struct yaml_value *rest =
					(struct yaml_value *)task->arguments;

				*rest = *action;
				rest->text = action->text + length;
			}
		} else if (action) {
			task->module = yaml_text(action, "module");
			task->arguments = action;
		}
	}
}

/* The literal items of loop or with_items; NULL when there is none or it is templated. */
static const struct yaml_value *loop_items(const struct yaml_value *task)
{
	const struct yaml_value *loop = yaml_get(task, "loop");

	if (!loop)
		loop = yaml_get(task, "with_items");
	if (!loop || loop->kind != YAML_SEQUENCE)
		return NULL;
	for (size_t i = 0; i < loop->count; i++)
		if (loop->items[i]->kind != YAML_SCALAR ||
		    strstr(loop->items[i]->text, "{{"))
			return NULL;
	return loop;
}

static bool is_item(const char *text)
{
	return strcmp(text, "{{ item }}") == 0 || strcmp(text, "{{item}}") == 0;
}

/* The hosts that a text names: itself, or each item of the loop. *hosts NULL: not known. */
static int named_hosts(struct playbook *playbook, const struct yaml_value *task,
		       const char *text, const struct hostset **hosts)
{
	struct arena *arena = playbook->reader->arena;
	const struct yaml_value *loop;

	*hosts = NULL;
	if (!strstr(text, "{{")) {
		*hosts = hostset_name(arena, text, strlen(text));
		return *hosts ? READ_DONE : READ_FAULT;
	}
	loop = is_item(text) ? loop_items(task) : NULL;
	if (!loop)
		return READ_DONE;
	*hosts = hostset_empty(arena);
	for (size_t i = 0; *hosts && i < loop->count; i++) {
		const char *name = loop->items[i]->text;
		const struct hostset *one = hostset_name(arena, name, strlen(name));

		*hosts = one ? hostset_union(arena, *hosts, one) : NULL;
	}
	return *hosts ? READ_DONE : READ_FAULT;
}

/* run_once: the first host of the play (in each batch, when there are batches). */
static int first_host(struct playbook *playbook, const struct hostset *hosts,
		      const struct hostset **first)
{
	struct ansible_play play;
	int result;

	*first = hosts;
	if (playbook->serial || hostset_count(hosts) < 2 || !playbook->play->pattern)
		return READ_DONE;
	/* ansible-playbook lists the hosts of a play in no order; ansible keeps it. */
	result = ansible_pattern_hosts(playbook->reader, playbook->play->pattern, true,
				       &play);
	if (result != READ_DONE || !play.first ||
	    !hostset_contains(hosts, play.first, strlen(play.first)))
		return result;
	*first = hostset_name(playbook->reader->arena, play.first, strlen(play.first));
	return *first ? READ_DONE : READ_FAULT;
}

static int add_group(struct playbook *playbook, const char *name,
		     const struct hostset *hosts)
{
	struct dynamic_group *group =
		arena_alloc(playbook->reader->arena, sizeof(*group));

	if (!group)
		return READ_FAULT;
	*group = (struct dynamic_group){playbook->groups, name, hosts};
	playbook->groups = group;
	return READ_DONE;
}

/* add_host makes hosts and groups that no inventory lists. */
static int read_add_host(struct playbook *playbook, struct task *task)
{
	const char *name = argument(task, "name"), *groups = argument(task, "groups");
	const struct hostset *hosts;
	int result;

	if (!name)
		name = argument(task, "hostname");
	if (!groups)
		groups = argument(task, "group");
	if (!name)
		return add_group(playbook, NULL, NULL);
	result = named_hosts(playbook, task->value, name, &hosts);
	if (result != READ_DONE)
		return result;
	if (hosts && add_group(playbook, "all", hosts) != READ_DONE)
		return READ_FAULT;
	if (!groups || strstr(groups, "{{") || !hosts)
		return add_group(playbook, NULL, hosts);
	while (*groups) {
		size_t length = strcspn(groups, ", ");
		const char *group = arena_strndup(task->arena, groups, length);

		if (!group || (length && add_group(playbook, group, hosts) != READ_DONE))
			return READ_FAULT;
		groups += length;
		groups += strspn(groups, ", ");
	}
	return READ_DONE;
}

static int include_tasks(struct playbook *playbook, struct task *task,
			 const struct task_scope *scope)
{
	const char *file = argument(task, "file"), *why, *path;
	const struct yaml_value *tasks;
	struct task_scope inner = *scope;
	int result;

	if (!file && task->arguments && task->arguments->kind == YAML_SCALAR)
		file = task->arguments->text;
	if (!file || strstr(file, "{{"))
		return playbook_unknown(
			playbook, ACTION_RUN,
			"line %d includes tasks from a file that only the run "
			"knows",
			task->value->line);
	path = file[0] == '/' || !scope->directory
		       ? file
		       : arena_printf(task->arena, "%s/%s", scope->directory, file);
	if (!path)
		return READ_FAULT;
	result = playbook_file(playbook, path, &tasks, &why);
	if (result != READ_DONE)
		return result;
	if (!tasks)
		return playbook_unknown(playbook, ACTION_RUN, "%s", why);
	inner.depth++;
	return playbook_tasks(playbook, tasks, &inner);
}

static int include_role(struct playbook *playbook, struct task *task,
			const struct task_scope *scope)
{
	const char *name = argument(task, "name");
	struct task_scope inner = *scope;

	if (!name || strstr(name, "{{"))
		return playbook_unknown(playbook, ACTION_RUN,
					"line %d includes a role that only the run knows",
					task->value->line);
	inner.depth++;
	return playbook_role(playbook, name, &inner);
}

static int note_notify(struct playbook *playbook, const struct yaml_value *notify)
{
	return playbook_tags(playbook, notify, &playbook->notified);
}

/* A module that is run on hosts. */
static int run_module(struct playbook *playbook, struct task *task,
		      const struct task_scope *scope)
{
	const char *text = NULL, *delegate = yaml_text(task->value, "delegate_to");
	const struct hostset *hosts = scope->hosts;
	enum action action;
	int result;

	if (task->arguments && task->arguments->kind == YAML_SCALAR)
		text = task->arguments->text;
	action = ansible_module_action(task->arena, playbook->reader->actions,
				       task->module, text, argument, task,
				       &playbook->irreversible);
	if (note_notify(playbook, yaml_get(task->value, "notify")) != READ_DONE)
		return READ_FAULT;
	if (yaml_get(task->value, "local_action"))
		delegate = "localhost";
	if (!delegate)
		delegate = scope->delegate_to;
	if (delegate) {
		result = named_hosts(playbook, task->value, delegate, &hosts);
		if (result != READ_DONE)
			return result;
		if (!hosts)
			return playbook_unknown(playbook, action,
						"line %d delegates a task to \"%s\"",
						task->value->line, delegate);
	} else if (scope->run_once || yaml_is_true(yaml_get(task->value, "run_once"))) {
		result = first_host(playbook, hosts, &hosts);
		if (result != READ_DONE)
			return result;
	}
	return playbook_touch(playbook, action, hosts);
}

static int read_meta(struct playbook *playbook, const struct task *task)
{
	const char *what = task->arguments && task->arguments->kind == YAML_SCALAR
				   ? task->arguments->text
				   : "";

	if (strcmp(what, "end_play") == 0 && !yaml_get(task->value, "when"))
		playbook->ended = true;
	return READ_DONE;
}

/* --start-at-task: nothing runs in front of the task of that name. */
static bool reached(struct playbook *playbook, const struct yaml_value *task)
{
	const char *wanted =
		arguments_value(playbook->reader->arguments, "--start-at-task");
	const char *name = yaml_text(task, "name");

	if (!playbook->started && wanted && name &&
	    (strcmp(name, wanted) == 0 || fnmatch(wanted, name, 0) == 0))
		playbook->started = true;
	return playbook->started;
}

static int read_block(struct playbook *playbook, const struct yaml_value *value,
		      const struct task_scope *scope)
{
	static const char *const parts[] = {"block", "rescue", "always"};
	struct task_scope inner = *scope;
	int result = READ_DONE;

	inner.depth++;
	if (yaml_is_true(yaml_get(value, "run_once")))
		inner.run_once = true;
	if (yaml_text(value, "delegate_to"))
		inner.delegate_to = yaml_text(value, "delegate_to");
	for (size_t i = 0; i < 3 && result == READ_DONE; i++) {
		const struct yaml_value *tasks = yaml_get(value, parts[i]);

		if (tasks)
			result = playbook_tasks(playbook, tasks, &inner);
	}
	return result;
}

static int read_task(struct playbook *playbook, const struct yaml_value *value,
		     const struct task_scope *outer)
{
	struct task task = {.value = value, .arena = playbook->reader->arena};
	struct task_scope scope = *outer;
	const char *base;
	int result;

	if (value->kind != YAML_MAPPING)
		return playbook_unknown(playbook, ACTION_RUN, "line %d is no task",
					value->line);
	if (playbook_tags(playbook, yaml_get(value, "tags"), &scope.tags) != READ_DONE)
		return READ_FAULT;
	result = playbook_when(playbook, yaml_get(value, "when"), outer->hosts,
			       &scope.hosts);
	if (result != READ_DONE || hostset_is_empty(scope.hosts))
		return result;
	if (yaml_get(value, "block"))
		return read_block(playbook, value, &scope);
	find_module(&task);
	if (!task.module)
		return playbook_unknown(playbook, ACTION_RUN,
					"the task in line %d has no module", value->line);
	if (!playbook_selected(playbook, &scope.tags) || !reached(playbook, value))
		return READ_DONE;
	base = ansible_module_base(task.module);
	if (strcmp(base, "include_tasks") == 0 || strcmp(base, "import_tasks") == 0 ||
	    strcmp(base, "include") == 0)
		return include_tasks(playbook, &task, &scope);
	if (strcmp(base, "include_role") == 0 || strcmp(base, "import_role") == 0)
		return include_role(playbook, &task, &scope);
	if (strcmp(base, "meta") == 0)
		return read_meta(playbook, &task);
	if (strcmp(base, "add_host") == 0)
		return read_add_host(playbook, &task);
	if (strcmp(base, "group_by") == 0)
		return add_group(playbook, NULL, scope.hosts);
	if (ansible_module_is_local(base))
		return READ_DONE;
	return run_module(playbook, &task, &scope);
}

int playbook_tasks(struct playbook *playbook, const struct yaml_value *tasks,
		   const struct task_scope *scope)
{
	int result = READ_DONE;

	if (scope->depth > MAX_DEPTH)
		return playbook_unknown(playbook, ACTION_RUN,
					"tasks include each other more than %d deep",
					MAX_DEPTH);
	if (tasks->kind == YAML_SCALAR && tasks->plain)
		return READ_DONE; /* "tasks:" with nothing behind it */
	if (tasks->kind != YAML_SEQUENCE)
		return playbook_unknown(playbook, ACTION_RUN,
					"line %d is no list of tasks", tasks->line);
	for (size_t i = 0; i < tasks->count && result == READ_DONE && !playbook->ended;
	     i++)
		result = read_task(playbook, tasks->items[i], scope);
	return result;
}

/* ---- roles ---- */

/* The directory of a role: beside the playbook, or in one of the usual places. */
static int find_role(struct playbook *playbook, const char *name, const char **directory)
{
	struct reader *reader = playbook->reader;
	const char *home = command_env(reader->command, "HOME");
	const char *places[] = {
		arena_printf(reader->arena, "%s/roles", playbook->directory),
		playbook->directory,
		arena_printf(reader->arena, "%s/.ansible/roles", home ? home : ""),
		"/usr/share/ansible/roles",
		"/etc/ansible/roles",
	};

	*directory = NULL;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		const char *path = name[0] == '/' ? name
						  : arena_printf(reader->arena, "%s/%s",
								 places[i], name);
		const struct fact *fact = path ? facts_kind(reader->facts, path) : NULL;

		if (!path)
			return READ_FAULT;
		if (!fact)
			return READ_MISSING;
		if (fact->state == FACT_OK && strcmp(fact->data, "directory") == 0) {
			*directory = path;
			return READ_DONE;
		}
	}
	return READ_DONE;
}

/* The tasks or handlers of a role; a part that is not there is empty. */
static int role_part(struct playbook *playbook, const char *directory, const char *part,
		     const struct task_scope *scope)
{
	struct arena *arena = playbook->reader->arena;
	struct task_scope inner = *scope;
	const struct yaml_value *value;
	const char *why;

	for (int i = 0; i < 2; i++) {
		const char *path = arena_printf(arena, "%s/%s/main.%s", directory, part,
						i == 0 ? "yml" : "yaml");
		const struct fact *fact =
			path ? facts_file(playbook->reader->facts, path) : NULL;
		int result;

		if (!path)
			return READ_FAULT;
		if (!fact)
			return READ_MISSING;
		if (fact->state == FACT_ABSENT)
			continue;
		result = playbook_file(playbook, path, &value, &why);
		if (result != READ_DONE || !value)
			return result;
		inner.directory = arena_printf(arena, "%s/%s", directory, part);
		return inner.directory ? playbook_tasks(playbook, value, &inner)
				       : READ_FAULT;
	}
	return READ_DONE;
}

int playbook_role(struct playbook *playbook, const char *name,
		  const struct task_scope *scope)
{
	struct task_scope inner = *scope;
	const char *directory, *why, *meta;
	const struct yaml_value *value = NULL, *needs;
	const struct fact *fact;
	int result;

	inner.depth++;
	if (inner.depth > MAX_DEPTH)
		return playbook_unknown(playbook, ACTION_RUN,
					"roles need each other more than %d deep",
					MAX_DEPTH);
	result = find_role(playbook, name, &directory);
	if (result != READ_DONE)
		return result;
	if (!directory)
		return playbook_unknown(playbook, ACTION_RUN, "the role %s is not found",
					name);
	meta = arena_printf(playbook->reader->arena, "%s/meta/main.yml", directory);
	fact = meta ? facts_file(playbook->reader->facts, meta) : NULL;
	if (!fact)
		return meta ? READ_MISSING : READ_FAULT;
	if (fact->state == FACT_OK)
		result = playbook_file(playbook, meta, &value, &why);
	needs = yaml_get(value, "dependencies");
	for (size_t i = 0; needs && needs->kind == YAML_SEQUENCE && result == READ_DONE &&
			   i < needs->count;
	     i++) {
		const struct yaml_value *need = needs->items[i];
		const char *other =
			need->kind == YAML_SCALAR ? need->text : yaml_text(need, "role");

		if (!other)
			other = yaml_text(need, "name");
		if (other)
			result = playbook_role(playbook, other, &inner);
	}
	if (result == READ_DONE)
		result = role_part(playbook, directory, "tasks", &inner);
	/* Handlers are counted as if they were notified: what they do, they may do. */
	if (result == READ_DONE && playbook->notified.count)
		result = role_part(playbook, directory, "handlers", &inner);
	return result;
}
