#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What sharing saves, by counts: a publisher and 16 consumers have one inotify instance, open the mounted file once a
# generation, and keep its block in memory once, all together. tests/bench/share.c tells; its times are printed, not
# judged. tests/bench/share.sh prints more of them.
set -eu
source_dir=$2 build_dir=$3
. "$source_dir/tests/support/script.sh"
bench=$build_dir/tests/bench
processes=17
work_begin

. "$source_dir/tests/bench/share_workloads.sh"
share_workloads "$source_dir" "$work"

# figure NAME: what the last run printed of it
figure() {
    sed -n "s/^$1 //p" "$work/out"
}

# measure SWAPS FILE...: runs it, and judges what the kernel says
measure() {
    swaps=$1
    shift
    "$bench/share" shared "$processes" "$swaps" "$@" >"$work/out"
    [ "$(figure inotify)" -eq 1 ] || fail "$(figure inotify) inotify instances in $processes processes"
    [ "$(figure block)" -gt 0 ] || fail "no block is shared"
    [ $(($(figure pss) * 10)) -le $(($(figure block) * 13)) ] ||
        fail "a block of $(figure block) KiB takes $(figure pss) KiB in $processes processes"
    echo "${1##*/}: a block of $(figure block) KiB takes $(figure pss) KiB in all of $processes processes"
    grep '^|' "$work/out" >>"$work/table"
}

# count SWAPS FILE: the same under strace; where that cannot trace this part is left out. (LeakSanitizer cannot be traced.)
count() {
    strace -f -o /dev/null true 2>/dev/null || {
        echo 'SKIP: system calls are not counted: strace cannot trace here'
        return
    }
    ASAN_OPTIONS=detect_leaks=0 strace -f -qq -e trace=inotify_init,inotify_init1,open,openat -o "$work/trace" \
        "$bench/share" shared "$processes" "$1" "$2" >/dev/null
    found=$(grep -c 'inotify_init' "$work/trace") || true
    [ "$found" -eq 1 ] || fail "$found calls of inotify_init in $processes processes"
    writer=$(sed -n '1s/ .*//p' "$work/trace") # the kubelet, who compares with what is there
    found=$(grep -v "^$writer " "$work/trace" | grep -cF "\"${2##*/}\", O_RDONLY") || true
    [ "$found" -eq $(($1 + 1)) ] || fail "${2##*/} was opened $found times for $(($1 + 1)) generations"
    echo "$processes processes: one inotify instance, ${2##*/} opened $found times for $(($1 + 1)) generations"
}

: >"$work/table"
measure 10 "$work/game.properties" "$work/ui.properties"
measure 3 "$work/w4.yaml"
count 5 "$work/game.properties"
share_head
cat "$work/table"
