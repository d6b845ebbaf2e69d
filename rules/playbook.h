/*
 * A playbook read without being run: which tasks would run on which hosts, and what they do.
 * Where that cannot be told, the reading is wider than the run (all hosts of the play) or
 * says that it is unknown; it is never narrower.
 * Source: the documentation of playbook keywords of ansible-core 2.14, and runs of it.
 */
#ifndef TALLY_PLAYBOOK_H
#define TALLY_PLAYBOOK_H

#include "ansible_hosts.h"
#include "reader.h"
#include "yaml_tree.h"

struct tag_list {
	const char **items;
	size_t count;
};

/* What tasks inherit from their play, block, role or include. */
struct task_scope {
	const struct hostset *hosts; /* where a task runs, so far as `when` has told */
	struct tag_list tags;
	const char *directory; /* relative file names start here */
	bool run_once;
	const char *delegate_to;
	unsigned depth;
};

/* A host group that add_host or group_by make while the playbook runs. */
struct dynamic_group {
	struct dynamic_group *next;
	const char *name;	     /* NULL: its name is not known (group_by) */
	const struct hostset *hosts; /* NULL: its members are not known */
};

struct playbook {
	struct reader *reader;
	const char *directory; /* of the playbook file that is being read */
	const struct ansible_play *play;
	bool serial;  /* the play runs in batches */
	bool ended;   /* meta: end_play was met */
	bool started; /* no --start-at-task, or it was reached */
	const struct hostset *by_action[ACTION_REMOVE + 1];
	bool irreversible;
	const char *unknown; /* first reason why targets or actions are not known */
	enum action unknown_action;
	struct dynamic_group *groups;
	struct tag_list only, skip;
	struct tag_list notified; /* handlers that tasks of this play notify */
};

/* Reads a list of tasks (a YAML sequence). READ_DONE, READ_MISSING, READ_FAULT. */
int playbook_tasks(struct playbook *playbook, const struct yaml_value *tasks,
		   const struct task_scope *scope);

/* Reads a role by name: its dependencies, tasks and handlers. */
int playbook_role(struct playbook *playbook, const char *name,
		  const struct task_scope *scope);

/* The hosts of `hosts` for which a `when` may hold (all of them when it is not understood). */
int playbook_when(struct playbook *playbook, const struct yaml_value *when,
		  const struct hostset *hosts, const struct hostset **result);

/* Notes that something is not known; the first reason is kept. */
int playbook_unknown(struct playbook *playbook, enum action action, const char *format,
		     ...) __attribute__((format(printf, 3, 4)));

/* Adds `hosts` to those that `action` is done to. */
int playbook_touch(struct playbook *playbook, enum action action,
		   const struct hostset *hosts);

/* tags: a list, or a text with commas; *tags is appended to. */
int playbook_tags(struct playbook *playbook, const struct yaml_value *value,
		  struct tag_list *tags);
bool playbook_selected(const struct playbook *playbook, const struct tag_list *tags);

/* Reads a YAML file of one document. *value NULL: it is not there or no YAML (*why). */
int playbook_file(struct playbook *playbook, const char *path,
		  const struct yaml_value **value, const char **why);

#endif
