#include "command_record.h"

#include "audit_json.h"
#include "audit_who.h"
#include "audit_words.h"
#include "redact.h"

enum { REASONS = 64, SUBSYSTEMS = 256, PROBE_WORDS = 64 }; /* that are recorded */

struct wording {
	const char *kind, *action, *outcome;
	const char *types[2];
};

static const struct wording wordings[] = {
	[OUTCOME_READ] = {"event", "command-read", "success", {"start", "allowed"}},
	[OUTCOME_GRANTED] = {"event", "command-granted", "success", {"start", "allowed"}},
	[OUTCOME_ALLOWED] = {"event", "command-allowed", "success", {"start", "allowed"}},
	[OUTCOME_CONFIRMED] = {"event",
			       "command-confirmed",
			       "success",
			       {"start", "allowed"}},
	[OUTCOME_DENIED] = {"alert", "command-denied", "failure", {"info", "denied"}},
	[OUTCOME_DECLINED] = {"event", "command-declined", "failure", {"info", "denied"}},
	[OUTCOME_FAILED] = {"alert", "command-failed", "failure", {"info", "denied"}},
	[OUTCOME_NOT_EXECUTED] = {"event",
				  "command-not-executed",
				  "failure",
				  {"end", NULL}},
};

const char *outcome_action(enum gate_outcome outcome)
{
	return wordings[outcome].action;
}

/* The one that decided: the heaviest that holds, of several the first. */
static const struct reason *heaviest(const struct decision *decision)
{
	const struct reason *found = NULL;

	for (size_t i = 0; i < decision->reason_count; i++) {
		const struct reason *reason = &decision->reasons[i];

		if (!reason->observed && (!found || reason->verdict > found->verdict))
			found = reason;
	}
	return found;
}

/* ---- event.* ---- */

static const char *why(const struct command_record *from)
{
	const struct reason *reason = from->decision ? heaviest(from->decision) : NULL;

	switch (from->outcome) {
	case OUTCOME_FAILED:
	case OUTCOME_NOT_EXECUTED:
		return from->why;
	case OUTCOME_DECLINED:
		return from->why ? from->why : "declined";
	case OUTCOME_READ:
		return "it only reads";
	case OUTCOME_GRANTED:
		return "it is part of a command that was let through";
	case OUTCOME_CONFIRMED:
		return from->expected ? "the number of targets was declared, and right"
				      : "the person at the terminal confirmed it";
	default:
		if (reason)
			return reason->text;
		return from->why ? from->why : "no limit holds it";
	}
}

void record_outcome(struct audit_json *record, enum gate_outcome outcome,
		    const char *reason, const char *id)
{
	const struct wording *wording = &wordings[outcome];
	json_t *event = audit_json_group(record, NULL, "event"), *list;

	audit_json_text(record, event, "kind", wording->kind);
	list = audit_json_list(record, event, "category");
	audit_json_word(record, list, "process");
	audit_json_word(record, list, "intrusion_detection");
	list = audit_json_list(record, event, "type");
	for (size_t i = 0; i < 2 && wording->types[i]; i++)
		audit_json_word(record, list, wording->types[i]);
	audit_json_text(record, event, "action", wording->action);
	audit_json_text(record, event, "outcome", wording->outcome);
	audit_json_text(record, event, "reason", reason);
	audit_json_text(record, event, "id", id);
}

/* ---- rule.* and tallygate.reasons, .subsystem ---- */

static void put_reasons(struct audit_json *record, json_t *tallygate,
			const struct decision *decision)
{
	const struct reason *first = heaviest(decision);
	json_t *list;

	if (first) {
		json_t *rule = audit_json_group(record, NULL, "rule");

		audit_json_text(record, rule, "name", first->rule);
		audit_json_text(record, rule, "ruleset", first->file);
		audit_json_text(record, rule, "version", decision->digest);
	}
	if (!decision->reason_count)
		return;
	list = audit_json_list(record, tallygate, "reasons");
	for (size_t i = 0; i < decision->reason_count && i < REASONS; i++) {
		const struct reason *reason = &decision->reasons[i];
		json_t *item = audit_json_item(record, list);

		if (!item)
			return;
		audit_json_text(record, item, "rule", reason->rule);
		audit_json_text(record, item, "file", reason->file);
		if (reason->line > 0)
			audit_json_number(record, item, "line", (uint64_t)reason->line);
		audit_json_text(record, item, "verdict", verdict_name(reason->verdict));
		if (reason->observed)
			audit_json_bool(record, item, "observed", true);
		audit_json_text(record, item, "text", reason->text);
	}
}

static void put_impact(struct audit_json *record, json_t *item,
		       const struct impact *impact)
{
	audit_json_text(record, item, "name",
			impact->subsystem ? impact->subsystem : "unmapped");
	audit_json_number(record, item, "hit", impact->hit_count);
	if (!impact->source)
		return;
	/* Not known is not there; a number would be read as one. */
	if (impact->capacity_known) {
		audit_json_number(record, item, "before", impact->capacity);
		audit_json_number(record, item, "after", impact->after);
	}
	audit_json_number(record, item, "floor", impact->floor);
	audit_json_number(record, item, "declared", impact->declared);
	audit_json_number(record, item, "reserved", impact->reserved);
	audit_json_bool(record, item, "below", impact->below);
	if (impact->probe_age >= 0)
		audit_json_number(record, item, "probe_age", (uint64_t)impact->probe_age);
}

static void put_impacts(struct audit_json *record, json_t *tallygate,
			const struct decision *decision)
{
	json_t *list;

	if (!decision->impact_count)
		return;
	list = audit_json_list(record, tallygate, "subsystem");
	for (size_t i = 0; i < decision->impact_count && i < SUBSYSTEMS; i++) {
		json_t *item = audit_json_item(record, list);

		if (!item)
			return;
		put_impact(record, item, &decision->impacts[i]);
	}
}

/* ---- tallygate.approval: who said yes or no, and how ---- */

static void put_approval(struct audit_json *record, json_t *tallygate,
			 const struct command_record *from)
{
	bool asked = from->answer || from->reason;
	json_t *approval;

	if (!asked && !from->expected)
		return;
	approval = audit_json_group(record, tallygate, "approval");
	audit_json_text(record, approval, "by", asked ? "terminal" : "declaration");
	if (from->expected)
		audit_json_number(record, approval, "expected", from->expect);
	if (!asked)
		return;
	audit_json_text(record, approval, "challenge", from->decision->challenge);
	audit_json_text(record, approval, "answer", from->answer);
	audit_json_text(record, approval, "reason", from->reason);
}

/* ---- tallygate.probe: what the count rests on ---- */

static void put_probe(struct audit_json *record, json_t *tallygate,
		      const struct command_record *from)
{
	const struct facts *facts = from->facts;
	const char *const *argv = from->reading->probe;
	json_t *probe, *list;
	int64_t oldest = -1;
	size_t words = 0;

	for (size_t i = 0; i < facts->known_count; i++)
		if (facts->known[i].need.kind == FACT_PROBE &&
		    facts->known[i].age > oldest)
			oldest = facts->known[i].age;
	if (oldest < 0)
		return;
	probe = audit_json_group(record, tallygate, "probe");
	audit_json_number(record, probe, "age", (uint64_t)oldest);
	if (!argv)
		return;
	while (argv[words] && words < PROBE_WORDS)
		words++;
	/* Its words may be those of the command. */
	argv = redact_words(record->arena, argv, words, from->secrets);
	list = audit_json_list(record, probe, "args");
	for (size_t i = 0; argv && i < words; i++)
		audit_json_word(record, list, argv[i]);
	record->failed |= !argv;
}

/* ---- the whole of it ---- */

static void put_decision(struct audit_json *record, json_t *tallygate,
			 const struct command_record *from)
{
	const struct decision *decision = from->decision;
	json_t *policy;

	if (!decision)
		return;
	audit_json_text(record, tallygate, "verdict", verdict_name(decision->verdict));
	policy = audit_json_group(record, tallygate, "policy");
	audit_json_text(record, policy, "digest", decision->digest);
	put_reasons(record, tallygate, decision);
	put_impacts(record, tallygate, decision);
	put_approval(record, tallygate, from);
}

static void put_tallygate(struct audit_json *record, const struct command_record *from)
{
	const struct reading *reading = from->reading;
	json_t *tallygate = audit_json_group(record, NULL, "tallygate");

	put_decision(record, tallygate, from);
	if (from->outcome == OUTCOME_READ || from->outcome == OUTCOME_GRANTED)
		audit_json_text(record, tallygate, "verdict",
				verdict_name(VERDICT_ALLOW));
	audit_json_text(record, tallygate, "tool", reading->tool);
	if (reading->tool) {
		audit_json_text(record, tallygate, "action",
				action_name(reading->action));
		audit_json_text(record, tallygate, "environment", reading->environment);
		audit_targets(record, reading);
	}
	put_probe(record, tallygate, from);
	audit_json_text(record, tallygate, "parent_event", from->parent_event);
	audit_json_text(record, tallygate, "ledger", from->down);
	audit_json_text(record, tallygate, "session", from->session);
	audit_json_number(record, tallygate, "latency_ms",
			  from->latency > 0 ? (uint64_t)from->latency : 0);
	audit_above(record, from->who->parent, from->top);
}

json_t *command_record(struct arena *arena, const struct command_record *from)
{
	struct audit_json record;
	json_t *process;

	audit_json_start(&record, arena);
	audit_host(&record);
	audit_who(&record, from->who);
	audit_source(&record, from->source);
	process = audit_json_group(&record, NULL, "process");
	audit_json_number(&record, process, "pid", (uint64_t)from->who->pid);
	audit_command_line(&record, from->command, from->secrets);
	audit_json_bool(&record, process, "interactive", from->interactive);
	put_tallygate(&record, from);
	record_outcome(&record, from->outcome, why(from), from->event);
	return audit_json_end(&record);
}
