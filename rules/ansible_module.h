/*
 * What an Ansible module does to a host, by its name and arguments: `-m service -a
 * "state=stopped"`, or the same as a task of a playbook.
 */
#ifndef TALLY_ANSIBLE_MODULE_H
#define TALLY_ANSIBLE_MODULE_H

#include <stdbool.h>

#include "action.h"
#include "arena.h"
#include "remote_command.h"

/* One argument of a module by name (NULL: not given); `context` is the caller's. */
typedef const char *(*module_argument)(void *context, const char *name);

/*
 * The action of module `name` (with or without its collection: ansible.builtin.service).
 * `text` is the free-form text of shell, command, raw and script, or NULL. A module that is
 * not known is ACTION_CONFIG: most change something, none is trusted to be a read.
 */
enum action ansible_module_action(struct arena *arena, const struct action_table *actions,
				  const char *name, const char *text,
				  module_argument argument, void *context,
				  bool *irreversible);

/* The free-form text of -a, and name=value out of it: a module_argument with that context. */
struct module_text {
	struct arena *arena;
	const char *text; /* "name=nginx state=stopped", or NULL */
};
const char *ansible_module_argument(void *context, const char *name);

/* True when the name alone says what the module does, or that it takes a command's text. */
bool ansible_module_is_known(const char *name);

/* True for modules that run on the control host alone (debug, set_fact, add_host ...). */
bool ansible_module_is_local(const char *name);

/* Drops the collection of a module's name. */
const char *ansible_module_base(const char *name);

#endif
