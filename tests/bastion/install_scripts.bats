#!/usr/bin/env bats
# scripts/install and scripts/uninstall where there is no dpkg, and no service manager: on a copy
# of this machine's root, in namespaces of its own, of which nothing stays.

load ../setup.bash

setup() {
	[ "$(id -u)" -eq 0 ] || skip 'root is needed'
	unshare -m true 2>/dev/null || skip 'mount namespaces are not allowed here'
	mkdir "$BATS_TEST_TMPDIR/copy"
}

# on_copy SCRIPT: runs it in the checkout, on the copy.
on_copy() {
	unshare -mpf bash -ec '
		mount -t tmpfs copy "$1"
		mkdir "$1/up" "$1/work" "$1/root"
		mount -t overlay -o "lowerdir=/,upperdir=$1/up,workdir=$1/work" copy "$1/root"
		mount -t proc proc "$1/root/proc"
		mount --bind /dev "$1/root/dev"
		mount -t tmpfs run "$1/root/run"
		cd "$1/root$2"
		exec chroot "$1/root" bash -uc "cd \"\$1\" || exit; $3" bash "$2"
	' bash "$BATS_TEST_TMPDIR/copy" "$TOP" "$1"
}

# Whatever an installation could leave.
list='list() { { find /etc /usr /var /opt -xdev; cat /etc/shells; cut -d: -f1,7 /etc/passwd; cut -d: -f1 /etc/group; } | sort; }'

@test "install, enable, log in, uninstall --purge: nothing is left behind" {
	run on_copy "$list"'
		useradd -m joe -s /bin/bash
		list >/run/before
		scripts/install --without-package || exit
		getcap /usr/lib/tallygate/tallysh
		/usr/sbin/tallyd --hold &
		for ((i = 0; i < 100; i++)); do [ ! -S /run/tallygate/tallyd.sock ] || break; read -rt 0.1 <> <(:); done
		tally enable joe || exit
		su - joe -c "echo \$SHELL; exit 4"
		echo "ended with $?"
		scripts/uninstall --purge || exit
		list | diff /run/before - && echo the same'
	assert_success
	assert_line '/usr/lib/tallygate/tallysh cap_sys_admin=ep'
	assert_line '  sudo tally enable USER                    tallysh as the login shell of one user; then %GROUP'
	assert_line 'joe: the login shell is now /usr/bin/tallysh; in it they get their /bin/bash'
	assert_line 'ended with 4'
	assert_line 'joe: the login shell is /bin/bash again'
	assert_line 'the same'
}

@test "uninstall without --purge keeps rules and logs; without an installation it says so" {
	run on_copy '
		scripts/install --without-package >/dev/null 2>&1 || exit
		scripts/uninstall || exit
		ls -d /etc/tallygate/policy/site.cfg /var/log/tallygate /usr/lib/tallygate /usr/bin/tally
		scripts/uninstall
		echo "ended with $?"'
	assert_line /etc/tallygate/policy/site.cfg
	assert_line /var/log/tallygate
	refute_line /usr/lib/tallygate
	refute_line /usr/bin/tally
	assert_line 'scripts/uninstall: there is no tallygate below /usr'
	assert_line 'ended with 1'
}

@test "both refuse what they do not know, and do nothing" {
	run "$TOP/scripts/install" --with-everything
	assert_equal "$status" 2
	run "$TOP/scripts/uninstall" --all
	assert_equal "$status" 2
	run "$TOP/scripts/install" --help
	assert_line --index 0 --partial 'usage: scripts/install'
	run "$TOP/scripts/deb" --nothing
	assert_equal "$status" 2
}
