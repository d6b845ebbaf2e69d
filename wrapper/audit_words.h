/* The fields of a record that could be of any length, bounded: command line and targets. */
#ifndef TALLY_AUDIT_WORDS_H
#define TALLY_AUDIT_WORDS_H

#include "audit_json.h"
#include "command.h"
#include "operation.h"

enum {
	AUDIT_WORDS = 1024,	  /* words of a command line that are kept, */
	AUDIT_WORD = 4096,	  /* bytes of each, */
	AUDIT_WORD_BYTES = 16384, /* and bytes of all of them */
	AUDIT_FOLDED = 8192,	  /* bytes of the folded targets */
	AUDIT_NAMES = 100,	  /* targets in related.hosts ... */
	AUDIT_NAME_BYTES = 8192,  /* ... and bytes of all of them */
};

/*
 * process.args, args_count, command_line, executable, working_directory and
 * tallygate.command.digest, which is of all words; the values of `secrets` are hidden.
 */
void audit_command_line(struct audit_json *record, const struct command *command,
			const char *const *secrets);

/* tallygate.targets.* and related.hosts. */
void audit_targets(struct audit_json *record, const struct reading *reading);

#endif
