/*
 * Facts: what the pure engine has to be told about the world. A reader asks for a file, a
 * probe or standard input by value; when the answer is not known yet the question is noted
 * as missing and the evaluation ends unfinished. The edge (wrapper/answer.c) fetches what
 * is missing and evaluates again, from the start, with the answers added. So `tally
 * explain`, policy tests with given answers, the corpus and the fuzzers run the same code.
 */
#ifndef TALLY_FACTS_H
#define TALLY_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

enum fact_kind {
	FACT_FILE, /* the bytes of `path` */
	FACT_KIND, /* what `path` is: data is "file", "directory", "program" (executable), or
		      "pipe" for what can be read only once: pipes, devices, sockets */
	FACT_LIST,  /* the names in directory `path`, one a line, sorted */
	FACT_STDIN, /* the command's standard input, read to its end */
	FACT_PROBE, /* what `argv` prints on stdout */
};

struct need {
	enum fact_kind kind;
	const char *path;	 /* absolute, or relative to the command's directory */
	const char *const *argv; /* FACT_PROBE: NULL-terminated; argv[0] is looked up */
	const char *const
		*env;	   /* FACT_PROBE: extra NAME=value, NULL-terminated or NULL */
	const char *input; /* FACT_PROBE: given on stdin, NULL: /dev/null */
	unsigned timeout;  /* FACT_PROBE: seconds, 0: the default of 10 */
};

enum fact_state {
	FACT_OK,      /* data holds the answer */
	FACT_ABSENT,  /* no such file, program not found */
	FACT_FAILED,  /* could not be read, or the probe ended badly */
	FACT_TIMEOUT, /* the probe was ended at its time limit */
	FACT_TOO_BIG, /* more than the bound, so not to be trusted as whole */
	FACT_TERMINAL /* FACT_STDIN: a terminal, whose input nobody can know */
};

struct fact {
	struct need need;
	enum fact_state state;
	int status; /* FACT_PROBE: exit status; 128+n for a signal */
	const char
		*data; /* NUL-terminated as well; stdout of a probe even if it failed */
	size_t length;
	int64_t age;	   /* seconds since it was learnt; 0: just now */
	const char *error; /* one line for the reader of the screen, or NULL */
	const char
		*warnings; /* FACT_PROBE: what it wrote on stderr, even if it succeeded;
				 NULL: nothing */
};

struct facts {
	struct arena *arena; /* where facts and needs live: outlives single evaluations */
	struct fact *known;
	size_t known_count, known_capacity;
	struct need *missing;
	size_t missing_count, missing_capacity;
	bool exhausted; /* memory ran out while a need was noted */
	/*
	 * Nobody wants to know how many targets a command has that only reads: readers then
	 * ask nothing to count them. Set it behind facts_init().
	 */
	bool reads_uncounted;
};

void facts_init(struct facts *facts, struct arena *arena);

/* The answer to `need`, or NULL when it is not known yet (it is then in `missing`). */
const struct fact *facts_get(struct facts *facts, const struct need *need);

/* Shorthands of facts_get(). */
const struct fact *facts_file(struct facts *facts, const char *path);
const struct fact *facts_kind(struct facts *facts, const char *path);
const struct fact *facts_list(struct facts *facts, const char *path);
const struct fact *facts_stdin(struct facts *facts);
const struct fact *facts_probe(struct facts *facts, const char *const *argv);

/* Adds an answer; removes its question from `missing`. -1 when memory is short. */
int facts_answer(struct facts *facts, const struct fact *fact);

/* True when both ask for the same thing. */
bool need_equal(const struct need *a, const struct need *b);

#endif
