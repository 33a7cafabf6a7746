/* SPDX-License-Identifier: MIT
 *
 * A diagnostic goes to terminals and logs, so what the application formats into one passes through here. It
 * is cut between two characters, and the cut is shown. */
#include "base/presentable.h"

#include <stdio.h>

#include "base/buffer.h"
#include "base/utf8.h"

#define LONGEST 1024
#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* As much of the text as ends with a whole character. */
static size_t cut(const char *text, size_t length)
{
    while (length && ((unsigned char)text[length - 1] & 0xc0) == 0x80)
        length--;
    return length && (unsigned char)text[length - 1] >= 0x80 ? length - 1 : length;
}

static void clean(const char *text, size_t length, struct cmr__buffer *shown)
{
    for (size_t at = 0; at < length;) {
        size_t size = cmr__utf8_character_size(text + at, length - at);
        if (size == 0 || cmr__utf8_is_control(text + at, size))
            cmr__buffer_append_text(shown, REPLACEMENT);
        else
            cmr__buffer_append(shown, text + at, size);
        at += size ? size : 1;
    }
}

bool cmr__presentable(const char *format, va_list arguments, char **ret_text)
{
    struct cmr__buffer shown = CMR__BUFFER_INIT;
    char text[LONGEST];
    int length = format ? vsnprintf(text, sizeof text, format, arguments) : 0;
    if (length <= 0)
        return false;
    bool is_cut = (size_t)length >= sizeof text;
    clean(text, is_cut ? cut(text, sizeof text - 1) : (size_t)length, &shown);
    if (is_cut)
        cmr__buffer_append_text(&shown, "…");
    *ret_text = cmr__buffer_take(&shown);
    return true;
}
