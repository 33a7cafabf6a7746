#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The rockspec: `luarocks make` builds the binding where the library is installed, without the network, and Lua loads
# it. Every C file of the binding is in it.
set -eu
tool=$1 source_dir=$2 build_dir=$3
. "$source_dir/tests/support/script.sh"
. "$source_dir/tests/support/lua.sh"

work_begin

set -- "$source_dir"/bindings/lua/cmreload-*.rockspec
rockspec=$1
[ "${rockspec##*/}" = "cmreload-$("$tool" --version | sed 's/.* //')-1.rockspec" ] || fail "the rockspec has another version"
for source in "$source_dir"/bindings/lua/*.c; do
    grep -q "\"${source##*/}\"" "$rockspec" || fail "${source##*/} is not in the rockspec"
done

command -v luarocks >/dev/null || skip "there is no luarocks"
lua_list "$build_dir" 3>&1 >"$work/luas"
grep -E '^lua5' "$work/luas" >"$work/rocks" || skip "there is no Lua that luarocks builds for"
cp -r "$source_dir/bindings/lua" "$work/lua"
for component in include lib; do
    mkdir -p "$work/prefix/$component"
done
cp -r "$source_dir/include/cmreload" "$work/prefix/include"
cp -P "$build_dir"/libcmreload.so* "$work/prefix/lib"
cd "$work/lua"
while read -r lua _; do
    export HOME="$work/home"
    luarocks --lua-version "${lua#lua}" --tree "$work/$lua" make --deps-mode none "${rockspec##*/}" \
        CMRELOAD_DIR="$work/prefix" >"$work/out" 2>&1 || fail "$lua: luarocks make"
    module=$(find "$work/$lua" -name cmreload.so)
    [ -n "$module" ] || fail "$lua: there is no module"
    LUA_CPATH="${module%/*}/?.so" LD_LIBRARY_PATH="$work/prefix/lib" \
        "$lua" -e 'assert(require("cmreload").open("."))' || fail "$lua: it does not load"
    echo "ok: $lua"
    break # one tells it
done <"$work/rocks"
