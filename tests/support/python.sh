# shellcheck shell=sh disable=SC2034 # the names are used where this is sourced
# SPDX-License-Identifier: MIT
#
# Sourced by the tests of the Python binding.

# python_find BUILD_DIR [sanitized]: sets $python and exports PYTHONPATH, by which it imports the build's package; or returns 1,
# with the reason in $python_why.
python_find() {
    python=$(sed -n 's/^CMRELOAD_PYTHON_EXECUTABLE:[A-Z]*=//p' "$1/CMakeCache.txt")
    if [ ! -e "$1/bindings/python/cmreload/_cmreload.abi3.so" ]; then
        python_why='this build has no Python binding (CMRELOAD_PYTHON, python3-dev)'
        return 1
    elif [ -z "${2:-}" ] && [ -n "$(sed -n 's/^CMRELOAD_SANITIZE:[A-Z]*=//p' "$1/CMakeCache.txt")" ]; then
        python_why='a plain Python does not load what is built with sanitizers; the release build does'
        return 1
    fi
    export PYTHONPATH="$1/bindings/python" PYTHONDONTWRITEBYTECODE=1
}

# python_need BUILD_DIR: the same, or the test is skipped.
python_need() {
    python_find "$1" || {
        echo "SKIP: $python_why"
        exit 77
    }
}
