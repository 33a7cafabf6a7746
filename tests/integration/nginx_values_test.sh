#!/bin/sh
# SPDX-License-Identifier: MIT
#
# nginx's module: keys as variables, wherever nginx takes variables; the status; a bad generation; what is wrong with
# directives, and with what is mounted, as `nginx -t` tells it.
set -eu
tool=$1 source_dir=$2 build_dir=$3
. "$source_dir/tests/support/nginx.sh"
nginx_begin
upstream=$("$client" port)

# apply [KEY=VALUE...]: the volume has these properties
apply() {
    printf '%s\n' "$@" >"$work/app.properties"
    "$tool" apply "$work/config" --from-file="$work/app.properties" >/dev/null
}

nginx_conf "$work/nginx.conf" <<CONF
    cmreload_mount app $work/config check=60s;
    cmreload_mount extra extra optional keep_bad_files limit_file=64k format=*.list:properties;
    cmreload_set \$color app.properties#color;
    cmreload_set \$backend app.properties#backend 127.0.0.1:$upstream;
    cmreload_set \$speed app.properties#speed 0;
    cmreload_set \$logged app.properties#logged 1;
    cmreload_set \$blocked app.properties#blocked 0;
    cmreload_set \$absent app.properties#absent;
    cmreload_set \$defaulted app.properties#absent "a default";
    cmreload_set \$more extra:more.list#more none;
    cmreload_set \$kept extra:kept.json#kept;
    cmreload_set \$map extra:kept.json#map "a map";
    cmreload_set \$whole app.properties;
    cmreload_timeout 2s;
    map \$color \$mapped { red warm; blue cold; default unknown; }
    log_format short '\$uri \$color';
    access_log $work/access.log short if=\$logged;
    server {
        listen 127.0.0.1:$port;
        root $work;
        set \$limit_rate \$speed;
        location / { return 200 "\$color \$mapped [\$absent] \$defaulted \$more"; }
        location /if { if (\$blocked) { return 403; } return 200 open; }
        location /proxy { proxy_pass http://\$backend; }
        location /limited { return 200 \$limit_rate; }
        location /redirected { set \$before \$color; rewrite ^ /target; }
        location /target { internal; return 200 "\$before \$color"; }
        location /extra { return 200 "\$more \$kept \$map"; }
        location /whole { return 200 \$whole; }
        location /status { cmreload_status; }
        location /metrics { cmreload_status prometheus; }
    }
    server { listen 127.0.0.1:$upstream; location / { return 200 "upstream of \$color"; } }
CONF

# ---- variables --------------------------------------------------------------------------------

apply color=red
nginx_run "$work/nginx.conf"
body_is / 'red warm [] a default none' || fail "values: $(body /)"
body_is /if open || fail "if: $(body /if)"
body_is /proxy/x 'upstream of red' || fail "proxy_pass: $(body /proxy/x)"
body_is /limited 0 || fail "limit_rate: $(body /limited)"
body_is /redirected 'red red' || fail "internal redirects: $(body /redirected)"
body_is /whole 'color=red' || fail "a whole file: $(body /whole)"
wait_for 'a line of the access log' grep -q '^/if red$' "$work/access.log"
echo "ok: variables in return, map, if, proxy_pass, limit_rate, log_format and access_log"

# Both workers have it: each answers from its own values, so all of ten new connections do.
settled() {
    for settled_try in 1 2 3 4 5 6 7 8 9 10; do
        body_is "$1" "$2" || return 1
    done
}

apply color=blue blocked=1 logged=0 speed=100k absent=here
wait_for 'the change' settled / 'blue cold [here] here none'
lines=$(wc -l <"$work/access.log")
head_of /if | grep -q '^HTTP/1.1 403 ' || fail "if, changed: $(head_of /if)"
body_is /limited 102400 || fail "limit_rate, changed: $(body /limited)"
[ "$(wc -l <"$work/access.log")" -eq "$lines" ] || fail "access_log if= has not followed"
apply backend=127.0.0.1:1
wait_for 'keys are gone' settled / ' unknown [] a default none'
head_of /proxy/x | grep -q '^HTTP/1.1 502 ' || fail "proxy_pass, changed: $(head_of /proxy/x)"
"$tool" apply "$work/extra" --from-literal=more.list=more=much >/dev/null
wait_for 'the optional mount' settled / ' unknown [] a default much'
echo "ok: changes, keys that come and go, an optional mount that comes"

# ---- options of a mount -------------------------------------------------------------------------

# extra MORE KEPT.JSON: the other mount has these
extra() {
    "$tool" apply "$work/extra" --from-literal=more.list="more=$1" --from-literal=kept.json="$2" >/dev/null
}

extra less '{"kept": 7, "map": {"a": 1}}'
wait_for 'a file by a format rule' settled /extra 'less 7 a map'
grep -q '\[warn\].*extra:kept.json#map.*default stands' "$log" || fail "the log does not warn of a map"
extra least '{"kept": '
wait_for 'what goes with a bad file' settled /extra 'least 7 a map'
head -c 70000 /dev/zero | tr '\0' x >"$work/large"
"$tool" apply "$work/extra" --merge --from-file="$work/large" >/dev/null
wait_for 'a file over the limit' grep -q '\[error\].*large.*65536\|\[error\].*large.*64' "$log"
settled /extra 'least 7 a map' || fail "a file over the limit: $(body /extra)"
extra much '{}'
wait_for 'the optional mount' settled / ' unknown [] a default much'
echo "ok: a relative path, format, keep_bad_files, limit_file"

# ---- status, and a bad generation ---------------------------------------------------------------

head_of /status | grep -qx 'Content-Type: application/json' || fail "$(head_of /status)"
head_of /status | grep -qx 'Cache-Control: no-store' || fail "$(head_of /status)"
head_of /metrics | grep -qx 'Content-Type: text/plain; version=0.0.4; charset=utf-8' || fail "$(head_of /metrics)"
head_of /status HEAD | grep -q '^HTTP/1.1 200 ' || fail "HEAD: $(head_of /status HEAD)"
head_of /status POST | grep -q '^HTTP/1.1 405 ' || fail "POST: $(head_of /status POST)"
body /status | python3 -c 'import json, sys; json.load(sys.stdin)["cmreload"]' || fail "no JSON: $(body /status)"
body /metrics | grep -q "^nginx_cmreload_.*worker=\"[0-9]" || fail "no metrics: $(body /metrics)"

apply color=green
wait_for green settled / 'green unknown [] a default much'
printf 'color=\\u12' >"$work/app.properties"
"$tool" apply "$work/config" --from-file="$work/app.properties" >/dev/null
told() {
    body /status | grep -q 'app.properties' && grep -q '\[error\].*app.properties:1:7' "$log"
}
wait_for 'what is wrong, in status and log' told
settled / 'green unknown [] a default much' || fail "the last good generation did not stay: $(body /)"
echo "ok: status as JSON and for Prometheus, and what is wrong with a bad generation"

# ---- nginx -t -----------------------------------------------------------------------------------

# checks WORDS: nginx -t says them; its status is that of the last command
try() {
    nginx -p "$work" -c "$work/try.conf" -e "$work/try.log" -t >"$work/tried" 2>&1
}

try_is_bad() { # DIRECTIVES WORDS
    echo "$1" | nginx_conf "$work/try.conf"
    ! try || fail "accepted: $1"
    grep -qF -- "$2" "$work/tried" || fail "$1: wanted '$2' in: $(cat "$work/tried")"
    grep -qE '\[emerg\].*try.conf:[0-9]+$' "$work/tried" || fail "no place: $(cat "$work/tried")"
}

cp "$work/nginx.conf" "$work/try.conf"
try || fail "nginx -t is not good: $(cat "$work/tried")"
grep -q '\[warn\].*app.properties:1:7' "$work/tried" || fail "nginx -t does not warn of bad contents: $(cat "$work/tried")"
mount="cmreload_mount app $work/config"
try_is_bad "$mount; cmreload_set \$x app.properties#;" 'invalid key "app.properties#"'
try_is_bad "$mount; cmreload_set x app.properties#x;" 'invalid variable name "x"'
try_is_bad "$mount; cmreload_set \$x othr:x;" 'no cmreload_mount for the key "othr:x"'
try_is_bad "cmreload_set \$x x;" 'no cmreload_mount for the key "x"'
try_is_bad "$mount secret;" '"app" cannot be secret'
try_is_bad "$mount; $mount;" 'duplicate name "app"'
try_is_bad "$mount format=*.x:toml;" 'format'
try_is_bad "$mount format=yaml;" 'wanted format=GLOB:FORMAT, found "format=yaml"'
try_is_bad "$mount limit_file=2g;" 'limit'
try_is_bad "$mount check=soon;" 'invalid parameter "check=soon"'
try_is_bad "$mount optinal;" 'invalid parameter "optinal"'
try_is_bad "$mount; cmreload_log_level level default=loud;" 'wanted default=LEVEL, found "default=loud"'
try_is_bad "$mount; server { location / { cmreload_status xml; } }" 'wanted json or prometheus, found "xml"'
echo "cmreload_mount app $work/nothing;" | nginx_conf "$work/try.conf"
try || fail "nginx -t fails for a mount that is absent"
grep -q '\[warn\].*nothing' "$work/tried" || fail "nginx -t does not warn of a mount that is absent: $(cat "$work/tried")"
echo "ok: nginx -t"

nginx_quit
no_alert
echo "ok: no alert"
