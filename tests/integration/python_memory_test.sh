#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The Python package with AddressSanitizer and UndefinedBehaviorSanitizer, in a build that has them: a plain Python loads that
# when their runtime was there first. Python's own leaks are not told from others; python_unit_test.sh looks for those.
set -eu
source_dir=$2 build_dir=$3
. "$source_dir/tests/support/python.sh"

sanitize=$(sed -n 's/^CMRELOAD_SANITIZE:[A-Z]*=//p' "$build_dir/CMakeCache.txt")
case $sanitize in
*address*) ;;
*)
    echo 'SKIP: this build is without AddressSanitizer'
    exit 77
    ;;
esac
cc=$(sed -n 's/^CMAKE_C_COMPILER:[A-Z]*=//p' "$build_dir/CMakeCache.txt")
asan=$("$cc" -print-file-name=libasan.so) ubsan=$("$cc" -print-file-name=libubsan.so)
[ -e "$asan" ] && [ -e "$ubsan" ] || {
    echo "SKIP: $cc has no runtime that could be loaded first"
    exit 77
}
python_find "$build_dir" sanitized || {
    echo "SKIP: $python_why"
    exit 77
}

cd "$source_dir/bindings/python/tests"
export PYTHONMALLOC=malloc ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1
LD_PRELOAD="$asan $ubsan" exec "$python" -X faulthandler -W error -m unittest test_snapshot test_reloader test_validator \
    test_asyncio test_lifetime.Collecting test_lifetime.Threads test_lifetime.Signals test_lifetime.Forks 2>&1
