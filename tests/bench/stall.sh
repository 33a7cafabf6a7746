#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The longest gap between two turns of a 1 ms timer while 1 MiB of YAML is reloaded, in dispatch and in the
# background, as a Markdown table: stall.sh BUILD [RELOADS]
set -eu
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 "$(dirname "$0")/workloads.py" w4.yaml 1048000 >"$work/w4.yaml"
"$build/tests/bench/stall" "$work/w4.yaml" "${2:-100}"
