#include "policy_test.h"

#include <string.h>

enum { ROUNDS = 64 }; /* an answer may lead to a new question, but not for ever */

/* Questions that the test does not answer: a probe's is a failure, a file is not there. */
static int answer_rest(struct facts *facts, struct arena *arena, const char **why)
{
	while (facts->missing_count) {
		const struct need *need = &facts->missing[0];
		struct fact fact = {.need = *need, .state = FACT_ABSENT, .data = ""};

		if (need->kind == FACT_PROBE) {
			*why = arena_printf(arena,
					    "the test has no answer for the probe %s%s%s",
					    need->argv[0], need->argv[1] ? " " : "",
					    need->argv[1] ? need->argv[1] : "");
			fact.state = FACT_FAILED;
			fact.error = "not answered by the test";
		}
		if (need->kind == FACT_STDIN)
			fact.state = FACT_TERMINAL;
		if (facts_answer(facts, &fact))
			return -1;
	}
	return 0;
}

static bool reason_says(const struct decision *decision, const char *text)
{
	for (size_t i = 0; i < decision->reason_count; i++) {
		const struct reason *reason = &decision->reasons[i];

		if (strcmp(reason->rule, text) == 0 || strstr(reason->text, text))
			return true;
	}
	return false;
}

static const char *all_reasons(struct arena *arena, const struct decision *decision)
{
	const char *text = "";

	for (size_t i = 0; text && i < decision->reason_count; i++)
		text = arena_printf(arena, "%s%s%s: %s", text, i ? "; " : "",
				    decision->reasons[i].rule, decision->reasons[i].text);
	return text && *text ? text : "no limit spoke";
}

static const char *count_text(struct arena *arena, bool known, uint64_t count)
{
	return known ? arena_printf(arena, "%llu", (unsigned long long)count) : "unknown";
}

/* NULL when all is as expected. */
static const char *compare(struct arena *arena, const struct policy_test *test,
			   const struct decision *decision)
{
	if (test->verdict != decision->verdict)
		return arena_printf(arena, "verdict %s, expected %s (%s)",
				    verdict_name(decision->verdict),
				    verdict_name(test->verdict),
				    all_reasons(arena, decision));
	if (test->count_given &&
	    (test->count_unknown == decision->count_known ||
	     (decision->count_known && test->count != decision->count)))
		return arena_printf(
			arena, "count %s, expected %s",
			count_text(arena, decision->count_known, decision->count),
			count_text(arena, !test->count_unknown, test->count));
	for (const char *const *text = test->because; *text; text++) {
		if (!reason_says(decision, *text))
			return arena_printf(arena, "not because of \"%s\" (%s)", *text,
					    all_reasons(arena, decision));
	}
	for (const char *const *text = test->never; *text; text++) {
		if (reason_says(decision, *text))
			return arena_printf(arena,
					    "because of \"%s\", which it should not be "
					    "(%s)",
					    *text, all_reasons(arena, decision));
	}
	return NULL;
}

int policy_test_run(struct arena *arena, const struct policy *policy,
		    const struct fleet *fleet, const struct policy_test *test,
		    policy_test_reader *read, void *context,
		    struct policy_test_result *result, struct fault *fault)
{
	const char *why = NULL;
	struct facts facts;
	int state = 1;

	*result = (struct policy_test_result){0};
	facts_init(&facts, arena);
	for (size_t i = 0; i < test->answer_count; i++) {
		if (facts_answer(&facts, &test->answers[i]))
			return fault_set(fault, "out of memory");
	}
	for (int round = 0; state > 0 && round < ROUNDS; round++) {
		if (answer_rest(&facts, arena, &why))
			return fault_set(fault, "out of memory");
		state = read(context, arena, &test->command, &facts, &result->reading,
			     fault);
		if (state == 0)
			state = decide(arena, policy, fleet, &result->reading,
				       &test->asker, &test->history, &facts,
				       &result->decision, fault);
	}
	if (state < 0)
		return -1;
	if (state > 0)
		why = "it asks for more and more facts";
	else if (!why)
		why = compare(arena, test, &result->decision);
	result->passed = !why;
	result->why = why;
	return 0;
}
