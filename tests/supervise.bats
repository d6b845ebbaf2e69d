#!/usr/bin/env bats
# The supervisor: it sees every exec of a session, whatever the caller is, lets the unguarded
# ones go on and puts the guarded ones behind the gate, in the caller's own process.

load setup.bash
load gate.bash
load supervise.bash

setup() {
	supervise_session
}

# ---- what is not guarded ----

@test "an unguarded command runs with its arguments, input and status" {
	run supervised sh -c 'cat; printf "<%s>" "$@"; exit 7' x 'a b' '' <<<input
	assert_failure 7
	assert_output $'input\n<a b><>'
}

@test "a script without #!, a missing and a forbidden file give what they give outside" {
	printf 'echo here\n' >"$WORK/plain"
	chmod +x "$WORK/plain"
	run supervised sh -c "$WORK/plain; $WORK/missing; $WORK"
	assert_failure 126
	assert_line here
	assert_line --partial "$WORK/missing: not found"
	assert_line --partial "$WORK: Permission denied"
}

@test "a thousand starts leave no descriptor and no zombie behind" {
	run supervised sh -c "
		p=\$PPID; before=\$(ls /proc/\$p/fd | wc -l)
		'$CALLER' loop 1000 /bin/true
		echo \$((\$(ls /proc/\$p/fd | wc -l) - before))"
	assert_success
	assert_output 0
}

@test "root keeps the right to gain privileges, as sudo needs it" {
	[ "$(id -u)" -eq 0 ] || skip "an ordinary user may not install a filter otherwise"
	run supervised grep NoNewPrivs /proc/self/status
	assert_line $'NoNewPrivs:\t0'
}

@test "a session inside of a session is told so" {
	run supervised "$BUILD/supervise/supervised" "$TOP/tests/gate_rules" "$STATE" \
		"$BUILD/tally-gate" true
	assert_failure 125
	assert_line 'supervised: nested'
}

# ---- what is ----

@test "a guarded command runs in the caller's own process" {
	run supervised sh -c 'echo $$; exec drain --list a1'
	assert_success
	assert_line --index 1 "drain ${lines[0]}: --list a1"
}

@test "a guarded command gets argv[0], environment, input and directory unchanged" {
	cat >"$DRAIN" <<'SCRIPT'
#!/bin/bash
echo "$PWD $COLOUR $(cat) $#"
SCRIPT
	run supervised env -i COLOUR=red PATH="$PATH" sh -c \
		"cd '$WORK' && echo in | drain --list a1"
	assert_output "$WORK red in 2"
	cp /bin/echo "$WORK/drain-binary"
	mv "$WORK/drain-binary" "$DRAIN"
	run supervised bash -c 'exec -a other drain --list a1'
	assert_success
	assert_output '--list a1'
}

@test "a guarded command's end is in the log, with its status" {
	printf '#!/bin/sh\nexit 3\n' >"$DRAIN"
	run supervised drain --list a1
	assert_failure 3
	run tail -n 1 "$STATE/audit.jsonl"
	assert_output --partial '"action":"command-ended"'
	assert_output --partial '"exit_code":3'
	run "$BUILD/tally" audit verify --state "$STATE"
	refute_output --partial 'is missing'
}

@test "a guarded command is found by its name and by its file" {
	ln -s "$DRAIN" "$WORK/link"
	ln "$DRAIN" "$WORK/hard"
	mkdir "$WORK/venv"
	cp "$DRAIN" "$WORK/venv/drain"
	ln -s "$WORK/venv/drain" "$WORK/to-copy"
	held "$DRAIN" 'a[1-99]'
	held drain 'a[1-99]'
	held "$WORK/link" 'a[1-99]'
	held "$WORK/hard" 'a[1-99]'
	held "$WORK/venv/drain" 'a[1-99]'
	held "$WORK/to-copy" 'a[1-99]'
	held sh -c "cd '$WORK/venv' && exec ../bin/drain 'a[1-99]'"
	held sh -c "cd '$WORK/bin' && exec ./drain 'a[1-99]'"
}

@test "a guarded command is found behind interpreters, ld.so and #! lines" {
	printf '#!%s\n' "$DRAIN" >"$WORK/play"
	printf '#!/usr/bin/env drain\n' >"$WORK/play-env"
	chmod +x "$WORK"/play*
	held sh "$DRAIN" 'a[1-99]'
	held bash --norc -e "$DRAIN" 'a[1-99]'
	held "$(ls /lib64/ld-linux-x86-64.so.2 /lib/ld-linux-aarch64.so.1 2>/dev/null)" \
		/bin/sh "$DRAIN" 'a[1-99]'
	held sh -c "cd '$WORK/bin' && sh drain 'a[1-99]'"
	held "$WORK/play" 'a[1-99]'
	held "$WORK/play-env" 'a[1-99]'
}

@test "a script run by a guarded interpreter gets what the kernel would give it" {
	cp /bin/echo "$DRAIN"
	printf '#!%s --list\n' "$DRAIN" >"$WORK/play"
	chmod +x "$WORK/play"
	run supervised "$WORK/play" b
	assert_output "--list $WORK/play b"
}

@test "a guarded command is found by descriptor" {
	cp "$DRAIN" "$WORK/gone"
	held bash -c "exec 5<'$DRAIN'; exec /proc/self/fd/5 'a[1-99]'"
	held bash -c "exec 5<'$DRAIN'; exec sh /dev/fd/5 'a[1-99]'"
	held "$CALLER" memory drain "$DRAIN" 'a[1-99]'
	ln -s /proc/self/fd/7 "$WORK/seven"
	held bash -c "exec 7<'$DRAIN'; exec '$WORK/seven' 'a[1-99]'"
}

@test "a binary from a memory file that goes away runs once it is let through" {
	cp /bin/echo "$DRAIN"
	run supervised "$CALLER" memory drain "$DRAIN" --list a1
	assert_success
	assert_output '--list a1'
}

@test "a guarded command is seen from other languages and in other mounts" {
	held python3 -c "import os; os.execvp('drain', ['drain', 'a[1-99]'])"
	held python3 -c "import subprocess; subprocess.run(['drain', 'a[1-99]'])"
	held python3 -c "import subprocess; subprocess.run(['drain', 'a[1-99]'], close_fds=False)"
	held perl -e "exec 'drain', 'a[1-99]'"
	held find "$DRAIN" -exec drain 'a[1-99]' ';'
	held env -i "$DRAIN" 'a[1-99]'
	if [ "$(id -u)" -eq 0 ]; then
		mkdir "$WORK/mount"
		held unshare -m sh -c "mount -t tmpfs none '$WORK/mount' &&
			cp '$DRAIN' '$WORK/mount/' && '$WORK/mount/drain' 'a[1-99]'"
	fi
}

@test "a thread of a threaded program may start a guarded command" {
	held python3 -c "
import os, threading, time
for i in range(4): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
t = threading.Thread(target=os.execvp, args=('drain', ['drain', 'a[1-99]']))
t.start(); t.join()"
	held python3 -c "
import subprocess, threading, time
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
subprocess.run(['drain', 'a[1-99]'], close_fds=False)"
}

# ---- the gate itself ----

@test "a gate that is told another session serves this one" {
	run supervised "$BUILD/tally-gate" --session=/nonexistent -- "$DRAIN" drain 'a[1-99]'
	assert_failure 126
	assert_line --partial 'denied: drain would stop 99 hosts'
	run supervised "$BUILD/tally-gate" -- "$DRAIN" drain 'a[1-99]'
	assert_failure 126
}

@test "a program written in Go starts a guarded command, as a plugin of its own" {
	command -v kubectl >/dev/null || skip "kubectl is not installed"
	printf '#!/bin/sh\nexec drain "$@"\n' >"$WORK/bin/kubectl-hello"
	chmod +x "$WORK/bin/kubectl-hello"
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		held kubectl hello 'a[1-99]'
	done
}

@test "the shim and the supervisor together ask once" {
	without_sanitiser
	run supervised sh -c "
		export TALLY_SESSION=\$(echo '$XDG_RUNTIME_DIR'/tallygate/*)
		export LD_PRELOAD='$BUILD/\$LIB/libtally.so'
		sh -c \"drain 'a[1-99]'\""
	assert_failure 126
	assert_equal "$(grep -c '^tallygate: denied' <<<"$output")" 1
}

@test "a gate that waits holds up nobody" {
	mkfifo "$WORK/answer"
	printf '#!/bin/sh\necho asked >&2\ncat "%s"\n' "$WORK/answer" >"$WORK/bin/list-hosts"
	run supervised sh -c "
		TALLY_EXPECT=2 drain --everywhere & gate=\$!
		for i in \$(seq 64); do '$CALLER' loop 20 /bin/true & loops=\"\$loops \$!\"; done
		for l in \$loops; do wait \$l || echo failed; done
		kill -0 \$gate && echo 'still waiting'
		printf 'a1\na2\n' >'$WORK/answer'
		wait \$gate"
	assert_success
	assert_line 'still waiting'
	assert_line --regexp '^drain [0-9]+: --everywhere$'
	refute_line failed
}

@test "many callers of all kinds at once are served, and nothing is left over" {
	cp /bin/true "$DRAIN"
	cp /bin/true "$WORK/bin/drail"
	cat >"$WORK/all" <<SCRIPT
fds() { ls /proc/\$1/fd | wc -l; }
supervisor=\$PPID before=\$(fds \$PPID)
for i in 1 2 3 4 5 6 7 8; do
	'$CALLER' loop 20 '$DRAIN' --list a1 || echo failed &
	'$CALLER' loop 100 /bin/true || echo failed &
	for kind in dynamic static dynamic32 static32; do
		[ ! -x '$BUILD'/routes/route-\$kind ] ||
			'$BUILD'/routes/route-\$kind thread '$DRAIN' --list a1 || echo failed &
	done
done
'$CALLER' swap 30 '$WORK/bin/drail' '$DRAIN' 'a[1-99]' >/dev/null 2>&1 || echo failed &
'$CALLER' vmswap 30 '$WORK/bin/drail' '$DRAIN' 'a[1-99]' >/dev/null 2>&1 || echo failed &
wait
[ \$(fds \$supervisor) -le \$before ] || ls -l /proc/\$supervisor/fd
SCRIPT
	run timeout -s KILL 90 "$BUILD/supervise/supervised" "$TOP/tests/gate_rules" "$STATE" \
		"$BUILD/tally-gate" sh "$WORK/all"
	assert_success
	assert_output ''
}

# ---- awkward callers ----

@test "a path rewritten after it was looked at starts nothing guarded" {
	cp /bin/true "$WORK/bin/drail"
	for mode in swap vmswap; do
		run supervised "$CALLER" $mode 150 "$WORK/bin/drail" "$DRAIN" 'a[1-99]'
		assert_success
		refute_line --regexp '^drain [0-9]+:'
		# The two threads do meet: some are started, some are seen.
		assert_line --regexp '^status 0: [0-9]+$'
		assert_line --regexp '^status (126|137): [0-9]+$'
		refute_line --regexp '^status 99:'
	done
}

@test "signals during the exec neither ask twice nor let it through" {
	held "$CALLER" signals 200 "$DRAIN" 'a[1-99]'
	run supervised "$CALLER" signals 200 /bin/true
	assert_success
	run supervised "$CALLER" signals 200 "$DRAIN" --list a1
	assert_success
}

@test "two megabytes of arguments reach the gate and the tool" {
	cp /bin/echo "$DRAIN"
	run supervised sh -c "'$CALLER' arguments 1900000 '$DRAIN' --list | wc -c"
	assert_success
	# --list, and 1900 words of 999 bytes with a blank before each.
	assert_output $((6 + 1900 * 1000 + 1))
}

@test "a caller without a free descriptor is refused, and told why" {
	run supervised "$CALLER" full "$DRAIN" 'a[1-99]'
	assert_failure 98
	assert_line 'caller: errno 1'
	assert_line 'tallygate: drain was not started: the gate cannot take its place: Too many open files'
}

@test "a caller with closed standard descriptors is no trouble" {
	run supervised sh -c "exec <&- ; drain --list a1"
	assert_success
	run supervised sh -c "exec <&- >&-; drain 'a[1-99]'"
	assert_failure 126
	assert_line --partial 'denied: drain would stop 99 hosts'
}

@test "a traced caller is refused, and told why once" {
	command -v strace >/dev/null || skip "strace is not installed"
	run supervised strace -f -o /dev/null "$CALLER" path drain 'a[1-99]'
	assert_equal "$(grep -c 'drain was not started: its caller, process [0-9]*, is traced by strace' <<<"$output")" 1
	refute_line --regexp '^drain [0-9]+:'
	run cat "$STATE/session.log"
	assert_output --regexp 'refused drain \(process [0-9]+\): its caller'
	run supervised strace -f -o "$WORK/trace" "$CALLER" loop 3 /bin/true
	assert_success
	assert_equal "$(grep -c '"/bin/true"' "$WORK/trace")" 4
}

@test "a debugger works, and what it starts is held" {
	command -v gdb >/dev/null || skip "gdb is not installed"
	run supervised gdb -batch -ex run --args "$CALLER" loop 2 /bin/true
	assert_success
	assert_output --partial 'exited normally'
	run supervised gdb -batch -ex run --args "$CALLER" loop 1 "$DRAIN" 'a[1-99]'
	refute_line --regexp '^drain [0-9]+:'
}

@test "a denied command is asked for once, however often its caller looks for it" {
	held "$CALLER" path drain 'a[1-99]'
	held dash -c "drain 'a[1-99]'"
}

@test "an ordinary user's callers are held, also those that cannot be read" {
	as_nobody
	held sh -c "drain 'a[1-99]'"
	held perl -e 'unless (fork) { unless (fork) { exec @ARGV } exit } wait; wait;
		select undef, undef, undef, 0.5' drain 'a[1-99]'
	cp "$CALLER" "$WORK/execute-only"
	chmod 711 "$WORK/execute-only"
	chown root "$WORK/execute-only"
	for caller in "$CALLER hidden" "$WORK/execute-only loop 1"; do
		# shellcheck disable=SC2086
		run supervised $caller "$DRAIN" 'a[1-99]'
		assert_failure 98
		refute_line --regexp '^drain [0-9]+:'
	done
	run supervised "$CALLER" hidden /bin/echo hello
	assert_success
	assert_output hello
	run cat "$STATE/session.log"
	assert_output --partial 'refused drain'
	assert_output --partial 'cannot read what its caller wants'
}

@test "sudo's intercept is blind in here, and the log says so" {
	[ "$(id -u)" -eq 0 ] || skip "only root can give sudo another configuration"
	command -v sudo >/dev/null || skip "sudo is not installed"
	cat >"$WORK/sudoers" <<'SUDOERS'
Defaults intercept, intercept_type=trace
root ALL=(ALL:ALL) ALL
SUDOERS
	chmod 440 "$WORK/sudoers"
	chown root:root "$WORK/sudoers"
	unshare -m sh -c "mount --bind '$WORK/sudoers' /etc/sudoers && sudo true" ||
		skip "sudo does not work here with a configuration of its own"
	# Its mount is made before the session: the supervisor and sudo see the same.
	run unshare -m sh -c "mount --bind '$WORK/sudoers' /etc/sudoers && exec \"\$@\"" x \
		"$BUILD/supervise/supervised" "$TOP/tests/gate_rules" "$STATE" \
		"$BUILD/tally-gate" setsid -w sudo sh -c '/bin/true; /bin/true'
	assert_success
	run cat "$STATE/session.log"
	assert_output --regexp 'process [0-9]+ traces the commands of process [0-9]+ by seccomp'
}

@test "holding the session's first process for a moment does not stop the session" {
	without_sanitiser
	for caller in "$CALLER path drain" "$BUILD/routes/route-static thread $DRAIN"; do
		for _ in 1 2 3 4 5; do
			# shellcheck disable=SC2086
			run timeout -s KILL 60 setsid -w "$BUILD/tally" shell \
				--rules "$TOP/tests/gate_rules" -- $caller 'a[1-99]'
			assert_failure 126
			assert_line --partial 'denied: drain would stop 99 hosts'
		done
	done
}
