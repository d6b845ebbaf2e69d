#!/usr/bin/env bats
# tally doctor where tallygate is installed: as cron of root runs it, as a user in a session over
# ssh, and when parts of the installation are broken.

load ../setup.bash
load bed.bash
load installed.bash

setup_file() {
	local why
	BED_HOME=$(getent passwd "$(id -u)" | cut -d : -f 6)
	why=$(bed_missing)
	[ -z "$why" ] || { echo "$why" >"$BATS_FILE_TMPDIR/missing"; return 0; }
	bed_boot "$BATS_FILE_TMPDIR/bed"
	bed_install
	bed_tally_user ada
	export BED BED_NSPAWN BED_LEADER
}

setup() {
	[ ! -f "$BATS_FILE_TMPDIR/missing" ] || skip "no bastion here: $(cat "$BATS_FILE_TMPDIR/missing")"
}

teardown_file() {
	bed_stop
}

# failed NAME DETAIL MEND: it failed so, and says how to mend it.
failed() {
	assert_line --regexp "^  FAIL  $1 +.*$2"
	grep -A1 -E "^  FAIL  $1 " <<<"$output" | grep -qE "^ +mend: .*$3" ||
		fail "no mend like \"$3\" for $1 in: $output"
}

@test "root, outside of any session: all is well" {
	run bed setsid -w tally doctor
	assert_success
	assert_line --regexp '^  ok    blocked '
	assert_line --regexp '^  ok    tallysh .*cap_sys_admin'
	assert_line --regexp '^  ok    tallyd .*answers'
	assert_line --regexp '^  ok    rules of tallyd '
	assert_line --regexp '^  ok    ledger of tallyd '
	assert_line --regexp '^  ok    unit .*active'
	assert_line --regexp '^  ok    login shell .* 1 local user'
	assert_line --regexp '^  ok    /etc/shells '
	assert_line --regexp '^  ok    directory .*/var/lib/tallygate'
	assert_equal "$(bed sh -c 'ls -d /tmp/tally-doctor* 2>/dev/null')" ''
}

@test "a user, in a session over ssh: all is well, and sudo works there" {
	run bed timeout 60 ssh -l ada localhost tally doctor
	assert_success
	assert_line --regexp '^  ok    user notification .*this very session'
	assert_line --regexp '^  ok    into the gate .*answered'
	assert_line --regexp '^  ok    here .*sudo works'
	assert_line --regexp '^  -     whole .*root'
}

@test "a tallysh without its capability" {
	bed setcap -r /usr/lib/tallygate/tallysh
	run bed tally doctor
	bed setcap cap_sys_admin=ep /usr/lib/tallygate/tallysh
	assert_equal "$status" 1
	failed tallysh 'no capability' 'setcap cap_sys_admin=ep'
}

@test "broken rules that tallyd has not taken" {
	bed sh -c 'echo "limits = ( { action = 1; } );" >/etc/tallygate/policy/bad.cfg; systemctl reload tallyd' || true
	run bed tally doctor
	bed sh -c 'rm /etc/tallygate/policy/bad.cfg; systemctl reload tallyd'
	assert_equal "$status" 1
	failed files 'bad.cfg:1' 'tally check'
	failed 'rules of tallyd' 'bad.cfg' 'reload tallyd'
}

@test "no tallyd" {
	bed systemctl stop tallyd.socket tallyd.service
	run bed tally doctor
	bed systemctl start tallyd.socket tallyd.service
	assert_equal "$status" 1
	failed tallyd '' 'systemctl restart tallyd'
	failed unit 'inactive' 'systemctl enable'
}
