#!/bin/sh
# SPDX-License-Identifier: MIT
#
# cmreload doctor, from outside: cli_doctor_test.sh TOOL. What it prints, for people and as JSON, and how it
# ends; what it finds is test_doctor.c's.
# CMRELOAD_TEST_WRAPPER (valgrind ...) is put before every call of the tool.
set -u
. "$(dirname "$0")/../support/checks.sh"

tool=$1
wrapper=${CMRELOAD_TEST_WRAPPER:-}
work=$(mktemp -d "${TMPDIR:-/tmp}/cmreload-doctor.XXXXXX") || exit 1
failures=0
checks=0
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work" || exit 1

# doctor STATUS ARGUMENT...: its output in ./out
doctor() {
    wanted=$1
    shift
    cmreload doctor "$@" >out 2>err
    is "doctor $*: ends with $wanted" "$wanted" $?
}

# has NAME TEXT: a whole line of ./out
has() {
    if grep -qxF -- "$2" out; then ok "$1"; else not_ok "$1" "wanted: $2" "found:" "$(cat out err)"; fi
}

cmreload apply volume --from-literal=level=info >/dev/null
doctor 0 volume
has 'for people: level, subject and message' 'ok       contents: 1 file, read and parsed'
is 'and the verdict at the end' 'changes arrive' "$(tail -n 1 out | cut -c 1-14)"

doctor 0 volume --json
has 'a finding is an object' \
    '{"v":1,"event":"finding","level":"ok","subject":"contents","message":"1 file, read and parsed","advice":""}'
is 'all of them are, and the last is the verdict' "finding verdict" \
    "$(sed 's/^{"v":1,"event":"\([a-z]*\)",.*}$/\1/' out | uniq | tr '\n' ' ' | sed 's/ $//')"
# In a container the temporary folder is an overlay's.
sed 's/"polling"/"events"/; s/"reason":"filesystem","message":"overlay[^"]*"/"reason":"none","message":""/' out >seen
mv seen out
has 'it has what programs ask' \
    '{"v":1,"event":"verdict","follow":"events","loads":true,"kind":"volume","reason":"none","message":""}'

doctor 1 absent/below --json
has 'nothing there: a problem, with advice' "{\"v\":1,\"event\":\"finding\",\"level\":\"problem\",\"subject\":\"path\",\
\"message\":\"\\\"$work/absent\\\": there is nothing at this path\",\"advice\":\"$(sed -n \
    's/.*"subject":"path".*"advice":"\(.*\)"}/\1/p' out)\"}"
has 'it would be waited for' '{"v":1,"event":"verdict","follow":"waiting","loads":false,"kind":"auto","reason":"absent",'\
'"message":"there is nothing at this path"}'
doctor 1 absent
is 'advice stands below the finding' 1 "$(grep -A 1 '^problem' out | grep -c '^         compare the path')"

doctor 1 volume/..data
is 'a folder of one generation never changes' 'no change will ever arrive' "$(tail -n 1 out | cut -d : -f 1)"

cmreload apply volume --from-literal=a.yaml='[' >/dev/null
doctor 1 volume
is 'what cannot be loaded is a problem' 1 "$(grep -c '^problem  contents: a.yaml:1:2: ' out)"
is 'and in the verdict' 1 "$(tail -n 1 out | grep -c 'what is there cannot be loaded$')"
doctor 0 volume --format '*.yaml=text'

fails 'no path' 2 'wanted PATH' doctor
fails 'an empty path' 2 'wanted PATH' doctor ''
fails 'two paths' 2 'wanted PATH' doctor volume volume
fails 'an unknown option' 2 'unknown option' doctor volume --fix
mkdir gone && cd gone && rmdir ../gone
cmreload doctor volume >../out 2>../err
is 'from a directory that is gone it cannot be examined' 3 $?
cd "$work" || exit 1

echo "$((checks - failures)) passed, $failures failed"
[ $failures = 0 ]
