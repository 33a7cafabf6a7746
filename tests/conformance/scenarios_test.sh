#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The scenarios of scenarios.txt, played to a runner in each language that this build has: all must be told
# the same. A wrong answer in a copy shows that this test can fail.
set -eu
tool=$1 source_dir=$2 build_dir=$3
conformance=$source_dir/tests/conformance

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# Each as NAME=COMMAND. A sanitizer does not let plain interpreters load what is built with it.
set -- "C=$build_dir/tests/conformance/scenario_c"
if grep -q '^CMRELOAD_SANITIZE:[A-Z]*=.' "$build_dir/CMakeCache.txt"; then
    echo "SKIP: the runners in Lua: no plain interpreter loads a module with sanitizers"
else
    for module in "$build_dir"/bindings/lua/*/cmreload.so; do
        [ -e "$module" ] || continue
        folder=${module%/*}
        lua=lua${folder##*/}
        [ "$lua" != lualuajit ] || lua=luajit
        if command -v "$lua" >/dev/null; then
            set -- "$@" "$lua=env LUA_CPATH=$folder/?.so $lua $conformance/scenario.lua"
        else
            echo "SKIP: the runner in Lua: there is no $lua"
        fi
    done
fi

python3 "$conformance/scenarios.py" "$tool" "$conformance/scenarios.txt" "$@"

sed 's/^= update lives 1 3$/= update lives 2 3/' "$conformance/scenarios.txt" >"$work/scenarios.txt"
if python3 "$conformance/scenarios.py" "$tool" "$work/scenarios.txt" "$1" >"$work/out"; then
    echo "FAILED: a wrong answer is not noticed"
    exit 1
fi
grep -q 'wanted update lives 2 3' "$work/out"
