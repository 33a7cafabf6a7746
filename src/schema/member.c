/* SPDX-License-Identifier: MIT
 *
 * A value becomes the bytes of its C type, which are stored and compared by their number: a member need not
 * be aligned as this file would like it, and of doubles the bits count, as for subscriptions. Only strings
 * are more than their bytes. */
#include "schema/member.h"

#include <string.h>

union bytes {
    bool boolean;
    int8_t int8;
    int16_t int16;
    int32_t int32;
    int64_t int64;
    uint8_t uint8;
    uint16_t uint16;
    uint32_t uint32;
    uint64_t uint64;
    double number;
    int integer;
    cmr_ip ip;
    cmr_cidr cidr;
};

static void encode_signed(size_t width, int64_t value, union bytes *bytes)
{
    if (width == 1)
        bytes->int8 = (int8_t)value;
    else if (width == 2)
        bytes->int16 = (int16_t)value;
    else if (width == 4)
        bytes->int32 = (int32_t)value;
    else
        bytes->int64 = value;
}

static void encode_unsigned(size_t width, uint64_t value, union bytes *bytes)
{
    if (width == 1)
        bytes->uint8 = (uint8_t)value;
    else if (width == 2)
        bytes->uint16 = (uint16_t)value;
    else if (width == 4)
        bytes->uint32 = (uint32_t)value;
    else
        bytes->uint64 = value;
}

static void encode(const struct cmr__field *field, const cmr_value *value, union bytes *bytes)
{
    switch (field->is.type) {
    case CMR_TYPE_BOOL:
        bytes->boolean = value->as.boolean;
        break;
    case CMR_TYPE_INT64:
        encode_signed(field->is.width, value->as.int64, bytes);
        break;
    case CMR_TYPE_UINT64:
        encode_unsigned(field->is.width, value->as.uint64, bytes);
        break;
    case CMR_TYPE_DURATION:
        bytes->int64 = value->as.duration_ns;
        break;
    case CMR_TYPE_SIZE:
        bytes->uint64 = value->as.size;
        break;
    case CMR_TYPE_ENUM:
        bytes->integer = value->as.enumeration;
        break;
    case CMR_TYPE_LOG_LEVEL:
        bytes->integer = (int)value->as.level;
        break;
    case CMR_TYPE_IP:
        bytes->ip = value->as.ip;
        break;
    case CMR_TYPE_CIDR:
        bytes->cidr = value->as.cidr;
        break;
    default:
        bytes->number = value->as.number;
    }
}

static const char *text_at(const void *member)
{
    const char *text;
    memcpy(&text, member, sizeof text);
    return text;
}

static void put(void *member, const void *bytes, size_t size)
{
    if (member)
        memcpy(member, bytes, size);
}

static void store_text(const char *text, size_t length, struct cmr__arena *arena, void *member)
{
    const char *copy = cmr__arena_copy(arena, text, length);
    put(member, &copy, sizeof copy);
}

void cmr__member_store(const struct cmr__field *field, const cmr_value *value, struct cmr__arena *arena,
                       void *member)
{
    union bytes bytes = { .uint64 = 0 };
    if (field->is.type == CMR_TYPE_STRING) {
        store_text(value->text, value->length, arena, member);
        return;
    }
    encode(field, value, &bytes);
    put(member, &bytes, field->is.width);
}

void cmr__member_copy(const struct cmr__field *field, const void *from, struct cmr__arena *arena,
                      void *member)
{
    const char *text = field->is.type == CMR_TYPE_STRING ? text_at(from) : NULL;
    if (field->is.type == CMR_TYPE_STRING)
        store_text(text, text ? strlen(text) : 0, arena, member);
    else
        put(member, from, field->is.width);
}

bool cmr__member_holds(const struct cmr__field *field, const void *member, const cmr_value *value)
{
    union bytes bytes = { .uint64 = 0 };
    if (field->is.type == CMR_TYPE_STRING) {
        const char *text = text_at(member);
        if (!text || !value->text)
            return !text && !value->text;
        return strlen(text) == value->length && memcmp(text, value->text, value->length) == 0;
    }
    encode(field, value, &bytes);
    return memcmp(member, &bytes, field->is.width) == 0;
}
