/* SPDX-License-Identifier: MIT
 *
 * Environment files, as `kubectl create configmap --from-env-file` reads them. The grammar is that of
 * k8s.io/kubectl/pkg/cmd/util/env_file.go: a line is KEY=VALUE, and a VALUE is what stands there, without any
 * quotes, escapes, comments or trimming. Leading white space goes (Unicode's, by Go's unicode.IsSpace), so
 * does one "\r" before the "\n"; lines that are blank or begin with # are passed over. A KEY is what
 * Kubernetes allows as a variable's name and as a key of a ConfigMap; a KEY that comes twice is refused.
 *
 * Unlike kubectl: a line without = is refused, where kubectl would take the value from its own environment;
 * lines may be of any length, where kubectl silently stops reading before one of 64 KiB; an error does not
 * end the reading, so that all of them are told. */
#include <string.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "format/format.h"
#include "format/lines.h"

#define LONGEST_KEY 253 /* of a ConfigMap: k8s.io/apimachinery, validation.IsConfigMapKey */

/* The white space beyond ASCII, as the first and last of each run, in UTF-8. */
static const struct {
    char first[4];
    char last[4];
} spaces[] = {
    { "\xc2\x85", "\xc2\x85" },         /* U+0085 */
    { "\xc2\xa0", "\xc2\xa0" },         /* U+00A0 */
    { "\xe1\x9a\x80", "\xe1\x9a\x80" }, /* U+1680 */
    { "\xe2\x80\x80", "\xe2\x80\x8a" }, /* U+2000 ... U+200A */
    { "\xe2\x80\xa8", "\xe2\x80\xa9" }, /* U+2028, U+2029 */
    { "\xe2\x80\xaf", "\xe2\x80\xaf" }, /* U+202F */
    { "\xe2\x81\x9f", "\xe2\x81\x9f" }, /* U+205F */
    { "\xe3\x80\x80", "\xe3\x80\x80" }, /* U+3000 */
};

/* How many bytes the white space at the start takes: 0 when there is none. */
static size_t space_size(const char *text, size_t length)
{
    size_t size = cmr__utf8_character_size(text, length);
    if (size == 1)
        return *text == ' ' || (*text >= '\t' && *text <= '\r');
    for (size_t i = 0; size && i < sizeof spaces / sizeof *spaces; i++)
        if (strlen(spaces[i].first) == size && memcmp(text, spaces[i].first, size) >= 0 &&
            memcmp(text, spaces[i].last, size) <= 0)
            return size;
    return 0;
}

static const char *skip_space(const char *at, const char *end)
{
    for (size_t size; (size = space_size(at, (size_t)(end - at))) != 0;)
        at += size;
    return at;
}

/* [-._a-zA-Z][-._a-zA-Z0-9]* */
static bool is_variable(const char *key, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        char letter = (char)(key[i] | 0x20);
        bool digit = key[i] >= '0' && key[i] <= '9';
        if (!(letter >= 'a' && letter <= 'z') && !(digit && i > 0) && key[i] != '-' && key[i] != '.' &&
            key[i] != '_')
            return false;
    }
    return length > 0;
}

/* Nobody shall leave the folder that the key becomes a file in. */
static bool is_path_step(const char *key, size_t length)
{
    return (length == 1 && key[0] == '.') || (length >= 2 && key[0] == '.' && key[1] == '.');
}

static void refuse(struct cmr__builder *builder, struct cmr__place place, const char *what, const char *key,
                   size_t length, const char *why)
{
    cmr_cleanup(cmr__buffer_reset) struct cmr__buffer shown = CMR__BUFFER_INIT;
    cmr__buffer_append_quoted(&shown, key, cmr__report_is_secret(builder->report) ? 0 : length, 60);
    cmr__buffer_append_char(&shown, '\0');
    if (shown.failed) {
        cmr__builder_fail(builder, CMR_ERR_NO_MEMORY);
        return;
    }
    cmr__report_add(builder->report, CMR_ERR_SYNTAX, builder->file, place.line, place.column, NULL,
                    "%s%s: %s", what, shown.data, why);
}

/* Why the key cannot be one; NULL: it can. */
static const char *find_fault(const char *key, size_t length)
{
    if (!is_variable(key, length))
        return "only letters, digits, '-', '_' and '.' are allowed, and no digit at the start";
    if (is_path_step(key, length))
        return "it must not be '.', nor begin with '..'";
    return length > LONGEST_KEY ? "it must be no longer than 253 characters" : NULL;
}

static void read_line(struct cmr__builder *builder, const struct cmr__line *line)
{
    const char *end = line->text + line->length;
    if (line->length && end[-1] == '\r')
        end--;
    const char *key = skip_space(line->text, end);
    if (key == end || *key == '#')
        return;
    struct cmr__place place = cmr__line_place(line, key);
    const char *sign = memchr(key, '=', (size_t)(end - key));
    size_t length = (size_t)((sign ? sign : end) - key);
    const char *fault = find_fault(key, length);
    if (fault)
        refuse(builder, place, "no valid key: ", key, length, fault);
    else if (!sign)
        refuse(builder, place, "", key, length,
               "no = behind it: kubectl would take its value from the environment");
    else
        cmr__builder_scalar(builder, CMR__SCALAR_UNTYPED, key, length, sign + 1, (size_t)(end - sign - 1),
                            place, 0);
}

static void parse(struct cmr__builder *builder)
{
    struct cmr__lines lines;
    struct cmr__line line;
    cmr__lines_init(&lines, builder);
    cmr__builder_open(builder, CMR__MAP, NULL, 0, (struct cmr__place){ 1, 1 }, 0);
    while (builder->status == CMR_OK && cmr__lines_next(&lines, &line))
        if (cmr__line_check(&lines, &line))
            read_line(builder, &line);
    cmr__builder_close(builder);
}

const struct cmr__format cmr__format_env = {
    .name = "env",
    .flat = true,
    .duplicates = CMR__DUPLICATES_REFUSED,
    .parse = parse,
};
