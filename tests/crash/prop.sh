#!/bin/sh
# Properties of the whole pipeline on generated projects and streams (gen.awk).
# A case that fails prints its seed and the stream, shrunk to lines that are all
# needed for it to fail.
#
#   prop.sh [SEED ...]            default: 1 to PROP_SEEDS (40)
#   PROP_ONLY="files kill"        only these
#   PROP_LINES=60                 events in a stream
#   PROP_QUICK=1                  do not shrink
#   PROP_KEEP=1                   leave what was made
#
# P15, that a store of an earlier release is read, is tests/prop/old_stores.sh.
# shellcheck disable=SC2086 # lists of words
here=$(cd "$(dirname "$0")" && pwd)
top=${top:-$(cd "$here/../.." && pwd)}
B=${B:-$top/build}
PATH=$B:$PATH
export LC_ALL=C TZ=UTC PATH
unset CDP_PROJECT CDP_STORE
lines=${PROP_LINES:-60}
all="chunks again kill prefix overlap files between doubled permuted compacted
    erased index reader surroundings builds ends model ticks zstd moved"
props=${PROP_ONLY:-$all}
work=$(mktemp -d /dev/shm/cdp-prop.XXXXXX 2>/dev/null) || work=$(mktemp -d)
[ -n "${PROP_KEEP:-}" ] || trap 'rm -rf "$work"' EXIT

# ---- in the directory of a case: cdp.yaml and events.ndjson ------

# An empty store: all have one SECRET, for cat prints keys that are hashed by
# it (whoever is suppressed).
empty() {
	[ -e "$1" ] || cp -R "$work/empty" "$1"
}
first_store() (
	mkdir "$work/first" && cd "$work/first" || exit 1
	echo 'version: 1' >cdp.yaml
	echo '{"type":"page","userId":"u","messageId":"m","timestamp":"2026-01-01T00:00:00Z"}' |
	    cdp-ingest -q -s store >/dev/null
	cdp-store -s store export --format=dump | sed -n 1p >dump
	echo '{"end":1}' >>dump
	cdp-store -s "$work/empty" import dump
)

# The pipeline on store $1, from standard input; more options for cdp-ingest.
pipeline() {
	s=$1
	shift
	empty "$s"
	cdp-ingest -q -s "$s" "$@" | cdp-merge -q -s "$s" |
	    cdp-audience -q -s "$s" | cdp-journey -q -s "$s" |
	    cdp-emit -q -s "$s"
}

# What it printed ($1.out) and what it keeps ($1) are those of "want".
same() {
	cmp want.out "$1.out" || return 1
	cdp-store -s "$1" cat >"$1.cat" && cmp want.cat "$1.cat"
}

want() {
	[ -e want.cat ] && return
	pipeline want --until end <events.ndjson >want.out
	cdp-store -s want cat >want.cat
}

# Lines without clocks and numbers, each once: what was decided.
decided() {
	jq -c 'select(.type != "clock" and .type != "end") | del(.cdp)' "$@" |
	    sort -u
}
# What stages keep about people and groups, apart from the inputs.
states() {
	for log in merge audience journey emit; do
		cdp-store -s "$1" cat $log | jq -c 'select(.k)'
	done
}
same_decided() { # STORE OUT...
	s=$1
	shift
	decided want.out >want.decided
	decided "$@" >"$s.decided"
	cmp want.decided "$s.decided" || return 1
	states want >want.states
	states "$s" >"$s.states"
	cmp want.states "$s.states"
}

# P1: however the input arrives, and wherever epochs end.
prop_chunks() {
	n=$(wc -c <events.ndjson)
	{
		head -c $((n / 3)) events.ndjson
		sleep 0.07
		tail -c +$((n / 3 + 1)) events.ndjson | head -c $((n / 5))
		sleep 0.07
		tail -c +$((n / 3 + n / 5 + 1)) events.ndjson
	} | pipeline s --until end >s.out
	same s
}

# P2: run twice.
prop_again() {
	cp -R want s
	pipeline s --until end <events.ndjson >s.out
	same s
}

stage() { # RUN TOOL OPTION...: its output to TOOL.RUN as well, its status
	run=$1 t=$2
	shift 2
	{
		"cdp-$t" -q -s s "$@"
		echo $? >"$t.$run.st"
	} | tee "$t.$run"
}
# P3, P16, P17: killed twice at calls that the seed chooses; no number is ever
# printed with two contents, and an end line if and only if it ended well.
prop_kill() {
	shim=$B/shim/killnth.so
	empty s
	for i in 1 2 0; do
		tool=$(pick $i "ingest merge audience journey emit")
		(
			if [ $i -ne 0 ]; then
				export CDP_KILL_TOOL="cdp-$tool" LD_PRELOAD="$shim"
				export CDP_KILL_AT=$((seed * 13 % (11 * i) + 3))
				CDP_KILL_WHEN=$(pick $((i + 1)) "before after torn")
				export CDP_KILL_WHEN CDP_KILL_MARK="$PWD/mark$i"
				export ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0
			fi
			stage $i ingest --until end <events.ndjson |
			    stage $i merge | stage $i audience |
			    stage $i journey | stage $i emit >s.out
		)
	done 2>>log
	same s || return 1
	for tool in ingest merge audience journey emit; do
		for i in 0 1 2; do
			# Killed, it may have said so already; and tee may be
			# killed by the death of the next one.
			rc=$(cat $tool.$i.st 2>/dev/null)
			[ "${rc:-141}" -lt 128 ] || continue
			case $rc in 0 | 1) ends=1 ;; *) ends=0 ;; esac
			[ $i = 0 ] || [ $ends = 0 ] || [ $tool = emit ] ||
				continue
			if [ $ends -ne "$(grep -c '^{"type":"end"' $tool.$i)" ]; then
				echo "cdp-$tool: status $rc needs $ends end lines"
				return 1
			fi
		done
		# What a kill cut off is no line yet.
		cat $tool.[120] | jq -cR 'fromjson? | select(.cdp.n)' |
		    sort -u >lines
		jq -r '.cdp | "\(.o) \(.n)"' <lines | sort | uniq -d >twice
		if [ -s twice ]; then
			echo "cdp-$tool printed with two contents: $(cat twice)"
			return 1
		fi
	done
}
pick() { # the word of a list that the seed chooses
	echo "$2" | awk -v s=$((seed * 31 + $1 * 17)) '{ print $(s % NF + 1) }'
}

# P4: first a part of the input, then all of it.
prop_prefix() {
	n=$(wc -l <events.ndjson)
	head -n $((n * (seed % 7 + 1) / 9)) events.ndjson | pipeline s >s.1
	pipeline s --until end <events.ndjson >s.2
	same_decided s s.1 s.2
}

# P5: two inputs that overlap.
prop_overlap() {
	n=$(wc -l <events.ndjson)
	head -n $((n * 2 / 3)) events.ndjson | pipeline s >s.1
	tail -n +$((n / 3 + 1)) events.ndjson | pipeline s --until end >s.2
	same_decided s s.1 s.2
}

# P6: stage by stage through files.
prop_files() {
	through_files
	cdp-emit -q -s s <f4 >s.out
	same s
}
through_files() {
	empty s
	cdp-ingest -q -s s --until end <events.ndjson >f1
	cdp-merge -q -s s <f1 >f2
	cdp-audience -q -s s <f2 >f3
	cdp-journey -q -s s <f3 >f4
}

# P7: jq and gzip in between.
prop_between() {
	empty s
	cdp-ingest -q -s s --until end <events.ndjson | jq -c . |
	    cdp-merge -q -s s | gzip -1 | zcat | cdp-audience -q -s s |
	    jq -c . | cdp-journey -q -s s | cat | cdp-emit -q -s s >s.out
	same s
}

# P8: lines that come twice or later again.
prop_doubled() {
	awk '{ print; keep[NR] = $0 } NR % 3 == 0 { print }
		NR % 7 == 0 { print keep[int(NR / 2)] }' events.ndjson |
	    pipeline s --until end >s.out
	same s
}

# P9: who is who and what was told do not depend on the order of arrival;
# without limits, which do by their nature.
prop_permuted() {
	for d in a b; do
		mkdir $d
		sed 's|limit: [0-9]*|limit: 1000|; s|userId}|userId, limit: 1000}|' cdp.yaml >$d/cdp.yaml
	done
	jq -c 'select(.type == "identify")' events.ndjson >ids
	awk -v s="$seed" '{ s = (s * 16807 + 7) % 2147483647
		printf "%d\t%s\n", s, $0 }' ids | sort -n | cut -f 2- >mixed
	cdp-ingest -q -C a -s a/s ids | cdp-merge -q -C a -s a/s >a.out
	cdp-ingest -q -C b -s b/s mixed | cdp-merge -q -C b -s b/s >b.out
	for d in a b; do
		cdp-store -s $d/s cat merge | jq -c 'select(.v.born?) | .v |
			[(.ids | sort), .traits]' | sort >$d.people
	done
	cmp a.people b.people
}

# P10: compacted after a part, after all, and again.
prop_compacted() {
	n=$(wc -l <events.ndjson)
	head -n $((n * (seed % 7 + 1) / 9)) events.ndjson | pipeline s >s.1
	cdp-store -s s cat >was
	compact s && cdp-store -s s cat | cmp was - || return 1
	pipeline s --until end <events.ndjson >s.2
	same_decided s s.1 s.2 || return 1
	for i in 1 2; do
		cdp-store -s s cat >was
		compact s && cdp-store -s s cat | cmp was - || return 1
		pipeline s --until end <events.ndjson | cmp s.2 - || return 1
	done
}
compact() {
	cdp-store -s "$1" compact >compact.out
}

# P11: somebody is erased, whose identifiers nobody else has: no byte of the
# store holds one of them, also not after the same events again, and everybody
# else is as he was.
prop_erased() {
	mkdir e
	sed 's|limit: [0-9]*|limit: 1000|; s|userId}|userId, limit: 1000}|' \
	    cdp.yaml >e/cdp.yaml
	jq -c 'select(.type | test("suppress|delete") | not) |
	    (.userId // .anonymousId) as $who |
	    if .userId then .userId = "u\($who)zqx" else . end |
	    if .anonymousId then .anonymousId = "d\($who)zqx" else . end |
	    if .traits.email then .traits.email = "e\($who)zqx@example.com"
	    else . end' events.ndjson >e/events.ndjson
	cd e || return 1
	pipeline s --until end <events.ndjson >s.out
	[ $((seed % 2)) -eq 0 ] || compact s || return 1
	people s >were
	[ "$(wc -l <were)" -gt 1 ] || return 1
	sed -n "$((seed % $(wc -l <were) + 1))p" were >him
	jq -r '.k, .ids[][1]' him >words
	cdp-store -s s cat merge | jq -r --arg id "$(jq -r .k him)" \
	    'select(.v == $id) | .k | select(startswith("p_"))' >>words
	unpack s | grep -aFf words >/dev/null || {
		echo "nothing to find"
		return 1
	}
	cdp-store -s s erase "$(jq -r '.ids[0] | "\(.[0]):\(.[1])"' him)" \
	    >proof || return 1
	gone "erased" || return 1
	cdp-store -s s verify >/dev/null || return 1
	grep -vFf words were >others.were
	people s | cmp others.were - || return 1
	pipeline s --until end <events.ndjson >s.again
	gone "erased, fed again" || return 1
	people s | cmp others.were - || return 1
	# He comes back, is deleted again, and all of that happens twice.
	jq -r '.ids[0] | (if .[0] == "user_id" then "userId"
	    else "anonymousId" end) as $id | .[1] as $v |
	    {type: "page", messageId: "back", ($id): $v,
	        timestamp: "2026-04-01T00:00:00Z"},
	    {type: "delete", messageId: "gone", ($id): $v,
	        timestamp: "2026-04-02T00:00:00Z"} | tostring' him |
	    cat events.ndjson - >more.ndjson
	cdp-ingest -q -s s more.ndjson >s.more
	grep -q '"messageId":"back"' s.more || return 1
	cdp-ingest -q -s s more.ndjson | cmp s.more -
}
# Everybody: id, identifiers and traits, but for what groups say.
people() {
	cdp-store -s "$1" cat merge | jq -c 'select(.v.born?) |
	    {k, ids: .v.ids, traits: .v.traits}' | sort
}
unpack() {
	find "$1" -type f -exec cat {} +
	sh "$here/unpacked" "$1"/*/*.seg
}
gone() {
	unpack s | grep -aFf words >found && {
		echo "$1, but there: $(head -c 300 found)"
		return 1
	}
	return 0
}

# P12: indexes that are gone or damaged.
prop_index() {
	cp -R want s
	compact s || return 1
	for how in rm 'truncate -s 100' flip; do
		for idx in s/*/*.idx; do
			$how "$idx" || return 1
		done
		pipeline s --until end <events.ndjson >s.out
		same s || return 1
	done
}
flip() { # a byte in the middle
	dd if=/dev/zero of="$1" bs=1 count=1 conv=notrunc \
	    seek=$(($(wc -c <"$1") * (seed % 9 + 1) / 11)) 2>/dev/null
}

# P13: a reader sees a committed prefix, at any time.
prop_reader() {
	awk '{ print > "/dev/stdout"; fflush() }
		NR % 20 == 0 { system("sleep 0.03") }' events.ndjson |
	    pipeline s --until end >s.out &
	i=0
	while kill -0 $! 2>/dev/null; do
		i=$((i + 1))
		[ -e s/merge/MANIFEST ] || continue
		cdp-store -s s verify >/dev/null 2>>reader.err ||
			echo "verify: status $?" >>reader.bad
		cdp-store -s s cat merge >r.$i 2>>reader.err ||
			echo "cat: status $?" >>reader.bad
	done
	wait
	same s || return 1
	cdp-store -s s cat merge | grep '^{"q"' >all.q
	for r in r.*; do
		[ -e "$r" ] || continue
		grep '^{"q"' "$r" >r.q
		head -n "$(wc -l <r.q)" all.q | cmp - r.q || return 1
	done
	if [ -e reader.bad ]; then
		cat reader.bad reader.err
		return 1
	fi
}

# P14: locale, time zone, umask, environment, working directory, descriptors,
# addresses that are always the same.
prop_surroundings() (
	plain=$(command -v setarch) && plain="$plain -R"
	umask 0
	# shellcheck disable=SC3045 # dash has it
	ulimit -n 40
	empty s
	mkdir elsewhere && cd elsewhere || exit 1
	for t in "ingest --until end" merge audience journey emit; do
		echo "env -i LC_ALL=tr_TR.UTF-8 LANG=de_DE TZ=Asia/Tokyo HOME=/ \
ASAN_OPTIONS=detect_leaks=0 $plain $B/cdp-$t -q -C .. -s ../s |"
	done >cmd
	echo cat >>cmd
	sh -c "$(cat cmd)" <../events.ndjson >../s.out
	cd .. && same s
)

# P14: other compilers, other optimization.
prop_builds() {
	for build in "$work"/build.*; do
		PATH=$build:$PATH pipeline "s.${build##*.}" --until end \
		    <events.ndjson >"s.${build##*.}.out"
		same "s.${build##*.}" || { echo "$build"; return 1; }
	done
}
other_builds() {
	i=0
	for flags in 'gcc -O0' 'gcc -O3 -march=native -fno-semantic-interposition' \
	    'clang -O2'; do
		command -v "${flags%% *}" >/dev/null || continue
		i=$((i + 1))
		make -s -C "$top" B="$work/build.$i" CC="${flags%% *}" \
		    CFLAGS="${flags#* }" WERROR= build >/dev/null 2>&1 || {
			echo "cannot build with $flags"
			return 1
		}
	done
}

# P17: input that ends early is said so, at every stage.
prop_ends() {
	through_files
	i=0
	for t in merge audience journey emit; do
		i=$((i + 1))
		grep -q '^{"type":"end"' f$i || { echo "no end in $i"; return 1; }
		head -n $((seed % 5 + 3)) f$i | grep -v '^{"type":"end"' |
		    cdp-$t -q -s s$i >cut.out 2>>log
		rc=$?
		if [ $rc -ne 69 ] || grep -q '^{"type":"end"' cut.out; then
			echo "cdp-$t without an end line: status $rc"
			return 1
		fi
	done
}

# P18: each filter against a second one, of some ten lines of jq, that knows
# nothing but its input (model.jq); what depends on the past of each of those
# who were merged, with people who never are.
prop_model() {
	mkdir m && awk -v seed="$seed" -v what=model -f "$here/gen.awk" \
	    >m/cdp.yaml
	grep -v -e suppress -e '"delete"' events.ndjson |
	    sed 's/"-1"/"u1"/' >m/all.ndjson
	jq -c '.userId //= "u" + .anonymousId | del(.anonymousId) |
	    if .traits.email then .traits.email = .userId + "@example.com"
	    else . end' m/all.ndjson >m/few.ndjson
	cd m || return 1
	for in in all few; do
		cdp-ingest -q -s $in --until end $in.ndjson >f1
		cdp-merge -q -s $in <f1 >f2
		cdp-audience -q -s $in <f2 >f3
		model $in.ndjson f1 'ingest($p; $in)' 'ingested($out)' &&
		    model f1 f2 'merge($p; $in)' 'merged($p; $out)' &&
		    model f1 f3 'members($p; $in)' 'belong($out)' || return 1
	done
	cdp-journey -q -s few <f3 >f4
	cdp-emit -q -s few <f4 >f5
	model f2 f3 'audience($p; $in)' 'changed($out)' &&
	    model f3 f4 'journey($p; $in)' 'activated($out)' &&
	    model f4 f5 'emit($in)' 'delivered($out)' || return 1
	# People who are merged, events that are late, no two at one instant.
	jq -nc 'def ms: (.[0:19] + "Z" | fromdate) * 1000 + (.[20:23] | tonumber);
	    [inputs] | to_entries | map(.key as $i | .value |
		.timestamp |= ((ms + $i * 7) as $t | ($t / 1000 | floor | todate)[0:19] +
		    "." + ($t % 1000 | tostring | "00" + . | .[-3:]) + "Z") |
		[if $i % 5 == 2 then $i + 3 + $i % 11 else $i end, .]) |
	    sort_by(.[0])[][1]' all.ndjson >late.ndjson
	cdp-ingest -q -s late --until end late.ndjson | cdp-merge -q -s late |
	    cdp-audience -q -s late >l3
	cdp-journey -q -s late <l3 >l4
	model l3 l4 'travel($p; $in)' 'activated($out)'
}
model() { # INPUT OUTPUT WHAT-IT-MUST-BE WHAT-IT-IS
	jq -nc -L "$here" --slurpfile project cdp.yaml --slurpfile in "$1" \
	    --slurpfile out "$2" "include \"model\"; \$project[0] as \$p |
	    ($3) as \$must | ($4) as \$is | select(\$must != \$is) |
	    {must: (\$must - \$is)[0:2], is: (\$is - \$must)[0:2]}" >differ ||
	    return 1
	if [ -s differ ]; then
		echo "$3: $(cat differ)"
		return 1
	fi
}

# P19: the clock, told twice or in two steps.
prop_ticks() {
	pipeline s --until 2026-03-20T00:00:00Z <events.ndjson >s.1
	cdp-store -s s cat >s.cat1
	pipeline s --until 2026-03-20T00:00:00Z <events.ndjson >s.2
	cdp-store -s s cat >s.cat2
	cmp s.1 s.2 && cmp s.cat1 s.cat2 || return 1
	pipeline s --until end <events.ndjson >s.3
	same_decided s s.1 s.3
}

# P20: zstd and jq find the states that cdp-store cat prints.
prop_zstd() {
	for log in merge journey; do
		cdp-store -s want cat $log | jq -c 'select(.k) | [.k, .v]' >ours
		cat want/$log/*.seg | zstd -dcq | jq -nc 'reduce inputs as $l ({};
			if $l.k == null then . elif $l.del then del(.[$l.k])
			else .[$l.k] = $l.v end) | to_entries |
			sort_by(.key)[] | [.key, .value]' >theirs
		cmp ours theirs || return 1
	done
}

# A store as text and back is the same store.
prop_moved() {
	cdp-store -s want export --format=dump >dump
	cdp-store -s s import dump || return 1
	cdp-store -s s export --format=dump | cmp dump - || return 1
	pipeline s --until end <events.ndjson >s.out
	same s
}

# ---- cases -------------------------------------------------------

# Property $1 on stream $2 in a fresh directory: status 0 if it holds.
holds() (
	rm -rf try && mkdir try && cp cdp.yaml try && cp "$2" try/events.ndjson
	cd try || exit 1
	want >log 2>&1
	prop_$1 >>log 2>&1
)

# Drop runs of lines, long ones first, as long as it fails without them.
shrink() {
	cp events.ndjson small
	n=$(wc -l <small)
	step=$(((n + 1) / 2))
	while :; do
		at=1
		while [ $at -le "$(wc -l <small)" ]; do
			sed "$at,$((at + step - 1))d" small >less
			if [ -s less ] && ! holds $1 less; then
				cp less small
			else
				at=$((at + step))
			fi
		done
		[ $step -gt 1 ] || break
		step=$((step / 2))
	done
}

one() {
	seed=$1
	mkdir "$work/$seed" && cd "$work/$seed" || exit 1
	gen="awk -v seed=$seed -v lines=$lines -f $here/gen.awk"
	$gen -v what=project >cdp.yaml
	$gen -v what=events >events.ndjson
	(want) 2>log
	if ! tail -n 1 want.out | grep -q '"type":"end"'; then
		cat log
		echo bad >>"$work/bad"
		return
	fi
	for p in $props; do
		if [ ! -e try ]; then :; else rm -rf try; fi
		mkdir try && cp -R cdp.yaml events.ndjson want want.out want.cat try
		if (cd try && prop_$p >log 2>&1); then
			echo $p >>"$work/held"
			continue
		fi
		echo "seed $seed: property '$p' does not hold:"
		tail -n 5 try/log
		echo $p >>"$work/bad"
		[ -z "${PROP_QUICK:-}" ] || continue
		shrink $p
		echo "project: awk -v seed=$seed -v what=project" \
		    "-f tests/crash/gen.awk; stream, shrunk from $(wc -l <events.ndjson) lines:"
		cat small
		holds $p small
		tail -n 3 try/log
	done
	[ -n "${PROP_KEEP:-}" ] || { cd "$work" && rm -rf "${work:?}/$seed"; }
}

# What of the reference the name of a property stands for.
number() {
	case $1 in
	chunks) echo P1 ;; again) echo P2 ;; kill) echo P3,P16 ;;
	prefix) echo P4 ;; overlap) echo P5 ;; files) echo P6 ;;
	between) echo P7 ;; doubled) echo P8 ;; permuted) echo P9 ;;
	compacted) echo P10 ;; erased) echo P11 ;; index) echo P12 ;;
	reader) echo P13 ;; surroundings | builds) echo P14 ;;
	ends) echo P17 ;; model) echo P18 ;; ticks) echo P19 ;; zstd) echo P20 ;;
	*) echo - ;;
	esac
}

first_store || exit 1
[ -e "$B/shim/killnth.so" ] || { echo "no shim in $B"; exit 1; }
case " $props " in *" builds "*) other_builds || exit 1 ;; esac
[ $# -gt 0 ] || set -- $(seq 1 ${PROP_SEEDS:-40})
a='' b=''
for s in "$@"; do
	if [ $((s % 2)) -eq 0 ]; then a="$a $s"; else b="$b $s"; fi
done
: >"$work/held"
(for s in $a; do one $s; done) &
(for s in $b; do one $s; done)
wait
for p in $props; do
	echo "$(number $p) $p: holds for $(grep -cx $p "$work/held") of $#"
done
echo "properties: $(sort -u "$work/held" | wc -l) on $# seeds," \
    "$(wc -l <"$work/held") cases hold"
[ ! -e "$work/bad" ]
