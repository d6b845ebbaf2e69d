#include "gate_state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "audit.h"
#include "execute.h"
#include "exit_status.h"
#include "gate_rules.h"
#include "interrupt.h"
#include "policy_vet.h"
#include "probe.h"
#include "visible.h"

enum {
	GATE_BYTES = 1 << 30, /* memory of one command, facts included */
	ROUNDS = 5,	      /* of asking, while other commands come first */
	FRESH_MS = 30 * 1000, /* facts older than that are fetched again after asking */
};

/* ---- before anything is judged ---- */

/* What the command gets: with what was kept from the gate itself. */
static char *const *copy_env(struct arena *arena, char *const *env,
			     const char *const *keep)
{
	size_t count = 0, kept = 0;
	const char **copy;

	while (env[count])
		count++;
	while (keep && keep[kept])
		kept++;
	copy = arena_array(arena, count + kept + 1, sizeof(*copy));
	if (copy && kept)
		memcpy(copy, keep, kept * sizeof(*copy));
	if (copy)
		memcpy(copy + kept, env, count * sizeof(*copy));
	return (char *const *)copy;
}

/* A number that was declared; a word that is none must not be taken for "not declared". */
static int read_expected(struct gate *gate)
{
	const char *text = gate->call->expect;
	const char *source = "--expect";

	if (!text) {
		text = command_env(&gate->command, "TALLY_EXPECT");
		source = "TALLY_EXPECT";
		if (text && !*text)
			text = NULL;
	}
	gate->expected = text != NULL;
	if (!text || challenge_number(text, &gate->expect))
		return 0;
	return fault_set(
		&gate->fault,
		"%s is \"%.100s\", expected the number of targets that are meant", source,
		text);
}

/*
 * What tallyd is told has to come from this program and what a person types: not from a
 * debugger, and not from files of the user that libraries would read.
 */
static int keep_to_itself(struct gate *gate)
{
	static const char *const variables[] = {"TERMINFO", "TERMINFO_DIRS", "TERMCAP"};

	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
		unsetenv(variables[i]);
	if (setenv("INPUTRC", "/dev/null", 1) < 0 || setenv("HOME", "/", 1) < 0)
		return fault_set(&gate->fault, "out of memory");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return fault_set(&gate->fault, "the gate cannot be closed to others: %s",
				 strerror(errno));
	return 0;
}

static int begin(struct gate *gate, const struct gate_call *call)
{
	char *cwd;
	size_t argc = 0;

	gate->call = call;
	gate->terminal.fd = -1;
	gate->started = probe_clock();
	gate->arena = arena_new(GATE_BYTES);
	gate->env = gate->arena ? copy_env(gate->arena, call->env, call->keep) : NULL;
	if (!gate->env)
		return fault_set(&gate->fault, "out of memory");
	while (call->argv[argc])
		argc++;
	cwd = getcwd(NULL, 0);
	gate->command = (struct command){
		.argv = (const char *const *)call->argv,
		.argc = argc,
		.path = call->path,
		.env = (const char *const *)gate->env,
		/* A directory that is gone: relative names lead nowhere, for the tool too. */
		.cwd = cwd ? arena_strdup(gate->arena, cwd) : "/proc/self/cwd",
	};
	free(cwd);
	gate->judgement.arena = gate->arena;
	/* Ledger and grants refer to the record before it is written. */
	gate->books.event = audit_event_id(gate->arena);
	gate->options = (struct answer_options){
		.replay = &gate->replay,
		.terminal = &gate->terminal,
		.announce = gate_announce_probe,
		.context = gate,
		.reads_uncounted = true,
	};
	if (!gate->command.cwd || !gate->books.event)
		return fault_set(&gate->fault, "out of memory");
	if (session_load(gate->arena, call->session, &gate->session, &gate->fault) < 0)
		return -1;
	return gate->session.installed ? keep_to_itself(gate) : 0;
}

/* ---- 1 identify, 2 parse, 3 count ---- */

static int identify_and_count(struct gate *gate)
{
	if (gate_rules_open(gate->arena, &gate->session, &gate->command,
			    &gate->book.rules, &gate->program, &gate->fault) < 0)
		return -1;
	return judgement_read(&gate->judgement, gate->book.rules, &gate->command,
			      &gate->options, &gate->fault);
}

/* ---- 4 decide ---- */

static int decide_now(struct gate *gate)
{
	if (judgement_decide(&gate->judgement, gate->book.policy, &gate->book.fleet,
			     &gate->asker, &gate->books.history, &gate->command,
			     &gate->options, &gate->fault) < 0)
		return -1;
	return rules_snapshot_reasons(gate->arena, &gate->session.snapshot,
				      &gate->judgement.decision, &gate->fault);
}

static int open_policy(struct gate *gate)
{
	const char *const *directories = gate->session.rules;

	if (fleet_load(gate->arena, directories, &gate->book.fleet, &gate->fault) < 0 ||
	    policy_load(gate->arena, directories, &gate->book.fleet, &gate->book.policy,
			&gate->fault) < 0 ||
	    policy_vet(&gate->session, gate->book.policy, &gate->book.fleet,
		       &gate->fault) < 0)
		return -1;
	return gate_asker(gate);
}

/* tallyd has got other rules since this command was read. */
static int read_again(struct gate *gate)
{
	gate->books.stale = false;
	if (session_load(gate->arena, gate->call->session, &gate->session, &gate->fault) <
	    0)
		return -1;
	return identify_and_count(gate);
}

/* What is asked of the books, and once more when it was asked by old rules. */
static int with_new_rules(struct gate *gate, int (*step)(struct gate *gate))
{
	int result = step(gate);

	if (result >= 0 || !gate->books.stale)
		return result;
	return read_again(gate) < 0 ? -1 : step(gate);
}

/* ---- 5 ask ---- */

static bool same_targets(struct gate *gate, const struct reading *before)
{
	const struct reading *after = &gate->judgement.reading;

	if (before->count != after->count || before->action != after->action)
		return false;
	for (size_t i = 0; i < before->count; i++) {
		const struct operation *a = &before->operations[i];
		const struct operation *b = &after->operations[i];

		if (a->action != b->action || !a->targets != !b->targets ||
		    (a->targets && !hostset_equal(a->targets, b->targets)))
			return false;
	}
	return true;
}

/*
 * Somebody may have thought for a while, or pressed Ctrl-Z and gone for lunch: what was
 * probed then is no longer what is true now.
 */
static enum gate_answer look_again(struct gate *gate, int64_t asked)
{
	const struct reading before = gate->judgement.reading;
	const enum verdict verdict = gate->judgement.decision.verdict;

	if (!gate->suspended && probe_clock() - asked < FRESH_MS)
		return GATE_YES;
	if (judgement_read(&gate->judgement, gate->book.rules, &gate->command,
			   &gate->options, &gate->fault) < 0 ||
	    gate_view(gate) < 0 || decide_now(gate) < 0)
		return GATE_NO_FAILURE;
	if (gate->judgement.decision.verdict > verdict) {
		gate_tell_denied(gate, "denied");
		gate_tell_not_run(gate,
				  "what was allowed when you were asked no longer is");
		return GATE_NO;
	}
	if (same_targets(gate, &before))
		return GATE_YES;
	gate_tell_not_run(gate, "its targets have changed since you were asked");
	return GATE_NO;
}

static enum gate_answer ask(struct gate *gate)
{
	int64_t asked = probe_clock();
	enum gate_answer answer = gate_ask(gate);

	return answer == GATE_YES ? look_again(gate, asked) : answer;
}

/* ---- the end, one way or the other ---- */

/* Ends without having run the command. */
static int refuse(struct gate *gate, enum gate_answer answer)
{
	enum gate_outcome outcome = OUTCOME_DECLINED;

	if (gate->judgement.decision.verdict >= VERDICT_APPROVE)
		outcome = OUTCOME_DENIED;
	if (answer == GATE_NO_FAILURE)
		outcome = OUTCOME_FAILED;
	if (answer == GATE_NO_FAILURE) {
		rules_snapshot_fault(&gate->session.snapshot, &gate->fault);
		gate_tell_fault(gate);
	}
	gate_withdraw(gate);
	/* It does not run whether or not this can be written. */
	if (gate_record(gate, outcome) < 0 && answer != GATE_NO_FAILURE && !gate->signal)
		gate_tell_fault(gate);
	if (gate->signal)
		interrupt_die(gate->signal);
	return answer == GATE_NO_FAILURE ? EXIT_STATUS_FAILED : EXIT_STATUS_NOT_RUN;
}

static int fail(struct gate *gate)
{
	/* A probe that was stopped by Ctrl-C is a no, not a failure. */
	if (gate->options.stopped) {
		gate->signal = gate->options.stopped;
		gate_tell_not_run(gate, gate->fault.text);
		return refuse(gate, GATE_NO_SIGNAL);
	}
	return refuse(gate, GATE_NO_FAILURE);
}

/* The process becomes the tool. Returns only when that cannot be. */
static int become(struct gate *gate)
{
	const struct gate_call *call = gate->call;
	const char *name;
	int error;

	gate_becomes(gate);
	error = execute_granted(call->path, call->argv, gate->env, &gate->replay,
				gate_through_shell, gate, &gate->fault);
	name = visible_text(gate->arena, call->path, terminal_utf8(gate->command.env));
	gate_withdraw(gate);
	if (error < 0)
		return gate_tell_fault(gate);
	fprintf(stderr, "tallygate: %s: %s\n", name ? name : "the program",
		strerror(error));
	fault_set(&gate->fault, "%s", strerror(error));
	gate_record(gate, OUTCOME_NOT_EXECUTED);
	return execute_status(error);
}

/* ---- 6 admit ---- */

/* What is true when the tool starts, and not earlier: reservation, record, grant. */
static int admitted(struct gate *gate)
{
	bool asked = gate->books.accepted >= VERDICT_CONFIRM &&
		     gate->judgement.decision.verdict == VERDICT_CONFIRM;

	if (gate_record(gate, asked ? OUTCOME_CONFIRMED : OUTCOME_ALLOWED) < 0 ||
	    gate_start(gate) < 0)
		return fail(gate);
	return become(gate);
}

/*
 * Asks and admits. While somebody thought, another command may have taken what was free:
 * then what has been answered no longer holds, and is asked again or refused.
 */
static int ask_and_admit(struct gate *gate)
{
	for (int round = 0; round < ROUNDS; round++) {
		enum gate_answer answer = ask(gate);
		int result;

		if (answer != GATE_YES)
			return refuse(gate, answer);
		gate->books.accepted = gate->judgement.decision.verdict;
		if (gate->expected && gate->books.accepted < VERDICT_CONFIRM)
			gate->books.accepted = VERDICT_CONFIRM;
		result = gate_admit(gate);
		if (result > 0)
			return admitted(gate);
		if (result < 0)
			return fail(gate);
		if (gate->books.down) {
			gate_tell_not_run(gate, gate->fault.text);
			return refuse(gate, GATE_NO);
		}
		/* Its facts may be wanting too. */
		if ((gate->books.stale &&
		     (read_again(gate) < 0 || open_policy(gate) < 0)) ||
		    decide_now(gate) < 0)
			return fail(gate);
	}
	gate_tell_not_run(gate, gate->books.heavier
					? gate->books.heavier
					: "other commands came first, again and again");
	return refuse(gate, GATE_NO);
}

static int read_only(struct gate *gate)
{
	return with_new_rules(gate, gate_read) < 0 ? fail(gate) : become(gate);
}

static int pass(struct gate *gate)
{
	int granted;

	if (identify_and_count(gate) < 0)
		return fail(gate);
	if (!gate->judgement.reading.tool ||
	    judgement_only_reads(&gate->judgement.reading))
		return read_only(gate);
	granted = with_new_rules(gate, gate_granted);
	if (granted < 0)
		return fail(gate);
	if (granted)
		return gate_record(gate, OUTCOME_GRANTED) < 0 ? fail(gate) : become(gate);
	if (read_expected(gate) < 0) {
		gate_tell_not_run(gate, gate->fault.text);
		return refuse(gate, GATE_NO);
	}
	if (open_policy(gate) < 0 || gate_view(gate) < 0 || decide_now(gate) < 0)
		return fail(gate);
	return ask_and_admit(gate);
}

int gate_pass(const struct gate_call *call)
{
	struct gate gate = {0};
	int status;

	if (begin(&gate, call) < 0)
		return gate_tell_fault(&gate);
	terminal_open(&gate.terminal, gate.command.env);
	status = pass(&gate);
	terminal_close(&gate.terminal);
	replay_close(&gate.replay);
	gate_books_close(&gate);
	arena_free(gate.arena);
	return status;
}
