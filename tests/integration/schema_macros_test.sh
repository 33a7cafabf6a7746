#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The macros of a schema let only tables compile that fit their struct: schema_macros_test.sh TOOL SOURCE BUILD
#
# With each compiler that is there, a table of fields of all kinds compiles without a warning, and each of many lines
# that are wrong is refused, by an error of the right kind: so that none is refused for a slip of this test.
set -u
. "$(dirname "$0")/../support/checks.sh"

source_dir=$2
work=$(mktemp -d "${TMPDIR:-/tmp}/cmreload-macros.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
failures=0
checks=0
tried=0

head='#include <cmreload/cmreload.h>
enum colour { RED, GREEN };
struct item { const char *name; };
struct all {
    bool flag; signed char int8; short int16; int integer; long int64; long long longer;
    unsigned char uint8; unsigned short uint16; unsigned uint32; unsigned long uint64; size_t size;
    double number; float single; const char *text; char *writable; char array[16]; int64_t wait; uint64_t bytes;
    enum colour colour; cmr_log_level level; cmr_ip ip; cmr_cidr cidr; unsigned bits : 3; char character;
    const int *ints; int *own_ints; const char *const *texts; const char **own_texts; char **writable_texts;
    size_t count; int small_count; int int_array[4]; const bool *flags; const double *numbers; const cmr_ip *ips;
    struct item item; const struct item *items; struct item *own_items; void *any; const struct all *others;
};
static const cmr_field item_fields[] = { CMR_FIELD_STRING(struct item, name, "name", .required = true), CMR_FIELD_END };
static const cmr_enum_item colours[] = { { "red", RED }, { "green", GREEN }, { NULL, 0 } };
'
tail='
CMR_FIELD_END };
extern const cmr_schema schema;
const cmr_schema schema = CMR_SCHEMA(struct all, fields, .unknown = CMR_UNKNOWN_REFUSE, .name = "All", .text = "Of them");
extern const cmr_schema bare;
const cmr_schema bare = CMR_SCHEMA(struct all, fields);
'

good='
CMR_FIELD_BOOL(struct all, flag, "a"), CMR_FIELD_INT(struct all, int8, "b"), CMR_FIELD_INT(struct all, int16, "c"),
CMR_FIELD_INT(struct all, integer, "d", .otherwise = "5", .minimum = "1", .maximum = "9", .text = "Some"),
CMR_FIELD_INT(struct all, int64, "e"), CMR_FIELD_INT(struct all, longer, "f"), CMR_FIELD_INT(struct all, uint8, "g"),
CMR_FIELD_INT(struct all, uint16, "h"), CMR_FIELD_INT(struct all, uint32, "i"), CMR_FIELD_INT(struct all, uint64, "j"),
CMR_FIELD_INT(struct all, size, "k"), CMR_FIELD_DOUBLE(struct all, number, "l"), CMR_FIELD_STRING(struct all, text, "m"),
CMR_FIELD_DURATION(struct all, wait, "n"), CMR_FIELD_SIZE(struct all, bytes, "o"),
CMR_FIELD_ENUM(struct all, colour, "p", .table = colours), CMR_FIELD_ENUM(struct all, integer, "q", .table = colours),
CMR_FIELD_LOG_LEVEL(struct all, level, "r"), CMR_FIELD_LOG_LEVEL(struct all, integer, "s"),
CMR_FIELD_PERCENT(struct all, number, "t"), CMR_FIELD_IP(struct all, ip, "u"), CMR_FIELD_CIDR(struct all, cidr, "v"),
CMR_FIELD_LIST(struct all, ints, count, "w", INT), CMR_FIELD_LIST(struct all, own_ints, count, "x", INT, .most = 3),
CMR_FIELD_LIST(struct all, texts, count, "y", STRING), CMR_FIELD_LIST(struct all, own_texts, count, "z", STRING),
CMR_FIELD_LIST(struct all, flags, count, "A", BOOL), CMR_FIELD_LIST(struct all, numbers, count, "B", PERCENT),
CMR_FIELD_LIST(struct all, ips, count, "C", IP), CMR_FIELD_STRUCT(struct all, item, "D", item_fields),
CMR_FIELD_STRUCT(struct all, item, "E", item_fields, .required = true),
CMR_FIELD_STRUCTS(struct all, items, count, "F", struct item, item_fields),
CMR_FIELD_STRUCTS(struct all, own_items, count, "G", struct item, item_fields, .least = 1),'

# compile NAME TEXT: compiles a table that has the text in it; what is said goes to work/log.
compile() {
    printf '%s\nstatic const cmr_field fields[] = { %s %s' "$head" "$2" "$tail" >"$work/$1.c"
    "$compiler" -std=c11 -Wall -Wextra -Wconversion -Wpedantic -Wshadow -Wcast-qual -Werror -I "$source_dir/include" \
        -c "$work/$1.c" -o "$work/$1.o" >"$work/log" 2>&1
}

# refused WORDS FIELD: the field does not compile, and the compiler says these words, a pattern of grep.
refused() {
    if compile wrong "$2,"; then
        not_ok "$compiler: $2" 'it compiles'
    elif grep -q -- "$1" "$work/log"; then
        ok "$compiler: refused: $2"
    else
        not_ok "$compiler: $2" "wanted: $1" "$(cat "$work/log")"
    fi
}

mismatch='_Generic'
for compiler in gcc clang; do
    command -v "$compiler" >/dev/null || {
        echo "SKIP: no $compiler"
        continue
    }
    tried=$((tried + 1))
    if compile good "$good"; then ok "$compiler: fields of all kinds"; else
        not_ok "$compiler: fields of all kinds" "$(cat "$work/log")"
    fi
    refused "$mismatch" 'CMR_FIELD_BOOL(struct all, integer, "a")'
    refused "$mismatch" 'CMR_FIELD_INT(struct all, flag, "a")'
    refused "$mismatch" 'CMR_FIELD_INT(struct all, character, "a")'
    refused "$mismatch" 'CMR_FIELD_INT(struct all, number, "a")'
    refused "$mismatch" 'CMR_FIELD_INT(struct all, text, "a")'
    refused "$mismatch" 'CMR_FIELD_INT(struct all, int_array, "a")'
    refused 'bit-field' 'CMR_FIELD_INT(struct all, bits, "a")'
    refused "$mismatch" 'CMR_FIELD_DOUBLE(struct all, single, "a")'
    refused "$mismatch" 'CMR_FIELD_STRING(struct all, writable, "a")'
    refused "$mismatch" 'CMR_FIELD_STRING(struct all, array, "a")'
    refused "$mismatch" 'CMR_FIELD_DURATION(struct all, integer, "a")'
    refused "$mismatch" 'CMR_FIELD_DURATION(struct all, bytes, "a")'
    refused "$mismatch" 'CMR_FIELD_SIZE(struct all, uint32, "a")'
    refused "$mismatch" 'CMR_FIELD_SIZE(struct all, wait, "a")'
    refused "$mismatch" 'CMR_FIELD_ENUM(struct all, uint8, "a")'
    refused "$mismatch" 'CMR_FIELD_LOG_LEVEL(struct all, int64, "a")'
    refused "$mismatch" 'CMR_FIELD_PERCENT(struct all, integer, "a")'
    refused "$mismatch" 'CMR_FIELD_IP(struct all, cidr, "a")'
    refused "$mismatch" 'CMR_FIELD_CIDR(struct all, ip, "a")'
    refused "$mismatch" 'CMR_FIELD_LIST(struct all, ints, small_count, "a", INT)'
    refused "$mismatch" 'CMR_FIELD_LIST(struct all, ints, count, "a", STRING)'
    refused "$mismatch" 'CMR_FIELD_LIST(struct all, texts, count, "a", INT)'
    refused "$mismatch" 'CMR_FIELD_LIST(struct all, writable_texts, count, "a", STRING)'
    refused "$mismatch" 'CMR_FIELD_LIST(struct all, int_array, count, "a", INT)'
    refused "$mismatch" 'CMR_FIELD_LIST(struct all, items, count, "a", INT)'
    refused 'WHATEVER' 'CMR_FIELD_LIST(struct all, ints, count, "a", WHATEVER)'
    refused "$mismatch" 'CMR_FIELD_STRUCTS(struct all, others, count, "a", struct item, item_fields)'
    refused "$mismatch" 'CMR_FIELD_STRUCTS(struct all, any, count, "a", struct item, item_fields)'
    refused "$mismatch" 'CMR_FIELD_STRUCTS(struct all, item, count, "a", struct item, item_fields)'
    refused "$mismatch" 'CMR_FIELD_STRUCTS(struct all, items, small_count, "a", struct item, item_fields)'
    refused 'no member' 'CMR_FIELD_INT(struct all, absent, "a")'
    refused 'no member' 'CMR_FIELD_LIST(struct all, ints, absent, "a", INT)'
    refused 'no member' 'CMR_FIELD_STRUCT(struct all, absent, "a", item_fields)'
    refused 'item_field' 'CMR_FIELD_STRUCT(struct all, item, "a", item_field)'
    refused 'colour' 'CMR_FIELD_ENUM(struct all, colour, "a", .table = colour)'
    refused 'othrwise' 'CMR_FIELD_INT(struct all, integer, "a", .othrwise = "5")'
    refused 'nitializ' 'CMR_FIELD_INT(struct all, integer, 5)'
done
[ "$tried" -gt 0 ] || exit 77
echo "$checks checks, $failures failed"
[ "$failures" -eq 0 ]
