#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The Lua binding under valgrind: no byte is used that is freed, none leaks, in any order of ends. A script that loads
# a library which does leak shows that this test can fail.
set -eu
tool=$1 source_dir=$2 build_dir=$3
tests=$source_dir/tests/integration/lua
. "$source_dir/tests/support/lua.sh"

command -v valgrind >/dev/null || {
    echo "SKIP: there is no valgrind"
    exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work"

# check SCRIPT: runs it with the Lua of this turn. CMRELOAD_TEST_SHORT leaves out what only takes long here.
check() {
    rm -rf run
    mkdir run
    (cd run && CMRELOAD_TEST_SHORT=yes LUA_PATH="$tests/?.lua" LUA_CPATH="$folder/?.so;$work/?.so" \
        valgrind --quiet --error-exitcode=99 --leak-check=full --show-leak-kinds=all --errors-for-leak-kinds=all \
        "$lua" "$1" "$tool") >out 2>&1
}

lua_list "$build_dir" 3>&1 >luas
[ -s luas ] || exit 77

cc=$(sed -n 's/^CMAKE_C_COMPILER:[A-Z]*=//p' "$build_dir/CMakeCache.txt")
printf '#include <stdlib.h>\nvoid *volatile lost;\nint luaopen_leaky(void *L)\n{ (void)L; lost = malloc(10); lost = 0; return 0; }\n' >leaky.c
"$cc" -shared -fPIC -o leaky.so leaky.c
echo 'require "leaky"' >leaky.lua
scripts='lives errors'

while read -r lua folder; do
    for script in $scripts; do
        check "$tests/$script.lua" || {
            cat out
            echo "FAILED: $lua: $script"
            exit 1
        }
    done
    echo "ok: $lua"
    scripts=lives # what errors leave behind is the same in all of them, and valgrind is slow
done <luas

if check "$work/leaky.lua"; then
    echo "FAILED: $lua: a leak is not noticed"
    exit 1
fi
