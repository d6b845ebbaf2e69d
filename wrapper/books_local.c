/* The books of an embedded session: ledger, audit log and grants are files of the user. */
#include "gate_books.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "audit_log.h"
#include "ending.h"
#include "gate_state.h"
#include "grant.h"
#include "ledger.h"
#include "ledger_plan.h"
#include "process.h"
#include "transport.h"

/* Opens the ledger once; afterwards either books.ledger or books.down is set. */
static void open_ledger(struct gate *gate)
{
	struct gate_books *books = &gate->books;
	struct fault fault = {0};

	if (books->ledger || books->down)
		return;
	if (ledger_open(gate->session.state, true, &books->ledger, &fault) < 0) {
		books->ledger = NULL;
		books->down = arena_strdup(gate->arena, fault.text);
		if (!books->down)
			books->down = "the ledger cannot be reached";
	}
}

static void set_down(struct gate *gate, const struct fault *fault)
{
	struct gate_books *books = &gate->books;

	if (books->ledger)
		ledger_close(books->ledger);
	books->ledger = NULL;
	books->down = arena_strdup(gate->arena, fault->text);
	if (!books->down)
		books->down = "the ledger cannot be reached";
}

static int local_view(struct gate *gate)
{
	struct gate_books *books = &gate->books;
	struct fault fault = {0};

	open_ledger(gate);
	if (books->ledger &&
	    ledger_view(books->ledger, gate->arena, policy_window(gate->book.policy),
			&books->history, &fault) < 0)
		set_down(gate, &fault);
	if (!books->ledger)
		books->history = (struct history){.now = time(NULL)};
	return 0;
}

/* ---- grants ---- */

static int digest_of(struct gate *gate, const char **digest)
{
	char *text = arena_alloc(gate->arena, GRANT_DIGEST);

	if (!text)
		return fault_set(&gate->fault, "out of memory");
	grant_digest(gate->command.argv, gate->command.argc, text);
	*digest = text;
	return 0;
}

static int local_granted(struct gate *gate)
{
	struct grant_wish wish = {.tool = gate->judgement.reading.tool};
	struct grant grant;
	int found;

	/* Outside of a session nothing below a command comes to the gate by itself. */
	if (!gate->session.directory)
		return 0;
	if (digest_of(gate, &wish.digest) < 0)
		return -1;
	wish.line = transport_line(gate->arena, gate->command.argv, gate->command.argc);
	if (!wish.line)
		return fault_set(&gate->fault, "out of memory");
	found = grant_find(gate->session.directory, gate->arena, getpid(), &wish, &grant,
			   &gate->fault);
	if (found > 0)
		gate->books.parent_event = grant.event;
	return found;
}

static int take(struct gate *gate, const struct process *process, const char *tool,
		const char *digest, const char *const *transports, struct fault *fault)
{
	const struct grant grant = {
		.pid = process->pid,
		.start = process->start,
		.event = gate->books.event,
		.tool = tool,
		.digest = digest,
		.transports = transports,
	};

	return grant_take(gate->session.directory, &grant, fault);
}

/* The grant of this process, which is about to become the tool. */
static int take_own(struct gate *gate)
{
	const struct reading *reading = &gate->judgement.reading;
	const char *const *transports;
	const char *digest = "";
	struct process self;

	if (!gate->session.directory)
		return 0;
	if (!process_look(getpid(), &self))
		return fault_set(&gate->fault, "/proc/%d cannot be read", (int)getpid());
	transports = rules_transports(gate->book.rules, gate->arena, reading->tool,
				      reading->action);
	if (!transports)
		return fault_set(&gate->fault, "out of memory");
	if (digest_of(gate, &digest) < 0)
		return -1;
	return take(gate, &self, reading->tool, digest, transports, &gate->fault);
}

static int local_start(struct gate *gate)
{
	struct gate_books *books = &gate->books;

	if (take_own(gate) < 0)
		return -1;
	return books->ledger ? ledger_start(books->ledger, gate->arena, books->admission,
					    &gate->fault)
			     : 0;
}

static int local_announce(struct gate *gate, pid_t child, const char *path,
			  const char *const *argv, struct fault *fault)
{
	static const char *const anything[] = {"*", NULL};
	struct process process;
	char digest[GRANT_DIGEST];
	size_t argc = 0;

	(void)path;
	/* A child that has gone needs none; its end is seen by who waits for it. */
	if (!gate->session.directory || !process_look(child, &process))
		return 0;
	while (argv[argc])
		argc++;
	grant_digest(argv, argc, digest);
	return take(gate, &process, command_base_name(argv[0]), digest, anything, fault);
}

/* ---- the reservation ---- */

/* Inside of the transaction: nothing here may wait for anything. */
static int decide_again(void *context, const struct history *history,
			struct ledger_plan *plan, struct fault *fault)
{
	struct gate *gate = context;
	struct judgement *judgement = &gate->judgement;
	struct decision fresh;
	int result = decide(gate->arena, gate->book.policy, &gate->book.fleet,
			    &judgement->reading, &gate->asker, history, &judgement->facts,
			    &fresh, fault);

	if (result < 0)
		return -1;
	gate->books.history = *history;
	/* More facts are wanted than before: they are fetched outside, and then again. */
	if (result > 0)
		return 0;
	judgement->decision = fresh;
	if (fresh.verdict > gate->books.accepted)
		return 0;
	return ledger_plan_of(gate->arena, &fresh, plan, fault) < 0 ? -1 : 1;
}

/* 1 when it may go on all the same. */
static int without_ledger(struct gate *gate)
{
	const struct reading *reading = &gate->judgement.reading;

	if (policy_ledger_down(gate->book.policy, reading->action))
		return 1;
	fault_set(&gate->fault,
		  "%s. Without the ledger nobody knows what has been taken away already, "
		  "so no %s is let through",
		  gate->books.down, action_name(reading->action));
	return 0;
}

static int local_admit(struct gate *gate)
{
	struct gate_books *books = &gate->books;
	struct ledger_holder holder = {.event = books->event};
	struct fault fault = {0};
	struct process self;
	int admitted;

	if (!books->ledger)
		return without_ledger(gate);
	if (!process_look(getpid(), &self))
		return fault_set(&gate->fault, "/proc/%d cannot be read", (int)getpid());
	holder.pid = self.pid;
	holder.start = self.start;
	admitted =
		ledger_admit(books->ledger, gate->arena, policy_window(gate->book.policy),
			     &holder, decide_again, gate, &books->admission, &fault);
	if (admitted >= 0)
		return admitted;
	set_down(gate, &fault);
	return without_ledger(gate);
}

static void local_withdraw(struct gate *gate)
{
	struct gate_books *books = &gate->books;
	struct process self;
	struct fault fault;

	/* What cannot be withdrawn now is returned when this process has ended. */
	if (books->ledger && books->admission)
		ledger_withdraw(books->ledger, books->admission, &fault);
	books->admission = 0;
	if (gate->session.directory && process_look(getpid(), &self))
		grant_drop(gate->session.directory, self.pid, self.start);
}

static void local_close(struct gate *gate)
{
	if (gate->books.ledger)
		ledger_close(gate->books.ledger);
	gate->books.ledger = NULL;
}

/* ---- the audit log ---- */

static int local_record(struct gate *gate, enum gate_outcome outcome, struct fault *fault)
{
	json_t *record = gate_record_json(gate, outcome);
	int result;

	if (!record)
		return fault_set(fault, "out of memory while the audit record was made");
	result = audit_append(gate->arena, gate->session.state, record,
			      outcome != OUTCOME_READ, fault);
	json_decref(record);
	return result;
}

static int local_read(struct gate *gate)
{
	const char *const *transports;

	/* What is not known is no business of ours; a read is only noted. */
	if (!gate->judgement.reading.tool)
		return 0;
	if (gate_record(gate, OUTCOME_READ) < 0)
		return -1;
	/* `ansible -m ping` reads, but what it starts on 400 hosts does not look like it. */
	transports = rules_transports(gate->book.rules, gate->arena,
				      gate->judgement.reading.tool, ACTION_READ);
	return transports && !transports[0] ? 0 : take_own(gate);
}

static int local_asker(struct gate *gate)
{
	return asker_self(gate->arena, &gate->asker, &gate->fault);
}

static int local_through_shell(struct gate *gate, const char *const *argv,
			       struct fault *fault)
{
	(void)gate, (void)argv, (void)fault;
	return 0;
}

static void local_becomes(struct gate *gate)
{
	ending_announce(&gate->session, gate->books.event, gate->judgement.reading.tool);
}

const struct gate_books_kind books_local = {
	.granted = local_granted,
	.asker = local_asker,
	.view = local_view,
	.admit = local_admit,
	.withdraw = local_withdraw,
	.record = local_record,
	.start = local_start,
	.read = local_read,
	.through_shell = local_through_shell,
	.becomes = local_becomes,
	.close = local_close,
	.announce = local_announce,
};
