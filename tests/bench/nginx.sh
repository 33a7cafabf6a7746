#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What nginx's module costs a request: sh tests/bench/nginx.sh BUILD [ROW...]
#
# Prints a Markdown table of callgrind's instructions per request, of a release build: nginx without the module and the
# answer's five texts written into nginx.conf, the same with five `set` variables, and with five of cmreload_set. The
# rows are an ordinary request (with the headers of a browser), that is passed on to a server behind and logged, with five headers added to its answer;
# a small file; and the least that nginx can do, a `return`. Last comes what of it runs in the module itself.
# Instructions per request are those of 3,000 requests over those of 1,000, so that nginx's start does not count.
# Then requests per second, if wrk is there, beside the same nginx twice: what differs there is noise.
set -eu
build_dir=${1:?usage: sh tests/bench/nginx.sh BUILD [ROW...]}
source_dir=$(cd "$(dirname "$0")/../.." && pwd)
tool=$build_dir/cmreload
shift
. "$source_dir/tests/support/nginx.sh"
command -v valgrind >/dev/null || skip "no valgrind"
nginx_begin
behind=$("$client" port)

printf '%s\n' a=alpha b=bravo c=charlie d=delta e=echo >"$work/app.properties"
"$tool" apply "$work/config" --from-file="$work/app.properties" >/dev/null
mkdir "$work/files"
head -c 1024 /dev/zero | tr '\0' x >"$work/files/index.html"

# ---- the server behind, a nginx that is not looked at --------------------------------------------

nginx_conf "$work/behind.conf" 'master_process off;' <<CONF
    access_log off;
    server { listen 127.0.0.1:$behind; root $work/files; }
CONF
sed -i "/^load_module/d; s|pid $work/pid|pid $work/behind.pid|" "$work/behind.conf"
nginx -p "$work" -c "$work/behind.conf" -e "$log" &
swapping=$! # so that it is ended with the others

# ---- configurations -------------------------------------------------------------------------------

# values KIND: what stands before the locations
values() {
    case $1 in
    literal) ;;
    set) echo 'set $a alpha; set $b bravo; set $c charlie; set $d delta; set $e echo;' ;;
    module) ;;
    esac
}

# texts KIND: the five of them
texts() {
    case $1 in
    literal) echo alpha bravo charlie delta echo ;;
    *) echo '$a $b $c $d $e' ;;
    esac
}

# headers KIND
headers() {
    # shellcheck disable=SC2046 # five words
    printf 'add_header X-Config %s; ' $(texts "$1")
}

# location ROW KIND
location() {
    case $1 in
    proxied) echo "access_log $work/access.log; proxy_pass http://127.0.0.1:$behind; $(headers "$2")" ;;
    file) echo "access_log $work/access.log; root $work/files; $(headers "$2")" ;;
    return) echo "return 200 \"$(texts "$2")\n\";" ;;
    esac
}

# configure ROW KIND
configure() {
    {
        if [ "$2" = module ]; then
            echo "cmreload_mount config $work/config;"
            for name in a b c d e; do
                echo "cmreload_set \$$name app.properties#$name;"
            done
        fi
        echo "access_log off; keepalive_requests 1000000;"
        echo "server { listen 127.0.0.1:$port; $(values "$2") location / { $(location "$1" "$2") } }"
    } | nginx_conf "$work/nginx.conf" "master_process ${master_process:-off};"
    [ "$2" = module ] || sed -i '/^load_module/d' "$work/nginx.conf"
}

# ---- instructions ---------------------------------------------------------------------------------

# profile REQUESTS: of all that nginx does, into $work/profile
profile() {
    rm -f "$work/profile"
    nginx_run "$work/nginx.conf" valgrind --tool=callgrind --callgrind-out-file="$work/profile"
    "$client" count "$port" / "$1" || fail "not answered"
    nginx_quit
}

total() {
    sed -n 's/^\(summary\|totals\): //p' "$work/profile" | head -n 1
}

# own: the instructions of functions of the module, without what they call
own() {
    callgrind_annotate --auto=no --threshold=100 "$work/profile" |
        awk '/ngx_http_cmreload_module\.so/ { gsub(/,/, "", $1); sum += $1 } END { print sum + 0 }'
}

# measure ROW KIND: $instructions, and of these $in_module, of one request
measure() {
    configure "$1" "$2"
    profile 1000
    before=$(total) before_own=$(own)
    profile 3000
    instructions=$((($(total) - before) / 2000)) in_module=$((($(own) - before_own) / 2000))
}

echo '| request | texts in nginx.conf | five `set` | five `cmreload_set` | to texts | to `set` | in the module itself |'
echo '|---|---:|---:|---:|---:|---:|---:|'
for row in ${*:-proxied file return}; do
    line="$row"
    for kind in literal set module; do
        measure "$row" "$kind"
        line="$line $instructions"
    done
    echo "$line $in_module" |
        awk '{ printf "| %s | %d | %d | %d | %.3f | %.3f | %d |\n", $1, $2, $3, $4, $4 / $2, $4 / $3, $5 }'
done

# ---- requests per second -------------------------------------------------------------------------

command -v wrk >/dev/null || exit 0
[ $# -eq 0 ] || exit 0


printf '\n| return | requests per second |\n|---|---:|\n'
master_process=on
for kind in literal literal module module; do
    configure return "$kind"
    nginx_run "$work/nginx.conf"
    wrk -t1 -c16 -d2s "http://127.0.0.1:$port/" |
        awk -v kind="$kind" '/^Requests.sec/ { printf "| %s | %d |\n", kind, $2 }'
    nginx_quit
done
