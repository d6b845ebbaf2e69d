/* Facts: questions are noted once, answers end them, and equal questions are one. */
#include <string.h>

#include "facts.h"
#include "tap.h"

static const char *const probe[] = {"nodeset", "-f", "@web", NULL};
static const char *const same_probe[] = {"nodeset", "-f", "@web", NULL};
static const char *const longer_probe[] = {"nodeset", "-f", "@web", "-a", NULL};
static const char *const env[] = {"A=1", NULL};

static const struct {
	struct need a, b;
	bool equal;
	const char *name;
} pairs[] = {
	{{.kind = FACT_FILE, .path = "/a"},
	 {.kind = FACT_FILE, .path = "/a"},
	 true,
	 "the same file"},
	{{.kind = FACT_FILE, .path = "/a"},
	 {.kind = FACT_FILE, .path = "/b"},
	 false,
	 "another file"},
	{{.kind = FACT_FILE, .path = "/a"},
	 {.kind = FACT_LIST, .path = "/a"},
	 false,
	 "a file and what is in it"},
	{{.kind = FACT_STDIN}, {.kind = FACT_STDIN}, true, "standard input is one"},
	{{.kind = FACT_PROBE, .argv = probe},
	 {.kind = FACT_PROBE, .argv = same_probe},
	 true,
	 "the same words"},
	{{.kind = FACT_PROBE, .argv = probe},
	 {.kind = FACT_PROBE, .argv = longer_probe},
	 false,
	 "one word more"},
	{{.kind = FACT_PROBE, .argv = probe},
	 {.kind = FACT_PROBE, .argv = probe, .env = env},
	 false,
	 "another environment"},
	{{.kind = FACT_PROBE, .argv = probe},
	 {.kind = FACT_PROBE, .argv = probe, .input = ""},
	 false,
	 "another input"},
	{{.kind = FACT_PROBE, .argv = probe},
	 {.kind = FACT_PROBE, .argv = probe, .timeout = 3},
	 true,
	 "how long we wait is not what we ask"},
};

int main(void)
{
	struct arena *arena = arena_new(1 << 20), *small = arena_new(8);
	struct fact answer = {.need = {.kind = FACT_PROBE, .argv = probe},
			      .data = "web1\n",
			      .length = 5,
			      .age = 3};
	const struct fact *found;
	struct facts facts;

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		ok(need_equal(&pairs[i].a, &pairs[i].b) == pairs[i].equal, "%s",
		   pairs[i].name);
	facts_init(&facts, arena);
	ok(!facts_probe(&facts, probe) && !facts_probe(&facts, same_probe) &&
		   !facts_file(&facts, "/a") && facts.missing_count == 2,
	   "what is not known is noted as missing, once");
	ok(facts.missing[0].argv != probe, "in words of its own");
	ok(facts_answer(&facts, &answer) == 0 && facts.missing_count == 1,
	   "an answer ends the question");
	found = facts_probe(&facts, same_probe);
	ok(found && found->data != answer.data && strcmp(found->data, "web1\n") == 0 &&
		   found->age == 3,
	   "and is found again, NUL-terminated");
	answer.data = NULL;
	answer.length = 0;
	answer.state = FACT_FAILED;
	ok(facts_answer(&facts, &answer) == 0 && facts.known_count == 1 &&
		   facts_probe(&facts, probe)->state == FACT_FAILED &&
		   facts_probe(&facts, probe)->data[0] == '\0',
	   "a newer answer takes its place");
	facts_init(&facts, small);
	ok(!facts_file(&facts, "/a") && facts.exhausted && facts.missing_count == 0,
	   "a question that cannot be kept is not lost silently");
	arena_free(arena);
	arena_free(small);
	return done();
}
