/* What gates and the watch thread tell: withdrawals, ends, records, alerts. */
#include <string.h>
#include <time.h>

#include "audit.h"
#include "audit_json.h"
#include "audit_log.h"
#include "audit_who.h"
#include "books_state.h"
#include "command.h"
#include "command_record.h"
#include "ledger_grants.h"
#include "message_text.h"
#include "probe.h"
#include "process.h"

enum { ALERT_BYTES = 1 << 20 }; /* memory of one record of our own */

/* ---- permits ---- */

int books_permit(struct books *books, const struct permit *permit, struct fault *fault)
{
	struct fault later = {0};

	if (grants_take(books->grants, permit) < 0)
		return fault_set(fault, "too many commands run at once");
	/*
	 * What covers something must not be forgotten while it runs. One that is lost all the
	 * same costs a question, so it is no failure.
	 */
	if (!permit->probe && permit->grant.transports && permit->grant.transports[0] &&
	    books_ledger(books, &later)) {
		const struct ledger_grant grant = {.grant = permit->grant,
						   .dev = permit->dev,
						   .ino = permit->ino,
						   .argv_digest = permit->argv_digest,
						   .since = time(NULL)};

		(void)ledger_grant_keep(books->ledger, &grant, &later);
	}
	return 0;
}

static void give_back(struct books *books, struct permit *permit)
{
	struct fault fault = {0};

	if (books_ledger(books, &fault)) {
		if (permit->admission)
			(void)ledger_withdraw(books->ledger, permit->admission, &fault);
		if (permit->kept || permit->grant.transports)
			(void)ledger_grant_drop(books->ledger, permit->grant.pid,
						permit->grant.start, permit->grant.event,
						&fault);
	}
	permit_clear(permit);
}

json_t *books_withdraw(const struct books_request *request)
{
	const struct who *who = &request->peer->who;
	struct permit permit;

	while (grants_remove(request->books->grants, who->pid, who->start, request->event,
			     &permit))
		give_back(request->books, &permit);
	return books_done();
}

json_t *books_shell(const struct books_request *request)
{
	const struct who *who = &request->peer->who;
	char digest[GRANT_DIGEST];
	const char *const *argv;
	uint64_t dev, ino;

	if (books_file(request, &dev, &ino) < 0 || books_argv(request, &argv, digest) < 0)
		return books_malformed();
	if (grants_change(request->books->grants, who->pid, who->start, request->event,
			  dev, ino, digest) < 0)
		return books_error("refused", "nothing has been granted to this process");
	return books_done();
}

json_t *books_probe(const struct books_request *request)
{
	struct books *books = request->books;
	struct permit permit = {.since = -1, .probe = true};
	struct fault fault = {0};
	char digest[GRANT_DIGEST];
	struct process child;
	const char *const *argv;
	json_int_t pid;
	size_t count = 0;

	if (!books->rules)
		return books_failed(request, "rules", &books->rules_fault);
	if (message_get_integer(json_object_get(request->message, "child"), 2, INT32_MAX,
				&pid) < 0 ||
	    books_file(request, &permit.dev, &permit.ino) < 0 ||
	    books_argv(request, &argv, permit.argv_digest) < 0)
		return books_malformed();
	/* A child that has gone needs none. */
	if (!process_look((pid_t)pid, &child))
		return books_done();
	if (child.parent != request->peer->who.pid)
		return books_error("refused", "a probe has to be a child of its gate");
	while (argv[count])
		count++;
	grant_digest(argv, count, digest);
	/*
	 * It was found in the user's PATH and may be anything: it covers itself, if it takes
	 * several execs to arrive, and what its tool is declared to start.
	 */
	permit.grant = (struct grant){
		.pid = child.pid,
		.start = child.start,
		.event = request->event,
		.tool = command_base_name(argv[0]),
		.digest = digest,
	};
	permit.grant.transports = rules_transports(
		books->rules->book.rules, request->arena, permit.grant.tool, ACTION_READ);
	if (!permit.grant.transports)
		return books_error("memory", "tallyd is out of memory");
	if (books_permit(books, &permit, &fault) < 0)
		return books_failed(request, "grant", &fault);
	return books_done();
}

/* ---- records that a gate has made ---- */

/* The outcomes that a gate may tell: what runs is written by us. */
static bool outcome_named(const char *action, enum gate_outcome *outcome)
{
	static const enum gate_outcome told[] = {OUTCOME_DENIED, OUTCOME_DECLINED,
						 OUTCOME_FAILED, OUTCOME_NOT_EXECUTED};

	for (size_t i = 0; action && i < sizeof(told) / sizeof(told[0]); i++) {
		if (strcmp(outcome_action(told[i]), action) != 0)
			continue;
		*outcome = told[i];
		return true;
	}
	return false;
}

/* A member of the gate's record, without what is ours to say. */
static void take_over(struct audit_json *record, const json_t *told, const char *name,
		      const char *const *ours)
{
	const json_t *from = json_object_get(told, name);
	json_t *to, *copy;

	if (!json_is_object(from))
		return;
	copy = json_deep_copy(from);
	for (; copy && *ours; ours++)
		json_object_del(copy, *ours);
	to = audit_json_group(record, NULL, name);
	if (!copy || !to || json_object_update(to, copy) < 0)
		record->failed = true;
	json_decref(copy);
}

static json_t *rewrite(const struct books_request *request, const json_t *told,
		       enum gate_outcome outcome)
{
	static const char *const
		process_ours[] = {"pid", NULL},
		*const related_ours[] = {"user", NULL}, *const none[] = {NULL},
		*const tallygate_ours[] = {"audit",	"chain", "session", "previous",
					   "continues", "torn",	 NULL};
	const struct books_peer *peer = request->peer;
	const json_t *reason = json_object_get(json_object_get(told, "event"), "reason");
	struct audit_json record;

	audit_json_start(&record, request->arena);
	audit_host(&record);
	take_over(&record, told, "process", process_ours);
	take_over(&record, told, "related", related_ours);
	take_over(&record, told, "rule", none);
	take_over(&record, told, "tallygate", tallygate_ours);
	audit_who(&record, &peer->who);
	audit_source(&record, peer->source);
	audit_json_number(&record, audit_json_group(&record, NULL, "process"), "pid",
			  (uint64_t)peer->who.pid);
	audit_json_text(&record, audit_json_group(&record, NULL, "tallygate"), "session",
			peer->session);
	audit_above(&record, peer->who.parent, peer->top);
	record_outcome(&record, outcome, json_string_value(reason), request->event);
	return audit_json_end(&record);
}

json_t *books_record(const struct books_request *request)
{
	const json_t *told = json_object_get(request->message, "record");
	const json_t *event = json_object_get(told, "event");
	enum gate_outcome outcome;
	struct fault fault = {0};
	json_t *record;
	int result;

	if (!json_is_object(told) ||
	    !outcome_named(json_string_value(json_object_get(event, "action")), &outcome))
		return books_malformed();
	record = rewrite(request, told, outcome);
	if (!record)
		return books_error("memory", "tallyd is out of memory");
	result = audit_append(request->arena, request->books->options.log, record, true,
			      &fault);
	json_decref(record);
	return result < 0 ? books_failed(request, "audit", &fault) : books_done();
}

/* ---- ends ---- */

void books_write_end(struct books *books, const struct permit *permit, bool status_known,
		     int status)
{
	const struct grant *grant = &permit->grant;
	const struct audit_end end = {
		.event = grant->event,
		.pid = grant->pid,
		.status_known = status_known,
		.status = status,
		.milliseconds = permit->since < 0 ? -1 : probe_clock() - permit->since,
		.tool = grant->tool,
	};
	struct fault fault = {0};
	struct arena *arena;

	/* What no tool is known for is no command of ours. */
	if (permit->probe || !*grant->tool)
		return;
	arena = arena_new(ALERT_BYTES);
	/* It is over either way; `tally audit verify` tells what is missing. */
	if (arena)
		(void)audit_write_end(arena, books->options.log, &end, &fault);
	arena_free(arena);
}

void books_end(struct books *books, pid_t pid, unsigned long long start,
	       bool status_known, int status)
{
	struct fault fault = {0};
	struct permit permit;
	bool kept = false, ran = false;

	while (grants_remove(books->grants, pid, start, NULL, &permit)) {
		kept |= permit.kept || permit.grant.transports;
		if (!permit.used) {
			give_back(books, &permit);
			continue;
		}
		ran |= permit.admission != 0;
		books_write_end(books, &permit, status_known, status);
		permit_clear(&permit);
	}
	if ((ran || kept) && books_ledger(books, &fault)) {
		if (ran)
			(void)ledger_end(books->ledger, pid, start, &fault);
		(void)ledger_grant_drop(books->ledger, pid, start, NULL, &fault);
	}
}

/* ---- alerts ---- */

int books_alert(struct books *books, const struct books_peer *peer, const char *action,
		const char *reason, struct fault *fault)
{
	struct arena *arena = arena_new(ALERT_BYTES);
	struct audit_json record;
	json_t *event, *list, *object;
	int result;

	if (!arena)
		return fault_set(fault, "out of memory while an alert was made");
	audit_json_start(&record, arena);
	audit_host(&record);
	if (peer) {
		audit_who(&record, &peer->who);
		audit_source(&record, peer->source);
		audit_json_number(&record, audit_json_group(&record, NULL, "process"),
				  "pid", (uint64_t)peer->who.pid);
		audit_above(&record, peer->who.parent, peer->top);
	}
	audit_json_text(&record, audit_json_group(&record, NULL, "tallygate"), "session",
			peer ? peer->session : NULL);
	event = audit_json_group(&record, NULL, "event");
	audit_json_text(&record, event, "kind", "alert");
	list = audit_json_list(&record, event, "category");
	audit_json_word(&record, list, peer ? "intrusion_detection" : "configuration");
	list = audit_json_list(&record, event, "type");
	audit_json_word(&record, list, "info");
	audit_json_text(&record, event, "action", action);
	audit_json_text(&record, event, "outcome", "failure");
	audit_json_text(&record, event, "reason", reason);
	audit_json_text(&record, event, "id", audit_event_id(arena));
	object = audit_json_end(&record);
	if (!object)
		result = fault_set(fault, "out of memory while an alert was made");
	else
		result = audit_append(arena, books->options.log, object, true, fault);
	json_decref(object);
	arena_free(arena);
	return result;
}
