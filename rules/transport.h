/*
 * Transports: what a command that was let through may start without being asked again. An
 * entry of a tool description is
 *   "ssh"                       a tool, whatever it is told: how the command reaches its hosts
 *   "stop: systemctl stop *"    commands of that shape (base name and words, a pattern), when
 *                               the command was let through for `stop` or something heavier:
 *                               what it does on this machine where its connection is a local
 *                               one, and has been counted and asked for already
 */
#ifndef TALLY_TRANSPORT_H
#define TALLY_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "action.h"
#include "arena.h"

/* True when `entry` is one of these two forms. */
bool transport_valid(const char *entry);

/*
 * The entries that hold for a command that was let through for `action`: tools as they are,
 * patterns without their action. NULL-terminated, in the arena; NULL: memory. `entries` may
 * be NULL.
 */
const char *const *transports_for(struct arena *arena, const char *const *entries,
				  enum action action);

/* "systemctl stop billing": what patterns are held against. NULL: memory. */
const char *transport_line(struct arena *arena, const char *const *argv, size_t argc);

/* Whether one of the entries of transports_for() covers that tool with that line. */
bool transports_cover(const char *const *entries, const char *tool, const char *line);

#endif
