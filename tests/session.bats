#!/usr/bin/env bats
# Embedded sessions in a real terminal: job control, signals, what outlives the shell, and
# what happens when the supervisor is killed.

load setup.bash
load terminal.bash
load gate.bash

setup() {
	gate_session
	export SHELL=/bin/bash PATH=$BUILD:$PATH
	printf 'PS1="in> "\nPS2=\nunset PROMPT_COMMAND\n' >"$HOME/.bashrc"
	RULES="--rules $TOP/tests/gate_rules"
	cd "$BATS_TEST_TMPDIR"
}

teardown() {
	close_terminal
	local pid
	for pid in "${LEFT[@]}"; do
		kill -KILL "$pid" 2>/dev/null || true
	done
}

# open_session: a terminal, and `tally shell` started in it by hand.
open_session() {
	open_terminal
	enter "tally shell $RULES"
	see '^in>$'
}

# until_true CMD...: a minute is a failure, not a delay.
until_true() {
	local end=$((SECONDS + 60))
	until "$@"; do
		if ((SECONDS > end)); then
			echo "never came true: $*"
			return 1
		fi
	done
}

# A zombie has ended; who is to look at it is another matter.
ended() {
	local state
	state=$(sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2>/dev/null) || return 0
	[[ -z $state || $state == [ZX] ]]
}

stopped() {
	[[ $(sed 's/.*) //; s/ .*//' "/proc/$1/stat") == T ]]
}

no_sessions() {
	[[ -z $(ls "$XDG_RUNTIME_DIR/tallygate" 2>/dev/null) ]]
}

has_text() {
	[[ -s $1 ]]
}

# supervisor: pid of the only session's, from its description.
supervisor() {
	sed -n 's/^supervisor = \([0-9]*\);/\1/p' "$XDG_RUNTIME_DIR"/tallygate/*/session.cfg
}

@test "the shell has the terminal, and the caller gets its status" {
	open_session
	enter 'echo "shell $0, $SHELL"; tty; [ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo all'
	see '^shell bash, /bin/bash$'
	see '^/dev/pts/'
	see '^all$'
	enter 'exit 3'
	see '^exit$'
	enter 'echo "status $?"'
	see '^status 3$'
	until_true no_sessions
}

@test "Ctrl-C reaches what runs, and only that" {
	open_session
	enter 'sleep 1000'
	see '^in> sleep 1000$'
	until_true pgrep -x -t "$(on_terminal display -p '#{pane_tty}' | sed s,/dev/,,)" sleep
	keys C-c
	see '^\^C$'
	enter 'echo "status $?"'
	see '^status 130$'
	keys C-c
	enter 'echo still there'
	see '^still there$'
}

@test "Ctrl-Z, bg, fg, jobs" {
	open_session
	enter 'sleep 1000'
	until_true pgrep -x -t "$(on_terminal display -p '#{pane_tty}' | sed s,/dev/,,)" sleep
	keys C-z
	see '^\[1\]\+  Stopped +sleep 1000$'
	enter 'bg'
	see '^\[1\]\+ sleep 1000 &$'
	enter 'jobs'
	see '^\[1\]\+  Running +sleep 1000 &$'
	enter 'fg'
	see_times 2 '^sleep 1000$|^in> sleep 1000$'
	keys C-c
	enter 'echo "status $?"'
	see '^status 130$'
}

@test "suspend gives the terminal back to the caller, and fg goes on" {
	open_session
	enter 'suspend'
	see '^\[1\]\+  Stopped +tally shell'
	enter 'echo "outside $PS1"'
	see '^outside \$ $|^outside \$$'
	enter 'fg'
	see "^tally shell"
	enter 'echo "inside $PS1"'
	see '^inside in>'
	# The shell has its job control as before.
	enter 'sleep 1000'
	until_true pgrep -x -t "$(on_terminal display -p '#{pane_tty}' | sed s,/dev/,,)" sleep
	keys C-z
	see '^\[1\]\+  Stopped +sleep 1000$'
	enter 'kill %1; exit; exit'
	see_times 2 '^\$'
	enter 'echo "back $PS1"'
	see '^back \$'
}

@test "a command in place of the shell: Ctrl-Z, fg, Ctrl-C" {
	open_terminal
	enter "tallysh -c 'echo begun; sleep 1000; echo \"inner status \$?\"'"
	see '^begun$'
	keys C-z
	see '^\[1\]\+  Stopped +tallysh'
	enter 'fg'
	see_times 2 "tallysh -c 'echo begun"
	keys C-c
	see '^\^C$'
	enter 'echo "status $?"'
	see '^status 130$'
}

@test "started in the background it waits for the terminal, as a shell does" {
	open_terminal
	enter "tally shell $RULES &"
	see '^\[1\] [0-9]+$'
	until_true stopped "$(screen | sed -n 's/^\[1\] //p')"
	enter ''
	see '^\[1\]\+  Stopped +tally shell'
	enter 'fg'
	see '^in>$'
	enter 'exit 7'
	see '^exit$'
	enter 'echo "status $?"'
	see '^status 7$'
}

@test "when the terminal goes the shell is told" {
	cat >loop <<'LOOP'
trap "echo hangup >$1; exit" HUP
echo $$ >$1.pid
while :; do sleep 0.1; done
LOOP
	open_terminal
	# Once as the leader of the terminal's session, as below sshd, once below a shell.
	on_terminal new-window "exec tally shell $RULES -- sh loop leader"
	until_true has_text leader.pid
	on_terminal kill-window
	until_true has_text leader
	enter "tally shell $RULES -- sh loop below"
	until_true has_text below.pid
	close_terminal
	until_true has_text below
	until_true no_sessions
}

@test "a guarded command in the foreground is asked about and runs in its own process" {
	open_session
	enter 'sh -c '\''echo "before $$"; exec drain "web[001-003]"'\'''
	see 'do you mean\? *$'
	type_answer 3
	see '^drain [0-9]+: web\[001-003\]$'
	run screen
	local before after
	before=$(sed -n 's/^before \([0-9]*\)$/\1/p' <<<"$output")
	after=$(sed -n 's/^drain \([0-9]*\): .*/\1/p' <<<"$output")
	assert [ -n "$before" ]
	assert_equal "$after" "$before"
}

@test "a guarded command in a pipeline, with standard input from a file" {
	open_session
	printf 'one\ntwo\n' >lines
	printf '#!/bin/sh\necho "drain read $(wc -l)"\n' >"$WORK/bin/drain"
	enter 'drain "web[001-003]" <lines | sed "s/^/through: /"; echo "status ${PIPESTATUS[*]}"'
	see 'do you mean\? *$'
	type_answer 3
	see '^through: drain read 2$'
	see '^status 0 0$'
	enter 'echo nothing | drain "web[001-003]" | sed "s/^/through: /"; echo "status ${PIPESTATUS[*]}"'
	see_times 2 'do you mean\? *[0-9]*$'
	type_answer 4
	see '^status 0 126 0$'
	run screen
	assert_output --partial 'you meant 4 hosts, the command names 3'
	refute_output --partial 'through: drain read 1'
}

@test "a guarded command in the background stops, is asked in the foreground, is the same job" {
	open_session
	enter 'drain "web[001-003]" & echo "job $!"'
	see '^job [0-9]+$'
	until_true stopped "$(screen | sed -n 's/^job //p')"
	enter 'jobs'
	see '^\[1\]\+  Stopped +drain'
	enter 'fg'
	see 'do you mean\? *$'
	type_answer 3
	see '^drain [0-9]+: web\[001-003\]$'
	run screen
	assert_equal "$(sed -n 's/^drain \([0-9]*\): .*/\1/p' <<<"$output")" \
		"$(sed -n 's/^job \([0-9]*\)$/\1/p' <<<"$output")"
}

@test "a job that outlives the shell stays guarded, and the session ends with it" {
	mkfifo go
	cat >job <<'JOB'
echo $$ >job.pid
read -r line <go
drain 'web[001-100]' >job.out 2>job.err
echo "status $?" >job.status
JOB
	run tally shell $RULES -- bash -c 'nohup setsid sh job </dev/null >/dev/null 2>&1 &'
	assert_success
	until_true has_text job.pid
	LEFT+=("$(cat job.pid)")
	run ls "$XDG_RUNTIME_DIR/tallygate"
	assert [ -n "$output" ]
	echo >go
	until_true has_text job.status
	assert_equal "$(cat job.status)" 'status 126'
	assert_equal "$(cat job.out)" ''
	run cat job.err
	assert_output --partial 'drain would stop 100 hosts'
	until_true no_sessions
}

@test "what stays behind holds neither the terminal nor a pipe" {
	open_session
	enter 'nohup sleep 1000 </dev/null >/dev/null 2>&1 & echo $! >left; supervisor=$(cat '"$XDG_RUNTIME_DIR"'/tallygate/*/session.cfg | sed -n "s/^supervisor = \([0-9]*\);/\1/p"); echo $supervisor >keeper'
	until_true has_text keeper
	LEFT+=("$(cat left)")
	local keeper
	keeper=$(cat keeper)
	run readlink "/proc/$keeper/fd/"*
	assert_success
	refute_output --partial /dev/pts/
	enter 'exit'
	see '^exit$'
	enter 'echo "status $?"'
	see '^status 0$'
	# In a session of its own, without a terminal.
	until_true eval '[[ $(ps -o sid= -o tty= -p '"$keeper"') =~ ^\ *'"$keeper"'\ +\?$ ]]'
	kill "$(cat left)"
	until_true ended "$keeper"
	until_true no_sessions
}

@test "stopped jobs are hung up when their shell ends" {
	run tally shell $RULES -- bash -c 'set -m
		sleep 1000 >/dev/null 2>&1 & echo $! >left
		kill -STOP $!
		until grep -q "^State:.T" /proc/$!/status; do :; done'
	assert_success
	LEFT+=("$(cat left)")
	until_true ended "$(cat left)"
	until_true no_sessions
}

@test "the supervisor is killed: nothing starts any more, the screen says why, exit works" {
	open_session
	kill -KILL "$(supervisor)"
	see 'tallygate: the supervisor of this session has ended'
	enter ''
	enter 'drain "web[001-003]"; echo "status $?"'
	see 'Function not implemented'
	see '^status 126$'
	run screen
	refute_line --regexp '^drain [0-9]+:'
	# Job control goes on without it.
	enter 'suspend'
	see '^\[1\]\+  Stopped +tally shell'
	enter 'fg'
	see_times 2 "tally shell"
	enter 'exit 5'
	see '^exit$'
	enter 'echo "status $?"'
	see '^status 5$'
	until_true no_sessions
}

@test "the supervisor is killed without a terminal: on the shell's standard error" {
	run tally shell $RULES -- bash -c '
		exec 2>said
		kill -KILL $(sed -n "s/^supervisor = \([0-9]*\);/\1/p" $TALLY_SESSION/session.cfg)
		until [ -s said ]; do :; done
		/bin/true; exit 9'
	assert_equal "$status" 9
	assert_output ''
	run cat said
	assert_line --index 0 --partial 'tallygate: the supervisor of this session has ended: '
	assert_line --index 1 --partial '/bin/true: Function not implemented'
	until_true no_sessions
}

@test "a session in a session is the same one" {
	open_session
	enter 'tally shell -- sh -c "echo inner; drain web[001-100]; echo status \$?"'
	see '^inner$'
	see '^status 126$'
	run ls "$XDG_RUNTIME_DIR/tallygate"
	assert_equal "${#lines[@]}" 1
	run screen
	refute_output --partial 'a guarded session already'
	enter "tally shell $RULES -- echo run"
	see '^tally shell: this is a guarded session already: its rules hold, not those of --rules$'
	see '^run$'
}

@test "tally shell: CMD and what a shell ends with when there is none" {
	run tally shell $RULES -- sh -c 'echo "$0 $1"; exit 7' zero 'o n e'
	assert_equal "$status" 7
	assert_output 'zero o n e'
	run -127 tally shell $RULES -- no-such-program
	assert_equal "$status" 127
	assert_output 'tally shell: no-such-program: command not found'
	run -127 tally shell $RULES -- ./no-such-program
	assert_equal "$status" 127
	echo data >data
	run tally shell $RULES -- ./data
	assert_equal "$status" 126
	printf 'echo "a script without a first line: $1"\n' >plain
	chmod +x plain
	run tally shell $RULES -- ./plain word
	assert_output 'a script without a first line: word'
	run tally shell $RULES -- sh -c 'kill -TERM $$'
	assert_equal "$status" 143
}

@test "the command itself may be guarded, however often its exec is taken over" {
	local i
	for ((i = 0; i < 40; i++)); do
		run tally shell $RULES -- drain --list
		assert_success
		assert_output --regexp '^drain [0-9]+: --list$'
	done
	run tally shell $RULES -- drain 'web[001-100]'
	assert_equal "$status" 126
}

@test "without privileges: supervised all the same, setuid programs gain none" {
	unshare -U true || skip 'no user namespaces here'
	run unshare -U "$BUILD/tally" shell $RULES -- sh -c '
		grep NoNewPrivs /proc/self/status
		env -i "$1" "web[001-100]"; echo "status $?"' sh "$WORK/bin/drain"
	assert_success
	assert_line --regexp '^NoNewPrivs:.1$'
	assert_line --partial 'drain would stop 100 hosts'
	assert_line 'status 126'
	until_true no_sessions
}

@test "tally shell: rules that are none, and no kernel to supervise with" {
	run tally shell --rules ./nowhere -- true
	assert_equal "$status" 2
	assert_output --partial './nowhere: No such file or directory'
	mkdir empty
	run tally shell --rules empty -- true
	assert_equal "$status" 2
	assert_output --partial 'expected a directory with tools/'
	run "$TOP/tests/without_seccomp.py" tally shell $RULES -- echo started
	assert_equal "$status" 125
	assert_output --partial 'seccomp'
	refute_output --partial started
}

@test "tally shell says that the rules are broken, and starts" {
	mkdir -p broken/tools
	cp -r "$TOP/tests/gate_rules/." broken
	printf 'tool = {\n  name = "drain";\n  programs = [ "drain" ]\n  nonsense\n};\n' >broken/tools/drain.cfg
	run --separate-stderr tally shell --rules broken -- sh -c 'echo started; drain web001; echo "status $?"'
	assert_line started
	assert_line 'status 125'
	refute_line --partial 'drain '
	assert_regex "${stderr_lines[0]}" 'broken/tools/drain\.cfg:5'
	assert_regex "${stderr_lines[1]}" 'refused until this is put right'
	assert_regex "${stderr_lines[2]}" 'broken/tools/drain\.cfg:5'
}
