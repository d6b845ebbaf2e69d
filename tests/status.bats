#!/usr/bin/env bats
# tally status: what is in service, what is out, what the rates leave, what was only observed.

load setup.bash
load gate.bash

setup() {
	gate_session
	own_rules
	write_session "$SESSION"
	export LC_ALL=C.UTF-8 TALLY_SESSION=$SESSION
	unset COLUMNS NO_COLOR
}

status() {
	run --separate-stderr "$BUILD/tally" status "$@"
}

# field EXPRESSION: of the object o, by Python; subsystems and rates by name.
field() {
	python3 -c '
import json, sys
o = json.loads(sys.argv[1])
s = {x["name"]: x for x in o["subsystems"]}
r = {x["rule"]: x for x in o["rates"]}
print(eval(sys.argv[2]))' "$output" "$1"
}

with_rate() {
	sed -i '$ s/ } );$/ },\n  { name = "slowly"; action = "stop"; rate = { targets = 3; seconds = "1 h"; }; verdict = "deny"; } );/' \
		"$RULES/policy/policy.cfg"
}

@test "nothing has happened: all in service, and how many may go" {
	status
	assert_success
	assert_equal "$stderr" ''
	assert_line --index 0 --regexp '^tallygate enforces [0-9]+ limits on 2 subsystems'
	assert_line "  rules    $RULES"
	assert_line '  web      100 of 100 in service, floor 60: 40 may go'
	assert_line '  edge     20 of 20 in service, floor 10 (50% of 20): 10 may go'
	status --json
	assert_success
	assert_equal "$(field 'sorted(o)')" "['limits', 'observe', 'policy', 'rates', 'rules', 'session', 'sessions', 'state', 'subsystems', 'time', 'would_have_held']"
	assert_equal "$(field 's["web"]["in_service"], s["web"]["floor"], s["web"]["room"], s["web"]["out"], s["web"]["out_targets"]')" "(100, 60, 40, 0, None)"
	assert_equal "$(field 'o["session"], o["observe"], o["rates"], o["would_have_held"]')" "('suite', False, [], [])"
}

@test "what was admitted is out, in every subsystem it belongs to" {
	TALLY_EXPECT=2 run gate 'web[099-100]'
	assert_success
	status
	assert_success
	assert_line --regexp '^  web      98 of 100 in service, floor 60: 38 may go; 2 out by earlier'
	assert_output --partial 'web[099-100]'
	status --json
	assert_equal "$(field '[(x["in_service"], x["room"], x["out"], x["out_targets"]) for x in o["subsystems"]]')" \
		"[(98, 38, 2, 'web[099-100]'), (18, 8, 2, 'web[099-100]')]"
}

@test "a rate: what is used, what fits, when the next does" {
	with_rate
	status --json
	assert_equal "$(field '(r["slowly"]["targets"], r["slowly"]["seconds"], r["slowly"]["used"], r["slowly"]["fits"], r["slowly"]["next_in"])')" "(3, 3600, 0, 3, None)"
	TALLY_EXPECT=2 run gate 'web[001-002]'
	assert_success
	TALLY_EXPECT=1 run gate web003
	assert_success
	status
	assert_output --partial '3 of 3 hosts within 1 h: 0 fit now, the next in '
	# Where the place is long it goes on in the next line.
	assert_regex "${output//[[:space:]]/}" 'policy/policy\.cfg:[0-9]+\)'
	assert_line --regexp '^! slowly +3 of 3 hosts within 1 h: 0 fit now'
	status --json
	assert_equal "$(field '0 < r["slowly"]["next_in"] <= 3600, r["slowly"]["fits"], r["slowly"]["used"]')" "(True, 0, 3)"
}

@test "a probe is asked, and one that fails leaves it unknown: status 1" {
	cat >"$WORK/bin/in-service" <<'SCRIPT'
#!/bin/sh
[ -e "$WORK/broken" ] && { echo no route >&2; exit 3; }
seq -f web%03g 1 70
SCRIPT
	chmod +x "$WORK/bin/in-service"
	export WORK
	sed -i 's/floor = 60;/floor = 60; capacity = { probe = [ "in-service" ]; };/' "$RULES/fleet/fleet.cfg"
	status
	assert_success
	assert_line '  web      70 of 100 in service, floor 60: 10 may go'
	touch "$WORK/broken"
	status
	assert_equal "$status" 1
	assert_output --partial '! web      of 100, in service: unknown'
	assert_output --partial 'no route'
	status --json
	assert_equal "$(field 's["web"]["in_service"], s["web"]["room"], "no route" in s["web"]["unknown"]')" "(None, None, True)"
}

@test "below its floor: by how many, and status 1" {
	printf '#!/bin/sh\nseq -f web%%03g 1 58\n' >"$WORK/bin/in-service"
	chmod +x "$WORK/bin/in-service"
	sed -i 's/floor = 60;/floor = 60; capacity = { probe = [ "in-service" ]; };/' "$RULES/fleet/fleet.cfg"
	status
	assert_equal "$status" 1
	assert_line '! web      58 of 100 in service, floor 60: 2 below it'
}

@test "what is only observed would have held is counted from the audit log" {
	sed -i '1i observe = true;' "$RULES/policy/policy.cfg"
	status
	assert_line --index 0 'tallygate only observes: limits and floors are shown and recorded, and hold'
	assert_line --regexp '^ +nothing$'
	run gate 'web[001-060]'
	assert_success
	run gate 'web[061-062]'
	assert_success
	status
	assert_output --regexp 'too-many +1 command, the last [0-9]+ s ago by '
	status --json
	assert_equal "$(field '{x["rule"]: x["commands"] for x in o["would_have_held"]}["too-many"]')" 1
	assert_equal "$(field 'o["observe"], s["web"]["observed"]')" "(True, True)"
}

@test "no line is longer than the terminal" {
	local width line
	with_rate
	TALLY_EXPECT=2 run gate 'web[099-100]'
	for width in 80 40; do
		COLUMNS=$width status
		for line in "${lines[@]}"; do
			((${#line} <= width)) || fail "$width columns: ${#line}: $line"
		done
	done
}

@test "colour and bars on a terminal, no colour in a pipe or with NO_COLOR" {
	local line="stty cols 80; '$BUILD/tally' status"
	export TERM=xterm
	run script -qec "$line" /dev/null
	assert_output --partial $'\033[32m'
	assert_output --partial '█'
	NO_COLOR=1 run script -qec "$line" /dev/null
	refute_output --partial $'\033['
	status
	refute_output --partial $'\033'
	LC_ALL=C status
	[[ ! $output =~ [^[:print:][:space:]] ]]
	assert_output --partial '####'
}

@test "sessions: this one, others that live, none that have gone" {
	local start
	start=$(cut -d ' ' -f 22 "/proc/$$/stat")
	mkdir "$WORK/other" "$WORK/gone"
	write_session "$WORK/other"
	sed -i "s/suite/living/; \$ a supervisor = $$; supervisor_start = \"$start\";" "$WORK/other/session.cfg"
	write_session "$WORK/gone"
	sed -i "s/suite/dead/; \$ a supervisor = $$; supervisor_start = \"1\";" "$WORK/gone/session.cfg"
	status --json
	assert_equal "$(field '[x["id"] for x in o["sessions"]]')" "['suite', 'living']"
}

@test "wrong calls say what to do" {
	status --wrong
	assert_equal "$status" 2
	status web
	assert_equal "$status" 2
	assert_regex "$stderr" 'web: no arguments are expected; see tally status --help'
	status --rules /nowhere
	assert_equal "$status" 2
	status --help
	assert_success
	assert_line --index 0 'usage: tally status [--json] [--rules DIR]...'
	echo broken >"$RULES/policy/x.cfg"
	status
	assert_equal "$status" 125
	assert_regex "$stderr" 'x\.cfg:'
}

@test "a ledger that cannot be read is a fault, not an empty one" {
	mkdir -p "$XDG_STATE_HOME/tallygate"
	echo 'no database at all, but long enough to be looked at as one ....' >"$XDG_STATE_HOME/tallygate/ledger.db"
	status
	assert_equal "$status" 125
}
