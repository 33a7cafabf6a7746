#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The examples of docs/schemas.md: schemas_doc_test.sh TOOL SOURCE BUILD
#
# They are fenced blocks with more words than their language:
#   excerpt=FILE       lines that stand so in FILE
#   file=NAME          a file; results that follow are about it
#   output             what examples/settings prints of it
#   error [KEY]        what cmreload check --schema prints on stderr of a file that does not fit; the schema is that of
#                      examples/settings, for another key if one is given
#   told [KEY]         the same of one that fits
#   good [KEY]         it fits, and nothing is told: the block is empty
#   reference, schema  what examples/settings --reference and --schema print
# What else fails: other words, a result without a file or the other way round, a block that does not end.
set -u
. "$(dirname "$0")/../support/checks.sh"

tool=$1 source_dir=$2 server=$3/examples/settings
page=${CMRELOAD_TEST_PAGE:-$source_dir/docs/schemas.md} # another page: to see that this test can fail
wrapper=${CMRELOAD_TEST_WRAPPER:-}
[ -x "$server" ] || {
    echo "SKIP: this build has no examples (CMRELOAD_EXAMPLES)"
    exit 77
}
work=$(mktemp -d "${TMPDIR:-/tmp}/cmreload-schemas.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
failures=0
checks=0

# Writes each block to work/LINE, and the list of blocks: LINE LANGUAGE WORD...
take_apart() {
    awk -v work="$work" '
        in_block && /^```$/ { close(out); in_block = 0; next }
        in_block { print >out; next }
        /^```/ {
            in_block = 1
            out = work "/" FNR
            printf "" >out
            print FNR, substr($0, 4) >(work "/blocks")
            blocks++
        }
        END {
            if (in_block) print FILENAME ": a block that does not end"
            if (!blocks) print FILENAME ": no examples"
            exit in_block || !blocks
        }
    ' "$page"
}

# same NAME STATUS STREAM: it ended so, and that stream has what the block has; the other one has nothing
same() {
    other=$([ "$3" = out ] && echo err || echo out)
    if [ "$found" = "$2" ] && cmp -s "$work/$line" "$work/$3" && [ ! -s "$work/$other" ]; then
        ok "$1"
    else
        not_ok "$1" "status $found, wanted $2; - is the page, + what was printed:" \
            "$(diff -u "$work/$line" "$work/$3" | tail -n +3)" "$(cat "$work/$other")"
    fi
}

# check_file [KEY]
check_file() {
    sed "s/\"x-cmreload-key\": .*/\"x-cmreload-key\": \"${1:-app.yaml#server}\",/" "$work/schema.json" >"$work/keyed.json"
    cmreload check "$work/volume" --schema "$work/keyed.json" >"$work/out" 2>"$work/err"
    found=$?
    asked=yes
}

# The excerpt's lines, one after the other, somewhere in the file.
is_excerpt() {
    awk 'NR == FNR { wanted[++count] = $0; next }
         { at = $0 == wanted[at + 1] ? at + 1 : $0 == wanted[1]; if (at == count) found = 1 }
         END { exit !found || !count }' "$work/$line" "$source_dir/$1"
}

# judge LANGUAGE [WORD [KEY]]
judge() {
    name="line $line: ${2:-plain}"
    case ${2:-} in
    '') ;;
    excerpt=*) if is_excerpt "${2#excerpt=}"; then ok "$name"; else not_ok "$name" "it does not stand in that file"; fi ;;
    file=*)
        [ "$asked" ] || not_ok "$name" 'nothing is asked about the file before'
        asked=
        rm -rf "$work/volume"
        mkdir "$work/volume"
        cp "$work/$line" "$work/volume/${2#file=}"
        ;;
    output)
        asked=yes
        "$server" "$work/volume" >"$work/out" 2>"$work/err"
        found=$?
        same "$name" 0 out
        ;;
    error) check_file "${3:-}" && same "$name" 1 err ;;
    told) check_file "${3:-}" && same "$name" 0 err ;;
    good) check_file "${3:-}" && same "$name" 0 err ;;
    reference | schema)
        "$server" "--$2" >"$work/out" 2>"$work/err"
        found=$?
        same "$name" 0 out
        ;;
    *) not_ok "$name" 'no such example' ;;
    esac
}

asked=yes
"$server" --schema >"$work/schema.json" || not_ok 'the schema' 'it cannot be printed'
if take_apart >"$work/log"; then ok 'the page'; else not_ok 'the page' "$(cat "$work/log")"; fi
while read -r line words; do
    # shellcheck disable=SC2086
    judge $words
done <"$work/blocks"
[ "$asked" ] || not_ok 'the last file' 'nothing is asked about it'
[ "$checks" -ge 12 ] || not_ok 'the examples' "only $checks of them"
echo "$checks checks, $failures failed"
[ "$failures" -eq 0 ]
