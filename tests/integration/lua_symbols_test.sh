#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The Lua module exports what lua.h declares, and no more; it links the shared library, so that a process has that
# once, and no Lua. The header compiles alone, as C and as C++. Each check is also fed something wrong.
set -eu
source_dir=$2 build_dir=$3
. "$source_dir/tests/support/script.sh"
header=$source_dir/include/cmreload/lua.h

work_begin

declared() {
    sed -nE 's/^CMR_API [^(]*[ *]([A-Za-z0-9_]+)\(.*/\1/p' "$1" | sort
}

exported() {
    nm --dynamic --defined-only "$1" | awk '{ print $3 }' | grep -vE '^__(asan|odr_asan|tsan|ubsan)' | sort
}

needed() {
    objdump -p "$1" | awk '$1 == "NEEDED" { print $2 }'
}

found=
for module in "$build_dir"/bindings/lua/*/cmreload.so; do
    [ -e "$module" ] || continue
    found=$module
    declared "$header" >"$work/declared"
    exported "$module" >"$work/exported"
    diff "$work/declared" "$work/exported" || fail "$module exports something else than lua.h declares"
    needed "$module" >"$work/needed"
    grep -q '^libcmreload\.so\.0$' "$work/needed" || fail "$module does not link the shared library"
    if grep '^liblua' "$work/needed"; then fail "$module links a Lua"; fi
done
[ -n "$found" ] || skip "this build has no Lua"
sed 's/^CMR_API bool cmr_lua_take_error/CMR_API bool cmr_lua_take_errors/' "$header" >"$work/other.h"
declared "$work/other.h" >"$work/declared"
if cmp -s "$work/declared" "$work/exported"; then fail "another declaration is not noticed"; fi

cc=$(cached CMAKE_C_COMPILER)
for lua in lua5.4 lua5.1 luajit; do
    flags=$(pkg-config --cflags "$lua" 2>/dev/null) || continue
    printf '#include <cmreload/lua.h>\nint main(void) { return cmr_lua_push(0, 0) == CMR_OK; }\n' >"$work/user.c"
    # shellcheck disable=SC2086 # a list of flags
    "$cc" -std=c11 -Wall -Wextra -Werror -fsyntax-only -I "$source_dir/include" $flags "$work/user.c"
    if command -v g++ >/dev/null; then
        # shellcheck disable=SC2086
        g++ -x c++ -std=c++17 -Wall -Wextra -Werror -fsyntax-only -I "$source_dir/include" $flags "$work/user.c"
    fi
done
