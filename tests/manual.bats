#!/usr/bin/env bats
# The manual pages: no warning from man, and nothing in them that is not there.

load setup.bash

setup() {
	own_home
	cd "$TOP"
	export LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80
}

@test "man formats them without a warning, at 80 columns" {
	local page
	for page in man/*.[1-8]; do
		run --separate-stderr man --warnings -E UTF-8 -l -Tutf8 -Z "$page"
		assert_success
		assert_equal "$stderr" ''
	done
}

@test "every command of tally is in tally(1), with every option of its help" {
	local command option
	man -l man/tally.1 | col -b >"$BATS_TEST_TMPDIR/tally.txt"
	for command in $("$BUILD/tally" --help | sed -n 's/^  \([a-z]*\)  *.*/\1/p'); do
		grep -Eq "^ +$command( |$)" "$BATS_TEST_TMPDIR/tally.txt" || fail "tally $command is not in tally(1)"
	done
	for command in explain status check test run; do
		for option in $("$BUILD/tally" $command --help | grep -o '^  --[a-z]*'); do
			[[ $option == --help ]] || grep -q -- "$option" "$BATS_TEST_TMPDIR/tally.txt" ||
				fail "$command $option is not in tally(1)"
		done
	done
}

@test "the version is that of the program" {
	run "$BUILD/tally" --version
	local version=${output#tally }
	for page in man/*.[1-8]; do
		grep -q "tallygate $version\"" "$page" || fail "$page"
	done
}
