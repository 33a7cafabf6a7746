#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Reads cost no more than is promised, in instructions, which are the same wherever they are counted; and an unchanged
# reader neither locks nor writes. bench/reads.sh measures.
set -eu
source_dir=$2 build_dir=$3
. "$source_dir/tests/support/script.sh"

[ -z "$(cached CMRELOAD_SANITIZE)" ] || skip "a build with sanitizers"
release_need
command -v valgrind >/dev/null || skip "no valgrind"

work_begin
sh "$source_dir/tests/bench/reads.sh" "$build_dir" >"$work/reads" || fail "reads.sh"
cat "$work/reads"

# counted BEGINNING: the instructions of the row that begins so
counted() {
    awk -F '|' -v row=" $1" 'index($2, row) == 1 { print $3 + 0; exit }' "$work/reads"
}

# at_most MOST BEGINNING
at_most() {
    found=$(counted "$2")
    [ "${found:-0}" -gt 0 ] || fail "not measured: $2"
    [ "$found" -le "$1" ] || fail "$2: $found instructions, at most $1 are promised"
}

at_most 2 'a bound variable'
at_most 12 '`cmr_reader_snapshot`, unchanged'
at_most 120 '`cmr_reader_get_int64`'
at_most 250 '`cmr_get_int64('
echo "ok: within what is promised"

# ---- what is compiled --------------------------------------------------------------------------

[ "$(uname -m)" = x86_64 ] && command -v objdump >/dev/null || {
    echo "SKIP: what is compiled: no x86-64, or no objdump"
    exit 0
}

# code FUNCTION
code() {
    awk -v name="$1:" '$0 == name { on = 1; next } /^$/ { on = 0 } on' "$work/reads"
}

# Locks, exchanges, calls, and stores to anywhere but the stack.
writes() {
    grep -E '\<lock\>|xchg|\<call|^ +(mov|add|sub|inc|dec|and|or|xor)[a-z]* .*[ ,](%fs:|%gs:)?-?(0x[0-9a-f]+)?\((%r[^s]|%rsi)[^()]*\)$'
}

[ "$(code read_bound | grep -c .)" -eq 2 ] && code read_bound | grep -qE '^ +mov +0x[0-9a-f]+\(%rip\),%eax' ||
    fail "a bound variable's read is no plain load"
code cmr_reader_snapshot | grep -q 'cmp' || fail "cmr_reader_snapshot is not understood"
! code cmr_reader_snapshot | writes || fail "an unchanged reader locks or writes"
echo '    lock cmpxchg %rcx,0x8(%rdi)' | writes >/dev/null || fail "a lock would not be noticed"
echo '    mov    %rax,0x8(%rdi)' | writes >/dev/null || fail "a store would not be noticed"
echo '    addq   $0x1,(%rax)' | writes >/dev/null || fail "a store would not be noticed"
! echo '    mov    0x8(%rdi),%rax' | writes >/dev/null || fail "a load is taken for a store"
echo "ok: a plain load, and neither a lock nor a store"
