#!/bin/sh
# SPDX-License-Identifier: MIT
#
# <cmreload/log4c.h>: tests/support/log4c/log4c.c as a program would be built, in C and in C++, and what it logs as its
# level changes.
set -eu
source_dir=$2 build_dir=$3
. "$source_dir/tests/support/script.sh"

work_begin

pkg-config --exists log4c || skip "no liblog4c (Debian's liblog4c-dev)"
cc=$(cached CMAKE_C_COMPILER)
sanitize=$(cached CMRELOAD_SANITIZE)
case $cc in
*clang*) cxx=clang++ ;;
*) cxx=g++ ;;
esac

cat >"$work/expected" <<'END'
-- not loaded
ERROR error
-- info
ERROR error
INFO info
-- debug
ERROR error
INFO info
DEBUG debug
-- trace
ERROR error
INFO info
DEBUG debug
TRACE trace
-- error
ERROR error
-- loud
ERROR error
--
ERROR error
-- unsubscribed
ERROR error
-- refused
ERROR error
END

# follows COMPILER STANDARD [FLAG...]
follows() {
    compiler=$1 standard=$2
    shift 2
    # shellcheck disable=SC2046 # flags are words
    "$compiler" "$@" "-std=$standard" -Wall -Wextra -Wpedantic -Werror ${sanitize:+-fsanitize=$sanitize} \
        -I "$source_dir/include" $(pkg-config --cflags log4c) "$source_dir/tests/support/log4c/log4c.c" \
        -o "$work/log4c" -L "$build_dir" -lcmreload $(pkg-config --libs log4c)
    # LeakSanitizer would tell of what log4c_fini leaves.
    ASAN_OPTIONS=detect_leaks=0 LD_LIBRARY_PATH=$build_dir "$work/log4c" "$work/volume" >"$work/out" 2>&1 ||
        fail "$standard: it ended with $?"
    sed -E 's/^\[stdout\] +//; s/^([A-Z]+) +app +- /\1 /; s/ $//; /^$/d' "$work/out" | diff -u "$work/expected" - ||
        fail "$standard: - is wanted, + was logged"
    rm -rf "$work/volume"
    echo "ok: $standard"
}

follows "$cc" c11
if command -v "$cxx" >/dev/null; then
    follows "$cxx" c++17 -x c++
else
    echo "SKIP: C++17: no $cxx"
fi
