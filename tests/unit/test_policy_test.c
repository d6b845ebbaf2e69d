/* Tests beside the rules: how they are read, and that each of them can fail. */
#include "policy_test.h"
#include "rule_files.h"
#include "syntax.h"
#include "tap.h"

static const char fleet_text[] =
	"subsystems = ( { name = \"s\"; members = \"a[1-9]\"; floor = 5;\n"
	"  capacity = { probe = [ \"in-service\", \"s\" ]; }; } );\n";

/* Stands in for the tools: `stop SET`, `run SET`; anything else is no known tool. */
static int read_command(void *context, struct arena *arena, const struct command *command,
			struct facts *facts, struct reading *reading, struct fault *fault)
{
	struct operation *operation = arena_alloc(arena, sizeof(*operation));
	const char *text = command->argc > 1 ? command->argv[1] : "";

	(void)context;
	*reading = (struct reading){0};
	if (!operation)
		return fault_set(fault, "out of memory");
	if (!action_parse(command->argv[0], &operation->action))
		return 0;
	if (text[0] == '/') {
		const struct fact *file = facts_file(facts, text);

		if (!file)
			return 1;
		text = file->state == FACT_OK ? file->data : NULL;
	}
	operation->unit = "host";
	operation->targets = text ? syntax_folded(arena, text, NULL) : NULL;
	operation->unknown = "no file";
	*reading = (struct reading){.tool = "t",
				    .operations = operation,
				    .count = 1,
				    .action = operation->action,
				    .unit = "host",
				    .environment = command_env(command, "CLASS")};
	return 0;
}

/* Tests and why they fail: NULL where they pass. */
static const struct {
	const char *test, *why;
} cases[] = {
	{"command = \"run a1\"; verdict = \"allow\"; count = 1;", NULL},
	{"command = \"run a1\"; verdict = \"deny\";",
	 "verdict allow (no limit spoke), expected verdict deny"},
	{"command = \"run a1\"; verdict = \"allow\"; count = 2;",
	 "count 1, expected count 2"},
	{"command = \"run a1\"; verdict = \"allow\"; count = \"unknown\";",
	 "count 1, expected count unknown"},
	{"command = \"other a1\"; verdict = \"allow\"; count = 0;", NULL},
	{"command = \"stop a[1-4]\"; verdict = \"confirm\"; because = \"asked\"; answers "
	 "= "
	 "( { probe = \"in-service s\"; output = "
	 "\"a1\\na2\\na3\\na4\\na5\\na6\\na7\\na8\\n"
	 "a9\\n\"; } );",
	 NULL},
	{"command = \"stop a[1-4]\"; verdict = \"deny\"; because = [ \"s floor\", "
	 "\"would have 4\" ]; answers = ( { probe = [ \"in-service\", \"s\" ]; output = "
	 "\"a1\\na2\\na3\\na4\\na5\\na6\\na7\\na8\\n\"; } );",
	 NULL},
	{"command = \"stop a1\"; verdict = \"deny\"; because = \"exit status 3\"; "
	 "answers = "
	 "( { probe = \"in-service s\"; status = 3; } );",
	 NULL},
	{"command = \"stop a1\"; verdict = \"deny\"; because = \"time limit\"; answers = "
	 "( { probe = \"in-service s\"; state = \"timeout\"; } );",
	 NULL},
	{"command = \"stop a1\"; verdict = \"deny\";",
	 "the test has no answer for the probe in-service s"},
	{"command = \"stop a1\"; verdict = \"confirm\"; because = \"floor\"; answers = "
	 "( { probe = \"in-service s\"; output = \"a1\\na2\\na3\\na4\\na5\\na6\\n\"; } "
	 ");",
	 "not because of \"floor\""},
	{"command = \"stop a1\"; verdict = \"confirm\"; never = \"asked\"; answers = "
	 "( { probe = \"in-service s\"; output = \"a1\\na2\\na3\\na4\\na5\\na6\\n\"; } "
	 ");",
	 "expected not because of \"asked\""},
	{"command = \"run /list\"; verdict = \"allow\"; count = 2; answers = "
	 "( { file = \"/list\"; output = \"a1,a2\"; } );",
	 NULL},
	{"command = \"run /list\"; verdict = \"allow\"; count = \"unknown\";", NULL},
	{"command = \"CLASS=prod run a1\"; verdict = \"approve\";", NULL},
	{"command = \"run a1\"; user = \"root\"; verdict = \"approve\";", NULL},
	{"command = \"run a1\"; at = \"2026-01-03T12:00:00Z\"; verdict = \"approve\";",
	 NULL},
	{"command = \"run a5\"; verdict = \"deny\"; because = \"3 distinct\"; history = "
	 "( { "
	 "action = \"run\"; targets = \"a[1-2]\"; ago = \"59 s\"; } );",
	 NULL},
	{"command = \"run a5\"; verdict = \"allow\"; history = ( { action = \"run\"; "
	 "targets = \"a[1-2]\"; ago = \"60 s\"; } );",
	 NULL},
};

static const char policy_text[] =
	"limits = ( { name = \"asked\"; action = \"stop\"; confirm_above = 0; },\n"
	"{ environment = \"prod\"; verdict = \"approve\"; },\n"
	"{ user = \"root\"; verdict = \"approve\"; },\n"
	"{ hours = \"Sat\" \" 00:00-24:00\"; verdict = \"approve\"; },\n"
	"{ action = \"run\"; unknown_count = true; verdict = \"confirm\"; observe = "
	"true; },\n"
	"{ action = \"run\"; rate = { targets = 2; seconds = 60; }; verdict = \"deny\"; "
	"} );\n";

static const struct {
	const char *test, *says;
} broken[] = {
	{"verdict = \"deny\";", "\"command\" is missing"},
	{"command = \"a\";", "\"verdict\" is missing"},
	{"command = \"a; b\"; verdict = \"deny\";", "; has a meaning to the shell"},
	{"command = \"A=1\"; verdict = \"deny\";", "a command line with a command"},
	{"command = \"a\"; verdict = \"no\";", "expected one of allow, confirm"},
	{"command = \"a\"; verdict = \"deny\"; count = \"many\";", "or \"unknown\""},
	{"command = \"a\"; verdict = \"deny\"; becuase = \"x\";",
	 "did you mean \"because\"?"},
	{"command = \"a\"; verdict = \"deny\"; at = \"noon\";", "expected a day"},
	{"command = \"a\"; verdict = \"deny\"; history = ( { action = \"stop\"; } );",
	 "\"targets\" is missing"},
	{"command = \"a\"; verdict = \"deny\"; history = ( { action = \"scale\"; targets "
	 "= "
	 "\"a\"; ago = 1; } );",
	 "expected run, config"},
	{"command = \"a\"; verdict = \"deny\"; answers = ( { output = \"\"; } );",
	 "an answer with 0 of probe"},
	{"command = \"a\"; verdict = \"deny\"; answers = ( { file = \"a\"; stdin = true; "
	 "} );",
	 "an answer with 2 of probe"},
	{"command = \"a\"; verdict = \"deny\"; seen = ( { subsystem = \"x\"; capacity = "
	 "1; "
	 "ago = 1; } );",
	 "the name of a subsystem"},
};

static int load(struct arena *arena, const char *test, struct fleet *fleet,
		struct policy **policy, struct policy_tests *tests, struct fault *fault)
{
	struct rule_files files;
	char text[4096];
	int result;

	snprintf(text, sizeof(text), "%stests = ( { %s } );\n", policy_text, test);
	rule_files_make(&files, fleet_text, text);
	result = fleet_load(arena, files.rules, fleet, fault);
	if (result == 0)
		result = policy_load(arena, files.rules, fleet, policy, fault);
	if (result == 0)
		result = policy_tests_load(arena, files.rules, *policy, fleet, tests,
					   fault);
	rule_files_remove(&files);
	return result;
}

int main(void)
{
	struct policy_test_result result;
	struct policy_tests tests;
	struct policy *policy;
	struct fleet fleet;
	char why[1024];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct arena *arena = arena_new(16 << 20);
		struct fault fault = {0};
		int state = load(arena, cases[i].test, &fleet, &policy, &tests, &fault);

		result = (struct policy_test_result){0};
		if (state == 0)
			state = policy_test_run(arena, policy, &fleet, &tests.items[0],
						read_command, NULL, &result, &fault);
		snprintf(why, sizeof(why), "%s, expected %s",
			 result.found ? result.found : "",
			 result.expected ? result.expected : "");
		if (!ok(state == 0 && result.passed == !cases[i].why &&
				(!cases[i].why || strstr(why, cases[i].why)),
			"%.60s: %s", cases[i].test,
			cases[i].why ? cases[i].why : "passes"))
			printf("# %d %s %s\n", state, fault.text, why);
		arena_free(arena);
	}
	for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
		struct arena *arena = arena_new(16 << 20);
		struct fault fault = {0};
		int state = load(arena, broken[i].test, &fleet, &policy, &tests, &fault);

		if (!ok(state == -1 && fault.line == 7 &&
				strstr(fault.text, broken[i].says),
			"refused: %s", broken[i].says))
			printf("# %d:%s\n", fault.line, fault.text);
		arena_free(arena);
	}
	return done();
}
