#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What the Lua binding costs: sh tests/bench/lua.sh BUILD
#
# Prints a Markdown table: times of one run, as multiples of a lookup in a Lua table and of a call of a Lua function.
set -eu
build=$(cd "${1:?usage: sh tests/bench/lua.sh BUILD}" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../support/lua.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

lua_list "$build" 3>&2 >"$work/luas"
cat <<'END'
| Lua | a table lookup | `snapshot:get(key)` | with a type and a default | the current snapshot, one read, closed | a call | a callback with one change |
|---|---:|---:|---:|---:|---:|---:|
END
while read -r lua folder; do
    mkdir "$work/$lua"
    (cd "$work/$lua" && LUA_CPATH="$folder/?.so" "$lua" "$here/lua.lua" "$build/cmreload" "$lua")
done <"$work/luas"
