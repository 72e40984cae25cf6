#!/bin/sh
# What people do to a pipeline: a full disk, readers, several at once, head,
# other filters and files between the stages, a wrong option, other rules and
# other input between a crash and the next run.
. "${top:?}/tests/crash/common"

bad() {
	echo "$*"
	echo "bad 0 0" >>"$d.tally"
}

# A disk of one MiB with $1 KiB of room; and all of it again.
full_disk() {
	d=$work/full$1
	mkdir "$d"
	mount -t tmpfs -o size=1m cdp-crash "$d" 2>/dev/null || return 77
	mkdir "$d/p" && cp -R "$loja"/. "$d/p"
	: >"$d.st"
	ln -s "$d.st" "$d/p/st"
	free=$(df -k --output=avail "$d" | tail -n 1)
	head -c $(((free - $1) * 1024)) /dev/zero >"$d/filler"
	run "$d/p" 2>/dev/null
	grep -q ' 74$' "$d/p/st" || echo "$1 KiB of room are enough" >&2
	rm "$d/filler"
	again "$d/p"
	cp -R "$d/p" "$d.p"
	umount "$d"
	verdict "$d.p" "a disk with $1 KiB of room"
}

# Readers look as fast as they can while the pipeline runs, five times.
readers() {
	d=$work/readers
	fresh "$d"
	mkdir "$d/store" # a store that is being made is no store yet
	for verb in cat verify 'get email:ana@example.com'; do
		while [ ! -e "$d/stop" ]; do
			# shellcheck disable=SC2086
			cdp-store -s "$d/store" $verb >"$d/read" 2>"$d/said" ||
				case $? in 1 | 2) ;; *)
					echo "bad 0 0" >>"$d.tally"
					cat "$d/said"
				esac
		done &
	done
	for i in 1 2 3 4 5; do
		run "$d"
		verdict "$d" "run $i under readers"
	done
	: >"$d/stop"
	wait
}

# $1 pipelines at once on one store.
at_once() {
	d=$work/once$1
	fresh "$d"
	export CDP_PROJECT="$d" CDP_STORE="$d/store"
	for i in $(seq "$1"); do
		(cdp-ingest --until end "$d/events.ndjson" 2>>"$d/log" |
			cdp-merge | cdp-audience | cdp-journey |
			cdp-emit --deliver >"$d.$i.got") 2>>"$d/log" &
	done
	wait
	for i in $(seq "$1"); do
		cp "$d.$i.got" "$d/got"
		verdict "$d" "pipeline $i of $1 at once"
	done
	unset CDP_PROJECT CDP_STORE
}

# head takes some lines behind a stage, and goes.
head_first() {
	for n in 0 1 2 3 4; do
		d=$work/head$n
		fresh "$d"
		i=0 p='cdp-ingest --until end events.ndjson'
		for t in merge audience journey 'emit --deliver'; do
			[ $i -ne "$n" ] || p="$p | head -n 5"
			p="$p | cdp-$t 2>>log" i=$((i + 1))
		done
		[ "$n" -ne 4 ] || p="$p | head -n 1"
		(cd "$d" && eval "$p" >part)
		head -c "$(wc -c <"$d/part")" "$work/want/got" |
			cmp - "$d/part" || bad "head $n prints what it must not"
		again "$d"
		verdict "$d" "head behind stage $n"
	done
}

between() { # NAME FILTER
	d=$work/between.$1
	fresh "$d"
	run "$d" "$2"
	verdict "$d" "$2 between the stages"
	for call in 9 23 31; do
		fresh "$d"
		harm cdp-merge before $call "$d" "$2"
		harm cdp-emit torn 5 "$d" "$2"
		run "$d" "$2"
		verdict "$d" "$2 between the stages, killed at $call"
	done
}

# Every stage by itself, from file to file, killed on the way and done again.
by_files() {
	d=$work/files
	for call in 0 7 15 21 27; do
		fresh "$d"
		prev=events.ndjson
		(
			cd "$d" || exit
			for t in 'ingest --until end' merge audience journey \
			    'emit --deliver'; do
				name=${t%% *}
				# shellcheck disable=SC2086
				CDP_KILL_TOOL=cdp-$name CDP_KILL_AT=$call \
				    LD_PRELOAD=$B/shim/killnth.so \
				    CDP_KILL_WHEN=before \
				    cdp-$t <$prev >"$name" 2>>log
				# shellcheck disable=SC2086
				cdp-$t <$prev >"$name" 2>>log || [ $? -eq 1 ] ||
					echo "$t: not again" >>log
				prev=$name
			done
			cp emit got
		) 2>/dev/null
		verdict "$d" "from file to file, killed at $call"
	done
}

# One stage does not even start.
wrong_option() {
	for t in cdp-merge cdp-audience cdp-journey cdp-emit; do
		d=$work/wrong
		fresh "$d"
		(
			cd "$d" || exit
			eval "$(echo 'cdp-ingest --until end events.ndjson |
			    cdp-merge | cdp-audience | cdp-journey |
			    cdp-emit --deliver' |
				sed "s/$t/$t --no-such-option/")" >got 2>log
		)
		again "$d"
		verdict "$d" "$t with a wrong option"
	done
}

# Other rules, other people's events, or a part of the same ones between a
# crash and the next run.
between_runs() {
	for t in cdp-ingest cdp-merge cdp-audience cdp-journey cdp-emit; do
		for call in 8 16 24 32; do
			d=$work/between
			for next in feed_others feed_part change_rules; do
				fresh "$d"
				harm $t before $call "$d"
				$next "$d" "$t killed at call $call"
			done
			case $t in # of the others nothing may be committed
			cdp-journey | cdp-emit)
				grep -q 'the project has changed' "$d/log" ||
					bad "other rules: no warning"
				;;
			esac
		done
	done
}

want
for room in 4 16 32 64 96 128; do
	full_disk $room
done
(
	readers
	at_once 2
	at_once 3
	head_first
	wrong_option
) 2>/dev/null & a=$!
(
	between jq 'jq -c .'
	between gzip 'gzip | zcat'
	between tee 'tee copy'
	by_files
	between_runs
) 2>/dev/null & b=$!
wait $a $b
tally "ways"
