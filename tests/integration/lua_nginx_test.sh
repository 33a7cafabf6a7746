#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The example of nginx with Lua, as its reader would run it, but for paths and the port: answers follow the volume, a
# callback's work too, in every worker; a bad generation changes nothing; and nginx ends without an alert. Then the same
# under load, through 1,000 swaps.
set -eu
tool=$1 source_dir=$2 build_dir=$3
example=$source_dir/examples/nginx-lua
binding=$build_dir/bindings/lua/luajit/cmreload.so

# Without nginx's module here, or in a process that nginx's module is not in, there is a message.
for missing in "$build_dir/ngx_http_cmreload_module.so" "$binding" /usr/lib/nginx/modules/ngx_http_lua_module.so; do
    [ -e "$missing" ] || {
        echo "SKIP: there is no ${missing##*/} (${missing%/*})"
        exit 77
    }
done
. "$source_dir/tests/support/nginx.sh"
nginx_begin

sed -e "s|modules/ngx_http_cmreload_module.so|$build_dir/ngx_http_cmreload_module.so|" \
    -e "s|load_module modules/|load_module /usr/lib/nginx/modules/|" -e "s|8099|$port|" -e "s|/etc/config|$work/config|" \
    -e "s|/usr/lib/lua/5.1/?.so|${binding%/*}/?.so|" -e "s|^error_log .*|daemon off; error_log $log notice;|" \
    -e "s|access_log off;|&$(for path in client_body proxy fastcgi uwsgi scgi; do printf ' %s_temp_path %s;' $path "$work/temp"; done)|" \
    "$example/nginx.conf" >"$work/nginx.conf"

# apply LINE...: app.yaml in the volume
apply() {
    printf '%s\n' "$@" >"$work/app.yaml"
    "$tool" apply "$work/config" --from-file="$work/app.yaml" >/dev/null
}

# all_say PATH TEXT: so do both workers, and so twenty new connections
all_say() {
    for all_try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        body "$1" | grep -qx "$2" || return 1
    done
}

apply 'greeting: good morning' 'banned: [mallory]'
nginx_run "$work/nginx.conf"
wait_for 'the first greeting' all_say '/?name=ada' 'good morning, ada'
all_say '/?name=mallory' '.*403 Forbidden.*' || fail "mallory is let in: $(body '/?name=mallory')"
apply 'greeting: good evening' 'banned: [ada, eve]'
wait_for 'the second greeting' all_say '/?name=mallory' 'good evening, mallory'
wait_for 'the new ban' all_say '/?name=ada' '.*403 Forbidden.*'
apply 'greeting: ['
wait_for 'the bad one' all_say /status 'generation 2, rejected 1'
all_say '/?name=bob' 'good evening, bob' || fail "a bad generation shows: $(body '/?name=bob')"
grep -q 'of those who are banned, 2 changed' "$log" || fail "no line of Lua's callback"
apply 'greeting: good night' 'banned: oops'
wait_for "a callback's error" grep -q 'app.yaml#banned: wanted a list, found a single value' "$log"
all_say '/?name=ada' '.*403 Forbidden.*' || fail "a callback that failed has changed something"
apply 'banned: [mallory]'
wait_for 'the third ban' all_say '/?name=ada' 'hello, ada'
apply 'greeting: good night'
wait_for 'the end of the ban' all_say '/?name=mallory' 'good night, mallory'
nginx_quit
no_alert
! grep 'no configuration' "$log" || fail "Lua did not find the reloader"
echo "ok: nginx and Lua"

# Under load, through 1,000 swaps of two files: what one request reads from its snapshot, also after it has slept, is
# of one generation.
nginx_conf "$work/nginx.conf" "worker_processes 2;
load_module /usr/lib/nginx/modules/ndk_http_module.so;
load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;" <<CONF
    cmreload_mount config $work/swapped;
    lua_package_cpath "${binding%/*}/?.so;;";
    access_log off;
    server {
        listen 127.0.0.1:$port;
        location / {
            content_by_lua_block {
                local snapshot = require("cmreload").nginx():snapshot()
                local a = snapshot:get("app.properties#a", "string", "none")
                ngx.sleep(0.005)
                local text = a .. " " .. snapshot:get("app.properties#b", "string", "none") .. " " ..
                    snapshot:get("other.properties#c", "string", "none")
                snapshot:close()
                ngx.header.content_length = #text
                ngx.print(text)
            }
        }
    }
CONF
"$writer" "$work/swapped" 0 0 0 notice
nginx_run "$work/nginx.conf"
"$client" load "$port" / 4 0 >"$work/load" 2>&1 &
load=$!
"$writer" "$work/swapped" 1 1000 4000 notice
wait_for 'the last generation' all_say / '1000 1000 1000'
kill -TERM "$load"
wait "$load" || fail "answers were wrong: $(cat "$work/load")"
load=''
cat "$work/load"
grep -q ' broken 0,' "$work/load" || fail "requests were not answered"
[ "$(sed 's/.*generations //' "$work/load")" -ge 100 ] || fail "hardly any generation was seen"
nginx_quit
no_alert
echo "ok: nginx and Lua under load"
