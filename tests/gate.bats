#!/usr/bin/env bats
# The gate without a terminal: what runs, what does not, what is said and with which status.

load setup.bash
load gate.bash

setup() {
	gate_session
}

@test "a read runs at once" {
	run --separate-stderr gate --list
	assert_success
	assert_output --regexp '^drain [0-9]+: --list$'
	assert_equal "$stderr" ''
}

@test "what no limit holds runs" {
	run --separate-stderr gate 'web[001-002]'
	assert_success
	assert_output --regexp '^drain [0-9]+: web\[001-002\]$'
	assert_equal "$stderr" ''
}

@test "what is no known tool runs" {
	run "$BUILD/tally-gate" "--session=$SESSION" -- /bin/echo echo hello
	assert_success
	assert_output hello
}

@test "denied: says what, how many, which limits, where they stand" {
	run --separate-stderr gate 'web[001-100]'
	assert_equal "$status" 126
	assert_equal "$output" ''
	assert_equal "${stderr_lines[0]}" \
		'tallygate: denied: drain would stop 100 hosts (web[001-100])'
	assert_regex "$stderr" 'web would have 0 in service, its floor is 60 \(.*fleet\.cfg:2\)'
	assert_regex "$stderr" 'too-many: .*100.*50.* \(.*policy\.cfg:3\)'
}

@test "the floor of a subsystem nobody had in mind" {
	run --separate-stderr gate 'web[091-100]' edge1
	assert_equal "$status" 126
	assert_regex "$stderr" 'edge would have 9 in service, its floor is 10'
}

@test "to be confirmed, and nobody there: not run, and how to say what is meant" {
	run --separate-stderr gate 'web[001-003]'
	assert_equal "$status" 126
	assert_equal "$output" ''
	assert_equal "${stderr_lines[0]}" \
		'tallygate: not confirmed: drain would stop 3 hosts (web[001-003])'
	assert_regex "$stderr" 'tally run --expect N'
	assert_regex "$stderr" 'TALLY_EXPECT=N'
}

@test "a declared number that is right" {
	TALLY_EXPECT=3 run gate 'web[001-003]'
	assert_success
	assert_output --regexp '^drain '
	run setsid -w "$BUILD/tally-gate" "--session=$SESSION" --expect=3 -- \
		"$WORK/bin/drain" drain 'web[001-003]'
	assert_success
}

@test "a declared number that is wrong, both numbers told" {
	TALLY_EXPECT=4 run --separate-stderr gate 'web[001-003]'
	assert_equal "$status" 126
	assert_regex "$stderr" '4 hosts were expected, the command names 3'
}

@test "a declared number that is wrong stops what would be allowed" {
	TALLY_EXPECT=3 run --separate-stderr gate web001
	assert_equal "$status" 126
}

@test "a declared number does not lift a denial" {
	TALLY_EXPECT=100 run --separate-stderr gate 'web[001-100]'
	assert_equal "$status" 126
	assert_regex "$stderr" 'tallygate: denied:'
}

@test "a declared number that is none, and an empty one" {
	TALLY_EXPECT=many run --separate-stderr gate 'web[001-003]'
	assert_equal "$status" 126
	assert_regex "$stderr" 'TALLY_EXPECT is "many", expected the number'
	TALLY_EXPECT='' run --separate-stderr gate 'web[001-003]'
	assert_regex "$stderr" 'not confirmed'
	TALLY_EXPECT=many run gate --list
	assert_success
}

@test "an unknown number is not zero: a stop is refused, a run is not confirmed" {
	run --separate-stderr gate --from nofile
	assert_equal "$status" 126
	assert_regex "$stderr" 'drain would stop an unknown number of hosts'
	assert_regex "$stderr" 'nofile'
	TALLY_EXPECT=0 run --separate-stderr gate --run --from nofile
	assert_equal "$status" 126
	assert_regex "$stderr" '0 hosts were expected, how many it names is not known'
}

@test "a second person is needed, and cannot be asked for here" {
	run --separate-stderr gate --force web001
	assert_equal "$status" 126
	assert_regex "$stderr" 'needs a second person: drain would stop 1 host'
}

@test "a probe counts what only the tool knows" {
	HOSTS=2 run gate --everywhere
	assert_success
	HOSTS=100 run --separate-stderr gate --everywhere
	assert_equal "$status" 126
	assert_regex "$stderr" 'drain would stop everything, 100 hosts \(web\[001-100\]\)'
}

@test "a probe that fails: its words are shown" {
	printf '#!/bin/sh\necho no route to the inventory >&2\nexit 7\n' >"$WORK/bin/list-hosts"
	run --separate-stderr gate --everywhere
	assert_equal "$status" 126
	assert_regex "$stderr" 'status 7: no route to the inventory'
}

@test "targets on standard input are counted, and the tool gets the very same bytes" {
	printf '#!/bin/sh\ncat\n' >"$WORK/bin/drain"
	printf 'web001\nweb002' >"$WORK/in"
	"$BUILD/tally-gate" "--session=$SESSION" -- "$WORK/bin/drain" drain --from /dev/stdin \
		< <(cat "$WORK/in") >"$WORK/out"
	cmp "$WORK/in" "$WORK/out"
	run --separate-stderr bash -c "seq -f web%03g 1 100 | setsid -w '$BUILD/tally-gate' \
		'--session=$SESSION' -- '$WORK/bin/drain' drain --from /dev/stdin"
	assert_equal "$status" 126
	assert_regex "$stderr" '100 hosts'
}

@test "a process substitution can be read twice" {
	printf '#!/bin/sh\ncat "$2"\n' >"$WORK/bin/drain"
	run "$BUILD/tally-gate" "--session=$SESSION" -- "$WORK/bin/drain" drain --from \
		<(printf 'web001\nweb002\n')
	assert_success
	assert_line web001
	assert_line web002
}

@test "environment, directory, umask, limits, signals and descriptors are as they were" {
	cat >"$WORK/bin/drain" <<'SCRIPT'
#!/bin/bash
env | LC_ALL=C sort | grep -v -e ^_= -e ^SHLVL=
pwd; umask; ulimit -a; grep -e "^Sig[^Q]" -e ^Shd /proc/self/status; ls /proc/self/fd | wc -l
SCRIPT
	cd "$WORK"
	(
		umask 027
		ulimit -n 100
		trap '' USR1
		LC_ALL=C setsid -w "$WORK/bin/drain" web001 >plain 9</dev/null
		LC_ALL=C setsid -w "$BUILD/tally-gate" "--session=$SESSION" -- \
			"$WORK/bin/drain" drain web001 >gated 9</dev/null
	)
	run diff plain gated
	assert_success
	[ -s gated ]
}

@test "the tool's own status and argv[0]" {
	printf '#!/bin/sh\nexit 42\n' >"$WORK/bin/drain"
	run gate web001
	assert_equal "$status" 42
	run "$BUILD/tally-gate" "--session=$SESSION" -- /bin/bash my-name -c 'echo "$0"'
	assert_output my-name
}

@test "closed standard streams stay closed" {
	printf '#!/bin/bash\nfor n in 0 1 2; do [[ -e /proc/$$/fd/$n ]] && echo $n >>%s; done; :\n' \
		"$WORK/open" >"$WORK/bin/drain"
	run bash -c "'$BUILD/tally-gate' '--session=$SESSION' -- '$WORK/bin/drain' drain web001 <&- >&- 2>&-"
	assert_success
	assert_not_exist "$WORK/open"
}

@test "a program that is not there, and one that cannot be executed" {
	run -127 --separate-stderr "$BUILD/tally-gate" "--session=$SESSION" -- "$WORK/none/drain" drain web001
	assert_equal "$status" 127
	assert_regex "$stderr" 'No such file'
	chmod -x "$WORK/bin/drain"
	run --separate-stderr gate web001
	assert_equal "$status" 126
}

@test "a script without #! runs as a shell would run it" {
	printf 'echo plain "$@"\n' >"$WORK/bin/drain"
	run gate web001
	assert_success
	assert_output 'plain web001'
}

@test "a broken rule file: not run, 125, with the place" {
	cp -r "$TOP/tests/gate_rules" "$WORK/rules"
	RULES=$WORK/rules write_session "$SESSION"
	echo 'limits = ( { action = "stpo"; confirm_above = 1; } );' >"$WORK/rules/policy/policy.cfg"
	run --separate-stderr gate web001
	assert_equal "$status" 125
	assert_regex "$stderr" 'policy/policy\.cfg:1: .*stpo'
	run gate --list
	assert_success
	echo 'tool = {' >"$WORK/rules/tools/drain.cfg"
	run --separate-stderr gate --list
	assert_equal "$status" 125
	assert_regex "$stderr" 'tools/drain\.cfg:'
}

@test "a session that is not there" {
	run --separate-stderr "$BUILD/tally-gate" "--session=$WORK/none" -- "$WORK/bin/drain" drain web001
	assert_equal "$status" 125
}

@test "a call of the gate that makes no sense" {
	run "$BUILD/tally-gate"
	assert_equal "$status" 125
	run "$BUILD/tally-gate" -- /bin/true
	assert_equal "$status" 125
	run "$BUILD/tally-gate" --what -- /bin/true true
	assert_equal "$status" 125
}

@test "secrets and control characters do not reach stderr" {
	run --separate-stderr gate 'web[001-100]' --password hunter2 $'x\e[2J'
	assert_equal "$status" 126
	refute_regex "$stderr" hunter2
	refute_regex "$stderr" $'\e'
}

@test "a policy whose own test fails is not used; once it passes it is" {
	own_rules
	cat >>"$RULES/policy/policy.cfg" <<'CFG'
tests = ( { name = "two are asked for"; command = "drain web[001-002]"; verdict = "confirm"; } );
CFG
	write_session "$SESSION"
	run --separate-stderr gate 'web[001-002]'
	assert_equal "$status" 125
	assert_equal "$output" ''
	assert_regex "$stderr" 'policy\.cfg:[0-9]+: the policy is not used, because its own test "two are asked for" fails'
	assert_regex "$stderr" 'expected verdict confirm, found verdict allow'
	run gate --list
	assert_success
	assert_not_exists "$SESSION/policy.vetted"

	sed -i '/two are asked/s/"confirm"/"allow"/' "$RULES/policy/policy.cfg"
	run gate 'web[001-002]'
	assert_success
	assert_exists "$SESSION/policy.vetted"
}

@test "that a policy has passed its tests is noted for these very files only" {
	own_rules
	echo 'tests = ( { command = "drain web001"; verdict = "allow"; } );' >>"$RULES/policy/policy.cfg"
	write_session "$SESSION"
	run gate web001
	assert_success
	# Noted, and so believed: the test would fail now, but no file of the policy has changed.
	sed -i 's/{ action = "stop"; }/{ action = "remove"; }/' "$RULES/tools/drain.cfg"
	run gate web001
	assert_success
	sed -i 's/confirm_above = 2/confirm_above = 0/' "$RULES/policy/policy.cfg"
	run --separate-stderr gate web001
	assert_equal "$status" 125
	assert_regex "$stderr" 'the policy is not used'
}
