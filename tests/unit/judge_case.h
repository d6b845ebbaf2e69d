/*
 * One judgement in a line, for tables of them: fleet and policy as rule text, operations
 * and history in short notations.
 *
 *   operations  "stop host idx[001-100]; remove deployment web effect=pod:12"
 *               words behind the targets: all, force, temporary, effect=UNIT:N,
 *               effect=UNIT:? (not known); targets ? (not known) or {} (empty)
 *   history     "300 stop idx[001-020]; 10 restore idx001"
 *               seconds ago, action, targets; then: open (not ended), unit=U, effect=N,
 *               tool=T, digest=D
 *   probes      "count 300", "lines a b c", "fail", "age 100 count 300": one answer for all
 *   seen        "NAME capacity ago"
 */
#ifndef TALLY_JUDGE_CASE_H
#define TALLY_JUDGE_CASE_H

#include <stdlib.h>

#include "admission.h"
#include "policy.h"
#include "rule_files.h"
#include "syntax.h"
#include "tap.h"

enum { CASE_NOW = 1767268800 }; /* 2026-01-01T12:00:00Z, a Thursday */

struct judge_case {
	const char *name;
	const char *fleet, *policy;
	const char *operations;
	const char *history, *probe, *seen;
	const char *user, *environment, *tool, *digest; /* NULL: bob, none, pdsh, none */
	enum verdict verdict;
	const char *says, *also, *never; /* "rule|text" of reasons; NULL: not looked at */
	const char *fits;		 /* "1 next 190": room; NULL: not looked at */
};

struct judged {
	struct arena *arena;
	struct fleet fleet;
	struct policy *policy;
	struct reading reading;
	struct history history;
	struct facts facts;
	struct decision decision;
	struct fault fault;
	int result;
};

static const struct hostset *case_set(struct judged *judged, const char *text)
{
	struct fault fault = {0};
	const struct hostset *set;

	if (strcmp(text, "?") == 0)
		return NULL;
	set = syntax_folded(judged->arena, strcmp(text, "{}") == 0 ? "" : text, &fault);
	if (!set) {
		printf("Bail out! %s: %s\n", text, fault.text);
		exit(1);
	}
	return set;
}

static void case_operation(struct judged *judged, char *text)
{
	struct operation *operation = &judged->reading.operations[judged->reading.count];
	char *word, *rest = text;

	for (int place = 0; (word = strsep(&rest, " "));) {
		char *colon = strchr(word, ':');

		if (!*word)
			continue;
		if (place == 0 && !action_parse(word, &operation->action))
			printf("Bail out! action %s\n", word);
		else if (place == 1)
			operation->unit = word;
		else if (place == 2)
			operation->targets = case_set(judged, word);
		else if (strcmp(word, "all") == 0)
			operation->everything = true;
		else if (strcmp(word, "force") == 0)
			operation->irreversible = true;
		else if (strcmp(word, "temporary") == 0)
			operation->temporary = true;
		else if (strncmp(word, "effect=", 7) == 0 && colon) {
			*colon++ = '\0';
			operation->effect.unit = word + 7;
			operation->effect.known = *colon != '?';
			operation->effect.count = atoll(colon);
		}
		place++;
	}
	if (!operation->targets)
		operation->unknown = "nobody said";
	if (operation->action > judged->reading.action) {
		judged->reading.action = operation->action;
		judged->reading.unit = operation->unit;
	}
	judged->reading.count++;
}

static void case_operations(struct judged *judged, const char *text)
{
	char *copy = arena_strdup(judged->arena, text), *one;

	judged->reading.operations =
		arena_array(judged->arena, 16, sizeof(struct operation));
	while ((one = strsep(&copy, ";"))) {
		if (one[strspn(one, " ")])
			case_operation(judged, one);
	}
}

static void case_admission(struct judged *judged, struct admission *past, char *text)
{
	char *word, *rest = text;

	past->user = "alice";
	past->tool = "pdsh";
	past->started = past->ended = true;
	for (int place = 0; (word = strsep(&rest, " "));) {
		if (!*word)
			continue;
		if (place == 0)
			past->at = CASE_NOW - atoll(word);
		else if (place == 1)
			action_parse(word, &past->action);
		else if (place == 2)
			past->targets = case_set(judged, word);
		else if (strcmp(word, "open") == 0)
			past->ended = false;
		else if (strncmp(word, "unit=", 5) == 0)
			past->unit = word + 5;
		else if (strncmp(word, "effect=", 7) == 0)
			past->effect = (uint64_t)atoll(word + 7);
		else if (strncmp(word, "tool=", 5) == 0)
			past->tool = word + 5;
		else if (strncmp(word, "digest=", 7) == 0)
			past->digest = word + 7;
		place++;
	}
	admission_note_out(judged->arena, judged->policy, &judged->fleet, false, past);
}

static void case_history(struct judged *judged, const char *text, const char *seen)
{
	struct admission *past = arena_array(judged->arena, 64, sizeof(*past));
	struct sighting *sighting = arena_alloc(judged->arena, sizeof(*sighting));
	char *copy = text ? arena_strdup(judged->arena, text) : NULL, *one;
	char name[64];
	unsigned long long capacity;
	long long ago;

	judged->history = (struct history){.now = CASE_NOW, .admissions = past};
	while (copy && (one = strsep(&copy, ";"))) {
		if (!one[strspn(one, " ")])
			continue;
		past[judged->history.count].id = (int64_t)judged->history.count;
		case_admission(judged, &past[judged->history.count++], one);
	}
	if (seen && sscanf(seen, "%63s %llu %lld", name, &capacity, &ago) == 3) {
		sighting->subsystem = arena_strdup(judged->arena, name);
		sighting->capacity = capacity;
		sighting->at = CASE_NOW - ago;
		judged->history.sightings = sighting;
		judged->history.sighting_count = 1;
	}
}

/* Answers every question the same way. */
static void case_answer(struct judged *judged, const char *text)
{
	struct fact fact = {.need = judged->facts.missing[0], .data = "", .length = 0};
	char *copy = arena_strdup(judged->arena, text ? text : "fail");

	if (strncmp(copy, "age ", 4) == 0)
		fact.age = strtoll(copy + 4, &copy, 10);
	copy += strspn(copy, " ");
	if (strcmp(copy, "fail") == 0) {
		fact.state = FACT_FAILED;
		fact.status = 1;
		fact.error = "exit status 1: no route to host";
	} else if (strcmp(copy, "timeout") == 0) {
		fact.state = FACT_TIMEOUT;
		fact.error = "no answer within 10 s";
	} else {
		copy += strcspn(copy, " ") + 1;
		for (char *c = copy; *c && text && strstr(text, "lines "); c++)
			*c = *c == ' ' ? '\n' : *c;
		fact.data = copy;
		fact.length = strlen(copy);
	}
	facts_answer(&judged->facts, &fact);
}

static bool case_has_reason(const struct decision *decision, const char *what)
{
	const char *bar = strchr(what, '|');

	for (size_t i = 0; i < decision->reason_count; i++) {
		const struct reason *reason = &decision->reasons[i];

		if (bar && (strlen(reason->rule) != (size_t)(bar - what) ||
			    strncmp(reason->rule, what, (size_t)(bar - what)) != 0))
			continue;
		if (strstr(reason->text, bar ? bar + 1 : what))
			return true;
	}
	return false;
}

/* Everything but the comparison; `judged` is given to case_end(). */
__attribute__((unused)) static void case_start(const struct judge_case *c,
					       struct judged *judged)
{
	struct rule_files files;
	static const char *const groups[] = {"ops", "sre", NULL};
	struct asker asker = {.user = c->user ? c->user : "bob",
			      .groups = groups,
			      .parent_program = "bash",
			      .host = "bastion1",
			      .terminal = true};

	*judged = (struct judged){.arena = arena_new(64 << 20)};
	rule_files_make(&files, c->fleet, c->policy);
	judged->result =
		fleet_load(judged->arena, files.rules, &judged->fleet, &judged->fault);
	if (judged->result == 0)
		judged->result = policy_load(judged->arena, files.rules, &judged->fleet,
					     &judged->policy, &judged->fault);
	rule_files_remove(&files);
	if (judged->result)
		return;
	judged->reading = (struct reading){.tool = c->tool ? c->tool : "pdsh",
					   .environment = c->environment,
					   .digest = c->digest};
	case_operations(judged, c->operations);
	case_history(judged, c->history, c->seen);
	facts_init(&judged->facts, judged->arena);
	for (int round = 0; round < 8; round++) {
		while (judged->facts.missing_count)
			case_answer(judged, c->probe);
		judged->result =
			decide(judged->arena, judged->policy, &judged->fleet,
			       &judged->reading, &asker, &judged->history, &judged->facts,
			       &judged->decision, &judged->fault);
		if (judged->result <= 0)
			break;
	}
}

__attribute__((unused)) static void case_end(struct judged *judged)
{
	arena_free(judged->arena);
}

__attribute__((unused)) static void case_check(const struct judge_case *c)
{
	struct judged judged;
	const struct decision *decision = &judged.decision;
	char room[80];
	bool good;

	case_start(c, &judged);
	snprintf(room, sizeof(room), "%llu next %lld",
		 (unsigned long long)decision->room.fits_now,
		 decision->room.next_at ? (long long)(decision->room.next_at - CASE_NOW)
					: 0LL);
	good = judged.result == 0 && decision->verdict == c->verdict &&
	       (!c->says || case_has_reason(decision, c->says)) &&
	       (!c->also || case_has_reason(decision, c->also)) &&
	       (!c->never || !case_has_reason(decision, c->never)) &&
	       (!c->fits || strcmp(room, c->fits) == 0);
	if (!ok(good, "%s", c->name)) {
		printf("# result %d, verdict %s, room %s\n", judged.result,
		       verdict_name(decision->verdict), room);
		if (judged.result < 0)
			printf("# %s:%d: %s\n", judged.fault.file, judged.fault.line,
			       judged.fault.text);
		for (size_t i = 0; i < decision->reason_count; i++)
			printf("# %s%s|%s\n", decision->reasons[i].rule,
			       decision->reasons[i].observed ? " (observed)" : "",
			       decision->reasons[i].text);
	}
	case_end(&judged);
}

#endif
