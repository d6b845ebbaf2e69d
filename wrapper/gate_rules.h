/* The rules for one command: only the description that it needs, where that is known. */
#ifndef TALLY_GATE_RULES_H
#define TALLY_GATE_RULES_H

#include "command.h"
#include "judge.h"
#include "session.h"

/*
 * Opens the rules of the session. When the guard table names the description of this very
 * program, only that is read, so that a read costs the same however many tools are known;
 * *program is then the name it is known by, else NULL.
 */
int gate_rules_open(struct arena *arena, const struct session *session,
		    const struct command *command, struct rules **rules,
		    const char **program, struct fault *fault);

#endif
