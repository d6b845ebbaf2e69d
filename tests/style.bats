#!/usr/bin/env bats
# The part of scripts/check that takes seconds, so that no merge goes without it.

load setup.bash

setup() {
	cd "$TOP"
}

@test "C code is formatted as .clang-format says" {
	run scripts/check format
	assert_success
}

@test "shellcheck finds nothing in scripts and suites" {
	run scripts/check shell
	assert_success
}

@test "no source file is longer than 600 lines" {
	run bash -c "git ls-files 'rules/*.[ch]' 'wrapper/*.[ch]' 'preload/*.[ch]' | xargs wc -l | awk '\$2 != \"total\" && \$1 > 600'"
	assert_success
	assert_output ''
}

@test "scripts/check says what it does, and refuses what it does not know" {
	run scripts/check --help
	assert_success
	assert_line --index 0 --partial 'usage: scripts/check'
	run scripts/check everything
	assert_equal "$status" 2
}
