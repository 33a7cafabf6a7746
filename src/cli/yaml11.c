/* SPDX-License-Identifier: MIT
 *
 * Kubernetes reads manifests with go-yaml v2 (sigs.k8s.io/yaml), which resolves plain scalars by YAML
 * 1.1 more or less: yes and on are bools, 0777 is octal, 1_000 is an int; 12:30 (a sexagesimal number
 * in YAML 1.1) and 2001-01-01 stay strings. This is its resolve(), as far as it decides whether a
 * ConfigMap's value is the string that the API server wants. */
#include "cli/yaml11.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/typing.h"
#include "cli/util.h"

static const struct {
    const char *word;
    const char *kind;
} words[] = {
    { "", "null" },         { "~", "null" },        { "null", "null" },     { "Null", "null" },
    { "NULL", "null" },     { "y", "a bool" },      { "Y", "a bool" },      { "yes", "a bool" },
    { "Yes", "a bool" },    { "YES", "a bool" },    { "true", "a bool" },   { "True", "a bool" },
    { "TRUE", "a bool" },   { "on", "a bool" },     { "On", "a bool" },     { "ON", "a bool" },
    { "n", "a bool" },      { "N", "a bool" },      { "no", "a bool" },     { "No", "a bool" },
    { "NO", "a bool" },     { "false", "a bool" },  { "False", "a bool" },  { "FALSE", "a bool" },
    { "off", "a bool" },    { "Off", "a bool" },    { "OFF", "a bool" },    { ".nan", "a float" },
    { ".NaN", "a float" },  { ".NAN", "a float" },  { ".inf", "a float" },  { ".Inf", "a float" },
    { ".INF", "a float" },  { "+.inf", "a float" }, { "+.Inf", "a float" }, { "+.INF", "a float" },
    { "-.inf", "a float" }, { "-.Inf", "a float" }, { "-.INF", "a float" },
};

/* The base that Go's ParseInt(text, 0, 64) takes, and how long its prefix is. */
static unsigned base_of(const char *digits, size_t *ret_skip)
{
    *ret_skip = 2;
    if (digits[0] != '0' || digits[1] == '\0') {
        *ret_skip = 0;
        return 10;
    }
    switch (tolower((unsigned char)digits[1])) {
    case 'x':
        return 16;
    case 'o':
        return 8;
    case 'b':
        return 2;
    default:
        *ret_skip = 1;
        return 8;
    }
}

static unsigned digit_of(char character)
{
    if (isdigit((unsigned char)character))
        return (unsigned)(character - '0');
    return isxdigit((unsigned char)character) ? (unsigned)(tolower((unsigned char)character) - 'a') + 10 : 99;
}

/* Fits into int64, or without a sign into uint64. */
static bool is_int(const char *text)
{
    bool negative = text[0] == '-', sign = negative || text[0] == '+';
    unsigned long long number = 0;
    size_t skip;
    unsigned base = base_of(text + sign, &skip);
    const char *at = text + sign + skip;

    /* go-yaml reads what follows 0b as a number of its own, with a sign. */
    if (strncmp(text, "0b-", 3) == 0 || strncmp(text, "0b+", 3) == 0) {
        sign = true;
        negative = *at++ == '-';
    }
    if (*at == '\0')
        return false;
    for (; *at; at++) {
        unsigned digit = digit_of(*at);
        if (digit >= base || __builtin_mul_overflow(number, base, &number) ||
            __builtin_add_overflow(number, digit, &number))
            return false;
    }
    return !sign || number <= 0x7fffffffffffffffULL + negative;
}

/* ^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$, and within a double's range. */
static bool is_float(const char *text)
{
    static const char digits[] = "0123456789";
    const char *at = text + (text[0] == '-' || text[0] == '+');
    size_t whole = strspn(at, digits), fraction = 0;

    at += whole;
    if (*at == '.') {
        fraction = strspn(at + 1, digits);
        at += 1 + fraction;
    }
    if (whole + fraction == 0)
        return false;
    if (*at == 'e' || *at == 'E') {
        at += 1 + (at[1] == '-' || at[1] == '+');
        if (!isdigit((unsigned char)*at))
            return false;
        at += strspn(at, digits);
    }
    return *at == '\0' && isfinite(strtod(text, NULL));
}

/* Underscores are not seen anywhere; behind a leading point, only between digits. */
static bool is_unseen(const char *text, size_t length, size_t at)
{
    if (text[at] != '_')
        return false;
    return text[0] != '.' ||
           (at + 1 < length && isdigit((unsigned char)text[at - 1]) && isdigit((unsigned char)text[at + 1]));
}

/* What begins like a number. */
static const char *number_kind(const char *text, size_t length)
{
    cli_cleanup(cli_free_ptr) char *plain = calloc(length + 1, 1);
    size_t count = 0;

    if (!plain || memchr(text, '\0', length))
        return NULL;
    for (size_t i = 0; i < length; i++) {
        if (!is_unseen(text, length, i))
            plain[count++] = text[i];
    }
    if (text[0] != '.' && is_int(plain))
        return "an int";
    return is_float(plain) ? "a float" : NULL;
}

const char *yaml11_kind(const char *text, size_t length)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strlen(words[i].word) == length && memcmp(words[i].word, text, length) == 0)
            return words[i].kind;
    }
    if (isdigit((unsigned char)text[0]) || text[0] == '+' || text[0] == '-' || text[0] == '.')
        return number_kind(text, length);
    return NULL;
}

static bool is_canonical_int(const char *text, size_t length)
{
    size_t sign = text[0] == '-';

    if (length == sign || (text[sign] == '0' && length > 1))
        return false;
    for (size_t i = sign; i < length; i++) {
        if (!isdigit((unsigned char)text[i]))
            return false;
    }
    return true;
}

bool yaml11_is_stable_key(const char *text, size_t length)
{
    const char *kind = yaml11_kind(text, length);
    char plain[32] = "", shortest[32];

    if (!kind)
        return true;
    if (strcmp(kind, "an int") == 0)
        return is_canonical_int(text, length);
    if (strcmp(kind, "a float") != 0 || length >= sizeof(plain))
        return false;
    memcpy(plain, text, length);
    cli_double_text(strtod(plain, NULL), shortest);
    return strcmp(plain, shortest) == 0;
}
