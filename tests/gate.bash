# What the suites of the gate share: a session of its own over tests/gate_rules, and the
# program `drain` of that tool description, which says what it was given.

# gate_session: makes $SESSION, $WORK and a `drain` that prints "drain PID: ARGS".
gate_session() {
	own_home
	WORK=$BATS_TEST_TMPDIR/work
	mkdir -p "$WORK/bin"
	cat >"$WORK/bin/drain" <<'SCRIPT'
#!/bin/sh
echo "drain $$: $*"
SCRIPT
	cat >"$WORK/bin/list-hosts" <<'SCRIPT'
#!/bin/sh
seq -f web%03g 1 "${HOSTS:-5}"
SCRIPT
	chmod +x "$WORK/bin/"*
	export PATH=$WORK/bin:$PATH
	SESSION=$WORK/session
	mkdir -m 700 "$SESSION"
	write_session "$SESSION"
}

# gate ARG...: `drain ARG...` through the gate, without a terminal.
gate() {
	setsid -w "$BUILD/tally-gate" "--session=$SESSION" -- "$WORK/bin/drain" drain "$@"
}

# write_session DIR: what a session has, made by hand: no supervisor, no guard table.
write_session() {
	cat >"$1/session.cfg" <<CONFIG
id = "suite";
state = "$XDG_STATE_HOME/tallygate";
rules = [ "${RULES:-$TOP/tests/gate_rules}" ];
gate = "$BUILD/tally-gate";
shell = "/bin/bash";
CONFIG
}

# own_rules: a copy of tests/gate_rules that the test may change, in $RULES.
own_rules() {
	RULES=$WORK/rules
	cp -r "$TOP/tests/gate_rules" "$RULES"
}
