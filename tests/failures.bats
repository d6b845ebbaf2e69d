#!/usr/bin/env bats
# The table "When something fails" (docs/design.md, section 9), a row a test: whatever breaks,
# a guarded command never runs by accident, and what is wrong is said with what to do.

load setup.bash
load gate.bash

setup() {
	gate_session
	STATE=$XDG_STATE_HOME/tallygate
}

# private COMMAND...: in a mount namespace of its own, where STATE is a tmpfs of 256 KiB.
small_disk() {
	unshare -m bash -ec '
		mount -t tmpfs -o size=256k,mode=700 none "$1"
		shift
		exec "$@"' bash "$STATE" "$@"
}

# What a test does inside of small_disk: fills the disk but for $1 KiB, then runs the gate.
on_full_disk() {
	mkdir -p "$STATE"
	export BUILD SESSION WORK STATE
	small_disk bash -c '
		free=$1; shift
		dd if=/dev/zero of="$STATE/ballast" bs=1k count=$((256 - free)) status=none || :
		exec setsid -w "$BUILD/tally-gate" "--session=$SESSION" -- "$WORK/bin/drain" drain "$@"
	' bash "$@"
}

need_root() {
	[ "$(id -u)" -eq 0 ] || skip 'needs root for a mount namespace of its own'
}

@test "the ledger is damaged: stop is refused with the reason, a read runs" {
	mkdir -p "$STATE"
	head -c 8192 /dev/urandom >"$STATE/ledger.db"
	run --separate-stderr gate web001
	assert_equal "$status" 126
	assert_equal "$output" ''
	assert_regex "$stderr" "the ledger $STATE/ledger.db cannot be"
	assert_regex "$stderr" 'move it away to begin a new one'
	assert_regex "$stderr" 'so no stop is let through'
	run gate --list
	assert_success
}

@test "the ledger cannot be reached: run follows ledger_down" {
	cp -r "$TOP/tests/gate_rules" "$WORK/rules"
	RULES=$WORK/rules write_session "$SESSION"
	mkdir -p "$STATE/ledger.db"
	run --separate-stderr gate --run web001
	assert_equal "$status" 126
	assert_regex "$stderr" 'ledger'
	sed -i '1i ledger_down = "allow";' "$WORK/rules/policy/policy.cfg"
	run --separate-stderr gate --run web001
	assert_success
	assert_output --regexp '^drain '
	run --separate-stderr gate web001
	assert_equal "$status" 126
}

@test "the ledger is read-only: nothing is taken away on its word" {
	need_root
	TALLY_EXPECT=1 run gate web001
	assert_success
	export BUILD SESSION WORK STATE
	run --separate-stderr unshare -m bash -ec '
		mount --bind "$STATE" "$STATE"
		mount -o remount,ro,bind "$STATE"
		exec setsid -w "$BUILD/tally-gate" "--session=$SESSION" -- "$WORK/bin/drain" drain web002'
	[ "$status" -eq 126 ] || [ "$status" -eq 125 ]
	assert_equal "$output" ''
	assert_regex "$stderr" 'read-only|readonly'
}

@test "the disk is full: a guarded command does not run, and it says so" {
	need_root
	run --separate-stderr on_full_disk 0 web001
	[ "$status" -eq 126 ] || [ "$status" -eq 125 ]
	assert_equal "$output" ''
	assert_regex "$stderr" '(full|No space left)'
	# Not even a read: nobody would know of it.
	run --separate-stderr on_full_disk 0 --list
	assert_equal "$status" 125
	assert_equal "$output" ''
	assert_regex "$stderr" '(full|No space left)'
}

@test "the disk fills up at any moment: it runs with a record, or not at all" {
	need_root
	local free
	for free in 4 8 16 24 32 40 48 56 64 72 80 96 112 128 160; do
		run --separate-stderr on_full_disk "$free" web001
		if [ "$status" -eq 0 ]; then
			assert_output --regexp '^drain '
		else
			[ "$status" -eq 126 ] || [ "$status" -eq 125 ]
			assert_equal "$output" ''
			assert_regex "$stderr" '(full|No space left|disk I/O)'
		fi
	done
	assert_equal "$status" 0
}

@test "the disk is full: what is not guarded runs" {
	need_root
	export BUILD SESSION STATE
	mkdir -p "$STATE"
	run small_disk bash -c '
		dd if=/dev/zero of="$STATE/ballast" bs=1k status=none 2>/dev/null || :
		exec "$BUILD/tally-gate" "--session=$SESSION" -- /bin/echo echo hello'
	assert_success
	assert_output hello
}

@test "a probe that hangs is ended at its time limit, with all it started" {
	cp -r "$TOP/tests/gate_rules" "$WORK/rules"
	RULES=$WORK/rules write_session "$SESSION"
	sed -i 's/timeout = 30/timeout = 1/' "$WORK/rules/tools/drain.cfg"
	cat >"$WORK/bin/list-hosts" <<-SCRIPT
		#!/bin/bash
		echo "the inventory server does not answer" >&2
		trap '' TERM
		sleep 1000 & echo \$\$ \$! >"$WORK/pids"
		wait
		while :; do wait; done
	SCRIPT
	run --separate-stderr gate --everywhere
	assert_equal "$status" 126
	assert_equal "$output" ''
	assert_regex "$stderr" 'an unknown number of hosts'
	assert_regex "$stderr" 'the inventory server does not answer'
	local pid
	for pid in $(cat "$WORK/pids"); do
		assert_not_exist "/proc/$pid/fd/0"
	done
}

@test "a probe that prints without end is not believed" {
	printf '#!/bin/sh\nyes web001\n' >"$WORK/bin/list-hosts"
	run --separate-stderr gate --everywhere
	assert_equal "$status" 126
	assert_regex "$stderr" 'an unknown number of hosts'
}

@test "a probe that is not there" {
	rm "$WORK/bin/list-hosts"
	run --separate-stderr gate --everywhere
	assert_equal "$status" 126
	assert_regex "$stderr" 'list-hosts'
}

@test "the gate is killed while it counts: the tool never runs, nothing stays reserved" {
	local gate_pid
	printf '#!/bin/sh\necho $$ >"%s"\nexec sleep 1000\n' "$WORK/probing" >"$WORK/bin/list-hosts"
	setsid "$BUILD/tally-gate" "--session=$SESSION" -- "$WORK/bin/drain" drain --everywhere \
		>"$WORK/out" 2>&1 &
	gate_pid=$!
	for _ in $(seq 200); do [ -s "$WORK/probing" ] && break; sleep 0.05; done
	assert_file_not_empty "$WORK/probing"
	kill -KILL "$gate_pid"
	wait "$gate_pid" || :
	kill -KILL "$(cat "$WORK/probing")" 2>/dev/null || :
	assert_file_empty "$WORK/out"
	# 40 of 100 may go, edge holds 10 more: all of the room is still there.
	TALLY_EXPECT=40 run gate 'web[001-040]'
	assert_success
}

@test "no directory for the state" {
	rm -rf "$XDG_STATE_HOME"
	echo 'a file' >"$XDG_STATE_HOME"
	run --separate-stderr gate web001
	[ "$status" -eq 126 ] || [ "$status" -eq 125 ]
	assert_equal "$output" ''
	assert_regex "$stderr" "$XDG_STATE_HOME"
}

@test "rules that are gone: not run, 125, with the directory" {
	RULES=$WORK/no-rules write_session "$SESSION"
	run --separate-stderr gate web001
	assert_equal "$status" 125
	assert_equal "$output" ''
	assert_regex "$stderr" "$WORK/no-rules.*no such rule directory"
}

@test "a policy that is gone does not allow everything" {
	cp -r "$TOP/tests/gate_rules" "$WORK/rules"
	RULES=$WORK/rules write_session "$SESSION"
	rm "$WORK/rules/policy/policy.cfg"
	run --separate-stderr gate web001
	assert_equal "$status" 125
	assert_equal "$output" ''
	assert_regex "$stderr" "$WORK/rules: no policy: expected a file policy/\*\.cfg"
}

@test "no memory: not run" {
	# 40 MB of address space are enough to load the gate and not to judge 100,000 names.
	seq -f 'h%g.example.com' 1 100000 | shuf --random-source=<(yes) >"$WORK/hosts"
	run --separate-stderr bash -c "ulimit -v 40000; exec setsid -w '$BUILD/tally-gate' \
		'--session=$SESSION' -- '$WORK/bin/drain' drain --from '$WORK/hosts'"
	[ "$status" -ne 0 ]
	assert_equal "$output" ''
}
