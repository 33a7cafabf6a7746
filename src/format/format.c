/* SPDX-License-Identifier: MIT
 *
 * The registry: which formats there are, which one a file has, and the one way through a parser. */
#include "format/format.h"

#include <string.h>

#include "base/glob.h"
#include "format/parser.h"

static const struct cmr__format *const formats[] = {
    &cmr__format_text, &cmr__format_bytes, &cmr__format_properties, &cmr__format_json, &cmr__format_env,
#ifdef CMRELOAD_WITH_YAML
    &cmr__format_yaml,
#endif
#ifdef CMRELOAD_WITH_INI
    &cmr__format_ini,
#endif
};

static const struct {
    const char *ending;
    const struct cmr__format *format;
} endings[] = {
    { ".properties", &cmr__format_properties },
    { ".json", &cmr__format_json },
    { ".env", &cmr__format_env },
#ifdef CMRELOAD_WITH_YAML
    { ".yaml", &cmr__format_yaml },
    { ".yml", &cmr__format_yaml },
#endif
#ifdef CMRELOAD_WITH_INI
    { ".ini", &cmr__format_ini },
#endif
};

const struct cmr__format *cmr__format_by_name(const char *name)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcmp(formats[i]->name, name) == 0)
            return formats[i];
    return NULL;
}

/* An application's format has none of these names, whatever was left out of this build. */
static const char *const reserved[] = { "properties", "yaml", "json", "ini", "env", "text", "bytes" };

bool cmr__format_is_reserved(const char *name)
{
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (strcmp(reserved[i], name) == 0)
            return true;
    return false;
}

const struct cmr__format *cmr__format_find(const struct cmr__format *own, const char *name)
{
    for (; own && own->name; own++)
        if (strcmp(own->name, name) == 0)
            return own;
    return cmr__format_by_name(name);
}

static bool ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text), tail = strlen(ending);
    return length >= tail && strcmp(text + length - tail, ending) == 0;
}

const struct cmr__format *cmr__format_for_file(const struct cmr__format *own, const cmr_format_rule *rules,
                                               const char *file)
{
    for (; rules && rules->glob; rules++)
        if (cmr__glob_match(rules->glob, strlen(rules->glob), file, strlen(file)))
            return cmr__format_find(own, rules->format);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (ends_with(file, endings[i].ending))
            return endings[i].format;
    return &cmr__format_text;
}

static cmr_status make_document(struct cmr__builder *builder, const struct cmr__format *format,
                                size_t faults_before, cmr__document **ret_document)
{
    struct cmr__document_head *block = NULL;
    const cmr_report *report = builder->report;
    if (format->own)
        cmr__parser_run(format, builder);
    else
        format->parse(builder);
    if (report->failed)
        return CMR_ERR_NO_MEMORY;
    if (builder->status == CMR_OK && report->count + report->dropped > faults_before)
        return CMR_ERR_SYNTAX;
    cmr_status status = cmr__builder_finish(builder, format->duplicates, &block);
    if (status != CMR_OK)
        return report->failed ? CMR_ERR_NO_MEMORY : status;
    cmr__document *document = cmr__document_new(block, cmr__report_is_secret(report), format->name);
    if (!document)
        return CMR_ERR_NO_MEMORY;
    *ret_document = document;
    return CMR_OK;
}

cmr_status cmr__format_parse(const struct cmr__format *format, const char *file, const char *raw,
                             size_t raw_length, const cmr_limits *limits, cmr_report *report,
                             cmr__document **ret_document)
{
    struct cmr__builder builder;
    cmr__builder_init(&builder, file, raw, raw_length, format->flat, limits, report);
    cmr_status status = make_document(&builder, format, report->count + report->dropped, ret_document);
    cmr__builder_reset(&builder);
    return status;
}
