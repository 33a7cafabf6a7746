# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# What tests that are scripts begin with; sourced with $build_dir set.

skip() {
    echo "SKIP: $*"
    exit 77
}

# Shows what the program printed last, if the test has put that into $work/out.
fail() {
    [ -z "${work:-}" ] || [ ! -f "$work/out" ] || cat "$work/out"
    echo "FAILED: $*"
    exit 1
}

# cached NAME: what a cache variable of this build is
cached() {
    sed -n "s/^$1:[A-Z]*=//p" "$build_dir/CMakeCache.txt"
}

release_need() {
    case $(cached CMAKE_BUILD_TYPE) in
    Rel*) ;;
    *) skip "not a release build" ;;
    esac
}

work_tidy() {
    [ -z "$running" ] || kill "$running" 2>/dev/null || true
    rm -rf "$work"
}

# A folder of the test's own, $work. At the end it is removed, and the process $running, if there is one, ended.
work_begin() {
    work=$(mktemp -d)
    running=
    trap work_tidy EXIT
    trap 'exit 1' HUP INT TERM
}

# prints PATTERN: waits until $running, which is called $name, has printed it into the file out
prints() {
    tries=0
    until grep -q -e "$1" out; do
        tries=$((tries + 1))
        [ "$tries" -le 600 ] || fail "${name:+$name: }'$1' did not come within a minute"
        kill -0 "$running" 2>/dev/null || fail "${name:+$name: }it ended before it printed '$1'"
        sleep 0.1
    done
}
