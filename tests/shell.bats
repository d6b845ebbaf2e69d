#!/usr/bin/env bats
# tallysh as a program in its place as a shell: to its caller it is the shell it starts.

load setup.bash

setup() {
	own_home
	cd "$BATS_TEST_TMPDIR"
	SH=$BUILD/tallysh
	REAL=$(getent passwd "$(id -u)" | cut -d: -f7)
	[ -x "$REAL" ] || REAL=/bin/bash
}

# What an environment or a session adds, so that the rest can be compared.
without_ours() {
	grep -v -e '^LD_PRELOAD=' -e '^TALLY_SESSION=' -e '^SHELL=' -e '^_=' -e '^SHLVL='
}

# alike ARG...: tallysh and the shell itself, called alike, say the same and end the same.
# Standard input comes from $INPUT.
alike() {
	local ours theirs
	: "${INPUT:=/dev/null}"
	theirs=0 ours=0
	"$REAL" "$@" <"$INPUT" >theirs.out 2>theirs.err || theirs=$?
	"$SH" "$@" <"$INPUT" >ours.out 2>ours.err || ours=$?
	sed -i "s|^$SH: |$REAL: |" ours.err
	assert_equal "$ours" "$theirs"
	cmp theirs.out ours.out
	cmp theirs.err ours.err
}

@test "called with a hyphen it is a login shell of the real name" {
	run bash -c "exec -a -tallysh '$SH' -c 'echo \$0; shopt login_shell'"
	assert_success
	assert_line "-${REAL##*/}"
	assert_line --regexp '^login_shell.*on$'
}

@test "called by its base name, as sshd does it" {
	run bash -c "exec -a tallysh '$SH' -c 'echo \$0'"
	assert_output "${REAL##*/}"
	alike -c 'echo $0'
}

@test "a command line arrives byte for byte" {
	local command=$'printf %s \'"\\  $x`|&;<>~*?[a] \tz\' ; echo "$(printf \'\\001\\377\')"; # \xff\xfe \xc3\xa9 ü\n\necho "two  lines" \\\n and more'
	alike -c "$command"
	assert [ -s ours.out ]
	alike -c "$command" name 'an arg' '' $'\xff\n'
}

@test "arguments with blanks, empty ones, no further ones" {
	alike -c 'printf "<%s>" "$0" "$@"' 'a name' 'x  y' '' '*' '-c' '--'
	alike -c 'echo $#' zero
	alike -c ''
}

@test "an option the shell does not know is the shell's to refuse" {
	alike --no-such-option
	alike -c
	alike -o nosuch
}

@test "-l, -s, -x, a script, a script from standard input" {
	alike -l -c 'shopt login_shell'
	alike -x -c 'echo traced'
	printf 'echo "$0: $1: $2"; exit 4\n' >'a script'
	alike './a script' 'one two' three
	INPUT='./a script' alike
	INPUT='./a script' alike -s 'one two' three
	printf 'read -r line; echo "got $line"\nthe next line\necho last' >reads
	INPUT=./reads alike
}

@test "every exit status from 0 to 255" {
	run "$TOP/tests/shell_like.py" "$SH" "$REAL" statuses
	assert_success
	assert_output ''
}

@test "dies of the signal its shell died of, without a core of its own" {
	ulimit -c 0
	run "$TOP/tests/shell_like.py" "$SH" "$REAL" signals
	assert_success
	assert_output ''
}

@test "a signal sent to it is one sent to the shell" {
	run "$TOP/tests/shell_like.py" "$SH" "$REAL" sent
	assert_success
	assert_output ''
}

@test "killed with SIGKILL, the shell does not stay" {
	run "$TOP/tests/shell_like.py" "$SH" "$REAL" killed
	assert_success
	assert_output ''
}

@test "an alarm that was set before goes off" {
	run perl -e 'alarm 1; exec @ARGV' "$SH" -c 'exec sleep 1000'
	assert_equal "$status" $((128 + 14))
}

@test "standard output and standard error stay apart, and nothing of its own is in them" {
	run --separate-stderr "$SH" -c 'echo out; echo err >&2; echo out'
	assert_output $'out\nout'
	assert_equal "$stderr" err
	run --separate-stderr "$SH" -c ':'
	assert_output ''
	assert_equal "$stderr" ''
}

@test "100 MB of anything pass unchanged both ways" {
	head -c 104857600 /dev/urandom >random
	"$SH" -c 'cat' <random | cmp - random
	run "$SH" -c 'md5sum' <random
	assert_output "$(md5sum <random)"
}

@test "a pipe ends when the shell closes it, not when the shell ends" {
	mkfifo until
	"$SH" -c 'echo said; exec >&- 2>&- 7>&-; read -r x <until' 7>&1 2>&1 |
		{ cat >said; echo over >>said; echo >until; }
	run cat said
	assert_output $'said\nover'
}

@test "closed standard streams are closed for the shell too" {
	local list='ls -l /proc/self/fd 2>/dev/null | awk "{ print \$9 }" >fds; :'
	for closed in '<&-' '>&-' '2>&-' '<&- >&- 2>&-'; do
		eval "\"$REAL\" -c '$list' $closed"
		mv fds theirs
		eval "\"$SH\" -c '$list' $closed"
		run diff theirs fds
		assert_success
	done
}

@test "further descriptors reach the shell, and no others" {
	echo content >file
	run "$SH" -c 'cat <&5; echo more >&9' 5<file 9>other
	assert_output content
	run cat other
	assert_output more
	"$REAL" -c 'exec ls /proc/self/fd' 5<file 9>other >theirs
	"$SH" -c 'exec ls /proc/self/fd' 5<file 9>other >ours
	run diff theirs ours
	assert_success
}

@test "directory, umask, limits, locale, priority, signals: as the caller has them" {
	local look='pwd; umask; ulimit -aS; ulimit -aH; nice; locale 2>/dev/null
		grep -E "^(Sig|Shd|Umask|Cpus_allowed_list)" /proc/self/status | grep -v SigQ; id'
	mkdir -p 'a directory'
	(
		cd 'a directory'
		umask 027
		ulimit -n 123 -c 0
		trap '' HUP USR1 CHLD
		export LC_ALL=C.UTF-8
		nice -n 3 "$REAL" -c "$look" >../theirs
		nice -n 3 "$SH" -c "$look" >../ours
	)
	run diff theirs ours
	assert_success
	assert [ -s ours ]
}

@test "the environment is the caller's, and SHELL the real shell" {
	export A_NAME=$'two\nlines' EMPTY=
	"$REAL" -c 'exec env' | without_ours | sort >theirs
	"$SH" -c 'exec env' | without_ours | sort >ours
	run diff theirs ours
	assert_success
	run "$SH" -c 'echo $SHELL'
	assert_output "$REAL"
}

@test "what is preloaded already stays behind the shim" {
	LD_PRELOAD=libm.so.6 run "$SH" -c 'echo $LD_PRELOAD'
	assert_output --regexp '/\$LIB/libtally\.so:libm\.so\.6$'
}

@test "nothing in the environment chooses the shell" {
	SHELL=/bin/false TALLY_SHELL=/bin/false run "$SH" -c 'echo $0'
	assert_success
	assert_output "$REAL"
}

@test "being the user's shell itself it gives them another one" {
	unshare -rm true || skip 'no user namespaces here'
	sed "s|^\(root:.*:\)[^:]*$|\1$SH|" /etc/passwd >passwd
	run unshare -rm sh -c "mount --bind passwd /etc/passwd && exec '$SH' -c 'echo \$0'"
	assert_success
	assert_output /bin/bash
	# By whatever name: a link is the same file.
	ln -s "$SH" elsewhere
	sed "s|^\(root:.*:\)[^:]*$|\1$PWD/elsewhere|" /etc/passwd >passwd
	run unshare -rm sh -c "mount --bind passwd /etc/passwd && exec '$SH' -c 'echo \$0'"
	assert_output /bin/bash
}

@test "scp copies through it, both ways" {
	head -c 300000 /dev/urandom >random
	mkdir far
	cat >ssh <<SCRIPT
#!/bin/sh
# What ssh and sshd make of "scp host:": the last word is the command line.
for command; do :; done
exec $SH -c "\$command"
SCRIPT
	chmod +x ssh
	scp -q -O -S ./ssh random far:far/copy
	cmp random far/copy
	scp -q -O -S ./ssh far:far/copy back
	cmp random back
}

@test "a shell inside a shell is no session of its own" {
	run "$SH" -c "echo \$TALLY_SESSION; '$SH' -c 'echo \$TALLY_SESSION; exit 5'; echo \$?"
	assert_success
	assert_equal "${#lines[@]}" 3
	assert_equal "${lines[0]}" "${lines[1]}"
	assert_equal "${lines[2]}" 5
	# Whatever the environment says.
	run "$SH" -c "env -i '$SH' -c 'echo \$0; ls $XDG_RUNTIME_DIR/tallygate | wc -l'"
	assert_equal "${lines[0]}" "$REAL"
	assert_equal "${lines[1]}" 1
}

@test "nothing stays behind" {
	run "$SH" -c 'test -f $TALLY_SESSION/session.cfg'
	assert_success
	run ls "$XDG_RUNTIME_DIR/tallygate"
	assert_output ''
}

# A build of its own with rules of its own beside it.
copied_build() {
	mkdir -p copy/build
	cp "$BUILD/tally" "$BUILD/tallysh" "$BUILD/tally-gate" copy/build/
	cp "$BUILD/libtally.so" copy/build/
	cp -a "$BUILD"/lib "$BUILD"/lib32 "$BUILD"/lib64 copy/build/
	cp -r "$TOP/rules" copy/rules
	SH=$PWD/copy/build/tallysh
}

@test "broken rules: the shell is there all the same and says nothing, guarded tools are refused" {
	copied_build
	printf 'tool = {\n  name = "pdsh"\n  programs == [ "pdsh" ];\n' >copy/rules/tools/pdsh.cfg
	run --separate-stderr "$SH" -c 'echo fine'
	assert_success
	assert_output fine
	assert_equal "$stderr" ''
	run --separate-stderr "$SH" -c 'pdsh -R exec -w idx001 echo %h; echo "status $?"'
	assert_output 'status 125'
	assert_regex "$stderr" 'rules/tools/pdsh\.cfg:3'
	# The others are not read with what could be a part of their rules missing.
	run --separate-stderr "$SH" -c 'clush -w idx001 echo; echo "status $?"'
	assert_output 'status 125'
	assert_regex "$stderr" 'rules/tools/pdsh\.cfg:3'
}

@test "a policy that is broken: the same" {
	copied_build
	printf 'limits = ( { action = "explode"; deny_above = 1; } );\n' >copy/rules/policy/zz.cfg
	run --separate-stderr "$SH" -c 'pdsh -R exec -w idx001 reboot; echo "status $?"'
	assert_output 'status 125'
	assert_regex "$stderr" 'rules/policy/zz\.cfg:1'
}

@test "no room for the session where it should be: it is elsewhere" {
	unshare -rm true || skip 'no user namespaces here'
	# shellcheck disable=SC2016
	run --separate-stderr unshare -rm sh -c '
		mount -t tmpfs -o nr_inodes=1 none "$XDG_RUNTIME_DIR" && mount -t tmpfs none /run &&
			exec "$0" -c "echo \$TALLY_SESSION; test -s \$TALLY_SESSION/guard.table"' "$SH"
	assert_success
	assert_output --regexp '^/run/tallygate/[0-9a-f]+$'
	assert_equal "$stderr" ''
}

@test "no rules at all: the plain shell, and one line that says so" {
	mkdir -p alone/build
	cp "$BUILD/tallysh" alone/build/
	[ ! -d /usr/share/tallygate/rules ] || skip 'rules are installed here'
	run --separate-stderr alone/build/tallysh -c 'echo fine'
	assert_success
	assert_output fine
	assert_equal "${#stderr_lines[@]}" 1
	assert_regex "$stderr" '^tallygate: this session is not guarded: no rules found'
}

@test "where seccomp is missing the shell comes with the shim alone, and says so" {
	run --separate-stderr "$TOP/tests/without_seccomp.py" "$SH" -c 'echo fine; exit 3'
	assert_equal "$status" 3
	assert_output fine
	assert_equal "${#stderr_lines[@]}" 1
	assert_regex "$stderr" '^tallygate: this session has no supervisor'
	run ls "$XDG_RUNTIME_DIR/tallygate"
	assert_output ''
}
