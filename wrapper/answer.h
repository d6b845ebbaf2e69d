/*
 * Answers what the pure engine asks (rules/facts.h): reads files, lists directories, reads
 * standard input, runs probes. Nothing else of the program looks at the world for it.
 */
#ifndef TALLY_ANSWER_H
#define TALLY_ANSWER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "command.h"
#include "facts.h"
#include "fault.h"
#include "replay.h"
#include "terminal.h"

enum {
	ANSWER_FILE = 64 * 1024 * 1024,	 /* bytes of one file */
	ANSWER_LIST = 16 * 1024 * 1024,	 /* bytes of the names in one directory */
	ANSWER_INPUT = 16 * 1024 * 1024, /* bytes of standard input */
};

/* All zero: silent, standard input is read and lost, probes are nobody's business. */
struct answer_options {
	const char *line_input; /* stands for the command's stdin; NULL: fd 0 */
	bool no_input;		/* fd 0 is not the command's: its stdin is unknown */
	/* Keeps what was read from pipes, for replay_install(); NULL: it is lost. */
	struct replay *replay;
	const struct terminal *terminal; /* shows a long wait there; NULL: silent */
	const char *purpose;		 /* "counting targets", for that line */
	bool reads_uncounted;		 /* see struct facts */
	int64_t deadline; /* monotonic milliseconds (probe_clock()), 0: none */
	/* See struct probe. */
	int (*announce)(void *context, pid_t child, const char *path,
			const char *const *argv, struct fault *fault);
	void *context;
	int stopped; /* out: the signal that stopped a probe (Ctrl-C is SIGINT), or 0 */
};

/*
 * Answers everything in facts->missing. 0 when it is done; -1 and `fault` when memory is
 * short or the user stopped it (options->stopped says which). A file or a probe that fails
 * is no error of this function: its fact says so.
 */
int answer_facts(struct facts *facts, const struct command *command,
		 struct answer_options *options, struct fault *fault);

#endif
