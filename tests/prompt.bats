#!/usr/bin/env bats
# What happens at the question, in a real terminal.

load setup.bash
load terminal.bash
load gate.bash

setup() {
	gate_session
	cat >"$WORK/d" <<SCRIPT
#!/bin/sh
exec "$BUILD/tally-gate" "--session=$SESSION" -- "$WORK/bin/drain" drain "\$@"
SCRIPT
	chmod +x "$WORK/d"
	PATH=$WORK:$PATH
}

teardown() {
	close_terminal
}

# ask LINE: enters it and waits for the question.
ask() {
	enter "$1"
	see 'do you mean\? *$'
}

@test "the right number lets the command run" {
	open_terminal
	ask 'd "web[001-003]"; echo "status $?"'
	type_answer 3
	see '^drain [0-9]+: web\[001-003\]$'
	see '^status 0$'
}

@test "before the answer nothing on the screen gives the number away" {
	open_terminal
	ask 'd --everywhere'
	run screen
	assert_line 'tallygate: drain would stop hosts'
	assert_line '  command  drain --everywhere'
	assert_line '! targets  everything'
	refute_output --partial 5
	refute_output --partial 'web'
}

@test "a wrong number ends it, with both numbers and the targets on the screen" {
	open_terminal
	ask 'd --everywhere; echo "status $?"'
	type_answer 4
	see '^status 126$'
	run screen
	assert_line 'tallygate: drain was not run: you meant 4 hosts, the command names 5'
	assert_line '! targets  everything: 5 hosts: web[001-005]'
	assert_output --partial 'confirm_above'
	refute_line --regexp '^drain [0-9]+:'
}

@test "the machine itself: its own name has to be typed, and localhost is none" {
	open_terminal 100
	enter 'd localhost; echo "status $?"'
	see 'The name of this machine, which the command would hit: *$'
	type_answer localhost
	see '^status 126$'
	run screen
	assert_output --partial "names $(uname -n)"
	enter 'clear; d localhost; echo "status $?"'
	see 'The name of this machine, which the command would hit: *$'
	type_answer "$(uname -n)"
	see '^drain [0-9]+: localhost$'
}

@test "the tool becomes the process that asked" {
	open_terminal
	enter 'bash -c '\''echo "me $$"; exec d "web[001-003]"'\'
	see 'do you mean\? *$'
	type_answer 3
	see '^drain [0-9]+:'
	run screen
	assert_equal "$(sed -n 's/^me //p' <<<"$output")" \
		"$(sed -n 's/^drain \([0-9]*\):.*/\1/p' <<<"$output")"
}

@test "in a pipeline, with stdin from a file" {
	open_terminal
	printf 'web001\nweb002\nweb003\n' >"$WORK/hosts"
	printf '#!/bin/sh\ncat\n' >"$WORK/bin/drain"
	ask "d --from /dev/stdin < $WORK/hosts | sed 's/^/got /'; echo \"status \${PIPESTATUS[*]}\""
	type_answer 3
	see '^got web003$'
	see '^status 0 0$'
	run screen
	assert_line 'got web001'
}

@test "stdin from a pipe is counted and then handed on" {
	open_terminal
	printf '#!/bin/sh\ncat\n' >"$WORK/bin/drain"
	ask "printf 'web%03d\\n' 1 2 3 4 | d --from /dev/stdin | wc -l"
	type_answer 4
	see '^4$'
}

@test "Ctrl-Z and fg while it asks" {
	open_terminal
	stty_before=$WORK/before stty_after=$WORK/after
	enter "stty -a >$stty_before"
	ask 'd "web[001-003]"; echo "status $?"'
	keys C-z
	see 'Stopped'
	enter 'stty -a >'"$WORK/between"'; fg'
	see_times 2 'do you mean\? *$'
	type_answer 3
	see '^drain [0-9]+:'
	enter "stty -a >$stty_after; echo done"
	see '^done$'
	assert_equal "$(cat "$stty_after")" "$(cat "$stty_before")"
	assert_equal "$(cat "$WORK/between")" "$(cat "$stty_before")"
}

@test "what has changed while it was stopped is seen" {
	open_terminal
	ask 'd --everywhere; echo "status $?"'
	keys C-z
	see 'Stopped'
	printf '#!/bin/sh\nseq -f web%%03g 1 6\n' >"$WORK/bin/list-hosts"
	enter 'fg; echo "status $?"'
	see_times 2 'do you mean\? *$'
	type_answer 5
	see '^status 126$'
	see 'its targets have changed since you were asked'
}

@test "a background job waits for the foreground before it asks" {
	open_terminal
	enter 'd "web[001-003]" & wait; jobs'
	see '\[1\].*Stopped'
	run screen
	refute_output --partial 'do you mean'
	enter fg
	see 'do you mean\? *$'
	type_answer 3
	see '^drain [0-9]+:'
}

@test "Ctrl-C is a no, and stops a loop as for any program" {
	open_terminal
	ask 'for i in 1 2 3; do d "web[001-003]"; done'
	keys C-c
	see 'drain was not run: it was interrupted'
	enter 'echo "status $?"'
	see '^status 130$'
	run screen
	refute_line --regexp '^drain [0-9]+:'
	assert_equal "$(grep -c 'do you mean' <<<"$output")" 1
}

@test "Ctrl-D is a no" {
	open_terminal
	ask 'd "web[001-003]"; echo "status $?"'
	keys C-d
	see '^status 126$'
	see 'drain was not run: there was no answer'
}

@test "an empty answer is a no" {
	open_terminal
	ask 'd "web[001-003]"; echo "status $?"'
	keys Enter
	see '^status 126$'
}

@test "no answer in time is a no" {
	open_terminal
	enter 'TALLY_ANSWER_SECONDS=1 d "web[001-003]"; echo "status $?"'
	see '^status 126$'
	see 'drain was not run: no answer within 1 s'
}

@test "a pasted answer is refused, though it is right" {
	open_terminal
	ask 'd "web[001-012]"; echo "status $?"'
	on_terminal set-buffer 12
	on_terminal paste-buffer -p
	see '^status 126$'
	see 'the answer was pasted, and it has to be typed'
	run screen
	refute_line --regexp '^drain [0-9]+:'
}

@test "what a terminal without bracketed paste pastes is refused as well" {
	open_terminal
	ask 'd "web[001-012]"; echo "status $?"'
	on_terminal set-buffer $'12\n'
	on_terminal paste-buffer
	see '^status 126$'
	see 'the answer was pasted, and it has to be typed'
}

@test "what was pasted does not end up on the next command line" {
	open_terminal
	ask 'd "web[001-012]"; echo "status $?"'
	on_terminal set-buffer $'12\ntouch oops\ntouch oops2\n'
	on_terminal paste-buffer -p
	see '^status 126$'
	enter 'echo end'
	see '^end$'
	assert_not_exist "$BATS_TEST_TMPDIR/oops"
	assert_not_exist "$BATS_TEST_TMPDIR/oops2"
	refute [ "$(screen | grep -c oops)" -gt 0 ]
}

@test "what was typed before the question is not its answer" {
	open_terminal
	printf '#!/bin/sh\necho probing >/dev/tty\nread x <%s\nseq -f web%%03g 1 5\n' \
		"$WORK/go" >"$WORK/bin/list-hosts"
	mkfifo "$WORK/go"
	sed -i 's|>/dev/tty|>'"$WORK/probing"'|' "$WORK/bin/list-hosts"
	enter 'd --everywhere; echo "status $?"'
	until [[ -s $WORK/probing ]]; do :; done
	keys 5 Enter
	echo go >"$WORK/go"
	see 'do you mean\? *$'
	type_answer 5
	see '^drain [0-9]+:'
}

@test "a probe that takes long says so, and takes the line away" {
	open_terminal
	mkfifo "$WORK/go"
	printf '#!/bin/sh\nread x <%s\nseq -f web%%03g 1 2\n' "$WORK/go" >"$WORK/bin/list-hosts"
	enter 'd --everywhere'
	see 'tallygate: counting targets: list-hosts \([0-9]+ s, limit 30 s; Ctrl-C stops\)'
	echo go >"$WORK/go"
	see '^drain [0-9]+: --everywhere$'
	run screen
	refute_output --partial 'counting targets'
}

@test "Ctrl-C while a probe runs ends both" {
	open_terminal
	printf '#!/bin/sh\necho $$ >%s\nexec sleep 1000\n' "$WORK/probe" >"$WORK/bin/list-hosts"
	enter 'd --everywhere; echo "status $?"'
	see 'counting targets'
	keys C-c
	see 'drain was not run: stopped while waiting for list-hosts'
	run kill -0 "$(cat "$WORK/probe")"
	assert_failure
}

@test "one target: its name is typed" {
	open_terminal
	enter 'd edge7; echo "status $?"'
	see 'The name of the host you mean: *$'
	type_answer edge8
	see '^status 126$'
	see 'you meant "edge8", the command names edge7'
	enter 'clear; d edge7'
	see 'The name of the host you mean: *$'
	type_answer EDGE7
	see '^drain [0-9]+: edge7$'
}

@test "a number that is not known is called by that word" {
	open_terminal
	enter 'd --run --from nofile; echo "status $?"'
	see 'is not known. Type `unknown` to run it: *$'
	type_answer unknown
	see '^drain [0-9]+: --run --from nofile$'
}

@test "a declared number needs no question" {
	open_terminal
	enter 'TALLY_EXPECT=3 d "web[001-003]"'
	see '^drain [0-9]+:'
	enter 'TALLY_EXPECT=4 d "web[001-003]"; echo "status $?"'
	see '^status 126$'
	see '4 hosts were expected, the command names 3'
}

@test "40 columns are enough" {
	open_terminal 40
	ask 'd --everywhere; echo "status $?"'
	type_answer 4
	see '^status 126$'
	run screen
	assert_output --partial 'you meant 4'
}

@test "a dumb terminal" {
	TERMINAL_TYPE=dumb open_terminal
	ask 'd "web[001-003]"'
	type_answer 3
	see '^drain [0-9]+:'
	run screen
	refute_output --partial $'\033'
}

@test "without readline the terminal's own line editing does" {
	# A library that cannot be loaded is one that is not installed.
	mkdir "$WORK/lib"
	for version in 7 8 9; do
		echo nothing >"$WORK/lib/libreadline.so.$version"
	done
	echo nothing >"$WORK/lib/libreadline.so"
	export LD_LIBRARY_PATH=$WORK/lib
	open_terminal
	enter 'stty -a >before; d "web[001-003]"; stty -a >after; echo done'
	see 'do you mean\? *$'
	type_answer 3
	see '^done$'
	see '^drain [0-9]+:'
	run cmp "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
	assert_success
	ask 'd "web[001-012]"; echo "status $?"'
	on_terminal set-buffer 12
	on_terminal paste-buffer -p
	keys Enter
	see '^status 126$'
	see 'the answer was pasted'
	enter 'stty -a >after; echo again'
	see '^again$'
	run cmp "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
	assert_success
	ask 'd "web[001-003]"'
	keys C-c
	see 'it was interrupted'
}

@test "a signal from elsewhere ends it and leaves the terminal in order" {
	open_terminal
	enter 'stty -a >before'
	for signal in TERM HUP; do
		on_terminal send-keys C-l
		ask "sh -c 'echo \$\$ >pid; exec d \"web[001-003]\"'; echo \"$signal \$?\""
		kill -s "$signal" "$(cat "$BATS_TEST_TMPDIR/pid")"
		see "^$signal (143|129)\$"
		enter "stty -a >after; echo $signal done"
		see "^$signal done\$"
		run cmp "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
		assert_success
	done
	run screen
	refute_line --regexp '^drain [0-9]+:'
}

@test "kill -9 of the gate: the command does not run" {
	open_terminal
	ask "sh -c 'echo \$\$ >pid; exec d \"web[001-003]\"'; echo \"status \$?\""
	kill -KILL "$(cat "$BATS_TEST_TMPDIR/pid")"
	see '^status 137$'
	run screen
	refute_line --regexp '^drain [0-9]+:'
}

@test "control characters of an argument do not reach the terminal" {
	open_terminal
	ask $'d "web[001-003]" --password $\'\\e]0;x\\a\''
	run screen
	assert_output --partial '--password ***'
	keys C-c
	see 'interrupted'
}
