#!/usr/bin/env bats
# scripts/try: the demonstration, as a newcomer has it: real tools, a real shell.

load setup.bash
load terminal.bash

setup() {
	own_home
	cd "$BATS_TEST_TMPDIR"
	mkdir bin tmp
	export TMPDIR=$BATS_TEST_TMPDIR/tmp
	# What pdsh and ansible would run on each host leaves a trace here.
	for name in sudo systemctl; do
		printf '#!/bin/sh\necho "$0 $*" >>"%s/ran"\n' "$BATS_TEST_TMPDIR" >"bin/$name"
		chmod +x "bin/$name"
	done
	export PATH=$BATS_TEST_TMPDIR/bin:$PATH
	STOP=(pdsh -R exec -w 'idx[001-400]' sudo systemctl stop index)
}

teardown() {
	close_terminal
}

# denied STATUS CMD...: nothing has run, and the screen says what would have and why not.
denied() {
	local expected=$1
	shift
	run --separate-stderr "$TOP/scripts/try" -- "$@"
	assert_equal "$status" "$expected"
	said_why
	assert_equal "$output" ''
}

said_why() {
	assert_not_exist ran
	assert_regex "$stderr" "${ASKED:-pdsh} would stop 400 hosts \(idx\[001-400\]\)"
	assert_regex "$stderr" 'index would have 0 in service, its floor is 300 \(.*/rules/fleet/demo\.cfg:[0-9]+\)'
	assert_regex "$stderr" 'deny_above is 50 \(.*/rules/policy/demo\.cfg:[0-9]+\)'
	# Asked once, however it was found.
	assert_equal "$(grep -c '^tallygate: denied' <<<"$stderr")" 1
}

@test "what touches little runs, and nothing else is printed" {
	run --separate-stderr "$TOP/scripts/try" -- pdsh -R exec -w 'idx[001-004]' echo %h
	assert_success
	assert_equal "$stderr" ''
	assert_equal "$(sort <<<"$output")" \
		$'idx001: idx001\nidx002: idx002\nidx003: idx003\nidx004: idx004'
}

@test "the status is the command's, and nothing stays behind" {
	run "$TOP/scripts/try" -- sh -c 'exit 7'
	assert_equal "$status" 7
	run ls "$TMPDIR"
	assert_output ''
	run -127 "$TOP/scripts/try" -- no-such-program
}

@test "words of its own" {
	run "$TOP/scripts/try" --help
	assert_success
	assert_output --partial 'usage: scripts/try [-- CMD ARG...]'
	run "$TOP/scripts/try" pdsh
	assert_equal "$status" 2
	run "$TOP/scripts/try" --
	assert_equal "$status" 2
}

@test "four hundred hosts are stopped before one is touched" {
	denied 126 "${STOP[@]}"
}

@test "the same through env -i" {
	denied 126 env -i "PATH=$PATH" "${STOP[@]}"
	denied 126 env -i "$(command -v pdsh)" "${STOP[@]:1}"
}

@test "the same through a static program" {
	denied 126 "$BUILD/routes/route-static" execve "$(command -v pdsh)" "${STOP[@]:1}"
}

@test "the same through python's os.execv and subprocess" {
	local pdsh
	pdsh=$(command -v pdsh)
	denied 126 python3 -c 'import os, sys; os.execv(sys.argv[1], sys.argv[1:])' \
		"$pdsh" "${STOP[@]:1}"
	denied 126 python3 -c \
		'import subprocess, sys; sys.exit(subprocess.run(sys.argv[1:]).returncode)' \
		"${STOP[@]}"
	denied 126 python3 -c \
		'import subprocess, sys; sys.exit(subprocess.run(sys.argv[1:], env={"PATH": "/usr/bin:/bin"}, close_fds=False).returncode)' \
		"${STOP[@]}"
}

@test "the same through perl" {
	denied 126 perl -e 'exec @ARGV' "${STOP[@]}"
	denied 126 perl -e 'exit(system(@ARGV) >> 8)' "${STOP[@]}"
}

@test "the same through xargs and find" {
	echo 'idx[001-400]' >hosts
	denied 123 xargs -a hosts -I{} pdsh -R exec -w {} sudo systemctl stop index
	denied 0 find hosts -exec "${STOP[@]}" \;
}

@test "the same through make" {
	printf 'stop:\n\t@pdsh -R exec -w "idx[001-400]" sudo systemctl stop index\n' >Makefile
	denied 2 make stop
	assert_regex "$stderr" 'Error 126'
	# Without a shell in between.
	printf 'stop:\n\t@pdsh -R exec -w idx001,idx002 -w idx003 sudo systemctl stop index\n' >Makefile
	run --separate-stderr "$TOP/scripts/try" -- make stop
	assert_equal "$status" 2
	assert_not_exist ran
	assert_regex "$stderr" 'not confirmed: pdsh would stop 3 hosts'
}

@test "the same through bash -c, a shell function, an alias, a script" {
	denied 126 bash -c "pdsh -R exec -w 'idx[001-400]' sudo systemctl stop index"
	denied 126 bash -c "pdsh() { command pdsh -R exec \"\$@\"; }; pdsh -w 'idx[001-400]' sudo systemctl stop index"
	printf 'shopt -s expand_aliases\nalias stopall="pdsh -R exec -w idx[001-400] sudo systemctl stop"\nstopall index\n' >script
	denied 126 bash script
	denied 126 sh -c "echo 'pdsh -R exec -w \"idx[001-400]\" sudo systemctl stop index' | sh"
}

@test "the same through GNU parallel" {
	# parallel is a tool of its own: what it would start is counted before it starts it.
	ASKED=parallel denied 126 parallel --will-cite pdsh -R exec -w {} sudo systemctl stop index ::: 'idx[001-400]'
}

@test "the same through a link, a copy, and the dynamic loader" {
	ln -s "$(command -v pdsh)" harmless
	denied 126 ./harmless "${STOP[@]:1}"
	mkdir copy
	cp "$(command -v pdsh)" copy/pdsh
	denied 126 copy/pdsh "${STOP[@]:1}"
	denied 126 /lib64/ld-linux-x86-64.so.2 "$(command -v pdsh)" "${STOP[@]:1}"
}

@test "python3 /usr/bin/ansible" {
	cp "$TOP/rules/fleet/demo/hosts.ini" .
	run --separate-stderr "$TOP/scripts/try" -- \
		python3 "$(command -v ansible)" all -i hosts.ini -a 'systemctl stop index'
	assert_equal "$status" 126
	assert_equal "$output" ''
	assert_not_exist ran
	assert_regex "$stderr" 'ansible would stop everything, 560 hosts'
	assert_regex "$stderr" 'index would have 0 in service, its floor is 300 \(.*/rules/fleet/demo\.cfg:[0-9]+\)'
}

@test "in a terminal: your own bash, and the blind count" {
	local pdsh="pdsh -R exec -w 'bill[01-04]' sudo systemctl stop billing"
	echo 'alias own="echo my own alias"' >"$HOME/.bashrc"
	open_terminal 100 60
	enter "$TOP/scripts/try; echo \"left with \$?\""
	see '^\(tally\) '
	run screen
	assert_output --partial 'This is your own shell, guarded, on a fleet that does not exist'
	assert_output --partial 'billing    bill[01-40], idx[390-400]'
	enter 'own; echo "$SHELL"'
	see '^my own alias$'
	# Wrong: both numbers, and nothing runs.
	enter "$pdsh"
	see 'do you mean\? *$'
	type_answer 5
	see 'you meant 5 hosts, the command names 4'
	enter 'echo "status $?"'
	see '^status 126$'
	assert_not_exist ran
	# Right: it runs, on four hosts.
	enter "$pdsh; echo \"status \$?\""
	see_times 2 'do you mean\? *[0-9]*$'
	type_answer 4
	see '^status 0$'
	assert_equal "$(wc -l <ran)" 4
	# Not asked, but stopped.
	enter "${STOP[*]@Q}"
	see 'index would have 0 in service, its floor is 300'
	enter 'exit 3'
	see '^left with 3$'
	assert_equal "$(ls "$TMPDIR")" ''
}

@test "what has been let through may do on this machine what it was let through for" {
	# One question, for pdsh; what its exec connection then runs here is the same command.
	TALLY_EXPECT=2 run --separate-stderr "$TOP/scripts/try" -- pdsh -R exec -w 'idx[001-002]' \
		sh -c 'unset TALLY_EXPECT; systemctl stop index; echo %h'
	assert_success
	assert_line --partial idx001
	assert_equal "$stderr" ''
	assert_equal "$(sort -u ran)" "$BATS_TEST_TMPDIR/bin/systemctl stop index"
	assert_equal "$(wc -l <ran)" 2
}

@test "but no more than that, and not to the machine itself" {
	local command name
	for name in reboot shutdown; do
		cp bin/systemctl "bin/$name"
	done
	for command in 'systemctl reboot' reboot 'shutdown -h now' 'systemctl poweroff'; do
		TALLY_EXPECT=2 run --separate-stderr "$TOP/scripts/try" -- pdsh -R exec \
			-w 'idx[001-002]' sh -c "unset TALLY_EXPECT; $command; systemctl stop index"
		assert_regex "$stderr" 'was not run: it has to be confirmed'
		refute grep -v 'stop index' ran
	done
	# What was let through to run something was not asked about a stop.
	rm -f ran
	printf '#!/bin/sh\nsystemctl stop index\n' >bin/rotate
	chmod +x bin/rotate
	run --separate-stderr "$TOP/scripts/try" -- pdsh -R exec -w 'idx[001-002]' rotate
	assert_regex "$stderr" 'systemctl was not run'
	assert_not_exist ran
}

@test "a loop of one-host stops is stopped at the 21st distinct host" {
	run --separate-stderr "$TOP/scripts/try" -- bash -c '
		for n in $(seq -w 1 22); do
			TALLY_EXPECT=1 pdsh -R exec -w "idx0$n" systemctl stop index 2>/dev/null
			echo "$n $?"
		done'
	assert_success
	assert_line '20 0'
	assert_line '21 126'
	assert_line '22 126'
	assert_equal "$(wc -l <ran)" 20
}
