#!/bin/sh
# SPDX-License-Identifier: MIT
#
# nginx with the module under valgrind, as one process: loads, changes, a bad generation, requests that hold old values,
# and the end make no error and leave nothing. What a nginx without the module does is
# suppressed, by what the same valgrind says of it: whether something is still reachable at the end, or lost, is chance
# there, and so does not count.
set -eu
tool=$1 source_dir=$2 build_dir=$3
. "$source_dir/tests/support/nginx.sh"
command -v valgrind >/dev/null || skip "no valgrind"
nginx_begin

# conf FILE DIRECTIVES ANSWER
conf() {
    nginx_conf "$1" 'master_process off;' <<CONF
    $2
    access_log off;
    server {
        listen 127.0.0.1:$port;
        location / { return 200 "$3"; }
        location /status { ${4:-return 200 ok}; }
    }
CONF
}

# ---- nginx alone --------------------------------------------------------------------------------

conf "$work/plain.conf" '' plain
sed -i '/^load_module/d' "$work/plain.conf"
nginx_run "$work/plain.conf" valgrind --leak-check=full --show-leak-kinds=all --num-callers=20 \
    --gen-suppressions=all --log-file="$work/plain"
body_is / plain
body_is /status ok
nginx_quit
sed -n '/^{$/,/^}$/p' "$work/plain" | sed '/match-leak-kinds/d' >"$work/suppressions"
echo "$(grep -c '^{$' "$work/suppressions" || true) findings in nginx alone"

# ---- with the module ----------------------------------------------------------------------------

conf "$work/nginx.conf" "cmreload_mount config $work/config;
    cmreload_set \$a app.properties#a; cmreload_set \$b app.properties#b; cmreload_set \$c other.properties#c none;
    cmreload_log_level log_level default=warn; cmreload_state_dir $work/state;" '$a $b $c' 'cmreload_status'
"$writer" "$work/config" 1 1 0 notice
nginx_run "$work/nginx.conf" valgrind --error-exitcode=99 --leak-check=full --show-leak-kinds=definite,possible \
    --num-callers=20 --suppressions="$work/suppressions" --log-file="$work/found"
body_is / '1 1 1' || fail "$(body /)"
"$client" load "$port" / 2 20000 >"$work/load" &
load=$!
"$writer" "$work/config" 2 20 20000 info
wait_for 'generation 20' body_is / '20 20 20'
"$writer" "$work/config" 21 21 0 loud
wait_for 'a refusal' grep -q 'wanted log_level, found the string "loud"' "$log"
"$writer" "$work/config" 22 22 0 crit
wait_for 'generation 22' body_is / '22 22 22'
body /status | grep -q '"generation"' || fail "no status: $(body /status)"
kill -TERM "$load"
wait "$load" || fail "answers were wrong: $(cat "$work/load")"
load=''
kill -0 "$master" || fail "it has ended"
nginx_quit
grep -q 'ERROR SUMMARY: 0 errors' "$work/found" || {
    cat "$work/found"
    fail "valgrind has found errors"
}
no_alert
echo "ok: no error, and nothing is left"
