#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The table of requirements in docs/reliability.md, the tests named after them, and the guards that are taken
# out to try those tests agree with each other.
set -u
cd "$2" || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# same WHAT FILE FILE
same() {
    diff "$2" "$3" && return
    echo "FAIL: $1"
    failed=1
}

# Lines of the table, names in it; names of tests; names that guards want.
sed -n 's/^| *\([0-9][0-9]*\) |.*`req.*/\1/p' docs/reliability.md >"$work/rows"
grep -o '`req[0-9][0-9]_[a-z0-9_]*`' docs/reliability.md | tr -d '`' | sort >"$work/table"
sed -n 's/.*TEST(\(req[0-9][0-9]_[a-z0-9_]*\)).*/\1/p' tests/integration/test_requirements_*.c | sort >"$work/tests"
seq 1 30 >"$work/numbers"
same "the table has a row for each requirement" "$work/numbers" "$work/rows"
same "the table (<) names the tests that there are (>)" "$work/table" "$work/tests"

for guard in tests/guards/req*.patch; do
    number=$(basename "$guard" .patch)
    number=${number%%_*} # a requirement may have several: req19_fork
    test=$(sed -n 's/^Test: //p' "$guard")
    case $test in
    "$number"_*) grep -qx "$test" "$work/tests" && continue ;;
    esac
    echo "FAIL: $guard names no test of its requirement: $test"
    failed=1
done
exit "$failed"
