#!/bin/sh
# Can these tests fail?  Each of these builds has one rule of recorded replay
# taken out; faults and power cuts, a sample of them, must notice.
#
# CONTROLS_STEP=20: the samples are that sparse.
. "${top:?}/tests/crash/common"
step=${CONTROLS_STEP:-20}
bad=0

# $work/src/build, named $1, with sed script $3 done to file $2; and so on.
broken() {
	build_with "$work/src" "$@" || bad=1
}

# What test $2, sampled by variable $3 (each $4th), says of the build named $1.
noticed() {
	told=$(env PATH="$work/src/build:$PATH" B="$work/src/build" "$3=$4" \
	    MATRIX_QUIET=1 POWER_QUIET=1 sh "$crash/$2.sh" 2>/dev/null |
		tail -n 1)
	echo "without $1: $told"
	case $told in
	*" 0 tried"*) bad=1 ;;
	esac
	echo "$told" | awk '{ exit !($2 > $4) }' && echo yes >>"$work/noticed"
}

# A kill, or else a power cut, must be noticed; $2: by each $2th cut only.
must() {
	rm -f "$work/noticed"
	[ -n "${2:-}" ] || noticed "$1" matrix MATRIX_STEP "$step"
	noticed "$1" power POWER_STEP "${2:-$step}"
	[ -s "$work/noticed" ] || {
		echo "nobody notices: $1"
		bad=1
	}
}

broken replay lib/store/replay.c 's/for (i = 0; i < n; i++)/for (i = n; i < n; i++)/'
must replay
broken dedupe lib/store/stage.c \
    's/return cdp_ranges_has(.*/return CDP_MET_NEVER;/'
must dedupe
broken "commit before print" lib/store/flush.c \
    's/rc = cdp_log_begin(/print_begun(sg);\
	&/
    s/rc = cdp_log_commit(sg->log, err);/{\
	rc = print(sg, \&sg->queue, err);\
	if (rc == 0)\
		rc = cdp_log_commit(sg->log, err);\
    }/'
must "commit before print"
broken fsync lib/base/io.c \
    's/^\t\.fdatasync = fdatasync,/\t.fdatasync = sync_nothing,/
    s/^const struct cdp_io cdp_io_real/static int sync_nothing(int fd)\
	{ return fd < 0; }\
    &/'
must fsync
broken "waiting for the epoch under way" lib/store/flush.c \
    's/rc = cdp_log_finish(sg->log, err);/rc = print(sg, \&sg->begun, err);\
    if (rc == 0)\
	rc = cdp_log_finish(sg->log, err);/' \
    lib/store/stage.c 's/^#define EPOCH_LINES .*/#define EPOCH_LINES 3/'
must "waiting for the epoch under way"
broken "a second place" lib/store/settle.c \
    's/rc = cdp_io_replace(/rc = log == NULL \&\& cdp_io_replace(/
    s/last = true;/last = how->last;/'
must "a second place" 3
exit $bad
