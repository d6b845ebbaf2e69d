#!/usr/bin/env bats
# tally check: every kind of error and warning, with file, line, what was found and what was
# expected.

load setup.bash

setup() {
	own_home
	RULES=$BATS_TEST_TMPDIR/rules
	mkdir -p "$RULES/tools" "$RULES/policy" "$RULES/fleet"
	cat >"$RULES/tools/drain.cfg" <<'CFG'
tool = {
  name = "drain"; programs = [ "drain" ]; unit = "host";
  options = [ "--list", "--from =" ];
  operations = ( { when = [ "--list" ]; action = "read"; }, { action = "stop"; } );
  targets = ( { operands = "all"; syntax = "folded"; } );
};
tests = ( { command = "drain web[1-3]"; action = "stop"; count = 3; } );
CFG
	cat >"$RULES/fleet/fleet.cfg" <<'CFG'
subsystems = (
  { name = "web"; members = "web[01-10]"; floor = 8; cells = [ "web[01-05]", "web[06-10]" ]; } );
CFG
	cat >"$RULES/policy/policy.cfg" <<'CFG'
limits = (
  { name = "asked"; action = "stop"; confirm_above = 0; } );
tests = ( { command = "drain web01"; verdict = "confirm"; } );
CFG
	chmod -R go-w "$BATS_TEST_TMPDIR"
}

check() {
	run "$BUILD/tally" check "$RULES"
}

# has SEVERITY FILE:LINE TEXT: one line of the output, TEXT is a part of it.
has() {
	local line
	for line in "${lines[@]}"; do
		[[ $line == "$RULES/$2: $1: "*"$3"* ]] && return 0
	done
	echo "no such $1: $2: $3"
	echo "$output"
	return 1
}

@test "nothing wrong: one line, status 0" {
	check
	assert_success
	assert_output '1 tools, 1 subsystems, 1 limits, 2 tests: 0 errors, 0 warnings'
}

@test "the rules that ship are clean" {
	cp -r "$TOP/rules" "$BATS_TEST_TMPDIR/shipped"
	chmod -R go-w "$BATS_TEST_TMPDIR/shipped"
	run "$BUILD/tally" check "$BATS_TEST_TMPDIR/shipped"
	assert_success
	refute_line --regexp ': (error|warning): '
	assert_output --partial ': 0 errors, 0 warnings'
}

@test "one error of each kind in a policy: what was found and what was expected" {
	local text expected
	while IFS='|' read -r text expected; do
		printf '%s\n' "$text" >"$RULES/policy/site.cfg"
		check
		has error policy/site.cfg:1 "$expected"
	done <<'CASES'
limits = ( { action = ; confirm_above = 0; } );|syntax error: expected `name = value;`
limits = ( { action = "stop"; confirm_abve = 0; } );|did you mean "confirm_above"?
limits = ( { action = "stop"; confirm_above = "many"; } );|confirm_above = "many": expected a whole number
limits = ( { action = "stopp"; confirm_above = 1; } );|action = "stopp": expected run, config
limits = ( { action = "stop"; verdict = "maybe"; } );|verdict = "maybe": expected one of confirm
limits = ( { action = "stop"; verdict = "deny"; protect = "db[1-"; } );|protect: "db[1-": expected a set
limits = ( { subsystem = "wbe"; verdict = "deny"; } );|subsystem = "wbe": expected the name of a subsystem
limits = ( { action = "stop"; fraction_of_subsystem = "75 percent"; verdict = "deny"; } );|fraction_of_subsystem = "75 percent": expected
limits = ( { action = "stop"; rate = { targets = 5; }; verdict = "deny"; } );|"seconds" is missing
limits = ( { action = "stop"; confirm_above = 9; deny_above = 5; } );|deny_above = 5: expected at least 9
limits = ( { name = "asked"; verdict = "deny"; } );|name = "asked": expected a name of its own
limits = { };|limits = { ... }: expected
limits = ( { action = "stop"; verdict = "deny"; hours = "late"; } );|expected days, times and an offset
tests = ( { command = "a; b"; verdict = "deny"; } );|; has a meaning to the shell
@include "other.cfg"|@include is not allowed
/* never closed|this comment is never closed
CASES
}

@test "one error of each kind in a fleet" {
	local text expected
	while IFS='|' read -r text expected; do
		printf '%s\n' "$text" >"$RULES/fleet/site.cfg"
		check
		has error fleet/site.cfg:1 "$expected"
	done <<'CASES'
subsystems = ( { name = "a"; members = "a[1-"; } );|members = "a[1-": expected
subsystems = ( { name = "a"; members = "a[1-9]"; floor = "75 percent"; } );|floor = "75 percent": expected
subsystems = ( { name = "a"; members = "a[1-9]"; floor = 10; } );|floor = 10: expected at most 9
subsystems = ( { name = "a"; } );|"members" is missing
subsystems = ( { name = "web"; members = "a"; } );|name = "web": expected a name of its own
subsystems = ( { name = "a"; members = "a[1-9]"; cells = [ "b1" ]; } );|cells: b1: expected members of a only
subsystems = ( { name = "a"; members = "a"; depends_on = "b"; } );|depends_on "b": expected the name of a subsystem
subsystems = ( { name = "a"; members = "a"; restarted = "lately"; } );|restarted = "lately": expected
identity = { aliases_file = "gone"; };|aliases_file = "gone": expected a file that can be read
CASES
}

@test "one error of each kind in a tool description" {
	local text expected
	while IFS='|' read -r text expected; do
		printf 'tool = { name = "x"; programs = [ "x" ];\n%s };\n' "$text" >"$RULES/tools/x.cfg"
		check
		assert_equal "$status" 1
		has error "tools/x.cfg:${expected%% *}" "${expected#* }"
	done <<'CASES'
action = "stop"; optoins = [ "-a" ];|2 did you mean "options"?
action = "stops";|2 action = "stops": expected read, restore
action = "stop"; style = "gnu";|2 style "gnu" is not known
action = "stop"; everything = [ "all" ];|2 condition "all": expected an option
action = "stop"; targets = ( { operands = "some"; } );|2 operands = "some": expected "all"
action = "stop"; targets = ( { syntax = "word"; } );|2 needs exactly one of option, operands
action = "stop"; none = "ok";|2 none = "ok": expected one of unknown
action = "stop"; targets = ( { operands = "all"; syntax = "pdhs"; } );|1 syntax = "pdhs": there is no such notation
reader = "pdhs";|1 reader = "pdhs": there is no such reader
unit = "host";|1 it has no `operations` and no `action`
CASES
}

@test "one error of each kind in actions.cfg" {
	local text expected
	while IFS='|' read -r text expected; do
		printf '%s\n' "$text" >"$RULES/actions.cfg"
		check
		assert_equal "$status" 1
		has error actions.cfg:1 "$expected"
	done <<'CASES'
actions = ( { command = "stop-it"; action = "halt"; } );|action = "halt": expected run, config
actions = ( { action = "stop"; } );|"command" is missing
launchers = ( { programs = "with"; skip = "one"; } );|skip = "one": expected
launchers = ( { program = "with"; } );|"programs" is missing
tests = ( { command = "reboot"; } );|"action" is missing
tests = ( { command = "reboot"; action = "run"; count = 1; } );|count
actions = ( = );|syntax error
CASES
}

@test "every file and every element is read, not only up to the first error" {
	cat >"$RULES/policy/broken.cfg" <<'CFG'
limits = (
  { action = "stopp"; confirm_above = 1; },
  { action = "stop"; confirm_above = "many"; },
  { action = "stop"; verdict = "deny"; } );
tests = (
  { command = "drain web01"; verdict = "no"; },
  { command = "drain web01"; } );
CFG
	echo 'subsystems = ( { name = "a"; members = ""; }, { name = "b"; } );' >"$RULES/fleet/broken.cfg"
	echo 'tool = { name = "y"; };' >"$RULES/tools/y.cfg"
	check
	assert_equal "$status" 1
	has error policy/broken.cfg:2 'stopp'
	has error policy/broken.cfg:3 'many'
	has error policy/broken.cfg:6 'verdict = "no"'
	has error policy/broken.cfg:7 '"verdict" is missing'
	has error fleet/broken.cfg:1 'members'
	has error fleet/broken.cfg:1 '"members" is missing'
	has error tools/y.cfg:1 '"programs" is missing'
	assert_line --regexp ': 7 errors, [0-9]+ warnings?$'
}

@test "what a file that cannot be read may have defined is not reported as missing" {
	echo 'limits = ( { subsystem = "other"; verdict = "deny"; } );' >"$RULES/policy/other.cfg"
	echo 'subsystems = ( { name = "other"; members = "x" } ); }' >"$RULES/fleet/other.cfg"
	check
	assert_equal "$status" 1
	has error fleet/other.cfg:1 'syntax error'
	refute_output --partial 'policy/other.cfg'
}

@test "files that cannot be read, and what is no file" {
	ln -s gone "$RULES/policy/link.cfg"
	mkdir "$RULES/tools/dir.cfg"
	mkfifo "$RULES/fleet/pipe.cfg"
	check
	assert_equal "$status" 1
	has error policy/link.cfg 'cannot be opened: No such file'
	has error tools/dir.cfg 'is not a regular file'
	has error fleet/pipe.cfg 'is not a regular file'
}

@test "a test that fails is an error, at its place" {
	echo 'tests = ( { name = "never asked"; command = "drain web01"; verdict = "allow"; } );' \
		>"$RULES/policy/tests.cfg"
	check
	assert_equal "$status" 1
	has error policy/tests.cfg:1 'the test "never asked" fails: expected verdict allow, found verdict confirm'
	sed -i 's/count = 3/count = 4/' "$RULES/tools/drain.cfg"
	check
	has error tools/drain.cfg:7 'fails: expected count 4, found count 3'
}

@test "limits that can never speak" {
	local text expected
	while IFS='|' read -r text expected; do
		printf 'limits = (\n{ %s } );\n' "$text" >"$RULES/policy/more.cfg"
		check
		assert_success
		has warning policy/more.cfg:2 "$expected"
	done <<'CASES'
action = "remove"; subsystem = "web"; deny_above = 10;|deny_above = 10 can never be exceeded: the subsystem has 10 members
action = "remove"; subsystem = "web"; verdict = "deny"; rate = { targets = 10; seconds = 60; };|can never be exceeded
action = "remove"; fraction_of_subsystem = "100%"; verdict = "deny";|can never be exceeded
action = "remove"; cells = 2; verdict = "deny";|no subsystem it looks at has more cells
action = "remove"; pairs = true; verdict = "deny";|no subsystem it looks at has `pairs`
action = "remove"; unmapped = true; subsystem = "web"; verdict = "deny";|is never unmapped
action = "remove"; protect = "db1"; subsystem = "web"; verdict = "deny";|what it protects is not in its subsystem
action = "remove"; challenge = "ticket"; verdict = "deny";|challenge = "ticket" is never put
action = "remove"; tool = "drian"; verdict = "deny";|did you mean "drain"?
CASES
}

@test "limits that never decide anything, because another one is as strict" {
	local text expected
	while IFS='|' read -r text expected; do
		printf 'limits = (\n%s );\n' "$text" >"$RULES/policy/more.cfg"
		check
		assert_success
		if [[ $expected == none ]]; then
			refute_output --partial 'never decides'
		else
			has warning "$expected" 'never decides anything'
		fi
	done <<'CASES'
{ action = "stop"; user = "bob"; confirm_above = 5; }|policy/more.cfg:2
{ action = "stop"; user = "bob"; confirm_above = 5; deny_above = 9; }|none
{ action = "stop"; user = "bob"; confirm_above = 5; challenge = "ticket"; }|none
{ action = [ "stop", "remove" ]; confirm_above = 5; }|none
{ action = "remove"; verdict = "deny"; }, { action = "remove"; everything = true; verdict = "approve"; }|policy/more.cfg:2
{ action = "remove"; everything = true; verdict = "deny"; }, { action = "remove"; verdict = "approve"; }|none
{ action = "remove"; cells = 1; verdict = "deny"; observe = true; }, { action = "remove"; cells = 1; verdict = "confirm"; }|none
{ action = "run"; unknown_count = true; verdict = "deny"; }, { action = "run"; verdict = "confirm"; }|none
CASES
}

@test "subsystems: nothing uses it, all of it is the floor, no floor, a circle" {
	cat >"$RULES/fleet/more.cfg" <<'CFG'
subsystems = (
  { name = "idle"; members = "i[1-3]"; },
  { name = "all"; members = "a[1-3]"; floor = 3; },
  { name = "zero"; members = "z[1-3]"; floor = 0; },
  { name = "x"; members = "x1"; depends_on = "y"; },
  { name = "y"; members = "y1"; depends_on = "x"; } );
CFG
	check
	assert_success
	has warning fleet/more.cfg:2 'idle: nothing uses it'
	has warning fleet/more.cfg:3 'none may ever be taken'
	has warning fleet/more.cfg:4 'a floor of 0 holds nothing back'
	has warning fleet/more.cfg:5 'x: it depends on itself'
}

@test "members in two spellings" {
	cat >"$RULES/fleet/more.cfg" <<'CFG'
subsystems = (
  { name = "again"; members = "web[1-2],db100,db10"; floor = 1; },
  { name = "long"; members = "DB10,mail1.example.com"; floor = 1; } );
identity = { domains = [ "example.com" ]; };
CFG
	check
	assert_success
	has warning fleet/more.cfg:2 'web[01-02]'
	has warning fleet/more.cfg:2 'may be the same machines in two spellings'
	has warning fleet/more.cfg:3 'the member mail1.example.com has a domain that `identity` strips'
	refute_output --partial 'db100'
}

@test "descriptions: no tests, replaced, one program of two, an option nobody declared" {
	cat >"$RULES/tools/more.cfg" <<'CFG'
tool = { name = "more"; programs = [ "more", "drain" ]; action = "stop";
  targets = ( { option = "-w"; } ); irreversible = [ "--force" ]; };
CFG
	mkdir -p "$BATS_TEST_TMPDIR/site/tools"
	sed 's/"host"/"node"/' "$RULES/tools/drain.cfg" >"$BATS_TEST_TMPDIR/site/tools/drain.cfg"
	chmod -R go-w "$BATS_TEST_TMPDIR"
	run "$BUILD/tally" check "$RULES" "$BATS_TEST_TMPDIR/site"
	has warning tools/more.cfg:1 'more has no tests'
	has warning tools/more.cfg:1 'drain is a program of drain too'
	has warning tools/more.cfg:1 '"-w" is used, and is in no `options`'
	has warning tools/more.cfg:1 '"--force" is used'
	assert_line "$BATS_TEST_TMPDIR/site/tools/drain.cfg:1: warning: replaces the description of drain in $RULES/tools/drain.cfg:1"
}

@test "files that others may write, and names that are not read" {
	chmod g+w "$RULES/policy/policy.cfg"
	cp "$RULES/policy/policy.cfg" "$RULES/policy/old.cfg.bak"
	check
	assert_success
	has warning policy/policy.cfg 'others may write it: take that away (chmod go-w)'
	has warning policy/old.cfg.bak 'is not read'
}

@test "directories: none there, a file, one without rules, no policy" {
	run "$BUILD/tally" check "$RULES/nowhere"
	assert_equal "$status" 2
	assert_output "tally check: rule directory $RULES/nowhere: No such file or directory; see tally check --help"
	run "$BUILD/tally" check "$RULES/policy/policy.cfg"
	assert_equal "$status" 2
	assert_output --partial 'is no directory'
	run "$BUILD/tally" check "$RULES/policy"
	assert_equal "$status" 1
	assert_output --partial 'holds neither tools, fleet, policy nor actions.cfg'
	rm "$RULES/policy/policy.cfg"
	check
	assert_equal "$status" 1
	assert_output --partial 'no policy: expected a file policy/*.cfg'
}

@test "a policy that only observes is said" {
	sed -i '1i observe = true;' "$RULES/policy/policy.cfg"
	sed -i 's/verdict = "confirm"/verdict = "allow"/' "$RULES/policy/policy.cfg"
	check
	assert_success
	assert_line 'the policy only observes: nothing is held back by it (observe = true)'
}

@test "as JSON" {
	echo 'limits = ( { action = "stop"; confirm_abve = 0; } );' >"$RULES/policy/broken.cfg"
	run "$BUILD/tally" check --json "$RULES"
	assert_equal "$status" 1
	run python3 -c '
import json, sys
found = json.loads(sys.argv[1])
print(found["errors"], found["warnings"], found["digest"], found["tools"], found["rules"])
print([(f["severity"], f["file"], f["line"]) for f in found["findings"]])
' "$output"
	assert_line --index 0 "1 0 None 1 ['$RULES']"
	assert_line --index 1 "[('error', '$RULES/policy/broken.cfg', 1)]"
}

@test "without a directory: the rules of the checkout; help; a wrong option" {
	run "$BUILD/tally" check --json
	assert_success
	assert_output --partial "\"rules\":[\"$TOP/rules\"]"
	run "$BUILD/tally" check --help
	assert_success
	assert_line --index 0 'usage: tally check [--json] [DIR...]'
	run "$BUILD/tally" check --wrong
	assert_equal "$status" 2
}
