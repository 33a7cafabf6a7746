#!/bin/sh
# SPDX-License-Identifier: MIT
#
# examples/quickstart.sh on this build: it ends with the typed changes printed, and leaves nothing behind.
set -eu
source_dir=$2 build_dir=$3

[ -x "$build_dir/examples/game" ] || {
    echo "SKIP: this build has no examples (CMRELOAD_EXAMPLES)"
    exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

fail() {
    cat "$work/out"
    echo "FAILED: $*"
    exit 1
}

mkdir "$work/tmp"
TMPDIR=$work/tmp CMRELOAD_BUILD_DIR=$build_dir sh "$source_dir/examples/quickstart.sh" >"$work/out" 2>&1 </dev/null ||
    fail "it ended with $?"
for text in 'lives.*5' 'color.*green' 'app\.yaml:' 'lives.*7' '^== Done'; do
    grep -q "$text" "$work/out" || fail "it did not print '$text'"
done
[ -z "$(ls -A "$work/tmp")" ] || fail "it left this behind: $(ls -A "$work/tmp")"
echo "ok: $(wc -l <"$work/out") lines"
