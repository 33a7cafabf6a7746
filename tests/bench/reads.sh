#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What reading one value costs: sh tests/bench/reads.sh BUILD
#
# Prints a Markdown table of instructions (callgrind's, of the library's call with all that it calls), of a release build.
# Then, on x86-64, what is compiled of a bound variable's read and of cmr_reader_snapshot's unchanged path.
set -eu
build=${1:?usage: sh tests/bench/reads.sh BUILD}
program=$build/tests/bench/reads

command -v valgrind >/dev/null && [ -x "$program" ] || {
    echo "This needs valgrind, and a build." >&2
    exit 1
}
rounds=$("$program" --rounds)

# instructions FUNCTION: of one call
instructions() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect="$1" "$program" 2>&1 >/dev/null |
        awk -v rounds="$rounds" '$2 == "Collected" { printf "%.0f", $4 / rounds }'
}

# code FUNCTION: its instructions up to the first return
code() {
    objdump --no-show-raw-insn -d "$program" |
        awk -v name="<$1>:" '$2 == name { on = 1; next } on { sub(/^ *[0-9a-f]+:[ \t]*/, ""); print } on && /^ret/ { exit }'
}

cat <<END
| read | instructions |
|---|---:|
| a bound variable | $(instructions read_bound) |
| \`cmr_reader_snapshot\`, unchanged | $(instructions read_reader) |
| \`cmr_reader_get_int64\` of a reader's key, unchanged | $(instructions read_reader_key) |
| the same, for the first time in a snapshot | $(instructions read_reader_key_anew) |
| \`cmr_get_int64(snapshot, "app.yaml#server.port", …)\` | $(instructions read_string_key) |
| the same, for the first time in a snapshot | $(instructions read_string_key_anew) |
END

[ "$(uname -m)" = x86_64 ] && command -v objdump >/dev/null || exit 0
for function in read_bound cmr_reader_snapshot; do
    printf '\n%s:\n' "$function"
    code "$function" | sed 's/^/    /'
done
