/* Who says yes: the policy, a declared number, or the person at the terminal. */
#include "gate_state.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "probe.h"
#include "visible.h"

static enum gate_answer out_of_memory(struct gate *gate)
{
	fault_set(&gate->fault, "out of memory");
	return GATE_NO_FAILURE;
}

/* A number was declared: it has to be right, whatever the policy says. */
static enum gate_answer compare_expected(struct gate *gate)
{
	const struct decision *decision = &gate->judgement.decision;
	struct screen screen = gate_screen(gate, STDERR_FILENO);
	const char *units = screen_units(&screen, &gate->judgement.reading);

	if (!units)
		return out_of_memory(gate);
	if (!decision->count_known) {
		gate_tell_not_run(gate, arena_printf(gate->arena,
						     "%" PRIu64 " %s were expected, how "
						     "many it names is not known",
						     gate->expect, units));
		return GATE_NO;
	}
	if (decision->count == gate->expect)
		return GATE_YES;
	gate_tell_not_run(gate,
			  arena_printf(gate->arena,
				       "%" PRIu64 " %s were expected, the command names "
				       "%" PRIu64,
				       gate->expect, units, decision->count));
	return GATE_NO;
}

static enum gate_answer nobody_there(struct gate *gate)
{
	gate_tell_denied(gate, "not confirmed");
	gate_tell_not_run(gate,
			  "it has to be confirmed, and there is no terminal to ask on. "
			  "Say how many targets are meant: tally run --expect N -- "
			  "COMMAND, or TALLY_EXPECT=N");
	return GATE_NO;
}

/* TALLY_ANSWER_SECONDS, from 1 to a day; anything else is the default. */
static unsigned answer_seconds(const struct gate *gate)
{
	const char *text = command_env(&gate->command, "TALLY_ANSWER_SECONDS");
	unsigned long seconds;
	char *end;

	if (!text || *text < '0' || *text > '9')
		return PROMPT_SECONDS;
	seconds = strtoul(text, &end, 10);
	return *end || seconds < 1 || seconds > 86400 ? PROMPT_SECONDS
						      : (unsigned)seconds;
}

static void show_all(struct gate *gate, const struct screen *screen)
{
	const char *text = screen_full(screen, &gate->command, &gate->judgement.reading,
				       &gate->judgement.decision);

	if (text && gate->terminal.fd >= 0) {
		terminal_write(gate->terminal.fd, "\n", 1);
		terminal_write(gate->terminal.fd, text, strlen(text));
		terminal_write(gate->terminal.fd, "\n", 1);
	}
}

/* One line, so that the person sees that it was the answer that let the command go. */
static enum gate_answer confirmed(struct gate *gate)
{
	const struct decision *decision = &gate->judgement.decision;
	const struct reading *reading = &gate->judgement.reading;
	const char *text = NULL;

	if (decision->count_known)
		text = visible_count(gate->arena, decision->count,
				     reading->unit ? reading->unit : "target");
	text = text ? arena_printf(gate->arena, "tallygate: %s, as you said\n", text)
		    : NULL;
	if (text)
		terminal_write(gate->terminal.fd, text, strlen(text));
	return GATE_YES;
}

static enum gate_answer person(struct gate *gate)
{
	struct screen screen = gate_screen(gate, gate->terminal.fd);
	struct challenge challenge = {
		.terminal = &gate->terminal,
		.screen = &screen,
		.command = &gate->command,
		.reading = &gate->judgement.reading,
		.decision = &gate->judgement.decision,
		.host = gate->asker.host,
		.timeout = answer_seconds(gate),
	};
	int met = challenge_put(&challenge);

	if (met < 0)
		return out_of_memory(gate);
	gate->answer = challenge.answer;
	gate->reason = challenge.reason;
	gate->signal = challenge.signal;
	gate->suspended = challenge.suspended;
	if (met)
		return confirmed(gate);
	if (challenge.show_all)
		show_all(gate, &screen);
	gate_tell_not_run(gate, challenge.why);
	return gate->signal ? GATE_NO_SIGNAL : GATE_NO;
}

enum gate_answer gate_ask(struct gate *gate)
{
	const struct decision *decision = &gate->judgement.decision;
	enum gate_answer answer = GATE_YES;

	if (decision->verdict == VERDICT_DENY) {
		gate_tell_denied(gate, "denied");
		return GATE_NO;
	}
	if (gate->expected)
		answer = compare_expected(gate);
	if (answer != GATE_YES)
		return answer;
	if (decision->verdict == VERDICT_APPROVE) {
		gate_tell_denied(gate, "needs a second person");
		return GATE_NO;
	}
	if (decision->verdict == VERDICT_ALLOW || gate->expected)
		return GATE_YES;
	return gate->terminal.fd < 0 ? nobody_there(gate) : person(gate);
}
