#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The examples of docs/formats.md: formats_doc_test.sh TOOL SOURCE [BUILD]
#
# They are fenced blocks that begin with ```text and more words:
#   file=NAME       a file; those that follow each other make one volume, with cmreload apply
#   dump [FLAG...]  what cmreload dump prints of that volume, exactly
#   values          lines of KEY, TYPE and VALUE, with tabs between: what cmreload get KEY --type TYPE prints
#   error [FLAG...] what cmreload check prints on stderr, about a volume that it refuses
# A volume may have several results. A block without further words is plain text. What else fails: another word, a
# file without a result or the other way round, an empty result, a block that does not end, a page without examples.
set -u
. "$(dirname "$0")/../support/checks.sh"

tool=$1
page=${CMRELOAD_TEST_PAGE:-$2/docs/formats.md} # another page: to see that this test can fail
wrapper=${CMRELOAD_TEST_WRAPPER:-}
work=$(mktemp -d "${TMPDIR:-/tmp}/cmreload-formats.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
failures=0
checks=0
tab=$(printf '\t')

# Writes work/VOLUME/files/NAME, work/VOLUME/LINE.wanted, and the list of results: VOLUME LINE KIND ARGUMENT...
take_apart() {
    mkdir "$work/1" "$work/1/files"
    awk -v work="$work" '
        function fail(what) { print FILENAME ":" FNR ": " what; bad = 1 }
        function begin_file(name) {
            if (has_results) {
                volume++; files = 0; has_results = 0
                system("mkdir " work "/" volume " " work "/" volume "/files")
            }
            if (name !~ /^[A-Za-z0-9_][-A-Za-z0-9_.]*$/) { fail("no name for a file: " name); return }
            out = work "/" volume "/files/" name
            if (out in made) fail("a second file called " name)
            made[out] = ++files
            printf "" >out
        }
        function begin_result(words) {
            if (!files) { fail("a result without a file"); return }
            out = work "/" volume "/" FNR ".wanted"
            has_results = 1; results++; wanted_lines = 0
            printf "" >out
            print volume, FNR, words >(work "/results")
        }
        BEGIN { volume = 1 }
        in_block && /^```/ {
            if (out) close(out)
            if (out ~ /[.]wanted$/ && !wanted_lines) fail("a result without a line")
            in_block = 0; out = ""; next
        }
        in_block { if (out) print >out; wanted_lines++; next }
        /^```/ {
            in_block = 1; out = ""; words = substr($0, 4)
            if (words !~ /^text /) next
            sub(/^text +/, "", words)
            if (words ~ /^file=/) begin_file(substr(words, 6))
            else if (words ~ /^(dump|error)( |$)/ || words == "values") begin_result(words)
            else fail("no such example: " words)
        }
        END {
            if (in_block) fail("a block that does not end")
            if (files && !has_results) fail("a file without a result")
            if (!results) fail("no examples")
            exit bad
        }
    ' "$page"
}

make_volume() {
    (
        set +f
        cd "$work/$1/files" || exit 1
        set --
        for file in *; do
            set -- "$@" "--from-file=$file"
        done
        cmreload apply ../volume "$@"
    ) >"$work/log" 2>&1 || not_ok "volume $1" "$(cat "$work/log")"
}

# values VOLUME FILE: the lines of the file, with what cmreload get prints for VALUE
values() {
    while IFS=$tab read -r key type _; do
        printf '%s\t%s\t%s\n' "$key" "$type" "$(cmreload get "$1" "$key" --type "$type" </dev/null)"
    done <"$2"
}

# same NAME STATUS STREAM OTHER: the status, what was wanted on that stream, and nothing on the other
same() {
    if [ "$found" = "$2" ] && cmp -s "$wanted" "$work/$3" && [ ! -s "$work/$4" ]; then
        ok "$1"
    else
        not_ok "$1" "status $found, wanted $2; - is the page, + the tool:" \
            "$(diff -u "$wanted" "$work/$3" | tail -n +3)" "$(cat "$work/$4")"
    fi
}

# judge VOLUME LINE KIND [FLAG...]
judge() {
    volume=$work/$1/volume wanted=$work/$1/$2.wanted name="line $2: $3" kind=$3
    [ -d "$volume" ] || make_volume "$1"
    shift 3
    case $kind in
    dump) cmreload dump "$volume" "$@" >"$work/out" 2>"$work/err" </dev/null ;;
    error) cmreload check "$volume" "$@" >"$work/out" 2>"$work/err" </dev/null ;;
    values) values "$volume" "$wanted" >"$work/out" 2>"$work/err" ;;
    esac
    found=$?
    if [ "$kind" = error ]; then same "$name" 1 err out; else same "$name" 0 out err; fi
}

if take_apart >"$work/log"; then ok 'the page'; else not_ok 'the page' "$(cat "$work/log")"; fi
set -f # arguments may hold *
[ ! -e "$work/results" ] || while read -r line; do
    # shellcheck disable=SC2086
    judge $line
done <"$work/results"
echo "$checks checks, $failures failed"
[ "$failures" -eq 0 ]
