# Loaded by every suite: the assertion libraries, where the build is, and a directory of
# the test's own as HOME and state, so that no test touches the user's.

bats_require_minimum_version 1.5.0
load_libraries() {
	local name
	for name in bats-support bats-assert bats-file; do
		# shellcheck disable=SC1090
		source "${BATS_LIBRARY_DIR:-/usr/lib/bats}/$name/load.bash"
	done
}
load_libraries

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BUILD=${BUILD:-$TOP/build}
case $BUILD in
/*) ;;
*) BUILD=$TOP/$BUILD ;;
esac

# A private home, so that state, history and configuration of the user stay out.
own_home() {
	export HOME=$BATS_TEST_TMPDIR/home
	export XDG_STATE_HOME=$HOME/.local/state
	export XDG_CONFIG_HOME=$HOME/.config
	export XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR/run
	mkdir -p "$XDG_STATE_HOME" "$XDG_CONFIG_HOME" "$XDG_RUNTIME_DIR"
	chmod 700 "$XDG_RUNTIME_DIR"
	unset TALLY_EXPECT TALLY_SESSION LD_PRELOAD
}
