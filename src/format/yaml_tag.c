/* SPDX-License-Identifier: MIT
 *
 * A tag decides and what is written must fit it: an int that is tagged a float is one, a word that is tagged
 * an int is an error, and so is every tag that the core schema does not have, since a configuration has no
 * way to mean it. */
#include "format/yaml_tag.h"

#include <string.h>

#include "model/convert.h"

static const char *core_name(const char *tag)
{
    static const char prefix[] = "tag:yaml.org,2002:";
    if (strncmp(tag, prefix, sizeof prefix - 1) == 0)
        return tag + sizeof prefix - 1;
    return strcmp(tag, "!") == 0 ? "str" : NULL;
}

/* The type that a tag on a scalar names; CMR__SCALAR_UNTYPED for none of the core schema's. */
static enum cmr__scalar_type named_type(const char *tag)
{
    static const struct {
        const char *name;
        enum cmr__scalar_type type;
    } tags[] = { { "str", CMR__SCALAR_STRING },
                 { "int", CMR__SCALAR_INT },
                 { "float", CMR__SCALAR_FLOAT },
                 { "bool", CMR__SCALAR_BOOL },
                 { "null", CMR__SCALAR_NULL } };
    const char *name = core_name(tag);
    for (size_t i = 0; name && i < sizeof tags / sizeof *tags; i++)
        if (strcmp(tags[i].name, name) == 0)
            return tags[i].type;
    return CMR__SCALAR_UNTYPED;
}

static bool fits(enum cmr__scalar_type wanted, enum cmr__scalar_type resolved)
{
    return wanted == resolved || wanted == CMR__SCALAR_STRING ||
           (wanted == CMR__SCALAR_FLOAT && resolved == CMR__SCALAR_INT);
}

bool cmr__yaml_scalar_type(const char *tag, bool plain, const char *text, size_t length,
                           enum cmr__scalar_type *ret_type)
{
    if (!tag) {
        *ret_type = plain ? cmr__resolve_core_schema(text, length) : CMR__SCALAR_STRING;
        return true;
    }
    *ret_type = named_type(tag);
    return *ret_type != CMR__SCALAR_UNTYPED && fits(*ret_type, cmr__resolve_core_schema(text, length));
}

bool cmr__yaml_container_tag_fits(const char *tag, enum cmr__entry_kind kind)
{
    const char *wanted = kind == CMR__MAP ? "tag:yaml.org,2002:map" : "tag:yaml.org,2002:seq";
    return !tag || strcmp(tag, wanted) == 0 || strcmp(tag, "!") == 0;
}

/* NULL: the core schema has no such tag. */
static const char *known_name(const char *tag)
{
    const char *name = core_name(tag);
    if (name &&
        (named_type(tag) != CMR__SCALAR_UNTYPED || strcmp(name, "map") == 0 || strcmp(name, "seq") == 0))
        return name;
    return NULL;
}

static void explain_unknown(struct cmr__buffer *message, const char *tag)
{
    cmr__buffer_append_text(message, "unknown tag ");
    cmr__buffer_append_quoted(message, tag, strlen(tag), 60);
    cmr__buffer_append_text(message, ": only the tags of YAML's core schema are read");
}

void cmr__yaml_explain_scalar_tag(struct cmr__buffer *message, const char *tag, const char *text,
                                  size_t length)
{
    if (!known_name(tag)) {
        explain_unknown(message, tag);
        return;
    }
    cmr__buffer_append_quoted(message, text, length, 60);
    cmr__buffer_printf(message, " is no %s, as its tag says", known_name(tag));
}

void cmr__yaml_explain_container_tag(struct cmr__buffer *message, const char *tag, enum cmr__entry_kind kind)
{
    if (known_name(tag))
        cmr__buffer_printf(message, "a %s is no %s, as its tag says", kind == CMR__MAP ? "map" : "list",
                           known_name(tag));
    else
        explain_unknown(message, tag);
}
