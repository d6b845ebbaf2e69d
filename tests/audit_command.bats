#!/usr/bin/env bats
# tally audit: the log shown, followed, verified, rotated, added up.

load setup.bash
load gate.bash

setup() {
	gate_session
	LOG=$XDG_STATE_HOME/tallygate/audit.jsonl
	export TZ=UTC
}

teardown() {
	[ -z "${follower:-}" ] || kill "$follower" 2>/dev/null || :
}

# Five records: a read, an allowed, a confirmed, a denied, a declined one.
five() {
	run gate --list
	run gate 'web[001-002]'
	TALLY_EXPECT=3 run gate 'web[001-003]'
	run gate 'web[001-100]'
	run gate --force web001
	assert_equal "$(wc -l <"$LOG")" 5
}

audit() {
	"$BUILD/tally" audit "$@"
}

chain() {
	python3 "$TOP/tests/audit_chain.py" "$@"
}

# on_terminal COLUMNS ARG...: `tally audit ARG...` on a terminal of that width.
on_terminal() {
	local columns=$1
	shift
	script -qec "stty cols $columns rows 50; '$BUILD/tally' audit $*" /dev/null </dev/null |
		tr -d '\r'
}

# until_true COMMAND...: waits for it, at most 20 seconds.
until_true() {
	local end=$((SECONDS + 20))
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		read -rt 0.05 <> <(:) || :
	done
}

assert_touched() {
	run audit verify "$@"
	assert_equal "$status" 1
}

# ---- showing ----

@test "each record: when, who, what, how many, which, the command line" {
	five
	run audit
	assert_success
	assert_line --regexp "^20[0-9-]+ [0-9:]+  $(id -un) +read +drain read$"
	assert_line --regexp "  $(id -un) +allowed +drain stop 2 hosts  web\[001-002\]$"
	assert_line --regexp ' confirmed +drain stop 3 hosts  web\[001-003\]$'
	assert_line --regexp ' denied +drain stop 100 hosts  web\[001-100\]$'
	assert_line '  command  drain web[001-100]'
	assert_line --partial 'too-many: 100 hosts would be stopped'
	refute_output --partial $'\e'
}

@test "on a terminal it is coloured, unless NO_COLOR or the terminal say no" {
	five
	TERM=xterm run on_terminal 100
	assert_output --partial $'\e[1;31mdenied'
	NO_COLOR=1 TERM=xterm run on_terminal 100
	refute_output --partial $'\e'
	TERM=dumb run on_terminal 100
	refute_output --partial $'\e'
}

@test "no line is wider than the terminal" {
	five
	run gate --list "$(printf 'x%.0s' {1..500})" $'\u6f22\u5b57'
	for columns in 40 60 80 120; do
		LC_ALL=C.UTF-8 NO_COLOR=1 run on_terminal $columns
		assert_success
		assert_output --partial 'drain stop 100 hosts'
		for line in "${lines[@]}"; do
			[ ${#line} -le $columns ] || fail "$columns columns: ${#line} in: $line"
		done
	done
}

@test "what is in the log cannot act on the screen" {
	run gate --list $'\e]0;owned\a' $'\u202e'
	sed -i 's/"drain"/"dr\\u001b[2Jain"/g' "$LOG"
	run on_terminal 80
	refute_output --partial $'\e]0'
	refute_output --partial $'\e[2J'
	refute_output --partial $'\u202e'
}

@test "filters: held, user, tool, action, verdict, target, event" {
	five
	run bash -c "'$BUILD/tally' audit --denied --json | wc -l"
	assert_output 2
	run audit --user nobody-of-that-name
	assert_success
	assert_output ''
	run bash -c "'$BUILD/tally' audit --user '$(id -un)' --tool drain --action stop --json | wc -l"
	assert_output 4
	run bash -c "'$BUILD/tally' audit --verdict confirm --json | wc -l"
	assert_output 1
	# Looked up in the folded set: only some of the names stand there one by one.
	run bash -c "'$BUILD/tally' audit --target web055 --json | wc -l"
	assert_output 1
	run bash -c "'$BUILD/tally' audit --target web002 --json | wc -l"
	assert_output 3
	id=$(chain get "$LOG" 4 event.id)
	run bash -c "'$BUILD/tally' audit --event $id --json"
	assert_output "$(sed -n 4p "$LOG")"
	run audit --action stpo
	assert_equal "$status" 2
	assert_output --partial 'expected read, run'
}

@test "filters: since and until" {
	five
	sed -i '1s/"@timestamp":"20../"@timestamp":"1999/' "$LOG"
	run bash -c "'$BUILD/tally' audit --since '1 h' --json | wc -l"
	assert_output 4
	run bash -c "'$BUILD/tally' audit --until 1990-01-01 --json | wc -l"
	assert_output 0
	run bash -c "'$BUILD/tally' audit --since 2000-01-01T00:00:00Z --json | wc -l"
	assert_output 4
	run bash -c "'$BUILD/tally' audit --since today --until '2999-01-01 12:30' --json | wc -l"
	assert_output 4
	run audit --since yesteryear
	assert_equal "$status" 2
	assert_output --partial '"yesteryear" is no time, expected "10 min"'
}

@test "the last ones, and the lines as they are" {
	five
	run audit --last 2 --json
	assert_output "$(tail -n 2 "$LOG")"
	run audit --json
	assert_output "$(cat "$LOG")"
	run audit -n 0
	assert_equal "$status" 2
}

@test "without a log: says so, and where it was looked for" {
	run audit
	assert_equal "$status" 125
	assert_output --partial "$LOG"
	assert_output --partial 'nothing has been recorded yet'
}

@test "follow: what is recorded from now on, also behind a rotation" {
	run gate --list first
	"$BUILD/tally" audit --follow >"$WORK/out" 3>&- &
	follower=$!
	until_true grep -q 'list first' "$WORK/out"
	run gate --list second
	until_true grep -q 'list second' "$WORK/out"
	run audit rotate
	assert_success
	run gate --list third
	until_true grep -q 'list third' "$WORK/out"
	kill $follower
	wait $follower || :
	assert_equal "$(grep -c 'command  drain' "$WORK/out")" 3
}

@test "follow with a filter" {
	audit_file=$WORK/out
	run gate --list first
	"$BUILD/tally" audit --follow --denied --json >"$audit_file" 3>&- &
	follower=$!
	# It may begin to read after these: either way they are shown once.
	run gate 'web[001-100]'
	run gate --list second
	run gate --force web001
	until_true bash -c "[ \$(wc -l <'$audit_file') -ge 2 ]"
	kill $follower
	wait $follower || :
	assert_equal "$(wc -l <"$audit_file")" 2
	refute grep -q command-read "$audit_file"
}

@test "help of each, and calls that make no sense" {
	run audit --help
	assert_success
	assert_output --partial 'usage: tally audit'
	for mode in verify report rotate; do
		run audit $mode --help
		assert_success
		assert_output --partial "usage: tally audit $mode"
		assert_output --partial 'Exit status'
	done
	run audit verify --user root
	assert_equal "$status" 2
	run audit --anchor x
	assert_equal "$status" 2
	run audit rotate "$LOG"
	assert_equal "$status" 2
	run "$BUILD/tally" --help
	assert_output --partial audit
}

# ---- verifying ----

@test "verify: a whole chain" {
	five
	run audit verify
	assert_success
	assert_line --regexp "^whole: 5 records, the last is 5 of 20.*, hash $(chain get "$LOG" 5 event.hash)$"
	assert_line 'no anchor was given: a cut end would not show'
}

@test "verify: an edited record, with its line and number, both hashes" {
	five
	hash=$(chain get "$LOG" 2 event.hash)
	sed -i '2s/web001/web009/' "$LOG"
	assert_touched
	assert_output --partial "$LOG:2: record 2 was edited: it carries the hash $hash, its bytes give "
	assert_output --partial '1 records before it are whole'
}

@test "verify: an edited record whose hash was made right" {
	five
	chain forge "$LOG" 2 web001 web009
	assert_touched
	assert_output --partial "$LOG:2: record 2 was replaced"
}

@test "verify: an edited last record whose hash was made right shows with an anchor" {
	five
	anchor=$(audit verify --print-anchor)
	chain forge "$LOG" 5 web001 web009
	run audit verify
	assert_success
	assert_touched --anchor "$anchor"
	assert_output --partial 'record 5 has not the anchor'
}

@test "verify: a record that was made unreadable" {
	five
	sed -i '3s/.*/{}/' "$LOG"
	assert_touched
	assert_output --partial "$LOG:3: this line is no record"
}

@test "verify: a removed record, several, and the first" {
	five
	cp "$LOG" "$WORK/log"
	sed -i 3d "$LOG"
	assert_touched
	assert_output --partial "$LOG:3: record 4 stands here, where record 3 is expected, which is missing: removed"
	sed '2,4d' "$WORK/log" >"$LOG"
	assert_touched
	assert_output --partial "$LOG:2: record 5 stands here, where record 2 is expected: 3 records, to 4, are missing"
	sed 1d "$WORK/log" >"$LOG"
	assert_touched
	assert_output --partial "$LOG:1: record 2 stands here, where record 1 is expected, which is missing"
}

@test "verify: reordered and repeated records" {
	five
	cp "$LOG" "$WORK/log"
	sed -i '2{h;d};3{G}' "$LOG"
	assert_touched
	assert_output --partial "$LOG:2: record 3 stands here, where record 2 is expected, which is at line 3: reordered"
	{ cat "$WORK/log"; sed -n 2p "$WORK/log"; } >"$LOG"
	assert_touched
	assert_output --partial "$LOG:6: record 2 stands here, where record 6 is expected: reordered, or put in twice"
}

@test "verify: a cut end shows with an anchor, in all its forms, and not without" {
	five
	anchor=$(audit verify --print-anchor)
	assert_regex "$anchor" '^5:[0-9a-f]{64}$'
	run audit verify --anchor "$anchor"
	assert_success
	refute_output --partial 'no anchor'
	run audit verify --anchor "${anchor#5:}"
	assert_success
	audit verify --print-anchor >"$WORK/anchors"
	run gate web004
	# The log may have grown since.
	run audit verify --anchor "$WORK/anchors"
	assert_success
	audit verify --print-anchor >>"$WORK/anchors"
	sed -i '4,$d' "$LOG"
	run audit verify
	assert_success
	assert_touched --anchor "$anchor"
	assert_output --partial 'the log ends with record 3, the anchor is record 5: its end has been cut off'
	assert_touched --anchor "${anchor#5:}"
	assert_output --partial 'the end of the log has been cut off, or it has been written anew'
	assert_touched --anchor "$WORK/anchors"
	assert_output --partial 'the anchor is record 6'
	# And what is appended behind the cut does not heal it.
	for number in 1 2 3 4; do
		run gate "web00$number"
	done
	run audit verify
	assert_success
	assert_touched --anchor "$anchor"
	assert_output --partial 'record 5 has not the anchor'
}

@test "verify: an anchor that is none" {
	five
	for anchor in nonsense 5: 5:abc 0:"$(printf '0%.0s' {1..64})"; do
		run audit verify --anchor "$anchor"
		assert_equal "$status" 2
		assert_output --partial 'neither HASH nor NUMBER:HASH'
	done
	: >"$WORK/empty"
	run audit verify --anchor "$WORK/empty"
	assert_equal "$status" 2
	assert_output --partial 'holds no anchor'
}

@test "verify: an anchor is only printed of a whole chain" {
	five
	sed -i '2s/web001/web009/' "$LOG"
	run --separate-stderr audit verify --print-anchor
	assert_equal "$status" 1
	assert_output ''
}

# ---- rotating ----

@test "rotate: the chain goes on in the new log, and both are checked together" {
	five
	anchor=$(audit verify --print-anchor)
	run audit rotate
	assert_success
	old=$output
	assert_regex "$old" "^${LOG%/*}/audit-20[0-9]{6}T[0-9]{6}Z\.jsonl$"
	assert_equal "$(stat -c %a "$LOG")" 600
	run gate web004
	assert_success
	run audit verify "$old" "$LOG"
	assert_success
	assert_output --partial 'whole: 7 records'
	run chain check "$old" "$LOG"
	assert_output 7
	run audit verify
	assert_success
	assert_output --partial 'begins with record 6; older files hold those before it'
	assert_touched --anchor "$anchor"
	assert_output --partial 'name the older files too'
	run audit verify --anchor "$anchor" "$old" "$LOG"
	assert_success
	# A cut end of the old one shows by the new one.
	sed -i '$d' "$old"
	assert_touched "$old" "$LOG"
	assert_output --partial 'record 6 stands here, where record 5 is expected'
}

@test "rotate while commands run: no record is lost, none comes twice" {
	run gate --list 0
	for number in $(seq 30); do
		gate --list "$number" >/dev/null &
		if [ $((number % 10)) -eq 0 ]; then
			until_true audit rotate >>"$WORK/rotated" 2>/dev/null
		fi
	done
	wait
	mapfile -t rotated <"$WORK/rotated"
	assert_equal "${#rotated[@]}" 3
	run chain check "${rotated[@]}" "$LOG"
	assert_success
	assert_output 34
}

@test "rotate: a log that is not there yet" {
	run audit rotate
	assert_equal "$status" 125
	assert_output --partial 'is empty'
}

# ---- adding up ----

@test "report: who ran what, how much was held, which limits spoke" {
	five
	run audit report
	assert_success
	assert_line --regexp '^5 records, 20'
	assert_line --regexp "^$(id -un) +5 +1 +- +1 +1 +2 +- +- +5$"
	assert_line --regexp '^drain +5 '
	assert_line --regexp '^too-many +1 deny$'
	run audit report --json
	assert_success
	run python3 -c 'import json,sys; r = json.load(sys.stdin); u = r["users"]["'"$(id -un)"'"]
print(u["commands"], u["denied"], u["targets"], r["rules"]["too-many"]["deny"])' <<<"$output"
	assert_output '5 2 5 1'
	run audit report --denied
	assert_line --regexp '^2 records'
	run audit report --tool none
	assert_output 'no records'
}

@test "report: narrow terminals" {
	five
	NO_COLOR=1 run on_terminal 60 report
	assert_success
	assert_line --regexp "^$(id -un) +5, 1 reads, 1 allowed, 1 confirmed, 2 denied$"
}
