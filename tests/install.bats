#!/usr/bin/env bats
# make install: into a directory, and what is there works from there.

load setup.bash

setup_file() {
	DEST=$BATS_FILE_TMPDIR/dest
	export DEST
	make -C "$BATS_TEST_DIRNAME/.." --no-print-directory install DESTDIR="$DEST" >"$BATS_FILE_TMPDIR/log" 2>&1 || {
		cat "$BATS_FILE_TMPDIR/log"
		return 1
	}
	chmod -R go-w "$DEST"
}

setup() {
	own_home
	export LC_ALL=C.UTF-8
	PATH=$DEST/usr/bin:$PATH
	cd "$BATS_TEST_TMPDIR"
}

@test "programs, library, rules, documents and the starter policy are where they belong" {
	assert_file_executable "$DEST/usr/lib/tallygate/tally"
	assert_file_executable "$DEST/usr/lib/tallygate/tally-gate"
	assert_file_executable "$DEST/usr/lib/tallygate/libtally.so"
	assert_symlink_to "$DEST/usr/lib/tallygate/tally" "$DEST/usr/bin/tally"
	assert_file_exists "$DEST/usr/share/tallygate/rules/actions.cfg"
	assert_file_exists "$DEST/usr/share/tallygate/rules/tools/pdsh.cfg"
	assert_file_exists "$DEST/usr/share/tallygate/demo/policy/demo.cfg"
	assert_file_exists "$DEST/usr/share/doc/tallygate/rules.md"
	assert_file_exists "$DEST/etc/tallygate/policy/site.cfg"
	# The demonstration fleet is not what a site is judged by.
	assert_not_exists "$DEST/usr/share/tallygate/rules/policy"
	run find "$DEST" -name '*.new'
	assert_output ''
	# Everything that is in rules/ for readers is there.
	run bash -c "cd '$TOP/rules' && find . -name '*.tsv' | sort | while read -r f; do
		cmp -s \"\$f\" '$DEST/usr/share/tallygate/rules/'\"\$f\" || echo \"\$f\"; done"
	assert_output ''
}

@test "check finds the rules beside the program and nothing wrong in them" {
	run tally check --json
	assert_success
	assert_output --partial "\"rules\":[\"$DEST/usr/share/tallygate/rules\",\"$DEST/etc/tallygate\"]"
	assert_output --partial '{"errors":0,"warnings":0,'
	assert_output --partial '"observe":true'
}

@test "the tests of all rules pass there" {
	run tally test
	assert_success
	assert_output --partial ', 0 failed'
}

@test "explain: the starter policy observes; with the demonstration fleet it denies" {
	run tally explain -- pdsh -w 'idx[001-400]' reboot
	assert_success
	assert_line --index 0 'tallygate: allowed: pdsh would restart 400 hosts (idx[001-400])'
	assert_output --partial "(observed only) deny_above"
	run tally explain --rules "$DEST/usr/share/tallygate/rules" \
		--rules "$DEST/usr/share/tallygate/demo" -- pdsh -w 'idx[001-400]' reboot
	assert_line --index 0 'tallygate: denied: pdsh would restart 400 hosts (idx[001-400])'
}

@test "run becomes the command, through the gate that was installed" {
	run tally run -- echo through
	assert_success
	assert_output through
}

@test "the library is found for every spelling of \$LIB, and keeps out of the way" {
	local lib=$DEST/usr/lib/tallygate/'$LIB/libtally.so'
	run --separate-stderr env LD_PRELOAD="$lib" /bin/sh -c 'grep -c libtally.so /proc/self/maps'
	assert_success
	assert_equal "$stderr" ''
	[[ $output -gt 0 ]]
}

@test "a library in use is replaced by another file, never written into" {
	local before after
	before=$(stat -c %i "$DEST/usr/lib/tallygate/libtally.so")
	exec 9<"$DEST/usr/lib/tallygate/libtally.so"
	cp "$DEST/etc/tallygate/policy/site.cfg" "$BATS_TEST_TMPDIR/kept"
	echo '# mine' >>"$DEST/etc/tallygate/policy/site.cfg"
	run make -C "$TOP" --no-print-directory install DESTDIR="$DEST"
	assert_success
	after=$(stat -c %i "$DEST/usr/lib/tallygate/libtally.so")
	[[ $before != "$after" ]]
	cmp "$TOP/build/libtally.so" /proc/self/fd/9
	exec 9<&-
	run tail -n 1 "$DEST/etc/tallygate/policy/site.cfg"
	assert_output '# mine'
	cp "$BATS_TEST_TMPDIR/kept" "$DEST/etc/tallygate/policy/site.cfg"
}

@test "another PREFIX: the rules are found from there too" {
	run make -C "$TOP" --no-print-directory install DESTDIR="$BATS_TEST_TMPDIR/d" PREFIX=/opt/tg
	assert_success
	run "$BATS_TEST_TMPDIR/d/opt/tg/bin/tally" check --json
	assert_output --partial "$BATS_TEST_TMPDIR/d/opt/tg/share/tallygate/rules"
}
