#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What parsing one file costs: measure.sh BUILD FILE, for one of the endings that the formats have
#
# Prints one line of fields, divided by tabs; "-" stands for what was not measured (no valgrind, a build with
# sanitizers, a file that is no YAML):
#   1 the file's name    2 read, refused, or how else it ended    3 diagnostics    4 instructions of the program
#   5 peak memory    6 memory that the snapshot holds    7 allocations    8 those of the library itself
#   9 peak memory of bare libyaml    10 the first diagnostic
#
# The instructions are those of all of bench/parse.c: cachegrind, which cannot be told to count one function alone,
# takes a third of callgrind's time. Of an empty file they are what is not the call's.
set -u
programs=$1/tests/bench file=$2
tab=$(printf '\t')
seconds=120

# heap PROGRAM: its line, with the heap's figures where it has them
heap() {
    program=$programs/${1}_heap
    [ -x "$program" ] || program=$programs/$1
    timeout "$seconds" "$program" "$file" 2>&1
    status=$?
    [ "$status" -eq 0 ] || printf 'ended with %s\t-\t-\t-\t-\t-\t-\n' "$status"
}

instructions() {
    [ -x "$programs/parse_heap" ] && command -v valgrind >/dev/null || {
        echo -
        return
    }
    timeout "$seconds" valgrind --tool=cachegrind --cache-sim=no --cachegrind-out-file=/dev/null \
        "$programs/parse" "$file" 2>&1 >/dev/null |
        awk '$3 == "refs:" { gsub(",", "", $4); counted = $4 } END { print counted + 0 }'
}

# The answer's fields; the last may hold anything but tabs.
parsed=$(heap parse)
IFS=$tab read -r result count peak kept calls own first <<END
$parsed
END
bare=-
case $file in
*.yaml) [ ! -x "$programs/yaml_bare_heap" ] || bare=$(heap yaml_bare | cut -f 3) ;;
esac
# In one write, since several of these run at once and share what they write to.
printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "${file##*/}" "$result" "$count" "$(instructions)" "$peak" "$kept" \
    "$calls" "$own" "$bare" "$first"
