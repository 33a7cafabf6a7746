#!/bin/sh
# SPDX-License-Identifier: MIT
#
# How nginx starts with the module: what runs in which process, what is served when nothing is mounted yet or what is
# mounted is bad, and which symbols the module brings into the process.
set -eu
tool=$1 source_dir=$2 build_dir=$3
. "$source_dir/tests/support/nginx.sh"
nginx_begin

# ---- symbols ------------------------------------------------------------------------------------

if command -v readelf >/dev/null && command -v nm >/dev/null; then
    readelf -d "$module" | grep -q 'NEEDED.*libcmreload\.so\.0' || fail "the module does not link the shared library"
    shown=$(nm -D --defined-only "$module" | awk '{ print $3 }' | sort | paste -sd ' ')
    [ "$shown" = 'cmr_nginx_reloader ngx_module_names ngx_module_order ngx_modules' ] || fail "the module shows: $shown"
    echo "ok: the shared library, and no symbol but four"
else
    echo "SKIP: symbols: no binutils"
fi

# ---- processes ----------------------------------------------------------------------------------

# conf ANSWER [DIRECTIVES]
conf() {
    nginx_conf "$work/nginx.conf" <<CONF
    cmreload_mount config $work/config;
    cmreload_set \$a app.properties#a "a default";
    cmreload_log_level log_level;
    proxy_cache_path $work/cache keys_zone=cache:1m;
    access_log off;
    $1
    server {
        listen 127.0.0.1:$port;
        location / { return 200 \$a; }
        location /status { cmreload_status; }
    }
CONF
}

# holds PID: its threads, and how many inotify instances it has
holds() {
    echo "$(ls "/proc/$1/task" | wc -l) $(find "/proc/$1/fd" -lname '*inotify*' 2>/dev/null | wc -l)"
}

conf ''
"$writer" "$work/config" 1 1 0 notice
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
    strace -f -o "$work/trace" nginx -p "$work" -c "$work/nginx.conf" -e "$log" -t 2>"$work/nginx.out" || fail "nginx -t"
    grep -q openat "$work/trace" || fail "strace has seen nothing"
    ! grep -E 'inotify_init|clone|fork|memfd_create|socketpair' "$work/trace" || fail "nginx -t does more than it ought"
    echo "ok: nginx -t starts nothing"
else
    echo "SKIP: nginx -t: no strace"
fi

nginx_run "$work/nginx.conf"
[ "$(holds "$master")" = '1 0' ] || fail "the master has threads and inotify instances: $(holds "$master")"
watching=0 helpers=0
for pid in $(workers); do
    name=$(tr '\0' ' ' <"/proc/$pid/cmdline")
    case $name in
    *cache*)
        helpers=$((helpers + 1))
        [ "$(holds "$pid")" = '1 0' ] || fail "$name has threads and inotify instances: $(holds "$pid")"
        ;;
    *) watching=$((watching + $(holds "$pid" | cut -d ' ' -f 2))) ;;
    esac
done
[ "$helpers" -ge 1 ] || fail "there is no helper process: $(workers)"
[ "$watching" -eq 1 ] || fail "of the workers $watching watch the mount"
echo "ok: one worker watches, and neither the master nor the cache's processes do"
nginx_quit

# ---- nothing is mounted yet ---------------------------------------------------------------------

mv "$work/config" "$work/later"
conf 'cmreload_timeout 300ms;'
nginx_run "$work/nginx.conf"
body_is / 'a default' || fail "nothing is mounted, and it answers: $(body /)"
grep -q '\[error\].*the defaults stand' "$log" || fail "the log does not say that nothing is mounted"
mv "$work/later" "$work/config"
wait_for 'the mount that comes later' body_is / 1
nginx_quit
echo "ok: without a mount the defaults are served, and it is followed when it comes"

# ---- what is mounted is bad at the start ----------------------------------------------------------

mkdir -m 777 "$work/state" # workers are nobody, if nginx is root's
conf "cmreload_state_dir $work/state;"
"$writer" "$work/config" 2 2 0 notice
nginx_run "$work/nginx.conf"
body_is / 2 || fail "$(body /)"
wait_for 'it is saved' "$tool" dump "$work/state/config" app.properties
nginx_quit
"$writer" "$work/config" 3 3 0 loud
nginx_run "$work/nginx.conf"
body_is / 2 || fail "the last good generation is not started with: $(body /)"
body /status | grep -q last_good || fail "the status does not say so: $(body /status)"
nginx_quit
conf ''
nginx_run "$work/nginx.conf"
body_is / 'a default' || fail "without a state_dir it answers: $(body /)"
"$writer" "$work/config" 4 4 0 notice
wait_for 'what is good' body_is / 4
nginx_quit
no_alert
echo "ok: a bad generation at the start: the last good one that was saved, or the defaults"
