#!/bin/sh
# SPDX-License-Identifier: MIT
#
# An outside project against the installed library: through find_package (shared, static, default) and
# through pkg-config (shared, static), from a prefix that the library was not configured for and was
# moved to after its installation.
set -eu
source_dir=$2 build_dir=$3
. "$source_dir/tests/support/script.sh"
consumer=$source_dir/tests/support/consumer

work_begin
cd "$work"

# Runs a command quietly; its output is shown only when it fails.
run() {
    "$@" >"$work/log" 2>&1 || {
        cat "$work/log"
        fail "$*"
    }
}

cc=$(cached CMAKE_C_COMPILER)
sanitize=$(cached CMRELOAD_SANITIZE)
flags=${sanitize:+-fsanitize=$sanitize}
version=$(sed -n 's/^#define CMR_VERSION_[A-Z]* //p' "$source_dir/include/cmreload/version.h" | paste -sd .)

# ---- install: DESTDIR and prefix are honoured, nothing lands elsewhere --------------------------

DESTDIR=$work/stage run cmake --install "$build_dir" --prefix /opt/somewhere
mv stage/opt/somewhere installed
rmdir stage/opt || fail "DESTDIR: something was installed outside of the prefix"
unset DESTDIR

for file in include/cmreload/cmreload.h include/cmreload/log4c.h include/cmreload/version.h; do
    [ -f "installed/$file" ] || fail "not installed: $file"
done
pc=$(find "$PWD/installed" -name cmreload.pc)
lib=${pc%/pkgconfig/cmreload.pc}
for file in libcmreload.a libcmreload.so libcmreload.so.0 "libcmreload.so.$version"; do
    [ -e "$lib/$file" ] || fail "not installed: $file"
done
readelf -d "$lib/libcmreload.so" | grep -q 'SONAME.*\[libcmreload.so.0\]' || fail "the soname is not libcmreload.so.0"
if [ "$(cached CMRELOAD_CLI)" = ON ]; then # it finds the library beside it
    [ "$(installed/bin/cmreload --version)" = "cmreload $version" ] || fail "the installed tool does not run"
fi
! grep -rqF -e "$source_dir" -e "$build_dir" "$lib/cmake" "$pc" || fail "a path of the build is in the package files"

# ---- build and run the outside project ----------------------------------------------------------

# checks PROGRAM shared|static: what it prints, and that it links the library the way it was told to
check() {
    program=$1 kind=$2
    output=$(LD_LIBRARY_PATH=$lib "$program") || fail "$program does not run"
    [ "$output" = "cmreload $version: lives 3, port 8080, size 7" ] || fail "$program printed: $output"
    needed=$(readelf -d "$program" | grep -c 'NEEDED.*libcmreload' || true)
    case $kind:$needed in
    shared:1 | static:0) echo "ok: $program" ;;
    *) fail "$program is not linked with the $kind library" ;;
    esac
}

for link in shared static cmreload; do
    run cmake -S "$consumer" -B "cmake-$link" -DLINK=$link -DCMAKE_PREFIX_PATH="$work/installed" \
        -DCMAKE_C_COMPILER="$cc" -DCMAKE_C_FLAGS="$flags" -DCMAKE_BUILD_TYPE=Debug
    run cmake --build "cmake-$link"
done
check ./cmake-shared/consumer shared
check ./cmake-static/consumer static
check ./cmake-cmreload/consumer shared

export PKG_CONFIG_PATH="$lib/pkgconfig"
[ "$(pkg-config --modversion cmreload)" = "$version" ] || fail "cmreload.pc: wrong version"
# shellcheck disable=SC2046,SC2086 # flags are lists of words
{
    run "$cc" $flags "$consumer/consumer.c" $(pkg-config --cflags --libs cmreload) -o pkg-config-shared
    run "$cc" $flags $(pkg-config --cflags cmreload) "$consumer/consumer.c" \
        -Wl,-Bstatic $(pkg-config --static --libs cmreload) -Wl,-Bdynamic -o pkg-config-static
}
check ./pkg-config-shared shared
check ./pkg-config-static static

# ---- what cannot be had is refused, by name -----------------------------------------------------

# refuses FOLDER TEXT [CMAKE-ARGUMENT...]: configuring fails and says TEXT
refuses() {
    folder=$1 text=$2
    shift 2
    ! cmake -S "$folder" -B refused -DCMAKE_PREFIX_PATH="$work/installed" "$@" >log 2>&1 ||
        fail "configured in spite of $text"
    grep -q "$text" log || fail "the refusal does not name $text"
    rm -r refused
    echo "ok: refused for want of $text"
}

mkdir later
cp "$consumer/consumer.c" later
sed 's/cmreload 0\.1/cmreload 0.99/' "$consumer/CMakeLists.txt" >later/CMakeLists.txt
refuses later '0\.99'
unset PKG_CONFIG_PATH
PKG_CONFIG_LIBDIR=/nonexistent refuses "$consumer" 'libyaml'
refuses "$consumer" 'iniparser' -DCMAKE_FIND_USE_CMAKE_SYSTEM_PATH=OFF
