# Completion for the cdp tools in bash.  The options are asked of the tool
# itself (--list options reads no project), names of the project it is in.

_cdp_names() {
	local i dir=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-C | --project) dir=(-C "${COMP_WORDS[i + 1]}") ;;
		esac
	done
	"${COMP_WORDS[0]}" "${dir[@]}" --list "$1" 2>/dev/null
}

_cdp_value() {
	case $1 in
	-C | --project | -s | --store)
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		;;
	--end) mapfile -t COMPREPLY < <(compgen -W any -- "$cur") ;;
	--list)
		mapfile -t COMPREPLY < <(compgen -W "audiences destinations
		    events groups identifiers journeys options sources
		    templates traits" -- "$cur")
		;;
	--only)
		local kind=journeys IFS=$'\n'
		case ${COMP_WORDS[0]##*/} in
		cdp-audience) kind=audiences ;;
		cdp-emit) kind=destinations ;;
		esac
		mapfile -t COMPREPLY < <(
			compgen -W "$(_cdp_names "$kind")" -- "$cur"
		)
		;;
	--clock) mapfile -t COMPREPLY < <(compgen -W 'event wall' -- "$cur") ;;
	--dup) mapfile -t COMPREPLY < <(compgen -W 'drop keep' -- "$cur") ;;
	--report)
		mapfile -t COMPREPLY < <(
			compgen -W 'text json junit github' -- "$cur"
		)
		;;
	--rejects | --violations) mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
	--sandbox)
		mapfile -t COMPREPLY < <(
			compgen -W 'try require off' -- "$cur"
		)
		;;
	--sync) mapfile -t COMPREPLY < <(compgen -W 'epoch none' -- "$cur") ;;
	--until) mapfile -t COMPREPLY < <(compgen -W 'now end' -- "$cur") ;;
	--source)
		local IFS=$'\n'
		mapfile -t COMPREPLY < <(
			compgen -W "$(_cdp_names sources)" -- "$cur"
		)
		;;
	-D | --define | --lock-timeout | --max-rejects | --memory)
		COMPREPLY=()
		;;
	*) return 1 ;;
	esac
}

_cdp() {
	local cur=${COMP_WORDS[COMP_CWORD]}
	local prev=${COMP_WORDS[COMP_CWORD - 1]}
	compopt -o filenames 2>/dev/null
	_cdp_value "$prev" && return
	case $cur in
	-*)
		local words
		words=$("${COMP_WORDS[0]}" --list options 2>/dev/null |
			cut -f 1)
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
		;;
	*) mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
	esac
}

_cdp_store() {
	local cur=${COMP_WORDS[COMP_CWORD]}
	case ${COMP_WORDS[COMP_CWORD - 1]} in
	-C | --project | -s | --store)
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		return
		;;
	cat | log | stats | position | compact)
		mapfile -t COMPREPLY < <(compgen -W \
			'ingest merge audience journey emit' -- "$cur")
		return
		;;
	export)
		mapfile -t COMPREPLY < <(compgen -W 'user_traits
		    user_identifiers id_graph_updates profile_merges
		    --dir --format' -- "$cur")
		return
		;;
	--key-file)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--dir)
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		return
		;;
	--format)
		mapfile -t COMPREPLY < <(compgen -W 'ndjson csv dump' -- "$cur")
		return
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W \
		'get history cat log stats position verify repair init compact export import erase check
		--as-of --dir --format --id --ids-older-than --key-file --memory
		--outputs-older-than --project --store
		--help --version' -- "$cur")
}

complete -F _cdp cdp-ingest cdp-merge cdp-audience cdp-journey cdp-emit
complete -F _cdp_store cdp-store
