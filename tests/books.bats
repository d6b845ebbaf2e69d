#!/usr/bin/env bats
# The gate of an installed session: tallyd has rules, ledger, log and grants, and is asked by
# messages. Here without a supervisor: tests/books/booksd.c is the books behind a socket.

load setup.bash
load terminal.bash
load gate.bash

setup_file() {
	make -s -C "$TOP" BUILD="$BUILD" "$BUILD/books/booksd"
}

setup() {
	gate_session
	own_rules
	DAEMON=$WORK/tallyd.sock
	LOG=$WORK/log
	AUDIT=$LOG/audit.jsonl
	cat >"$SESSION/session.cfg" <<CONFIG
id = "suite";
state = "$WORK/nowhere";
rules = [ "$WORK/snapshots/current/0" ];
gate = "$BUILD/tally-gate";
shell = "/bin/bash";
installed = true;
daemon = "$DAEMON";
CONFIG
	cat >"$WORK/d" <<SCRIPT
#!/bin/sh
exec "$BUILD/tally-gate" "--session=$SESSION" -- "$WORK/bin/drain" drain "\$@"
SCRIPT
	chmod +x "$WORK/d"
	PATH=$WORK:$PATH
	start_daemon
}

teardown() {
	close_terminal
	stop_daemon
}

start_daemon() {
	local end=$((SECONDS + 60))
	"$BUILD/books/booksd" "$DAEMON" "$WORK/state" "$LOG" "$WORK/snapshots" "$RULES" \
		>"$WORK/said" 2>&1 3>&- &
	DAEMON_PID=$!
	until grep -q '^listening' "$WORK/said"; do
		((SECONDS < end)) && kill -0 "$DAEMON_PID" || {
			cat "$WORK/said"
			return 1
		}
	done
}

# stop_daemon [SIGNAL]
stop_daemon() {
	[[ -z ${DAEMON_PID:-} ]] || {
		kill "-${1:-TERM}" "$DAEMON_PID" 2>/dev/null || :
		wait "$DAEMON_PID" 2>/dev/null || :
	}
	DAEMON_PID=
}

# said TEXT: waits until the daemon has said that line.
said() {
	local end=$((SECONDS + 60))
	until grep -qxF "$1" "$WORK/said"; do
		((SECONDS < end)) || {
			echo "the daemon never said: $1"
			cat "$WORK/said"
			return 1
		}
	done
}

reload_daemon() {
	kill -HUP "$DAEMON_PID"
	local end=$((SECONDS + 60))
	until grep -q '^reload: ' "$WORK/said"; do ((SECONDS < end)) || return 1; done
}

# requests: what the daemon has been asked, one a line.
requests() {
	grep -v '^listening\|^reload' "$WORK/said"
}

last() {
	jq -r "$1" "$AUDIT" | tail -n 1
}

# ask LINE: enters it and waits for the question.
ask() {
	enter "$1"
	see 'do you mean\? *$'
}

@test "a read costs one message, and is recorded by tallyd" {
	run gate --list web001
	assert_success
	assert_output --regexp '^drain [0-9]+: --list web001$'
	assert_equal "$(requests)" 'read: done'
	assert_equal "$(last .event.action)" command-read
	assert_equal "$(last .tallygate.session)" suite
	assert_not_exist "$WORK/nowhere"
}

@test "what no limit holds costs a look and an admission" {
	run gate web001
	assert_success
	assert_equal "$(requests)" $'look: done\nadmit: done'
	assert_equal "$(last .event.action)" command-allowed
	assert_equal "$(last .tallygate.targets.count)" 1
	assert_not_exist "$WORK/nowhere"
}

@test "a declared number is judged by tallyd too" {
	run env TALLY_EXPECT=3 setsid -w d 'web[001-003]'
	assert_success
	assert_equal "$(last .event.action)" command-confirmed
	assert_equal "$(last .tallygate.approval.expected)" 3
	run env TALLY_EXPECT=4 setsid -w d 'web[004-006]'
	assert_equal "$status" 126
	assert_output --partial '4 hosts were expected, the command names 3'
}

@test "what is denied does not run, and its record is the gate's with tallyd's facts" {
	run --separate-stderr gate 'web[001-060]'
	assert_equal "$status" 126
	assert_equal "$output" ''
	# shellcheck disable=SC2154
	assert_regex "$stderr" 'deny_above is 50'
	# People are told the file they can edit, not the copy.
	assert_regex "$stderr" "$RULES/policy/policy.cfg:"
	assert_equal "$(last .event.action)" command-denied
	assert_equal "$(last .event.kind)" alert
	assert_equal "$(last .rule.ruleset)" "$RULES/policy/policy.cfg"
	assert_equal "$(last '.tallygate.chain | length > 0')" true
	assert_equal "$(requests)" $'look: done\nrecord: done'
}

@test "the question is put by the gate, and the answer goes to tallyd" {
	open_terminal
	ask 'd "web[001-003]"; echo "status $?"'
	type_answer 3
	see '^drain [0-9]+: web\[001-003\]$'
	see '^status 0$'
	assert_equal "$(last .event.action)" command-confirmed
	assert_equal "$(last .tallygate.approval.answer)" 3
}

@test "another command comes first while somebody thinks: asked or refused again" {
	open_terminal
	ask 'd "web[001-030]"; echo "status $?"'
	run env TALLY_EXPECT=30 setsid -w d 'web[031-060]'
	assert_success
	type_answer 30
	see '^status 126$'
	see 'its floor is 60'
}

@test "rules change while somebody thinks: those of tallyd hold" {
	open_terminal
	ask 'd "web[001-003]"; echo "status $?"'
	sed -i 's/deny_above = 50/deny_above = 1/' "$RULES/policy/policy.cfg"
	reload_daemon
	said 'reload: done'
	type_answer 3
	see '^status 126$'
	see 'deny_above is 1'
}

@test "broken rules change nothing until they are mended" {
	echo 'limits = ( {' >"$RULES/policy/policy.cfg"
	reload_daemon
	run grep '^reload: ' "$WORK/said"
	refute_output 'reload: done'
	assert_equal "$(last .event.action)" rules-refused
	run gate 'web[001-060]'
	assert_equal "$status" 126
	assert_output --partial 'deny_above is 50'
	run gate web001
	assert_success
}

@test "tallyd is killed while somebody thinks: the answer goes to the next one" {
	open_terminal
	ask 'd "web[001-003]"; echo "status $?"'
	stop_daemon KILL
	type_answer 3
	see 'waiting for tallyd'
	start_daemon
	see '^drain [0-9]+: web\[001-003\]$'
	see '^status 0$'
}

@test "without tallyd a command waits, and runs when it is there" {
	stop_daemon
	open_terminal
	enter 'd --list; echo "status $?"'
	see 'waiting for tallyd'
	start_daemon
	see '^drain [0-9]+: --list$'
	see '^status 0$'
}

@test "Ctrl-C ends the wait for tallyd" {
	stop_daemon
	open_terminal
	enter 'd web001; echo "status $?"'
	see 'waiting for tallyd'
	keys C-c
	see 'drain was not run: stopped while waiting for tallyd'
	run screen
	refute_output --partial 'itself failed'
	refute_line --regexp '^drain [0-9]+:'
}

@test "without tallyd nothing guarded runs, not even what only reads" {
	stop_daemon
	local begin=$SECONDS
	run --separate-stderr gate --list
	assert_equal "$status" 125
	assert_equal "$output" ''
	assert_regex "$stderr" 'tallyd cannot be asked'
	assert_regex "$stderr" 'systemctl start tallyd'
	((SECONDS - begin < 40))
}

@test "a socket that nobody answers is no reason to wait for ever" {
	stop_daemon
	python3 - "$DAEMON" <<'PYTHON' 3>&- &
import socket, sys, time
listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
listener.bind(sys.argv[1])
listener.listen(1)
time.sleep(300)
PYTHON
	local deaf=$! end=$((SECONDS + 60))
	until [[ -S $DAEMON ]]; do ((SECONDS < end)); done
	run gate web001
	kill "$deaf"
	wait "$deaf" || :
	assert_equal "$status" 125
	assert_output --partial 'it did not answer'
}

@test "no variable of the user changes where it is judged" {
	export TALLY_SESSION=$WORK/other XDG_STATE_HOME=$WORK/other HOME=$WORK/other
	export TALLY_RULES=$WORK/other TALLY_STATE=$WORK/other TALLY_DAEMON=$WORK/other.sock
	export XDG_RUNTIME_DIR=$WORK/other TALLY_SOCKET=$WORK/other TMPDIR=$WORK/other
	run gate 'web[001-060]'
	assert_equal "$status" 126
	assert_equal "$(last .event.action)" command-denied
	assert_not_exist "$WORK/other"
}

@test "an inputrc of the user types no answers, and the command still gets the variable" {
	# shellcheck disable=SC2016
	printf '#!/bin/sh\necho "drain $INPUTRC $HOME"\n' >"$WORK/bin/drain"
	echo '"9": "3\n"' >"$WORK/inputrc"
	export INPUTRC=$WORK/inputrc
	open_terminal
	ask 'd "web[001-003]"; echo "status $?"'
	type_answer 9
	see '^status 126$'
	ask 'd "web[001-003]"; echo "status $?"'
	type_answer 3
	see "^drain $WORK/inputrc $HOME\$"
}

@test "variables kept from the gate are the command's all the same" {
	cat >"$WORK/bin/drain" <<'SCRIPT'
#!/bin/sh
echo "drain $LD_LIBRARY_PATH $KEPT"
SCRIPT
	run setsid -w "$BUILD/tally-gate" "--session=$SESSION" --keep=LD_LIBRARY_PATH=/some/where \
		--keep=KEPT=a=b -- "$WORK/bin/drain" drain web001
	assert_success
	assert_output 'drain /some/where a=b'
}

@test "a script without #! runs through a shell, by leave of tallyd" {
	echo 'echo "drain without: $*"' >"$WORK/bin/drain"
	run gate web001
	assert_success
	assert_output 'drain without: web001'
	assert_equal "$(requests | tail -n 1)" 'shell: done'
}

@test "a program that cannot be executed gives its place back" {
	echo '#!/no/such/interpreter' >"$WORK/bin/drain"
	run -127 gate web001
	assert_equal "$(last .event.action)" command-not-executed
	assert_equal "$(requests | tail -n 2)" $'withdraw: done\nrecord: done'
	run sqlite3 "$WORK/state/ledger.db" 'SELECT count(*) FROM admissions'
	assert_output 0
}

@test "a probe is announced before it runs" {
	run env TALLY_EXPECT=5 setsid -w d --everywhere
	assert_success
	assert_equal "$(requests)" $'probe: done\nlook: done\nadmit: done'
}

@test "of fifty gates at once, as many are admitted as the floor allows" {
	local i gates=()
	for i in $(seq -f '%03g' 1 50); do
		gate "web$i" >"$WORK/out.$i" 2>&1 3>&- &
		gates+=($!)
	done
	for i in "${gates[@]}"; do wait "$i" || :; done
	run grep -l '^drain ' "$WORK"/out.*
	assert_equal "${#lines[@]}" 40
	run grep -l 'its floor is 60' "$WORK"/out.*
	assert_equal "${#lines[@]}" 10
	assert_equal "$(jq -r .event.action "$AUDIT" | grep -c '^command-allowed$')" 40
	run "$BUILD/tally" audit verify "$AUDIT"
	assert_success
}

@test "explain sees the ledger of tallyd, and names the files that people edit" {
	run env TALLY_EXPECT=30 setsid -w d 'web[001-030]'
	assert_success
	run env TALLY_SESSION="$SESSION" "$BUILD/tally" explain --json -- drain 'web[031-060]'
	assert_success
	assert_equal "$(jq -r .verdict <<<"$output")" deny
	assert_equal "$(jq -r '.reasons[] | select(.rule == "too-many" or .verdict == "confirm").file' \
		<<<"$output")" "$RULES/policy/policy.cfg"
	assert_not_exist "$WORK/nowhere"
	stop_daemon
}

@test "targets that fill a message of megabytes are judged" {
	seq -f 'h%06g' 1 200000 >"$WORK/hosts"
	run gate --run --from "$WORK/hosts"
	assert_success
	assert_equal "$(last .tallygate.targets.count)" 200000
}

@test "the gate is closed to other processes of its user" {
	[ "$(id -u)" -eq 0 ] || skip 'needs root to be somebody else'
	stop_daemon
	local open pid end=$((SECONDS + 60))
	open=$(mktemp -d)
	chmod 755 "$open"
	cp "$BUILD/tally-gate" "$open"
	cp -r "$WORK/snapshots" "$RULES" "$open"
	sed "s|$WORK/snapshots|$open/snapshots|" "$SESSION/session.cfg" >"$open/session.cfg"
	chmod -R a+rX "$open"
	cd /
	setpriv --reuid=65534 --regid=65534 --clear-groups "$open/tally-gate" \
		"--session=$open" -- /bin/true drain web001 3>&- &
	pid=$!
	# Files of a process that is closed are root's: proc(5).
	until [[ $(stat -c %u "/proc/$pid/environ") == 0 && $(grep ^Uid "/proc/$pid/status") == *65534* ]]; do
		((SECONDS < end)) && kill -0 "$pid" || break
	done
	run cat "/proc/$pid/comm"
	assert_output tally-gate
	run -1 setpriv --reuid=65534 --regid=65534 --clear-groups cat "/proc/$pid/environ"
	kill "$pid"
	wait "$pid" || :
	rm -r "$open"
}
