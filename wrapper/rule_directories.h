/* Where the rules are when nobody says so: beside the running program, or installed. */
#ifndef TALLY_RULE_DIRECTORIES_H
#define TALLY_RULE_DIRECTORIES_H

#include "arena.h"
#include "fault.h"

/*
 * The default rule directories for a program in the directory `program`, NULL-terminated and
 * absolute: BUILD/../rules of a checkout, or ../../share/tallygate/rules of what `make
 * install` put there and the site's own, /etc/tallygate, behind it. NULL and `fault`.
 */
const char *const *rule_directories_find(struct arena *arena, const char *program,
					 struct fault *fault);

#endif
