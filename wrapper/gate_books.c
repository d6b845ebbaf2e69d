/* Which books the gate has: its own, or those of tallyd. */
#include "gate_books.h"

#include "gate_state.h"

static const struct gate_books_kind *kind_of(const struct gate *gate)
{
	return gate->session.installed ? &books_daemon : &books_local;
}

int gate_granted(struct gate *gate)
{
	return kind_of(gate)->granted(gate);
}

int gate_asker(struct gate *gate)
{
	return kind_of(gate)->asker(gate);
}

int gate_view(struct gate *gate)
{
	return kind_of(gate)->view(gate);
}

int gate_admit(struct gate *gate)
{
	return kind_of(gate)->admit(gate);
}

void gate_withdraw(struct gate *gate)
{
	kind_of(gate)->withdraw(gate);
}

int gate_record(struct gate *gate, enum gate_outcome outcome)
{
	struct fault fault = {0};
	int result;

	/* No session could be read, so nobody knows where the log is. */
	if (!gate->session.state)
		return 0;
	/* What could not be written once is not waited for again. */
	if (gate->books.unrecorded)
		return -1;
	result = kind_of(gate)->record(gate, outcome, &fault);
	/* What went wrong before is what the person has to know. */
	if (result < 0 && outcome != OUTCOME_FAILED)
		gate->fault = fault;
	gate->books.unrecorded = result < 0;
	return result;
}

int gate_start(struct gate *gate)
{
	return kind_of(gate)->start(gate);
}

int gate_read(struct gate *gate)
{
	return kind_of(gate)->read(gate);
}

int gate_through_shell(void *context, const char *const *argv, struct fault *fault)
{
	struct gate *gate = context;

	return kind_of(gate)->through_shell(gate, argv, fault);
}

void gate_becomes(struct gate *gate)
{
	kind_of(gate)->becomes(gate);
}

void gate_books_close(struct gate *gate)
{
	kind_of(gate)->close(gate);
}

int gate_announce_probe(void *context, pid_t child, const char *path,
			const char *const *argv, struct fault *fault)
{
	struct gate *gate = context;

	return kind_of(gate)->announce(gate, child, path, argv, fault);
}
