#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The unit tests of the Python package, bindings/python/tests, as developers run Python: a warning is an error.
set -eu
source_dir=$2 build_dir=$3
. "$source_dir/tests/support/python.sh"
python_need "$build_dir"

cd "$source_dir/bindings/python/tests"
exec "$python" -X dev -X faulthandler -W error -m unittest 2>&1
