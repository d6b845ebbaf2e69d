#!/usr/bin/env bats
# The preloaded library alone, without a supervisor: what it sees, what it cannot see, and
# that everything else is as without it.

load setup.bash
load gate.bash
load shim.bash

setup() {
	shim_session
}

# ---- what is seen ----

# routes CALLER: every way to start a program, from a caller of that kind.
routes() {
	"$ROUTES/route-$1" -l
}

@test "every call of libc by a dynamic caller is seen" {
	local route
	for route in $(routes dynamic); do
		case $route in
		syscall | int80) continue ;;
		wordexp) QUIET=yes gated "$ROUTES/route-dynamic" "$route" drain "$TOO_MANY" ;;
		execvp | execvpe | execlp | posix_spawnp | system | popen)
			gated "$ROUTES/route-dynamic" "$route" drain "$TOO_MANY"
			gated "$ROUTES/route-dynamic" "$route" "$WORK/bin/drain" "$TOO_MANY"
			;;
		*) gated "$ROUTES/route-dynamic" "$route" "$WORK/bin/drain" "$TOO_MANY" ;;
		esac
	done
}

@test "every call of libc by a 32-bit dynamic caller is seen" {
	[ -x "$ROUTES/route-dynamic32" ] || skip 'no 32-bit compiler'
	local route
	for route in $(routes dynamic32); do
		case $route in
		syscall | int80) continue ;;
		wordexp) QUIET=yes gated "$ROUTES/route-dynamic32" "$route" drain "$TOO_MANY" ;;
		*) gated "$ROUTES/route-dynamic32" "$route" "$WORK/bin/drain" "$TOO_MANY" ;;
		esac
	done
}

@test "every call of another libc is seen" {
	[ -x "$ROUTES/route-musl" ] || skip 'no musl-gcc'
	# musl's loader does not know $LIB, so it finds the library only by its plain path.
	SHIM=$BUILD/libtally.so
	local route
	for route in $(routes musl); do
		case $route in
		syscall | int80) continue ;;
		wordexp) QUIET=yes gated "$ROUTES/route-musl" "$route" drain "$TOO_MANY" ;;
		*) gated "$ROUTES/route-musl" -e "$route" "$WORK/bin/drain" "$TOO_MANY" ;;
		esac
		[ $route != wordexp ] || continue
		run shim "$ROUTES/route-musl" "$route" /bin/sh -c 'exit 7'
		assert_equal "$status" 7
	done
}

@test "a system call by its number is not seen, whoever makes it" {
	local caller
	for caller in dynamic dynamic32; do
		[ -x "$ROUTES/route-$caller" ] || continue
		not_gated "$ROUTES/route-$caller" syscall "$WORK/bin/drain" "$TOO_MANY"
		not_gated "$ROUTES/route-$caller" int80 "$WORK/bin/drain" "$TOO_MANY"
	done
}

@test "a static caller is not seen, but the shell it asks for is" {
	local caller route
	for caller in static static32; do
		[ -x "$ROUTES/route-$caller" ] || continue
		for route in $(routes $caller); do
			case $route in
			system | popen) gated "$ROUTES/route-$caller" "$route" drain "$TOO_MANY" ;;
			wordexp) QUIET=yes gated "$ROUTES/route-$caller" "$route" drain "$TOO_MANY" ;;
			*) not_gated "$ROUTES/route-$caller" "$route" "$WORK/bin/drain" "$TOO_MANY" ;;
			esac
		done
	done
}

@test "what is not held runs by every route, with its arguments and status" {
	local route
	for route in $(routes dynamic); do
		run shim "$ROUTES/route-dynamic" "$route" "$WORK/bin/drain" --list web7
		assert_success
		assert_output "drain: --list web7"
		case $route in wordexp) continue ;; esac # which knows no status
		run shim "$ROUTES/route-dynamic" "$route" "$WORK/bin/drain" --list '*' "it's"
		assert_output "drain: --list * it's"
		run shim "$ROUTES/route-dynamic" "$route" /bin/sh -c 'echo "$0"; exit 7' 'a b'
		assert_equal "$status" 7
		assert_output 'a b'
	done
}

# ---- what keeps it in place ----

@test "a fresh environment keeps the shim, and its session" {
	local flag route
	for flag in -e -n; do
		for route in execve execvpe execle execveat fork vfork clone posix_spawn posix_spawnp; do
			gated "$ROUTES/route-dynamic" $flag $route /bin/sh -c "drain $TOO_MANY; $WORK/bin/drain $TOO_MANY"
		done
	done
	gated env -i "$WORK/bin/drain" "$TOO_MANY"
	gated env -i /bin/sh -c "$WORK/bin/drain $TOO_MANY"
	gated env -u LD_PRELOAD -u TALLY_SESSION bash -c "drain $TOO_MANY"
	gated bash -c "unset LD_PRELOAD TALLY_SESSION; bash -c 'drain $TOO_MANY'"
	gated bash -c "LD_PRELOAD= TALLY_SESSION= bash -c 'exec env -i $WORK/bin/drain $TOO_MANY'"
}

@test "an environment too long for the stack keeps the shim too" {
	local route
	cat >"$WORK/wide" <<-SCRIPT
	for i in \$(seq 3000); do export VARIABLE_\$i=value; done
	unset LD_PRELOAD TALLY_SESSION
	"\$@"
	SCRIPT
	for route in execve vfork clone posix_spawn posix_spawnp system popen wordexp; do
		QUIET=yes gated bash "$WORK/wide" "$ROUTES/route-dynamic" $route /bin/sh -c \
			"env -u LD_PRELOAD -u TALLY_SESSION drain $TOO_MANY"
	done
	run shim bash "$WORK/wide" "$ROUTES/growth-dynamic" 500 /bin/true
	assert_output --regexp '^mappings \+0 descriptors \+0 kilobytes \+?-?[0-9]{1,3}$'
	run shim bash "$WORK/wide" sh -c 'unset LD_PRELOAD; env | grep -c ^VARIABLE_; env | grep -c LD_PRELOAD'
	assert_output "$(printf '3000\n1')"
}

@test "another preloaded library keeps its place behind the shim" {
	run shim env LD_PRELOAD=libutil.so.1:libm.so.6 sh -c 'echo "$LD_PRELOAD"'
	assert_output "$SHIM:libutil.so.1:libm.so.6"
	run shim env LD_PRELOAD="libm.so.6 $SHIM" sh -c 'echo "$LD_PRELOAD"'
	assert_output "$SHIM:libm.so.6"
	run shim env LD_PRELOAD="$SHIM libm.so.6" sh -c 'echo "$LD_PRELOAD"'
	assert_output "$SHIM libm.so.6"
}

@test "system, popen and wordexp of a program that cleared its environment" {
	local route
	for route in system popen; do
		gated "$ROUTES/cleared" $route "$WORK/bin/drain $TOO_MANY"
		run shim "$ROUTES/cleared" $route "echo \"\$0 it's \\\$HOME \${HOME-unset}\" '*'; exit 5"
		assert_equal "$status" 5
		assert_output "sh it's \$HOME unset *"
		run shim "$ROUTES/cleared" $route '-x'
		assert_failure
		assert_output --partial 'requires an argument'
	done
	QUIET=yes gated "$ROUTES/cleared" wordexp "\$($WORK/bin/drain $TOO_MANY)"
	run shim "$ROUTES/cleared" wordexp '$(echo a b)'
	assert_output 'a b'
}

# ---- everyday callers ----

@test "make" {
	printf 'all:\n\tdrain %s\nquick:\n\t@drain --list; true\n' "$TOO_MANY" >"$WORK/Makefile"
	gated make -C "$WORK" all
	run shim make -s -C "$WORK" quick
	assert_output 'drain: --list'
}

@test "python: os.execv, subprocess, posix_spawn, a thread" {
	local code
	for code in "os.execv('$WORK/bin/drain', ['drain', '$TOO_MANY'])" \
		"os.execvp('drain', ['drain', '$TOO_MANY'])" \
		"os.execve('$WORK/bin/drain', ['drain', '$TOO_MANY'], {})" \
		"os.execve(os.open('$WORK/bin/drain', 0), ['drain', '$TOO_MANY'], {})" \
		"subprocess.run(['drain', '$TOO_MANY'])" \
		"subprocess.run(['drain', '$TOO_MANY'], close_fds=False)" \
		"subprocess.run(['bin/drain', '$TOO_MANY'], cwd='$WORK')" \
		"subprocess.run('drain $TOO_MANY', shell=True, env={'PATH': '$WORK/bin'})" \
		"os.waitpid(os.posix_spawn('/bin/sh', ['sh', '-c', '$WORK/bin/drain $TOO_MANY'], {}), 0)" \
		"os.waitpid(os.posix_spawnp('drain', ['drain', '$TOO_MANY'], {}), 0)" \
		"t = threading.Thread(target=os.execv, args=('$WORK/bin/drain', ['drain', '$TOO_MANY'])); t.start(); t.join()"; do
		gated /usr/bin/python3 -c "import os, subprocess, threading; $code"
	done
}

@test "perl, xargs, find, parallel, a shell's function" {
	gated perl -e "system 'drain', '$TOO_MANY'"
	gated perl -e "system '$WORK/bin/drain $TOO_MANY >&2'"
	gated perl -e "exec {'$WORK/bin/drain'} 'drain', '$TOO_MANY'"
	gated sh -c "echo '$TOO_MANY' | xargs drain"
	gated find "$WORK/bin" -name drain -exec '{}' "$TOO_MANY" ';'
	gated parallel -j 2 drain ::: "$TOO_MANY"
	gated bash -c "down() { drain \"\$@\"; }; down '$TOO_MANY'"
	gated bash -c "exec -a innocent $WORK/bin/drain '$TOO_MANY'"
	gated nice -n 1 env A=b timeout 5 drain "$TOO_MANY"
}

# ---- under another name, through another program ----

@test "links, hard links and copies" {
	ln -s "$WORK/bin/drain" "$WORK/soft"
	ln "$WORK/bin/drain" "$WORK/hard"
	mkdir "$WORK/venv"
	cp "$WORK/bin/drain" "$WORK/venv/drain"
	ln -s venv/drain "$WORK/chain"
	ln -s chain "$WORK/longer"
	gated "$WORK/soft" "$TOO_MANY"
	gated "$WORK/hard" "$TOO_MANY"
	gated "$WORK/venv/drain" "$TOO_MANY"
	(cd "$WORK/venv" && gated ./drain "$TOO_MANY")
	gated "$ROUTES/route-dynamic" posix_spawn "$WORK/hard" "$TOO_MANY"
	gated "$WORK/chain" "$TOO_MANY"
	(cd "$WORK" && gated ./longer "$TOO_MANY")
}

@test "an interpreter that is given the program" {
	ln "$WORK/bin/drain" "$WORK/hard"
	gated sh "$WORK/bin/drain" "$TOO_MANY"
	gated bash -e +x -o pipefail "$WORK/bin/drain" "$TOO_MANY"
	gated "$ROUTES/route-dynamic" posix_spawnp bash "$WORK/bin/drain" "$TOO_MANY"
	gated dash "$WORK/hard" "$TOO_MANY"
	not_gated sh -c "echo mine >$MARK; :" "$WORK/bin/drain"
}

@test "the dynamic loader that is given a program, and one that only lists" {
	local loader
	loader=$(readelf -lW /bin/sh | sed -n 's/.*interpreter: \(.*\)]/\1/p')
	cp "$ROUTES/route-dynamic" "$WORK/venv-drain"
	mkdir "$WORK/elf"
	cp /bin/echo "$WORK/elf/drain"
	gated "$loader" "$WORK/elf/drain" "$TOO_MANY"
	gated "$loader" --argv0 innocent "$WORK/elf/drain" "$TOO_MANY"
	gated "$loader" /bin/sh "$WORK/bin/drain" "$TOO_MANY"
	run --separate-stderr shim ldd "$WORK/elf/drain"
	assert_success
	assert_equal "$stderr" ''
	assert_output --partial libc.so.6
}

@test "a script whose #! line leads to a guarded program" {
	printf '#!%s --force\n' "$WORK/bin/drain" >"$WORK/play"
	printf '#!%s\n' "$WORK/play" >"$WORK/outer"
	chmod +x "$WORK/play" "$WORK/outer"
	run --separate-stderr shim "$WORK/play" "$TOO_MANY"
	assert_equal "$status" 126
	assert_not_exists "$MARK"
	run --separate-stderr shim "$WORK/outer" "$TOO_MANY"
	assert_equal "$status" 126
	assert_not_exists "$MARK"
	printf '#!%s --list\n' "$WORK/bin/drain" >"$WORK/play"
	run shim "$WORK/outer" 'x  y'
	assert_output "drain: --list $WORK/play $WORK/outer x  y"
}

@test "python3 given the path of ansible" {
	command -v ansible >/dev/null || skip 'ansible is not installed'
	local demo="$TOP/rules"
	sed -i "s|^rules = .*|rules = [ \"$demo\" ];|" "$SESSION/session.cfg"
	"$BUILD/tally" refresh --session "$SESSION"
	run --separate-stderr shim /usr/bin/python3 "$(command -v ansible)" all \
		-i 'idx[001:400],' -a 'systemctl stop index'
	assert_equal "$status" 126
	assert_regex "$stderr" 'ansible would .*400'
	run --separate-stderr shim /usr/bin/python3 -m ansible adhoc all \
		-i 'idx[001:400],' -a 'systemctl stop index'
	assert_equal "$status" 126
	assert_regex "$stderr" 'ansible would .*400'
}

# ---- as without it ----

@test "a denied command is asked about once, not once for every directory of PATH" {
	mkdir "$WORK/a" "$WORK/b"
	cp "$WORK/bin/drain" "$WORK/b/drain"
	local shell
	for shell in 'bash -c' 'dash -c' 'env' "$ROUTES/route-dynamic execvp" \
		"$ROUTES/route-dynamic posix_spawnp" "/usr/bin/python3 -c"; do
		case $shell in
		*python3*) set -- "import os; os.execvp('drain', ['drain', '$TOO_MANY'])" ;;
		*-c) set -- "drain '$TOO_MANY'" ;;
		*) set -- drain "$TOO_MANY" ;;
		esac
		# shellcheck disable=SC2086
		PATH=$WORK/a:$WORK/none:$WORK/bin:$WORK/b:$PATH run --separate-stderr shim $shell "$@"
		assert_equal "$(grep -c 'tallygate: denied' <<<"$stderr")" 1
		assert_not_exists "$MARK"
	done
}

@test "errors are those of the real call" {
	local caller=$ROUTES/route-dynamic native with route path
	echo text >"$WORK/plain"
	mkdir "$WORK/locked" "$WORK/dir"
	printf '\177ELF' >"$WORK/torn"
	echo 'echo script: "$@"' >"$WORK/headless"
	printf '#!/nowhere\n' >"$WORK/orphan"
	chmod +x "$WORK/torn" "$WORK/headless" "$WORK/orphan"
	ln -s loop "$WORK/loop"
	for route in $("$caller" -l); do
		case $route in int80) continue ;; esac
		for path in "$WORK/missing" "$WORK/missing/drain" "$WORK/plain" "$WORK/plain/drain" \
			"$WORK/dir" "$WORK/torn" "$WORK/headless" "$WORK/orphan" "$WORK/loop" \
			missing-everywhere ''; do
			native=$("$caller" "$route" "$path" a b 2>&1) || native+=" $?"
			with=$(shim "$caller" "$route" "$path" a b 2>&1) || with+=" $?"
			assert_equal "$route $path: $with" "$route $path: $native"
		done
	done
}

@test "errors along PATH are those of the real call" {
	local caller=$ROUTES/route-dynamic native with route list
	mkdir "$WORK/first" "$WORK/second"
	echo text >"$WORK/first/tool"
	printf 'echo second "$@"\n' >"$WORK/second/tool"
	chmod +x "$WORK/second/tool"
	local long
	long=$(printf '%5000s' '' | tr ' ' x)
	for route in execvp execvpe execlp posix_spawnp; do
		# A list of one element that is too long leaves errno as it happens to be.
		for list in "$WORK/first" "$WORK/first:$WORK/second" "$WORK/second" '' ':' \
			"$long:$WORK/second" "$WORK/none:/etc/passwd:$WORK/first" unset; do
			set -- env PATH="$list"
			[ "$list" != unset ] || set -- env -u PATH
			for file in tool echo "$(printf '%300s' '' | tr ' ' y)"; do
				native=$("$@" "$caller" "$route" "$file" a 2>&1) || native+=" $?"
				with=$(shim "$@" "$caller" "$route" "$file" a 2>&1) || with+=" $?"
				assert_equal "$route $list: $with" "$route $list: $native"
			done
		done
	done
}

@test "an argument list that is too long is E2BIG, one of 2 MB runs" {
	run shim "$ROUTES/long" execve 4000000 /bin/true
	assert_output 'errno 7'
	local route
	for route in execve vfork thread posix_spawn; do
		run shim "$ROUTES/long" $route 1900000 /bin/true
		assert_output ''
		assert_success
		# and the same words before the gate
		run --separate-stderr shim "$ROUTES/long" $route 1900000 "$WORK/bin/drain" --list
		assert_success
		assert_exists "$MARK"
	done
}

@test "a gate that is gone: not run, and why" {
	sed -i "s|^gate = .*|gate = \"$WORK/gone/tally-gate\";|" "$SESSION/session.cfg"
	"$BUILD/tally" refresh --session "$SESSION"
	local route
	for route in execve execvp posix_spawn posix_spawnp; do
		run -127 --separate-stderr shim "$ROUTES/route-dynamic" $route "$WORK/bin/drain" --list
		assert_not_exists "$MARK"
		assert_regex "$stderr" "gate $WORK/gone/tally-gate cannot be executed"
		assert_regex "$stderr" "$route: errno 1"
	done
}

@test "tally refresh: a broken description is named, and the table stays as it was" {
	cp -r "$TOP/tests/gate_rules" "$WORK/rules"
	sed -i "s|^rules = .*|rules = [ \"$WORK/rules\" ];|" "$SESSION/session.cfg"
	cp "$SESSION/guard.table" "$WORK/before"
	echo 'tool = { name = ' >"$WORK/rules/tools/broken.cfg"
	run -125 "$BUILD/tally" refresh --session "$SESSION"
	assert_output --partial "$WORK/rules/tools/broken.cfg:"
	run cmp "$SESSION/guard.table" "$WORK/before"
	assert_success
	run -2 "$BUILD/tally" refresh --session relative
	assert_output --partial 'absolute path'
	rm "$WORK/rules/tools/broken.cfg"
	run -125 "$BUILD/tally" refresh --session "$SESSION" "$WORK/none/table"
	assert_output --partial "$WORK/none/table"
	run "$BUILD/tally" refresh --session "$SESSION"
	assert_success
	gated drain "$TOO_MANY"
}

@test "no table, or one that is none: nothing is guarded, nothing is said" {
	local table=$SESSION/guard.table good
	good=$WORK/good
	cp "$table" "$good"
	printf 'garbage' >"$table"
	SHIM=$WORK/alone/libtally.so
	mkdir "$WORK/alone"
	cp -L "$BUILD/libtally.so" "$SHIM"
	not_gated drain "$TOO_MANY"
	head -c 100 "$good" >"$table"
	not_gated drain "$TOO_MANY"
	: >"$table"
	not_gated drain "$TOO_MANY"
	rm "$table"
	not_gated drain "$TOO_MANY"
	# beside the library
	cp "$good" "$WORK/alone/guard.table"
	gated drain "$TOO_MANY"
}

@test "LD_PRELOAD=build/libtally.so alone gates" {
	command -v pdsh >/dev/null || skip 'pdsh is not installed'
	run --separate-stderr env LD_PRELOAD="$BUILD/libtally.so" setsid -w bash -c \
		"pdsh -w 'idx[001-400]' sudo systemctl stop index" </dev/null
	assert_equal "$status" 126
	assert_regex "$stderr" 'tallygate: denied: pdsh would stop 400 hosts'
}

@test "20,000 vfork spawns: no growth of mappings, descriptors or memory" {
	run shim "$ROUTES/growth-dynamic" 20000 /bin/true
	assert_success
	assert_output --regexp '^mappings \+0 descriptors \+0 kilobytes \+?-?[0-9]{1,2}$'
}

@test "another library that stands in front of libc is still asked" {
	SHIM="$SHIM:$ROUTES/libother.so"
	run --separate-stderr shim "$ROUTES/route-dynamic" execve /bin/echo hello
	assert_output hello
	assert_regex "$stderr" 'other: execve /bin/echo'
	run --separate-stderr shim "$ROUTES/route-dynamic" posix_spawn /bin/echo hello
	assert_regex "$stderr" 'other: posix_spawn /bin/echo'
	gated "$ROUTES/route-dynamic" posix_spawn "$WORK/bin/drain" "$TOO_MANY"
	assert_regex "$stderr" 'other: posix_spawn .*/tally-gate'
}

@test "from a signal handler on a small stack" {
	gated "$ROUTES/signals" handler "$WORK/bin/drain" "$TOO_MANY"
	gated env -i "$ROUTES/signals" handler "$WORK/bin/drain" "$TOO_MANY"
	run shim env -u LD_PRELOAD "$ROUTES/signals" handler /bin/echo hello
	assert_output hello
}

@test "system(3) is cancelled as without the shim" {
	run shim "$ROUTES/signals" cancel 'echo again; exit 3'
	assert_equal "$status" 3
	assert_output "$(printf 'waits\ncancelled, SIGINT default\nagain')"
}

@test "process 1 is left alone, its children are not" {
	unshare -Urpf true 2>/dev/null || skip 'no process namespaces here'
	run shim unshare -Urpf "$ROUTES/route-dynamic" execve "$WORK/bin/drain" --list
	assert_output 'drain: --list'
	# It would be denied; as process 1 it is not even asked about.
	not_gated unshare -Urpf "$ROUTES/route-dynamic" execve "$WORK/bin/drain" "$TOO_MANY"
	gated unshare -Urpf "$ROUTES/route-dynamic" vfork "$WORK/bin/drain" "$TOO_MANY"
}

# ---- the file itself ----

@test "only what stands in front of libc is exported, and nothing is needed but libc" {
	local file exported
	for file in "$BUILD/libtally.so" "$BUILD/lib/i386-linux-gnu/libtally.so"; do
		[ -e "$file" ] || continue
		exported=$(nm -D --defined-only "$file" | awk '{print $3}' | sort | tr '\n' ' ')
		assert_equal "${exported/pidfd_spawn pidfd_spawnp /}" \
			'execl execle execlp execv execve execveat execvp execvpe fexecve popen posix_spawn posix_spawnp system wordexp '
		run readelf -d "$file"
		assert_equal "$(grep NEEDED <<<"$output" | grep -v '\[libc\.')" ''
		refute_output --partial INIT
		refute_output --partial TEXTREL
	done
}
