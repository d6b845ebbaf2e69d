#!/usr/bin/env bats
# Logging in to a bastion with the package on it, over real ssh: whatever a user of bash does is
# done by a user of tallysh too and compared, and what is guarded is guarded there. At the end
# everything that tallygate needs is broken, one thing after the other, and people log in.

load ../setup.bash
load ../terminal.bash
load bed.bash

# More hosts than the policy below lets anybody restart. Where it is not stopped it is harmless:
# there are no such hosts, and pdsh says so.
GUARDED='pdsh -w "web[01-40]" reboot'

setup_file() {
	local why deb user
	BED_HOME=$(getent passwd "$(id -u)" | cut -d : -f 6)
	why=$(bed_missing)
	[ -z "$why" ] || { echo "$why" >"$BATS_FILE_TMPDIR/missing"; return 0; }
	(cd "$TOP" && scripts/deb) >"$BATS_FILE_TMPDIR/deb" 2>"$BATS_FILE_TMPDIR/deb.log" 3>&- &
	deb=$!
	bed_boot "$BATS_FILE_TMPDIR/bed"
	export BED BED_NSPAWN BED_LEADER
	login_users
	# Small, so that they can be full.
	bed mkdir -p /var/lib/tallygate
	bed mount -t tmpfs -o size=8m,mode=755 full /var/lib/tallygate
	bed mount -t tmpfs -o size=16m,mode=755 full /var/log
	bed systemctl restart systemd-journald
	bed touch /var/log/lastlog /var/log/wtmp /var/log/btmp
	wait "$deb" || { cat "$BATS_FILE_TMPDIR/deb.log" >&2; return 1; }
	bed_put "$TOP/$(cat "$BATS_FILE_TMPDIR/deb")" /root/tallygate.deb
	bed dpkg -i /root/tallygate.deb >"$BATS_FILE_TMPDIR/install.log" 2>&1 || { cat "$BATS_FILE_TMPDIR/install.log" >&2; return 1; }
	# The break-glass member and root are not enabled: this is somebody's mistake.
	bed usermod -s /usr/bin/tallysh eve
	login_machine
	bed tally enable guard zoe dan kim >/dev/null
	bed systemctl restart ssh
	# From here on there is a last login to tell of.
	for user in plain guard; do
		bed ssh -tt "$user@localhost" true </dev/null >/dev/null 2>&1
	done
}

# plain has bash; guard has it too, in tallysh.
login_users() {
	bed_user plain
	bed_user guard
	bed_user zoe
	bed_user dan
	bed_user kim
	bed_user eve tallygate-break-glass
	bed usermod -s /usr/bin/zsh zoe
	bed usermod -s /bin/dash dan
	bed cp /bin/bash /bin/gone
	bed add-shell /bin/gone
	bed usermod -s /bin/gone kim
	bed touch /home/zoe/.zshrc
	bed chown zoe /home/zoe/.zshrc
	bed sh -c 'for user in plain guard; do
			echo "$user ALL=(ALL) NOPASSWD: ALL" >"/etc/sudoers.d/$user"
			echo "$user:secret of $user" | chpasswd
		done'
	bed sh -c 'mkdir -p /root/.ssh; cp /root/.ssh/id_ed25519.pub /root/.ssh/authorized_keys'
}

login_machine() {
	bed tee /etc/tallygate/policy/site.cfg >/dev/null <<-'END'
		limits = ( { action = "restart"; deny_above = 5; } );
	END
	bed sh -c 'echo "Be careful on the bastion." >/etc/motd
		printf "* - nofile 4321\n* - nproc 2222\n" >>/etc/security/limits.conf
		echo "session optional pam_umask.so umask=027" >>/etc/pam.d/sshd
		echo "AcceptEnv TRACE" >/etc/ssh/sshd_config.d/test.conf'
}

setup() {
	[ ! -f "$BATS_FILE_TMPDIR/missing" ] || skip "no bastion here: $(cat "$BATS_FILE_TMPDIR/missing")"
}

teardown() {
	close_terminal
	[ -n "${BATS_TEST_COMPLETED:-}${BATS_TEST_SKIPPED:-}" ] || bed journalctl -u tallyd -o short-precise --no-pager | tail -n 20
}

teardown_file() {
	bed_stop
}

# as USER ARGUMENT...: ssh with whatever arguments; USER@localhost is put before the first word
# that is no option.
as() {
	local user=$1
	shift
	bed timeout 60 ssh -o "User=$user" "$@"
}

# What differs from user to user and from login to login, and nothing else.
normal() {
	sed -E -e 's/\b(plain|guard)\b/USER/g' -e 's/\b(1000|1001)\b/UID/g' \
		-e 's/^pipe:.*/pipe/' -e 's/^(Last login: ).*/\1/' -e 's/^(\[[0-9]+\] )[0-9]+$/\1PID/'
}

# same ARGUMENT...: the same ssh for plain and guard, standard input from $INPUT: output, error
# output and status are the same. Leaves them in $output, $errors and $status.
same() {
	local user place=$BATS_TEST_TMPDIR/same
	mkdir -p "$place"
	for user in plain guard; do
		{
			status=0
			as "$user" "$@" <"${INPUT:-/dev/null}" >"$place/$user.o" 2>"$place/$user.e" || status=$?
			normal <"$place/$user.o" >"$place/$user.out"
			normal <"$place/$user.e" >"$place/$user.err"
			echo "$status" >"$place/$user.status"
		} 3>&- &
	done
	wait
	run diff "$place/plain.out" "$place/guard.out"
	assert_output ''
	run diff "$place/plain.err" "$place/guard.err"
	assert_output ''
	run diff "$place/plain.status" "$place/guard.status"
	assert_output ''
	status=$(cat "$place/guard.status")
	output=$(cat "$place/guard.out")
	mapfile -t lines <"$place/guard.out"
	errors=$(cat "$place/guard.err")
}

# denied: the output of `run` has the guarded command held back.
denied() {
	assert_output --partial 'denied: pdsh would restart 40 hosts'
	refute_output --partial gethostbyname
}

# ---- one command ----

@test "ssh host cmd: output, error output and status are the command's" {
	same localhost 'echo out; echo err >&2; exit 7'
	assert_equal "$status" 7
	assert_output out
	assert_equal "$errors" err
	same localhost 'nothing-of-this-name'
	assert_equal "$status" 127
	same localhost /etc/motd
	assert_equal "$status" 126
	same localhost true
	assert_equal "$status" 0
	run as guard localhost "$GUARDED; echo \"status \$?\""
	denied
	assert_line 'status 126'
}

@test "signals: what ends by one, and what a closed connection or pipe ends" {
	local signal
	for signal in TERM KILL SEGV HUP; do
		same localhost "kill -$signal \$\$; sleep 1"
		assert_equal "$status" 255
	done
	same localhost 'sh -c "kill -INT \$\$"; echo $?; yes | head -n 1; echo "${PIPESTATUS[@]}"'
	assert_line 130
	assert_line '141 0'
	same localhost 'trap "echo caught" USR1; kill -USR1 $$; grep -E "^Sig(Blk|Ign)" /proc/self/status'
	assert_line caught
}

@test "standard input is the command's to its end" {
	bed_ssh guard 'rm -f seen'
	INPUT=$BATS_TEST_TMPDIR/input
	printf 'one\0two\377\n\r\nno end of line' >"$INPUT"
	same localhost 'od -c; echo $?'
	assert_output --partial '377'
	printf 'echo first\ncat >/dev/null <<E\nE\necho $-; exit 9\n' >"$INPUT"
	same localhost
	assert_equal "$status" 9
	assert_output --partial first
	unset INPUT
}

@test "limits, umask, locale, terminal type, open files, signals and environment are the login's" {
	local state
	# What the shell's children get; the shell itself is at work meanwhile.
	state='umask; ulimit -a; locale; ls /proc/self/fd; readlink /proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2; pwd; id -un
		grep -E "^(Umask|Cap|NoNewPrivs|Sig[BIC]|Shd|Groups|Threads|CoreD)" /proc/self/status
		cat /proc/$$/comm /proc/$$/oom_score_adj; ps -o ni=,cls= -p $$; echo "$0 $- $SHELL"; shopt -p login_shell
		ps -o comm= -p $PPID
		env | grep -v -e ^TALLY_SESSION= -e ^LD_PRELOAD= -e ^SSH_C -e ^XDG_SESSION_ID= | sort'
	same -o 'SetEnv LANG=C LC_TIME=de_DE.UTF-8 LC_COLLATE=C' localhost "$state"
	assert_line 0027
	assert_line --partial '4321'
	assert_line LC_TIME=de_DE.UTF-8
	assert_line 'LC_COLLATE=C'
	same localhost 'tr "\0" "\n" </proc/$$/cmdline; echo; cd /usr; bash -c pwd'
	TERM=vt220 same -tt localhost 'echo $TERM; tty | tr -d 0-9; stty -a | grep -v rows'
	assert_line --partial vt220
}

@test "every byte is carried: 100 MB each way" {
	local there back
	bed sh -c '[ -f /tmp/blob ] || head -c 104857600 /dev/urandom >/tmp/blob; chmod 644 /tmp/blob'
	there=$(bed sh -c 'ssh guard@localhost sha256sum </tmp/blob' | cut -c 1-64)
	back=$(bed sh -c 'ssh guard@localhost cat /tmp/blob | sha256sum' | cut -c 1-64)
	assert_equal "$there" "$(bed sha256sum /tmp/blob | cut -c 1-64)"
	assert_equal "$back" "$there"
	bed rm /tmp/blob
}

# ---- files ----

@test "scp, both protocols, and sftp" {
	local user
	bed sh -c 'rm -rf /tmp/files; mkdir -p /tmp/files/deep; head -c 3000000 /dev/urandom >/tmp/files/blob; cp /bin/ls "/tmp/files/deep/with blank"'
	for user in plain guard; do
		bed scp -qrp /tmp/files "$user@localhost:new"
		bed scp -qrp -O /tmp/files "$user@localhost:old"
		bed scp -q -O "$user@localhost:new/blob" /tmp/files.back
		bed cmp /tmp/files/blob /tmp/files.back
		bed diff -r /tmp/files "/home/$user/new"
		bed diff -r /tmp/files "/home/$user/old"
		run bed scp -q "$user@localhost:missing" /tmp/files.back
		assert_failure
		bed sh -c "printf 'put /tmp/files/blob third\nls -l third\nget third /tmp/files.third\nrm third\n' | sftp -q -b - $user@localhost" >/dev/null
		bed cmp /tmp/files/blob /tmp/files.third
		refute bed test -e "/home/$user/third"
	done
	run bed stat -c '%a %Y' '/home/guard/new/deep/with blank' '/home/guard/old/deep/with blank'
	assert_output "$(bed stat -c '%a %Y' '/home/plain/new/deep/with blank' '/home/plain/old/deep/with blank')"
	run bed scp -q -S /usr/bin/ssh -O /tmp/files/blob "guard@localhost:\$($GUARDED)"
	denied
}

@test "rsync there and back, and a guarded command in its way" {
	bed sh -c 'rm -rf /tmp/tree; mkdir /tmp/tree; cp -a /usr/share/doc/tallygate /tmp/tree; ln -s nowhere /tmp/tree/link'
	bed rsync -a /tmp/tree/ guard@localhost:tree/
	bed rsync -a --no-owner --no-group guard@localhost:tree/ /tmp/tree.back/
	run bed diff -r --no-dereference /tmp/tree /tmp/tree.back
	assert_output ''
	run bed rsync -a --rsync-path="$GUARDED; rsync" /tmp/tree/ guard@localhost:tree/
	assert_success
	denied
}

@test "git: clone, push and fetch over ssh" {
	bed_ssh guard 'git init -q --bare -b main repo.git'
	bed sh -ec 'rm -rf /tmp/one /tmp/two; git -c init.defaultBranch=main init -q /tmp/one; cd /tmp/one
		head -c 200000 /dev/urandom >blob; git add blob
		git -c user.name=n -c user.email=n@example.org commit -q -m first
		git push -q guard@localhost:repo.git HEAD:refs/heads/main
		git clone -q ssh://guard@localhost/home/guard/repo.git /tmp/two
		cmp blob /tmp/two/blob; git -C /tmp/two fetch -q'
}

# ---- connections through the host ----

# forward USER OPTION...: a connection without a command, open until forward_end USER.
forward() {
	bed ssh -f -N -M -S "/root/control.$1" -o ExitOnForwardFailure=yes "${@:2}" "$1@localhost" >/dev/null 2>&1 3>&-
}

forward_end() {
	bed ssh -S "/root/control.$1" -O exit localhost 2>/dev/null
}

@test "ssh -N: ports are forwarded in both directions, and no shell is started" {
	forward guard -L 7001:localhost:22 -R 7002:localhost:22 -D 7003
	run bed sh -c 'for port in 7001 7002; do nc -N -w 5 localhost $port </dev/null | head -n 1; done
		nc -N -w 5 -X 5 -x localhost:7003 localhost 22 </dev/null | head -n 1; pgrep -c -u guard -x bash'
	forward_end guard
	assert_line --index 0 --partial SSH-2.0
	assert_line --index 1 --partial SSH-2.0
	assert_line --index 2 --partial SSH-2.0
	assert_line --index 3 0
}

@test "ProxyJump through the host, and several sessions in one connection" {
	run bed ssh -J guard@localhost plain@localhost 'echo "through to $USER"; exit 6'
	assert_failure 6
	assert_output 'through to plain'
	run bed ssh -J plain@localhost guard@localhost "$GUARDED"
	assert_failure 126
	denied
	forward guard
	run bed sh -c "for i in 1 2 3; do ssh -S /root/control.guard localhost 'echo \$\$; exit 0' | grep -c . & done; wait
		ssh -S /root/control.guard localhost '$GUARDED'"
	forward_end guard
	assert_failure 126
	denied
	assert_equal "$(grep -cx 1 <<<"$output")" 3
}

@test "agent and X11 forwarding" {
	local inside user
	inside='[ -S "$SSH_AUTH_SOCK" ] && ssh-add -l | cut -d " " -f 1,2; ssh -o StrictHostKeyChecking=no -o LogLevel=ERROR plain@localhost echo beyond'
	for user in plain guard; do
		bed sh -c 'eval "$(ssh-agent)" >/dev/null; ssh-add -q; ssh -A "$1@localhost" "$2"; ssh-agent -k >/dev/null' \
			sh "$user" "$inside" >"$BATS_TEST_TMPDIR/$user" 2>&1 3>&-
	done
	run diff "$BATS_TEST_TMPDIR/plain" "$BATS_TEST_TMPDIR/guard"
	assert_output ''
	run cat "$BATS_TEST_TMPDIR/guard"
	assert_line --partial '256 SHA256:'
	assert_line beyond
}

@test "~/.ssh/rc and a key's own command are executed, and guarded" {
	local user
	for user in plain guard; do
		bed sh -c "echo 'echo \"rc \$SSH_CONNECTION\" | cut -c 1-2 >&2; id -un >seen' >/home/$user/.ssh/rc"
	done
	same localhost 'cat seen'
	assert_output USER
	assert_equal "$errors" rc
	bed sh -c "echo '$GUARDED' >/home/guard/.ssh/rc"
	run as guard localhost 'echo in'
	bed rm /home/guard/.ssh/rc /home/plain/.ssh/rc
	assert_line in
	denied
	bed sh -c '[ -f /root/forced ] || ssh-keygen -q -t ed25519 -N "" -f /root/forced
		for user in plain guard; do
			cp /home/$user/.ssh/authorized_keys /root/keys.$user
			echo "command=\"echo forced: \$SSH_ORIGINAL_COMMAND; exit 4\" $(cat /root/forced.pub)" >>/home/$user/.ssh/authorized_keys
		done'
	same -i /root/forced -o IdentitiesOnly=yes localhost 'rm -rf /'
	bed sh -c 'for user in plain guard; do cp /root/keys.$user /home/$user/.ssh/authorized_keys; done'
	assert_equal "$status" 4
	assert_output 'forced: rm -rf /'
}

# ---- terminals ----

# interactive USER: a login on a real terminal, driven by keys; leaves the screen in a file.
interactive() {
	local user=$1
	printf '#!/bin/sh\nexec nsenter -t %s -a env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=screen ssh %s@localhost\n' \
		"$BED_LEADER" "$user" >"$BATS_TEST_TMPDIR/in"
	chmod +x "$BATS_TEST_TMPDIR/in"
	open_terminal 100 60
	enter './in; echo "status $?"'
	see "^$user@bastion:~\\\$\$"
}

# The user's process NAME is there, and has the terminal.
in_front() {
	bed_wait 100 bed sh -c "ps -o stat= -C $2 -u $1 | grep -q +; pgrep -u $1 -x $2 >/dev/null"
}

drive() {
	local user=$1
	interactive "$user"
	enter 'shopt login_shell; echo "$0 $-"; tty | tr -d 0-9; stty size'
	see '^60 100$'
	enter 'sleep 4300'
	in_front "$user" sleep
	keys C-c
	see '^\^C'
	enter 'echo "after $?"'
	see '^after 130$'
	enter 'sleep 4301'
	in_front "$user" sleep
	keys C-z
	see 'Stopped +sleep 4301'
	enter 'bg >/dev/null; jobs'
	see 'Running +sleep 4301 &'
	enter 'fg'
	see '^sleep 4301$'
	in_front "$user" sleep
	keys 'C-\'
	see 'Quit'
	enter 'cat | tr a-z A-Z'
	enter 'through a pipe'
	see '^THROUGH A PIPE$'
	keys C-d
	enter 'trap "echo resized" WINCH; echo ready'
	see '^ready$'
	on_terminal resize-window -x 90 -y 60
	enter 'stty size'
	see '^60 90$'
	enter 'bash -ic "exit 5"; echo "inner $?"'
	see '^inner 5$'
	enter 'exit 3'
	see '^status 3$'
	screen | normal | sed '/^resized$/d' >"$BATS_TEST_TMPDIR/$user.screen"
	close_terminal
}

@test "interactive: message of the day, job control, Ctrl-C, Ctrl-Z, resizing, exit: the same screen" {
	drive plain
	drive guard
	run diff "$BATS_TEST_TMPDIR/plain.screen" "$BATS_TEST_TMPDIR/guard.screen"
	assert_output ''
	run cat "$BATS_TEST_TMPDIR/guard.screen"
	assert_line 'Be careful on the bastion.'
	assert_line --partial 'Last login: '
	assert_line --partial 'login_shell'
}

@test "interactive: a guarded command is denied, and one that is asked for can be answered" {
	bed tee /etc/tallygate/policy/ask.cfg >/dev/null <<-'END'
		limits = ( { action = "restart"; confirm_above = 0; } );
	END
	bed systemctl reload tallyd
	interactive guard
	enter "$GUARDED; echo \"ended \$?\""
	see '^ended 126$'
	enter "pdsh -w 'web[01-03]' reboot; echo \"asked \$?\""
	see 'do you mean\? *$'
	type_answer 3
	see 'gethostbyname'
	see '^asked 1$'
	enter "pdsh -w 'web[01-03]' reboot; echo \"declined \$?\""
	see_times 2 'do you mean\?'
	keys C-c
	see 'it was interrupted'
	enter 'echo "declined $?"'
	see '^declined 130$'
	enter exit
	bed rm /etc/tallygate/policy/ask.cfg
	bed systemctl reload tallyd
}

@test "ssh -t: a terminal for one command, ended with the connection" {
	same -tt localhost 'tty | tr -d 0-9; echo err >&2; exit 8'
	assert_equal "$status" 8
	run bed sh -c "echo '$GUARDED; exit 4' | ssh -tt guard@localhost"
	assert_failure 4
	denied
	bed sh -c 'timeout 60 ssh -tt guard@localhost "sleep 1234" >/dev/null 2>&1 & client=$!
		until pgrep -u guard -x sleep >/dev/null; do :; done; kill $client; wait'
	bed_wait 100 no_process guard sleep
}

no_process() {
	! bed pgrep -u "$1" -x "$2" >/dev/null
}

# ---- becoming somebody else ----

@test "sudo works as ever, and what root does in it is guarded" {
	same localhost 'sudo id -u; sudo -u plain id -un; sudo -n true; ping -c 1 -q localhost >/dev/null && echo pinged'
	assert_line 0
	assert_line pinged
	same localhost 'sudo -i sh -c "id -un; pwd; grep -E NoNewPrivs /proc/self/status; exit 5"'
	assert_equal "$status" 5
	assert_line --regexp 'NoNewPrivs:.0'
	local way
	for way in 'sudo -i' 'sudo -s' 'sudo su -' 'sudo su plain' 'sudo setpriv --reuid=plain --clear-groups bash'; do
		run bed sh -c "echo '$GUARDED; echo \"ended \$?\"' | ssh guard@localhost '$way'"
		denied
		assert_line 'ended 126'
	done
	run as guard localhost "sudo env -i /usr/bin/pdsh -w 'web[01-40]' reboot"
	assert_failure 126
	denied
}

@test "su: to somebody else and to a user of tallysh, with the password" {
	run as guard localhost "echo 'secret of plain' | su - plain -c 'id -un; $GUARDED'"
	assert_line --partial plain
	denied
	run as plain localhost "echo 'secret of guard' | su - guard -c 'id -un; echo \$SHELL \$0; $GUARDED'"
	assert_failure 126
	assert_line --partial guard
	assert_line '/bin/bash -bash'
	denied
	# On the console of the machine, where no ssh is.
	run bed su - guard -c "$GUARDED"
	assert_failure 126
	denied
}

@test "a tmux or screen server that was left running is guarded after the next login" {
	as guard localhost 'tmux new-session -d -s left; screen -dmS left bash'
	as guard localhost true
	as guard localhost "tmux send-keys -t left '$GUARDED; echo \"tmux \$?\" >left.tmux' Enter
		screen -S left -X stuff '$GUARDED; echo \"screen \$?\" >left.screen^M'"
	bed_wait 300 bed test -s /home/guard/left.tmux -a -s /home/guard/left.screen
	run as guard localhost 'cat left.tmux left.screen; tmux capture-pane -p -t left'
	as guard localhost 'tmux kill-server; screen -S left -X quit; rm left.*' || :
	assert_line 'tmux 126'
	assert_line 'screen 126'
	denied
}

# ---- other shells ----

@test "users of zsh and dash get theirs, in a login and in a command" {
	run as zoe localhost 'print -r -- "$ZSH_NAME $SHELL $0"; exit 5'
	assert_failure 5
	assert_output 'zsh /usr/bin/zsh zsh'
	run as dan localhost 'echo "$0 $SHELL"; readlink /proc/$$/exe; exit 5'
	assert_failure 5
	assert_line 'dash /bin/dash'
	assert_line /usr/bin/dash
	local user
	for user in zoe dan; do
		run bed sh -c "echo 'echo \"name \$0\"; $GUARDED; exit 4' | ssh -tt $user@localhost"
		assert_failure 4
		assert_output --regexp 'name -(zsh|dash)'
		denied
	done
}

@test "a shell that is no longer there: another one, guarded" {
	bed mv /bin/gone /bin/gone.away
	run as kim localhost "echo \"in \$SHELL\"; $GUARDED"
	bed mv /bin/gone.away /bin/gone
	assert_failure 126
	assert_line 'in /bin/bash'
	denied
	bed sh -c 'cp -p /etc/tallygate/tallygate.cfg /root/; echo "shells = ( { user = \"guard\"; shell = \"/bin/none\"; } );" >>/etc/tallygate/tallygate.cfg'
	run as guard localhost "echo \"in \$SHELL\"; $GUARDED"
	bed cp -p /root/tallygate.cfg /etc/tallygate/
	assert_failure 126
	assert_line 'in /bin/sh'
	assert_output --partial '/bin/none, the shell that is configured, cannot be executed'
	denied
}

# ---- nobody is locked out ----

# logs_in WHY: guard's login works and says why what is guarded is refused in it; files can
# be fetched; root and the break-glass group have their shell, as if nothing were there.
logs_in() {
	bed scp -q guard@localhost:/etc/motd /tmp/fetched 2>/dev/null 3>&- &
	local copy=$!
	free_shells >"$BATS_TEST_TMPDIR/free" 2>&1 3>&- &
	local free=$!
	run as guard localhost "exec 2>&1; echo \"in \$SHELL\"; ls -d /usr; $GUARDED; echo \"ended \$?\""
	assert_line 'in /bin/bash'
	assert_line /usr
	assert_line --regexp '^ended 12[56]$'
	assert_output --partial "$1"
	refute_output --partial gethostbyname
	wait "$free" || { cat "$BATS_TEST_TMPDIR/free"; false; }
	wait "$copy"
	bed cmp /etc/motd /tmp/fetched
	bed rm /tmp/fetched
}

free_shells() {
	local user
	for user in eve root; do
		run as "$user" localhost 'echo "in $SHELL ${TALLY_SESSION-none}"; ls -d /usr; pdsh -w h1 uptime'
		assert_line 'in /bin/bash none'
		assert_line /usr
		refute_output --partial denied
	done
}

@test "root and the break-glass group have their shell, also where theirs is tallysh by mistake" {
	bed usermod -s /usr/bin/tallysh root
	free_shells
	run as eve localhost "$GUARDED"
	refute_output --partial denied
	assert_output --partial gethostbyname
	run bed sh -c "printf 'echo \"name \$0\"; exit 4\n' | ssh -tt root@localhost"
	assert_failure 4
	assert_line --partial 'name -bash'
}

@test "a broken tallygate.cfg: logins as before, guarded" {
	bed cp -p /etc/tallygate/tallygate.cfg /root/kept.cfg
	bed sh -c 'echo "shell = = nonsense" >/etc/tallygate/tallygate.cfg; systemctl restart tallyd' || :
	run as guard localhost "echo \"in \$SHELL\"; $GUARDED; echo \"ended \$?\""
	free_shells_after=$(as eve localhost 'echo "in $SHELL ${TALLY_SESSION-none}"' 2>/dev/null)
	bed cp -p /root/kept.cfg /etc/tallygate/tallygate.cfg
	bed systemctl restart tallyd
	assert_line 'in /bin/bash'
	assert_line 'ended 126'
	assert_output --partial tallygate.cfg
	refute_output --partial gethostbyname
	assert_equal "$free_shells_after" 'in /bin/bash none'
}

# live FILE: a session of guard that is open already, goes on when /tmp/go is there, and once
# more when /tmp/again is; it starts no program meanwhile. LIVE is its process.
live() {
	bed rm -f /tmp/go /tmp/again
	as guard localhost "exec 2>&1; echo up; until [ -e /tmp/go ]; do read -rt 0.1 <> <(:); done
		/bin/echo went on; $GUARDED; echo \"ended \$?\"
		until [ -e /tmp/again ]; do read -rt 0.1 <> <(:); done
		/bin/echo as before; $GUARDED; echo \"again \$?\"" >"$1" 3>&- &
	LIVE=$!
	bed_wait 100 grep -q '^up$' "$1"
}

@test "tallyd is stopped: sessions that are open, and new ones" {
	live "$BATS_TEST_TMPDIR/live"
	bed systemctl stop tallyd.socket tallyd.service
	bed touch /tmp/go
	bed_wait 300 grep -q '^ended' "$BATS_TEST_TMPDIR/live"
	run cat "$BATS_TEST_TMPDIR/live"
	assert_line 'went on'
	assert_line 'ended 125'
	assert_output --partial 'systemctl start tallyd'
	refute_output --partial gethostbyname
	logs_in tallyd
	bed systemctl start tallyd.socket tallyd.service
	bed touch /tmp/again
	wait "$LIVE" || :
	run cat "$BATS_TEST_TMPDIR/live"
	assert_line 'as before'
	assert_line --regexp '^again 12[56]$'
	refute_output --partial gethostbyname
	run as guard localhost "$GUARDED"
	denied
}

@test "tallyd cannot be started: the socket is there, and nobody answers" {
	live "$BATS_TEST_TMPDIR/live"
	bed sh -c 'mkdir -p /run/systemd/system/tallyd.service.d; printf "[Service]\nExecStart=\nExecStart=/bin/false\n" >/run/systemd/system/tallyd.service.d/broken.conf
		systemctl daemon-reload; systemctl restart tallyd; touch /tmp/go' || :
	as guard localhost "exec 2>&1; echo \"in \$SHELL\"; ls -d /usr; until [ -e /tmp/back ]; do sleep 0.1; done; $GUARDED; echo \"ended \$?\"" \
		>"$BATS_TEST_TMPDIR/new" 2>&1 3>&- &
	local session=$!
	free_shells
	bed_wait 300 grep -q '^/usr$' "$BATS_TEST_TMPDIR/new"
	bed sh -c 'rm -r /run/systemd/system/tallyd.service.d; systemctl daemon-reload; systemctl restart tallyd; touch /tmp/back'
	wait "$session" || :
	bed rm /tmp/back
	# The one that was there before goes on, and is guarded.
	bed touch /tmp/again
	wait "$LIVE" || :
	run cat "$BATS_TEST_TMPDIR/live"
	assert_line 'went on'
	assert_line --regexp '^ended 12[56]$'
	assert_line 'as before'
	assert_line --regexp '^again 12[56]$'
	refute_output --partial gethostbyname
	# A session that began without tallyd does not become one of its own later.
	run cat "$BATS_TEST_TMPDIR/new"
	assert_line 'in /bin/bash'
	assert_output --partial 'tallyd cannot be reached'
	assert_line --regexp '^ended 12[56]$'
	assert_output --partial 'log in again'
	refute_output --partial gethostbyname
	run as guard localhost "$GUARDED"
	denied
}

@test "tallysh has lost its capability" {
	bed setcap -r /usr/lib/tallygate/tallysh
	logs_in capability
	bed setcap cap_sys_admin=ep /usr/lib/tallygate/tallysh
}

@test "the disk is full: ledger and audit log" {
	bed sh -c 'for place in /var/lib/tallygate /var/log; do cat /dev/zero >$place/fill; done 2>/dev/null' || :
	run bed sh -c 'echo some >/var/log/more'
	assert_failure
	logs_in 'tallygate'
	run as guard localhost "exec 2>&1; TALLY_EXPECT=1 pdsh -w h1 reboot; echo \"ended \$?\""
	assert_line --regexp '^ended 12[56]$'
	refute_output --partial gethostbyname
	bed systemctl restart tallyd
	logs_in 'tallygate'
	bed rm -f /var/lib/tallygate/fill /var/log/fill /var/log/more
	bed systemctl restart tallyd
	run as guard localhost "$GUARDED"
	denied
}

@test "rule files that nobody may read, and broken ones" {
	bed chmod 000 /etc/tallygate/policy/site.cfg
	logs_in /etc/tallygate/policy/site.cfg
	bed systemctl restart tallyd
	logs_in /etc/tallygate/policy/site.cfg
	bed sh -c 'chmod 644 /etc/tallygate/policy/site.cfg; cp /etc/tallygate/policy/site.cfg /root/; echo "limits = ( nonsense" >/etc/tallygate/policy/site.cfg'
	logs_in /etc/tallygate/policy/site.cfg
	bed systemctl restart tallyd
	logs_in /etc/tallygate/policy/site.cfg
	bed cp /root/site.cfg /etc/tallygate/policy/site.cfg
	bed systemctl restart tallyd
	run as guard localhost "$GUARDED"
	denied
}

@test "nothing has failed meanwhile, no session is left, and the audit log is whole" {
	bed_wait 100 no_sessions || { bed ls /run/tallygate/sessions; false; }
	run bed systemctl --failed --no-legend
	assert_output ''
	run bed tally audit verify /var/log/tallygate/audit.jsonl
	assert_success
}

no_sessions() {
	[ -z "$(bed ls /run/tallygate/sessions)" ]
}
