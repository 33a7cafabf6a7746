/* SPDX-License-Identifier: MIT
 *
 * A change on one line, or as members of a JSON object. Its type is the new value's; what was removed has
 * that of the old one. */
#include "cli/change.h"

#include "cli/json_out.h"
#include "cli/utf8.h"

const char *change_name(const cmr_change *change)
{
    return change->kind == CMR_ADDED ? "added" : change->kind == CMR_REMOVED ? "removed" : "modified";
}

/* A value on one line: in quotes if it is not the plain word it looks like. */
static void put_value(const cmr_value *value, const struct cli_typing *typing)
{
    struct cli_text text;
    bool plain;

    if (value->secret) {
        fputs("(secret)", stdout);
        return;
    }
    cli_value_text(typing, value, &text);
    plain = text.length && utf8_valid(text.data, text.length);
    for (size_t i = 0; i < text.length && plain; i++)
        plain = (unsigned char)text.data[i] > ' ' && text.data[i] != '"' && text.data[i] != 0x7f;
    if (plain)
        fwrite(text.data, 1, text.length, stdout);
    else if (utf8_valid(text.data, text.length))
        json_put_quoted(text.data, text.length);
    else
        printf("(%zu bytes)", text.length);
}

void change_line(const cmr_change *change, const struct cli_typing *typing)
{
    printf("%s %s: ", change_name(change), change->key);
    if (change->old_value)
        put_value(change->old_value, typing);
    if (change->old_value && change->new_value)
        fputs(" -> ", stdout);
    if (change->new_value)
        put_value(change->new_value, typing);
    putchar('\n');
}

static void values_members(const cmr_change *change, const struct cli_typing *typing)
{
    struct cli_text old, new;
    bool base64 = false;

    if (change->old_value) {
        cli_value_text(typing, change->old_value, &old);
        base64 = !utf8_valid(old.data, old.length);
    }
    if (change->new_value) {
        cli_value_text(typing, change->new_value, &new);
        base64 = base64 || !utf8_valid(new.data, new.length);
    }
    if (change->old_value)
        json_value("old", old.data, old.length, base64);
    if (change->new_value)
        json_value("new", new.data, new.length, base64);
    json_encoding(base64);
}

void change_members(const cmr_change *change, const struct cli_typing *typing)
{
    const cmr_value *value = change->new_value ? change->new_value : change->old_value;

    json_text("key", change->key);
    json_text("type", cmr_type_name(value->type));
    if (value->secret)
        json_bool("secret", true);
    else
        values_members(change, typing);
}
