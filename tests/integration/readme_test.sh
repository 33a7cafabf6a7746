#!/bin/sh
# SPDX-License-Identifier: MIT
#
# README's example in C, as it stands there: it compiles without a warning, prints its struct, prints it anew when the volume
# changes, and stays with it when the volume is bad.
set -eu
tool=$1 source_dir=$2 build_dir=$3
. "$source_dir/tests/support/script.sh"

work_begin
cd "$work"

# The first C program of the page, and no more than a page shows.
awk '/^```c$/ { inside = 1; next } /^```$/ && inside { exit } inside' "$source_dir/README.md" >readme.c
grep -q 'int main' readme.c || fail 'README has no program in C'
[ "$(wc -l <readme.c)" -le 32 ] || fail "README's program has $(wc -l <readme.c) lines"

cc=$(cached CMAKE_C_COMPILER)
sanitize=$(cached CMRELOAD_SANITIZE)
# What it prints comes at once, as on a terminal.
echo '#include <stdio.h>
__attribute__((constructor)) static void line_by_line(void) { setvbuf(stdout, NULL, _IOLBF, 0); }' >lines.c
"$cc" -std=c11 -Wall -Wextra -Werror ${sanitize:+-fsanitize=$sanitize} -I "$source_dir/include" readme.c lines.c -o readme \
    -L "$build_dir" -lcmreload -Wl,-rpath,"$build_dir"

# volume LINE...: app.yaml with these settings of its server
volume() {
    echo 'server:' >app.yaml
    printf '  %s\n' "$@" >>app.yaml
    "$tool" apply config --from-file=app.yaml >applied
}

volume 'host: one.example'
./readme config >out 2>&1 &
running=$!
prints '^one.example:80, 30000 ms$'
volume 'host: one.example' 'port: 8080' 'timeout: 2m'
prints '^one.example:8080, 120000 ms$'
volume 'host: two.example' 'port: 80a'
prints 'app.yaml:3:3: .*wanted int64'
! grep 'two.example' out || fail 'it took what it refused'
volume 'host: two.example' 'port: 81'
prints '^two.example:81, 30000 ms$'
kill "$running"
wait "$running" || true
running=
! grep -E 'Sanitizer|runtime error' out || fail 'a sanitizer reports an error'

# Without a configuration that fits it does not start.
volume 'port: 80'
if ./readme config >out 2>&1; then fail 'it starts without its host'; fi
grep -q 'app.yaml:1:1: .*required' out || fail 'it does not say what is missing'
echo "ok: $(wc -l <readme.c) lines"
