#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The header, the symbol map and the libraries agree: the shared library exports every function of
# the public header with the version node CMRELOAD_0, and nothing else; the static library defines no
# global symbol outside of cmr_; the header compiles alone as C and C++. Each check is also fed
# something wrong, to show that it can fail.
set -eu
source_dir=$2 build_dir=$3
. "$source_dir/tests/support/script.sh"
header=$source_dir/include/cmreload/cmreload.h
map=$source_dir/src/libcmreload.map

work_begin
cd "$work"

cc=$(cached CMAKE_C_COMPILER)

# ---- what each side says: one sorted name a line ------------------------------------------------

# The name is what stands before the first bracket of a CMR_API declaration.
declared() {
    sed -nE 's/^CMR_API [^(]*[ *]([A-Za-z0-9_]+)\(.*/\1@@CMRELOAD_0/p' "$1" | sort
}

mapped() {
    sed -nE 's/^ +([a-z0-9_]+);.*/\1@@CMRELOAD_0/p' "$1" | sort
}

exported() {
    nm --dynamic --defined-only --with-symbol-versions "$1" | awk '$2 != "A" { print $3 }' | sort
}

# Global symbols that are not ours by name. Sanitizers add their own.
foreign() {
    nm --extern-only --defined-only "$1" | awk 'NF == 3 && $3 !~ /^cmr_/ && $3 !~ /^__(asan|odr_asan|tsan|ubsan)/ { print $3 }'
}

# agree NAME-A FILE-A NAME-B FILE-B: names what only one of them has
agree() {
    only_a=$(comm -23 "$2" "$4" | tr '\n' ' ')
    only_b=$(comm -13 "$2" "$4" | tr '\n' ' ')
    [ -z "$only_a" ] || echo "only in $1: $only_a"
    [ -z "$only_b" ] || echo "only in $3: $only_b"
    [ -z "$only_a$only_b" ]
}

declared "$header" >header.names
[ "$(wc -l <header.names)" -eq "$(grep -c '^CMR_API' "$header")" ] || fail "a CMR_API declaration is not understood"
mapped "$map" >map.names
exported "$build_dir/libcmreload.so" >library.names
agree "the header" header.names "the map" map.names || fail "the header and src/libcmreload.map differ"
agree "the header" header.names "the shared library" library.names || fail "the header and the shared library differ"
echo "ok: $(wc -l <header.names) functions, declared, mapped and exported alike"

[ -z "$(foreign "$build_dir/libcmreload.a")" ] ||
    fail "the static library defines: $(foreign "$build_dir/libcmreload.a" | tr '\n' ' ')"
echo "ok: the static library defines names in cmr_ only"

# ---- the header alone ---------------------------------------------------------------------------

# compiles LANGUAGE STANDARD COMPILER
compiles() {
    echo "#include <cmreload/cmreload.h>" |
        "$3" -x "$1" -std="$2" -Wall -Wextra -Wpedantic -Werror -I "$include" -fsyntax-only - || return 1
}

include=$source_dir/include
compiles c c11 "$cc" || fail "the header is no clean C11"
compiles c c17 "$cc" || fail "the header is no clean C17"
case $cc in
*clang*) cxx=clang++ ;;
*) cxx=g++ ;;
esac
if command -v "$cxx" >/dev/null; then
    compiles c++ c++17 "$cxx" || fail "the header is no clean C++17"
    cat >bind.cc <<'END'
#include <cmreload/cmreload.h>
static std::atomic<int> port;
static CMR_ATOMIC(double) ratio;
static_assert(sizeof port == sizeof(int) && sizeof ratio == sizeof(double), "as C's _Atomic");
cmr_status bind(cmr_reloader *reloader)
{
    cmr_binding_options options = CMR_BINDING_OPTIONS_INIT;
    options.minimum = "1";
    return cmr_bind_int(reloader, "app.yaml#port", &port, 80, &options, nullptr) == CMR_OK
               ? cmr_bind_double(reloader, "app.yaml#ratio", &ratio, 0.5, nullptr, nullptr)
               : CMR_ERR_TYPE;
}
END
    "$cxx" -std=c++17 -Wall -Wextra -Wpedantic -Werror -Wno-missing-field-initializers -I "$include" -fsyntax-only bind.cc ||
        fail "a binding is no clean C++17"
    echo "ok: the header alone as C11, C17 and C++17"
else
    echo "ok: the header alone as C11 and C17"
    echo "SKIP: the header as C++17: no $cxx"
fi

# ---- each check can fail ------------------------------------------------------------------------

{ cat header.names && echo cmr_planted@@CMRELOAD_0; } | sort >planted.names
! agree "the plant" planted.names "the shared library" library.names >/dev/null || fail "a missing function was not noticed"
! agree "the shared library" library.names "the plant" planted.names >/dev/null || fail "a surplus function was not noticed"

echo 'int planted(void); int planted(void) { return 0; }' >planted.c
"$cc" -c planted.c -o planted.o
ar rc planted.a planted.o
[ "$(foreign planted.a)" = planted ] || fail "a foreign global symbol was not noticed"
"$cc" -shared -fPIC planted.c -o planted.so
[ "$(exported planted.so)" = planted ] || fail "an unversioned export was not noticed"

mkdir -p broken/cmreload
include=broken
cp "$source_dir/include/cmreload/version.h" broken/cmreload
{ cat "$header" && echo 'void planted(size_t count,);'; } >broken/cmreload/cmreload.h
! compiles c c11 "$cc" 2>/dev/null || fail "a header that does not compile was not noticed"
echo "ok: each of these checks fails when it should"
