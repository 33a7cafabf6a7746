#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What hostile inputs cost: sh tests/bench/hostile.sh BUILD [--table [LINES]]
#
# Makes the inputs of hostile_inputs.py, 1 MiB and 256 KiB each, and has each parsed by one call, under the default
# limits. Prints the Markdown table of docs/reliability.md with --table (of a file of LINES that were printed before,
# rather than measuring again), else, for hostile_test.sh, a line for each input, fields divided by tabs:
#   1 input    2 format    3 what should become of it
#   4 - 12 what measure.sh prints of 1 MiB behind the name, but the instructions are the call's
#   13 instructions of 256 KiB    14 instructions of the format's well-formed file of 1 MiB
# A few minutes on two cores.
set -eu
bench=$(cd "$(dirname "$0")" && pwd)
build=${1:?usage: sh tests/bench/hostile.sh BUILD [--table [LINES]]}
big=1048576 small=262144

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

measure_all() {
    for size in $big $small; do
        mkdir "$work/$size"
        python3 "$bench/hostile_inputs.py" "$work/$size" $size >"$work/inputs"
        cut -f 1 "$work/inputs" | sed "s|^|$work/$size/|" |
            xargs -P "$(nproc)" -n 1 sh "$bench/measure.sh" "$build" >"$work/measured"
        sort "$work/measured" >"$work/$size.measured"
    done
    sort "$work/inputs" >"$work/sorted"

    # By the name, which begins with the row's number.
    join -t "$(printf '\t')" "$work/sorted" "$work/$big.measured" >"$work/joined"
    cut -f 1,4 "$work/$small.measured" | join -t "$(printf '\t')" "$work/joined" - >"$work/rows"
    : >"$work/empty.txt"
    nothing=$(sh "$bench/measure.sh" "$build" "$work/empty.txt" | cut -f 4)
    awk -F '\t' -v OFS='\t' -v nothing="$nothing" '
        function call(counted) { return counted == "-" ? "-" : counted - nothing }
        $1 ~ /^000\./ { well_formed[$2] = call($7) }
        { print $4, $2, $3, $5, $6, call($7), $8, $9, $10, $11, $12, $13, call($14), well_formed[$2] }
    ' "$work/rows" >"$work/lines"
}

if [ -n "${3:-}" ]; then
    cp "$3" "$work/lines"
else
    measure_all
fi
if [ "${2:-}" != --table ]; then
    cat "$work/lines"
    exit
fi

awk -F '\t' -v size=$big '
    function ratio(one, other) { return one == "-" || other == "-" || other == 0 ? "-" : sprintf("%.1f", one / other) }
    # A code span holds anything but the backquotes that end it; a bar ends a cell even there.
    function code(text, fence) {
        gsub(/\|/, "\\|", text)
        fence = index(text, "`") ? "``" : "`"
        return text == "-" ? "" : fence text fence
    }
    BEGIN {
        print "| input, 1 MiB | format | | first diagnostic | diagnostics | instructions | growth | memory | libyaml |"
        print "|---|---|---|---|---:|---:|---:|---:|---:|"
    }
    {
        gsub(/\|/, "\\|", $1)
        printf "| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", $1, $2, $4, code($12), $5, ratio($6, $14),
            ratio($6, $13), ratio($7, size), ratio($11, size)
    }
' "$work/lines"
