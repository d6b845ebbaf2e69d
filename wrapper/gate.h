/*
 * The way of a command through the gate (docs/design.md, section 2): identify, parse,
 * count, decide, ask, admit, and become the real program. Used by tally-gate, which stands
 * in the command's own process, and by `tally run`.
 */
#ifndef TALLY_GATE_H
#define TALLY_GATE_H

/* One call, as it was intercepted. Everything is passed on unchanged. */
struct gate_call {
	const char *path;    /* the executable file */
	char *const *argv;   /* argv[0] as the caller gave it, NULL-terminated */
	char *const *env;    /* as received, NULL-terminated */
	const char *session; /* directory of the session, NULL: none */
	const char *expect;  /* the number that was declared, NULL: see TALLY_EXPECT */
	/*
	 * NAME=VALUE of variables that were kept from the gate itself (LD_PRELOAD ...) and
	 * are the command's all the same: NULL-terminated, or NULL.
	 */
	const char *const *keep;
};

/*
 * Does all of it. When the command may run, this process becomes it and the function does
 * not return. Otherwise it has said why, and returns the exit status: 126 not run, 125
 * tallygate failed, 127 not found. When a signal ended the question, the process dies of it.
 */
int gate_pass(const struct gate_call *call);

#endif
