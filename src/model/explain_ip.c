/* SPDX-License-Identifier: MIT
 *
 * What is wrong with an address or a CIDR: the usual mistakes by name, else what one looks like. */
#include <string.h>

#include "model/explain.h"

static void put(struct cmr__failure *failure, const char *text)
{
    cmr__message_put(&failure->message, text);
}

/* 010.0.0.1 is octal to some programs and decimal to others. */
static bool has_leading_zero(const char *text, size_t length)
{
    for (size_t i = 0; i + 1 < length; i++) {
        bool begins = i == 0 || text[i - 1] == '.';

        if (begins && text[i] == '0' && text[i + 1] >= '0' && text[i + 1] <= '9')
            return memchr(text, ':', length) == NULL;
    }
    return false;
}

/* [2001:db8::1]:80, 10.0.0.1:80 */
static bool has_port(const char *text, size_t length)
{
    const char *colon = memrchr(text, ':', length);
    cmr_ip ip;

    if (length > 0 && text[0] == '[')
        return true;
    return colon && cmr__parse_ip(text, (size_t)(colon - text), &ip) == CMR_OK && ip.version == 4;
}

static void put_likeness(struct cmr__failure *failure)
{
    static const char four[] = "10.0.0.7", six[] = "2001:db8::7";

    if (failure->type == CMR_TYPE_CIDR) {
        put(failure, "; a CIDR is like 10.0.0.0/8 or 2001:db8::/32");
        return;
    }
    put(failure, failure->type == CMR_TYPE_IPV4   ? "; an IPv4 address"
                 : failure->type == CMR_TYPE_IPV6 ? "; an IPv6 address"
                                                  : "; an address");
    put(failure, " is like ");
    put(failure, failure->type == CMR_TYPE_IPV6 ? six : four);
    if (failure->type == CMR_TYPE_IP) {
        put(failure, " or ");
        put(failure, six);
    }
}

/* An address where a CIDR is wanted, a CIDR or another address where an address is. */
static bool put_neighbour(struct cmr__failure *failure)
{
    const struct cmr__scalar *scalar = failure->scalar;
    bool wants_cidr = failure->type == CMR_TYPE_CIDR;
    cmr_cidr cidr;

    if (cmr__parse_cidr(scalar->text, scalar->length, &cidr) == CMR_OK) {
        put(failure, ", which is a CIDR: an address has no prefix length");
        return true;
    }
    if (cmr__parse_ip(scalar->text, scalar->length, &cidr.ip) != CMR_OK)
        return false;
    if (wants_cidr) {
        put(failure, ", which has no prefix length; did you mean ");
        cmr__message_put_foreign(&failure->message, scalar->text, scalar->length);
        put(failure, cidr.ip.version == 4 ? "/32?" : "/128?");
    } else {
        put(failure, cidr.ip.version == 4 ? ", which is an IPv4 address" : ", which is an IPv6 address");
    }
    return true;
}

void cmr__explain_ip(struct cmr__failure *failure)
{
    const char *text = failure->scalar->text;
    size_t length = failure->scalar->length;

    if (put_neighbour(failure))
        return;
    if (memchr(text, '%', length))
        put(failure, ", which has a zone: an address is wanted without one");
    else if (has_leading_zero(text, length))
        put(failure, ", which has a part with a leading zero");
    else if (has_port(text, length))
        put(failure, ": no port and no brackets belong to it");
    else
        put_likeness(failure);
}
