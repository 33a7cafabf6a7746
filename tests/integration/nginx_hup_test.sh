#!/bin/sh
# SPDX-License-Identifier: MIT
#
# nginx's own reloads (HUP), a worker that is killed, all of them killed while what is mounted is bad, and a new binary
# (USR2), under load and swaps: every request is answered but those of the killed, generations go on, and no alert, no
# descriptor and no process is left.
set -eu
tool=$1 source_dir=$2 build_dir=$3
. "$source_dir/tests/support/nginx.sh"
nginx_begin
reloads=50 daemon=on

nginx_conf "$work/nginx.conf" <<CONF
    cmreload_mount config $work/config;
    cmreload_set \$a app.properties#a;
    cmreload_set \$b app.properties#b;
    cmreload_set \$c other.properties#c;
    cmreload_log_level log_level;
    access_log off;
    server {
        listen 127.0.0.1:$port;
        location / { return 200 "\$a \$b \$c"; }
        location /status { cmreload_status; }
    }
CONF

descriptors() {
    ls "/proc/$master/fd" | wc -l
}

# new_workers OLD: two, and none of them is of the old
new_workers() {
    set -- "$1" $(workers)
    [ $# -eq 3 ] || return 1
    case " $1 " in *" $2 "* | *" $3 "*) return 1 ;; esac
}

generation() {
    body /status | tr ',{' '\n' | sed -n 's/^"generation"://p' | head -n 1
}

"$writer" "$work/config" 0 0 0 notice
nginx_run "$work/nginx.conf"
wait_for 'two workers' new_workers ''
before=$(descriptors)
"$client" load "$port" / 4 2000 close >"$work/load" 2>&1 &
load=$!
"$writer" "$work/config" 1 100000 5000 notice &
swapping=$!

# ---- HUP, and a worker that is killed in between ------------------------------------------------

number=0
while [ "$number" -lt "$reloads" ]; do
    number=$((number + 1))
    old=$(workers)
    last=$(generation)
    kill -HUP "$master"
    wait_for "new workers after HUP $number" new_workers "$old"
    now=$(generation)
    [ "$now" -ge "$last" ] || fail "after HUP $number generation $now follows $last"
    if [ $((number % 20)) -eq 10 ]; then
        kill -KILL "${old##* }" 2>/dev/null || true
        old=$(workers)
        killed="${killed:-}${killed:+|}${old%% *}"
        kill -KILL "${old%% *}"
        wait_for 'a worker for the one that was killed' sh -c "[ \"\$(pgrep -P $master | wc -l)\" -eq 2 ]"
    fi
done
kill "$swapping"
wait "$swapping" || true
swapping=''
kill -TERM "$load"
wait "$load" || fail "answers were wrong: $(cat "$work/load")"
load=''
cat "$work/load"
broken=$(sed 's/.*broken \([0-9]*\).*/\1/' "$work/load")
[ "$broken" -le 8 ] || fail "$broken requests were not answered, and two workers were killed"
[ "$(descriptors)" -eq "$before" ] || fail "the master has $(descriptors) descriptors, and had $before"
echo "ok: $reloads reloads, with two workers killed"

# ---- other mounts: what the workers shared is freed -----------------------------------------------

old=$(workers)
sed -i "s|^    cmreload_mount .*|&\n    cmreload_mount more $work/more optional;|" "$work/nginx.conf"
kill -HUP "$master"
wait_for 'new workers after a change of mounts' new_workers "$old"
[ "$(descriptors)" -eq "$before" ] || fail "the master has $(descriptors) descriptors, and had $before"
echo "ok: other mounts"

# ---- all workers are killed, and what is mounted is bad -----------------------------------------

"$writer" "$work/config" 7 7 0 notice
wait_for 'generation 7' body_is / '7 7 7'
"$writer" "$work/config" 8 8 0 loud
wait_for 'the refusal' grep -q '\[error\].*log_level:1:1.*loud' "$log"
old=$(workers)
# shellcheck disable=SC2086 # two of them
kill -KILL $old
killed="$killed|$(echo "$old" | tr ' ' '|')"
wait_for 'new workers' new_workers "$old"
wait_for 'an answer' body /
body_is / '7 7 7' || fail "the last good generation is lost: $(body /)"
echo "ok: the last good generation outlives all workers"

# ---- USR2 ---------------------------------------------------------------------------------------

"$writer" "$work/config" 9 9 0 notice
wait_for 'generation 9' body_is / '9 9 9'
kill -USR2 "$master"
wait_for 'a new binary' sh -c "[ -s '$work/pid.oldbin' ] && [ -s '$work/pid' ] && [ \"\$(pgrep -P \$(cat '$work/pid') | wc -l)\" -eq 2 ]"
"$client" load "$port" / 4 2000 close >"$work/load" 2>&1 &
load=$!
nginx_quit
master=$(cat "$work/pid")
"$writer" "$work/config" 10 10 0 notice
wait_for 'generation 10' body_is / '10 10 10'
kill -TERM "$load"
wait "$load" || fail "answers were wrong: $(cat "$work/load")"
load=''
grep -q ' broken 0,' "$work/load" || fail "requests were not answered: $(cat "$work/load")"
last=$(workers)
nginx_quit
for pid in $last; do
    ! is_alive "$pid" || fail "process $pid is left"
done
no_alert "worker process ($killed) exited on signal 9"
echo "ok: a new binary goes on; no alert, and no process is left"
