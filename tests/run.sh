#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Runs the tests: sh tests/run.sh [--quick | --guards | --soak MINUTES]
#   without an option: everything; gcc and clang, sanitizers, the release build, valgrind, a while of each fuzz
#       target: $CMRELOAD_FUZZ_SECONDS, 30 (under 30 minutes on 2 cores)
#   --quick: one build with sanitizers, without the slow and long tests (under 2 minutes)
#   --guards: whether the tests of the requirements fail when what they are about is taken out of the code
#       (tests/guards/run.sh; under 10 minutes)
#   --soak MINUTES: random faults against a process that follows, in the release build, for so long (tests/soak)
# Builds go to build/ in the source folder, or to $CMRELOAD_BUILD_ROOT. The last line sums up.
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/tests/support/packages.sh"
. "$root/tests/guards/run.sh"
builds=${CMRELOAD_BUILD_ROOT:-$root/build}
case $builds in
/*) ;;
*) builds=$PWD/$builds ;;
esac
jobs=$(nproc)

quick= guards= soak=

usage() {
    echo "usage: sh tests/run.sh [--quick | --guards | --soak MINUTES]" >&2
    exit 2
}

while [ $# -gt 0 ]; do
    case $1 in
    --quick) quick=yes ;;
    --guards) guards=yes ;;
    --soak)
        shift
        soak=${1:-}
        case $soak in
        '' | *[!0-9]* | 0*) usage ;;
        esac
        ;;
    *) usage ;;
    esac
    shift
done

if [ -n "$quick$guards$soak" ]; then
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
    build dev dev && run_tests dev dev -LE 'slow|long'
}

stage_dev() {
    build dev dev && run_tests dev dev
}

stage_clang() {
    command -v clang >/dev/null || {
        stage_skipped "clang: not installed"
        return
    }
    build dev-clang dev -DCMAKE_C_COMPILER=clang && run_tests dev-clang dev-clang -LE 'slow|long'
}

stage_release() {
    build release release || return
    run_tests release release -LE 'memcheck|slow'
    run_tests release "hostile input, measured" -R hostile_test # the other slow ones have run under sanitizers
}

stage_memcheck() {
    command -v valgrind >/dev/null || {
        stage_skipped "valgrind: not installed"
        return
    }
    [ -e "$builds/release/cmreload" ] && run_tests release valgrind -L memcheck
}

stage_tsan() {
    build tsan tsan && run_tests tsan tsan -L threads -LE slow
}

# can_fuzz: whether clang has its libFuzzer, which some packagings leave out
can_fuzz() {
    echo 'int LLVMFuzzerTestOneInput(const char *d, unsigned long n) { return d && n ? 0 : 0; }' >"$work/try.c"
    clang -fsanitize=fuzzer,address "$work/try.c" -o "$work/try" >/dev/null 2>&1
}

# fuzz PROGRAM: a line of executions and coverage, and, if something was found, what it says
fuzz() {
    target=${1##*/fuzz_} folder=$root/tests/fuzz/${1##*/fuzz_}
    mkdir -p "$work/fuzz/$target" "$builds/fuzz/finds"
    if "$1" -dict="$folder/dict" -max_total_time="${CMRELOAD_FUZZ_SECONDS:-30}" -max_len=4096 -timeout=20 \
        -artifact_prefix="$builds/fuzz/finds/$target-" -print_final_stats=1 \
        "$work/fuzz/$target" "$folder/seeds" >"$work/fuzz/$target.log" 2>&1; then
        awk -v target="$target" '
            / cov: / { for (i = 1; i < NF; i++) if ($i == "cov:") coverage = $(i + 1) }
            /^stat::number_of_executed_units/ { executions = $2 }
            END { printf "%-12s %9d executions, %5d edges\n", target, executions, coverage }
        ' "$work/fuzz/$target.log"
        return 0
    fi
    tail -n 40 "$work/fuzz/$target.log"
    echo "$target" >>"$work/fuzz/failed"
}

# Two targets at a time: each has one thread.
stage_fuzz() {
    can_fuzz || {
        stage_skipped "fuzz: no clang with libFuzzer"
        return
    }
    heading "build: fuzzers"
    if ! (cd "$root" && cmake --preset release -B "$builds/fuzz" -DCMRELOAD_FUZZ=ON -DCMAKE_C_COMPILER=clang) \
        >"$work/log" 2>&1 || ! cmake --build "$builds/fuzz" --target fuzzers -j "$jobs" >"$work/log" 2>&1; then
        cat "$work/log"
        stage_failed "build: fuzzers"
        return
    fi
    heading "fuzz, ${CMRELOAD_FUZZ_SECONDS:-30} seconds a target"
    running=
    for program in "$builds"/fuzz/tests/fuzz/fuzz_*; do
        passed=$((passed + 1))
        fuzz "$program" &
        if [ -n "$running" ]; then
            wait
            running=
        else
            running=yes
        fi
    done
    wait
    [ -e "$work/fuzz/failed" ] || return
    while read -r target; do
        passed=$((passed - 1))
        stage_failed "fuzz: $target: the input is in $builds/fuzz/finds"
    done <"$work/fuzz/failed"
}

# The figures are a Markdown table; docs/reliability.md says what they mean.
stage_soak() {
    build release release || return
    heading "soak, $soak minutes"
    {
        "$builds/release/tests/soak/soak" --minutes "$soak" --table 2>&1
        echo $? >"$work/status"
    } | tee "$work/log"
    read -r soak_status <"$work/status"
    case $soak_status in
    0) passed=$((passed + 1)) ;;
    77) stage_skipped "soak: $(sed -n 's/^SKIP: //p' "$work/log")" ;;
    *) stage_failed "soak: $(grep '^FAILED' "$work/log" || echo "it ended with $soak_status")" ;;
    esac
}

if [ -n "$guards" ]; then
    stage_guards
elif [ -n "$soak" ]; then
    stage_soak
elif [ -n "$quick" ]; then
    stage_dev_quick
else
    stage_dev
    stage_clang
    stage_release
    stage_memcheck
    stage_tsan
    stage_fuzz
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
