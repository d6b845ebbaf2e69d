#!/usr/bin/env bats
# tally explain on the demonstration fleet: text at every width, JSON, JSONL, statuses.

load setup.bash

setup() {
	own_home
	export LC_ALL=C.UTF-8
	unset COLUMNS NO_COLOR
	cd "$BATS_TEST_TMPDIR"
}

explain() {
	run --separate-stderr "$BUILD/tally" explain "$@"
}

# field EXPRESSION: of the object o, by Python.
field() {
	python3 -c 'import json, sys; o = json.loads(sys.argv[1]); print(eval(sys.argv[2]))' \
		"$output" "$1"
}

# on_terminal COMMAND: its output on a terminal of 80 columns, line ends as in a file.
on_terminal() {
	script -qec "stty cols 80; $1" /dev/null </dev/null | tr -d '\r'
}

@test "what was typed on the day: denied, with what, how many, which floors, which lines" {
	explain -- pdsh -R exec -w 'idx[001-400]' sudo systemctl stop index
	assert_success
	assert_equal "$stderr" ''
	assert_equal "${lines[0]}" 'tallygate: denied: pdsh would stop 400 hosts (idx[001-400])'
	assert_line '  command  pdsh -R exec -w idx[001-400] sudo systemctl stop index'
	assert_line '  targets  400 hosts: idx[001-400]'
	assert_line '! index    400 of 400 hit; in service 400 → 0, floor 300: below the floor'
	assert_line '! billing  11 of 51 hit; in service 51 → 40, floor 41: below the floor'
	assert_output --regexp 'deny +index floor: index would have 0 in service, its floor is 300'
	assert_output --regexp 'policy/demo\.cfg:[0-9]+\)'
	refute_output --partial $'\033'
}

@test "no line is longer than the terminal: 80 and 40 columns" {
	local width line
	for width in 80 40; do
		COLUMNS=$width explain -- pdsh -R exec -w 'idx[001-400],bill[01-40],plc[001-100]' \
			sudo systemctl stop index placement billing
		assert_success
		[[ ${#lines[@]} -gt 10 ]]
		for line in "${lines[@]}"; do
			((${#line} <= width)) || fail "$width columns: ${#line}: $line"
		done
		assert_output --partial 'index'
	done
}

@test "JSON: all keys, and the values of the day" {
	explain --json -- pdsh -R exec -w 'idx[001-400]' sudo systemctl stop index
	assert_success
	assert_equal "${#lines[@]}" 1
	assert_equal "$(field 'list(o)[:10]')" "['verdict', 'tool', 'action', 'count', 'unit', 'effect', 'targets', 'subsystems', 'reasons', 'probe']"
	assert_equal "$(field '[o[k] for k in ("verdict", "tool", "action", "count", "unit", "effect", "targets", "probe")]')" \
		"['deny', 'pdsh', 'stop', 400, 'host', None, 'idx[001-400]', None]"
	assert_equal "$(field '[(s["name"], s["hit"], s["capacity"], s["floor"], s["after"]) for s in o["subsystems"]]')" \
		"[('index', 400, 400, 300, 0), ('billing', 11, 51, 41, 40)]"
	assert_equal "$(field 'sorted(r["rule"] for r in o["reasons"])')" \
		"['billing floor', 'deny_above', 'index floor', 'one-cell', 'too-quickly']"
	assert_equal "$(field 'all(r["file"].endswith(".cfg") and r["line"] > 0 and r["text"] and r["verdict"] in ("deny", "confirm") for r in o["reasons"])')" True
	assert_equal "$(field '"names" in o')" False
}

@test "JSON: names one by one, a probe's argv, an unknown count" {
	explain --json --names -- pdsh -w 'idx[1-3]' uptime
	assert_equal "$(field 'o["names"]')" "['idx1', 'idx2', 'idx3']"
	export CLUSTERSHELL_CFGDIR=$TOP/rules/fleet/demo/clustershell
	explain --json -- clush -w @billing uptime
	assert_equal "$(field '(o["count"], o["probe"][0])')" "(51, 'nodeset')"
	explain --json -- pdsh -w '' reboot
	assert_equal "$(field '(o["count"], o["targets"], o["verdict"])')" "(None, None, 'deny')"
}

@test "JSON: a target in no subsystem, a subsystem without a floor" {
	mkdir -p rules/policy rules/fleet rules/tools
	cp "$TOP/rules/tools/pdsh.cfg" rules/tools/
	echo 'limits = ();' >rules/policy/policy.cfg
	echo 'subsystems = ( { name = "s"; members = "a[1-2]"; } );' >rules/fleet/fleet.cfg
	explain --json --rules rules -- pdsh -w a1,b1 reboot
	assert_equal "$(field '[(s["name"], s["hit"], s["floor"]) for s in o["subsystems"]]')" \
		"[('s', 1, None), ('unmapped', 1, None)]"
	assert_equal "$(field 'o["verdict"]')" allow
}

@test "no known tool: tool null, verdict allow" {
	explain --json -- /bin/echo pdsh -w a
	assert_success
	assert_equal "$(field '(o["tool"], o["verdict"], o["action"], o["count"], o["reasons"])')" "(None, 'allow', None, None, [])"
	explain -- /bin/echo pdsh
	assert_success
	assert_output '/bin/echo is no program that tallygate knows: it runs unasked.'
}

@test "JSONL: one object a line, in order; what cannot be judged has an error" {
	explain --jsonl <<'LINES'
{"argv":["pdsh","-w","idx[001-002]","reboot"]}

this is no JSON
{"argv":[]}
{"argv":["pdsh",3]}
{"argv":["ls"]}
{"argv":["clush","--hostfile","hosts","reboot"],"cwd":"@DIR@"}
LINES
	assert_success
	assert_equal "${#lines[@]}" 6
	run python3 -c '
import json, sys
for line in sys.argv[1].splitlines():
    o = json.loads(line)
    print("error" if "error" in o else (o["tool"], o["count"]))
' "$output"
	assert_output "('pdsh', 2)
error
error
error
(None, None)
('clush', None)"
}

@test "JSONL: directory, environment and standard input of the line" {
	printf 'a1\na2\n' >hosts
	run --separate-stderr "$BUILD/tally" explain --jsonl --names <<LINES
{"argv":["pdsh","-w","^hosts","uptime"],"cwd":"$PWD"}
{"argv":["pdsh","uptime"],"env":{"WCOLL":"$PWD/hosts"}}
{"argv":["pdsh","-w","^/dev/stdin","uptime"],"stdin":"b1\nb2\nb3\n"}
{"argv":["pdsh","-w","^/dev/stdin","uptime"]}
LINES
	assert_success
	run python3 -c '
import json, sys
print([json.loads(line)["names"] for line in sys.argv[1].splitlines()])
' "$output"
	assert_output "[['a1', 'a2'], ['a1', 'a2'], ['b1', 'b2', 'b3'], []]"
}

@test "--rules replaces the directories, in any working directory" {
	mkdir -p rules/tools rules/policy
	cat >rules/tools/mine.cfg <<'CFG'
tool = { name = "mine"; programs = [ "mine" ]; action = "remove"; targets = ( { operands = "all"; } ); };
CFG
	echo 'limits = ( { action = "remove"; verdict = "approve"; } );' >rules/policy/policy.cfg
	explain --json --rules rules -- mine a b
	assert_equal "$(field '(o["tool"], o["count"], o["verdict"])')" "('mine', 2, 'approve')"
	explain --json --rules rules -- pdsh -w a reboot
	assert_equal "$(field 'o["tool"]')" None
	explain --json --rules rules --rules "$TOP/rules" -- pdsh -w a reboot
	assert_equal "$(field 'o["tool"]')" pdsh
}

@test "a policy whose own test fails is shown, with a warning" {
	cp -r "$TOP/rules" rules
	echo 'tests = ( { name = "never"; command = "pdsh -w idx001 reboot"; verdict = "deny"; } );' >rules/policy/more.cfg
	explain --json --rules rules -- pdsh -w idx001 reboot
	assert_success
	assert_equal "$(field 'o["verdict"]')" confirm
	assert_regex "$stderr" 'warning: .*more\.cfg:1: the policy is not used, because its own test "never" fails'
}

@test "statuses: 2 for a wrong call, 125 for broken rules, 0 for every verdict" {
	explain
	assert_equal "$status" 2
	assert_regex "$stderr" 'a command is missing'
	explain --wrong -- ls
	assert_equal "$status" 2
	explain --jsonl -- ls
	assert_equal "$status" 2
	explain --rules /nowhere -- ls
	assert_equal "$status" 2
	assert_regex "$stderr" '/nowhere: No such file'
	mkdir -p rules/policy
	echo 'limits = ( { verdict = "maybe"; } );' >rules/policy/policy.cfg
	explain --rules rules -- ls
	assert_equal "$status" 125
	assert_regex "$stderr" 'policy\.cfg:1: verdict = "maybe": expected one of'
	explain --help
	assert_success
	assert_line --index 0 --regexp '^usage: tally explain '
}

@test "nothing is run and nothing is reserved" {
	printf '#!/bin/sh\necho ran >>"%s/ran"\n' "$PWD" >pdsh
	chmod +x pdsh
	PATH=$PWD:$PATH
	explain -- pdsh -w idx001 sudo systemctl stop index
	assert_success
	explain -- pdsh -w 'idx[001-002]' sudo systemctl stop index
	assert_not_exists ran
	assert_output --partial '2 of 400 hit; in service 400 → 398'
}

@test "colour on a terminal, none in a pipe, none with NO_COLOR or a dumb terminal" {
	local line="'$BUILD/tally' explain -- pdsh -w 'idx[001-400]' reboot"
	export TERM=xterm
	run on_terminal "$line"
	assert_output --partial $'\033[1;31m'
	NO_COLOR=1 run on_terminal "$line"
	refute_output --partial $'\033['
	assert_output --partial 'denied'
	TERM=dumb run on_terminal "$line"
	refute_output --partial $'\033['
	explain -- pdsh -w 'idx[001-400]' reboot
	refute_output --partial $'\033'
}

@test "what a command hides is shown as escapes" {
	explain -- pdsh -w 'idx001' "$(printf 'echo \033[2K\rnothing')" reboot
	assert_success
	refute_output --partial $'\033'
	assert_output --partial '\e[2K\rnothing'
}

@test "without UTF-8 only ASCII is printed" {
	LC_ALL=C explain -- pdsh -w 'idx[001-400]' reboot
	assert_success
	[[ ! $output =~ [^[:print:][:space:]] ]]
	assert_output --partial '400 -> 0'
}
