#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The Lua binding's tests in Lua, with each Lua that is there; then the example of its README, as a reader would run
# it. That a test which fails is noticed is shown by one.
set -eu
tool=$1 source_dir=$2 build_dir=$3
. "$source_dir/tests/support/script.sh"
tests=$source_dir/tests/integration/lua
. "$source_dir/tests/support/lua.sh"

work_begin
cd "$work"

# test SCRIPT: runs it with the Lua of this turn, in an empty folder
test_script() {
    rm -rf run
    mkdir run
    (cd run && LUA_PATH="$tests/?.lua" LUA_CPATH="$folder/?.so" "$lua" "$1" "$tool") >out 2>&1
}

# The first block of Lua in the README is a whole program.
readme() {
    awk '/^```lua$/ && !seen { inside = seen = 1; next } /^```$/ { inside = 0 } inside' \
        "$source_dir/bindings/lua/README.md" | sed "s|/etc/config|$work/config|" >example.lua
    [ "$(wc -l <example.lua)" -ge 8 ] || fail "README: no example is found"
    rm -rf config files
    mkdir files
    printf 'server:\n  port: 8080\n' >files/app.yaml
    "$tool" apply config --from-file=files >/dev/null
    LUA_CPATH="$folder/?.so" "$lua" example.lua >out 2>&1 &
    name="$lua: README" running=$!
    prints '^app.yaml#server.port is 8080$'
    printf 'server:\n  port: 9090\n' >files/app.yaml
    "$tool" apply config --from-file=files >/dev/null
    prints '^app.yaml#server.port is 9090$'
    printf 'server:\n  port: many\n' >files/app.yaml
    "$tool" apply config --from-file=files >/dev/null
    prints '^app.yaml:2:3: wanted int64, found the string "many"$'
    kill "$running"
    wait "$running" 2>/dev/null || true
    running=
}

lua_list "$build_dir" 3>&1 >luas
[ -s luas ] || exit 77
printf 'require("support").tests{"wrong", function() require("support").equal(1, 2) end}\n' >wrong.lua
while read -r lua folder; do
    for script in reading following errors lives; do
        test_script "$tests/$script.lua" || fail "$lua: $script"
    done
    grep -q '^the last finalizer$' out || fail "$lua: lives: the state was not closed to its end"
    if test_script "$work/wrong.lua"; then fail "$lua: a test that fails is not noticed"; fi
    grep -q 'wanted 2, found 1' out || fail "$lua: a test that fails does not say why"
    readme
    echo "ok: $lua"
done <luas
