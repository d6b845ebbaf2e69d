# tallygate on the bastion of bed.bash, put there by hand: what the package does is tested with
# the package.

# bed_install: the build of this checkout, its units, tallysh's capability; tallyd runs.
bed_install() {
	local tree
	tree=$(mktemp -d "${BATS_FILE_TMPDIR:-/tmp}/install.XXXXXX")
	make -s -C "$TOP" install DESTDIR="$tree" BUILD="$BUILD" >/dev/null || return 1
	install -D -m 644 "$TOP/scripts/package/tallyd.service" "$TOP/scripts/package/tallyd.socket" \
		-t "$tree/etc/systemd/system"
	install -D -m 644 "$TOP/scripts/package/tallygate.cfg" "$tree/etc/tallygate/tallygate.cfg"
	install -D -m 644 "$TOP/scripts/package/tmpfiles.conf" "$tree/etc/tmpfiles.d/tallygate.conf"
	install -D -m 644 "$TOP/scripts/package/sysusers.conf" "$tree/etc/sysusers.d/tallygate.conf"
	tar -C "$tree" --owner=root --group=root -c . |
		bed tar -C / --keep-directory-symlink --no-overwrite-dir -x || return 1
	rm -rf "$tree"
	bed setcap cap_sys_admin=ep /usr/lib/tallygate/tallysh
	bed systemd-sysusers
	bed systemd-tmpfiles --create tallygate.conf
	bed sh -c 'echo /usr/bin/tallysh >>/etc/shells'
	bed systemctl daemon-reload
	bed systemctl enable -q --now tallyd.socket
	bed systemctl start tallyd.service
}

# bed_tally_user NAME [GROUP...]: a user whose login shell is tallysh.
bed_tally_user() {
	bed_user "$@"
	bed usermod -s /usr/bin/tallysh "$1"
}

# bed_records [FILTER]: the audit log, one record a line.
bed_records() {
	bed cat /var/log/tallygate/audit.jsonl
}
