#!/bin/sh
# SPDX-License-Identifier: MIT
#
# An ordinary request with five variables of nginx's module costs at most 1.05 times the instructions of one without the
# module, that is answered with the same texts, and no more than with five variables of nginx's own. bench/nginx.sh
# measures.
set -eu
source_dir=$2 build_dir=$3
. "$source_dir/tests/support/script.sh"

release_need

status=0
measured=$(sh "$source_dir/tests/bench/nginx.sh" "$build_dir" proxied) || status=$?
echo "$measured"
[ "$status" -eq 0 ] || exit "$status"

# column NUMBER: of the row
column() {
    echo "$measured" | awk -F '|' -v column="$1" '$2 ~ /^ *proxied/ { print $column + 0 }'
}

# at_most MOST NUMBER WHAT
at_most() {
    awk -v most="$1" -v found="$2" 'BEGIN { exit !(found > 0 && found <= most) }' || fail "$3: $2, at most $1"
}

at_most 1.05 "$(column 6)" 'five variables to five texts'
at_most 1.00 "$(column 7)" "five variables to five of nginx's own"
at_most 250 "$(column 8)" 'instructions in the module itself'
echo "ok: within what is promised"
