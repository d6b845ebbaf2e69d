/* What a gate asks about its command: judged anew, by the same functions it has used. */
#include <string.h>
#include <time.h>

#include "asker.h"
#include "audit_log.h"
#include "books_state.h"
#include "command_record.h"
#include "judgement.h"
#include "ledger_grants.h"
#include "ledger_plan.h"
#include "limit.h"
#include "message_command.h"
#include "message_history.h"
#include "message_text.h"
#include "probe.h"
#include "text_json.h"
#include "transport.h"

enum { MOST_FACTS = 16384 }; /* each is compared with all: no request may cost seconds */

/* The command of a request, read anew. */
struct judged {
	const struct books_request *request;
	const struct books_rules *rules;
	struct rules *tools; /* of the rules, as far as the guard table named them */
	struct command command;
	struct judgement judgement;
	struct asker asker;
	struct permit permit;	   /* for it, once it may run */
	char digest[GRANT_DIGEST]; /* of argv[1..] */
	bool interactive;
	int64_t latency;
	/* An admission: */
	enum verdict accepted;
	bool expected;
	uint64_t expect;
	const char *answer, *reason; /* typed */
	bool wanting; /* the policy asks for facts that the gate did not send */
	struct history history;
	const char *down; /* why there is no ledger, or NULL */
};

/* ---- taking a request apart ---- */

static int take_tools(struct judged *judged)
{
	const struct books_request *request = judged->request;
	const char *program, *tool;
	bool known;

	judged->tools = judged->rules->book.rules;
	if (message_get_text(request->arena, json_object_get(request->message, "program"),
			     &program, NULL) < 0 ||
	    message_get_text(request->arena, json_object_get(request->message, "tool"),
			     &tool, NULL) < 0)
		return -1;
	if (!program || !tool)
		return 0;
	judged->tools = rules_restricted(request->arena, judged->rules->book.rules,
					 program, tool, &known);
	/* One that has been taken away is looked for among those there are. */
	if (!judged->tools && !known)
		judged->tools = judged->rules->book.rules;
	return judged->tools ? 0 : -1;
}

static int take_permit(struct judged *judged)
{
	const struct books_request *request = judged->request;
	const struct command *command = &judged->command;
	struct permit *permit = &judged->permit;

	permit->grant.pid = request->peer->who.pid;
	permit->grant.start = request->peer->who.start;
	permit->grant.event = request->event;
	permit->since = probe_clock();
	grant_digest(command->argv, command->argc, judged->digest);
	permit->grant.digest = judged->digest;
	books_argv_digest(command->argv, command->argc, permit->argv_digest);
	return books_file(request, &permit->dev, &permit->ino);
}

static int take_apart(const struct books_request *request, struct judged *judged)
{
	const json_t *message = request->message;
	const json_t *facts = json_object_get(message, "facts");
	const json_t *interactive = json_object_get(message, "interactive");
	json_int_t latency;

	*judged = (struct judged){.request = request, .rules = request->books->rules};
	judged->judgement.arena = request->arena;
	facts_init(&judged->judgement.facts, request->arena);
	judged->judgement.facts.reads_uncounted = true;
	if (message_get_command(request->arena, json_object_get(message, "command"),
				&judged->command) < 0 ||
	    json_array_size(facts) > MOST_FACTS ||
	    message_get_facts(facts, &judged->judgement.facts) < 0 ||
	    message_get_integer(json_object_get(message, "latency"), 0, INT64_MAX,
				&latency) < 0 ||
	    !json_is_boolean(interactive) || take_tools(judged) < 0)
		return -1;
	judged->interactive = json_is_true(interactive);
	judged->latency = latency;
	return take_permit(judged);
}

static json_t *wanting(void)
{
	return books_error("facts",
			   "tallyd judges by rules that ask for more than the gate "
			   "knew; try again");
}

/* Reads the command; NULL when that went well, else what is to be answered. */
static json_t *judge(const struct books_request *request, struct judged *judged)
{
	struct fault fault = {0};
	int result;

	if (!request->books->rules)
		return books_failed(request, "rules", &request->books->rules_fault);
	if (take_apart(request, judged) < 0)
		return books_malformed();
	result = judge_read(request->arena, judged->tools, &judged->command,
			    &judged->judgement.facts, &judged->judgement.reading, &fault);
	if (result > 0)
		return wanting();
	if (result < 0)
		return books_failed(request, "rules", &fault);
	judged->permit.grant.tool = judged->judgement.reading.tool;
	return NULL;
}

static bool only_reads(const struct judged *judged)
{
	const struct reading *reading = &judged->judgement.reading;

	return !reading->tool || judgement_only_reads(reading);
}

static const char *const *transports(const struct judged *judged)
{
	const struct reading *reading = &judged->judgement.reading;

	return rules_transports(judged->tools, judged->request->arena, reading->tool,
				reading->action);
}

/* Who asks, by the kernel and the user database; NULL, or what is to be answered. */
static json_t *identify(struct judged *judged)
{
	const struct books_request *request = judged->request;
	struct fault fault = {0};

	if (asker_of(request->arena, &request->peer->who, judged->interactive,
		     &judged->asker, &fault) < 0)
		return books_failed(request, "memory", &fault);
	return NULL;
}

/* ---- the audit log ---- */

static int record(const struct judged *judged, enum gate_outcome outcome, bool durable,
		  const char *parent_event, struct fault *fault)
{
	const struct books_request *request = judged->request;
	const struct judgement *judgement = &judged->judgement;
	const struct command_record from = {
		.outcome = outcome,
		.event = request->event,
		.who = &request->peer->who,
		.source = request->peer->source,
		.top = request->peer->top,
		.session = request->peer->session,
		.command = &judged->command,
		.reading = &judgement->reading,
		.decision = judgement->decision.digest ? &judgement->decision : NULL,
		.facts = &judgement->facts,
		.secrets = rules_secrets(judged->tools, judgement->reading.tool),
		.interactive = judged->interactive,
		.expected = judged->expected,
		.expect = judged->expect,
		.answer = judged->answer,
		.reason = judged->reason,
		.parent_event = parent_event,
		.down = judged->down,
		.latency = judged->latency,
	};
	json_t *object = command_record(request->arena, &from);
	int result;

	if (!object)
		return fault_set(fault, "out of memory while the audit record was made");
	result = audit_append(request->arena, request->books->options.log, object,
			      durable, fault);
	json_decref(object);
	return result;
}

/* Its answer was lost: it is recorded and granted already. */
static bool done_before(const struct books_request *request)
{
	const struct who *who = &request->peer->who;

	return json_is_true(json_object_get(request->message, "again")) &&
	       grants_has(request->books->grants, who->pid, who->start, request->event);
}

/* ---- look: is it part of a command, and what does the ledger say? ---- */

static json_t *string(const char *text)
{
	return message_text(text, text ? strlen(text) : 0);
}

/* `answer`, with what the gate needs to come to the same decision. */
static json_t *with_view(const struct judged *judged, json_t *answer)
{
	const struct asker *asker = &judged->asker;
	json_t *seen = json_pack(
		"{s:o, s:s, s:o, s:{s:o, s:o, s:o, s:o}}", "history",
		message_history(judged->request->arena, &judged->history), "policy",
		judged->rules->book.policy->digest, "down", string(judged->down), "asker",
		"user", string(asker->user), "groups", message_texts(asker->groups),
		"parent", string(asker->parent_program), "host", string(asker->host));

	if (answer && seen && json_object_update(answer, seen) == 0) {
		json_decref(seen);
		return answer;
	}
	json_decref(seen);
	json_decref(answer);
	return NULL;
}

static void see_down(struct judged *judged, const struct fault *fault)
{
	judged->down = arena_strdup(judged->request->arena, fault->text);
	if (!judged->down)
		judged->down = "the ledger cannot be reached";
	judged->history = (struct history){.now = time(NULL)};
	books_ledger_lost(judged->request->books);
}

static void see(struct judged *judged)
{
	struct books *books = judged->request->books;
	struct fault fault = {0};

	if (!books_ledger(books, &fault) ||
	    ledger_view(books->ledger, judged->request->arena,
			policy_window(judged->rules->book.policy), &judged->history,
			&fault) < 0)
		see_down(judged, &fault);
}

static json_t *granted(struct judged *judged, const char *event)
{
	struct fault fault = {0};

	if (done_before(judged->request))
		return json_pack("{s:b}", "granted", 1);
	if (record(judged, OUTCOME_GRANTED, true, event, &fault) < 0)
		return books_failed(judged->request, "audit", &fault);
	if (books_permit(judged->request->books, &judged->permit, &fault) < 0)
		return books_failed(judged->request, "grant", &fault);
	return json_pack("{s:b}", "granted", 1);
}

json_t *books_look(const struct books_request *request)
{
	struct judged judged;
	json_t *error = judge(request, &judged);
	struct grant_wish wish;
	const char *event;
	int covered;

	if (error)
		return error;
	if (only_reads(&judged))
		return books_error("refused",
				   "it only reads, and is no part of anything");
	wish.tool = judged.judgement.reading.tool;
	wish.digest = judged.digest;
	wish.line =
		transport_line(request->arena, judged.command.argv, judged.command.argc);
	covered = wish.line ? grants_cover(request->books->grants, request->arena,
					   request->peer->who.pid, &wish, &event)
			    : -1;
	if (covered < 0)
		return books_error("memory", "tallyd is out of memory");
	if (covered)
		return granted(&judged, event);
	error = identify(&judged);
	if (error)
		return error;
	see(&judged);
	return with_view(&judged, json_pack("{s:b}", "granted", 0));
}

/* ---- read: one that changes nothing ---- */

json_t *books_read(const struct books_request *request)
{
	struct fault fault = {0};
	struct judged judged;
	json_t *error = judge(request, &judged);
	const char *const *starts;

	if (error)
		return error;
	if (!only_reads(&judged))
		return books_error("refused", "by the rules of tallyd it does more than "
					      "read; try again");
	if (done_before(request))
		return json_pack("{s:b}", "admitted", 1);
	if (judged.judgement.reading.tool) {
		if (record(&judged, OUTCOME_READ, false, NULL, &fault) < 0)
			return books_failed(request, "audit", &fault);
		starts = transports(&judged);
		/* `ansible -m ping` reads, but what it starts does not look like it. */
		if (!starts)
			return books_error("memory", "tallyd is out of memory");
		if (starts[0])
			judged.permit.grant.transports = starts;
	}
	if (books_permit(request->books, &judged.permit, &fault) < 0)
		return books_failed(request, "grant", &fault);
	return json_pack("{s:b}", "admitted", 1);
}

/* ---- admit ---- */

static int take_answers(struct judged *judged)
{
	const json_t *message = judged->request->message;
	const json_t *expected = json_object_get(message, "expected");
	const char *accepted = json_string_value(json_object_get(message, "accepted"));
	struct arena *arena = judged->request->arena;

	if (!accepted || !verdict_parse(accepted, &judged->accepted) ||
	    message_get_text(arena, json_object_get(message, "answer"), &judged->answer,
			     NULL) < 0 ||
	    message_get_text(arena, json_object_get(message, "reason"), &judged->reason,
			     NULL) < 0)
		return -1;
	/* The person at the terminal can say yes to no more than that. */
	if (judged->accepted > VERDICT_CONFIRM)
		judged->accepted = VERDICT_CONFIRM;
	judged->expected = json_is_integer(expected);
	if (!judged->expected)
		return json_is_null(expected) ? 0 : -1;
	judged->expect = (uint64_t)json_integer_value(expected);
	return 0;
}

/* Whether the decision may stand by what has been answered. */
static bool accepted(const struct judged *judged)
{
	const struct decision *decision = &judged->judgement.decision;

	if (judged->expected &&
	    (!decision->count_known || decision->count != judged->expect))
		return false;
	return decision->verdict <= judged->accepted;
}

/* 1 when it is decided and may stand, 0 when not, -1 and `fault`. */
static int decide_by(struct judged *judged, const struct history *history,
		     struct fault *fault)
{
	struct judgement *judgement = &judged->judgement;
	const struct rulebook *book = &judged->rules->book;
	int result = decide(judgement->arena, book->policy, &book->fleet,
			    &judgement->reading, &judged->asker, history,
			    &judgement->facts, &judgement->decision, fault);

	judged->history = *history;
	judged->wanting = result > 0;
	if (result != 0)
		return result < 0 ? -1 : 0;
	if (rules_snapshot_reasons(judgement->arena, &judged->rules->snapshot,
				   &judgement->decision, fault) < 0)
		return -1;
	return accepted(judged);
}

/* Inside of the transaction: nothing here may wait for anything. */
static int decide_again(void *context, const struct history *history,
			struct ledger_plan *plan, struct fault *fault)
{
	struct judged *judged = context;
	int result = decide_by(judged, history, fault);

	if (result <= 0)
		return result;
	return ledger_plan_of(judged->judgement.arena, &judged->judgement.decision, plan,
			      fault) < 0
		       ? -1
		       : 1;
}

static const char *heaviest(const struct decision *decision)
{
	const struct reason *found = NULL;

	for (size_t i = 0; i < decision->reason_count; i++) {
		const struct reason *reason = &decision->reasons[i];

		if (!reason->observed && (!found || reason->verdict > found->verdict))
			found = reason;
	}
	return found ? found->text : NULL;
}

static json_t *not_admitted(const struct judged *judged)
{
	const struct decision *decision = &judged->judgement.decision;
	const char *reason = heaviest(decision);

	if (judged->wanting)
		return wanting();
	if (decision->verdict <= judged->accepted)
		reason = "it names another number of targets than was declared";
	return with_view(
		judged, json_pack("{s:b, s:o}", "admitted", 0, "reason", string(reason)));
}

static json_t *admitted(struct judged *judged)
{
	judged->request->books->admitted++;
	return json_pack("{s:b, s:s}", "admitted", 1, "event", judged->request->event);
}

static int record_admitted(struct judged *judged, struct fault *fault)
{
	bool asked = judged->accepted >= VERDICT_CONFIRM &&
		     judged->judgement.decision.verdict == VERDICT_CONFIRM;

	judged->permit.grant.transports = transports(judged);
	return record(judged, asked ? OUTCOME_CONFIRMED : OUTCOME_ALLOWED, true, NULL,
		      fault);
}

/* No ledger: what may go on all the same is the policy's to say. */
static json_t *admit_without(struct judged *judged)
{
	const struct policy *policy = judged->rules->book.policy;
	const struct reading *reading = &judged->judgement.reading;
	const struct history none = {.now = time(NULL)};
	struct fault fault = {0};
	int result;

	if (!policy_ledger_down(policy, reading->action)) {
		fault_set(&fault,
			  "%s. Without the ledger nobody knows what has been taken away "
			  "already, so no %s is let through",
			  judged->down, action_name(reading->action));
		return books_failed(judged->request, "ledger", &fault);
	}
	result = decide_by(judged, &none, &fault);
	if (result < 0)
		return books_failed(judged->request, "memory", &fault);
	if (!result)
		return not_admitted(judged);
	if (record_admitted(judged, &fault) < 0)
		return books_failed(judged->request, "audit", &fault);
	if (books_permit(judged->request->books, &judged->permit, &fault) < 0)
		return books_failed(judged->request, "grant", &fault);
	return admitted(judged);
}

/* It is reserved: written down, started and granted, or given back. */
static json_t *start(struct judged *judged)
{
	const struct books_request *request = judged->request;
	struct books *books = request->books;
	struct permit *permit = &judged->permit;
	struct fault fault = {0}, later;
	const char *failed = NULL;

	permit->kept = true;
	if (record_admitted(judged, &fault) < 0) {
		failed = "audit";
	} else if (grants_take(books->grants, permit) < 0) {
		failed = "grant";
		fault_set(&fault, "too many commands run at once");
	} else {
		const struct ledger_grant grant = {.grant = permit->grant,
						   .dev = permit->dev,
						   .ino = permit->ino,
						   .argv_digest = permit->argv_digest,
						   .admission = permit->admission,
						   .since = time(NULL)};

		if (ledger_start_granted(books->ledger, request->arena, permit->admission,
					 &grant, &fault) == 0)
			return admitted(judged);
		failed = "ledger";
		if (grants_remove(books->grants, permit->grant.pid, permit->grant.start,
				  request->event, permit))
			permit_clear(permit);
	}
	(void)ledger_withdraw(books->ledger, judged->permit.admission, &later);
	return books_failed(request, failed, &fault);
}

/* Its answer was lost: what it was admitted for then is admitted anew now. */
static void forget_earlier(const struct books_request *request)
{
	const struct ledger_holder holder = {.pid = request->peer->who.pid,
					     .start = request->peer->who.start,
					     .event = request->event};
	struct permit permit;
	struct fault fault;

	if (!json_is_true(json_object_get(request->message, "again")))
		return;
	while (grants_remove(request->books->grants, holder.pid, holder.start,
			     holder.event, &permit))
		permit_clear(&permit);
	(void)ledger_withdraw_event(request->books->ledger, &holder, &fault);
	(void)ledger_grant_drop(request->books->ledger, holder.pid, holder.start,
				holder.event, &fault);
}

json_t *books_admit(const struct books_request *request)
{
	struct books *books = request->books;
	const struct ledger_holder holder = {.pid = request->peer->who.pid,
					     .start = request->peer->who.start,
					     .event = request->event};
	struct fault fault = {0};
	struct judged judged;
	json_t *error = judge(request, &judged);
	int result;

	if (error)
		return error;
	if (take_answers(&judged) < 0)
		return books_malformed();
	if (only_reads(&judged))
		return books_error("refused", "it only reads: there is nothing to admit");
	error = identify(&judged);
	if (error)
		return error;
	if (!books_ledger(books, &fault)) {
		see_down(&judged, &fault);
		return admit_without(&judged);
	}
	forget_earlier(request);
	result = ledger_admit(books->ledger, request->arena,
			      policy_window(judged.rules->book.policy), &holder,
			      decide_again, &judged, &judged.permit.admission, &fault);
	if (result < 0) {
		see_down(&judged, &fault);
		return admit_without(&judged);
	}
	return result ? start(&judged) : not_admitted(&judged);
}
