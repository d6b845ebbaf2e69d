#!/usr/bin/env bats
# tally doctor: every layer is really tried, what is broken is named with its mend, and nothing
# is left behind.

load setup.bash

# A build of the test's own, which it may break, with small rules beside it; in PATH there is
# nothing but one guarded tool.
setup() {
	own_home
	WORK=$BATS_TEST_TMPDIR/work
	export TMPDIR=$BATS_TEST_TMPDIR/tmp
	mkdir -p "$WORK/build" "$WORK/bin" "$TMPDIR"
	cp -a "$BUILD/tally" "$BUILD/tally-gate" "$BUILD/libtally.so" "$BUILD/guard.table" "$WORK/build/"
	local name
	for name in lib lib32 lib64; do
		[ ! -e "$BUILD/$name" ] || cp -a "$BUILD/$name" "$WORK/build/"
	done
	ln -s "$TOP/tests/gate_rules" "$WORK/rules"
	"$WORK/build/tally" refresh "$WORK/build/guard.table"
	printf '#!/bin/sh\n' >"$WORK/bin/drain"
	chmod +x "$WORK/bin/drain"
	STATE=$XDG_STATE_HOME/tallygate
}

doctor() {
	PATH=$WORK/bin "$WORK/build/tally" doctor "$@"
}

# failed NAME DETAIL MEND: it failed so, and says how to mend it.
failed() {
	assert_line --regexp "^  FAIL  $1 +.*$2"
	grep -A1 -E "^  FAIL  $1 " <<<"$output" | grep -qE "^ +mend: .*$3" ||
		fail "no mend like \"$3\" for $1 in: $output"
}

# Nothing that the tries have made or started is there any more.
nothing_left() {
	assert_equal "$(ls -A "$TMPDIR")" ''
	assert_equal "$(grep -laF "$WORK/build" /proc/[0-9]*/cmdline 2>/dev/null)" ''
	assert_equal "$(grep -laF "$TMPDIR/tally-doctor" /proc/[0-9]*/environ 2>/dev/null)" ''
}

# A ledger and an audit log with something in them.
some_history() {
	"$WORK/build/tally" shell -- "$WORK/bin/drain" web001
	"$WORK/build/tally" shell -- "$WORK/bin/drain" web002
	assert_file_exists "$STATE/ledger.db"
	assert_file_exists "$STATE/audit.jsonl"
}

@test "all is well: every layer says ok, and the exit status is 0" {
	mv "$WORK/bin/drain" "$WORK/bin/pdsh"
	rm "$WORK/rules"
	ln -s "$TOP/rules" "$WORK/rules"
	"$WORK/build/tally" refresh "$WORK/build/guard.table"
	run doctor
	assert_success
	refute_output --partial FAIL
	local layer
	for layer in rules 'guard table' kernel gate shim supervisor redirect canary grants state \
		ledger audit asking tools sudo installed; do
		assert_line "$layer"
	done
	assert_line --regexp '^  ok    blocked  .*126'
	assert_line --regexp '^  ok    allowed '
	assert_line --regexp '^  ok    static caller '
	assert_line --regexp '^  ok    env -i '
	assert_line --regexp '^  ok    into the gate '
	assert_line --regexp "^  ok    pdsh  .*$WORK/bin/pdsh .*pdsh.cfg"
	assert_line --regexp '^  -     whole .*none yet'
	assert_line --regexp '^[0-9]+ ok, 0 failed, [0-9]+ not applicable$'
}

@test "nothing is left: no state, no file, no process" {
	run doctor
	assert_success
	assert_not_exists "$STATE"
	assert_equal "$(find "$HOME" "$XDG_RUNTIME_DIR" -type f)" ''
	nothing_left
}

@test "without terminal, input and environment it says the same, and no colours" {
	run bash -c "cd / && setsid -w env -i PATH='$WORK/bin' HOME='$HOME' TMPDIR='$TMPDIR' \
		'$WORK/build/tally' doctor <&- | cat"
	assert_success
	assert_line --regexp '^[0-9]+ ok, 0 failed'
	refute_output --partial $'\033'
}

contents() {
	python3 -c '
import sqlite3, sys
print("\n".join(sqlite3.connect(sys.argv[1]).iterdump()))' "$STATE/ledger.db"
	sha256sum "$STATE/audit.jsonl"
	find "$STATE" -type f ! -name 'ledger.db-*' | sort
}

@test "ledger and audit log that are there are looked at and not changed" {
	some_history
	local before
	before=$(contents)
	run doctor
	assert_success
	assert_line --regexp "^  ok    whole .*$STATE/ledger.db"
	assert_line --regexp '^  ok    admission .*a copy of it'
	assert_line --regexp '^  ok    chain '
	assert_equal "$(contents)" "$before"
	nothing_left
}

@test "--json: one array of five keys each, the same results" {
	rm "$WORK/build/guard.table"
	echo garbage >"$WORK/build/guard.table"
	run --separate-stderr doctor --json
	assert_equal "$status" 1
	assert_equal "$stderr" ''
	python3 -c '
import json, sys
results = json.load(sys.stdin)
assert len(results) > 30
for result in results:
    assert list(result) == ["layer", "name", "status", "detail", "mend"], result
    assert result["status"] in ("ok", "fail", "none"), result
    assert (result["mend"] is not None) == (result["status"] == "fail"), result
assert [r["name"] for r in results if r["status"] == "fail"] == ["without a session"]
' <<<"$output"
}

@test "--quiet: nothing where all is well, else only what failed" {
	run doctor --quiet
	assert_success
	assert_output ''
	echo garbage >"$WORK/build/guard.table"
	run doctor --quiet
	assert_equal "$status" 1
	assert_line --index 0 'guard table'
	failed 'without a session' 'Invalid argument' 'tally refresh'
	assert_equal "${#lines[@]}" 3
}

@test "a wrong call is 2, and nothing is tried" {
	run doctor --fast
	assert_equal "$status" 2
	run doctor pdsh
	assert_equal "$status" 2
	assert_output --partial 'expected nothing but options'
	run doctor --rules "$WORK/missing"
	assert_equal "$status" 2
	run doctor --help
	assert_success
	assert_line --index 0 'usage: tally doctor [--json | --quiet] [--rules DIR]...'
}

@test "broken rules: the first error with its place" {
	cp -r "$TOP/tests/gate_rules" "$WORK/site"
	echo 'limits = ( { action = "stopp"; } );' >"$WORK/site/policy/bad.cfg"
	run doctor --rules "$WORK/site"
	assert_equal "$status" 1
	failed files 'policy/bad.cfg:1: .*stopp' 'tally check'
	assert_line --regexp '^  ok    blocked '
}

@test "a broken tool description: the table guards by the text all the same" {
	cp -r "$TOP/tests/gate_rules" "$WORK/site"
	sed -i 's/unit = "host"/unti = "host"/' "$WORK/site/tools/drain.cfg"
	run doctor --rules "$WORK/site"
	assert_equal "$status" 1
	failed files 'drain.cfg:[0-9]+: .*unti' 'tally check'
	assert_line --regexp '^  ok    made anew '
}

@test "a policy whose own tests fail" {
	cp -r "$TOP/tests/gate_rules" "$WORK/site"
	cat >"$WORK/site/policy/tests.cfg" <<'RULES'
tests = ( { command = "drain web001"; verdict = "deny"; } );
RULES
	run doctor --rules "$WORK/site"
	assert_equal "$status" 1
	failed tests '1 failed' 'tally test'
}

@test "no gate: it, the table and the canary fail" {
	rm "$WORK/build/tally-gate"
	run doctor
	assert_equal "$status" 1
	failed denies "$WORK/build/tally-gate" 'install tallygate again'
	failed 'made anew' tally-gate 'beside tally'
	failed allowed 'did not run' 'see what failed above'
	refute_line --partial 'a guarded command ran'
	nothing_left
}

@test "a gate that cannot be executed" {
	chmod -x "$WORK/build/tally-gate"
	run doctor
	assert_equal "$status" 1
	failed denies "$WORK/build/tally-gate" 'install tallygate again'
}

@test "a gate that lets everything run: the canary has run, and that is said" {
	cat >"$WORK/build/tally-gate" <<'SCRIPT'
#!/bin/bash -p
while [ "$1" != -- ]; do shift; done
unset LD_PRELOAD
exec "$2" "${@:4}"
SCRIPT
	run doctor
	assert_equal "$status" 1
	failed denies 'let a command run that the rules deny' 'install tallygate again'
	failed blocked 'not tried' 'see what failed'
}

@test "a gate that hangs: its time is limited, and it is ended" {
	printf '#!/bin/sh\nexec sleep 1000\n' >"$WORK/build/tally-gate"
	run timeout 100 env PATH="$WORK/bin" "$WORK/build/tally" doctor
	assert_equal "$status" 1
	failed denies 'took too long and was ended' 'install tallygate again'
	failed blocked 'not tried' 'see what failed'
	nothing_left
}

@test "stopped by a signal it ends by it, and leaves nothing" {
	printf '#!/bin/sh\necho $$ >%q\nexec sleep 1000\n' "$WORK/pid" >"$WORK/build/tally-gate"
	PATH=$WORK/bin "$WORK/build/tally" doctor >"$WORK/out" 3>&- &
	local pid=$! i
	for ((i = 0; i < 600; i++)); do
		[ ! -s "$WORK/pid" ] || break
		sleep 0.05
	done
	assert_file_exists "$WORK/pid"
	kill -TERM "$pid"
	status=0
	wait "$pid" || status=$?
	assert_equal "$status" 143
	assert_equal "$(cat "$WORK/out")" ''
	nothing_left
}

@test "a library that is none: the shim fails, the supervisor still blocks" {
	rm -f "$WORK/build/libtally.so"
	echo garbage >"$WORK/build/libtally.so"
	run doctor
	assert_equal "$status" 1
	failed 'this word size' 'cannot load' 'libtally.so belongs into'
	assert_line --regexp '^  ok    blocked '
	assert_line --regexp '^  ok    static caller '
}

@test "a kernel that has no user notification" {
	run env PATH="$WORK/bin" /usr/bin/python3 "$TOP/tests/without_seccomp.py" "$WORK/build/tally" doctor
	assert_equal "$status" 1
	failed 'user notification' seccomp 'Linux 5.9'
	failed 'unguarded program' '' 'tally shell'
	assert_line --regexp '^  ok    this word size '
}

@test "a guard table that is damaged, and one that is old" {
	echo garbage >"$WORK/build/guard.table"
	run doctor
	assert_equal "$status" 1
	failed 'without a session' 'Invalid argument' 'tally refresh'
	"$WORK/build/tally" refresh --rules "$TOP/rules" "$WORK/build/guard.table"
	run doctor
	assert_equal "$status" 1
	failed 'without a session' 'does not guard' 'tally refresh'
}

@test "a damaged ledger" {
	some_history
	python3 -c '
import sqlite3, sys
sqlite3.connect(sys.argv[1]).execute("PRAGMA wal_checkpoint(TRUNCATE)")' "$STATE/ledger.db"
	printf garbage | dd of="$STATE/ledger.db" bs=1 seek=4096 conv=notrunc status=none
	run doctor
	assert_equal "$status" 1
	failed whole '' 'moved away'
	echo garbage >"$STATE/ledger.db"
	run doctor
	assert_equal "$status" 1
	failed whole 'not a database' 'moved away'
}

@test "an audit log that was changed" {
	some_history
	sed -i '1s/web001/web009/g' "$STATE/audit.jsonl"
	run doctor
	assert_equal "$status" 1
	failed chain 'audit.jsonl:1' 'find out who'
}

@test "a state directory that cannot be" {
	echo file >"$WORK/file"
	XDG_STATE_HOME=$WORK/file run doctor
	assert_equal "$status" 1
	failed directory 'Not a directory' 'XDG_STATE_HOME'
	assert_line --regexp '^  ok    blocked '
}

@test "an ordinary user without a right to the state directory" {
	[ "$(id -u)" -eq 0 ] || skip "only root can become somebody else"
	setpriv --reuid nobody --regid nogroup --clear-groups test -x "$BUILD/tally" ||
		skip "nobody cannot reach $BUILD"
	mkdir -p "$STATE"
	run env -i HOME="$HOME" PATH="$WORK/none" XDG_STATE_HOME=/root/.nobody/state \
		/usr/bin/setpriv --reuid nobody --regid nogroup --clear-groups "$BUILD/tally" doctor
	assert_equal "$status" 1
	failed directory 'Permission denied' 'writable'
	assert_line --regexp '^  ok    blocked '
	assert_line --regexp '^  -     in tally shell .*no_new_privs'
}

@test "a fleet tool that nothing describes, until it is described or accepted" {
	mkdir -p "$WORK/known/tools" "$WORK/site/tools"
	cp "$TOP/rules/known_tools.cfg" "$WORK/known/"
	local rules=(--rules "$TOP/tests/gate_rules" --rules "$WORK/known" --rules "$WORK/site")
	printf '#!/bin/sh\n' >"$WORK/bin/salt"
	chmod +x "$WORK/bin/salt"
	run doctor "${rules[@]}"
	assert_equal "$status" 1
	failed salt "$WORK/bin/salt" 'describe it'
	echo 'accepted = [ "salt" ];' >"$WORK/site/known_tools.cfg"
	run doctor "${rules[@]}"
	assert_success
	echo 'accepted = [ "salt" ]; known = [ "drain", "drop-fleet" ];' >"$WORK/site/known_tools.cfg"
	cp "$WORK/bin/salt" "$WORK/bin/drop-fleet"
	run doctor "${rules[@]}"
	assert_equal "$(grep -c ' FAIL ' <<<"$output")" 1
	failed drop-fleet "$WORK/bin/drop-fleet" 'describe it'
	sed 's/drain/drop-fleet/g' "$TOP/tests/gate_rules/tools/drain.cfg" >"$WORK/site/tools/drop-fleet.cfg"
	run doctor "${rules[@]}"
	refute_line --partial 'looks like a fleet tool'
	echo 'acepted = [ "salt" ];' >"$WORK/site/known_tools.cfg"
	run doctor "${rules[@]}"
	failed known_tools.cfg 'acepted' 'mend this file'
}

@test "in a guarded session the session's own supervisor is tried" {
	run env PATH="$WORK/bin" "$WORK/build/tally" shell -- "$WORK/build/tally" doctor
	assert_success
	assert_line --regexp '^  ok    user notification .*this very session'
	assert_line --regexp '^  ok    into the gate .*answered'
	assert_line --regexp '^  -     blocked '
}

# with_etc COMMAND: in a mount namespace where /etc is a copy that COMMAND may change, then doctor.
with_etc() {
	unshare -m true 2>/dev/null || skip "no mount namespaces here"
	cp -a /etc "$WORK/etc"
	run env WORK="$WORK" unshare -m bash -c '
		mount --bind "$WORK/etc" /etc || exit 99
		eval "$1"
		PATH=$WORK/bin exec "$WORK/build/tally" doctor' bash "$1"
	[ "$status" -ne 99 ] || skip "nothing can be mounted here"
}

@test "a login shell that is not there, and one that /etc/shells does not list" {
	with_etc 'echo "ops:x:4242:4242::/:/nonexistent/tallysh" >>/etc/passwd'
	assert_equal "$status" 1
	failed 'login shell' '/nonexistent/tallysh of ops' 'chsh'
	failed /etc/shells 'does not list' 'add-shell'
}

@test "a preloaded library that is gone" {
	with_etc 'echo /nonexistent/libtally.so >/etc/ld.so.preload'
	assert_equal "$status" 1
	failed /etc/ld.so.preload 'cannot be preloaded' 'take that word out'
}

@test "an interception of sudo's own, which does not work below a supervisor" {
	[ -e /usr/bin/sudo ] || skip "sudo is not installed"
	with_etc 'mkdir -p /etc/sudoers.d; echo "Defaults log_subcmds" >/etc/sudoers.d/log'
	assert_equal "$status" 1
	failed intercept '/etc/sudoers.d/log:1' 'intercept_type'
}
