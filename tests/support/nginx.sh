# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# What the tests of nginx's module share; sourced with $tool, $source_dir and $build_dir set. Each has a nginx of its
# own in a temporary folder, on a free port of the loopback, and ends it by its process id.

skip() {
    echo "SKIP: $*"
    exit 77
}

fail() {
    echo "FAILED: $*"
    for nginx_shown in conf log out; do
        [ ! -s "$work/nginx.$nginx_shown" ] || tail -n 30 "$work/nginx.$nginx_shown" | sed "s/^/    $nginx_shown: /"
    done
    exit 1
}

nginx_tidy() {
    # A master that is killed leaves its workers; one that is told to end takes them along, even those that it starts now.
    [ -z "${master:-}" ] || kill -TERM "$master" 2>/dev/null || true
    nginx_tries=0
    while [ -n "${master:-}" ] && is_alive "$master" && [ "$nginx_tries" -lt 50 ]; do
        nginx_tries=$((nginx_tries + 1))
        sleep 0.1
    done
    for nginx_pid in ${load:-} ${swapping:-} ${master:-} ${master:+$(pgrep -P "$master")}; do
        kill -KILL "$nginx_pid" 2>/dev/null || true
    done
    rm -rf "$work"
}

# Makes $work, $module, $client, $writer and $port, or skips.
nginx_begin() {
    build_dir=$(cd "$build_dir" && pwd)
    module=$build_dir/ngx_http_cmreload_module.so
    client=$build_dir/tests/integration/nginx_client
    writer=$build_dir/tests/integration/nginx_writer
    [ -z "$(sed -n 's/^CMRELOAD_SANITIZE:[A-Z]*=//p' "$build_dir/CMakeCache.txt")" ] ||
        skip "a build with sanitizers: nginx is none"
    command -v nginx >/dev/null || skip "no nginx"
    [ -e "$module" ] || skip "the module is not built: no nginx-dev"
    work=$(mktemp -d "${TMPDIR:-/tmp}/nginx-XXXXXXXX") # nginx's configure takes .S in a path for a source's ending
    master='' load=''
    trap nginx_tidy EXIT
    trap 'exit 1' HUP INT TERM
    chmod 755 "$work" # workers may be nobody's
    port=$("$client" port)
    log=$work/nginx.log
}

# nginx_conf FILE [MAIN]: what is given on standard input is in its http block; MAIN, before it, replaces two workers
nginx_conf() {
    {
        echo "load_module $module;"
        echo "daemon ${daemon:-off}; pid $work/pid; error_log $log ${level:-notice};"
        echo "${2-worker_processes 2;}"
        echo "events { worker_connections 128; }"
        echo "http {"
        for nginx_path in client_body proxy fastcgi uwsgi scgi; do
            echo "    ${nginx_path}_temp_path $work/temp;"
        done
        cat
        echo "}"
    } >"$1"
}

# nginx_run CONF [COMMAND...]: starts it, perhaps by a command, as $master, and waits until it answers. With
# daemon=on it is nobody's child, without which it refuses to start a new binary, for which it needs its own path
nginx_run() {
    nginx_file=$1
    shift
    "$@" "$(command -v nginx)" -p "$work" -c "$nginx_file" -e "$log" >"$work/nginx.out" 2>&1 &
    master=$!
    if [ "${daemon:-off}" = on ]; then
        wait "$master" || fail "nginx does not start"
        master=''
        wait_for 'the file of its process id' test -s "$work/pid"
        master=$(cat "$work/pid")
    fi
    wait_for 'nginx answers' "$client" get "$port" /
}

# is_alive PID: and no zombie, which an orphan may stay if process 1 takes no care of it
is_alive() {
    grep -q '^State:[[:space:]]*[^ZX]' "/proc/$1/status" 2>/dev/null
}

# wait_for WHAT COMMAND...: until the command succeeds, for half a minute
wait_for() {
    nginx_what=$1 nginx_tries=0
    shift
    until "$@" >/dev/null 2>&1; do
        nginx_tries=$((nginx_tries + 1))
        [ "$nginx_tries" -le 600 ] || fail "within 30 seconds there was not: $nginx_what"
        [ -z "$master" ] || is_alive "$master" || fail "nginx has ended before: $nginx_what"
        sleep 0.05
    done
}

# body PATH: of the answer; head PATH: before it
body() {
    "$client" get "$port" "$@" | sed '1,/^\r$/d'
}

head_of() {
    "$client" get "$port" "$@" | sed '/^\r$/,$d' | tr -d '\r'
}

# body_is PATH TEXT
body_is() {
    [ "$(body "$1")" = "$2" ]
}

workers() {
    pgrep -P "$master" | sort | paste -sd ' '
}

# The signal is given again: one that comes just before nginx waits is seen when something else wakes it.
nginx_quit() {
    nginx_tries=0
    while is_alive "$master"; do
        kill -QUIT "$master" 2>/dev/null || true
        nginx_tries=$((nginx_tries + 1))
        [ "$nginx_tries" -le 300 ] || fail "nginx does not quit"
        sleep 0.1
    done
    wait "$master" 2>/dev/null || true
    master=''
}

# no_alert [PATTERN]: nothing in the log that ought never to be; lines that match are expected
no_alert() {
    ! grep -E '\[(alert|emerg)\]' "$log" | grep -vE -- "${1:-^$}" || fail "the log has alerts"
}
