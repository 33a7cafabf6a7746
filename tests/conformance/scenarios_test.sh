#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The scenarios of scenarios.txt, played to a runner in each language that this build has: all must be told
# the same. A wrong answer in a copy shows that this test can fail.
set -eu
tool=$1 source_dir=$2 build_dir=$3
conformance=$source_dir/tests/conformance
. "$source_dir/tests/support/lua.sh"
. "$source_dir/tests/support/python.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# Each as NAME=COMMAND.
set -- "C=$build_dir/tests/conformance/scenario_c"
lua_list "$build_dir" 3>&1 >"$work/luas"
while read -r lua folder; do
    set -- "$@" "$lua=env LUA_CPATH=$folder/?.so $lua $conformance/scenario.lua"
done <"$work/luas"
if python_find "$build_dir"; then
    set -- "$@" "Python=$python -X dev -W error $conformance/scenario.py"
else
    echo "SKIP: the scenarios in Python: $python_why"
fi

python3 "$conformance/scenarios.py" "$tool" "$conformance/scenarios.txt" "$@"

{ # one of them will do
    sed -n '/^scenario lenient/,/^$/{s/^= update lives 1 3$/= update lives 2 3/; p}' "$conformance/scenarios.txt"
    echo end
} >"$work/scenarios.txt"
if python3 "$conformance/scenarios.py" "$tool" "$work/scenarios.txt" "$1" >"$work/out"; then
    echo "FAILED: a wrong answer is not noticed"
    exit 1
fi
grep -q 'wanted update lives 2 3' "$work/out"
