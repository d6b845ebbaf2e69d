/* A command, and the facts it was judged by, as JSON values and back. */
#ifndef TALLY_MESSAGE_COMMAND_H
#define TALLY_MESSAGE_COMMAND_H

#include <jansson.h>

#include "command.h"
#include "facts.h"

/* {"path", "argv", "env", "cwd"}. NULL when memory is short. */
json_t *message_command(const struct command *command);

/* All that is known; what is missing is not carried. NULL when memory is short. */
json_t *message_facts(const struct facts *facts);

/* Both back; strings in the arena. -1 when the value is none, or memory is short. */
int message_get_command(struct arena *arena, const json_t *value,
			struct command *command);
int message_get_facts(const json_t *value, struct facts *facts);

#endif
