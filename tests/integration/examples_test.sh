#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Runs each example as its reader would: against a volume that `cmreload apply` writes and then changes
# under it. An example without a check here is a failure.
set -eu
tool=$1 source_dir=$2 build_dir=$3
. "$source_dir/tests/support/script.sh"
examples=$build_dir/examples

[ -d "$examples" ] || skip "this build has no examples (CMRELOAD_EXAMPLES)"
work_begin
cd "$work"

# volume KEY=VALUE...: writes the volume with these game.properties, ui.properties and log_level
volume() {
    rm -rf files
    mkdir files
    printf '%s\n' "$level" >files/log_level
    printf '%s\n' "$@" >files/game.properties
    printf '%s\n' color.good=purple color.bad=yellow allow.textmode=true how.nice.to.look=fairlyNice >files/ui.properties
    "$tool" apply config --from-file=files >/dev/null
}

# follow [ARGUMENT...]: starts the example on the volume
follow() {
    "$examples/$name" config "$@" >out 2>&1 &
    running=$!
}

# Ends it; what a sanitizer has to say must not be missed.
end() {
    kill "$running"
    wait "$running" && status=0 || status=$?
    running=
    [ "$status" -eq 0 ] || [ "$status" -eq 143 ] || fail "$name ended with $status"
    ! grep -E 'Sanitizer|runtime error' out || fail "$name: a sanitizer reports an error"
    echo "ok: $name"
}

check_first() {
    volume enemies=aliens lives=3
    follow 'game.properties#lives'
    prints '^game.properties#lives is now 3$'
    volume enemies=aliens lives=5
    prints '^game.properties#lives is now 5$'
    volume enemies=aliens lives=many
    prints 'game\.properties:2:1: .*wanted int64'
    volume enemies=aliens
    prints '^game.properties#lives is gone$'
    end
}

check_loglevel() {
    volume lives=3
    follow
    prints '^info .*all is well'
    ! grep '^debug' out || fail "loglevel: it logs more than its level"
    level=DEBUG
    volume lives=3
    prints '^debug .*begins'
    level=loud
    volume lives=3
    prints 'log_level:1:1: .*wanted log_level'
    end
}

check_game() {
    volume lives=3 enemies.cheat=true
    follow
    prints '^game.properties#lives (int64): 3$'
    prints '^log_level (log_level): info$'
    prints '^ui.properties#how.nice.to.look (enum): fairlyNice (number 1)$'
    volume lives=5 enemies.cheat=off
    prints '^game.properties#lives (int64): 3 -> 5$'
    prints '^game.properties#enemies.cheat (bool): true -> false$'
    volume lives=5 enemies.cheat=maybe
    prints '^refused a bad generation; playing on with generation 2$'
    end
}

# nginx [SED-EXPRESSION...]: writes the volume with examples/nginx.conf, edited so
nginx() {
    rm -rf files
    mkdir files
    sed -e '' "$@" "$source_dir/examples/nginx.conf" >files/nginx.conf
    "$tool" apply config --from-file=files >/dev/null
}

# refuses MESSAGE SED-EXPRESSION...: the example says so of the file that is edited so
refuses() {
    message=$1
    shift
    nginx "$@"
    prints "^refused: nginx.conf:$message"
}

check_nginx_conf() {
    nginx
    follow
    prints '^nginx.conf#events.worker_connections: 1024$'
    prints '^nginx.conf#http.keepalive_timeout: 65.000 s$'
    prints '^nginx.conf#error_log\[0\].level: warn$'
    prints '^nginx.conf#http.upstream.app.server\[2\].address: unix:/run/app.sock$'
    prints '^nginx.conf#http.server\[1\].server_name: example.com www.example.com$'
    nginx -e 's/1024/4096/' -e 's/65s/1m30s/' -e 's/log warn;/log debug;/' -e '/10.0.0.2/d'
    prints '^nginx.conf#events.worker_connections: 1024 -> 4096$'
    prints '^nginx.conf#http.keepalive_timeout: 65.000 s -> 90.000 s$'
    prints '^nginx.conf#error_log\[0\].level: warn -> debug$'
    prints '^nginx.conf#http.upstream.app.server\[1\].address: 10.0.0.2:8080 -> unix:/run/app.sock$'
    prints '^nginx.conf#http.upstream.app.server\[2\].address: unix:/run/app.sock -> gone$'
    refuses '10:1: unexpected "}": the directive "multi_accept" on line 9 is not terminated by ";"$' -e 's/accept on;/accept on/'
    refuses '8:5: wanted int64, found the string "many"' -e 's/1024/many/'
    refuses '12:1: the block "http" that begins here is not closed by "}"$' -e '$d'
    refuses '69:1: unexpected "}": no block is open$' -e '$a }'
    refuses '65:24: the quoted text that begins here does not end$' -e 's/"ok.*/"ok\\";/'
    refuses '65:30: no blank behind a quoted text$' -e 's/"ok.*/"ok\\""x;/'
    refuses '8:5: unexpected ";"$' -e 's/worker_connections 1024//'
    refuses '5:1: duplicate key "pid": it already stands on line 4$' -e '4i pid x;'
    nginx
    prints '^nginx.conf#events.worker_connections: 4096 -> 1024$'
    end
}

# Reads once, and ends.
check_settings() {
    printf 'server:\n  port: 8080\n  upstreams: [{host: a.example}, {host: b.example, port: 81}]\n' >app.yaml
    "$tool" apply config --from-file=app.yaml >/dev/null
    "$examples/settings" config >out 2>&1 || fail "settings: it ended with $?"
    grep -qx 'port 8080, 4 workers, log level info, timeout 30000 ms' out || fail 'settings: not these settings'
    grep -qx 'upstream b.example:81' out || fail 'settings: not these upstreams'
    printf 'server:\n  prot: 8080\n' >app.yaml
    "$tool" apply config --from-file=app.yaml >/dev/null
    if "$examples/settings" config >out 2>&1; then fail 'settings: it takes settings that do not fit'; fi
    grep -qx 'app.yaml:1:1: app.yaml#server.port: is required, and missing' out || fail 'settings: not told what is wrong'
    grep -qx 'app.yaml:2:3: app.yaml#server.prot: unknown key; did you mean port?' out || fail 'settings: no hint'
    "$examples/settings" --schema >schema.json
    if "$tool" check config --schema schema.json 2>checked; then fail 'settings: the tool takes them'; fi
    grep -v '^settings: ' out | cmp -s - checked || fail "settings: the tool says otherwise: $(cat checked)"
    echo 'ok: settings'
}

# settings [LINE...]: writes the volume with these settings of a server
settings() {
    rm -rf files
    mkdir files
    echo 'server:' >files/app.yaml
    printf '  %s\n' "$@" >>files/app.yaml
    "$tool" apply config --from-file=files >/dev/null
}

# client LINE...: runs clients of the server: python, with connect(), ask(client, text), hears(client) and end(client...)
client() {
    python3 - "$port" "$@" <<'END' || fail "server: the client is not content"
import socket, sys
def connect():
    return socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=30)
def end(*clients):
    for client in clients:
        client.shutdown(socket.SHUT_WR)
        assert hears(client) == "" # the server has noticed
def hears(client):
    return client.recv(4096).decode()
def ask(client, text):
    client.sendall(text.encode())
    heard = ""
    while len(heard) < len(text):
        more = hears(client)
        if not more:
            break
        heard += more
    return heard
for line in sys.argv[2:]:
    exec(line)
END
}

# The limit of connections, a thread's log level and the peers change while it serves; what does not fit is refused.
check_server() {
    settings 'port: 0' 'threads: 3' 'connections: 1' 'idle: 60s' 'peers: [{network: 127.0.0.0/8}]'
    "$examples/server" config state >out 2>&1 &
    running=$!
    prints '^notice: listening on port'
    port=$(sed -n 's/^notice: listening on port //p' out)
    client 'a = connect()' 'assert ask(a, "hello\n") == "hello\n"' 'b = connect()' \
        'assert hears(b) == "too many connections\n"' 'assert ask(a, "x" * 3000) == "x" * 3000' 'end(a)'
    settings 'port: 0' 'threads: 3' 'connections: 2' 'idle: 60s' 'log_level: debug' 'peers: [{network: 127.0.0.0/8}]'
    prints '^notice: generation 2: at most 2 connections'
    client 'a, b = connect(), connect()' 'assert ask(a, "1") == "1" and ask(b, "2") == "2"' \
        'c = connect()' 'assert hears(c) == "too many connections\n"' 'end(a, b)'
    prints '^debug: connection .*: closed$'
    settings 'connections: 2000000000'
    prints 'app.yaml:2:3: .*2000000000, but this process may open'
    settings 'connections: two'
    prints 'app.yaml:2:3: .*wanted'
    client 'a = connect()' 'assert ask(a, "still here") == "still here"' 'end(a)'
    settings 'port: 0' 'threads: 5' 'connections: 2' 'idle: 200ms' 'log_level: debug'
    prints 'app.yaml:3:3: .*takes effect at a restart'
    prints '^notice: generation 3: at most 2 connections, 0 peers'
    client 'a = connect()' 'assert ask(a, "1") == "1"' 'assert hears(a) == ""' # it was idle
    prints '^debug: connection .*: idle$'
    settings 'port: 0' 'threads: 3' 'connections: 2' 'peers: [{network: 10.0.0.0/8}]'
    prints '^notice: generation 4: at most 2 connections, 1 peers'
    client 'assert hears(connect()) == "not a peer\n"'
    end

    settings 'port: many' # and at the next start the last good one is taken
    "$examples/server" config state >out 2>&1 &
    running=$!
    prints 'started with the last good generation'
    prints '^notice: listening on port'
    end
}

# greeting WORD [LINE...]: writes the volume of the prefork server, in which greeting and colour belong together
greeting() {
    rm -rf files
    mkdir files
    printf 'greeting: %s\ncolour: %s\n' "$1" "$1" >files/app.yaml
    shift
    [ "$#" -eq 0 ] || printf '%s\n' "$@" >>files/app.yaml
    "$tool" apply config --from-file=files >/dev/null
}

# browser LINE...: runs clients of the prefork server: python, with fetch(path), await_all(count, word) and ask(client, text)
browser() {
    python3 - "$port" "$@" <<'END' || fail "prefork: the client is not content"
import json, os, signal, socket, sys, time
address = "127.0.0.1", int(sys.argv[1])
def end_of(client):
    heard = b""
    while more := client.recv(4096):
        heard += more
    return heard.decode().partition("\r\n\r\n")[2]
def fetch(path, times=1): # all at once, so that more than one worker has to do
    clients = [socket.create_connection(address, timeout=30) for i in range(times)]
    for client in clients:
        client.sendall(b"GET %s HTTP/1.0\r\n\r\n" % path.encode())
    return [end_of(client) for client in clients]
def await_all(count, word, gone=None):
    """Until so many workers serve the word, but for the one that is gone. Their generations, by process."""
    serving, until = {}, time.monotonic() + 30
    while len(serving) < count:
        assert time.monotonic() < until, ("these serve it:", serving)
        for text in fetch("/", 16):
            greeting, *rest = text.splitlines()
            answer = dict(line.split(": ") for line in rest)
            assert answer["colour"] == greeting and answer["worker"] != gone, text
            if greeting == word:
                serving[int(answer["worker"])] = int(answer["generation"])
    print(word, serving)
    assert len(set(serving.values())) == 1 # it is the share's number
    return serving
def ask(client, text):
    client.sendall(text)
    heard = b""
    while b"\r\n\r\n" not in heard or len(heard.split(b"\r\n\r\n", 1)[1]) < int(heard.split(b"Content-Length: ")[1].split()[0]):
        more = client.recv(4096)
        assert more, heard
        heard += more
    return heard.decode()
exec("\n".join(sys.argv[2:]))
END
}

# No worker of the prefork server is left; each has said that it ends, or was killed.
is_over() {
    for process in $(sed -n 's/^worker \([0-9]*\): .*/\1/p' out | sort -u); do
        tries=0
        while kill -0 "$process" 2>/dev/null; do
            tries=$((tries + 1))
            [ "$tries" -le 300 ] || fail "prefork: the worker $process is left"
            sleep 0.1
        done
    done
}

# All workers serve each generation; one that is killed is replaced by one that serves the current generation, though
# what is mounted is bad by then; whoever has begun to ask gets an answer when the server ends, and no process is left.
check_prefork() {
    greeting one
    "$examples/prefork" config 0 3 >out 2>&1 &
    running=$!
    prints '^prefork: listening on port'
    port=$(sed -n 's/^prefork: listening on port //p' out)
    browser 'assert set(await_all(3, "one").values()) == {1}'
    greeting two 'log_level: debug'
    browser 'await_all(3, "two")' 'status = json.loads(fetch("/status")[0])' 'assert status["generation"] >= 2, status'
    prints 'debug: GET /status$'
    greeting three 'log_level: loud' # no generation
    prints 'app.yaml:3:1: .*wanted log_level'
    browser 'worker = min(await_all(3, "two"))' 'os.kill(worker, signal.SIGKILL)' 'print(worker, file=open("killed", "w"))'
    prints 'was killed by signal 9$'
    browser "await_all(3, 'two', '$(cat killed)')"
    kill -HUP "$running"
    greeting four
    browser 'await_all(3, "four")' 'a = socket.create_connection(address)' \
        'assert "405" in ask(a, b"POST / HTTP/1.1\r\n\r\n")' 'assert a.recv(1) == b""' \
        'a = socket.create_connection(address)' 'assert "404" in ask(a, b"GET /x HTTP/1.1\r\n\r\n")' \
        'b = socket.create_connection(address)' 'b.sendall(b"GET / HTT")' 'time.sleep(0.2)' \
        "os.kill($running, signal.SIGTERM)" 'assert a.recv(1) == b""' \
        'assert "four" in ask(b, b"P/1.1\r\n\r\n")' 'assert b.recv(1) == b""'
    wait "$running" && status=0 || status=$?
    running=
    [ "$status" -eq 0 ] || fail "prefork ended with $status"
    ! grep -E 'Sanitizer|runtime error' out || fail 'prefork: a sanitizer reports an error'
    is_over

    "$examples/prefork" config 0 2 >out 2>&1 & # a master that is killed takes its workers along
    running=$!
    tries=0
    until [ "$(grep -c 'generation 1 applied' out)" -eq 2 ]; do # both are there
        tries=$((tries + 1))
        [ "$tries" -le 300 ] || fail 'prefork: its two workers do not come'
        sleep 0.1
    done
    kill -9 "$running"
    wait "$running" 2>/dev/null || true
    running=
    tries=0
    until [ "$(grep -c 'notice: ends$' out)" -eq 2 ]; do
        tries=$((tries + 1))
        [ "$tries" -le 300 ] || fail 'prefork: the workers of a killed master do not end'
        sleep 0.1
    done
    is_over
    echo 'ok: prefork'
}

check_levels() {
    volume lives=3
    follow
    prints '^variable: info: all is well'
    prints 'syslog: info: all is well'
    ! grep -E 'debug|begins' out || fail "levels: it logs more than its level"
    level=DEBUG
    volume lives=3
    prints '^variable: debug: a turn begins'
    prints 'syslog: debug: turn .* begins'
    if pkg-config --exists log4c; then
        prints 'INFO .*log4c: all is well'
        prints 'DEBUG .*log4c: turn .* begins'
    else
        echo 'SKIP: log4c in levels: no liblog4c'
    fi
    level=error
    volume lives=3
    prints 'generation 3 applied'
    sleep 0.5 # what was said before has come out
    was=$(grep -cE 'all is well|begins' out)
    sleep 0.5
    [ "$was" -eq "$(grep -cE 'all is well|begins' out)" ] || fail 'levels: it logs more than error'
    level=loud
    volume lives=3
    prints 'log_level:1:1: .*wanted log_level'
    # LeakSanitizer would tell of what log4c_fini leaves.
    end
}

# greet NAME: a line of the daemon's input
greet() {
    echo "$1" >&9
}

check_lua_host() {
    [ -x "$examples/lua-host" ] || {
        echo 'SKIP: lua-host: this build has no Lua'
        return
    }
    echo 'greeting: good morning' >app.yaml
    "$tool" apply config --from-file=app.yaml >/dev/null
    mkfifo names
    : >out
    "$examples/lua-host" config "$source_dir/examples/lua-host.lua" <names >out 2>&1 &
    running=$!
    exec 9>names
    prints '^info: serving$'
    greet ada
    prints '^answer: good morning, ada$'
    echo 'greeting: oops' >app.yaml
    "$tool" apply config --from-file=app.yaml >/dev/null
    prints 'error: .*lua-host.lua:[0-9]*: I do not greet like that'
    greet bob
    prints '^answer: oops, bob$'
    echo 'greeting: a very long good morning to' >app.yaml
    "$tool" apply config --from-file=app.yaml >/dev/null
    prints '^error: app.yaml:1: lua-host.lua: a greeting has at most 20 bytes$'
    echo 'greeting: good evening' >app.yaml
    "$tool" apply config --from-file=app.yaml >/dev/null
    prints '^info: the greeting is now: good evening$'
    greet cleo
    prints '^answer: good evening, cleo$'
    end
    exec 9>&-
}

for example in "$source_dir"/examples/*.c; do
    [ -e "$example" ] || continue
    name=$(basename "$example" .c)
    check=check_$(echo "$name" | tr - _)
    command -v "$check" >/dev/null || {
        echo "FAILED: examples/$name.c has no check here"
        exit 1
    }
    level=INFO
    rm -rf config
    "$check"
done
