#include "policy_test.h"

#include <string.h>

enum { ROUNDS = 64 }; /* an answer may lead to a new question, but not for ever */

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

/* Where the first difference is, in expected and found; both NULL when there is none. */
static int compare(struct arena *arena, const struct policy_test *test,
		   const struct decision *decision, struct policy_test_result *result)
{
	const struct expected_count *count = &test->count;

	if (test->verdict != decision->verdict) {
		result->expected =
			arena_printf(arena, "verdict %s", verdict_name(test->verdict));
		result->found = arena_printf(arena, "verdict %s (%s)",
					     verdict_name(decision->verdict),
					     all_reasons(arena, decision));
		return 1;
	}
	if (count->given &&
	    (count->unknown == decision->count_known ||
	     (decision->count_known && count->count != decision->count))) {
		result->expected =
			arena_printf(arena, "count %s",
				     count_text(arena, !count->unknown, count->count));
		result->found = arena_printf(
			arena, "count %s",
			count_text(arena, decision->count_known, decision->count));
		return 1;
	}
	for (const char *const *text = test->because; *text; text++) {
		if (reason_says(decision, *text))
			continue;
		result->expected = arena_printf(arena, "because of \"%s\"", *text);
		result->found = arena_printf(arena, "not because of \"%s\" (%s)", *text,
					     all_reasons(arena, decision));
		return 1;
	}
	for (const char *const *text = test->never; *text; text++) {
		if (!reason_says(decision, *text))
			continue;
		result->expected = arena_printf(arena, "not because of \"%s\"", *text);
		result->found = arena_printf(arena, "because of \"%s\" (%s)", *text,
					     all_reasons(arena, decision));
		return 1;
	}
	return 0;
}

static int report(struct arena *arena, const struct policy_test *test, const char *why,
		  struct policy_test_result *result, struct fault *fault)
{
	if (why) {
		result->expected =
			arena_printf(arena, "verdict %s", verdict_name(test->verdict));
		result->found = why;
	} else {
		result->passed = compare(arena, test, &result->decision, result) == 0;
	}
	if (result->passed || (result->expected && result->found))
		return 0;
	return fault_set(fault, "out of memory");
}

int policy_test_run(struct arena *arena, const struct policy *policy,
		    const struct fleet *fleet, const struct policy_test *test,
		    scene_reader *read, void *context, struct policy_test_result *result,
		    struct fault *fault)
{
	const char *why = NULL;
	struct facts facts;
	int state;

	*result = (struct policy_test_result){0};
	state = scene_read(&test->scene, arena, read, context, &facts, &result->reading,
			   &why, fault);
	if (state < 0)
		return -1;
	for (int round = 0; !why && round <= ROUNDS; round++) {
		state = decide(arena, policy, fleet, &result->reading, &test->asker,
			       &test->history, &facts, &result->decision, fault);
		if (state <= 0)
			break;
		if (scene_answer_rest(&test->scene, &facts, arena, &why))
			return fault_set(fault, "out of memory");
	}
	if (state < 0)
		return -1;
	if (state > 0 && !why)
		why = "it asks for more and more facts";
	return report(arena, test, why, result, fault);
}
