#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Runs the tests: sh tests/run.sh [--quick]
#   without an option: everything; gcc and clang, sanitizers, the release build, valgrind (under 30 minutes on 2 cores)
#   --quick: one build with sanitizers, without the slow tests (under 2 minutes)
# Builds go to build/ in the source folder, or to $CMRELOAD_BUILD_ROOT. The last line sums up.
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/tests/support/packages.sh"
builds=${CMRELOAD_BUILD_ROOT:-$root/build}
case $builds in
/*) ;;
*) builds=$PWD/$builds ;;
esac
jobs=$(nproc)

quick=
while [ $# -gt 0 ]; do
    case $1 in
    --quick) quick=yes ;;
    *)
        echo "usage: sh tests/run.sh [--quick]" >&2
        exit 2
        ;;
    esac
    shift
done

if [ -n "$quick" ]; then
    packages_need "$packages_build $packages_tests"
else
    packages_need "$packages_build $packages_tests $packages_full" "$packages_wanted"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
passed=0 failed=0 skipped=0
: >"$work/failures"
: >"$work/skips"

heading() {
    printf '\n==== %s ====\n' "$*"
}

# A stage's own success, failure or absence counts like a test's.
stage_failed() {
    echo "FAILED: $*"
    echo "$*" >>"$work/failures"
    failed=$((failed + 1))
}

stage_skipped() {
    echo "SKIP: $*"
    echo "$*" >>"$work/skips"
    skipped=$((skipped + 1))
}

# build NAME PRESET [CMAKE-ARGUMENT...]
build() {
    name=$1 preset=$2
    shift 2
    heading "build: $name"
    if (cd "$root" && cmake --preset "$preset" -B "$builds/$name" "$@") >"$work/log" 2>&1 &&
        cmake --build "$builds/$name" -j "$jobs" >"$work/log" 2>&1; then
        grep 'warning:' "$work/log"
        return 0
    fi
    cat "$work/log"
    stage_failed "build: $name"
    return 1
}

# run_tests BUILD STAGE CTEST-ARGUMENT...: runs tests of that build and adds up how they ended
run_tests() {
    name=$1 stage=$2
    shift 2
    heading "tests: $stage"
    rm -f "$work/results.xml"
    ctest --test-dir "$builds/$name" --output-on-failure --no-tests=error --test-output-size-passed 65536 \
        --output-junit "$work/results.xml" -j "$jobs" "$@"
    ctest_status=$?
    [ -s "$work/results.xml" ] || {
        stage_failed "tests: $stage: ctest ended with $ctest_status and no results"
        return
    }
    # A line for each test: how it ended and its name; skips with their reason.
    awk -v stage="$stage" -v failures="$work/failures" -v skips="$work/skips" '
        function attribute(key) {
            return match($0, " " key "=\"[^\"]*\"") ? substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 4) : ""
        }
        /<testcase / {
            test = attribute("name")
            status = attribute("status")
            if (status == "run") passed++
            else if (status == "notrun" || status == "disabled") skipped++
            else { failed++; print stage ": " test >>failures }
            reason = 0
        }
        # A test that was skipped, or that left a part out, says why.
        match($0, /SKIP: .*/) {
            why = substr($0, RSTART + 6)
            sub(/<\/system-out>.*/, "", why)
            gsub(/&lt;/, "<", why); gsub(/&gt;/, ">", why); gsub(/&quot;/, "\"", why); gsub(/&apos;/, "'\''", why)
            gsub(/&amp;/, "\\&", why)
            print stage ": " test ": " why >>skips
            reason = 1
        }
        /<\/testcase>/ && status == "notrun" && !reason { print stage ": " test ": no reason given" >>skips }
        END { print passed + 0, failed + 0, skipped + 0 }
    ' "$work/results.xml" >"$work/counts"
    read -r run_passed run_failed run_skipped <"$work/counts"
    passed=$((passed + run_passed)) failed=$((failed + run_failed)) skipped=$((skipped + run_skipped))
    [ "$ctest_status" -eq 0 ] || [ "$run_failed" -gt 0 ] ||
        stage_failed "tests: $stage: ctest ended with $ctest_status"
}

# ---- the stages ---------------------------------------------------------------------------------

stage_dev_quick() {
    build dev dev && run_tests dev dev -LE slow
}

stage_dev() {
    build dev dev && run_tests dev dev
}

stage_clang() {
    command -v clang >/dev/null || {
        stage_skipped "clang: not installed"
        return
    }
    build dev-clang dev -DCMAKE_C_COMPILER=clang && run_tests dev-clang dev-clang -LE slow
}

stage_release() {
    build release release && run_tests release release -LE memcheck
}

stage_memcheck() {
    command -v valgrind >/dev/null || {
        stage_skipped "valgrind: not installed"
        return
    }
    [ -e "$builds/release/cmreload" ] && run_tests release valgrind -L memcheck
}

stage_tsan() {
    build tsan tsan && run_tests tsan tsan -L threads
}

if [ -n "$quick" ]; then
    stage_dev_quick
else
    stage_dev
    stage_clang
    stage_release
    stage_memcheck
    stage_tsan
fi

# ---- the end ------------------------------------------------------------------------------------

if [ -s "$work/skips" ]; then
    heading "skipped, or skipped in part"
    cat "$work/skips"
fi
if [ -s "$work/failures" ]; then
    heading "failed"
    cat "$work/failures"
fi
printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]
