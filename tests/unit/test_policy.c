/* Policies that are refused, what the ledger is told, challenges, unfinished decisions. */
#include "judge_fleets.h"

/* Policies that are refused, with the line and parts of the sentence. */
static const struct {
	const char *text;
	int line;
	const char *says;
} broken[] = {
	{"limits = (\n{ confirm_above = 1;\nverdict = \"deny\"; } );", 3,
	 "\"verdict\" does not go with confirm_above"},
	{"limits = (\n{ action = \"stop\"; } );", 2, "\"verdict\" is missing"},
	{"limits = ( { action = \"stpo\";\n verdict = \"deny\"; } );", 1,
	 "action = \"stpo\": expected run, config"},
	{"limits = ( { action = \"restore\"; verdict = \"deny\"; } );", 1,
	 "this is never held back"},
	{"limits = ( { action = [ ]; verdict = \"deny\"; } );", 1, "at least one action"},
	{"limits = ( { tool = [ ]; verdict = \"deny\"; } );", 1, "at least one name"},
	{"limits = ( { user = \"\"; verdict = \"deny\"; } );", 1, "an empty name"},
	{"limits = ( { confirm_above = 10;\ndeny_above = 5; } );", 2,
	 "deny_above = 5: expected at least 10"},
	{"limits = ( { cells = 1;\nconfirm_above = 5; verdict = \"deny\"; } );", 1,
	 "\"cells\" is a second measure"},
	{"limits = ( { everything = false; verdict = \"deny\"; } );", 1,
	 "everything = false: expected true"},
	{"limits = ( { unknown_count = true; confirm_above = 1; } );", 1,
	 "unknown_count does not go with a measure"},
	{"limits = ( { verdict = \"allow\"; } );", 1, "expected one of confirm, approve"},
	{"limits = ( { rate = { targets = 5; }; verdict = \"deny\"; } );", 1,
	 "\"seconds\" is missing"},
	{"limits = ( { rate = { targets = 5; seconds = 0; }; verdict = \"deny\"; } );", 1,
	 "at least 1 second"},
	{"limits = ( { fraction_of_subsystem = \"150%\"; verdict = \"deny\"; } );", 1,
	 "\"150%\": expected a number of targets, or a percentage"},
	{"limits = ( { subsystem = \"indx\"; verdict = \"deny\"; } );", 1,
	 "expected the name of a subsystem"},
	{"limits = ( { protect = \"db[1-3]*\"; verdict = \"deny\"; } );", 1, "not both"},
	{"limits = ( { hours = \"Mon 9-17\"; verdict = \"deny\"; } );", 1,
	 "expected days, times"},
	{"limits = ( { canary = { targets = 1; settle = 60; within = 60; };"
	 "verdict = \"deny\"; } );",
	 1, "expected more than settle"},
	{"limits = ( { name = \"a\"; verdict = \"deny\"; },\n"
	 "{ name = \"a\"; verdict = \"deny\"; } );",
	 2, "expected a name of its own"},
	{"limits = ( { challenge = \"count\"; verdict = \"deny\"; } );", 1,
	 "expected one of blind-count"},
	{"limts = ( );", 1, "did you mean \"limits\"?"},
};

static void test_broken(void)
{
	for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
		struct judge_case c = {.fleet = DAY, .policy = broken[i].text};
		struct judged judged;

		case_start(&c, &judged);
		if (!ok(judged.result == -1 && judged.fault.line == broken[i].line &&
				strstr(judged.fault.text, broken[i].says),
			"refused: %s", broken[i].says))
			printf("# %d: %s\n", judged.fault.line, judged.fault.text);
		case_end(&judged);
	}
}

/* What the ledger is told. */
static void test_admissions(void)
{
	struct judge_case c = {
		.fleet = DAY,
		.policy = "restart_duration = 50;",
		.operations = "remove host idx001.example.com,other; restart host plc001;"
			      "restart host idx002; restore host idx003; run host idx004;"
			      "remove deployment web effect=pod:7; read host idx005",
		.digest = "d"};
	struct judged judged;
	const struct admission *a;

	case_start(&c, &judged);
	a = judged.decision.admissions;
	ok(judged.decision.admission_count == 6, "one admission per operation but reads");
	is_text(hostset_fold(judged.arena, a[0].targets), "idx001,other",
		"targets are written by identity");
	is_text(hostset_fold(judged.arena, a[0].out), "idx001", "members are out");
	ok(a[0].until == 0 && a[0].action == ACTION_REMOVE, "until they are given back");
	ok(a[1].until == CASE_NOW + 50, "a restart: for restart_duration");
	ok(a[2].until == CASE_NOW + 900, "or as long as its subsystem settles");
	ok(a[3].action == ACTION_RESTORE && hostset_is_empty(a[3].out), "a restore");
	ok(a[4].action == ACTION_RUN && hostset_is_empty(a[4].out),
	   "a run is remembered for rates, and takes nothing");
	ok(a[5].effect == 7 && strcmp(a[5].unit, "deployment") == 0 &&
		   hostset_is_empty(a[5].out) && a[5].until == CASE_NOW,
	   "a deployment counts its pods");
	is_text(a[5].digest, "d", "all with the digest of the work");
	ok(judged.decision.count == 7, "the count has each target once");
	case_end(&judged);
}

static void test_probed_admission(void)
{
	struct judge_case c = {.fleet = PROBED(""),
			       .operations = "stop host a1",
			       .probe = "lines a1 a2 a3 a4 a5 a6 a7 a8 a9"};
	struct judged judged;

	case_start(&c, &judged);
	ok(judged.decision.admissions[0].until == CASE_NOW + 100,
	   "with a probe a removal is reserved until it has settled");
	ok(judged.decision.impacts[0].sighted && judged.decision.impacts[0].shown == 9,
	   "what the probe showed is noted");
	ok(judged.decision.impacts[0].capacity == 9 &&
		   judged.decision.impacts[0].after == 8 &&
		   judged.decision.impacts[0].floor == 8,
	   "with capacity before, after and the floor");
	case_end(&judged);
}

static void test_waiting(void)
{
	static const char *const none[] = {NULL};
	struct judge_case c = {.fleet = PROBED("timeout = 7;"),
			       .operations = "read host a1"};
	struct asker asker = {.user = "bob", .groups = none};
	struct operation stop = {.action = ACTION_STOP, .unit = "host"};
	struct judged judged;

	case_start(&c, &judged);
	stop.targets = case_set(&judged, "a1");
	judged.reading.operations = &stop;
	judged.reading.count = 1;
	judged.reading.action = ACTION_STOP;
	ok(decide(judged.arena, judged.policy, &judged.fleet, &judged.reading, &asker,
		  &judged.history, &judged.facts, &judged.decision, &judged.fault) == 1,
	   "a probe that is not answered leaves the decision unfinished");
	ok(judged.facts.missing_count == 1 &&
		   judged.facts.missing[0].kind == FACT_PROBE &&
		   judged.facts.missing[0].timeout == 7,
	   "and says what is to be asked");
	case_end(&judged);
}

static const struct {
	const char *policy, *operations, *challenge;
} challenges[] = {
	{LIMIT("confirm_above = 0;"), "stop host a,b", "blind-count"},
	{LIMIT("confirm_above = 0;"), "stop host a", "name"},
	{LIMIT("confirm_above = 0; challenge = \"echo-count\";"), "stop host a,b",
	 "echo-count"},
	{LIMIT("confirm_above = 0; challenge = \"name\";"), "stop host a,b",
	 "blind-count"},
	{LIMIT("confirm_above = 0; challenge = \"ticket\";"), "stop host a", "ticket"},
	{"limits = ( { confirm_above = 0; challenge = \"ticket\"; },"
	 "{ confirm_above = 0; challenge = \"echo-count\"; } );",
	 "stop host a,b", "ticket"},
	{"limits = ( { confirm_above = 0; challenge = \"echo-count\"; },"
	 "{ confirm_above = 0; challenge = \"ticket\"; } );",
	 "stop host a,b", "ticket"},
	{"limits = ( { confirm_above = 0; challenge = \"echo-count\"; },"
	 "{ confirm_above = 0; } );",
	 "stop host a,b", "blind-count"},
	{LIMIT("unknown_count = true; verdict = \"confirm\";"), "run host ?", "unknown"},
	{LIMIT("confirm_above = 5;"), "stop host a,b", NULL},
	{LIMIT("confirm_above = 0; observe = true; challenge = \"ticket\";"),
	 "stop host a,b", NULL},
};

static void test_challenges(void)
{
	for (size_t i = 0; i < sizeof(challenges) / sizeof(*challenges); i++) {
		struct judge_case c = {.fleet = WIDE,
				       .policy = challenges[i].policy,
				       .operations = challenges[i].operations};
		struct judged judged;

		case_start(&c, &judged);
		is_text(judged.decision.challenge, challenges[i].challenge,
			"the hardest challenge is chosen");
		case_end(&judged);
	}
}

/* N concurrent admissions, one after the other as the ledger makes them. */
static void test_exactly(void)
{
	struct admission past[400];
	size_t admitted = 0;
	struct judge_case c = {.fleet = DAY, .operations = "read host a"};
	struct asker asker = {.user = "bob"};
	struct judged judged;

	case_start(&c, &judged);
	judged.history.admissions = past;
	for (int i = 1; i <= 389; i++) {
		struct operation removal = {.action = ACTION_REMOVE, .unit = "host"};
		char name[16];

		snprintf(name, sizeof(name), "idx%03d", i);
		removal.targets = case_set(&judged, name);
		judged.reading.operations = &removal;
		judged.reading.count = 1;
		judged.reading.action = ACTION_REMOVE;
		decide(judged.arena, judged.policy, &judged.fleet, &judged.reading,
		       &asker, &judged.history, &judged.facts, &judged.decision,
		       &judged.fault);
		if (judged.decision.verdict != VERDICT_ALLOW)
			continue;
		past[admitted] = judged.decision.admissions[0];
		past[admitted].id = (int64_t)admitted + 1;
		judged.history.count = ++admitted;
	}
	ok(admitted == 100, "of 389 single removals exactly what the floor leaves: %zu",
	   admitted);
	case_end(&judged);
}

static void test_window(void)
{
	struct judge_case c = {
		.fleet = DAY,
		.policy = "limits = ( { rate = { targets = 1; seconds = \"2 h\"; };"
			  "verdict = \"deny\"; }, { canary = { targets = 1; within = "
			  "\"1 h\"; }; verdict = \"deny\"; } );",
		.operations = "read host a"};
	struct judged judged;

	case_start(&c, &judged);
	ok(policy_window(judged.policy) == 7200, "the longest look back is known");
	case_end(&judged);
}

int main(void)
{
	test_broken();
	test_admissions();
	test_probed_admission();
	test_waiting();
	test_challenges();
	test_exactly();
	test_window();
	return done();
}
