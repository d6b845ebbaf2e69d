# A real bastion to test on: a Debian root made by debootstrap (kept between runs), booted by
# systemd-nspawn with systemd as PID 1, on a network of its own. Every boot begins from the
# same root: what a test writes goes into a tmpfs above it and is gone with it.
#
# In a suite: bed_boot in setup_file, `bed COMMAND...` in tests, bed_stop in teardown_file.

BED_PACKAGES=systemd,systemd-sysv,dbus,libpam-systemd,openssh-server,openssh-client,openssh-sftp-server,sudo
BED_PACKAGES+=,procps,iproute2,iputils-ping,rsync,git,tmux,screen,locales-all,python3-minimal,pdsh,clustershell
BED_PACKAGES+=,logrotate,netcat-openbsd,strace,bash-completion,zsh
# What the package of tallygate depends on, so that installing it needs no network.
BED_PACKAGES+=,libconfig9,libseccomp2,libreadline8,libsqlite3-0,libcurl4,libjansson4,libsodium23
BED_PACKAGES+=,libsystemd0,libyaml-0-2,libcap2-bin,adduser

# bed_missing: one sentence when no bastion can be booted here, else nothing.
bed_missing() {
	local program
	[ "$(id -u)" -eq 0 ] || { echo 'root is needed to boot one'; return; }
	for program in debootstrap systemd-nspawn unshare nsenter; do
		command -v "$program" >/dev/null || { echo "$program is not installed"; return; }
	done
	unshare -m true 2>/dev/null || echo 'mount namespaces are not allowed here'
}

# bed_mirror: where this machine gets its packages from.
bed_mirror() {
	apt-cache policy | sed -n 's/^ *[0-9]* \(https\?:[^ ]*debian\/\?\) .*/\1/p' | head -n 1
}

# bed_root: makes the root unless it is there, prints where. A root belongs to one list of
# packages; its name has their digest, so that a changed list makes another one.
bed_root() {
	local cache digest root
	cache=${XDG_CACHE_HOME:-${BED_HOME:-$HOME}/.cache}/tallygate
	digest=$(printf '%s' "$BED_PACKAGES" | sha256sum | cut -c 1-12)
	root=$cache/bastion-$digest
	mkdir -p "$cache"
	(
		flock 9
		[ -d "$root" ] && exit 0
		rm -rf "$cache"/bastion-*
		debootstrap --variant=minbase --include="$BED_PACKAGES" bookworm "$root.new" \
			"$(bed_mirror)" >"$cache/debootstrap.log" 2>&1 ||
			{ tail -n 5 "$cache/debootstrap.log" >&2; rm -rf "$root.new"; exit 1; }
		rm -f "$root.new"/var/cache/apt/archives/*.deb "$root.new"/etc/ssh/ssh_host_*
		mv "$root.new" "$root"
	) 9>"$cache/lock" || return 1
	echo "$root"
}

# bed_boot DIR: boots a fresh bastion; DIR keeps its console and process ids.
bed_boot() {
	local root
	BED=$1
	root=$(bed_root) || return 1
	mkdir -p "$BED"
	# The mounts live in a namespace of their own and go with it.
	unshare -m --propagation private bash -ec '
		mount -t tmpfs -o mode=755 bed "$1"
		mkdir "$1/up" "$1/work" "$1/root"
		mount -t overlay -o "lowerdir=$2,upperdir=$1/up,workdir=$1/work" bed "$1/root"
		echo bastion >"$1/root/etc/hostname"
		printf "127.0.0.1 localhost bastion\n::1 localhost\n" >"$1/root/etc/hosts"
		ssh-keygen -A -f "$1/root" >/dev/null
		exec systemd-nspawn -q -D "$1/root" -b --register=no --keep-unit --private-network \
			--console=pipe --notify-ready=yes --kill-signal=SIGRTMIN+4
	' bash "$BED" "$root" </dev/null >"$BED.console" 2>&1 3>&- &
	BED_NSPAWN=$!
	echo "$BED_NSPAWN" >"$BED.pid"
	bed_wait 600 bed_find_leader || { cat "$BED.console" >&2; return 1; }
	bed_wait 600 bed_is_up || { bed systemctl --failed >&2; return 1; }
}

bed_find_leader() {
	# unshare execs bash, which execs nspawn: the leader is its only child.
	BED_LEADER=$(pgrep -P "$BED_NSPAWN" | head -n 1)
	[ -n "$BED_LEADER" ] && [ "$(cat "/proc/$BED_LEADER/comm" 2>/dev/null)" = systemd ]
}

bed_is_up() {
	bed systemctl is-active -q multi-user.target ssh.service 2>/dev/null
}

# bed_wait TENTHS CONDITION...: until it holds; 1 when it does not in time.
bed_wait() {
	local left=$1
	shift
	until "$@"; do
		left=$((left - 1))
		[ "$left" -gt 0 ] || return 1
		read -rt 0.1 <> <(:) || :
	done
}

# bed COMMAND...: as root on the bastion.
bed() {
	nsenter -t "$BED_LEADER" -a env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		LANG=C.UTF-8 TERM="${TERM:-xterm}" "$@"
}

# bed_put FILE PATH: copies FILE onto the bastion.
bed_put() {
	bed tee "$2" <"$1" >/dev/null
}

# bed_user NAME [GROUP...]: a user with a key that root's ssh on the bastion knows.
bed_user() {
	local user=$1
	shift
	bed useradd -m -s /bin/bash "$user"
	local group
	for group; do
		bed groupadd -f "$group"
		bed usermod -aG "$group" "$user"
	done
	bed sh -c '[ -f /root/.ssh/id_ed25519 ] || ssh-keygen -q -t ed25519 -N "" -f /root/.ssh/id_ed25519'
	bed install -d -m 700 -o "$user" -g "$user" "/home/$user/.ssh"
	bed install -m 600 -o "$user" -g "$user" /root/.ssh/id_ed25519.pub "/home/$user/.ssh/authorized_keys"
	bed sh -c 'printf "Host *\n StrictHostKeyChecking no\n UserKnownHostsFile /dev/null\n LogLevel ERROR\n" >/root/.ssh/config'
}

# bed_ssh USER ARG...: ssh from the bastion to itself, as a user would log in.
bed_ssh() {
	local user=$1
	shift
	bed ssh -l "$user" localhost "$@"
}

bed_stop() {
	[ -n "${BED_NSPAWN:-}" ] || return 0
	kill -TERM "$BED_NSPAWN" 2>/dev/null || :
	bed_wait 300 bed_is_gone || kill -KILL "$BED_NSPAWN"
	wait "$BED_NSPAWN" 2>/dev/null || :
	rm -rf "$BED" "$BED.pid" "$BED.console"
}

bed_is_gone() {
	! kill -0 "$BED_NSPAWN" 2>/dev/null
}
