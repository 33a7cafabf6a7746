#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What parsing well-formed files costs: sh tests/bench/parse.sh BUILD
#
# The files of workloads.py at 1 MiB, each parsed by one call. Prints a Markdown table, per byte of the file:
# instructions (callgrind's, of the call alone), the same of 256 KiB, those of bare libyaml for YAML; memory that the
# snapshot holds, the peak while it is made, and the peak when one such snapshot is held already, as in a reload. And the
# allocations of one call: the library's own, and all of them, libyaml's and iniparser's included.
set -eu
bench=$(cd "$(dirname "$0")" && pwd)
build=${1:?usage: sh tests/bench/parse.sh BUILD}
programs=$build/tests/bench
big=1048576 small=262144

command -v valgrind >/dev/null && [ -x "$programs/parse_heap" ] || {
    echo "This needs valgrind, and a build without sanitizers." >&2
    exit 1
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# instructions PROGRAM FUNCTION FILE
instructions() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect="$2" "$programs/$1" "$3" 2>&1 >/dev/null |
        awk '$2 == "Collected" { print $4 }'
}

echo "| file | instructions | of 256 KiB | libyaml | held | peak | in a reload | own allocations | all |"
echo "|---|---:|---:|---:|---:|---:|---:|---:|---:|"
for name in w4.yaml w4.json w5.properties w.ini w.env w.txt; do
    for size in $big $small; do
        mkdir -p "$work/$size"
        python3 "$bench/workloads.py" "$name" $size >"$work/$size/$name"
    done
    bare=0
    [ "$name" != w4.yaml ] || bare=$(instructions yaml_bare read_yaml_events "$work/$big/$name")
    "$programs/parse_heap" "$work/$big/$name" | awk -F '\t' -v name="$name" -v size=$big -v less=$small -v bare="$bare" \
        -v all="$(instructions parse cmr_snapshot_from_files "$work/$big/$name")" \
        -v part="$(instructions parse cmr_snapshot_from_files "$work/$small/$name")" '
        $1 != "read" { print name ": " $0; exit 1 }
        {
            printf "| %s | %.1f | %.1f | %s | %.2f | %.2f | %.2f | %d | %d |\n", name, all / size, part / less,
                bare ? sprintf("%.1f", bare / size) : "", $4 / size, $3 / size, ($3 + $4) / size, $6, $5
        }
    '
done
