/* What is recorded of a command at the gate, as the audit log wants it. */
#include "gate_state.h"

#include "probe.h"

json_t *gate_record_json(struct gate *gate, enum gate_outcome outcome)
{
	const struct judgement *judgement = &gate->judgement;
	const char *tool = judgement->reading.tool;
	bool failed = outcome == OUTCOME_FAILED || outcome == OUTCOME_NOT_EXECUTED;
	struct who who;
	const struct command_record from = {
		.outcome = outcome,
		.event = gate->books.event,
		.who = &who,
		.source = command_env(&gate->command, "SSH_CONNECTION"),
		.top = gate->session.supervisor,
		.session = gate->session.id,
		.command = &gate->command,
		.reading = &judgement->reading,
		/* One that was never asked for has no policy. */
		.decision = judgement->decision.digest ? &judgement->decision : NULL,
		.facts = &judgement->facts,
		.secrets = gate->book.rules && tool
				   ? rules_secrets(gate->book.rules, tool)
				   : NULL,
		.why = failed ? gate->fault.text : gate->why,
		.interactive = gate->terminal.fd >= 0,
		.expected = gate->expected,
		.expect = gate->expect,
		.answer = gate->answer,
		.reason = gate->reason,
		.parent_event = gate->books.parent_event,
		.down = gate->books.down,
		.latency = probe_clock() - gate->started,
	};

	who_self(&who);
	return command_record(gate->arena, &from);
}
