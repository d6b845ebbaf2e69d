/* tally explain: what its two ways of being asked share. */
#ifndef TALLY_EXPLAIN_H
#define TALLY_EXPLAIN_H

#include <jansson.h>

#include "command_rules.h"
#include "judgement.h"

struct explain {
	struct command_rules rules;
	bool json, jsonl, names;
};

/* One line to judge. */
struct explain_line {
	struct command command;
	const char *input; /* what its stdin would be; NULL: ours, unless with --jsonl */
};

/* Reads and decides; nothing is reserved. -1 and `fault`. */
int explain_judge(const struct explain *explain, struct judgement *judgement,
		  const struct explain_line *line, struct fault *fault);

/* Prints the object on a line of its own and gives it back; NULL: says that memory is short. */
void explain_print(json_t *object);

/* {"error":"..."} */
void explain_print_error(const char *text);

/* --jsonl: one object a line of standard input, in order. Returns the exit status. */
int explain_lines(const struct explain *explain);

#endif
