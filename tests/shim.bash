# What the suites of the shim share: a session that no supervisor watches, so that only the
# preloaded library sees what is executed in it.

# shim_session: gate_session with a guard table, and a `drain` that leaves a mark when it runs.
shim_session() {
	gate_session
	MARK=$WORK/ran
	cat >"$WORK/bin/drain" <<SCRIPT
#!/bin/sh
echo "drain: \$*"
echo "\$*" >>"$MARK"
SCRIPT
	"$BUILD/tally" refresh --session "$SESSION"
	SHIM=$BUILD/'$LIB/libtally.so'
	ROUTES=$BUILD/routes
}

# shim COMMAND...: with the shim, in that session, without a terminal.
shim() {
	rm -f "$MARK"
	env LD_PRELOAD="$SHIM" TALLY_SESSION="$SESSION" setsid -w timeout 60 "$@" </dev/null
}

# gated COMMAND...: what is guarded in it was seen and held, and did not run.
gated() {
	run --separate-stderr shim "$@"
	assert_not_exists "$MARK"
	if [ "${QUIET:-}" = "" ]; then
		assert_regex "$stderr" 'denied: drain would stop 100 hosts'
	fi
}

# not_gated COMMAND...: what is guarded in it ran, and nobody saw it.
not_gated() {
	run --separate-stderr shim "$@"
	assert_exists "$MARK"
	refute_regex "$stderr" tallygate
}

# A number of targets that the suite's policy denies.
TOO_MANY='web[001-100]'
