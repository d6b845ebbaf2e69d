#!/usr/bin/env bats
# The readers of host lists and command lines against the tools themselves. Seeds are fixed
# here; the programs choose and print another one when they are called without.

setup() {
	source "$BATS_TEST_DIRNAME/setup.bash"
	READ_HOSTS=$BUILD/unit/read_hosts
	[ -x "$READ_HOSTS" ] || make -s -C "$TOP" BUILD="$BUILD" "$READ_HOSTS"
}

needs() {
	command -v "$1" >/dev/null || skip "$1 is not installed"
}

@test "node sets are read, counted and folded as ClusterShell does" {
	needs nodeset
	run /usr/bin/python3 "$BATS_TEST_DIRNAME/nodeset_agreement.py" "$READ_HOSTS" 4000 1
	assert_success
	assert_output --partial " 0 differ"
}

@test "pdsh lists name the hosts that pdsh runs on" {
	needs pdsh
	run /usr/bin/python3 "$BATS_TEST_DIRNAME/pdsh_agreement.py" "$READ_HOSTS" 2000 1
	assert_success
	assert_output --partial " 0 differ"
}

@test "clush lines name the nodes that clush holds when it starts to run" {
	needs clush
	run "$BATS_TEST_DIRNAME/clush_agreement.py" "$BUILD/tally" 2000 1
	assert_success
	assert_output --partial " 0 differ"
}

@test "ansible lines name the hosts that ansible would run on" {
	needs ansible
	run "$BATS_TEST_DIRNAME/ansible_agreement.py" "$BUILD/tally" 400 1
	assert_success
	assert_output --partial " 0 differ"
}

@test "a million hosts are one range" {
	run "$READ_HOSTS" folded <<<'node[1-1000000]'
	assert_success
	assert_output $'1000000\tnode[1-1000000]'
}

@test "what cannot be read is named with what was expected" {
	run "$READ_HOSTS" folded <<<'web[1-3'
	assert_output --partial 'in the brackets of "web[1-3" where , or ] was expected'
}
