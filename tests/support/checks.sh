# SPDX-License-Identifier: MIT
#
# Sourced by the tests of the tool: checks that are counted and told one a line. They want $tool and $wrapper (put before
# every call of the tool), and count in $checks and $failures.

cmreload() {
    # shellcheck disable=SC2086
    $wrapper "$tool" "$@"
}

ok() {
    checks=$((checks + 1))
    echo "ok $1"
}

not_ok() {
    checks=$((checks + 1))
    failures=$((failures + 1))
    echo "not ok $1"
    shift
    for line in "$@"; do
        printf '%s\n' "$line" | sed 's/^/# /'
    done
}

# is NAME WANTED FOUND
is() {
    if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "wanted: $2" "found:  $3"; fi
}

# fails NAME STATUS TEXT ARGUMENT...: the status, nothing on stdout, and TEXT on stderr.
fails() {
    name=$1 wanted=$2 text=$3
    shift 3
    cmreload "$@" >out 2>err </dev/null
    found=$?
    if [ "$found" = "$wanted" ] && [ ! -s out ] && grep -qF -- "$text" err; then ok "$name"; else
        not_ok "$name" "cmreload $*" "wanted status $wanted and: $text" "found status $found and:" "$(cat out err)"
    fi
}
