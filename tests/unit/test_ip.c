/* SPDX-License-Identifier: MIT
 *
 * Addresses and CIDRs: what is one and what is none, by Go's netip; each text of thousands that are nearly an
 * address is one exactly if the C library's inet_pton says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>

#include "model/convert.h"
#include "support/snapshot_of.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void addresses_are_read(void **state)
{
    static const struct {
        const char *text;
        int version;
        unsigned char bytes[16];
    } cases[] = {
        { "0.0.0.0", 4, { 0 } },
        { "10.0.0.7", 4, { 10, 0, 0, 7 } },
        { "255.255.255.255", 4, { 255, 255, 255, 255 } },
        { "::", 6, { 0 } },
        { "::1", 6, { [15] = 1 } },
        { "1::", 6, { [1] = 1 } },
        { "2001:db8::7", 6, { 0x20, 1, 0x0d, 0xb8, [15] = 7 } },
        { "2001:DB8:0:0:0:0:0:7", 6, { 0x20, 1, 0x0d, 0xb8, [15] = 7 } },
        { "1:2:3:4:5:6:7::", 6, { 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 0 } },
        { "::2:3:4:5:6:7:8", 6, { 0, 0, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8 } },
        { "0001:2:3:4:5:6:7:ffff", 6, { 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 255, 255 } },
        { "::ffff:10.0.0.7", 6, { [10] = 255, 255, 10, 0, 0, 7 } },
        { "1:2:3:4:5:6:1.2.3.4", 6, { 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 1, 2, 3, 4 } },
        { "1::1.2.3.4", 6, { [1] = 1, [12] = 1, 2, 3, 4 } },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        cmr_ip ip;

        memset(&ip, 0x55, sizeof(ip));
        if (cmr__parse_ip(cases[i].text, strlen(cases[i].text), &ip) != CMR_OK)
            fail_msg("%s is no address", cases[i].text);
        assert_int_equal(ip.version, cases[i].version);
        assert_memory_equal(ip.bytes, cases[i].bytes, 16);
    }
}

static const char *const no_addresses[] = {
    "",
    "1",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.",
    ".1.2.3",
    "1..2.3",
    "1.2.3.4.",
    "256.1.1.1",
    "1.2.3.1000",
    "01.2.3.4",
    "1.2.3.00",
    "1.2.3.4 ",
    " 1.2.3.4",
    "+1.2.3.4",
    "1.2.3.-4",
    "0x1.2.3.4",
    "1,2,3,4",
    ":",
    ":::",
    "1",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "::1:2:3:4:5:6:7:8",
    "1:2:3:4::5:6:7:8",
    "1::2::3",
    ":1::2",
    "1::2:",
    "1:",
    ":1",
    "12345::",
    "g::",
    "::1%eth0",
    "fe80::1%1",
    "1.2.3.4%eth0",
    "::1.2.3",
    "::1.2.3.4.5",
    "::01.2.3.4",
    "1:2:3:4:5:6:7:1.2.3.4",
    "1:2:3:4:5:6::1.2.3.4",
    "::1.2.3.4:5",
    "1.2.3.4::",
    "[::1]",
    "::1/128",
    "localhost",
    "1.2.3.4\n",
    "\xd9\xa1.2.3.4",
};

static void other_texts_are_none(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(no_addresses); i++) {
        cmr_ip ip = { .version = 99 };

        if (cmr__parse_ip(no_addresses[i], strlen(no_addresses[i]), &ip) != CMR_ERR_TYPE || ip.version != 99)
            fail_msg("\"%s\" is an address", no_addresses[i]);
    }
    assert_int_equal(cmr__parse_ip("1.2.3.4\0", 8, &(cmr_ip){ 0 }), CMR_ERR_TYPE);
    assert_int_equal(cmr__parse_ip("::1\0", 4, &(cmr_ip){ 0 }), CMR_ERR_TYPE);
}

static void the_length_ends_an_address(void **state)
{
    cmr_ip ip;

    (void)state;
    assert_int_equal(cmr__parse_ip("1.2.3.45", 7, &ip), CMR_OK);
    assert_int_equal(ip.bytes[3], 4);
    assert_int_equal(cmr__parse_ip("::1ff", 3, &ip), CMR_OK);
    assert_int_equal(ip.bytes[15], 1);
}

/* A small generator, so that a failure can be had again. */
static unsigned next_random(unsigned *seed)
{
    *seed = *seed * 1103515245u + 12345u;
    return *seed >> 16;
}

static size_t near_address(unsigned *seed, char text[static 64])
{
    static const char *const pieces[] = { ":",     ":",    ":",    "::",    ".",   "0",    "1",
                                          "00",    "ffff", "FFFF", "12345", "255", "256",  "10.0.0.7",
                                          "1:2:3", "db8",  "%",    "/",     "g",   "1.2.3" };
    size_t length = 0, count = 1 + next_random(seed) % 16;

    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        const char *piece = pieces[next_random(seed) % COUNT(pieces)];

        if (length + strlen(piece) >= 64)
            break;
        length += (size_t)sprintf(text + length, "%s", piece);
    }
    return length;
}

/* Groups and parts in their places, so that most are addresses; then one character is changed in some. */
static size_t likely_address(unsigned *seed, char text[static 64])
{
    unsigned gap = next_random(seed) % 9, groups = gap == 8 ? 8 : 1 + next_random(seed) % 8;
    size_t length = 0;

    text[0] = '\0';
    for (unsigned i = 0; i < groups; i++)
        length += (size_t)sprintf(text + length, "%s%x",
                                  i == 0     ? gap == 0 ? "::" : ""
                                  : i == gap ? "::"
                                             : ":",
                                  next_random(seed) % 0x10000u >> 4 * (next_random(seed) % 4));
    if (next_random(seed) % 4 == 0)
        length +=
            (size_t)sprintf(text + length, ":%u.2.3.%u", next_random(seed) % 300, next_random(seed) % 300);
    if (next_random(seed) % 3 == 0 && length > 0)
        text[next_random(seed) % length] = ":.0f/"[next_random(seed) % 5];
    return length;
}

static void all_is_as_inet_pton_reads_it(void **state)
{
    unsigned seed = 4711;
    size_t addresses = 0;

    (void)state;
    for (size_t i = 0; i < 200000; i++) {
        char text[64];
        unsigned char wanted[16] = { 0 };
        size_t length = i % 2 ? near_address(&seed, text) : likely_address(&seed, text);
        int version = inet_pton(AF_INET, text, wanted) == 1    ? 4
                      : inet_pton(AF_INET6, text, wanted) == 1 ? 6
                                                               : 0;
        cmr_ip ip = { 0 };

        addresses += version != 0;
        if ((cmr__parse_ip(text, length, &ip) == CMR_OK) != (version != 0))
            fail_msg("%s: inet_pton says %d", text, version);
        assert_int_equal(ip.version, version);
        if (version)
            assert_memory_equal(ip.bytes, wanted, 16);
    }
    assert_in_range(addresses, 20000, 180000); /* both answers are tried */
}

static void cidrs_are_read(void **state)
{
    static const struct {
        const char *text;
        int version, prefix, last;
    } cases[] = {
        { "0.0.0.0/0", 4, 0, 0 },          { "10.1.2.3/8", 4, 8, 3 },
        { "10.0.0.1/32", 4, 32, 1 },       { "::/0", 6, 0, 0 },
        { "2001:db8::7/32", 6, 32, 7 },    { "::1/128", 6, 128, 1 },
        { "::ffff:1.2.3.4/96", 6, 96, 4 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        cmr_cidr cidr;

        if (cmr__parse_cidr(cases[i].text, strlen(cases[i].text), &cidr) != CMR_OK)
            fail_msg("%s is no CIDR", cases[i].text);
        assert_int_equal(cidr.ip.version, cases[i].version);
        assert_int_equal(cidr.prefix, cases[i].prefix);
        assert_int_equal(cidr.ip.bytes[cases[i].version == 4 ? 3 : 15], cases[i].last);
    }
}

static void other_texts_are_no_cidrs(void **state)
{
    static const char *const texts[] = {
        "",
        "/",
        "/8",
        "10.0.0.0",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/08",
        "10.0.0.0/00",
        "10.0.0.0/+8",
        "10.0.0.0/-1",
        "10.0.0.0/8 ",
        "10.0.0.0 /8",
        "10.0.0.0/ 8",
        "10.0.0/8",
        "10.0.0.0/8/8",
        "10.0.0.0/256",
        "10.0.0.0/4294967304",
        "10.0.0.0/255.0.0.0",
        "::/129",
        "::/0128",
        "::/1000",
        "fe80::%eth0/64",
        "::%1/64",
        "::/6a",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        cmr_cidr cidr = { .prefix = 99 };

        if (cmr__parse_cidr(texts[i], strlen(texts[i]), &cidr) != CMR_ERR_TYPE || cidr.prefix != 99)
            fail_msg("\"%s\" is a CIDR", texts[i]);
    }
}

static void mistakes_are_explained(void **state)
{
    static const struct {
        const char *text;
        cmr_type type;
        const char *end;
    } cases[] = {
        { "fe80::1%eth0", CMR_TYPE_IP, ", which has a zone: an address is wanted without one" },
        { "fe80::1%eth0/64", CMR_TYPE_CIDR, ", which has a zone: an address is wanted without one" },
        { "010.0.0.1", CMR_TYPE_IP, ", which has a part with a leading zero" },
        { "10.0.00.1/8", CMR_TYPE_CIDR, ", which has a part with a leading zero" },
        { "10.0.0.1:80", CMR_TYPE_IPV4, ": no port and no brackets belong to it" },
        { "[::1]:80", CMR_TYPE_IPV6, ": no port and no brackets belong to it" },
        { "10.0.0.1", CMR_TYPE_IPV6, ", which is an IPv4 address" },
        { "::1", CMR_TYPE_IPV4, ", which is an IPv6 address" },
        { "10.0.0.0/8", CMR_TYPE_IP, ", which is a CIDR: an address has no prefix length" },
        { "10.0.0.1", CMR_TYPE_CIDR, ", which has no prefix length; did you mean 10.0.0.1/32?" },
        { "::1", CMR_TYPE_CIDR, ", which has no prefix length; did you mean ::1/128?" },
        { "localhost", CMR_TYPE_IP, "; an address is like 10.0.0.7 or 2001:db8::7" },
        { "localhost", CMR_TYPE_IPV4, "; an IPv4 address is like 10.0.0.7" },
        { "localhost", CMR_TYPE_IPV6, "; an IPv6 address is like 2001:db8::7" },
        { "10.0.0.0/33", CMR_TYPE_CIDR, "; a CIDR is like 10.0.0.0/8 or 2001:db8::/32" },
        { "10.0.0.1 ", CMR_TYPE_IP, ", which has white space around it" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct cmr__scalar scalar = { CMR__SCALAR_UNTYPED, cases[i].text, strlen(cases[i].text) };
        char message[256], wanted[256];

        snprintf(wanted, sizeof(wanted), "wanted %s, found the string \"%s\"%s", cmr_type_name(cases[i].type),
                 cases[i].text, cases[i].end);
        cmr__convert_explain(&scalar, cases[i].type, NULL, message, sizeof(message));
        assert_string_equal(message, wanted);
    }
}

/* Spelt otherwise, it is the same address. */
static void spelling_is_no_change(void **state)
{
    cmr_snapshot *before = snapshot_of("a", "2001:DB8:0::7", "b", "fd00::/8", "c", "10.0.0.1", NULL);
    cmr_snapshot *after = snapshot_of("a", "2001:db8::7", "b", "fd00:0::/8", "c", "10.0.0.2", NULL);
    cmr_update *update;

    (void)state;
    assert_int_equal(cmr_snapshot_diff(before, after, "a", CMR_TYPE_IPV6, NULL, &update), CMR_OK);
    assert_int_equal(cmr_update_count(update), 0);
    cmr_update_free(update);
    assert_int_equal(cmr_snapshot_diff(before, after, "b", CMR_TYPE_CIDR, NULL, &update), CMR_OK);
    assert_int_equal(cmr_update_count(update), 0);
    cmr_update_free(update);
    assert_int_equal(cmr_snapshot_diff(before, after, "a c", CMR_TYPE_IP, NULL, &update), CMR_OK);
    assert_int_equal(cmr_update_count(update), 1);
    assert_int_equal(cmr_update_change(update, 0)->old_value->as.ip.bytes[3], 1);
    assert_int_equal(cmr_update_change(update, 0)->new_value->as.ip.bytes[3], 2);
    cmr_update_free(update);
    assert_int_equal(cmr_snapshot_diff(before, after, "a", CMR_TYPE_IPV4, NULL, &update), CMR_ERR_TYPE);
    cmr_snapshot_unref(before);
    cmr_snapshot_unref(after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read),
        cmocka_unit_test(other_texts_are_none),
        cmocka_unit_test(the_length_ends_an_address),
        cmocka_unit_test(all_is_as_inet_pton_reads_it),
        cmocka_unit_test(cidrs_are_read),
        cmocka_unit_test(other_texts_are_no_cidrs),
        cmocka_unit_test(mistakes_are_explained),
        cmocka_unit_test(spelling_is_no_change),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
