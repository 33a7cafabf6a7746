#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The tool's --secret: values are not shown, neither as text nor as JSON nor in what is wrong:
# cli_secret_test.sh TOOL. Each command is called without it first, and must show the value then.
set -u
. "$(dirname "$0")/../support/checks.sh"

tool=$1
wrapper=${CMRELOAD_TEST_WRAPPER:-}
work=$(mktemp -d "${TMPDIR:-/tmp}/cmreload-cli.XXXXXX") || exit 1
failures=0
checks=0
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
cd "$work" || exit 1

# hides NAME ARGUMENT...: the value is in the output, and with --secret it is not, but something is; and both
# end alike
hides() {
    name=$1
    shift
    cmreload "$@" >shown 2>&1 </dev/null
    status=$?
    cmreload "$@" --secret >hidden 2>&1 </dev/null
    if [ $? = $status ] && grep -q 'hunter[23]' shown && [ -s hidden ] && ! grep -q 'hunter[23]' hidden; then
        ok "$name"
    else
        not_ok "$name" "cmreload $*" "$(cat shown)" "with --secret:" "$(cat hidden)"
    fi
}

cmreload apply before --from-literal=password=hunter2 --from-literal=a.yaml='user: hunter2' || exit 1
cmreload apply after --from-literal=password=hunter3 --from-literal=a.yaml='user: hunter3' || exit 1
cmreload apply bad --from-literal=a.json='{"user": hunter2}' || exit 1

hides 'dump' dump before
hides 'dump --json' dump before --json
is 'a value is said to be secret' 'password	string	(secret)	password:1' "$(cmreload dump before password --secret)"
is 'in JSON, too' '{"v":1,"event":"entry","mount":"before","key":"password","type":"string","secret":true,"file":"password","line":1,"column":1}' \
    "$(cmreload dump before password --secret --json)"
hides 'diff' diff before after
hides 'diff --json' diff before after --json
is 'a change is told without its values' 'modified password: (secret) -> (secret)' "$(cmreload diff before after password --secret)"
hides 'check of a value' check before --type 'password=int64'
hides 'check --json' check before --type 'password=int64' --json
hides 'check of a bad file' check bad
hides 'doctor of a bad file' doctor bad
hides 'doctor --json' doctor bad --json
fails 'what is wrong is told with its place' 3 'a.json:1:10: does not follow the format here' dump bad --secret

# follow FLAG...: what watch tells of one change
follow() {
    cmreload apply live --from-literal=password=hunter2 >/dev/null || exit 1
    $wrapper "$tool" watch live --count 1 --timeout 60s "$@" >told 2>&1 &
    watcher=$!
    tries=0
    until grep -q ready told || [ "$tries" -ge 600 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    cmreload apply live --from-literal=password=hunter3 >/dev/null
    wait "$watcher"
}

follow --json
if grep -q hunter3 told; then ok 'watch tells values'; else not_ok 'watch tells values' "$(cat told)"; fi
follow --json --secret
if grep -q '"key":"password","type":"string","secret":true}' told && ! grep -q 'hunter\|xxh3' told; then
    ok 'watch --secret tells none'
else
    not_ok 'watch --secret tells none' "$(cat told)"
fi

echo "$checks checks, $failures failed"
[ "$failures" -eq 0 ]
