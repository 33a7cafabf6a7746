#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Lua in nginx: ngx.var reads the module's variables, the same generation as all of the request, also after it has
# slept; and a Lua library finds the worker's reloader by the module's one symbol.
set -eu
tool=$1 source_dir=$2 build_dir=$3
. "$source_dir/tests/support/nginx.sh"
for lua_module in ndk_http_module ngx_http_lua_module; do
    [ -e "/usr/lib/nginx/modules/$lua_module.so" ] || skip "no libnginx-mod-http-lua"
done
nginx_begin

nginx_conf "$work/nginx.conf" 'worker_processes 2;
load_module /usr/lib/nginx/modules/ndk_http_module.so;
load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;' <<CONF
    cmreload_mount config $work/config;
    cmreload_set \$a app.properties#a;
    cmreload_set \$b app.properties#b;
    cmreload_set \$c other.properties#c;
    access_log off;
    server {
        listen 127.0.0.1:$port;
        location / { return 200 "\$a \$b \$c"; }
        location /lua {
            content_by_lua_block {
                local a = ngx.var.a
                ngx.sleep(0.02)
                local location = ngx.location.capture("/")
                local text = a .. " " .. ngx.var.c .. " " .. location.body
                ngx.header.content_length = #text
                ngx.print(text)
            }
        }
        location /ffi {
            content_by_lua_block {
                local ffi = require("ffi")
                ffi.cdef[[
                    typedef struct cmr_reloader cmr_reloader;
                    typedef struct cmr_snapshot cmr_snapshot;
                    cmr_reloader *cmr_nginx_reloader(void);
                    cmr_snapshot *cmr_reloader_ref_snapshot(cmr_reloader *reloader);
                    void cmr_snapshot_unref(cmr_snapshot *snapshot);
                    const char *cmr_get_string_or(const cmr_snapshot *snapshot, const char *key, const char *otherwise);
                ]]
                local snapshot = ffi.gc(ffi.C.cmr_reloader_ref_snapshot(ffi.C.cmr_nginx_reloader()), ffi.C.cmr_snapshot_unref)
                local text = ffi.string(ffi.C.cmr_get_string_or(snapshot, "app.properties#a", "none"))
                ngx.header.content_length = #text
                ngx.print(text)
            }
        }
    }
CONF

"$writer" "$work/config" 1 1 0 notice
nginx_run "$work/nginx.conf"
body_is /lua '1 1 1 1 1' || fail "ngx.var: $(body /lua)"
body_is /ffi 1 || fail "the reloader's symbol: $(body /ffi)"
"$client" load "$port" /lua 4 0 >"$work/load" 2>&1 &
load=$!
"$writer" "$work/config" 2 200 5000 notice
kill -TERM "$load"
wait "$load" || fail "answers were wrong: $(cat "$work/load")"
load=''
cat "$work/load"
wait_for 'the last generation' body_is /ffi 200
nginx_quit
no_alert
echo "ok: Lua reads one generation a request"
