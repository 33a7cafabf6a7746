#!/bin/sh
# SPDX-License-Identifier: MIT
#
# No input may cost much more than a good file of its size: each of tests/bench/hostile_inputs.py ends as expected,
# refused with a place or read, within the bounds below. The checks are also fed rows that break each of them, to show
# that they can fail.
set -eu
source_dir=$2 build_dir=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# Instructions, compared with the format's well-formed file of 1 MiB. That has some 30,000 keys, and the limit lets
# 200,000 entries pass, 6.7 times as many; half as much again, since entries differ in what they cost.
most_instructions=10
# Instructions of 1 MiB, compared with 256 KiB of the same: 4 is linear, 16 quadratic, and what grows in steps (tables
# that double) may lie between.
most_growth=6
# Peak memory but for libyaml's own. At most 200,001 entries: 32 bytes each while they are collected, in a buffer that may
# be twice as large, and again in the document; index 11, moving them 4. Texts: the file, its copy in the document, the
# values in a buffer that may be twice as large, and again in the document.
most_memory=$((200001 * (64 + 32 + 11 + 4) + 5 * 1048576))

# judge FILE: a line for each row of hostile.sh that breaks a bound
judge() {
    awk -F '\t' -v instructions=$most_instructions -v growth=$most_growth -v memory=$most_memory '
        function broken(why) { print $1 " (" $2 "): " why }
        NF != 14 { broken("a line of " NF " fields"); next }
        $4 != $3 { broken("wanted " $3 ", found " $4 ": " $12) }
        $4 == "refused" && ($5 < 1 || $12 !~ /^[0-9]+\.[a-z]+:[1-9][0-9]*:[1-9][0-9]*: ./) { broken("no place: " $12) }
        $6 != "-" && $6 > instructions * $14 { broken($6 " instructions, a well-formed file " $14) }
        $6 != "-" && $6 > growth * $13 { broken($6 " instructions, of a quarter of it " $13) }
        $7 != "-" && $7 - $11 > memory { broken($7 " bytes of memory, libyaml " $11) }
    ' "$1"
}

# ---- the checks can fail ------------------------------------------------------------------------

good='planted	yaml	refused	refused	1	100	100	0	1	1	50	001.yaml:1:2: why	25	100'
printf '%s\n' "$good" >"$work/planted"
[ -z "$(judge "$work/planted")" ] || {
    echo "FAILED: a good row was judged bad: $(judge "$work/planted")"
    exit 1
}
for change in 's/	refused	1/	read	1/' 's/	refused	1/	refused	0/' 's/:1:2:/:0:0:/' 's/	100$/	9/' 's/	25	/	10/' \
    's/1	100	100/1	100	99999999/' 's/	25	/	/'; do
    printf '%s\n' "$good" | sed "$change" >"$work/planted"
    [ -n "$(judge "$work/planted")" ] || {
        echo "FAILED: not noticed: $change"
        exit 1
    }
done
echo "ok: each check fails when it should"

# ---- the inputs ---------------------------------------------------------------------------------

command -v python3 >/dev/null || {
    echo "SKIP: python3 is not installed"
    exit 77
}
sh "$source_dir/tests/bench/hostile.sh" "$build_dir" >"$work/rows"
judge "$work/rows" >"$work/broken"
cat "$work/broken"
[ ! -s "$work/broken" ] || {
    echo "FAILED: $(wc -l <"$work/broken") bounds broken"
    exit 1
}
[ "$(wc -l <"$work/rows")" -ge 200 ] || {
    echo "FAILED: only $(wc -l <"$work/rows") inputs"
    exit 1
}
echo "ok: $(wc -l <"$work/rows") inputs"
if [ ! -x "$build_dir/tests/bench/parse_heap" ]; then
    echo "SKIP: instructions and memory: this build has sanitizers"
elif ! command -v valgrind >/dev/null; then
    echo "SKIP: instructions: valgrind is not installed"
fi
