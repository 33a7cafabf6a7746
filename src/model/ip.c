/* SPDX-License-Identifier: MIT
 *
 * IP addresses and CIDRs, as Go's netip.ParseAddr and netip.ParsePrefix read them
 * (https://pkg.go.dev/net/netip), but without zones:
 *
 *     IPv4   four decimal parts of 0 to 255 without leading zeros, with dots between
 *     IPv6   RFC 4291, section 2.2: eight groups of one to four hexadecimal digits with colons between; ::
 *            once for one group of zeros or more; the last two groups may be written as an IPv4 address
 *     CIDR   an address, a slash, and the length of its prefix in bits, without leading zeros
 *
 * An IPv6 address that stands for an IPv4 one (::ffff:10.0.0.1) is an IPv6 address. */
#include "model/convert.h"

#include <string.h>

#define GROUPS 8

/* Reads a number of at most `most` digits and without leading zeros; returns how many digits it has: 0 when
 * there is none. */
static size_t read_decimal(const char *text, size_t length, size_t most, unsigned *ret_number)
{
    size_t digits = 0;
    unsigned number = 0;

    while (digits < length && text[digits] >= '0' && text[digits] <= '9') {
        if (digits == most || (digits == 1 && number == 0))
            return 0;
        number = number * 10 + (unsigned)(text[digits++] - '0');
    }
    if (digits > 0)
        *ret_number = number;
    return digits;
}

static bool read_ipv4(const char *text, size_t length, uint8_t ret_bytes[static 4])
{
    uint8_t bytes[4];
    size_t at = 0;

    for (int i = 0; i < 4; i++) {
        unsigned part = 256;

        if (i > 0 && (at == length || text[at++] != '.'))
            return false;
        at += read_decimal(text + at, length - at, 3, &part);
        if (part > 255)
            return false;
        bytes[i] = (uint8_t)part;
    }
    if (at != length)
        return false;
    memcpy(ret_bytes, bytes, sizeof(bytes));
    return true;
}

/* IPv6, group by group. */
struct groups {
    uint8_t bytes[2 * GROUPS];
    int count;
    int gap; /* the group before which :: stands; -1: none yet */
};

static unsigned hex_digit(char character)
{
    if (character >= '0' && character <= '9')
        return (unsigned)(character - '0');
    character |= 0x20; /* no other characters become letters a ... f by this */
    return character >= 'a' && character <= 'f' ? (unsigned)(character - 'a' + 10) : 16;
}

/* Returns how many digits the group has; 0 when it is none. */
static size_t read_group(struct groups *groups, const char *text, size_t length)
{
    size_t digits = 0;
    unsigned number = 0;

    for (; digits < length && hex_digit(text[digits]) < 16; digits++) {
        if (digits == 4)
            return 0;
        number = number << 4 | hex_digit(text[digits]);
    }
    if (digits == 0 || groups->count == GROUPS)
        return 0;
    groups->bytes[2 * groups->count] = (uint8_t)(number >> 8);
    groups->bytes[2 * groups->count + 1] = (uint8_t)number;
    groups->count++;
    return digits;
}

/* The rest of the text, if it is an IPv4 address in the place of the last two groups. */
static bool read_tail(struct groups *groups, const char *text, size_t length)
{
    if (groups->count > GROUPS - 2 || !read_ipv4(text, length, groups->bytes + 2 * groups->count))
        return false;
    groups->count += 2;
    return true;
}

static bool read_gap(struct groups *groups)
{
    if (groups->gap >= 0)
        return false;
    groups->gap = groups->count;
    return true;
}

static bool is_gap(const char *text, size_t left)
{
    return left >= 2 && text[0] == ':' && text[1] == ':';
}

/* After a group: a colon and one more, or ::, or the end. */
static bool read_groups(struct groups *groups, const char *text, size_t length)
{
    size_t at = 0;

    while (at < length) {
        if (is_gap(text + at, length - at)) {
            at += 2;
            if (!read_gap(groups))
                return false;
            if (at == length)
                break;
        } else if (at > 0 && text[at++] != ':') {
            return false;
        }
        if (read_tail(groups, text + at, length - at))
            break;
        size_t digits = read_group(groups, text + at, length - at);
        if (digits == 0)
            return false;
        at += digits;
    }
    return true;
}

static bool read_ipv6(const char *text, size_t length, uint8_t ret_bytes[static 16])
{
    struct groups groups = { .gap = -1 };
    size_t before, behind;

    if (!read_groups(&groups, text, length))
        return false;
    if (groups.gap < 0 ? groups.count != GROUPS : groups.count == GROUPS)
        return false;
    before = 2 * (size_t)(groups.gap < 0 ? groups.count : groups.gap);
    behind = 2 * (size_t)groups.count - before;
    memset(ret_bytes, 0, sizeof(groups.bytes));
    memcpy(ret_bytes, groups.bytes, before);
    memcpy(ret_bytes + sizeof(groups.bytes) - behind, groups.bytes + before, behind);
    return true;
}

cmr_status cmr__parse_ip(const char *text, size_t length, cmr_ip *ret_ip)
{
    cmr_ip ip = { 0 };
    bool six = memchr(text, ':', length) != NULL;

    if (!(six ? read_ipv6(text, length, ip.bytes) : read_ipv4(text, length, ip.bytes)))
        return CMR_ERR_TYPE;
    ip.version = six ? 6 : 4;
    *ret_ip = ip;
    return CMR_OK;
}

cmr_status cmr__parse_cidr(const char *text, size_t length, cmr_cidr *ret_cidr)
{
    const char *slash = memrchr(text, '/', length);
    cmr_cidr cidr;
    unsigned prefix = 0;
    size_t digits;

    if (!slash || cmr__parse_ip(text, (size_t)(slash - text), &cidr.ip) != CMR_OK)
        return CMR_ERR_TYPE;
    length -= (size_t)(slash + 1 - text);
    digits = read_decimal(slash + 1, length, 3, &prefix);
    if (digits == 0 || digits != length || prefix > (cidr.ip.version == 4 ? 32 : 128))
        return CMR_ERR_TYPE;
    cidr.prefix = (uint8_t)prefix;
    *ret_cidr = cidr;
    return CMR_OK;
}
