#!/bin/sh
# SPDX-License-Identifier: MIT
#
# API.md and cmreload.d.lua of the Lua binding are what document.py makes of the comments in the sources, and those
# are about what there is: each function that Lua sees is documented, and no other. Each check is also fed something
# wrong, to show that it can fail.
set -eu
source_dir=$2 build_dir=$3
. "$source_dir/tests/support/script.sh"
binding=$source_dir/bindings/lua
. "$source_dir/tests/support/lua.sh"

work_begin

# made FOLDER: whether the two files there are made of the sources there
made() {
    mkdir -p "$work/made"
    python3 "$1/document.py" "$work/made" || return 1
    for file in API.md cmreload.d.lua; do
        diff -u "$1/$file" "$work/made/$file" >"$work/diff" || return 1
    done
}

# What Lua sees: of the tables of methods, and of the module.
seen() {
    for class in reloader:Reloader snapshot:Snapshot registration:Registration update:Update; do
        sed -nE "/luaL_Reg methods\[\]/,/;/s/.*\{ \"([a-z][a-z_]*)\", .*/${class#*:}:\1/p" "$1/${class%:*}.c"
    done
    sed -nE 's/^    lua_setfield\(L, -2, "([a-z]+)"\);$/cmreload.\1/p' "$1/module.c"
}

documented() {
    sed -nE 's/^function ([A-Za-z]+[.:][a-z_]+)\(.*/\1/p; s/^---@field (null|version) .*/cmreload.\1/p' "$1/cmreload.d.lua"
}

# agree FOLDER
agree() {
    seen "$1" | sort -u >"$work/seen"
    documented "$1" | sort -u >"$work/documented"
    diff "$work/seen" "$work/documented" >"$work/diff"
}

made "$binding" || {
    cat "$work/diff"
    fail "run python3 bindings/lua/document.py"
}
agree "$binding" || {
    cat "$work/diff"
    fail "the functions (<) and what is documented (>) differ"
}
[ "$(wc -l <"$work/seen")" -ge 35 ] || fail "functions are not found"
echo "ok: $(wc -l <"$work/seen") functions and fields are documented"

lua_list "$build_dir" 3>"$work/skipped" >"$work/luas"
while read -r lua _; do
    "$lua" -e 'assert(loadfile(arg[1]))' "$binding/cmreload.d.lua" 2>/dev/null ||
        "$lua" -e "assert(loadfile([[$binding/cmreload.d.lua]]))" || fail "$lua does not read cmreload.d.lua"
done <"$work/luas"

cp -r "$binding" "$work/copy"
sed -i 's/^Freezes the configuration/Thaws the configuration/' "$work/copy/reloader.c"
if made "$work/copy"; then fail "another comment is not noticed"; fi
sed -i 's/{ "hold", hold },/{ "freeze", hold },/' "$work/copy/reloader.c"
if agree "$work/copy"; then fail "another function is not noticed"; fi
