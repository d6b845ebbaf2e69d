#!/usr/bin/env bats
# An installed tallygate on a real bastion: real users log in over real ssh, tallyd supervises
# them, judges, writes the audit log, and may be restarted or killed meanwhile.

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
	bed_tally_user ada ops
	bed_tally_user bob
	bed_tally_user eve tallygate-break-glass
	bed sh -c 'echo "ada ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/ada'
	bed tee /etc/tallygate/policy/site.cfg >/dev/null <<-'END'
		limits = (
			{ action = "restart"; confirm_above = 2; deny_above = 20; },
			{ action = "remove"; deny_above = 0; } );
	END
	bed systemctl reload tallyd
	export BED BED_NSPAWN BED_LEADER
}

setup() {
	[ ! -f "$BATS_FILE_TMPDIR/missing" ] || skip "no bastion here: $(cat "$BATS_FILE_TMPDIR/missing")"
}

teardown_file() {
	bed_stop
}

# as USER COMMAND: over ssh, in the user's login shell.
as() {
	bed timeout 60 ssh -l "$1" localhost "$2"
}

# records PATTERN...: how many lines of the audit log match all of the patterns.
records() {
	local pattern text
	text=$(bed_records)
	for pattern; do
		text=$(grep -e "$pattern" <<<"$text" || true)
	done
	[ -z "$text" ] && { echo 0; return; }
	wc -l <<<"$text"
}

@test "a login is the user's shell, with nothing printed and nothing but it in the tree" {
	run as ada 'echo "$SHELL $0"; ps -o comm= -p "$PPID"'
	assert_success
	assert_line --index 0 '/bin/bash bash'
	assert_line --index 1 'sshd'
	assert_equal "${#lines[@]}" 2
}

@test "the session holds no capability, and setuid programs work in it" {
	run as ada 'grep -E "^(CapPrm|CapEff|CapAmb|NoNewPrivs)" /proc/self/status; sudo id -u'
	assert_success
	assert_line --regexp '^CapPrm:.0000000000000000$'
	assert_line --regexp '^CapEff:.0000000000000000$'
	assert_line --regexp '^CapAmb:.0000000000000000$'
	assert_line --regexp '^NoNewPrivs:.0$'
	assert_line 0
}

@test "what is too much is denied, and the audit log of root has it with the login user" {
	run as ada 'pdsh -w web[01-40] reboot'
	assert_failure 126
	assert_output --partial 'denied'
	[ "$(records '"action":"command-denied"' '"count":40' '"login_uid":1000')" -ge 1 ]
	run as ada 'cat /var/log/tallygate/audit.jsonl'
	assert_failure
}

@test "what is confirmed by a declared number runs, and its end is written" {
	# There are no such hosts: it is pdsh itself that says so.
	run as ada 'TALLY_EXPECT=3 pdsh -w web[01-03] reboot'
	assert_output --partial gethostbyname
	[ "$(records '"action":"command-confirmed"' '"count":3')" -eq 1 ]
	[ "$(records '"action":"command-ended"')" -ge 1 ]
	run as ada 'TALLY_EXPECT=4 pdsh -w web[01-03] reboot'
	assert_failure 126
	refute_output --partial gethostbyname
}

@test "what root does by sudo is seen, guarded, and counted for who has logged in" {
	run as ada 'sudo pdsh -w web[01-40] reboot'
	assert_failure 126
	run as ada 'sudo env -i /usr/bin/pdsh -w web[01-41] reboot'
	assert_failure 126
	[ "$(records '"count":41' '"login_uid":1000' '"effective":{"name":"root"')" -ge 1 ]
}

@test "the user's libraries and settings are the tool's and never the gate's" {
	run as ada 'LD_PRELOAD=/nowhere.so TMPDIR=/tmp/mine PDSH_RCMD_TYPE=exec TALLY_EXPECT=1 pdsh -w h1 sh -c "echo t=\$TMPDIR p=\$LD_PRELOAD" 2>/dev/null'
	assert_success
	assert_output --partial 't=/tmp/mine'
	assert_output --partial '/nowhere.so'
}

@test "a program that is none of ours is told so, and has left a trace" {
	bed_put "$BATS_TEST_DIRNAME/forge.py" /tmp/forge.py
	run as bob 'python3 /tmp/forge.py ask'
	assert_success
	assert_output --partial '"error":"client"'
	[ "$(records '"action":"client-refused"')" -ge 1 ]
}

@test "garbage, half a message and many connections do tallyd no harm" {
	bed_put "$BATS_TEST_DIRNAME/forge.py" /tmp/forge.py
	local before after
	before=$(bed systemctl show -p MainPID --value tallyd)
	as bob 'python3 /tmp/forge.py garbage'
	run as bob 'python3 /tmp/forge.py many'
	assert_success
	after=$(bed systemctl show -p MainPID --value tallyd)
	assert_equal "$after" "$before"
	run as ada 'pdsh -w web[01-40] reboot'
	assert_failure 126
	assert_output --partial 'denied'
}

@test "a message that was sent before its sender became a gate is not the gate's" {
	bed_put "$BATS_TEST_DIRNAME/forge.py" /tmp/forge.py
	run as bob 'python3 /tmp/forge.py before'
	assert_output --partial 'nothing was answered'
}

@test "execs wait while tallyd is restarted or killed, and none fails" {
	local i
	bed tee /tmp/loop.sh >/dev/null <<-'END'
		until [ -e /tmp/over ]; do
			/bin/true || { echo "failed: $?"; exit 1; }
			n=$((n + 1))
		done
		echo "done"
	END
	bed rm -f /tmp/over
	for i in 1 2 3 4; do
		as ada 'sh /tmp/loop.sh' >"$BATS_TEST_TMPDIR/loop.$i" 2>&1 &
	done
	for i in 1 2 3; do
		bed systemctl restart tallyd
		bed systemctl kill --kill-who=main -s KILL tallyd
		bed_wait 100 bed systemctl is-active -q tallyd
	done
	bed touch /tmp/over
	wait
	for i in 1 2 3 4; do
		assert_equal "$(cat "$BATS_TEST_TMPDIR/loop.$i")" 'done'
	done
	run as ada 'pdsh -w web[01-40] reboot'
	assert_failure 126
}

@test "a session that was there before tallyd was killed is still guarded" {
	bed tee /tmp/later.sh >/dev/null <<-'END'
		touch /tmp/ready
		until [ -e /tmp/go ]; do sleep 0.1; done
		pdsh -w web[01-40] reboot
	END
	bed rm -f /tmp/ready /tmp/go
	as ada 'bash /tmp/later.sh; echo "status $?"' >"$BATS_TEST_TMPDIR/later" 2>&1 &
	bed_wait 100 bed test -e /tmp/ready
	bed systemctl kill --kill-who=main -s KILL tallyd
	bed touch /tmp/go
	wait
	run cat "$BATS_TEST_TMPDIR/later"
	assert_output --partial 'denied'
	assert_output --partial 'status 126'
}

@test "a tool that is described while people are logged in is guarded in their sessions" {
	bed sh -c 'printf "#!/bin/sh\necho ran \"\$@\"\n" >/usr/local/bin/decommission; chmod 755 /usr/local/bin/decommission'
	bed tee /tmp/described.sh >/dev/null <<-'END'
		decommission web01
		touch /tmp/ready
		until [ -e /tmp/go ]; do sleep 0.1; done
		decommission web02
		env -i /usr/local/bin/decommission web03
	END
	bed rm -f /tmp/ready /tmp/go
	as ada 'bash /tmp/described.sh' >"$BATS_TEST_TMPDIR/described" 2>&1 &
	bed_wait 100 bed test -e /tmp/ready
	bed mkdir -p /etc/tallygate/tools
	bed tee /etc/tallygate/tools/decommission.cfg >/dev/null <<-'END'
		tool = {
		  name = "decommission";
		  programs = [ "decommission" ];
		  unit = "host";
		  options = [ "--now" ];
		  targets = ( { operands = "all"; syntax = "folded"; } );
		  operations = ( { action = "remove"; } );
		};
	END
	run bed tally check
	assert_success
	bed systemctl reload tallyd
	bed_wait 100 table_of_session_has decommission
	bed touch /tmp/go
	wait
	run cat "$BATS_TEST_TMPDIR/described"
	assert_line 'ran web01'
	refute_line 'ran web02'
	refute_line 'ran web03'
	assert_output --partial 'denied'
	bed rm /etc/tallygate/tools/decommission.cfg
	bed systemctl reload tallyd
}

table_of_session_has() {
	bed sh -c "grep -q $1 /run/tallygate/sessions/*/guard.table"
}

@test "broken rules change nothing: the last good ones go on, in old and new sessions" {
	bed sh -c 'echo "limits = ( { nonsense" >/etc/tallygate/policy/broken.cfg'
	bed systemctl reload tallyd
	run as ada 'pdsh -w web[01-40] reboot'
	assert_failure 126
	assert_output --partial 'deny_above is 20'
	bed rm /etc/tallygate/policy/broken.cfg
	bed systemctl reload tallyd
}

@test "a gate that a debugger holds is not listened to" {
	run as ada 'strace -f -o /dev/null pdsh -w web[01-02] uptime'
	refute_output --partial gethostbyname
	assert_output --partial 'traced by'
}

@test "why something was refused is not written into what its user may only read" {
	run as ada 'strace -f -o /dev/null pdsh -w web[01-02] uptime 2</etc/hostname; sudo strace -f -o /dev/null pdsh -w web1 uptime 2</etc/hostname'
	run bed cat /etc/hostname
	assert_output bastion
}

@test "sessions leave nothing behind" {
	bed_wait 50 no_sessions || { bed ls -la /run/tallygate/sessions; false; }
}

no_sessions() {
	[ -z "$(bed ls /run/tallygate/sessions)" ]
}

@test "the chain of the audit log verifies after all that" {
	run bed tally audit verify /var/log/tallygate/audit.jsonl
	assert_success
}

@test "whoever may break the glass gets a plain shell, and an alert tells so" {
	run as eve 'grep -c . /proc/self/status >/dev/null; echo "in ${TALLY_SESSION:-no session}"'
	assert_success
	assert_output 'in no session'
	[ "$(records '"action":"break-glass-login"' '"kind":"alert"')" -ge 1 ]
}

@test "without a service manager, tallyd --hold keeps the sessions over a kill" {
	bed systemctl stop tallyd.socket tallyd.service
	bed rm -f /tmp/over
	bed sh -c 'setsid tallyd --hold </dev/null >/tmp/hold.log 2>&1 & echo $! >/tmp/hold.pid'
	bed_wait 100 bed test -S /run/tallygate/tallyd.sock
	as ada 'sh /tmp/loop.sh' >"$BATS_TEST_TMPDIR/loop" 2>&1 &
	bed_wait 100 some_session
	local i
	for i in 1 2 3; do
		bed_wait 100 bed sh -c 'pkill -KILL -P $(cat /tmp/hold.pid)'
	done
	bed touch /tmp/over
	wait
	assert_equal "$(cat "$BATS_TEST_TMPDIR/loop")" 'done'
	run as ada 'pdsh -w web[01-40] reboot'
	assert_failure 126
	assert_output --partial 'denied'
	bed sh -c 'kill $(cat /tmp/hold.pid)'
	bed_wait 100 bed sh -c '! kill -0 $(cat /tmp/hold.pid) 2>/dev/null'
	bed systemctl start tallyd.socket tallyd.service
}

some_session() {
	[ -n "$(bed ls /run/tallygate/sessions)" ]
}

@test "when tallyd is stopped under a session, what is not guarded goes on in it" {
	bed tee /tmp/stopped.sh >/dev/null <<-'END'
		touch /tmp/ready
		until [ -e /tmp/go ]; do sleep 0.1 || { echo "failed $?"; exit 1; }; done
		/bin/echo goes on
		pdsh -w web[01-03] uptime
		echo "status $?"
	END
	bed rm -f /tmp/ready /tmp/go
	as ada 'bash /tmp/stopped.sh' >"$BATS_TEST_TMPDIR/stopped" 2>&1 &
	bed_wait 100 bed test -e /tmp/ready
	bed systemctl stop tallyd.socket tallyd.service
	bed touch /tmp/go
	wait
	run cat "$BATS_TEST_TMPDIR/stopped"
	assert_line 'goes on'
	assert_line --regexp 'status 12[56]'
	refute_output --partial gethostbyname
	bed systemctl start tallyd.socket tallyd.service
	bed_wait 100 bed sh -c '! pgrep -x tallyd-care'
}

@test "with tallyd down a login works, and what is guarded is refused" {
	bed systemctl stop tallyd.socket tallyd.service
	run as ada 'echo in; pdsh -w web[01-03] uptime'
	assert_output --partial 'not supervised'
	assert_line in
	assert_output --partial 'tallyd cannot be asked'
	refute_output --partial 'gethostbyname'
	bed systemctl start tallyd.socket tallyd.service
}

@test "without its capability a login works, and what is guarded is refused" {
	bed setcap -r /usr/lib/tallygate/tallysh
	run as ada 'echo in; pdsh -w web[01-03] uptime'
	bed setcap cap_sys_admin=ep /usr/lib/tallygate/tallysh
	assert_output --partial 'capability'
	assert_line in
	refute_output --partial 'gethostbyname'
}

@test "a broken configuration and a shell that is not there still give a login" {
	bed sh -c 'echo "shell = \"/bin/none\";" >/etc/tallygate/tallygate.cfg'
	run as ada 'echo in; echo "$SHELL"'
	assert_output --partial '/bin/none'
	assert_line in
	assert_line /bin/sh
	bed sh -c 'echo "shell = = ;" >/etc/tallygate/tallygate.cfg'
	run as ada 'echo in; echo "$SHELL"'
	assert_line in
	assert_line /bin/bash
	bed_put "$TOP/scripts/package/tallygate.cfg" /etc/tallygate/tallygate.cfg
}
