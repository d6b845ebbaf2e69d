/*
 * What a command line does on the far side: `sudo systemctl stop x`, `sh -c 'reboot'`,
 * `cd /tmp && rm -rf /srv`. One shared table (rules/actions.cfg) serves ssh, pdsh, clush,
 * ansible -a, salt cmd.run and the rest.
 */
#ifndef TALLY_REMOTE_COMMAND_H
#define TALLY_REMOTE_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "action.h"
#include "arena.h"
#include "fault.h"

struct action_table;

/*
 * DIR/actions.cfg of all rule directories; the entries add up. The files are read when the
 * table is first looked at. -1 when memory is short.
 */
int action_table_open(struct arena *arena, const char *const *rules,
		      struct action_table **table, struct fault *fault);

/* -1 and `fault` when the table was looked at and is broken: what it said is void then. */
int action_table_check(const struct action_table *table, struct fault *fault);

/* Both at once: opens the table and reads the files. */
int action_table_load(struct arena *arena, const char *const *rules,
		      struct action_table **table, struct fault *fault);

/*
 * The heaviest action of a shell command text, looking through quotes, lists (; && || | &),
 * subshells, command substitution, sudo, env, nice, nohup, timeout, xargs, `sh -c` and their
 * like. A command that no entry names is ACTION_RUN: it runs, so it is never less.
 * `irreversible` (may be NULL) is set when an entry says so.
 */
enum action remote_action(struct arena *arena, const struct action_table *table,
			  const char *text, bool *irreversible);

/* The same for words that are joined with blanks on the far side, as ssh and pdsh do. */
enum action remote_action_words(struct arena *arena, const struct action_table *table,
				const char *const *words, size_t count,
				bool *irreversible);

#endif
