#!/bin/sh
# SPDX-License-Identifier: MIT
#
# How long a swap takes to arrive in 17 processes that share, and in 17 that each follow for themselves, as a Markdown
# table: share.sh BUILD [SWAPS]
set -eu
build=$1 swaps=${2:-50}
source_dir=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$source_dir/tests/bench/share_workloads.sh"
share_workloads "$source_dir" "$work"
share_head
for kind in shared alone; do
    "$build/tests/bench/share" "$kind" 17 "$swaps" "$work/game.properties" "$work/ui.properties" | grep '^|'
    "$build/tests/bench/share" "$kind" 17 "$swaps" "$work/w4.yaml" | grep '^|'
done
