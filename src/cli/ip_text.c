/* SPDX-License-Identifier: MIT
 *
 * RFC 5952: lower case, no leading zeros in a group, :: for the longest run of two or more groups of zeros
 * (the first of the longest), and ::ffff:10.0.0.7 for an IPv4 address in IPv6 (its section 5). inet_ntop
 * writes more addresses with such a tail than those. */
#include "cli/ip_text.h"

#include <stdio.h>
#include <string.h>

struct run {
    int begin;
    int length;
};

static unsigned group_of(const cmr_ip *ip, int index)
{
    return (unsigned)ip->bytes[2 * index] << 8 | ip->bytes[2 * index + 1];
}

static struct run longest_zeros(const cmr_ip *ip)
{
    struct run longest = { -1, 1 };

    for (int i = 0, begin = 0; i < 8; i++) {
        if (group_of(ip, i) != 0)
            begin = i + 1;
        else if (i + 1 - begin > longest.length)
            longest = (struct run){ begin, i + 1 - begin };
    }
    return longest;
}

static void put_ipv4(const uint8_t *bytes, char *text)
{
    sprintf(text, "%u.%u.%u.%u", bytes[0], bytes[1], bytes[2], bytes[3]);
}

static void put_ipv6(const cmr_ip *ip, char *text)
{
    struct run zeros = longest_zeros(ip);

    for (int i = 0; i < 8; i++) {
        if (i == zeros.begin) {
            text = stpcpy(text, "::");
            i += zeros.length - 1;
            continue;
        }
        if (i > 0 && i != zeros.begin + zeros.length)
            *text++ = ':';
        text += sprintf(text, "%x", group_of(ip, i));
    }
    *text = '\0';
}

void cli_ip_text(const cmr_ip *ip, char ret_text[static CLI_IP_SIZE])
{
    static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

    if (ip->version == 4)
        put_ipv4(ip->bytes, ret_text);
    else if (memcmp(ip->bytes, mapped, sizeof(mapped)) == 0)
        put_ipv4(ip->bytes + sizeof(mapped), stpcpy(ret_text, "::ffff:"));
    else
        put_ipv6(ip, ret_text);
}
