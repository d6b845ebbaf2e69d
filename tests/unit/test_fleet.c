/* The arithmetic of shares, the identity of machines, and what a fleet file must say. */
#include <stdlib.h>
#include <string.h>

#include "fleet.h"
#include "rule_files.h"
#include "syntax.h"
#include "tap.h"

/* Where floating point or the wrong direction goes astray in other tools, and the edges. */
static const struct {
	uint64_t hundredths, declared, allowance, floor;
} shares[] = {
	{3000, 3, 0, 1},
	{5000, 7, 3, 4},
	{1000, 1, 0, 1},
	{2900, 100, 29, 29},
	{5800, 100, 58, 58},
	{7500, 400, 300, 300},
	{8000, 51, 40, 41},
	{500, 10, 0, 1},
	{1250, 8, 1, 1},
	{1250, 9, 1, 2},
	{0, 400, 0, 0},
	{10000, 400, 400, 400},
	{1, 1, 0, 1},
	{1, 10000, 1, 1},
	{1, 9999, 0, 1},
	{7500, 0, 0, 0},
	{3333, 3, 0, 1},
	{6667, 3, 2, 3},
	{10000, UINT64_MAX, UINT64_MAX, UINT64_MAX},
	{5000, UINT64_MAX, UINT64_MAX / 2, UINT64_MAX / 2 + 1},
	{2500, 10000000000ULL, 2500000000ULL, 2500000000ULL},
};

static void test_shares(void)
{
	uint64_t wrong = 0;

	for (size_t i = 0; i < sizeof(shares) / sizeof(*shares); i++) {
		struct amount amount = {true, true, shares[i].hundredths};
		uint64_t allowance = amount_allowance(amount, shares[i].declared);
		uint64_t floor = amount_floor(amount, shares[i].declared);

		if (!ok(allowance == shares[i].allowance && floor == shares[i].floor,
			"%llu/100 %% of %llu", (unsigned long long)shares[i].hundredths,
			(unsigned long long)shares[i].declared))
			printf("# allowance %llu, floor %llu\n",
			       (unsigned long long)allowance, (unsigned long long)floor);
	}
	/* What must hold for any: at most the share, at least the share, at most 1 apart. */
	for (uint64_t n = 0; n <= 1000; n++) {
		for (uint64_t p = 1; p <= 100; p++) {
			struct amount amount = {true, true, p * 100};
			uint64_t down = amount_allowance(amount, n);
			uint64_t up = amount_floor(amount, n);

			wrong += down * 100 > p * n || (down + 1) * 100 <= p * n ||
				 up * 100 < p * n || (up && (up - 1) * 100 >= p * n);
		}
	}
	ok(wrong == 0, "1 %% to 100 %% of 0 to 1000: none of 100100 is rounded wrongly");
	ok(amount_floor((struct amount){true, false, 7}, 3) == 7 &&
		   amount_allowance((struct amount){true, false, 7}, 3) == 7,
	   "a plain number is what it is");
}

static const char identity_fleet[] =
	"subsystems = ( { name = \"web\"; members = \"web[01-20],db.internal\"; } );\n"
	"identity = {\n"
	"  domains = [ \"example.com\", \"dc1.example.com\", \".lan\" ];\n"
	"  aliases = [ \"web01 10.0.3.7 i-0f12\", \"web02 web03 shared\",\n"
	"              \"gateway 10.0.0.1  # not a member\" ];\n"
	"  aliases_file = \"aliases\";\n"
	"};\n";

static const char alias_file[] = "# hosts(5)\n127.0.0.1\tlocalhost\n"
				 "10.0.3.8  web08.example.com web08\n\n"
				 "10.0.3.9  WEB09-old web09\n";

static const struct {
	const char *given, *member;
} identities[] = {
	{"web01", "web01"},
	{"web[01-20]", "web[01-20]"},
	{"web01.example.com", "web01"},
	{"web01.dc1.example.com", "web01"},
	{"web01.example.com.", "web01"},
	{"web01.lan", "web01"},
	{"WEB01.Example.COM", "web01"},
	{"10.0.3.7", "web01"},
	{"i-0f12", "web01"},
	{"web01,web01.example.com,10.0.3.7,i-0f12", "web01"},
	{"10.0.3.8", "web08"},
	{"WEB09-old", "web09"},
	{"db.internal", "db.internal"},
	{"db.internal.example.com", "db.internal"},
	/* Two members on one line: neither is hidden behind the other. */
	{"web02,web03", "web[02-03]"},
	{"shared", "web02"},
	{"10.0.0.1", "gateway"},
	/* What maps to nothing stays what it is, without its domain. */
	{"web99.example.com", "web99"},
	{"Other", "Other"},
	{"example.com", "example.com"},
	{"web01.example.org", "web01.example.org"},
	{"web1", "web1"},
	/* kubectl's name for the machine. */
	{"nodes/web01", "web01"},
	{"nodes/10.0.3.7", "web01"},
	{"nodes/web01.example.com", "web01"},
	{"nodes/other", "other"},
	{"prod/nodes/web01", "prod/nodes/web01"},
};

static void test_identity(void)
{
	struct arena *arena = arena_new(16 << 20);
	struct rule_files files;
	struct fault fault = {0};
	struct fleet fleet;
	char path[300];

	rule_files_make(&files, identity_fleet, NULL);
	snprintf(path, sizeof(path), "%s/fleet/aliases", files.path);
	write_text(path, alias_file);
	if (!ok(fleet_load(arena, files.rules, &fleet, &fault) == 0, "the fleet is read"))
		printf("# %s:%d: %s\n", fault.file, fault.line, fault.text);
	for (size_t i = 0; i < sizeof(identities) / sizeof(*identities); i++) {
		const struct hostset *given =
			syntax_folded(arena, identities[i].given, &fault);
		const struct hostset *member = fleet_identify(arena, &fleet, given);

		is_text(hostset_fold(arena, member), identities[i].member,
			identities[i].given);
	}
	rule_files_remove(&files);
	arena_free(arena);
}

static const struct {
	const char *text;
	int line;
	const char *says;
} broken[] = {
	{"subsystems = (\n  { members = \"a\"; } );", 2, "\"name\" is missing"},
	{"subsystems = (\n  { name = \"a\"; } );", 2, "\"members\" is missing"},
	{"subsystems = (\n { name = \"a\"; members = \"a[1-4]\";\n floor = 5; } );", 3,
	 "floor = 5: expected at most 4, the number of members"},
	{"subsystems = ( { name = \"a\"; members = \"a\";\nflor = 1; } );", 2,
	 "did you mean \"floor\"?"},
	{"subsystems = ( { name = \"a\"; members = \"a\"; },\n"
	 "{ name = \"a\"; members = \"b\"; } );",
	 2, "name = \"a\": expected a name of its own"},
	{"subsystems = ( { name = \"a\"; members = \"a\";\ndepends_on = [ \"b\" ]; } );",
	 1, "depends_on \"b\": expected the name of a subsystem"},
	{"subsystems = ( { name = \"a\"; members = \"a[1-4]\";\n"
	 "cells = [ \"a[1-2]\", \"a[2-3]\" ]; } );",
	 2, "a2 is in two of them"},
	{"subsystems = ( { name = \"a\"; members = \"a[1-4]\";\ncells = [ \"b1\" ]; } );",
	 2, "b1: expected members of a only"},
	{"subsystems = ( { name = \"a\"; members = \"a[1-4]\";\npairs = [ \"a1\" ]; } );",
	 2, "expected at least 2 members"},
	{"subsystems = ( { name = \"a\"; members = \"a\";\nfloor_verdict = \"allow\"; } "
	 ");",
	 2, "expected one of confirm, approve, deny"},
	{"subsystems = ( { name = \"a\"; members = \"a\";\n"
	 "capacity = { probe = [ ]; }; } );",
	 2, "expected a program and its arguments"},
	{"subsystems = ( { name = \"a\"; members = \"a\";\ncapacity = {\n"
	 "probe = \"x\";\nsyntax = \"json\"; }; } );",
	 4, "expected one of lines, folded, count"},
	{"subsystems = ( { name = \"a\"; members = \"a\";\ncapacity = {\n"
	 "probe = \"x\";\ntimeout = 601; }; } );",
	 4, "at most 600 seconds"},
	{"identity = {\n aliases_file = \"/nowhere/hosts\"; };", 2,
	 "a file that can be read"},
	{"limits = ( );", 1, "unknown setting \"limits\""},
};

static void test_broken(void)
{
	for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
		struct arena *arena = arena_new(16 << 20);
		struct rule_files files;
		struct fault fault = {0};
		struct fleet fleet;
		int result;

		rule_files_make(&files, broken[i].text, NULL);
		result = fleet_load(arena, files.rules, &fleet, &fault);
		if (!ok(result == -1 && fault.line == broken[i].line &&
				strstr(fault.text, broken[i].says) &&
				strstr(fault.file, "/fleet/t.cfg"),
			"refused: %s", broken[i].says))
			printf("# %s:%d: %s\n", fault.file, fault.line, fault.text);
		rule_files_remove(&files);
		arena_free(arena);
	}
}

static void test_digest(void)
{
	static const char *const texts[] = {"subsystems = ( );\n", "subsystems = ( ); \n",
					    "subsystems = ( );\n"};
	struct arena *arena = arena_new(16 << 20);
	struct fleet fleets[3];
	struct fault fault = {0};

	for (size_t i = 0; i < 3; i++) {
		struct rule_files files;

		rule_files_make(&files, texts[i], NULL);
		fleet_load(arena, files.rules, &fleets[i], &fault);
		rule_files_remove(&files);
	}
	ok(strlen(fleets[0].digest) == 64, "the digest has 256 bits");
	ok(strcmp(fleets[0].digest, fleets[1].digest) != 0,
	   "one blank more is another digest");
	is_text(fleets[0].digest, fleets[2].digest, "wherever the files lie");
	arena_free(arena);
}

int main(void)
{
	test_shares();
	test_identity();
	test_broken();
	test_digest();
	return done();
}
