#!/usr/bin/env bats
# What has been admitted is remembered: over commands, sessions and killed processes.

load setup.bash
load gate.bash

setup() {
	gate_session
}

# ledger_session NAME RULES: one more session with the state that all of them share.
ledger_session() {
	mkdir -m 700 "$BATS_TEST_TMPDIR/$1"
	RULES=$2 write_session "$BATS_TEST_TMPDIR/$1"
}

# stop SESSION HOST: as a shell loop would do it, one host a command.
stop() {
	TALLY_EXPECT=1 setsid -w "$BUILD/tally-gate" "--session=$BATS_TEST_TMPDIR/$1" -- \
		"$WORK/bin/drain" drain "$2"
}

slowly_rules() {
	local rules=$BATS_TEST_TMPDIR/slowly
	mkdir -p "$rules/fleet" "$rules/policy"
	cp -r "$TOP/tests/ledger_rules/tools" "$rules/"
	cat >"$rules/fleet/fleet.cfg" <<-'CFG'
		subsystems = ( { name = "web"; members = "web[001-100]"; floor = 0; settle = 60; } );
	CFG
	cat >"$rules/policy/policy.cfg" <<-'CFG'
		limits = ( { name = "slowly"; action = "stop"; rate = { targets = 20; seconds = 600; };
		             verdict = "deny"; } );
	CFG
	echo "$rules"
}

@test "a loop of one-host stops is stopped at the 21st distinct host" {
	local n
	ledger_session a "$(slowly_rules)"
	for n in $(seq -w 1 20); do
		run stop a "web0$n"
		assert_success
	done
	run --separate-stderr stop a web021
	assert_equal "$status" 126
	assert_equal "$output" ''
	assert_regex "$stderr" 'slowly: .*21 distinct hosts.*the limit is 20'
	assert_regex "$stderr" '0 fit now, the next in (10|9) min'
	# One of the twenty again is no further host.
	run stop a web007
	assert_success
}

@test "two loops in two sessions share the same budget" {
	local n rules
	rules=$(slowly_rules)
	ledger_session a "$rules"
	ledger_session b "$rules"
	for n in $(seq -w 1 10); do
		run stop a "web0$n"
		assert_success
		run stop b "web0$((10#$n + 10))"
		assert_success
	done
	run stop a web031
	assert_equal "$status" 126
	run stop b web032
	assert_equal "$status" 126
}

@test "what was refused has used nothing of the budget" {
	local n
	ledger_session a "$(slowly_rules)"
	for n in $(seq 1 5); do
		TALLY_EXPECT=21 run setsid -w "$BUILD/tally-gate" \
			"--session=$BATS_TEST_TMPDIR/a" -- "$WORK/bin/drain" drain 'web[001-021]'
		assert_equal "$status" 126
	done
	TALLY_EXPECT=20 run setsid -w "$BUILD/tally-gate" "--session=$BATS_TEST_TMPDIR/a" -- \
		"$WORK/bin/drain" drain 'web[001-020]'
	assert_success
}

@test "64 at once, room for 17: exactly 17, whoever is killed whenever" {
	mkdir -p "$BATS_TEST_TMPDIR/race/state"
	cat >"$BATS_TEST_TMPDIR/race/drain" <<-SCRIPT
		#!/bin/sh
		echo "\$1" >>"$BATS_TEST_TMPDIR/race/ran"
	SCRIPT
	chmod +x "$BATS_TEST_TMPDIR/race/drain"
	mkdir -m 700 "$BATS_TEST_TMPDIR/racing"
	RULES=$TOP/tests/ledger_rules write_session "$BATS_TEST_TMPDIR/racing"
	sed -i "s|^state = .*|state = \"$BATS_TEST_TMPDIR/race/state\";|" \
		"$BATS_TEST_TMPDIR/racing/session.cfg"
	run python3 "$TOP/tests/ledger_race.py" "$BUILD/tally-gate" \
		"$BATS_TEST_TMPDIR/racing" "$BATS_TEST_TMPDIR/race" 12 "${SEED:-2017}"
	echo "$output" >&2
	assert_success
}

@test "a restore gives back what a floor has lost, and is never held by it" {
	mkdir -m 700 "$BATS_TEST_TMPDIR/a"
	RULES=$TOP/tests/ledger_rules write_session "$BATS_TEST_TMPDIR/a"
	TALLY_EXPECT=17 run setsid -w "$BUILD/tally-gate" "--session=$BATS_TEST_TMPDIR/a" -- \
		"$WORK/bin/drain" drain 'web[01-17]'
	assert_success
	run stop a web18
	assert_equal "$status" 126
	run setsid -w "$BUILD/tally-gate" "--session=$BATS_TEST_TMPDIR/a" -- \
		"$WORK/bin/drain" drain --back web03
	assert_success
	run stop a web18
	assert_success
	run stop a web19
	assert_equal "$status" 126
}

@test "a restore does not refund the rate" {
	local n
	ledger_session a "$(slowly_rules)"
	for n in $(seq -w 1 20); do
		run stop a "web0$n"
		assert_success
	done
	run setsid -w "$BUILD/tally-gate" "--session=$BATS_TEST_TMPDIR/a" -- \
		"$WORK/bin/drain" drain --back 'web[001-020]'
	assert_success
	run stop a web021
	assert_equal "$status" 126
}

@test "what a tool took stays taken, whatever its exit status" {
	mkdir -m 700 "$BATS_TEST_TMPDIR/a"
	RULES=$TOP/tests/ledger_rules write_session "$BATS_TEST_TMPDIR/a"
	printf '#!/bin/sh\nexit 3\n' >"$WORK/bin/drain"
	TALLY_EXPECT=17 run setsid -w "$BUILD/tally-gate" "--session=$BATS_TEST_TMPDIR/a" -- \
		"$WORK/bin/drain" drain 'web[01-17]'
	assert_equal "$status" 3
	run stop a web18
	assert_equal "$status" 126
}

@test "a program that cannot be executed has taken nothing" {
	mkdir -m 700 "$BATS_TEST_TMPDIR/a"
	RULES=$TOP/tests/ledger_rules write_session "$BATS_TEST_TMPDIR/a"
	printf '#!/no/such/interpreter\n' >"$WORK/bin/drain"
	run -127 setsid -w "$BUILD/tally-gate" "--session=$BATS_TEST_TMPDIR/a" -- \
		"$WORK/bin/drain" drain 'web[01-17]'
	printf '#!/bin/sh\necho ran\n' >"$WORK/bin/drain"
	run setsid -w "$BUILD/tally-gate" "--session=$BATS_TEST_TMPDIR/a" -- \
		"$WORK/bin/drain" drain 'web[48-64]'
	assert_success
	assert_output ran
}
