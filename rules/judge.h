/*
 * The pure way of a command: identify, parse, count. With decide() (policy.h) this is all
 * that tallygate knows; the gate, `tally explain`, `tally test`, the corpus and the fuzzers
 * call the same two functions.
 */
#ifndef TALLY_JUDGE_H
#define TALLY_JUDGE_H

#include <stdbool.h>

#include "arena.h"
#include "command.h"
#include "facts.h"
#include "fault.h"
#include "operation.h"

/* The opened rule directories. Tool descriptions are read when they are first needed. */
struct rules;

/* `directories`: NULL-terminated, absolute. Later directories add to and replace earlier. */
int rules_open(struct arena *arena, const char *const *directories, struct rules **rules,
	       struct fault *fault);

/*
 * Reads one command. Returns 0 when `reading` is complete (tool NULL: no known tool;
 * an operation on nothing then says that no program is started at all, as by sudo -l), 1 when
 * facts are missing (fetch what facts->missing lists and call again), -1 and `fault` when the
 * rules are broken or memory is short. `reading` lives in `arena`.
 */
int judge_read(struct arena *arena, struct rules *rules, const struct command *command,
	       struct facts *facts, struct reading *reading, struct fault *fault);

/*
 * Restricts the rules to one program, whose description the guard table named: the gate
 * then reads one file, however many descriptions there are. -1 when memory is short.
 */
struct tool_program;
int rules_use_only(struct rules *rules, const struct tool_program *program);

/*
 * Reads all descriptions now, so that nothing of them is read later: for who keeps rules while
 * their files change. -1 and `fault` at the first that is broken.
 */
int rules_load_all(struct rules *rules, struct fault *fault);

/*
 * The same rules, restricted to the one tool `tool` under the name `program`, as
 * rules_use_only() does it; `rules` stay as they are. The copy lives in `arena`, and no longer
 * than `rules`. NULL when memory is short, or when there is no such tool (*known says which).
 */
struct rules *rules_restricted(struct arena *arena, const struct rules *rules,
			       const char *program, const char *tool, bool *known);

/*
 * Adds one description that is in no rule directory, as if it stood in a last one. -1 and
 * `fault` when it, or another one, is broken.
 */
int rules_add_tool(struct rules *rules, const char *path, struct fault *fault);

/* The table of remote commands, for those who have only a text of that kind. */
struct action_table;
const struct action_table *rules_actions(const struct rules *rules);

/*
 * What a process of the tool may start without being asked, once it has been let through for
 * `action` (transports_for(), in `arena`; NULL: memory), and the option names whose values
 * are secrets: NULL-terminated arrays.
 */
const char *const *rules_transports(const struct rules *rules, struct arena *arena,
				    const char *tool, enum action action);
const char *const *rules_secrets(const struct rules *rules, const char *tool);

#endif
