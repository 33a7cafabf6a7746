#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The command line tool, from outside: cli_test.sh TOOL
#
# The volumes are written by `cmreload apply` and looked at by the other commands; manifests come from
# kubectl where it is installed. Nothing here asserts a time: a check waits for the line that it wants,
# and that nothing happened is shown by a marker, a change that comes after it and arrives alone.
# CMRELOAD_TEST_WRAPPER (valgrind ...) is put before every call of the tool.
set -u
. "$(dirname "$0")/../support/checks.sh"

tool=$1
wrapper=${CMRELOAD_TEST_WRAPPER:-}
work=$(mktemp -d "${TMPDIR:-/tmp}/cmreload-cli.XXXXXX") || exit 1
watcher=
failures=0
checks=0
export KUBECONFIG=/dev/null HOME="$work"

finish() {
    [ -z "$watcher" ] || kill "$watcher" 2>/dev/null
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM
cd "$work" || exit 1

# ---- helpers --------------------------------------------------------------------------------------

# exits NAME STATUS ARGUMENT...: runs the tool; its output is in ./out and ./err.
exits() {
    name=$1 wanted=$2
    shift 2
    cmreload "$@" >out 2>err </dev/null
    found=$?
    if [ "$found" = "$wanted" ]; then ok "$name"; else
        not_ok "$name" "cmreload $*" "wanted status $wanted, found $found" "$(cat out err)"
    fi
}

# prints NAME WANTED ARGUMENT...: exits with 0, and stdout is WANTED.
prints() {
    name=$1 wanted=$2
    shift 2
    found=$(cmreload "$@" 2>err </dev/null)
    status=$?
    if [ "$status" = 0 ] && [ "$found" = "$wanted" ]; then ok "$name"; else
        not_ok "$name" "cmreload $*" "status $status, wanted: $wanted" "found: $found" "$(cat err)"
    fi
}

# has NAME FILE TEXT: a line of the file holds the text.
has() {
    if grep -qF -- "$3" "$2"; then ok "$1"; else not_ok "$1" "wanted in $2: $3" "$(cat "$2")"; fi
}

# await FILE TEXT: waits for a line that holds the text.
await() {
    tries=0
    until grep -qF -- "$2" "$1" 2>/dev/null; do
        tries=$((tries + 1))
        if [ $tries -gt 300 ] || { [ -n "$watcher" ] && ! kill -0 "$watcher" 2>/dev/null; }; then
            grep -qF -- "$2" "$1" && return 0
            echo "# no line with $2 in:"
            sed 's/^/# /' "$1"
            return 1
        fi
        sleep 0.1
    done
}

# follow ARGUMENT...: starts a watch, its output in ./watched, and waits until it is ready.
follow() {
    : >watched
    # shellcheck disable=SC2086
    $wrapper "$tool" watch "$@" >watched 2>watch-err </dev/null &
    watcher=$!
    await watched ready
}

# followed NAME WANTED: ends it; without its first line (ready) it had printed WANTED. In a container the
# temporary folder is an overlay's, and that is told before.
followed() {
    kill "$watcher"
    wait "$watcher"
    ended=$?
    watcher=
    found=$(sed '/overlay sends no events/d' watched | sed 1d)
    if [ $ended != 0 ]; then
        not_ok "$1" "SIGTERM: wanted status 0, found $ended" "$(cat watch-err)"
    else
        is "$1" "$2" "$found"
    fi
}

put() {
    cmreload apply "$@" >put-out 2>&1 || not_ok "apply $*" "$(cat put-out)"
}

# ---- the handbook's data --------------------------------------------------------------------------

mkdir handbook
cat >handbook/game.properties <<'END'
enemies=aliens
lives=3
enemies.cheat=true
enemies.cheat.level=noGoodRotten
secret.code.passphrase=UUDDLRLRBABAS
secret.code.allowed=true
secret.code.lives=30
END
cat >handbook/ui.properties <<'END'
color.good=purple
color.bad=yellow
allow.textmode=true
how.nice.to.look=fairlyNice
END
mkdir handbook/subfolder
echo ignored >handbook/subfolder/file

exits 'apply from a folder' 0 apply game --from-file=handbook
has 'apply says what it wrote' out 'written ..2'
# shellcheck disable=SC2010
is 'the keys are the files of the folder' "$(printf '..data\ngame.properties\nui.properties')" \
    "$(ls -A game | grep -v '^\.\.[0-9]' | LC_ALL=C sort)"
prints 'lives is an int64' 3 get game 'game.properties#lives' --type int64
prints 'enemies.cheat holds a value' true get game 'game.properties#enemies.cheat' --type bool
prints 'and begins another key' noGoodRotten get game 'game.properties#enemies.cheat.level'
prints 'ui.properties' fairlyNice get game 'ui.properties#how.nice.to.look' --type string
prints 'dump prints a line for each key' "$(cat <<'END'
game.properties#enemies	string	aliens	game.properties:1
game.properties#lives	string	3	game.properties:2
game.properties#enemies.cheat	string	true	game.properties:3
game.properties#enemies.cheat.level	string	noGoodRotten	game.properties:4
game.properties#secret.code.passphrase	string	UUDDLRLRBABAS	game.properties:5
game.properties#secret.code.allowed	string	true	game.properties:6
game.properties#secret.code.lives	string	30	game.properties:7
ui.properties#color.good	string	purple	ui.properties:1
ui.properties#color.bad	string	yellow	ui.properties:2
ui.properties#allow.textmode	string	true	ui.properties:3
ui.properties#how.nice.to.look	string	fairlyNice	ui.properties:4
END
)" dump game

follow game --json
sed -i 's/^lives=3/lives=5/' handbook/game.properties
put game --from-file=handbook
await watched '"applied"'
hash=$(cmreload hash game)
followed 'lives becomes 5: one change and its applied' "$(cat <<END
{"v":1,"event":"modified","mount":"game","generation":2,"key":"game.properties#lives","type":"string","old":"3","new":"5"}
{"v":1,"event":"applied","generation":2,"changes":1,"hash":"$hash"}
END
)"

follow game --json
LC_ALL=C sort handbook/game.properties >sorted && mv sorted handbook/game.properties
put game --from-file=handbook
has 'a re-ordered file is a new generation' put-out written
printf '# a comment\n\n' | cat - handbook/ui.properties >commented && mv commented handbook/ui.properties
put game --from-file=handbook
has 'a comment is a new generation' put-out written
put game --from-literal=marker=here --merge
await watched '"applied"'
followed 're-ordered and commented files: nothing, only the marker' \
    "$(grep -e '"added".*"key":"marker"' -e '"applied".*"changes":1' watched)"
is 'the marker is one line' 1 "$(grep -c '"added"' watched)"

follow game --json --debounce 4s
sed -i 's/^lives=5/lives=7/' handbook/game.properties
put game --from-file=handbook --from-literal=marker=here
sed -i 's/^lives=7/lives=5/' handbook/game.properties
put game --from-file=handbook --from-literal=marker=here
put game --from-file=handbook --from-literal=marker=there
await watched '"applied"'
followed 'A to B to A within the debounce: nothing, only the marker' \
    "$(grep -e '"modified".*"key":"marker".*"old":"here","new":"there"' -e '"applied".*"changes":1' watched)"
is 'one batch of one change' '1 1' "$(grep -c '"modified"' watched) $(grep -c '"applied"' watched)"

put special --from-literal=special.how=very --from-literal=special.type=charm
prints 'a literal' very get special special.how
put item --from-literal=special.how=very --from-literal=special.type=charm --item special.how=path/to/special-key
prints 'an item under a path' very get item path/to/special-key
is 'and its file' very "$(cat item/path/to/special-key)"
is 'the link is that of the folder' ..data/path "$(readlink item/path)"
fails 'only listed keys are there' 1 'no such key' get item special.type

printf 'property.1=value-1\nproperty.2=value-2\nproperty.3=value-3\n' >example.property.file
put names --from-file=example.property.file --from-file=game-special-key=handbook/game.properties
prints 'properties under another name' value-2 get names 'example.property.file#property.2' \
    --format example.property.file=properties
prints 'and without an ending' 5 get names 'game-special-key#lives' --type int64 \
    --format '*-key=properties' --format '*=text'
fails 'without --format it is text' 1 'no such key' get names 'game-special-key#lives'
follow names 'game-special-key#*' --format '*-special-*=properties'
printf 'lives=9\n' >nine
put names --from-file=game-special-key=nine --merge
await watched applied
followed 'watch takes --format too' "$(printf 'removed game-special-key#%s\n' 'enemies: aliens')
modified game-special-key#lives: 5 -> 9
applied generation 2, 2 changes"

put level --from-literal=log_level=INFO
follow level log_level --type log_level --json
put level --from-literal=log_level=DEBUG
await watched '"applied"'
is 'log_level INFO to DEBUG' \
    '{"v":1,"event":"modified","mount":"level","generation":2,"key":"log_level","type":"log_level","old":"info","new":"debug"}' \
    "$(grep '"modified"' watched)"
followed 'and nothing else' "$(grep -e '"modified"' -e '"applied"' watched)"

cat >nginx.conf <<'END'
user  nginx;
worker_processes  auto;
events {
    worker_connections  1024;
}
http {
    log_format main '$remote_addr - "$request" $status';
    server { listen 80; location / { root /usr/share/nginx/html; } }
}
END
put nginx --from-file=nginx.conf
cmreload get nginx nginx.conf --type bytes >got
if cmp -s got nginx.conf; then ok 'a whole nginx.conf as bytes'; else not_ok 'a whole nginx.conf as bytes'; fi
follow nginx --format 'nginx.conf=bytes' --json
printf '# \377\000\n' >>nginx.conf
put nginx --from-file=nginx.conf
await watched '"applied"'
is 'what is not UTF-8 comes as base64' "$(base64 -w0 nginx.conf)" \
    "$(sed -n 's/.*"type":"bytes".*"new":"\([^"]*\)","encoding":"base64"}$/\1/p' watched)"
followed 'one change' "$(grep -e '"key":"nginx.conf"' -e '"applied"' watched)"

# ---- manifests ------------------------------------------------------------------------------------

head -c 300 /dev/urandom >binary.bin
printf '\000\001\377' >>binary.bin
printf 'emoji \360\237\230\200 line\342\200\250separator "q" \\ud83d\n' >odd.txt
put folder --from-file=handbook --from-file=binary.bin --from-file=odd.txt --from-literal=empty= \
    --from-literal=yes=no --from-literal=number=0777

if command -v kubectl >/dev/null 2>&1 && kubectl create configmap x --dry-run=client -o yaml >/dev/null 2>&1; then
    for format in yaml json; do
        kubectl create configmap config --from-file=handbook --from-file=binary.bin --from-file=odd.txt \
            --from-literal=empty= --from-literal=yes=no --from-literal=number=0777 \
            --dry-run=client -o $format >config.$format
        exits "kubectl's -o $format goes through apply -f" 0 apply "from-$format" -f config.$format
        if diff -r folder/..data "from-$format/..data" >differences 2>&1; then
            ok "kubectl's -o $format gives the same files, binaryData included"
        else
            not_ok "kubectl's -o $format gives the same files, binaryData included" "$(cat differences)"
        fi
        prints "hash of kubectl's -o $format equals hash of the directory" "$(cmreload hash folder)" \
            hash config.$format
        is "also from standard input" "$(cmreload hash folder)" "$(cmreload hash - <config.$format)"
        prints 'and with --item' "$(cmreload hash folder --item number=a/b)" hash config.$format --item number=a/b
        is 'apply -f - is unchanged then' unchanged "$(cmreload apply folder -f - <config.$format)"
    done
    # Characters that YAML knows not, and with which kubectl cannot print YAML.
    printf 'del\177 c1\302\200 nel\302\205 nothing\357\277\277 bom\357\273\277\n' >odd.txt
    put odd --from-file=odd.txt
    kubectl create configmap config --from-file=odd.txt --dry-run=client -o json >odd.json
    prints 'all characters that JSON can hold' "$(cmreload hash odd)" hash odd.json
else
    echo 'SKIP: manifests as kubectl prints them: no kubectl here'
fi

cat >several.yaml <<'END'
# a comment, and a directive
%YAML 1.1
---
apiVersion: v1
kind: Secret
metadata:
  name: secret
data: [not, looked, at]
---
kind: ConfigMap
metadata: {name: first}
data:
  "yes": "1"
  game.properties: |
    lives=3
    # not a separator: --- within a line
  folded: >-
    one
    two
binaryData:
  bytes: |
    AAH/
    AAH/
--- # the second
kind: ConfigMap
metadata: {name: second}
data:
---
kind: List
items:
- kind: ConfigMap
  metadata: {name: third}
  data: {k: v}
- kind: Pod
  metadata: {name: third}
END
fails 'several ConfigMaps need --name' 2 'several.yaml holds 3 ConfigMaps' apply several -f several.yaml
fails 'a name that is none of theirs' 3 'no ConfigMap called secret' apply several -f several.yaml --name secret
exits 'the first of them' 0 apply several -f several.yaml --name first
prints 'its data' "$(printf 'game.properties#lives\tstring\t3\tgame.properties:1')" dump several game.properties
is 'a folded scalar' 'one two' "$(cat several/folded)"
is 'binaryData' 'AAH/AAH/' "$(base64 <several/bytes)"
exits 'the second, which is empty' 0 apply several -f several.yaml --name second
is 'leaves no key' '' "$(ls several)"
exits 'the third, in a List' 0 apply several -f several.yaml --name third
prints 'its key' v get several k

printf '{"kind":"ConfigMap","metadata":{"name":"j"},\n"data":{"\\u006bey":"a\\ud83d\\ude00\\u0001\\/\\\\ud83d","b":\n5}}' >one.json
fails 'JSON: lines of the file' 3 'one.json:2:51: data.b: ' apply json -f one.json
sed -i 's/^5/"5"/' one.json
exits 'JSON' 0 apply json -f one.json
is 'escapes and surrogate pairs' "$(printf 'a\360\237\230\200\001/\\ud83d')" "$(cat json/key)"

# What YAML 1.1 takes for something else than a string, as Kubernetes reads it.
{
    printf 'kind: Other\n---\nkind: ConfigMap\ndata:\n'
    number=0
    for scalar in y Y yes Yes YES n N no No NO on On ON off Off OFF true True TRUE false False FALSE \
        null Null NULL '~' '' .inf -.Inf +.INF .nan .NaN 0 7 -12 +12 0777 0o17 0x1F 0X1f 0b11 -0b1 1_000 \
        0x1_F 08 1.5 .5 -.5 5. 1e3 1.5e-3 99999999999999999999 18446744073709551615; do
        number=$((number + 1))
        echo "  k$number: $scalar"
    done
} >bad.yaml
cmreload apply bad -f bad.yaml >out 2>err
is 'values that are no strings: status' 3 $?
is 'all of them are told, with their lines' "$(sed -n 's/^  k\([0-9]*\): .*/\1/p' bad.yaml | awk '{ print 4 + $1 }')" \
    "$(sed -n 's/^bad.yaml:\([0-9]*\):3: data\.k[0-9]*: .*quote it$/\1/p' err)"
is 'and nothing is written' no "$([ -e bad ] && echo yes || echo no)"
{
    printf 'kind: ConfigMap\ndata:\n'
    number=0
    for scalar in '"y"' "'5'" text 2001-01-01 12:30 0x 0xg 0b2 0b 1e 1.2.3 +- . ._5 yES tRUE nULL 1e999 0xfffffffffffffffff \
        '"null"' '|-' -- 1-2 +.e; do
        number=$((number + 1))
        echo "  k$number: $scalar"
    done
} >good.yaml
exits 'values that are strings' 0 apply good -f good.yaml
is 'all of them' 24 "$(find good -type l -name "k*" | wc -l)"

printf 'kind: ConfigMap\ndata:\n  on: "1"\n  "off": "2"\n  080: "3"\n  80: "4"\n  1.50: "5"\n  1.5: "6"\n' >keys.yaml
cmreload apply keys -f keys.yaml >out 2>err
is 'keys that Kubernetes would rename' 'keys.yaml:3:3 keys.yaml:5:3 keys.yaml:7:3' "$(cut -d: -f1-3 err | tr '\n' ' ' | sed 's/ $//')"
printf 'kind: ConfigMap\ndata:\n  a:\n    b: c\n  d: [e]\n  f: {}\n  "g/h": ""\nbinaryData:\n  i: "%%"\n  a2: Zg\n' >wrong.yaml
cmreload apply wrong -f wrong.yaml >out 2>err
is 'maps, lists, bad keys, bad base64' "$(cat <<'END'
wrong.yaml:4:5: data.a: a map
wrong.yaml:5:7: data.d: a list
wrong.yaml:6:3: data.f: a map
wrong.yaml:7:3: data.g/h: the key holds
wrong.yaml:9:3: binaryData.i: not base64, from its character 1 on
wrong.yaml:10:3: binaryData.a2: not base64, from its character 1 on
END
)" "$(sed -e 's/\(a map\).*/\1/' -e 's/\(a list\).*/\1/' -e 's/\(key holds\).*/\1/' err)"
printf 'kind: ConfigMap\ndata: {a: b}\nbinaryData: {a: Yg==}\n' >twice.yaml
fails 'a key in data and binaryData' 3 'twice.yaml:3:14: binaryData.a: the key stands twice' apply twice -f twice.yaml
printf 'kind: Service\n---\nkind: ConfigMap\ndata: "text"\n' >section.yaml
fails 'data that is no map' 3 'section.yaml:4:1: data: wanted a map' apply section -f section.yaml
printf 'kind: Service\n---\n\nkind: ConfigMap\ndata: {a: [}\n' >syntax.yaml
fails 'broken YAML, with the line of the file' 3 'syntax.yaml:5:' apply syntax -f syntax.yaml
printf 'kind: Service\n' >none.yaml
fails 'no ConfigMap in it' 3 'none.yaml: no object of kind ConfigMap' apply none -f none.yaml
fails 'a manifest that is not there' 3 'absent.yaml: No such file' apply none -f absent.yaml

# ---- apply ----------------------------------------------------------------------------------------

exits 'the same contents again' 0 apply special --from-literal=special.type=charm --from-literal=special.how=very
is 'are unchanged' unchanged "$(cat out)"
put merged --from-literal=a=1 --from-literal=b=2
put merged --from-literal=b=3 --from-literal=c=4 --merge
is '--merge keeps the rest' '1 3 4' "$(cat merged/a) $(cat merged/b) $(cat merged/c)"
put merged --from-literal=c=5
is 'and without it they go' 'c' "$(ls merged)"
put merged --from-literal=x=6 --item x=dir/x --merge
is '--merge with --item' '5 6' "$(cat merged/c) $(cat merged/dir/x)"

fails 'no DIR' 2 usage: apply --from-literal=a=b
fails 'no contents' 2 usage: apply x
fails 'two kinds of contents' 2 usage: apply x --from-literal=a=b -f config.yaml
fails '--name without -f' 2 usage: apply x --from-literal=a=b --name n
fails 'a literal without =' 2 KEY=VALUE apply x --from-literal=a
fails 'a literal without a key' 2 KEY=VALUE apply x --from-literal==a
fails 'a bad key' 2 'not a valid key' apply x --from-literal=a/b=c
fails 'a key that begins with ..' 2 'not a valid key' apply x --from-literal=..a=c
fails 'the key .' 2 'not a valid key' apply x --from-literal=.=c
long=$(printf '%0254d' 0)
fails 'a key of 254 characters' 2 'not a valid key' apply x "--from-literal=$long=c"
exits 'a key of 253 characters' 0 apply long "--from-literal=${long#0}=c"
fails 'a key given twice' 2 'a is given twice' apply x --from-literal=a=b --from-literal=a=c
fails 'a file given twice' 2 'nginx.conf is given twice' apply x --from-file=nginx.conf --from-file=./nginx.conf
fails 'two = in --from-file' 2 "no other '='" apply x --from-file=a=b=c
fails 'a folder with a key' 2 'a folder has no key' apply x --from-file=a=handbook
fails 'a file that is not there' 3 'absent: No such file' apply x --from-file=absent
mkdir bad-names && : >'bad-names/a b'
fails 'a folder with a name that is no key' 3 'bad-names/a b: its name is not a valid key' apply x --from-file=bad-names
head -c 1048576 /dev/zero >full
exits '1 MiB' 0 apply full-volume --from-file=full
fails 'more than 1 MiB in all' 3 'at most 1048576' apply x --from-file=full --from-literal=a=b
fails 'also with --merge' 3 'at most 1048576' apply full-volume --from-literal=a=b --merge
printf x >>full
fails 'a file of more than 1 MiB' 3 'full: more than 1048576 bytes' apply x --from-file=full
for bad in /abs ../up a/../b ..dots '' .; do
    fails "an item path '$bad'" 2 '--item' apply x --from-literal=a=b --item "a=$bad"
done
fails 'an item whose key is not there' 3 'no such key' apply x --from-literal=a=b --item b=c
fails 'two items at one path' 2 'is taken' apply x --from-literal=a=b --from-literal=c=d --item a=p --item c=p/q
is 'none of these wrote anything' no "$([ -e x ] && echo yes || echo no)"
mkdir plain && : >plain/file
fails 'a DIR that is neither empty nor a volume' 3 'no ConfigMap volume' apply plain --from-literal=a=b
is 'is left as it was' file "$(ls -A plain)"
fails 'a DIR whose parent is not there' 3 'No such file' apply no/parent --from-literal=a=b
mkdir empty-dir
exits 'an empty DIR' 0 apply empty-dir --from-literal=a=b
fails 'an unknown step' 2 'no such step' apply x --from-literal=a=b --stop-after never

# ---- stops between steps --------------------------------------------------------------------------

for step in generation files tmp-link swap links unlink; do
    dir=stop-$step
    put "$dir" --from-literal=key=1 --from-literal=old=
    exits "--stop-after $step" 0 apply "$dir" --from-literal=key=2 --from-literal=new= --stop-after $step
    case $step in
    generation | files | tmp-link) key=1 ;;
    *) key=2 ;;
    esac
    prints "readers then see" $key get "$dir" key
    put "$dir" --from-literal=key=3 --from-literal=new=
    prints 'the next writer goes on' 3 get "$dir" key
    # Like the kubelet it leaves what a killed one left: orphan generations, dangling links.
    # shellcheck disable=SC2010
    names=$(ls -A "$dir" | grep -v '^\.\.[0-9]' | LC_ALL=C sort | tr '\n' ' ')
    case $step in
    swap | links) is 'names' '..data key new old ' "$names" ;;
    *) is 'names' '..data key new ' "$names" ;;
    esac
done

# ---- get ------------------------------------------------------------------------------------------

mkdir conf
cat >conf/app.yaml <<'END'
server:
  port: 0x1F90
  version: 1.10
  tls: true
  timeout: 90m
  memory: 1.5Ki
  ratio: 0.1
  big: 18446744073709551615
  nothing: ~
  list: [a, "b c"]
  empty: {}
"odd key.1": "line\nbreak\ttab"
END
printf 'yes\n' >conf/flag
printf 'green' >conf/color
printf '\200\377' >conf/blob
put types --from-file=conf
prints 'without a type: as it stands' 0x1F90 get types 'app.yaml#server.port'
prints 'int64' 8080 get types 'app.yaml#server.port' --type int64
prints 'a float as it stands' 1.10 get types 'app.yaml#server.version'
prints 'double' 1.1 get types 'app.yaml#server.version' --type double
prints 'double, a whole number' 8080 get types 'app.yaml#server.port' --type double
prints 'double, shortest' 0.1 get types 'app.yaml#server.ratio' --type double
prints 'bool' true get types 'app.yaml#server.tls' --type bool
prints 'bool from text' true get types flag --type bool
prints 'text loses its newline' yes get types flag
prints 'uint64' 18446744073709551615 get types 'app.yaml#server.big' --type uint64
prints 'duration' 1h30m0s get types 'app.yaml#server.timeout' --type duration
prints 'size' 1536 get types 'app.yaml#server.memory' --type size
prints 'enum' green get types color --type enum --enum red,green,blue
fails 'enum, none of its names' 3 'red, blue' get types color --type enum --enum red,blue
fails 'enum, nearly one of its names' 3 'did you mean "greem"?' get types color --type enum --enum red,greem
prints 'null' '~' get types 'app.yaml#server.nothing'
prints 'an item' 'b c' get types 'app.yaml#server.list[1]'
prints 'an empty map' '{}' get types 'app.yaml#server.empty'
prints 'a quoted key' "$(printf 'line\nbreak\ttab')" get types 'app.yaml#["odd key.1"]'
fails 'a map is no value' 3 'app.yaml:1:1: app.yaml#server: is a map' get types 'app.yaml#server'
fails 'not of the type' 3 'app.yaml:10:10: app.yaml#server.list[0]: wanted int64' get types 'app.yaml#server.list[0]' --type int64
fails 'out of range' 3 'app.yaml:8:3: ' get types 'app.yaml#server.big' --type int64
fails 'an absent key' 1 'cmreload: app.yaml#absent: there is no such key' get types 'app.yaml#absent'
fails 'a misspelt key' 1 'did you mean app.yaml#server.port?' get types 'app.yaml#sevrer.port'
fails 'a misspelt file' 1 'did you mean color?' get types colour
fails 'an absent file' 1 'no such key' get types absent
prints 'an absent key with a default' 5m get types absent --default 5m
prints 'a default takes the form of its type' 5m0s get types absent --default 5m --type duration
prints 'a default that is not needed' 8080 get types 'app.yaml#server.port' --default 1 --type int64
fails 'a default covers absence only' 3 'wanted int64' get types color --default 1 --type int64
fails 'a default of another type' 2 'not of type int64' get types 'app.yaml#server.port' --default x --type int64
fails 'a malformed key' 2 'malformed key' get types 'app.yaml#['
fails 'an unknown type' 2 'unknown type' get types color --type colour
fails 'a type that is no value' 2 'not a type' get types color --type map
fails 'an enum without names' 2 '--enum' get types color --type enum
fails 'no key' 2 usage: get types
fails 'an unknown option' 2 'unknown option --colour' get types color --colour
fails 'an option without its value' 2 'needs a value' get types color --type
fails 'an unknown format' 2 'unknown format' get types color --format '*=toml'
fails 'a plain directory without the key' 1 'no such key' get plain color
mkdir empty
fails 'an empty directory' 3 'nothing there to read' get empty color
echo red >plain/color
prints 'a value of a plain directory' red get plain color
prints 'a value of a single file' red get plain/color color
prints 'and it is all there is' 'color	string	red	color:1' dump plain/color
fails 'no directory' 3 'absent' get absent color
fails 'no volume, with a default' 3 'absent' get absent color --default green
prints 'get --json' \
    '{"v":1,"event":"value","key":"app.yaml#server.timeout","type":"duration","value":"1h30m0s","file":"app.yaml","line":5,"column":3}' \
    get types 'app.yaml#server.timeout' --type duration --json
prints 'get --json of bytes' \
    '{"v":1,"event":"value","key":"blob","type":"bytes","value":"gP8=","encoding":"base64","file":"blob","line":1,"column":1}' \
    get types blob --json
prints 'get --json of a default' '{"v":1,"event":"value","key":"absent","type":"int64","value":"5","from":"default"}' \
    get types absent --default 5 --type int64 --json
put addresses --from-literal=share=50.0% --from-literal=huge=1000000000000000000000% --from-literal=bare=0.1 \
    --from-literal=ip=2001:0DB8:0::0007 --from-literal=mapped=::ffff:0a00:0007 --from-literal=four=10.0.0.7 \
    --from-literal=zero=2001:DB8::1/032 --from-literal=net=2001:DB8::1/32
prints 'percent' '50%' get addresses share --type percent
prints 'a percentage too large for a short form' '1000000000000000000000%' get addresses huge --type percent
fails 'a bare number is no percentage' 3 'did you mean 0.1%?' get addresses bare --type percent
prints 'ip' '2001:db8::7' get addresses ip --type ip
prints 'an address of IPv4 in IPv6' '::ffff:10.0.0.7' get addresses mapped --type ipv6
prints 'ipv4' '10.0.0.7' get addresses four --type ipv4
fails 'an address of the other version' 3 'which is an IPv4 address' get addresses four --type ipv6
prints 'cidr' '2001:db8::1/32' get addresses net --type cidr
fails 'a prefix length with a leading zero' 3 'a CIDR is like' get addresses zero --type cidr
prints 'get --json of an address' \
    '{"v":1,"event":"value","key":"ip","type":"ip","value":"2001:db8::7","file":"ip","line":1,"column":1}' \
    get addresses ip --type ip --json
is 'bytes are printed exactly' 'gP8=' "$(cmreload get types blob --type bytes | base64)"

# ---- dump -----------------------------------------------------------------------------------------

prints 'dump' "$(cat <<'END'
app.yaml#server.port	int64	0x1F90	app.yaml:2
app.yaml#server.version	double	1.10	app.yaml:3
app.yaml#server.tls	bool	true	app.yaml:4
app.yaml#server.timeout	string	90m	app.yaml:5
app.yaml#server.memory	string	1.5Ki	app.yaml:6
app.yaml#server.ratio	double	0.1	app.yaml:7
app.yaml#server.big	uint64	18446744073709551615	app.yaml:8
app.yaml#server.nothing	null	~	app.yaml:9
app.yaml#server.list[0]	string	a	app.yaml:10
app.yaml#server.list[1]	string	b c	app.yaml:10
app.yaml#server.empty	map	{}	app.yaml:11
app.yaml#["odd key.1"]	string	"line\nbreak\ttab"	app.yaml:12
blob	bytes	base64:gP8=	blob:1
color	string	green	color:1
flag	string	yes	flag:1
END
)" dump types
prints 'dump with patterns' "$(printf 'app.yaml#server.list[0]\tstring\ta\tapp.yaml:10\ncolor\tstring\tgreen\tcolor:1')" \
    dump types 'app.yaml#server.list[0]' color
prints 'a pattern that matches nothing' '' dump types 'absent.yaml#**'
prints 'dump --json' "$(cat <<'END'
{"v":1,"event":"entry","mount":"types","key":"app.yaml#[\"odd key.1\"]","type":"string","value":"line\nbreak\ttab","file":"app.yaml","line":12,"column":1}
{"v":1,"event":"entry","mount":"types","key":"blob","type":"bytes","value":"gP8=","encoding":"base64","file":"blob","line":1,"column":1}
END
)" dump types 'app.yaml#["odd key.1"]' blob --json
prints 'dump --files' "$(printf 'app.yaml\t%d\tyaml\nblob\t2\ttext\ncolor\t5\ttext\nflag\t4\ttext' "$(wc -c <conf/app.yaml)")" dump types --files
prints 'dump --files --json, with --format' '{"v":1,"event":"file","name":"log_level","size":5,"format":"properties"}' \
    dump level --files --json --format 'nothing=bytes' --format 'log*=properties' --format '**=text'
fails '--files with a pattern' 2 'no PATTERN' dump types --files color
fails 'a malformed pattern' 2 'malformed pattern' dump types 'a#['
fails 'no DIR to dump' 2 usage: dump

printf 'a: b\nbroken: [\n' >conf/bad.yaml
printf 'fine=1\nbad=\\u12\n' >conf/bad.properties
put broken --from-file=conf
cmreload dump broken >out 2>err
is 'a bad volume: status' 3 $?
is 'all that is wrong is told' 'bad.properties:2 bad.yaml:3' "$(cut -d: -f1,2 err | tr '\n' ' ' | sed 's/ $//')"
is 'with columns' 2 "$(grep -cE '^[a-z.]+:[0-9]+:[0-9]+: .' err)"

# ---- hash -----------------------------------------------------------------------------------------

exits 'a hash of what cannot be parsed' 0 hash broken
is 'has its form' 1 "$(grep -cxE 'xxh3-128:[0-9a-f]{32}' out)"
put same-1 --from-literal=a=1 --from-literal=b=2
put same-2 --from-literal=b=2 --from-literal=a=1
put other --from-literal=a=1 --from-literal=b=3
is 'equal contents, equal hashes' "$(cmreload hash same-1)" "$(cmreload hash same-2)"
is 'other contents, other hashes' different "$([ "$(cmreload hash same-1)" = "$(cmreload hash other)" ] && echo equal || echo different)"
printf 'kind: ConfigMap\ndata: {"b": "2", "a": "1"}\n' >same.yaml
prints 'of a manifest' "$(cmreload hash same-1)" hash same.yaml
prints '--json' "{\"v\":1,\"event\":\"hash\",\"hash\":\"$(cmreload hash same-1)\"}" hash same-1 --json
put renamed --from-literal=dir=1 --item dir=c/a
prints '--item' "$(cmreload hash renamed)" hash same.yaml --item a=c/a
prints '--patch' "{\"spec\":{\"template\":{\"metadata\":{\"annotations\":{\"cmreload/config-hash\":\"$(cmreload hash same-1)\"}}}}}" \
    hash same-1 --patch
printf 'port=80\n# comment\nlog=info\n' >only.properties
put only-1 --from-file=only.properties
printf 'log=debug\n\nport : 80\n' >only.properties
put only-2 --from-file=only.properties
printf 'log=debug\nport=81\n' >only.properties
put only-3 --from-file=only.properties
is '--only leaves out the rest' "$(cmreload hash only-1 --only 'only.properties#port')" \
    "$(cmreload hash only-2 --only 'only.properties#port')"
is '--only sees its own' different "$([ "$(cmreload hash only-2 --only 'only.properties#port')" = \
    "$(cmreload hash only-3 --only 'only.properties#port')" ] && echo equal || echo different)"
is '--only twice is both' "$(cmreload hash only-3 --only '*#port' --only '*#log')" "$(cmreload hash only-3 --only '*#port *#log')"
prints '--only with --format' "$(cmreload hash names --only 'game-special-key#lives' --format 'game*=properties')" \
    hash names --only 'g*#lives' --format 'g*=properties'
fails '--only reads the formats' 3 'bad.yaml:3:' hash broken --only 'flag'
fails '--only with a malformed pattern' 2 'malformed pattern' hash same-1 --only 'a#['
fails '--patch with --json' 2 'no --json' hash same-1 --patch --json
fails 'no DIR to hash' 2 usage: hash
fails 'of nothing' 3 'No such file' hash absent
fails 'of an empty folder' 3 'nothing there to read' hash empty
cmreload apply like-plain --from-file=plain >/dev/null
is 'a plain folder has the hash of a volume with its files' "$(cmreload hash like-plain)" "$(cmreload hash plain)"
if command -v jq >/dev/null 2>&1; then
    is 'the patch is JSON' "$(cmreload hash same-1)" \
        "$(cmreload hash same-1 --patch | jq -r '.spec.template.metadata.annotations["cmreload/config-hash"]')"
fi

# ---- watch ----------------------------------------------------------------------------------------

put live --from-literal=a=1 --from-literal=timeout=10s
follow live
put live --from-literal=a=2 --from-literal=timeout=10s --from-literal='b=two words'
await watched 'generation 2'
put live --from-literal=timeout=10s --from-literal='b=two words'
await watched 'generation 3'
followed 'watch for people' "$(cat <<'END'
modified a: 1 -> 2
added b: "two words"
applied generation 2, 2 changes
removed a: 2
applied generation 3, 1 change
END
)"

follow live timeout --type duration --json
put live --from-literal=timeout=10000ms --merge
put live --from-literal=timeout=1m --merge
await watched '"applied"'
followed '10s to 10000ms is no change of a duration' \
    "$(grep -e '"type":"duration","old":"10s","new":"1m0s"' -e '"applied".*"changes":1' watched)"

follow live
await watched ready
printf 'a: [\n' >app.yaml && printf 'x=\\u1\ny=\\u2\n' >p.properties
put live --from-file=app.yaml --from-file=p.properties
await watched rejected
printf 'a: 1\n' >app.yaml && printf 'x=1\n' >p.properties
put live --from-file=app.yaml --from-file=p.properties --merge
await watched applied
kill "$watcher"
wait "$watcher"
watcher=
is 'a bad generation is rejected, once' "$(printf 'rejected %s generation 1 stays' ..)" \
    "$(sed -n 's/^\(rejected \.\.\)2.*errors*, \(generation 1 stays\)$/\1 \2/p' watched)"
is 'with all that is wrong' 'app.yaml:2 p.properties:1 p.properties:2' \
    "$(sed -n 's/^  \([a-z.]*:[0-9]*\):[0-9]*: .*/\1/p' watched | tr '\n' ' ' | sed 's/ $//')"
is 'the next good one is told against the last good' \
    'added app.yaml#a: 1 added p.properties#x: 1 removed b: "two words" removed timeout: 1m' \
    "$(grep -e '^added' -e '^removed' watched | LC_ALL=C sort | tr '\n' ' ' | sed 's/ $//')"

put typed --from-literal=port=80
follow typed port --type int64 --json
put typed --from-literal=port=http
await watched '"rejected"'
has 'a value that is not of the type is rejected' watched '"applied_generation":1,"target":"..2'
has 'with its place' watched '"diagnostics":[{"file":"port","line":1,"column":1,"key":"port","message":"'
put typed --from-literal=port=81
await watched '"modified"'
has 'and the next is told against the last good' watched '"type":"int64","old":"80","new":"81"}'
kill "$watcher" && wait "$watcher"
watcher=

: >watched
$wrapper "$tool" watch later --json --count 1 >watched 2>watch-err &
watcher=$!
await watched '"waiting"'
has 'a volume that is not there yet is waited for' watched '{"v":1,"event":"state","mount":"later","state":"waiting","reason":"absent","message":"there is nothing at this path"}'
put later --from-literal=a=1
await watched '"ready"'
has 'and then ready' watched "{\"v\":1,\"event\":\"ready\",\"generation\":1,\"hash\":\"$(cmreload hash later)\"}"
put later --from-literal=a=2 --from-literal=b=1
wait "$watcher"
is '--count ends with 0' 0 $?
watcher=
is 'with the whole batch' '1 1 1' "$(grep -c '"modified"' watched) $(grep -c '"added"' watched) $(grep -c '"applied"' watched)"

exits '--timeout alone ends with 0' 0 watch live --timeout 10ms
exits '--timeout before --count ends with 1' 1 watch live --count 1 --timeout 10ms
exits '--timeout while waiting' 1 watch absent --count 1 --timeout 10ms
fails 'a duration without a unit' 2 'not a duration' watch live --timeout 10
fails 'a negative duration' 2 'negative' watch live --debounce=-1s
fails 'a count of nothing' 2 '--count 0' watch live --count 0
fails 'a malformed pattern to watch' 2 'malformed pattern' watch live 'a#['
fails 'no DIR to watch' 2 usage: watch

for signal in TERM INT; do
    follow live
    kill -s $signal "$watcher"
    wait "$watcher"
    is "SIG$signal ends watch with 0" 0 $?
    watcher=
done

# ---- pipes and usage ------------------------------------------------------------------------------

head -c 900000 /dev/zero | tr '\0' x >large
put large-volume --from-file=large
{ cmreload get large-volume large 2>pipe-err; echo $? >pipe-status; } | head -c 1 >/dev/null
is 'a closed pipe is quiet' '0 0' "$(cat pipe-status) $(wc -c <pipe-err)"
{ cmreload watch live 2>pipe-err; echo $? >pipe-status; } | sed -n '/^ready/{p;q}' >piped
is 'it ends watch, also while there is nothing to print' '0 0 ready generation 1' \
    "$(cat pipe-status) $(wc -c <pipe-err) $(cat piped)"
if [ -e /dev/full ]; then
    cmreload dump types >/dev/full 2>err
    is 'a full disk is no closed pipe' 3 $?
    has 'and is told' err 'cannot write to stdout'
fi

exits '--help' 0 --help
for command in apply get dump watch check diff hash doctor; do
    has "--help names $command" out "  $command "
done
for command in apply get dump watch check diff hash doctor; do
    exits "help $command" 0 help $command
    mv out help-out
    exits "$command --help" 0 $command --help
    if cmp -s out help-out; then ok 'is the same'; else not_ok 'is the same'; fi
done
exits '--version' 0 --version
is 'its form' 1 "$(grep -cxE 'cmreload [0-9]+\.[0-9]+\.[0-9]+' out)"
fails 'no command' 2 usage:
fails 'an unknown command' 2 'no command called take' take
fails 'help of an unknown command' 2 'no command called take' help take

echo "$((checks - failures)) passed, $failures failed"
[ $failures = 0 ]
