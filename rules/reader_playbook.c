/*
 * ansible-playbook. The plays and their hosts are asked of --list-hosts; the tasks are read
 * from the files, because the list is not the truth: run_once, when, tags, delegate_to and
 * add_host change it in both directions.
 */
#include "playbook.h"

#include <string.h>

/* The plays of all playbooks in the order --list-hosts prints them, imports in place. */
struct flat {
	struct playbook *playbook;
	const struct yaml_value **plays;
	const char **directories;
	size_t count, capacity, directory_capacity;
	bool failed; /* a file could not be read: the reason is noted */
};

static const char *directory_of(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? arena_strndup(arena, path, (size_t)(slash - path))
		     : arena_strdup(arena, ".");
}

static int flatten(struct flat *flat, const char *path, unsigned depth)
{
	struct arena *arena = flat->playbook->reader->arena;
	const char *directory = directory_of(arena, path), *why;
	const struct yaml_value *root;
	int result = playbook_file(flat->playbook, path, &root, &why);

	if (result != READ_DONE)
		return result;
	if (!root || root->kind != YAML_SEQUENCE || depth > 16) {
		flat->failed = true;
		return playbook_unknown(flat->playbook, ACTION_RUN, "%s",
					root ? "a playbook is no list of plays" : why);
	}
	for (size_t i = 0; i < root->count && result == READ_DONE; i++) {
		const struct yaml_value *play = root->items[i], **plays;
		const char *import = yaml_text(play, "import_playbook"), **directories;

		if (!import)
			import = yaml_text(play, "ansible.builtin.import_playbook");
		if (import) {
			const char *file =
				import[0] == '/'
					? import
					: arena_printf(arena, "%s/%s", directory, import);

			result = file ? flatten(flat, file, depth + 1) : READ_FAULT;
			continue;
		}
		plays = arena_grow(arena, flat->plays, flat->count, &flat->capacity,
				   sizeof(*plays));
		directories = arena_grow(arena, flat->directories, flat->count,
					 &flat->directory_capacity, sizeof(*directories));
		if (!plays || !directories)
			return READ_FAULT;
		flat->plays = plays;
		flat->directories = directories;
		plays[flat->count] = play;
		directories[flat->count++] = directory;
	}
	return result;
}

/* Hosts that earlier plays made: added where the pattern names their group. */
static int add_dynamic(struct playbook *playbook, const struct ansible_play *play,
		       const struct hostset **hosts)
{
	for (const struct dynamic_group *g = playbook->groups; g; g = g->next) {
		bool named = g->name && play->pattern && strstr(play->pattern, g->name);

		/* A group without a name may be the one this play without hosts means. */
		if (!g->name && hostset_is_empty(play->hosts))
			named = true;
		if (!named)
			continue;
		if (!g->hosts)
			return playbook_unknown(
				playbook, ACTION_RUN,
				"the hosts of the play \"%s\" are made while "
				"the playbook runs",
				play->pattern ? play->pattern : "?");
		*hosts = hostset_union(playbook->reader->arena, *hosts, g->hosts);
		if (!*hosts)
			return READ_FAULT;
	}
	return READ_DONE;
}

static int read_roles(struct playbook *playbook, const struct yaml_value *roles,
		      const struct task_scope *scope)
{
	int result = READ_DONE;

	for (size_t i = 0; roles && roles->kind == YAML_SEQUENCE && i < roles->count &&
			   result == READ_DONE;
	     i++) {
		const struct yaml_value *role = roles->items[i];
		const char *name =
			role->kind == YAML_SCALAR ? role->text : yaml_text(role, "role");
		struct task_scope inner = *scope;

		if (!name)
			name = yaml_text(role, "name");
		if (!name || strstr(name, "{{")) {
			result = playbook_unknown(playbook, ACTION_RUN,
						  "line %d names no role", role->line);
			continue;
		}
		if (playbook_tags(playbook, yaml_get(role, "tags"), &inner.tags) !=
		    READ_DONE)
			return READ_FAULT;
		result = playbook_when(playbook, yaml_get(role, "when"), scope->hosts,
				       &inner.hosts);
		if (result == READ_DONE && !hostset_is_empty(inner.hosts))
			result = playbook_role(playbook, name, &inner);
	}
	return result;
}

/* Handlers run where a task that ran has notified them, by name or by topic. */
static int read_handlers(struct playbook *playbook, const struct yaml_value *handlers,
			 const struct task_scope *scope)
{
	struct yaml_value list = {.kind = YAML_SEQUENCE};
	const struct tag_list *notified = &playbook->notified;

	if (!handlers || handlers->kind != YAML_SEQUENCE || !notified->count)
		return READ_DONE;
	list.items = arena_array(playbook->reader->arena, handlers->count + 1,
				 sizeof(*list.items));
	if (!list.items)
		return READ_FAULT;
	for (size_t i = 0; i < handlers->count; i++) {
		const char *name = yaml_text(handlers->items[i], "name");
		const char *topic = yaml_text(handlers->items[i], "listen");
		bool wanted = !name && !topic;

		for (size_t n = 0; n < notified->count; n++)
			if ((name && strcmp(name, notified->items[n]) == 0) ||
			    (topic && strcmp(topic, notified->items[n]) == 0) ||
			    strstr(notified->items[n], "{{"))
				wanted = true;
		if (wanted)
			list.items[list.count++] = handlers->items[i];
	}
	return playbook_tasks(playbook, &list, scope);
}

static int read_play(struct playbook *playbook, const struct yaml_value *value,
		     const struct ansible_play *play, const char *directory)
{
	static const char *const before[] = {"pre_tasks", NULL};
	static const char *const after[] = {"tasks", "post_tasks", NULL};
	const struct yaml_value *gather = yaml_get(value, "gather_facts"), *tasks;
	struct task_scope scope = {.hosts = play->hosts, .directory = directory};
	const struct tag_list always = {(const char *[]){"always"}, 1};
	int result = add_dynamic(playbook, play, &scope.hosts);

	if (result != READ_DONE || hostset_is_empty(scope.hosts))
		return result;
	playbook->play = play;
	playbook->directory = directory;
	playbook->ended = false;
	playbook->serial = yaml_get(value, "serial") != NULL;
	memset(&playbook->notified, 0, sizeof(playbook->notified));
	if (playbook_tags(playbook, yaml_get(value, "tags"), &scope.tags) != READ_DONE)
		return READ_FAULT;
	if (!yaml_is_false(gather) && playbook->started &&
	    playbook_selected(playbook, &always))
		result = playbook_touch(playbook, ACTION_READ, scope.hosts);
	for (size_t i = 0; before[i] && result == READ_DONE; i++)
		if ((tasks = yaml_get(value, before[i])))
			result = playbook_tasks(playbook, tasks, &scope);
	if (result == READ_DONE)
		result = read_roles(playbook, yaml_get(value, "roles"), &scope);
	for (size_t i = 0; after[i] && result == READ_DONE; i++)
		if ((tasks = yaml_get(value, after[i])))
			result = playbook_tasks(playbook, tasks, &scope);
	if (result == READ_DONE)
		result = read_handlers(playbook, yaml_get(value, "handlers"), &scope);
	return result;
}

static int read_playbooks(struct playbook *playbook, const struct ansible_plays *plays)
{
	struct flat flat = {.playbook = playbook};
	const char *path;
	int result = READ_DONE;

	for (size_t i = 0; result == READ_DONE &&
			   (path = arguments_operand(playbook->reader->arguments, i));
	     i++)
		result = flatten(&flat, path, 0);
	if (result != READ_DONE || flat.failed)
		return result;
	if (flat.count != plays->count)
		return playbook_unknown(
			playbook, ACTION_RUN,
			"%zu plays stand in the files, but ansible lists %zu", flat.count,
			plays->count);
	for (size_t i = 0; i < flat.count && result == READ_DONE; i++)
		result = read_play(playbook, flat.plays[i], &plays->items[i],
				   flat.directories[i]);
	return result;
}

/* No task runs anywhere: still it is a run, on no host. */
static int report_nothing(struct reader *reader)
{
	const struct hostset *none = hostset_empty(reader->arena);

	return none && reader_operation(reader, ACTION_RUN, "host", none) ? READ_DONE
									  : READ_FAULT;
}

/* One operation an action, the heaviest last; an unknown part makes the whole unknown. */
static int report(struct reader *reader, struct playbook *playbook)
{
	struct operation *operation;
	bool any = false;

	if (playbook->unknown) {
		enum action action = playbook->unknown_action;

		for (int a = ACTION_READ; a <= ACTION_REMOVE; a++)
			if (playbook->by_action[a] && (enum action)a > action)
				action = (enum action)a;
		return reader_unknown(reader, action, "host", "%s", playbook->unknown);
	}
	for (int a = ACTION_READ; a <= ACTION_REMOVE; a++) {
		if (!playbook->by_action[a])
			continue;
		operation = reader_operation(reader, (enum action)a, "host",
					     playbook->by_action[a]);
		if (!operation)
			return READ_FAULT;
		operation->irreversible = playbook->irreversible && a >= ACTION_CONFIG;
		any = true;
	}
	return any ? READ_DONE : report_nothing(reader);
}

static int read_options(struct playbook *playbook)
{
	const struct arguments *arguments = playbook->reader->arguments;
	struct yaml_value text = {.kind = YAML_SCALAR};

	for (size_t i = 0; i < arguments->count; i++) {
		const struct argument *item = &arguments->items[i];
		struct tag_list *list = NULL;

		if (argument_is(item, "-t"))
			list = &playbook->only;
		else if (argument_is(item, "--skip-tags"))
			list = &playbook->skip;
		text.text = item->value;
		if (list && playbook_tags(playbook, &text, list) != READ_DONE)
			return READ_FAULT;
	}
	playbook->started = !arguments_has(arguments, "--start-at-task");
	return READ_DONE;
}

int reader_playbook(struct reader *reader, struct fault *fault)
{
	static const char *const run[] = {"@program",		"--list-hosts",
					  ANSIBLE_HOST_OPTIONS, "--",
					  "@operands",		NULL};
	const struct arguments *arguments = reader->arguments;
	struct playbook playbook = {.reader = reader};
	struct ansible_plays plays;
	const char *const *argv;
	int result;

	(void)fault;
	if (arguments_has(arguments, "-h") || arguments_has(arguments, "--version") ||
	    arguments_has(arguments, "--syntax-check") ||
	    arguments_has(arguments, "--list-tasks") ||
	    arguments_has(arguments, "--list-tags"))
		return reader_nothing(reader, "host");
	if (arguments->refusal || arguments->unknown)
		return reader_refused(reader, ACTION_RUN, "host", "%s",
				      arguments->refusal ? arguments->refusal
							 : "an option it does not have");
	if (arguments_operands(arguments) == 0)
		return reader_refused(reader, ACTION_RUN, "host", "no playbook is named");
	argv = reader_words(reader, run);
	if (!argv || read_options(&playbook) != READ_DONE)
		return READ_FAULT;
	result = ansible_list_hosts(reader, argv, &plays);
	if (result != READ_DONE)
		return result;
	if (plays.refusal)
		return reader_unknown(reader, ACTION_RUN, "host",
				      "ansible-playbook --list-hosts: %s", plays.refusal);
	if (plays.unparsed)
		return reader_unknown(
			reader, ACTION_RUN, "host",
			"ansible cannot read an inventory of this line, so hosts "
			"may be missing from its list");
	if (arguments_has(arguments, "--list-hosts") || arguments_has(arguments, "-C")) {
		for (size_t i = 0; i < plays.count; i++)
			if (playbook_touch(&playbook, ACTION_READ,
					   plays.items[i].hosts) != READ_DONE)
				return READ_FAULT;
		return report(reader, &playbook);
	}
	result = read_playbooks(&playbook, &plays);
	return result == READ_DONE ? report(reader, &playbook) : result;
}
