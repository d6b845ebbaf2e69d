#!/usr/bin/env bats
# tally test: the tests beside the rules, in every format, and that each of them can fail.

load setup.bash

setup() {
	own_home
	RULES=$BATS_TEST_TMPDIR/rules
	mkdir -p "$RULES/tools" "$RULES/policy" "$RULES/fleet"
	sed "/^tests = (/,\$d" "$TOP/rules/actions.cfg" >"$RULES/actions.cfg"
	cat >"$RULES/tools/drain.cfg" <<'CFG'
tool = {
  name = "drain";
  programs = [ "drain" ];
  unit = "host";
  options = [ "--list", "--all", "--force", "--from =" ];
  operations = ( { when = [ "--list" ]; action = "read"; }, { action = "stop"; } );
  targets = (
    { operands = "all"; syntax = "folded"; },
    { option = "--from"; syntax = "file-hostfile"; } );
  probes = ( { when = [ "--all" ]; run = [ "list-hosts", "-1" ]; syntax = "lines"; } );
  everything = [ "--all" ];
  irreversible = [ "--force" ];
  none = "refused";
};
CFG
	cat >"$RULES/fleet/fleet.cfg" <<'CFG'
subsystems = ( { name = "web"; members = "web[01-10]"; floor = 8; } );
CFG
	cat >"$RULES/policy/policy.cfg" <<'CFG'
limits = ( { name = "asked"; action = "stop"; confirm_above = 0; } );
CFG
}

# tool_test TEXT: one test in the description; policy_test TEXT: one in the policy.
tool_test() {
	printf 'tests = ( { %s } );\n' "$1" >>"$RULES/tools/drain.cfg"
	run "$BUILD/tally" test --rules "$RULES" "$RULES/tools/drain.cfg"
}

policy_test() {
	printf 'tests = ( { %s } );\n' "$1" >>"$RULES/policy/policy.cfg"
	run "$BUILD/tally" test --rules "$RULES" "$RULES/policy/policy.cfg"
}

@test "the tests of the rules that ship all pass" {
	run "$BUILD/tally" test --rules "$TOP/rules"
	assert_success
	assert_output --regexp '^[0-9]{3,} passed, 0 failed$'
}

@test "a tool's test: action, count, targets, unit, everything, irreversible" {
	tool_test 'command = "drain --force web[1-3]"; action = "stop"; count = 3;
		targets = "web[1-3]"; unit = "host"; everything = false; irreversible = true;'
	assert_success
	assert_output '1 passed, 0 failed'
}

@test "a tool's test: each property that is not as expected makes it fail" {
	local expectation expected found cfg=$BATS_TEST_TMPDIR/drain.cfg
	cp "$RULES/tools/drain.cfg" "$cfg"
	while IFS='|' read -r expectation expected found; do
		cp "$cfg" "$RULES/tools/drain.cfg"
		tool_test "command = \"drain web1,web2\"; $expectation"
		assert_equal "$status" 1
		assert_line --regexp "^  expected +$expected\$"
		assert_line --regexp "^  found +$found\$"
		assert_line '0 passed, 1 failed'
	done <<'CASES'
action = "restart";|action restart|action stop
count = 3;|count 3|count 2
unknown = true;|count unknown|count 2
count = "unknown";|count unknown|count 2
targets = "web1";|targets web1|targets web\[1-2\]
unit = "pod";|unit pod|unit host
everything = true;|everything true|everything false
irreversible = true;|irreversible true|irreversible false
refused = true;|refused true|refused false
environment = "prod";|environment prod|environment none
tool = "pdsh";|tool pdsh|tool drain
tool = "none";|tool none|tool drain
probe = "list-hosts";|probe list-hosts|probe none
effect = { unit = "pod"; count = 3; };|effect pod 3|effect unknown
CASES
}

@test "a tool's test: what a probe answers, and a probe that has no answer" {
	tool_test 'command = "drain --all"; count = 2; everything = true; probe = "list-hosts -1";
		answers = ( { probe = "list-hosts -1"; output = "web1\nweb2\n"; } ); },
		{ command = "drain --all"; unknown = true; answers = (
		{ probe = "list-hosts -1"; status = 3; } ); },
		{ command = "drain --all"; unknown = true;'
	assert_equal "$status" 1
	assert_line --regexp '^  found +the test has no answer for the probe list-hosts -1$'
	assert_line '2 passed, 1 failed'
}

@test "a tool's test: a file that is answered, by its name as it is written" {
	tool_test 'command = "drain --from hosts"; count = 2; cwd = "/srv";
		answers = ( { file = "hosts"; output = "a\nb\n# c\n"; } ); },
		{ command = "drain --from hosts"; unknown = true;'
	assert_success
	assert_output '2 passed, 0 failed'
}

@test "a test in actions.cfg is text for the far side's shell" {
	cat >>"$RULES/actions.cfg" <<'CFG'
tests = (
  { command = "cd / && sudo systemctl stop nginx | tee /tmp/x"; action = "stop"; },
  { command = "uptime"; action = "stop"; } );
CFG
	run "$BUILD/tally" test --rules "$RULES" "$RULES/actions.cfg"
	assert_equal "$status" 1
	assert_line --regexp '^  command +uptime$'
	assert_line --regexp '^  expected +action stop$'
	assert_line --regexp '^  found +action run$'
	assert_line '1 passed, 1 failed'
}

@test "a policy's test that fails: where it stands, the command, expected and found" {
	policy_test 'name = "three of ten"; command = "drain web[01-03]"; verdict = "confirm";'
	assert_equal "$status" 1
	assert_line "$RULES/policy/policy.cfg:2: failed: three of ten"
	assert_line --regexp '^  command +drain web\[01-03\]$'
	assert_line --regexp '^  expected +verdict confirm$'
	assert_line --regexp '^  found +verdict deny \(.*web would have 7 in service, its floor is 8.*\)$'
	assert_line '0 passed, 1 failed'
}

@test "TAP: a plan, one line a test, what differs in comments" {
	printf 'tests = ( { command = "drain web01"; verdict = "confirm"; },
		{ name = "no # directive"; command = "drain web01"; verdict = "allow"; } );\n' \
		>>"$RULES/policy/policy.cfg"
	run "$BUILD/tally" test --format tap --rules "$RULES"
	assert_equal "$status" 1
	assert_line --index 0 'TAP version 13'
	assert_line --index 1 '1..2'
	assert_line --index 2 'ok 1 - policy.cfg:2 drain web01'
	assert_line --index 3 'not ok 2 - policy.cfg:3 no \# directive'
	assert_line "# at $RULES/policy/policy.cfg:3"
	assert_line '# command  drain web01'
	assert_line '# expected verdict allow'
	assert_line --regexp '^# found    verdict confirm \(asked: '
}

@test "JUnit: XML that a parser reads, with the numbers and the failure" {
	printf 'tests = ( { name = "<&\\">"; command = "drain web01"; verdict = "allow"; },
		{ command = "drain web01"; verdict = "confirm"; } );\n' >>"$RULES/policy/policy.cfg"
	run "$BUILD/tally" test --format junit --rules "$RULES"
	assert_equal "$status" 1
	run python3 -c '
import sys, xml.etree.ElementTree as tree
root = tree.fromstring(sys.argv[1])
cases = root.findall(".//testcase")
print(root.get("tests"), root.get("failures"), [case.get("name") for case in cases],
      [case.get("line") for case in cases], root.find(".//failure").get("message"))
' "$output"
	assert_success
	assert_output --partial "2 1 ['<&\">', 'drain web01'] ['2', '3'] expected verdict allow, found"
}

@test "a description that lies elsewhere is tested too, and replaces its namesake" {
	sed 's/"stop"/"restart"/' "$RULES/tools/drain.cfg" >"$BATS_TEST_TMPDIR/mine.cfg"
	echo 'tests = ( { command = "drain a"; action = "restart"; } );' >>"$BATS_TEST_TMPDIR/mine.cfg"
	run "$BUILD/tally" test --rules "$RULES" "$BATS_TEST_TMPDIR/mine.cfg"
	assert_success
	assert_output '1 passed, 0 failed'
}

@test "a policy that lies elsewhere is refused: its limits are not those in use" {
	cp "$RULES/policy/policy.cfg" "$BATS_TEST_TMPDIR/mine.cfg"
	run "$BUILD/tally" test --rules "$RULES" "$BATS_TEST_TMPDIR/mine.cfg"
	assert_equal "$status" 125
	assert_output --partial 'is in none of the rule directories'
	echo 'tests = ( { command = "drain web01"; verdict = "confirm"; } );' >"$BATS_TEST_TMPDIR/only.cfg"
	run "$BUILD/tally" test --rules "$RULES" "$BATS_TEST_TMPDIR/only.cfg"
	assert_success
}

@test "broken rules are no failed test: 125, and the place" {
	echo 'limits = ( { verdict = "maybe"; } );' >"$RULES/policy/more.cfg"
	run "$BUILD/tally" test --rules "$RULES"
	assert_equal "$status" 125
	assert_output --partial "$RULES/policy/more.cfg:1: verdict = \"maybe\": expected one of"
}

@test "wrong calls: 2, and what to do" {
	run "$BUILD/tally" test --format xml
	assert_equal "$status" 2
	assert_output --partial 'expected human, tap or junit'
	run "$BUILD/tally" test --rules /nowhere
	assert_equal "$status" 2
	assert_output --partial 'rule directory /nowhere: No such file or directory'
	run "$BUILD/tally" test --help
	assert_success
	assert_line --index 0 --regexp '^usage: tally test '
}

@test "no tests at all is said" {
	run "$BUILD/tally" test --rules "$RULES" "$RULES/fleet/fleet.cfg"
	assert_success
	assert_output --partial 'no tests'
}

@test "an answer for all probes that begin alike" {
	tool_test 'command = "drain --all"; count = 1;
		answers = ( { probe = "list-hosts ..."; output = "web1\n"; } ); },
		{ command = "drain --all"; count = 1;
		answers = ( { probe = "list-hosts -2 ..."; output = "web1\n"; } );'
	assert_equal "$status" 1
	assert_line --regexp '^  found +the test has no answer for the probe list-hosts -1$'
	assert_line '1 passed, 1 failed'
}
