#!/usr/bin/env bats
# A supervised session: every way to start a program is seen, whoever takes it.

load setup.bash
load gate.bash
load shim.bash

setup() {
	shim_session
	cp -r "$TOP/tests/gate_rules" "$WORK/rules"
}

# session COMMAND...: in a supervised session over the suite's rules, without a terminal.
session() {
	rm -f "$MARK"
	setsid -w timeout 100 "$BUILD/tally" shell --rules "$WORK/rules" -- "$@" </dev/null
}

# supervised COMMAND...: what is guarded in it was held, once, and did not run.
supervised() {
	run --separate-stderr session "$@"
	assert_not_exists "$MARK"
	assert_equal "$(grep -c 'denied: drain would stop 100 hosts' <<<"$stderr")" 1
}

# One session takes all the routes of a caller: FLAGS go to it, without the shim or with it.
all_routes() {
	local caller=$ROUTES/route-$1 flags=${2:-} route
	[ -x "$caller" ] || skip 'no 32-bit compiler'
	cat >"$WORK/all" <<SCRIPT
#!/bin/bash
for route in \$($caller -l); do
	$caller $flags \$route $WORK/bin/drain '$TOO_MANY' 2>$WORK/told || true
	held=no
	if grep -q 'denied: drain would stop 100 hosts' $WORK/told; then held=yes; fi
	[ \$route != wordexp ] || held=silent
	ran=no
	if [ -e $MARK ]; then ran=yes; rm $MARK; fi
	echo \$route held \$held ran \$ran
done
SCRIPT
	chmod +x "$WORK/all"
	run session "$WORK/all"
	assert_success
	refute_output --partial 'ran yes'
	refute_output --partial 'held no'
	for route in $("$caller" -l); do
		assert_line --regexp "^$route held (yes|silent) ran no\$"
	done
}

@test "all routes of a dynamic caller" {
	all_routes dynamic
}

@test "all routes of a dynamic caller with an empty environment" {
	all_routes dynamic -e
}

@test "all routes of a static caller" {
	all_routes static
}

@test "all routes of a static caller with an empty environment" {
	all_routes static -e
}

@test "all routes of a 32-bit dynamic caller" {
	all_routes dynamic32
}

@test "all routes of a 32-bit static caller" {
	all_routes static32 -e
}

@test "what is not held runs by every route, with its arguments and status" {
	local caller
	for caller in dynamic static dynamic32 static32; do
		[ -x "$ROUTES/route-$caller" ] || continue
		cat >"$WORK/all" <<SCRIPT
for route in \$($ROUTES/route-$caller -l); do
	$ROUTES/route-$caller \$route $WORK/bin/drain --list web7
	[ \$route = wordexp ] || $ROUTES/route-$caller \$route /bin/sh -c 'exit 7'
	echo \$route \$?
done
SCRIPT
		run session bash "$WORK/all"
		assert_success
		for route in $("$ROUTES/route-$caller" -l); do
			[ "$route" = wordexp ] || assert_line "$route 7"
		done
		assert_equal "$(grep -c '^drain: --list web7$' <<<"$output")" \
			"$("$ROUTES/route-$caller" -l | wc -l)"
	done
}

@test "a denied command is asked about once, not once for every directory of PATH" {
	mkdir "$WORK/a" "$WORK/b"
	cp "$WORK/bin/drain" "$WORK/b/drain"
	local shell
	for shell in 'bash -c' 'dash -c' 'env' 'env -i PATH=PATHS sh -c' \
		"$ROUTES/route-static execvp" "$ROUTES/route-static posix_spawnp" \
		"/usr/bin/python3 -c"; do
		case $shell in
		*python3*) set -- "import os; os.execvp('drain', ['drain', '$TOO_MANY'])" ;;
		*-c) set -- "drain '$TOO_MANY'" ;;
		*) set -- drain "$TOO_MANY" ;;
		esac
		PATHS=$WORK/a:$WORK/none:$WORK/bin:$WORK/b:$PATH
		# shellcheck disable=SC2086
		PATH=$PATHS supervised ${shell/PATHS/$PATHS} "$@"
	done
}

@test "threads: python's os.execv from one, while others run" {
	supervised /usr/bin/python3 -c "
import os, threading, time
for i in range(4):
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
t = threading.Thread(target=os.execv, args=('$WORK/bin/drain', ['drain', '$TOO_MANY']))
t.start(); t.join()"
	run session /usr/bin/python3 -c "
import os, threading, time
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
t = threading.Thread(target=os.execv, args=('$WORK/bin/drain', ['drain', '--list']))
t.start(); t.join()"
	assert_output 'drain: --list'
}

@test "kubectl starts its plugins, and what a plugin starts is seen" {
	command -v kubectl >/dev/null || skip 'kubectl is not installed'
	printf '#!/bin/sh\necho plugin "$@"\n' >"$WORK/bin/kubectl-hello"
	printf '#!/bin/sh\nexec drain "$@"\n' >"$WORK/bin/kubectl-drainall"
	chmod +x "$WORK"/bin/kubectl-*
	run session kubectl hello a b
	assert_success
	assert_output 'plugin a b'
	supervised kubectl drainall "$TOO_MANY"
}

@test "strace and gdb work inside" {
	run session strace -f -qq -e trace=execve -o "$WORK/trace" /bin/sh -c 'drain --list; /bin/echo x'
	assert_success
	assert_line 'drain: --list'
	assert_line x
	assert_file_contains "$WORK/trace" '/bin/echo'
	supervised strace -f -qq -o /dev/null \
		"$ROUTES/route-dynamic" vfork "$WORK/bin/drain" "$TOO_MANY"
	# A static caller that is traced can be neither redirected nor served by the shim.
	run -127 --separate-stderr session strace -f -qq -o /dev/null \
		"$ROUTES/route-static" vfork "$WORK/bin/drain" "$TOO_MANY"
	assert_not_exists "$MARK"
	assert_regex "$stderr" 'vfork: errno 1$'
	run session gdb -batch -nx -ex run -ex 'print 6*7' --args "$BUILD/bench/tiny-dynamic"
	assert_line --partial 'exited normally'
	assert_line '$1 = 42'
	supervised gdb -batch -nx -ex run --args \
		"$ROUTES/route-dynamic" execve "$WORK/bin/drain" "$TOO_MANY"
}

@test "what the shim alone cannot see, the session sees" {
	cat >"$WORK/all" <<SCRIPT
$ROUTES/route-dynamic syscall $WORK/bin/drain '$TOO_MANY'
SCRIPT
	supervised bash "$WORK/all"
	supervised env -i "$ROUTES/route-static" int80 "$WORK/bin/drain" "$TOO_MANY"
	ln "$WORK/bin/drain" "$WORK/hard"
	cp "$BUILD/bench/tiny-static" "$WORK/drain"
	supervised "$ROUTES/route-static" clone "$WORK/hard" "$TOO_MANY"
	supervised "$ROUTES/route-static" vfork /bin/sh "$WORK/bin/drain" "$TOO_MANY"
	supervised "$ROUTES/route-static" posix_spawn "$WORK/drain" "$TOO_MANY"
}

@test "20,000 vfork spawns in a session: no growth of mappings, descriptors or memory" {
	run session "$ROUTES/growth-dynamic" 20000 /bin/true
	assert_success
	assert_output --regexp '^mappings \+0 descriptors \+0 kilobytes \+?-?[0-9]{1,2}$'
	run session "$ROUTES/growth-static" 2000 /bin/true
	assert_output --regexp '^mappings \+0 descriptors \+0 kilobytes \+?-?[0-9]{1,2}$'
}
