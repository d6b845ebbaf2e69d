#!/usr/bin/env bats
# The Debian package on a real bastion: installed, people enabled, logged in, upgraded below an
# open session, disabled, removed, purged; nothing is left behind.

load ../setup.bash
load bed.bash

setup_file() {
	local missing
	missing=$(bed_missing)
	[ -z "$missing" ] || skip "$missing"
	DEB=$(cd "$TOP" && scripts/deb 2>"$BATS_FILE_TMPDIR/deb.log") || { cat "$BATS_FILE_TMPDIR/deb.log" >&2; return 1; }
	export DEB=$TOP/$DEB
	UPGRADE=$(cd "$TOP" && scripts/deb --version "$(deb_version "$DEB").1" 2>/dev/null)
	export UPGRADE=$TOP/$UPGRADE
	bed_boot "$BATS_FILE_TMPDIR/bed"
	export BED BED_NSPAWN BED_LEADER
	bed_user ada ops
	bed_user bob ops
	bed_user nan net
	bed_user eve ops net tallygate-break-glass
	bed groupdel tallygate-break-glass
	bed usermod -s /usr/bin/zsh bob
	bed useradd -M -s /usr/sbin/nologin -G ops svc
	bed cp /etc/passwd /root/passwd.before
	bed_list >"$BATS_FILE_TMPDIR/before"
	bed_put "$DEB" /root/first.deb
	bed_put "$UPGRADE" /root/second.deb
	bed dpkg -i /root/first.deb >"$BATS_FILE_TMPDIR/install.log" 2>&1 || { cat "$BATS_FILE_TMPDIR/install.log" >&2; return 1; }
	bed usermod -aG tallygate-break-glass eve
}

teardown_file() {
	[ -z "${BED_NSPAWN:-}" ] || bed_stop
	rm -f "${UPGRADE:-}"
}

deb_version() {
	dpkg-deb -f "$1" Version
}

# What is there that a package could leave: all names but those of running programs and logs.
bed_list() {
	bed find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /root \
		-o -path /var/log/journal -o -path /var/cache -o -path /var/lib/dpkg -o -path /var/tmp -o -path /var/lib/logrotate \) -prune -o -print | sort
	bed sh -c 'cat /etc/shells; cut -d: -f1 /etc/group /etc/gshadow; cut -d: -f1,7 /etc/passwd; ls /var/lib/dpkg/info' | sed 's/^/: /'
}

shell_of() {
	bed getent passwd "$1" | cut -d : -f 7
}

# filters USER: how many more seccomp filters a new ssh session has than this bastion itself.
filters() {
	local here there
	here=$(bed sed -n 's/^Seccomp_filters:[[:space:]]*//p' /proc/1/status)
	there=$(bed_ssh "$1" "sed -n 's/^Seccomp_filters:[[:space:]]*//p' /proc/self/status") || return 1
	echo $((there - here))
}

# sshd takes its configuration up a moment after it was told to, and is away for another one.
becomes() {
	[[ $(filters "$1" 2>/dev/null) == "$2" ]]
}

@test "lintian has no error and no warning" {
	command -v lintian >/dev/null || skip 'lintian is not installed'
	run lintian --allow-root "$DEB"
	assert_success
	assert_output ''
}

@test "what is installed is complete: nothing said, capability, /etc/shells, table, directories, group" {
	run grep -i -e 'tallygate:' -e warning -e error "$BATS_FILE_TMPDIR/install.log"
	assert_output ''
	run bed getcap /usr/lib/tallygate/tallysh
	assert_output '/usr/lib/tallygate/tallysh cap_sys_admin=ep'
	run bed grep -c '^/usr/bin/tallysh$' /etc/shells
	assert_output 1
	run bed stat -c '%n %U:%G %a' /run/tallygate /var/lib/tallygate /var/log/tallygate /var/lib/tallygate/guard.table
	assert_line '/run/tallygate root:root 755'
	assert_line '/var/log/tallygate root:root 700'
	assert_line '/var/lib/tallygate/guard.table root:root 644'
	bed getent group tallygate-break-glass
	run bed systemctl is-active tallygate-rotate.timer
	assert_output active
	run bed systemctl --failed --no-legend
	assert_output ''
	run bed dpkg -V tallygate
	assert_output ''
	run bed tally check
	assert_success
}

@test "enable: root, nologin accounts, unknown users and break-glass members keep their shells" {
	run bed tally enable root
	assert_failure 1
	assert_output --partial 'root: not changed: root always keeps its own shell'
	run bed tally enable svc nobody-there
	assert_failure 1
	assert_output --partial 'svc: not changed: /usr/sbin/nologin is not in /etc/shells'
	assert_output --partial 'there is no user "nobody-there"'
	run bed tally enable --dry-run %ops
	assert_success
	assert_line --partial 'eve: in tallygate-break-glass: keeps its own shell'
	assert_line --partial 'svc: /usr/sbin/nologin is not in /etc/shells'
	assert_line 'tally enable: 2 would be changed, 0 as before, 2 passed over, 0 refused'
	run bed diff /root/passwd.before /etc/passwd
	assert_success
}

@test "enable: only root, and only of an installation" {
	run bed su ada -c 'tally enable ada'
	assert_failure 125
	assert_output --partial 'only root'
	[ "$(id -u)" -eq 0 ] || skip 'root is needed'
	run "$BUILD/tally" enable --dry-run nobody
	assert_failure 125
	assert_output --partial 'is no installation'
}

@test "enable: a tallysh that does not work changes nobody" {
	bed mv /usr/lib/tallygate/tallysh /usr/lib/tallygate/tallysh.away
	bed install -m 755 /bin/false /usr/lib/tallygate/tallysh
	run bed tally enable ada
	bed mv /usr/lib/tallygate/tallysh.away /usr/lib/tallygate/tallysh
	assert_failure 1
	assert_output --partial 'ada: not changed: `/usr/bin/tallysh -c "exit 7"` as ada ended with status 1, not 7'
	assert_equal "$(shell_of ada)" /bin/bash
	run bed cat /var/lib/tallygate/shells
	refute_output --partial ada
}

@test "enable: a tallysh that works only until it is the login shell is undone" {
	bed mv /usr/lib/tallygate/tallysh /usr/lib/tallygate/tallysh.away
	bed sh -c 'printf "#!/bin/sh\ngetent passwd \$(id -un) | grep -q tallysh && exit 3\nexec /bin/sh \"\$@\"\n" >/usr/lib/tallygate/tallysh
		chmod 755 /usr/lib/tallygate/tallysh'
	run bed tally enable ada
	bed mv /usr/lib/tallygate/tallysh.away /usr/lib/tallygate/tallysh
	assert_failure 1
	assert_output --partial 'as ada ended with status 3, not 7'
	assert_equal "$(shell_of ada)" /bin/bash
	run bed cat /var/lib/tallygate/shells
	refute_output --partial ada
}

@test "enable: a shell that is gone is not replaced, it would be nobody's" {
	bed cp /bin/dash /bin/gone
	bed add-shell /bin/gone
	bed useradd -M -s /bin/gone kim
	bed rm /bin/gone
	run bed tally enable kim
	assert_failure 1
	assert_output --partial 'the login shell /bin/gone does not exist'
	bed remove-shell /bin/gone
	bed userdel kim
}

@test "enable %group: their logins go on as before, in the shell that each of them had" {
	run bed tally enable %ops
	assert_success
	assert_line 'ada: the login shell is now /usr/bin/tallysh; in it they get their /bin/bash'
	assert_line 'bob: the login shell is now /usr/bin/tallysh; in it they get their /usr/bin/zsh'
	assert_equal "$(shell_of ada)" /usr/bin/tallysh
	assert_equal "$(shell_of eve)" /bin/bash
	run bed cat /var/lib/tallygate/shells
	assert_output $'ada:/bin/bash\nbob:/usr/bin/zsh'
	run bed_ssh ada bash -lc "'echo \$SHELL; exit 5'"
	assert_failure 5
	assert_output /bin/bash
	run bed_ssh bob 'echo $ZSH_NAME $SHELL'
	assert_success
	assert_output 'zsh /usr/bin/zsh'
	run bed tally enable ada
	assert_success
	assert_output --partial 'ada: has /usr/bin/tallysh already'
}

@test "what they start is seen, and sudo works in it as ever" {
	becomes ada 1
	bed sh -c 'echo "ada ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/ada'
	run bed_ssh ada sudo -n id -u
	assert_success
	assert_output 0
	run bed_ssh ada 'grep -h -e ^NoNewPrivs -e ^CapPrm /proc/self/status'
	assert_output $'CapPrm:\t0000000000000000\nNoNewPrivs:\t0'
	bed rm /etc/sudoers.d/ada
	run bed_ssh ada 'pdsh -R exec -w web[1-3] echo went; tally run -- true'
	assert_success
	run bed tally audit --json /var/log/tallygate/audit.jsonl
	assert_output --partial '"name":"ada"'
	assert_output --partial 'web[1-3]'
}

@test "sftp and scp carry files there and back" {
	bed sh -c 'head -c 300000 /dev/urandom >/root/blob; rm -f /root/blob.back /root/blob.sftp'
	bed scp -q /root/blob ada@localhost:blob
	bed scp -q -O ada@localhost:blob /root/blob.back
	bed cmp /root/blob /root/blob.back
	bed sh -c 'echo "get blob /root/blob.sftp" | sftp -q -b - ada@localhost' >/dev/null
	bed cmp /root/blob /root/blob.sftp
}

@test "an upgrade below an open session: it goes on, and tallysh can be executed at every moment" {
	bed sh -c 'mkfifo /home/ada/in && chown ada /home/ada/in'
	bed_ssh ada 'cat in >/dev/null; /bin/echo went on' >"$BATS_TEST_TMPDIR/session" 2>&1 3>&- &
	local session=$! watch
	bed sh -c 'while [ ! -e /root/stop ]; do
		/usr/bin/tallysh -c true || echo none
		getcap /usr/lib/tallygate/tallysh | grep -q cap_sys_admin=ep || echo bare
	done' \
		>"$BATS_TEST_TMPDIR/watch" 2>&1 3>&- &
	watch=$!
	bed_wait 100 bed pgrep -u ada -x cat
	run bed dpkg -i /root/second.deb
	bed touch /root/stop
	wait "$watch" || :
	assert_success
	run cat "$BATS_TEST_TMPDIR/watch"
	assert_output ''
	bed sh -c 'echo >/home/ada/in'
	wait "$session"
	run cat "$BATS_TEST_TMPDIR/session"
	assert_output 'went on'
	bed rm /home/ada/in
	run bed getcap /usr/lib/tallygate/tallysh
	assert_output --partial cap_sys_admin=ep
	assert_equal "$(bed dpkg-query -W -f '${Version}' tallygate)" "$(deb_version "$UPGRADE")"
	assert_equal "$(shell_of ada)" /usr/bin/tallysh
	run bed_ssh ada true
	assert_success
}

@test "the audit log is closed and compressed by what the package installs, and the chain holds" {
	bed sh -c 'XDG_STATE_HOME=/var/log tally run --expect 2 -- pdsh -R exec -w web[1-2] true' || :
	bed systemctl start tallygate-rotate.service
	run bed sh -c 'ls /var/log/tallygate/audit-*.jsonl'
	assert_success
	bed sh -c 'cat /var/log/tallygate/audit-*.jsonl >/root/closed'
	run bed tally audit verify /root/closed /var/log/tallygate/audit.jsonl
	assert_success
	bed logrotate -f /etc/logrotate.d/tallygate
	run bed sh -c 'ls /var/log/tallygate/; zcat /var/log/tallygate/audit-*.jsonl.gz | cmp - /root/closed'
	assert_success
	assert_line audit.jsonl
	refute_line --regexp '^audit-.*\.jsonl$'
}

@test "enable --sshd %group: sshd gives its members tallysh, and root and break-glass theirs" {
	run bed tally enable --sshd %net
	assert_success
	assert_line '/etc/ssh/sshd_config.d/50-tallygate.conf is written.'
	assert_line 'It holds for new connections after: systemctl reload ssh'
	becomes nan 0
	bed systemctl reload ssh
	bed_wait 100 becomes nan 1
	becomes eve 0
	run bed_ssh nan 'echo $SHELL; exit 5'
	assert_failure 5
	assert_output /bin/bash
	run bash -c "source '$BATS_TEST_DIRNAME/bed.bash'; echo 'shopt -q login_shell && echo is-login; exit 3' | bed_ssh nan -tt"
	assert_failure 3
	assert_line --partial is-login
	bed sh -c 'echo sent >/root/note; rm -f /root/note.back; scp -q /root/note nan@localhost:note &&
		echo "get note /root/note.back" | sftp -q -b - nan@localhost >/dev/null && cmp /root/note /root/note.back'
	# The sftp server that lives in sshd.
	bed sh -c "sed -i 's,^Subsystem.*,Subsystem sftp internal-sftp,' /etc/ssh/sshd_config"
	bed systemctl restart ssh
	bed sh -c 'rm /root/note.back; echo "get note /root/note.back" | sftp -q -b - nan@localhost >/dev/null && cmp /root/note /root/note.back'
	bed sh -c "sed -i 's,^Subsystem.*,Subsystem sftp /usr/lib/openssh/sftp-server,' /etc/ssh/sshd_config"
	bed systemctl restart ssh
}

@test "enable --sshd: what sshd does not accept, or does not follow, is undone" {
	bed sh -c 'cp /etc/ssh/sshd_config.d/50-tallygate.conf /root/kept.conf'
	run bed tally enable --sshd %nobodys
	assert_failure 125
	assert_output 'tally enable: there is no group "nobodys"'
	bed sh -c 'echo Nonsense yes >/etc/ssh/sshd_config.d/90-bad.conf'
	run bed tally enable --sshd %ops
	assert_failure 125
	assert_output --partial 'as it is now, sshd -t says:'
	bed rm /etc/ssh/sshd_config.d/90-bad.conf
	bed sed -i 's/^Include/#Include/' /etc/ssh/sshd_config
	run bed tally enable --sshd %net
	assert_failure 125
	assert_output --partial 'it would not hold for nan: /etc/ssh/sshd_config needs the line `Include'
	bed sed -i 's/^#Include/Include/' /etc/ssh/sshd_config
	run bed cmp /root/kept.conf /etc/ssh/sshd_config.d/50-tallygate.conf
	assert_success
	run bed tally disable --sshd
	assert_success
	assert_line 'sshd was told to read its configuration anew'
	bed_wait 100 becomes nan 0
}

# A library that ends every program that loads it, in the place of the shim.
break_shim() {
	local source='__attribute__((constructor)) static void end(void) {
		__asm__ volatile("syscall" : : "a"(231), "D"(99)); }'
	[ "$(uname -m)" = x86_64 ] || skip 'the broken library is made for x86_64'
	gcc -shared -fPIC -nostdlib -x c -o "$BATS_TEST_TMPDIR/broken.so" - <<<"$source"
	bed_put "$BATS_TEST_TMPDIR/broken.so" /root/broken.so
	bed mv /usr/lib/tallygate/libtally.so /usr/lib/tallygate/libtally.so.away
	bed cp /root/broken.so /usr/lib/tallygate/libtally.so
}

@test "enable --system: a shim with which programs do not start is never written" {
	break_shim
	run bed tally enable --system
	bed mv /usr/lib/tallygate/libtally.so.away /usr/lib/tallygate/libtally.so
	assert_failure 125
	assert_output --partial 'does not start as before with libtally.so: status 99'
	assert bed test ! -e /etc/ld.so.preload
	run bed ls /etc
	refute_output --partial ld.so.preload
}

@test "enable --system: tried, written, and everything still starts; disable --system" {
	bed sh -c 'printf "# mine\n" >/etc/ld.so.preload'
	run bed tally enable --dry-run --system
	assert_success
	assert_output --regexp 'Tried in a mount namespace: [0-9]{2} programs run and [0-9]{3,} more loaded'
	assert_equal "$(bed cat /etc/ld.so.preload)" '# mine'
	run bed tally enable --system
	assert_success
	assert_equal "$(bed cat /etc/ld.so.preload)" $'# mine\n/usr/lib/tallygate/$LIB/libtally.so'
	run bed grep -c libtally.so /proc/self/maps
	assert_success
	run bed_ssh eve 'sudo --version | head -n 1; ls -d /; exit 6'
	assert_failure 6
	assert_line /
	refute_output --partial ld.so
	run bed systemctl restart ssh
	assert_success
	run bed tally enable --system
	assert_output 'libtally.so is in /etc/ld.so.preload already'
	run bed tally disable --system
	assert_success
	run bed cat /etc/ld.so.preload
	assert_output --regexp '^# mine\s*$'
	bed rm /etc/ld.so.preload
}

@test "tally-unpreload mends a machine on which nothing starts any more" {
	bed tally enable --system
	break_shim
	run bed true
	assert_equal "$status" 99
	# What a shell that runs already would do.
	run nsenter -t "$BED_LEADER" -a /usr/sbin/tally-unpreload
	assert_success
	assert_output 'tally-unpreload: libtally.so is taken out; programs that are started from now on run without it'
	run bed true
	assert_success
	assert bed test ! -e /etc/ld.so.preload
	# As process 1, in place of the service manager.
	bed sh -c 'echo /usr/lib/tallygate/libtally.so /usr/lib/other.so >/root/list; printf "#!/bin/sh\necho up \$\$ \$(cat /root/list)\n" >/root/init; chmod +x /root/init'
	run bed unshare -mpf sh -c 'touch /etc/ld.so.preload; mount --bind /root/init /lib/systemd/systemd
		mount --bind /root/list /etc/ld.so.preload; exec /usr/sbin/tally-unpreload'
	assert_line 'up 1 /usr/lib/other.so'
	bed rm /etc/ld.so.preload
	bed mv /usr/lib/tallygate/libtally.so.away /usr/lib/tallygate/libtally.so
}

@test "the shim's table is made anew when programs come or go" {
	bed rm /var/lib/tallygate/guard.table
	bed dpkg-trigger --no-await --by-package=base-files /usr/bin
	bed dpkg --configure --pending
	assert bed test -s /var/lib/tallygate/guard.table
}

# complete LINE...: what bash would offer for the last word.
complete() {
	bed bash -c '. /usr/share/bash-completion/bash_completion
		. /usr/share/bash-completion/completions/tally
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE}
		_tally; printf "%s\n" "${COMPREPLY[@]}"' bash "$@"
}

@test "bash completes commands, options and groups" {
	run complete tally en
	assert_output enable
	run complete tally disable --
	assert_line -- --all
	assert_line -- --system
	run complete tally enable %op
	assert_line %ops
	refute_line ops
	run complete tally audit ver
	assert_output verify
}

@test "disable: the shell from before, or one that is there" {
	run bed tally disable ada
	assert_success
	assert_line 'ada: the login shell is /bin/bash again'
	assert_equal "$(shell_of ada)" /bin/bash
	run bed tally disable ada
	assert_line 'ada: has /bin/bash, not tallysh; left as it is'
	bed tally enable ada
	bed usermod -s /usr/bin/zsh ada
	run bed tally disable ada
	assert_line 'ada: has /usr/bin/zsh, not tallysh; left as it is'
	bed usermod -s /bin/bash ada
	run bed cat /var/lib/tallygate/shells
	assert_output 'bob:/usr/bin/zsh'
}

@test "without setcap the package is installed, and says what does not work" {
	bed mv /sbin/setcap /sbin/setcap.away
	run bed dpkg-reconfigure tallygate
	bed mv /sbin/setcap.away /sbin/setcap
	assert_success
	assert_line --partial 'tallygate: setcap (libcap2-bin) is missing: /usr/bin/tallysh has no capability'
	assert_line --partial 'dpkg-reconfigure tallygate'
	run bed_ssh bob 'exit 5'
	assert_failure 5
	bed dpkg-reconfigure tallygate
	run bed getcap /usr/lib/tallygate/tallysh
	assert_output --partial cap_sys_admin=ep
	run --separate-stderr bed_ssh bob 'exit 5'
	assert_failure 5
	assert_equal "$stderr" ''
}

@test "remove below an open session is refused, and the session goes on" {
	bed tally enable ada
	bed sh -c 'mkfifo /home/ada/in && chown ada /home/ada/in'
	bed_ssh ada 'read -r word <in; /bin/echo went on' >"$BATS_TEST_TMPDIR/session" 2>&1 3>&- &
	local session=$!
	bed_wait 100 bed sh -c 'ls /run/tallygate/sessions/*/session.cfg'
	run bed dpkg -r tallygate
	assert_failure
	assert_line --partial 'tallygate: not removed: open sessions: 1'
	assert_equal "$(shell_of ada)" /bin/bash
	bed sh -c 'echo >/home/ada/in'
	wait "$session"
	run cat "$BATS_TEST_TMPDIR/session"
	assert_output 'went on'
	bed rm /home/ada/in
	assert_equal "$(bed dpkg-query -W -f '${db:Status-Status}' tallygate)" installed
	run bed systemctl is-active tallyd.service
	assert_output active
}

@test "remove gives everybody their shell back; purge leaves nothing behind" {
	bed tally enable ada bob
	bed tally enable --sshd %net
	bed systemctl reload ssh
	bed_wait 100 becomes nan 1
	bed tally enable --system
	run bed dpkg -r tallygate
	assert_success
	assert_equal "$(shell_of ada)" /bin/bash
	assert_equal "$(shell_of bob)" /usr/bin/zsh
	assert bed test -e /etc/tallygate/policy/site.cfg
	assert bed test -d /var/log/tallygate
	run bed_ssh ada 'echo $SHELL'
	assert_output /bin/bash
	bed_wait 100 becomes nan 0
	run bed dpkg --purge tallygate
	assert_success
	run bed diff /root/passwd.before /etc/passwd
	assert_success
	bed_list >"$BATS_TEST_TMPDIR/after"
	run diff <(grep -v '^/home/' "$BATS_FILE_TMPDIR/before") <(grep -v '^/home/' "$BATS_TEST_TMPDIR/after")
	assert_output ''
}
