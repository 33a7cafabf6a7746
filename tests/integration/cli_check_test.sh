#!/bin/sh
# SPDX-License-Identifier: MIT
#
# cmreload check and cmreload diff, from outside: cli_check_test.sh TOOL
#
# What they say is held against what the library tells a program that follows the same contents: check
# against a watch of the volume that was rejected, diff against a watch of the volume that was swapped.
# CMRELOAD_TEST_WRAPPER (valgrind ...) is put before every call of the tool.
set -u
. "$(dirname "$0")/../support/checks.sh"

tool=$1
wrapper=${CMRELOAD_TEST_WRAPPER:-}
work=$(mktemp -d "${TMPDIR:-/tmp}/cmreload-check.XXXXXX") || exit 1
watcher=
failures=0
checks=0

finish() {
    [ -z "$watcher" ] || kill "$watcher" 2>/dev/null
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM
cd "$work" || exit 1

# ---- helpers --------------------------------------------------------------------------------------

# prints NAME STATUS STDOUT STDERR ARGUMENT...: exactly these.
prints() {
    name=$1 wanted=$2 wanted_out=$3 wanted_err=$4
    shift 4
    found_out=$(cmreload "$@" 2>err <"${input:-/dev/null}")
    found=$? found_err=$(cat err)
    if [ "$found" = "$wanted" ] && [ "$found_out" = "$wanted_out" ] && [ "$found_err" = "$wanted_err" ]; then
        ok "$name"
    else
        not_ok "$name" "cmreload $*" "wanted status $wanted, stdout:" "$wanted_out" "and stderr:" "$wanted_err" \
            "found status $found, stdout:" "$found_out" "and stderr:" "$found_err"
    fi
}

# follow ARGUMENT...: starts a watch, its output in ./watched; await TEXT: waits for a line that holds it.
follow() {
    : >watched
    # shellcheck disable=SC2086
    $wrapper "$tool" watch "$@" >watched 2>watch-err </dev/null &
    watcher=$!
}

await() {
    tries=0
    until grep -qF -- "$1" watched; do
        tries=$((tries + 1))
        if [ $tries -gt 300 ]; then
            not_ok "no line with $1" "$(cat watched watch-err)"
            return
        fi
        sleep 0.1
    done
}

unfollow() {
    kill "$watcher"
    wait "$watcher"
    watcher=
}

put() {
    cmreload apply "$@" >put-out 2>&1 || not_ok "apply $*" "$(cat put-out)"
}

# manifest FILE NAME KEY=FILE...: a ConfigMap that holds the files
manifest() {
    file=$1
    printf 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: %s\ndata:\n' "$2" >"$file"
    shift 2
    for pair in "$@"; do
        printf '  %s: |\n' "${pair%%=*}"
        sed 's/^/    /' "${pair#*=}"
    done >>"$file"
}

# ---- check ----------------------------------------------------------------------------------------

printf 'lives=3\ntimeout=10s\n' >game.properties
printf 'server:\n  port: 8080\n  names: [a, b]\n' >app.yaml
put good --from-file=game.properties --from-file=app.yaml --from-literal=log_level=info
manifest good-manifest.yaml good game.properties=game.properties app.yaml=app.yaml

prints 'a good volume' 0 '' '' check good
prints 'a good manifest' 0 '' '' check good-manifest.yaml
input=good-manifest.yaml
prints 'from standard input' 0 '' '' check -
input=
prints 'as JSON' 0 '{"v":1,"event":"checked","ok":true,"diagnostics":[]}' '' check good --json
prints 'types that fit' 0 '' '' check good --type 'game.properties#lives=int64' --type '*#timeout=duration' \
    --type log_level=log_level --type 'app.yaml#server.port=uint64' --type '**=string'
prints 'an absent key is no error, but is told' 0 '' "$(printf '%s: nothing matches, so nothing is checked by it\n' 'game.properties#absent' absent)" \
    check good --type 'game.properties#absent=int64' --type 'absent=bool' --type 'log_level=log_level'
prints 'with --strict it is one' 1 '{"v":1,"event":"checked","ok":false,"diagnostics":[{"file":"","line":0,"column":0,"key":"absent","message":"nothing matches, so nothing is checked by it"}]}' '' \
    check good --type 'absent=bool' --strict --json
prints '--strict, and nothing to tell' 0 '' '' check good --type 'log_level=log_level' --strict

printf 'a=1\nb=\\u00g\n' >bad.properties
printf 'a: 1\nb: [\n' >bad.yaml
put bad --from-file=bad.properties --from-file=bad.yaml
cmreload dump bad 2>wanted-err
manifest bad-manifest.yaml bad bad.properties=bad.properties bad.yaml=bad.yaml
is 'two files are bad' 2 "$(wc -l <wanted-err)"
prints 'a bad volume: all that is wrong' 1 '' "$(cat wanted-err)" check bad
prints 'a bad manifest: the same' 1 '' "$(cat wanted-err)" check bad-manifest.yaml
prints 'types are asked of what can be parsed' 1 '' "$(cat wanted-err)" check bad --type '**=int64'
prints 'an item that is good' 0 '' '' check good --item game.properties=conf/game.properties \
    --type 'conf/game.properties#lives=int64'
prints 'items of a manifest' 1 '' "$(sed -n 's/^bad.yaml/x.yaml/p' wanted-err)" check bad-manifest.yaml \
    --item bad.yaml=x.yaml
prints 'a format makes it good' 0 '' '' check bad --format '*.yaml=text' --format 'bad.*=bytes'
prints 'a format makes it bad' 1 '' "$(sed -n 's/^bad.yaml/x/p' wanted-err)" check bad-manifest.yaml \
    --item bad.yaml=x --format 'x=yaml'

wrong='game.properties:2:1: game.properties#timeout: wanted int64, found the string "10s"
app.yaml:2:3: app.yaml#server.port: wanted bool, found the int 8080; write true or false
app.yaml:3:11: app.yaml#server.names[0]: wanted bool, found the string "a"; write true or false
app.yaml:3:14: app.yaml#server.names[1]: wanted bool, found the string "b"; write true or false'
prints 'types that do not fit, in a volume' 1 '' "$wrong" check good --type '*.properties#*=int64' \
    --type 'app.yaml=bool' --type 'log_level=log_level'
prints 'and in a manifest' 1 '' "$wrong" check good-manifest.yaml --type '*.properties#*=int64' --type 'app.yaml=bool'
cat >odd.yaml <<'END'
kind: ConfigMap
data: {small: "-1", odd.properties: "a\\=b=1\nc[d]=x\ne=99999999999999999999\n"}
END
prints 'out of range' 1 '' 'small:1:1: small: wanted uint64, found the string "-1", which is negative' \
    check odd.yaml --type 'small=uint64'
prints 'the last = is the one' 1 '' \
    'odd.properties:1:1: odd.properties#a=b: wanted duration, found the string "1"; its unit is missing: did you mean 1s?' \
    check odd.yaml --type 'odd.properties#a=b=int64' --type 'odd.properties#a=b=duration'
prints 'keys that need quotes' 1 '' 'odd.properties:2:1: odd.properties#["c[d]"]: wanted int64, found the string "x"' \
    check odd.yaml --type 'odd.properties#["c[d]"]=int64'

# what a program is told that follows it
for pattern in 'game.properties#*' app.yaml; do
    put live --from-literal=game.properties='lives=3' --from-literal=app.yaml='{n: 1, m: 2}'
    follow live "$pattern" --type int64 --json
    await '"ready"'
    put live --from-literal=game.properties='lives=three' --from-literal=app.yaml='{n: "1", o: {}, m: yes}'
    await '"rejected"'
    unfollow
    cmreload check live --type "$pattern=int64" --json >out
    is "the diagnostics that a watch of $pattern prints" \
        "$(sed -n 's/.*"event":"rejected".*"diagnostics"/"diagnostics"/p' watched)" \
        "$(sed -n 's/.*"event":"checked","ok":false,"diagnostics"/"diagnostics"/p' out)"
done
put live --from-file=bad.properties --from-file=bad.yaml --from-literal=log_level=info
follow live --json
await '"rejected"'
unfollow
cmreload check live --json >out
is 'and those of files that cannot be parsed' "$(sed -n 's/.*"event":"rejected".*"diagnostics"/"diagnostics"/p' watched)" \
    "$(sed -n 's/.*"event":"checked","ok":false,"diagnostics"/"diagnostics"/p' out)"

head -c 1100000 /dev/zero | tr '\0' x >large
mkdir -p over/..1 && cp large over/..1 && ln -s ..1 over/..data && ln -s ..data/large over/large
fails 'over a limit' 1 'large: a file of 1100000 bytes' check over
fails 'over a limit, with items' 1 'large: a file of 1100000 bytes' check over --item large=x

mkdir plain
fails 'of nothing' 3 'No such file' check absent
fails 'of an empty folder' 3 'nothing there to read' check plain
fails 'of no manifest' 3 'no object of kind ConfigMap' check app.yaml
fails 'of a manifest that is broken' 3 'bad.yaml:3' check bad.yaml
fails 'an item that is not there' 3 'no such key' check good --item absent=x
fails 'no operand' 2 usage: check
fails 'two operands' 2 usage: check good good
fails '--type without a type' 2 'wanted PATTERN=TYPE' check good --type lives
fails '--type without a pattern' 2 'wanted PATTERN=TYPE' check good --type =int64
fails '--type with an unknown type' 2 'unknown type' check good --type lives=int
fails '--type map' 2 'not a type to ask for' check good --type lives=map
fails '--type enum' 2 'not a type to ask for' check good --type lives=enum
fails '--type with a malformed pattern' 2 'malformed pattern' check good --type 'a#[=int64'
fails '--name of a directory' 2 '--name goes with a manifest' check good --name x

# ---- diff -----------------------------------------------------------------------------------------

printf 'timeout=10000ms\n# a comment\nlives : 3\n' >game-2.properties
printf 'server: {names: [a, c], port: 8080}\nnew: "two words"\n' >app-2.yaml
put other --from-file=game.properties=game-2.properties --from-file=app.yaml=app-2.yaml
manifest other-manifest.yaml other game.properties=game-2.properties app.yaml=app-2.yaml
changes='modified app.yaml#server.names[1]: b -> c
added app.yaml#new: "two words"
modified game.properties#timeout: 10s -> 10000ms
removed log_level: info'

prints 'no difference' 0 '' '' diff good good
prints 'two directories' 1 "$changes" '' diff good other
prints 'a directory and a manifest' 1 "$changes" '' diff good other-manifest.yaml
input=other-manifest.yaml
prints 'a directory and standard input' 1 "$changes" '' diff good -
prints 'the other way round' 1 "$(echo "$changes" | sed -n '/timeout/s/: .*/: 10000ms -> 10s/p')" '' \
    diff - good '*#timeout'
input=
prints 'a directory and what it came from' 0 '' '' diff other other-manifest.yaml
prints 'two manifests' 1 "$(echo "$changes" | sed '$d')" '' diff good-manifest.yaml other-manifest.yaml
prints 'two patterns' 1 "$(echo "$changes" | sed -n '2p;4p')" '' diff good other log_level '*#new'
prints 'a pattern that nothing differs in' 0 '' '' diff good other '*#lives' --json
prints 'patterns behind --' 1 "$(echo "$changes" | sed -n 4p)" '' diff -- good other log_level
prints 'with a type: no difference' 0 '' '' diff good other '*#timeout' --type duration
put level-1 --from-literal=level=low --from-literal=wait=90s
put level-2 --from-literal=level=high --from-literal=wait=2m
prints 'with a type: in its form' 1 'modified wait: 1m30s -> 2m0s' '' diff level-1 level-2 wait --type duration
prints 'an enum' 1 'modified level: low -> high' '' diff level-1 level-2 level --type enum --enum low,high
printf '\377' >raw
put raw-1 --from-file=raw
printf a >raw
put raw-2 --from-file=raw
prints 'bytes that are no text, as JSON' 1 \
    '{"v":1,"event":"modified","key":"raw","type":"bytes","old":"/w==","new":"YQ==","encoding":"base64"}' '' \
    diff raw-1 raw-2 --type bytes --json

head -c 900000 large >raw
put raw-3 --from-file=raw
{ cmreload diff raw-2 raw-3 2>pipe-err; echo $? >pipe-status; } | head -c 1 >/dev/null
is 'a closed pipe does not turn a difference into none' '1 0' "$(cat pipe-status) $(wc -c <pipe-err)"

# what a program is told that follows it
put live --from-file=game.properties --from-file=app.yaml --from-literal=log_level=info
follow live --json
await '"ready"'
put live --from-file=game.properties=game-2.properties --from-file=app.yaml=app-2.yaml
await '"applied"'
unfollow
prints 'the changes that a watch prints' 1 \
    "$(sed -n '/"old"\|"new"/s/"mount":"live","generation":2,//p' watched)" '' diff good other --json
is 'which are four' 4 "$(grep -c '"key"' watched)"

put moved --from-file=game.properties=game-2.properties --item game.properties=conf/game.properties
prints 'items of a manifest' 0 '' '' diff moved other-manifest.yaml --item game.properties=conf/game.properties
prints 'items of two manifests' 1 'modified x#timeout: 10s -> 10000ms' '' diff good-manifest.yaml other-manifest.yaml \
    --item game.properties=x --format x=properties
cat good-manifest.yaml >both.yaml
echo --- >>both.yaml
cat other-manifest.yaml >>both.yaml
prints 'one ConfigMap of several' 0 '' '' diff other both.yaml --name other
fails 'one must be named' 2 'say which with --name' diff other both.yaml
prints 'a side that is bad' 3 '' "cmreload: bad would be rejected:
$(cat wanted-err)" diff good bad
prints 'also the first one' 3 '' "cmreload: bad-manifest.yaml would be rejected:
$(cat wanted-err)" diff bad-manifest.yaml good --json
prints 'a side that is not of the type' 3 '' "cmreload: good would be rejected:
game.properties:2:1: game.properties#timeout: wanted int64, found the string \"10s\"" \
    diff good other 'game.properties' --type int64
fails 'nothing to compare with' 3 'No such file' diff good absent
fails 'an empty folder' 3 'nothing there to read' diff plain good
fails 'one side only' 2 usage: diff good
fails 'standard input twice' 2 'one of the two' diff - -
fails 'a malformed pattern' 2 'malformed pattern' diff good other 'a#['
fails 'items of two directories' 2 'go with a manifest' diff good other --item a=b
fails 'a name of two directories' 2 'go with a manifest' diff good other --name a
fails '--enum without its type' 2 '--enum goes with' diff good other --enum a,b
fails 'an unknown type' 2 'unknown type' diff good other --type int

# ---- help -----------------------------------------------------------------------------------------

cmreload --help >help-out
for command in check diff; do
    is "--help names $command" 1 "$(grep -c "^  $command " help-out)"
    cmreload help $command >out
    is "help $command is $command --help" "$(cmreload $command --help)" "$(cat out)"
done

echo "$((checks - failures)) passed, $failures failed"
[ $failures = 0 ]
