#!/bin/sh
# SPDX-License-Identifier: MIT
#
# nginx's module as others get it: installed by CMake it finds the installed library, wherever the prefix is; and nginx's
# own ./configure --add-dynamic-module builds it with the installed library.
set -eu
tool=$1 source_dir=$2 build_dir=$3
. "$source_dir/tests/support/nginx.sh"
nginx_begin

run() {
    "$@" >"$work/nginx.out" 2>&1 || fail "$*"
}

try() {
    printf 'events {}\nhttp { cmreload_mount c %s optional; cmreload_set $x x; }\n' "$work/config" >"$work/directives"
    { echo "load_module $1;" && cat "$work/directives"; } >"$work/nginx.conf"
    run nginx -p "$work" -c "$work/nginx.conf" -e "$log" -g "pid $work/pid;" -t
}

run cmake --install "$build_dir" --prefix "$work/prefix"
run cmake --install "$build_dir" --prefix "$work/prefix" --component nginx
try "$work/prefix/lib/nginx/modules/ngx_http_cmreload_module.so"
echo "ok: installed by CMake"

nginx_source=$(sed -n 's/^CMRELOAD_NGINX_SOURCE:[A-Z]*=//p' "$build_dir/CMakeCache.txt")
PKG_CONFIG_PATH=$(dirname "$(find "$work/prefix" -name cmreload.pc)")
export PKG_CONFIG_PATH
(
    cd "$nginx_source"
    run bash -c '. ./conf_flags && ./configure "${NGX_CONF_FLAGS[@]}" --add-dynamic-module="$1" --builddir="$2"' \
        configure "$source_dir/bindings/nginx" "$work/objs"
    run make -f "$work/objs/Makefile" modules
) || exit 1
LD_LIBRARY_PATH=$(dirname "$PKG_CONFIG_PATH")
export LD_LIBRARY_PATH
try "$work/objs/ngx_http_cmreload_module.so"
echo "ok: built by nginx's own configure"
