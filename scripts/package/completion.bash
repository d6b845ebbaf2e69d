# Completion of tally for bash.
_tally() {
	local cur prev words cword
	_init_completion || return
	local command=${words[1]:-}
	if [[ $cword -eq 1 ]]; then
		mapfile -t COMPREPLY < <(compgen -W "--help --version $(tally --help 2>/dev/null |
			sed -n 's/^  \([a-z-]*\)  *.*/\1/p')" -- "$cur")
		return
	fi
	local i
	for ((i = 2; i < cword; i++)); do
		if [[ ${words[i]} == -- ]]; then
			_command_offset $((i + 1))
			return
		fi
	done
	case $prev in
	--rules | --session)
		_filedir -d
		return
		;;
	--user)
		_allowed_users
		return
		;;
	esac
	if [[ $cur == -* ]]; then
		local sub=()
		[[ $command != audit || ${words[2]:-} == -* ]] || sub=("${words[2]}")
		mapfile -t COMPREPLY < <(compgen -W "$(tally "$command" "${sub[@]}" --help 2>/dev/null |
			grep -Eo -- '--[a-z][a-z-]*' | sort -u)" -- "$cur")
		return
	fi
	case $command in
	enable | disable)
		if [[ $cur == %* ]]; then
			mapfile -t COMPREPLY < <(compgen -P % -g -- "${cur#%}")
		else
			_allowed_users
		fi
		;;
	audit)
		[[ $cword -ne 2 ]] || mapfile -t COMPREPLY < <(compgen -W 'verify report rotate' -- "$cur")
		_filedir jsonl
		;;
	check) _filedir -d ;;
	test) _filedir cfg ;;
	run | explain | shell)
		mapfile -t COMPREPLY < <(compgen -W '--' -- "$cur")
		;;
	esac
} && complete -F _tally tally
