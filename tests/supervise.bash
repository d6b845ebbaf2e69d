# What the suites of the supervisor share: gate_session, and a session that only the
# supervisor watches (no shim), so that everything that is seen it has seen.

supervise_session() {
	gate_session
	CALLER=$BUILD/supervise/caller
	DRAIN=$WORK/bin/drain
	STATE=$XDG_STATE_HOME/tallygate
	mkdir -p "$STATE"
	[ -x "$CALLER" ] || skip "make test-programs has not been run"
}

# supervised COMMAND...: in a new session, without a terminal, by ${AS[@]} if that is set.
supervised() {
	timeout -s KILL 100 "${AS[@]}" "$BUILD/supervise/supervised" "$TOP/tests/gate_rules" \
		"$STATE" "$BUILD/tally-gate" setsid -w "$@"
}

# held COMMAND...: `drain a[1-99]` in it was put behind the gate, once, and did not run.
held() {
	run supervised "$@"
	assert_equal "$(grep -c '^tallygate: denied: drain would stop' <<<"$output")" 1
	refute_line --regexp '^drain [0-9]+:'
}

# As nobody: a user who may read no other's memory. Needs root.
as_nobody() {
	[ "$(id -u)" -eq 0 ] || skip "only root can become somebody else"
	AS=(setpriv --reuid nobody --regid nogroup --clear-groups)
	"${AS[@]}" test -x "$BUILD/tally-gate" || skip "nobody cannot reach $BUILD"
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" 2>/dev/null || true
	chown -R nobody "$BATS_TEST_TMPDIR"
	"${AS[@]}" test -x "$DRAIN" || skip "nobody cannot reach $WORK"
}

# The shim cannot be preloaded into programs whose sanitiser has to come first.
without_sanitiser() {
	! ldd "$BUILD/tally-gate" | grep -q libasan || skip "the shim goes with the plain build only"
}
