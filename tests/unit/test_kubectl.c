/*
 * kubectl lines: what is asked of the cluster, and what comes of its answers. The answers
 * are what kubectl 1.32 printed; the corpus runs the client itself.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hostset.h"
#include "judge.h"
#include "kubectl.h"
#include "kubectl_rows.h"
#include "reading_sum.h"
#include "tap.h"
#include "words.h"

static const char *directories[2];

/* The words of a probe behind the program, with the long ones by name. */
static const char *short_probe(struct arena *arena, const char *const *argv)
{
	static const char output[] = "--output=custom-columns=";
	const char *text = "";

	for (argv++; *argv; argv++) {
		const char *word = *argv;

		if (strncmp(word, "--output=jsonpath=", 18) == 0)
			word = "DESCRIBED";
		else if (strncmp(word, "--output=go-template=", 21) == 0)
			word = "SELECTOR";
		else if (strncmp(word, output, sizeof(output) - 1) == 0) {
			const char *first = word + sizeof(output) - 1;

			if (strcmp(first, kube_columns) == 0)
				word = "COLUMNS";
			else if (strncmp(first, "NODE:", 5) == 0)
				word = "PODS";
			else if (strstr(first, "RESTARTS:"))
				word = "CANDIDATES";
		}
		text = arena_printf(arena, "%s%s%s", text, *text ? " " : "", word);
	}
	return text;
}

static void answer_one(struct arena *arena, const struct row *row, struct facts *facts)
{
	const struct need *need = &facts->missing[0];
	struct fact fact = {.need = *need, .state = FACT_ABSENT, .data = ""};

	if (need->kind == FACT_STDIN)
		fact.state = FACT_TERMINAL;
	if (need->kind == FACT_PROBE) {
		const char *probe = short_probe(arena, need->argv);

		fact.state = FACT_FAILED;
		fact.status = 1;
		fact.error = "unanswered";
		for (size_t i = 0; i < 4 && row->answers[i].probe; i++) {
			if (strcmp(row->answers[i].probe, probe) != 0)
				continue;
			fact.error = "refused";
			if (!row->answers[i].output)
				continue;
			fact.state = FACT_OK;
			fact.status = 0;
			fact.data = row->answers[i].output;
			fact.length = strlen(fact.data);
		}
		if (strcmp(fact.error, "unanswered") == 0 && fact.state != FACT_OK)
			printf("# no answer for: %s\n", probe);
	}
	facts_answer(facts, &fact);
}

static const char *flags_of(struct arena *arena, const struct reading *reading)
{
	bool everything = false, irreversible = false;

	for (size_t i = 0; i < reading->count; i++) {
		everything |= reading->operations[i].everything;
		irreversible |= reading->operations[i].irreversible;
	}
	return arena_printf(arena, "%s%s%s", everything ? "e" : "",
			    irreversible ? "i" : "", reading->refused ? "r" : "");
}

static const char *effect_of(struct arena *arena, const struct reading *reading,
			     const struct reading_sum *sum)
{
	for (size_t i = 0; i < reading->count; i++)
		if (reading->operations[i].effect.unit &&
		    !reading->operations[i].effect.known)
			return "?";
	return sum->effect_known ? arena_printf(arena, "%s %lld", sum->effect_unit,
						(long long)sum->effect)
				 : "";
}

static void check(const struct row *row)
{
	struct arena *arena = arena_new((size_t)1 << 28);
	struct rules *rules = NULL;
	struct facts facts;
	struct fault fault = {0};
	struct reading reading = {0};
	struct reading_sum sum = {0};
	static const char *const env[] = {"HOME=/home/u", NULL};
	struct command command = {.env = env, .cwd = "/w"};
	const char *folded = NULL, *wanted = row->targets;
	int result = 1;
	bool good;

	command.argv = words_split(arena, row->line, &command.argc, &fault);
	facts_init(&facts, arena);
	if (command.argv && rules_open(arena, directories, &rules, &fault) == 0)
		for (int round = 0; round < 64 && result == 1; round++) {
			while (round && facts.missing_count)
				answer_one(arena, row, &facts);
			result = judge_read(arena, rules, &command, &facts, &reading,
					    &fault);
		}
	if (result == 0)
		result = reading_add_up(arena, &reading, &sum);
	if (result == 0 && sum.set)
		folded = hostset_fold(arena, sum.set);
	good = result == 0 && strcmp(action_name(reading.action), row->action) == 0 &&
	       strcmp(effect_of(arena, &reading, &sum), row->effect) == 0 &&
	       strcmp(flags_of(arena, &reading), row->flags) == 0 &&
	       (wanted && folded ? strcmp(wanted, folded) == 0 : wanted == folded);
	ok(good, "%s", row->line);
	if (!good)
		printf("#   expected: %s %s, effect \"%s\", flags \"%s\"\n"
		       "#   found:    %s %s, effect \"%s\", flags \"%s\" (%s)\n",
		       row->action, wanted ? wanted : "unknown", row->effect, row->flags,
		       result == 0 ? action_name(reading.action) : fault.text,
		       folded ? folded : "unknown", effect_of(arena, &reading, &sum),
		       flags_of(arena, &reading), sum.unknown ? sum.unknown : "");
	arena_free(arena);
}

/* In the gate a read is not counted: it must not wait for the cluster. */
static void check_reads_ask_nothing(void)
{
	static const char *const lines[] = {"kubectl get pods -A -o name",
					    "kubectl get -f x.yaml",
					    "kubectl describe nodes",
					    "kubectl logs deploy/web",
					    "kubectl rollout status ds",
					    "kubectl wait --for=delete po/a",
					    "kubectl top pods",
					    "kubectl diff -f x.yaml"};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct arena *arena = arena_new((size_t)1 << 26);
		struct command command = {.cwd = "/w"};
		struct rules *rules = NULL;
		struct facts facts;
		struct fault fault = {0};
		struct reading reading = {0};
		int result = -1;

		command.argv = words_split(arena, lines[i], &command.argc, &fault);
		facts_init(&facts, arena);
		facts.reads_uncounted = true;
		if (command.argv && rules_open(arena, directories, &rules, &fault) == 0)
			result = judge_read(arena, rules, &command, &facts, &reading,
					    &fault);
		ok(result == 0 && reading.action == ACTION_READ && !facts.missing_count,
		   "%s: asks nothing in the gate", lines[i]);
		arena_free(arena);
	}
}

int main(void)
{
	char *cwd = getcwd(NULL, 0);
	char path[4096];

	snprintf(path, sizeof(path), "%s/rules", cwd ? cwd : ".");
	free(cwd);
	directories[0] = path;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(&rows[i]);
	check_reads_ask_nothing();
	return done();
}
