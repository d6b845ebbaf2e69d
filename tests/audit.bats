#!/usr/bin/env bats
# What the gate records of a command, and that the record is there whatever happens.

load setup.bash
load gate.bash
load terminal.bash

setup() {
	gate_session
	LOG=$XDG_STATE_HOME/tallygate/audit.jsonl
}

# field N PATH: a value of line N of the log (-1: the last).
field() {
	python3 "$TOP/tests/audit_chain.py" get "$LOG" "$1" "$2"
}

# assert_fields N PATH VALUE [PATH VALUE]...
assert_fields() {
	run python3 "$TOP/tests/audit_chain.py" expect "$LOG" "$@"
	assert_success
}

teardown() {
	close_terminal
}

chain() {
	python3 "$TOP/tests/audit_chain.py" check "$@"
}

assert_chain() {
	run chain "$LOG"
	assert_success
	assert_output "$1"
	run "$BUILD/tally" audit verify "$LOG"
	assert_success
}

# A private mount namespace, in which a small file system stands where the log is.
with_small_disk() {
	local size=$1
	shift
	mkdir -p "$XDG_STATE_HOME/tallygate"
	chmod 700 "$XDG_STATE_HOME/tallygate"
	export -f gate
	export LOG WORK BUILD SESSION
	unshare --user --map-root-user --mount true 2>/dev/null || [ "$(id -u)" -eq 0 ] ||
		skip 'this machine lets nobody but root make a mount namespace'
	if [ "$(id -u)" -eq 0 ]; then
		unshare --mount bash -c "mount -t tmpfs -o size=$size none '$XDG_STATE_HOME/tallygate' || exit 99; $*"
	else
		unshare --user --map-root-user --mount bash -c \
			"mount -t tmpfs -o size=$size none '$XDG_STATE_HOME/tallygate' || exit 99; $*"
	fi
}

@test "a command that runs: who, what, how many, what is left" {
	run gate 'web[001-002]'
	assert_success
	assert_fields 1 \
		event.kind event \
		event.category '["process", "intrusion_detection"]' \
		event.type '["start", "allowed"]' \
		event.action command-allowed \
		event.outcome success \
		event.sequence 1 \
		process.args '["drain", "web[001-002]"]' \
		process.args_count 2 \
		process.command_line 'drain web[001-002]' \
		process.executable "$WORK/bin/drain" \
		process.working_directory "$PWD" \
		process.interactive false \
		user.effective.id "$(id -u)" \
		user.effective.name "$(id -un)" \
		host.name "$(hostname)" \
		related.hosts '["web001", "web002"]' \
		tallygate.verdict allow \
		tallygate.tool drain \
		tallygate.action stop \
		tallygate.targets.count 2 \
		tallygate.targets.folded 'web[001-002]' \
		tallygate.targets.digest "$(printf 'web[001-002]' | b2sum -l 256 | cut -d' ' -f1)" \
		tallygate.subsystem.0.name web \
		tallygate.subsystem.0.before 100 \
		tallygate.subsystem.0.after 98 \
		tallygate.subsystem.0.floor 60 \
		tallygate.session suite
	assert_equal "$(stat -c %a "$LOG")" 600
}

@test "the pid and the name of the record are those of the process and the ledger" {
	run gate 'web[001-002]'
	assert_fields 1 process.pid "$(sed -E 's/^drain ([0-9]+):.*/\1/' <<<"$output")"
	event=$(field 1 event.id)
	assert_regex "$event" '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'
	assert_equal "$(sqlite3 "$XDG_STATE_HOME/tallygate/ledger.db" 'SELECT event FROM admissions')" "$event"
}

@test "a denied command: an alert with the limit, its file and line, all reasons" {
	run gate 'web[001-100]'
	assert_equal "$status" 126
	assert_fields 1 \
		event.kind alert \
		event.type '["info", "denied"]' \
		event.action command-denied \
		event.outcome failure \
		rule.name too-many \
		rule.ruleset "$TOP/tests/gate_rules/policy/policy.cfg" \
		tallygate.verdict deny \
		tallygate.subsystem.0.after 0 \
		tallygate.subsystem.0.below true
	run field 1 tallygate.reasons
	assert_output --partial '"too-many"'
	assert_output --partial '"web floor"'
	assert_output --partial '"line": 3'
	assert_equal "$(field 1 rule.version)" "$(field 1 tallygate.policy.digest)"
	assert_regex "$(field 1 tallygate.policy.digest)" '^[0-9a-f]{64}$'
}

@test "the digest of the policy is another one when the policy is" {
	run gate web001
	cp -r "$TOP/tests/gate_rules" "$WORK/rules"
	RULES=$WORK/rules write_session "$SESSION"
	run gate web002
	assert_equal "$(field 1 tallygate.policy.digest)" "$(field 2 tallygate.policy.digest)"
	sed -i 's/deny_above = 50/deny_above = 51/' "$WORK/rules/policy/policy.cfg"
	run gate web003
	refute [ "$(field 2 tallygate.policy.digest)" = "$(field 3 tallygate.policy.digest)" ]
}

@test "nobody there to confirm, a number that was declared, right and wrong" {
	run gate 'web[001-003]'
	assert_fields 1 \
		event.action command-declined \
		tallygate.verdict confirm
	TALLY_EXPECT=4 run gate 'web[001-003]'
	assert_fields 2 \
		event.action command-declined \
		tallygate.approval.expected 4
	run field 2 event.reason
	assert_output '4 hosts were expected, the command names 3'
	TALLY_EXPECT=3 run gate 'web[001-003]'
	assert_fields 3 \
		event.action command-confirmed \
		tallygate.approval.by declaration
}

@test "a person: what was asked, what was answered" {
	open_terminal 100
	enter "export PATH='$PATH'; clear"
	enter "'$BUILD/tally-gate' '--session=$SESSION' -- '$WORK/bin/drain' drain 'web[001-003]'"
	see 'do you mean\? *$'
	type_answer 4
	see 'was not run'
	enter "'$BUILD/tally-gate' '--session=$SESSION' -- '$WORK/bin/drain' drain 'web[001-003]'"
	see 'do you mean\? *$'
	type_answer 3
	see '^drain [0-9]+: web'
	assert_fields 1 \
		process.interactive true \
		event.action command-declined \
		tallygate.approval.by terminal \
		tallygate.approval.challenge blind-count \
		tallygate.approval.answer 4
	run field 1 event.reason
	assert_output --partial 3
	assert_fields 2 \
		event.action command-confirmed \
		tallygate.approval.answer 3
}

@test "a read, and what cannot be judged" {
	run gate --list
	assert_fields 1 \
		event.action command-read \
		tallygate.action read
	cp -r "$TOP/tests/gate_rules" "$WORK/rules"
	RULES=$WORK/rules write_session "$SESSION"
	echo 'limits = (' >"$WORK/rules/policy/policy.cfg"
	run gate web001
	assert_equal "$status" 125
	assert_fields 2 \
		event.action command-failed \
		event.kind alert \
		tallygate.tool drain
}

@test "unknown is not a number: no count, no capacity" {
	run gate --from nofile
	assert_equal "$status" 126
	assert_fields 1 \
		tallygate.targets.known false \
		tallygate.targets.count missing
	run field 1 tallygate.targets.unknown
	assert_output --partial nofile
}

@test "a program that cannot be executed: allowed, and then the end of it" {
	chmod -x "$WORK/bin/drain"
	run gate web001
	assert_fields 1 event.action command-allowed
	assert_fields 2 \
		event.action command-not-executed \
		event.type '["end"]'
	assert_equal "$(field 1 event.id)" "$(field 2 event.id)"
}

@test "a probe: what it was and how old its answer" {
	HOSTS=2 run gate --everywhere
	assert_fields 1 \
		tallygate.probe.args '["list-hosts"]' \
		tallygate.probe.age 0 \
		tallygate.targets.everything true
}

@test "where the login came from, if it is an address" {
	SSH_CONNECTION='192.0.2.7 50022 192.0.2.1 22' run gate --list
	assert_fields 1 source.ip 192.0.2.7
	SSH_CONNECTION='fe80::1%eth0 50022 fe80::2 22' run gate --list
	assert_fields 2 source.ip fe80::1
	SSH_CONNECTION='nonsense 1 2 3' run gate --list
	assert_fields 3 source missing
	SSH_CONNECTION='' run gate --list
	assert_fields 4 source missing
}

@test "the audit login uid and session of the kernel, where there are any" {
	run gate --list
	login=$(cat /proc/self/loginuid) session=$(cat /proc/self/sessionid)
	[ "$login" != 4294967295 ] || login=missing
	[ "$session" != 4294967295 ] || session=missing
	assert_fields 1 \
		tallygate.audit.login_uid "$login" \
		tallygate.audit.session_id "$session"
}

@test "the processes above, nearest first" {
	cat >"$WORK/deploy" <<SCRIPT
#!/bin/bash
"$BUILD/tally-gate" "--session=$SESSION" -- "$WORK/bin/drain" drain --list
true
SCRIPT
	chmod +x "$WORK/deploy"
	"$WORK/deploy"
	assert_fields 1 \
		tallygate.chain.0.name deploy \
		tallygate.chain.0.executable "$(realpath /bin/bash)" \
		tallygate.chain.1.name bash
}

@test "secrets are in no form in the log" {
	run gate web001 --password hunter2
	assert_fields 1 process.args '["drain", "web001", "--password", "***"]'
	run gate web001 --password=hunter2
	assert_fields 2 process.args '["drain", "web001", "--password=***"]'
	# What no description knows, by its name.
	run gate --list DB_PASSWORD=hunter2 --api-token hunter2 --client-secret=hunter2
	assert_fields 3 process.args '["drain", "--list", "DB_PASSWORD=***", "--api-token", "***", "--client-secret=***"]'
	# Nor when the description is broken, so that nobody knows what is one.
	cp -r "$TOP/tests/gate_rules" "$WORK/rules"
	RULES=$WORK/rules write_session "$SESSION"
	echo 'tool = {' >"$WORK/rules/tools/drain.cfg"
	run gate web001 --password hunter2
	assert_equal "$status" 125
	assert_equal "$(wc -l <"$LOG")" 4
	run grep hunter2 "$LOG"
	assert_failure
}

@test "secrets are not in the words of a probe either" {
	cp -r "$TOP/tests/gate_rules" "$WORK/rules"
	RULES=$WORK/rules write_session "$SESSION"
	sed -i 's/run = \[ "list-hosts" \]/run = [ "list-hosts", "--password", "hunter2" ]/' \
		"$WORK/rules/tools/drain.cfg"
	run gate --everywhere
	assert_fields 1 tallygate.probe.args '["list-hosts", "--password", "***"]'
}

@test "an option that only looks like a secret hides no option" {
	run gate --list --no-password web001 --token --force
	assert_fields 1 process.args '["drain", "--list", "--no-password", "web001", "--token", "--force"]'
}

@test "no byte of the log can do anything to a screen" {
	run gate --list $'\e]0;x\a\e[2J' $'\xff\xfe' $'a\x7fb' $'\u202e\u009b' 'ü"\'
	run gate "web001"$'\e[31m'
	run bash -c "LC_ALL=C grep -n '[^ -~]' '$LOG'"
	assert_failure
	assert_fields 1 \
		process.args.3 '\xff\xfe' \
		process.args.4 $'a\x7fb' \
		process.args.6 'ü"\'
	assert_chain 2
}

@test "a very long command line is bounded, counted, and its digest is of all words" {
	run bash -c "'$BUILD/tally-gate' '--session=$SESSION' -- '$WORK/bin/drain' drain --list \$(seq -f host%-0.f-$(printf '%060d' 0) 1 15000) >/dev/null"
	assert_success
	assert [ "$(stat -c %s "$LOG")" -lt 200000 ]
	assert_fields 1 \
		process.args_count 15002 \
		process.args.2 host1-000000000000000000000000000000000000000000000000000000000000
	run field 1 tallygate.cut
	assert_output --partial '"process.args", "process.command_line"'
	run bash -c "'$BUILD/tally-gate' '--session=$SESSION' -- '$WORK/bin/drain' drain --list \$(seq -f host%-0.f-$(printf '%060d' 0) 1 14999) 7 >/dev/null"
	refute [ "$(field 1 tallygate.command.digest)" = "$(field 2 tallygate.command.digest)" ]
	run bash -c "'$BUILD/tally-gate' '--session=$SESSION' -- '$WORK/bin/drain' drain --list '$(head -c 100000 /dev/zero | tr '\0' x)' end >/dev/null"
	run field 3 process.args.2
	assert_output --regexp '^x+\.\.\. \(95904 bytes more\)$'
	assert_fields 3 process.args.3 end
	assert_chain 3
}

@test "100,000 targets are bounded, counted, and their digest is of all of them" {
	python3 -c '
import random
random.seed(1)
print("\n".join("r%dn%d" % (random.randrange(10**6), random.randrange(10**6)) for _ in range(100000)))
' | sort -u >"$WORK/many"
	run gate --from "$WORK/many"
	assert_equal "$status" 126
	assert [ "$(stat -c %s "$LOG")" -lt 100000 ]
	assert_fields 1 tallygate.targets.count "$(wc -l <"$WORK/many")"
	run field 1 tallygate.cut
	assert_output --partial tallygate.targets.folded
	assert_output --partial related.hosts
	digest=$("$BUILD/tally" explain --json --rules "$TOP/tests/gate_rules" -- drain --from "$WORK/many" |
		python3 -c 'import json,sys,hashlib
print(hashlib.blake2b(json.load(sys.stdin)["targets"].encode(),digest_size=32).hexdigest())')
	assert_fields 1 tallygate.targets.digest "$digest"
}

@test "the chain holds by its description alone" {
	for number in 1 2 3 4 5; do
		run gate "web00$number"
	done
	assert_chain 5
	hash=$(sed -n 3p "$LOG" | tr -d '\n' | head -c -76 | b2sum -l 256 | cut -d' ' -f1)
	assert_fields 3 event.hash "$hash"
	assert_fields 4 tallygate.previous "$hash"
}

@test "on the disk before the command starts, but not for a read" {
	trace() {
		strace -f -y -o "$WORK/trace" -e trace=fdatasync,fsync,execve "$BUILD/tally-gate" \
			"--session=$SESSION" -- "$WORK/bin/drain" drain "$@"
	}
	trace web001 || skip 'strace cannot trace here'
	run sed -nE 's/.*(fdatasync)\([0-9]+<.*audit\.jsonl>.*/\1/p; s/.*(execve)\(".*\/drain".*/\1/p' "$WORK/trace"
	assert_output $'fdatasync\nexecve'
	trace --list
	run sed -nE 's/.*(f[a-z]*sync)\([0-9]+<.*audit\.jsonl>.*/\1/p; s/.*(execve)\(".*\/drain".*/\1/p' "$WORK/trace"
	assert_output execve
}

@test "appending reads the end of the log only, whatever its size" {
	mkdir -p "${LOG%/*}"
	python3 "$TOP/tests/audit_chain.py" grow "$LOG" 20000
	strace -f -y -o "$WORK/trace" -e trace=read,pread64,readv,mmap "$BUILD/tally-gate" \
		"--session=$SESSION" -- "$WORK/bin/drain" drain --list || skip 'strace cannot trace here'
	run awk '/audit\.jsonl/ { bytes += $NF } END { print bytes + 0 }' "$WORK/trace"
	assert [ "$output" -gt 0 ]
	assert [ "$output" -lt 1000 ]
	assert_chain 20001
}

@test "fifty writers at once: one chain, nobody lost" {
	for number in $(seq 50); do
		gate --list "$number" >/dev/null &
	done
	wait
	assert_chain 50
	run bash -c "grep -o '\"args\":\[\"drain\",\"--list\",\"[0-9]*\"' '$LOG' | sort -u | wc -l"
	assert_output 50
}

@test "writers that are killed at any moment leave a chain that goes on" {
	for round in $(seq 30); do
		gate --list "$round" >/dev/null &
		kill -9 $! 2>/dev/null || :
		"$BUILD/tally-gate" "--session=$SESSION" -- "$WORK/bin/drain" drain --list x >/dev/null &
		victim=$!
		[ $((round % 3)) -eq 0 ] || read -rt 0.00$((round % 7)) <> <(:) || :
		kill -9 $victim 2>/dev/null || :
	done
	wait
	run gate --list last
	assert_success
	run "$BUILD/tally" audit verify "$LOG"
	assert_success
}

@test "half a record after a power failure: the next one tells of it, and the chain goes on" {
	run gate web001
	run gate web002
	head -c 300 "$LOG" >"$WORK/half"
	cat "$WORK/half" >>"$LOG"
	run "$BUILD/tally" audit verify "$LOG"
	assert_equal "$status" 1
	assert_output --partial ':3: the last line is torn'
	run gate web003
	assert_success
	assert_fields 4 \
		event.action log-recovered \
		tallygate.torn.bytes 301 \
		event.sequence 3
	assert_fields 5 \
		event.action command-allowed \
		event.sequence 4
	run "$BUILD/tally" audit verify "$LOG"
	assert_success
	assert_output --partial 'torn lines that later records tell of: 1'
	# What is torn cannot be used to hide an edit: it is part of the chain too.
	sed -i '3s/drain/drown/' "$LOG"
	run "$BUILD/tally" audit verify "$LOG"
	assert_equal "$status" 1
	assert_output --partial ':3: '
}

@test "zeros, and a file that is nothing but rubbish" {
	run gate web001
	head -c 5000 /dev/zero >>"$LOG"
	run gate web002
	assert_success
	run "$BUILD/tally" audit verify "$LOG"
	assert_success
	printf 'what is this\nno log\n\n' >"$LOG"
	run gate web003
	assert_success
	run "$BUILD/tally" audit verify "$LOG"
	assert_success
	assert_output --partial 'whole: 2 records'
}

@test "a full disk: the command is refused and told why, the log stays whole" {
	run with_small_disk 256k '
		gate --list one
		dd if=/dev/zero of="${LOG%/*}/filler" bs=1k status=none 2>/dev/null
		for i in $(seq 20); do gate --list "$i" >>"$WORK/ran" 2>>"$WORK/err" || echo refused $?; done
		cp "$LOG" "$WORK/full.jsonl"
		rm "${LOG%/*}/filler"
		gate web001 && cp "$LOG" "$WORK/after.jsonl"'
	assert_success
	assert_line 'refused 125'
	assert_line --regexp '^drain [0-9]+: web001$'
	run cat "$WORK/err"
	assert_output --partial 'cannot be written: No space left on device; make room there'
	run "$BUILD/tally" audit verify "$WORK/full.jsonl"
	assert_success
	run "$BUILD/tally" audit verify "$WORK/after.jsonl"
	assert_success
}

@test "a disk that was full from the start" {
	run with_small_disk 256k '
		dd if=/dev/zero of="${LOG%/*}/filler" bs=1k status=none 2>/dev/null
		gate --list; echo "status $?"; gate web001; echo "status $?"'
	assert_line 'status 125'
	refute_line --regexp '^drain '
	assert_output --partial 'No space left on device'
}

@test "a log that cannot be written: nothing guarded runs, everything else does" {
	run with_small_disk 1m '
		gate --list one
		mount -o remount,ro "${LOG%/*}"
		gate --list two; echo "read $?"
		gate "web[001-100]"; echo "denied $?"
		"$BUILD/tally-gate" "--session=$SESSION" -- /bin/echo echo hello'
	assert_success
	assert_line --regexp '^drain [0-9]+: --list one$'
	refute_line --regexp '^drain [0-9]+: --list two$'
	assert_line 'read 125'
	assert_line 'denied 126'
	assert_line hello
	assert_output --partial 'mounted read-only'
}

@test "what is no plain file of its own is not written to" {
	mkdir -p "${LOG%/*}"
	ln -s "$WORK/elsewhere" "$LOG"
	run --separate-stderr gate --list
	assert_equal "$status" 125
	assert_regex "$stderr" 'symbolic link'
	rm "$LOG"
	touch "$WORK/other"
	ln "$WORK/other" "$LOG"
	run --separate-stderr gate --list
	assert_equal "$status" 125
	assert_regex "$stderr" 'hard link'
	assert_equal "$(stat -c %s "$WORK/other")" 0
	rm "$LOG"
	mkfifo "$LOG"
	run --separate-stderr gate --list
	assert_equal "$status" 125
	assert_regex "$stderr" 'not a regular file'
	rm "$LOG"
	mkdir "$LOG"
	run --separate-stderr gate --list
	assert_equal "$status" 125
}

@test "the user's limit on file sizes: refused, not killed" {
	run gate --list
	run --separate-stderr bash -c "ulimit -f 1; '$BUILD/tally-gate' '--session=$SESSION' -- '$WORK/bin/drain' drain --list two"
	assert_equal "$status" 125
	assert_regex "$stderr" 'ulimit -f'
	assert_chain 1
}

@test "what root makes below sudo belongs to the user, who goes on with it" {
	[ "$(id -u)" -eq 0 ] || skip 'only root can make a file that is not its own'
	mkdir "$WORK/home"
	chown 65534:65534 "$WORK/home"
	# The checkout may be in a directory that nobody but root can read.
	cp -r "$TOP/tests/gate_rules" "$BUILD/tally-gate" "$WORK/"
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$BATS_TEST_TMPDIR" "$WORK" "$SESSION"
	export XDG_STATE_HOME=$WORK/home/.local/state BUILD=$WORK
	LOG=$XDG_STATE_HOME/tallygate/audit.jsonl
	RULES=$WORK/gate_rules write_session "$SESSION"
	mkdir "$SESSION/grants"
	chown -R 65534:65534 "$SESSION"
	run gate web001
	assert_success
	assert_equal "$(stat -c %u:%a "$LOG" "$WORK/home/.local" "${LOG%/*}/ledger.db" "${LOG%/*}" | sort -u | tr '\n' ' ')" \
		'65534:600 65534:700 '
	run setpriv --reuid 65534 --regid 65534 --clear-groups "$BUILD/tally-gate" "--session=$SESSION" -- "$WORK/bin/drain" drain web002
	assert_success
	assert_fields 2 \
		user.effective.id 65534 \
		event.action command-allowed \
		tallygate.ledger missing
}

@test "a log somebody else has locked: refused after a while, and said how to look" {
	run gate --list
	exec 8<"$LOG"
	flock 8
	run --separate-stderr gate --list
	exec 8<&-
	assert_equal "$status" 125
	assert_regex "$stderr" 'has been locked for 5 seconds; `lslocks` shows'
}

@test "a log that was moved away is begun anew" {
	run gate --list
	mv "$LOG" "$WORK/moved"
	run gate --list
	assert_success
	assert_chain 1
}

@test "nothing is recorded of what is no known tool" {
	run "$BUILD/tally-gate" "--session=$SESSION" -- /bin/echo echo hello
	assert_success
	assert_not_exist "$LOG"
}
