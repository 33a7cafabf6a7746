#!/bin/sh
# SPDX-License-Identifier: MIT
#
# nginx as Kubernetes' handbook configures it: nginx.conf lies in a ConfigMap volume, and beside it what the module
# follows. Under load the level of the error log changes, and three keys of two files, 1,000 times: every request is
# answered, no answer mixes two generations, lines of each level come and stop, and the workers are the same.
set -eu
tool=$1 source_dir=$2 build_dir=$3
. "$source_dir/tests/support/nginx.sh"
nginx_begin

nginx_conf "$work/nginx.conf" <<CONF
    cmreload_mount config $work/config;
    cmreload_set \$a app.properties#a none;
    cmreload_set \$b app.properties#b none;
    cmreload_set \$c other.properties#c none;
    cmreload_log_level log_level;
    access_log off;
    keepalive_requests 1000000;
    server {
        listen 127.0.0.1:$port reuseport;
        error_log $log notice; # a chain of two, and another one in a location: all of them are set
        error_log $work/second.log error;
        location / { return 200 "\$a \$b \$c \$pid"; }
        location /missing { root $work; error_log $log error; }
    }
CONF

# swap FIRST LAST [LEVEL]
swap() {
    "$writer" "$work/config" "$1" "$2" 3000 "${3:-warn}" "$work/nginx.conf"
}

# all_have N: both workers, as they answer on new connections
all_have() {
    seen=
    for all_try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        answer=$(body /)
        case $answer in
        "$1 $1 $1 "*) seen="$seen ${answer##* }" ;;
        *) return 1 ;;
        esac
    done
    [ "$(echo "$seen" | tr ' ' '\n' | grep . | sort -u | wc -l)" -eq 2 ]
}

# A file that is missing is an error; a connection that is closed after its answer is worth an info.
provoke() {
    for provoke_try in 1 2 3 4; do
        body /missing >/dev/null
        "$client" count "$port" / 2 || fail "a request was not answered"
    done
}

# came LEVEL, is_still LEVEL: whether there are lines of it, of nginx's own, when they are provoked
came() {
    mark=$(($(wc -c <"$log") + 1))
    provoke
    tail -c "+$mark" "$log" | grep -v ': cmreload: ' | grep "\[$1\]"
}

is_still() {
    ! came "$1"
}

# phase LEVEL FIRST LAST "LEVELS THAT COME" "LEVELS THAT DO NOT": they do before, and after, many swaps
phase() {
    swap "$2" "$2" "$1"
    wait_for "generation $2 in both workers" all_have "$2"
    for phase_time in before after; do
        for phase_level in $4; do
            wait_for "$phase_level at $1, $phase_time" came "$phase_level"
        done
        for phase_level in $5; do
            wait_for "no $phase_level at $1, $phase_time" is_still "$phase_level"
        done
        [ $phase_time = after ] || swap "$(($2 + 1))" "$3" "$1"
    done
    echo "ok: $1: lines of ${4:-none}, and not of ${5:-any}"
}

swap 0 0
nginx_run "$work/config/nginx.conf"
before=$(workers)
"$client" load "$port" / 6 8000 >"$work/load" 2>&1 &
load=$!

phase warn 1 250 error 'notice info debug'
phase info 251 500 'error info' debug
phase debug 501 750 'error info debug' ''
grep -q '\[debug\].* accept: ' "$log" || fail "the log of a listening socket has not followed"
grep -q '\[debug\].* http process request line' "$work/second.log" || fail "the second of two logs has not followed"
phase crit 751 1000 '' 'error notice info debug'
wait_for 'the last generation' all_have 1000

"$tool" apply "$work/config" --from-file="$work/nginx.conf" >/dev/null
wait_for 'the configured level' came error
wait_for 'the configured level' is_still info
echo "ok: without the key the configured level is back"

kill -TERM "$load"
wait "$load" || fail "answers were wrong: $(cat "$work/load")"
load=''
cat "$work/load"
grep -q ' broken 0,' "$work/load" || fail "requests were not answered"
[ "$(sed 's/.*generations //' "$work/load")" -ge 100 ] || fail "hardly any generation was seen"
[ "$(workers)" = "$before" ] || fail "other workers: $(workers), once $before"
nginx_quit
no_alert
echo "ok: every request was answered, by one generation, and the workers are the same"
