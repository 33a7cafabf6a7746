#!/bin/sh
# SPDX-License-Identifier: MIT
#
# cmreload check --schema, from outside: cli_schema_test.sh TOOL SOURCE BUILD
#
# The schema is what examples/settings prints. docs/schemas.md, which is tested too, has what fits and what does not; here
# it is what the tool does about it, and which files it does not take for a schema.
# CMRELOAD_TEST_WRAPPER (valgrind ...) is put before every call of the tool.
set -u
. "$(dirname "$0")/../support/checks.sh"

tool=$1 server=$3/examples/settings
wrapper=${CMRELOAD_TEST_WRAPPER:-}
[ -x "$server" ] || {
    echo "SKIP: this build has no examples (CMRELOAD_EXAMPLES)"
    exit 77
}
work=$(mktemp -d "${TMPDIR:-/tmp}/cmreload-schema.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
failures=0
checks=0
cd "$work" || exit 1

# prints NAME STATUS STDOUT STDERR ARGUMENT...: exactly these.
prints() {
    name=$1 wanted=$2 wanted_out=$3 wanted_err=$4
    shift 4
    found_out=$(cmreload "$@" 2>err </dev/null)
    found=$? found_err=$(cat err)
    if [ "$found" = "$wanted" ] && [ "$found_out" = "$wanted_out" ] && [ "$found_err" = "$wanted_err" ]; then
        ok "$name"
    else
        not_ok "$name" "cmreload $*" "wanted status $wanted, stdout:" "$wanted_out" "and stderr:" "$wanted_err" \
            "found status $found, stdout:" "$found_out" "and stderr:" "$found_err"
    fi
}

put() {
    cmreload apply "$@" >put-out 2>&1 || not_ok "apply $*" "$(cat put-out)"
}

# ---- contents -------------------------------------------------------------------------------------

"$server" --schema >schema.json || not_ok 'the schema' 'it cannot be printed'
printf 'server:\n  port: 8080\n  upstreams: [{host: a}]\n' >app.yaml
put good --from-file=app.yaml
printf 'server:\n  port: 0\n  prot: 1\n  upstreams: [{host: a}]\n' >app.yaml
put bad --from-file=app.yaml
printf 'server:\n  port: 1\n  prot: 1\n  upstreams: [{host: a}]\n' >app.yaml
put told --from-file=app.yaml
printf 'kind: ConfigMap\ndata:\n  app.yaml: |\n    server:\n      port: 0\n      prot: 1\n      upstreams: [{host: a}]\n' \
    >manifest.yaml
wrong='app.yaml:2:3: app.yaml#server.port: 0 is less than 1
app.yaml:3:3: app.yaml#server.prot: unknown key; did you mean port?'

prints 'it fits' 0 '' '' check good --schema schema.json
prints 'it does not' 1 '' "$wrong" check bad --schema schema.json
prints 'nor does the manifest' 1 '' "$(echo "$wrong" | sed 's/:3: app/:3: app/')" check manifest.yaml --schema schema.json
prints 'what is no error' 0 '' 'app.yaml:3:3: app.yaml#server.prot: unknown key; did you mean port?' \
    check told --schema schema.json
prints 'which --strict makes one' 1 '' 'app.yaml:3:3: app.yaml#server.prot: unknown key; did you mean port?' \
    check told --schema schema.json --strict
echo '{"x-cmreload-key": "app.yml", "x-cmreload-unknown": "ignore", "type": "object", "properties": {"n": {"type": "integer", "x-cmreload-type": "int64"}}}' >elsewhere.json
prints 'a schema of a file that is not there' 0 '' 'app.yml: nothing matches, so nothing is checked by it' \
    check good --schema elsewhere.json
prints 'which --strict makes an error, too' 1 '' 'app.yml: nothing matches, so nothing is checked by it' \
    check good --schema elsewhere.json --strict
prints 'it fits, as JSON' 0 '{"v":1,"event":"checked","ok":true,"diagnostics":[]}' '' check good --schema schema.json --json
diagnostic='{"file":"app.yaml","line":3,"column":3,"key":"app.yaml#server.prot","message":"unknown key; did you mean port?"}'
prints 'what is no error, as JSON' 0 '{"v":1,"event":"checked","ok":true,"diagnostics":['"$diagnostic"']}' '' \
    check told --schema schema.json --json
prints 'it does not, as JSON' 1 \
    '{"v":1,"event":"checked","ok":false,"diagnostics":[{"file":"app.yaml","line":2,"column":3,"key":"app.yaml#server.port","message":"0 is less than 1"},'"$diagnostic"']}' \
    '' check bad --schema schema.json --json
prints 'with a type' 1 '' "app.yaml:2:3: app.yaml#server.port: wanted bool, found the int 0; write false
$wrong" check bad --schema schema.json --type 'app.yaml#server.port=bool'
prints 'a type that is wrong alone' 1 '' \
    'app.yaml:2:3: app.yaml#server.port: wanted bool, found the int 8080; write true or false' \
    check good --schema schema.json --type 'app.yaml#server.port=bool'
prints 'an item elsewhere' 1 '' 'app.yaml: app.yaml#server.port: is required, and missing: there is no such file
app.yaml: app.yaml#server.upstreams: is required, and missing: there is no such file' \
    check good --item app.yaml=conf/app.yaml --schema schema.json
printf 'server: [\n' >app.yaml
put broken --from-file=app.yaml
cmreload check broken 2>broken-err
prints 'contents that do not parse' 1 '' "$(cat broken-err)" check broken --schema schema.json

# key TEXT: the schema with another key
key() {
    sed "s|\"x-cmreload-key\": .*|\"x-cmreload-key\": $1,|" schema.json >keyed.json
}

key '"mount:app.yaml#server"'
prints 'a mount is passed over' 0 '' '' check good --schema keyed.json
key '"[\\"odd: name\\"]:app.yaml#server"'
prints 'also an odd one' 0 '' '' check good --schema keyed.json
key '"app.yaml#other"'
prints 'another key' 1 '' 'app.yaml:1:1: app.yaml#other.port: is required, and missing
app.yaml:1:1: app.yaml#other.upstreams: is required, and missing' check good --schema keyed.json

cat >whole.json <<'END'
{"x-cmreload-key": "", "x-cmreload-unknown": "ignore", "type": "object", "required": ["log_level"], "properties": {
"log_level": {"type": ["string", "integer"], "x-cmreload-type": "log_level"},
"app.yaml#server.port": {"type": "integer", "x-cmreload-type": "uint64", "maximum": 80},
"list": {"type": "array", "items": {"type": "string", "x-cmreload-type": "ip"}, "default": ["::1"]}}}
END
prints 'whole keys' 1 '' 'app.yaml:2:3: app.yaml#server.port: 8080 is more than 80
log_level: log_level: is required, and missing: there is no such file' check good --schema whole.json

# ---- files that are no schema ---------------------------------------------------------------------

# refuses NAME WANTED SED-SCRIPT: the schema that the script makes of the good one
refuses() {
    sed "$3" schema.json >changed.json
    cmp -s schema.json changed.json && not_ok "$1" 'the script changes nothing'
    prints "$1" 3 '' "changed.json:$2" check good --schema changed.json
}

refuses 'a keyword that is not the library'"'"'s' '2:3: unknown keyword "$id"' 's/"$schema"/"$id"/'
refuses 'one in a property' '11:7: unknown keyword "exclusiveMinimum"' '0,/"minimum"/s//"exclusiveMinimum"/'
refuses 'format' '10:7: unknown keyword "format"
changed.json:47:9: x-cmreload-type: no type of a field: format' '0,/"type": "integer"/s//"format": "x"/;s/"cidr"/"format"/'
refuses 'no JSON' '1:1: wanted a value, found "x"' '1s/.*/x/'
refuses 'no object' '1:1: wanted an object' '1s/.*/5/;2,$d'
refuses 'no key' '1:1: x-cmreload-key is missing' '/x-cmreload-key/d'
refuses 'a key that is none' '5:3: x-cmreload-key: a malformed key' 's/app.yaml#server/app.yaml#[/'
refuses 'a key with two mounts' '5:3: x-cmreload-key: a malformed key' 's/app.yaml#server/a:b:app.yaml/'
refuses 'no policy' '1:1: wanted x-cmreload-unknown: ignore, warn or refuse' '/x-cmreload-unknown/d'
refuses 'a policy that is none' '6:3: x-cmreload-unknown: wanted x-cmreload-unknown: ignore, warn or refuse' 's/"warn"/"never"/'
refuses 'a type that says something else' '10:7: type: wanted integer here' '0,/"type": "integer"/s//"type": "number"/'
refuses 'of no type' '9:5: x-cmreload-type is missing' '0,/"x-cmreload-type": "uint64",/s///'
refuses 'an unknown type' '13:7: x-cmreload-type: no type of a field: int32' '0,/"uint64"/s//"int32"/'
refuses 'a type that no field has' '13:7: x-cmreload-type: no type of a field: map' '0,/"uint64"/s//"map"/'
refuses 'a bound that is not the type'"'"'s' '11:7: x-cmreload-minimum: not a keyword for a uint64' \
    '0,/"minimum": 1/s//"x-cmreload-minimum": "1"/'
refuses 'a keyword of another JSON type' '11:7: minimum: not what is wanted here, found a string' '0,/"minimum": 1/s//"minimum": "1"/'
refuses 'a keyword for maps only' '11:7: required: not a keyword for a single value' '0,/"minimum": 1/s//"required": []/'
refuses 'a default out of bounds' ' field workers: its default: 65 is more than 64' 's/"default": 4/"default": 65/'
refuses 'a list for a single default' '21:7: default: a list, where a single value is described' 's/"default": 4/"default": [4]/'
refuses 'what is required is not there' '93:3: required: there is no property "prot"' '$!N;s/"port",\n    "upstreams"/"prot",\n    "upstreams"/;P;D'
refuses 'properties that others may not have' '8:3: additionalProperties: wanted false, and x-cmreload-unknown "refuse"' \
    's/^  "properties"/  "additionalProperties": false,\n  "properties"/'
fails 'no such file' 3 'absent.json' check good --schema absent.json
fails '--schema without a file' 2 'needs a value' check good --schema

echo "$checks checks, $failures failed"
[ "$failures" -eq 0 ]
