# A real terminal for the suites: a tmux server of the test's own, with a bash in it. Waiting
# is looking at the screen until it shows what is waited for.

# open_terminal [COLUMNS [ROWS]]: a shell whose prompt is "$ ", in $BATS_TEST_TMPDIR.
open_terminal() {
	TMUX_SOCKET=$BATS_TEST_TMPDIR/tmux
	unset TMUX
	on_terminal -f /dev/null new-session -d -x "${1:-80}" -y "${2:-50}" \
		-c "$BATS_TEST_TMPDIR" \
		"env TERM=${TERMINAL_TYPE:-screen} PS1='\$ ' PS2= bash --norc --noprofile -i"
	see '^\$$'
}

on_terminal() {
	tmux -S "$TMUX_SOCKET" "$@"
}

close_terminal() {
	[[ -z ${TMUX_SOCKET:-} ]] || on_terminal kill-server 2>/dev/null || true
}

# The screen with all that has scrolled away, without empty lines at its end.
screen() {
	on_terminal capture-pane -p -J -S - | sed -e 's/[[:space:]]*$//' -e :a -e '/^\n*$/{$d;N;ba' -e '}'
}

# see REGEX: waits until a line of the screen matches. A minute is a failure, not a delay.
see() {
	local end=$((SECONDS + 60))
	until screen | grep -Eq -- "$1"; do
		if ((SECONDS > end)); then
			echo "the screen never showed: $1"
			screen
			return 1
		fi
	done
}

# see_times N REGEX: as see, but the screen has to show N such lines.
see_times() {
	local end=$((SECONDS + 60)) count
	until count=$(screen | grep -Ec -- "$2"); [[ $count -ge $1 ]]; do
		if ((SECONDS > end)); then
			echo "the screen showed $count times, not $1: $2"
			screen
			return 1
		fi
	done
}

# enter TEXT: a line, as fast as can be (the shell takes that).
enter() {
	on_terminal send-keys -l -- "$1"
	on_terminal send-keys Enter
}

# keys KEY...: single keys of tmux: C-c, Enter, BSpace ...
keys() {
	on_terminal send-keys -- "$@"
}

# type_answer TEXT: key by key as a person does it, each seen before the next. The question
# has to be the last line that is not empty.
type_answer() {
	local typed='' i
	for ((i = 0; i < ${#1}; i++)); do
		on_terminal send-keys -l -- "${1:i:1}"
		typed+=${1:i:1}
		see ": ${typed//[^[:alnum:]]/.}\$|\\? ${typed//[^[:alnum:]]/.}\$"
	done
	on_terminal send-keys Enter
}
