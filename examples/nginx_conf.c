/* SPDX-License-Identifier: MIT
 *
 * A format of the program's own: follows the nginx.conf of a ConfigMap, which the library does not read.
 *
 *     nginx_conf DIRECTORY
 *
 * Words, quotes, escapes and comments are those of nginx's ngx_conf_read_token (src/core/ngx_conf_file.c).
 * What the directives mean is nginx's business; here they only get keys:
 *
 *     events { worker_connections 1024; }   nginx.conf#events.worker_connections: a block is a map
 *     server_name a.org b.org;              server_name: several arguments are one text, "a.org b.org"
 *     upstream app { ... }                  upstream.app: the arguments of a block are a level of their own
 *     location ~ \.php$ { ... }             location["~ \\.php$"]
 *     server { ... }                        server[0]: what nginx lets stand more than once in a block is a
 *     include mime.types;                   include[0]: list, be there one or ten; see `repeated`
 *     listen 443 ssl http2;                 listen[0].address, listen[0].options: the arguments of some of
 *     error_log /dev/stderr warn;           error_log[0].file, error_log[0].level: these have names
 *
 * So a key stays what it is when a second server or argument comes. What is not in `repeated` and stands
 * twice is refused. What is included is not read, since a file's meaning must follow from its bytes; and
 * blocks of Lua code are not understood.
 *
 * What belongs together may stand apart (a location, a root, a location), and a parser is told a list or map
 * in one go. So the directives are collected first; a group of them stands where its first one does. This is
 * one file of some length, so that it can be read from top to bottom: words, directives, keys, telling, and
 * the program. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmreload/cmreload.h>

struct text {
    const char *data; /* or NULL */
    size_t length;
};

/* What directives of one name make in their block. */
enum group {
    ALONE,
    LIST,
    LEVEL /* a map, by their arguments */
};

struct directive {
    const char *at;                     /* in the file */
    struct text name, first, arguments; /* the first argument; all of them, with a blank between two */
    enum group group;
    bool is_block;
    bool is_later; /* told with an earlier one */
    size_t block;  /* these are numbers of directives: the one it stands in, */
    size_t end;    /* the one behind all that stands in it, */
    size_t next;   /* and the one to be told with it, or 0 */
};

struct reader {
    cmr_parser *parser;
    const char *at, *end;
    char *texts; /* the words, as large as the file */
    size_t used;
    struct directive *all; /* number 0 is the file */
    size_t count, capacity;
    size_t block; /* the innermost one that is open */
    bool failed;  /* no memory */
};

/* ---- words */

static bool is_blank(char character)
{
    return character == ' ' || character == '\t' || character == '\r' || character == '\n';
}

static cmr_place place_of(const struct reader *reader, const char *at)
{
    return cmr_parser_place(reader->parser, at);
}

/* For "%.*s": as much of it as a message should have. */
static int shown(struct text text)
{
    return text.length < 60 ? (int)text.length : 60;
}

static void skip_blanks(struct reader *reader)
{
    bool comment = false;
    for (; reader->at < reader->end; reader->at++) {
        comment = comment ? *reader->at != '\n' : *reader->at == '#';
        if (!comment && !is_blank(*reader->at))
            return;
    }
}

/* \" \' \\ \t \r \n; another backslash stays as it is. */
static void add_word(struct reader *reader, const char *begin, const char *end)
{
    static const char escapes[] = "\"'\\trn", meanings[] = "\"'\\\t\r\n";
    for (const char *at = begin; at < end; at++) {
        const char *escape = *at == '\\' && at + 1 < end && at[1] ? strchr(escapes, at[1]) : NULL;
        reader->texts[reader->used++] = escape ? meanings[escape - escapes] : *at;
        at += escape != NULL;
    }
}

/* Passes the characters up to the quote, or up to what ends a word; a backslash makes the next one any. */
static void pass_word(struct reader *reader, char quote)
{
    for (; reader->at < reader->end; reader->at++) {
        char character = *reader->at;
        if (quote ? character == quote : is_blank(character) || character == ';')
            return;
        if (!quote && character == '{' && reader->at[-1] != '$') /* but ${name} */
            return;
        if (character == '\\' && reader->at + 1 < reader->end)
            reader->at++;
    }
}

static bool refuse(const struct reader *reader, const char *at, const char *why)
{
    cmr_parser_error(reader->parser, place_of(reader, at), "%s", why);
    return false;
}

static bool read_quoted(struct reader *reader)
{
    const char *quote = reader->at++;
    pass_word(reader, *quote);
    if (reader->at == reader->end)
        return refuse(reader, quote, "the quoted text that begins here does not end");
    add_word(reader, quote + 1, reader->at++);
    if (reader->at == reader->end || is_blank(*reader->at) || strchr(";{)", *reader->at))
        return true;
    return refuse(reader, reader->at, "no blank behind a quoted text");
}

static bool read_word(struct reader *reader, struct text *ret_word)
{
    size_t begin = reader->used;
    const char *at = reader->at;
    if (*at == '"' || *at == '\'') {
        if (!read_quoted(reader))
            return false;
    } else {
        reader->at += *at == '\\' && at + 1 < reader->end ? 2 : 1;
        pass_word(reader, 0);
        add_word(reader, at, reader->at);
    }
    *ret_word = (struct text){ reader->texts + begin, reader->used - begin };
    return true;
}

/* ---- directives */

static struct directive *add_directive(struct reader *reader)
{
    if (reader->count == reader->capacity) {
        size_t capacity = 2 * reader->capacity + 16;
        struct directive *all = realloc(reader->all, capacity * sizeof *all);
        if (!all) {
            reader->failed = true;
            return NULL;
        }
        reader->all = all;
        reader->capacity = capacity;
    }
    struct directive *directive = &reader->all[reader->count++];
    *directive = (struct directive){ .at = reader->at, .block = reader->block, .end = reader->count };
    return directive;
}

static bool refuse_unterminated(const struct reader *reader, const struct directive *directive)
{
    struct text name = directive->name;
    if (reader->at == reader->end)
        cmr_parser_error(reader->parser, place_of(reader, directive->at),
                         "the directive \"%.*s\" is not terminated by \";\"", shown(name), name.data);
    else
        cmr_parser_error(reader->parser, place_of(reader, reader->at),
                         "unexpected \"}\": the directive \"%.*s\" on line %u is not terminated by \";\"",
                         shown(name), name.data, place_of(reader, directive->at).line);
    return false;
}

static bool read_argument(struct reader *reader, struct directive *directive)
{
    struct text word;
    if (directive->arguments.data)
        reader->texts[reader->used++] = ' ';
    if (!read_word(reader, &word))
        return false;
    if (!directive->arguments.data)
        directive->first = directive->arguments = word;
    directive->arguments.length = (size_t)(reader->texts + reader->used - directive->arguments.data);
    return true;
}

/* Up to its ; or { */
static bool read_directive(struct reader *reader, struct directive *directive)
{
    if (!read_word(reader, &directive->name))
        return false;
    for (;;) {
        skip_blanks(reader);
        if (reader->at == reader->end || *reader->at == '}')
            return refuse_unterminated(reader, directive);
        if (*reader->at == ';' || *reader->at == '{')
            break;
        if (!read_argument(reader, directive))
            return false;
    }
    directive->is_block = *reader->at++ == '{';
    if (directive->is_block)
        reader->block = (size_t)(directive - reader->all);
    return true;
}

static bool close_block(struct reader *reader)
{
    if (reader->block == 0)
        return refuse(reader, reader->at, "unexpected \"}\": no block is open");
    reader->all[reader->block].end = reader->count;
    reader->block = reader->all[reader->block].block;
    reader->at++;
    return true;
}

static bool end_file(struct reader *reader)
{
    const struct directive *open = &reader->all[reader->block];
    reader->all[0].end = reader->count;
    if (reader->block)
        cmr_parser_error(reader->parser, place_of(reader, open->at),
                         "the block \"%.*s\" that begins here is not closed by \"}\"", shown(open->name),
                         open->name.data);
    return reader->block == 0;
}

/* ---- keys */

/* What may stand more than once in a block; and, of some, what the first argument is, and the rest. */
static const struct repeated {
    const char *name, *first, *rest;
} repeated[] = {
    { "access_log", "file", "format" },
    { "add_header", "name", "value" },
    { "allow", NULL, NULL },
    { "deny", NULL, NULL },
    { "env", NULL, NULL },
    { "error_log", "file", "level" },
    { "error_page", NULL, NULL },
    { "fastcgi_param", "name", "value" },
    { "include", NULL, NULL },
    { "limit_req", NULL, NULL },
    { "listen", "address", "options" },
    { "load_module", NULL, NULL },
    { "log_format", "name", "format" },
    { "proxy_set_header", "name", "value" },
    { "rewrite", NULL, NULL },
    { "server", "address", "options" },
    { "set", "name", "value" },
};

static const struct repeated *find_repeated(const struct directive *directive)
{
    struct text name = directive->name;
    for (size_t i = 0; i < sizeof repeated / sizeof *repeated; i++)
        if (strlen(repeated[i].name) == name.length && memcmp(repeated[i].name, name.data, name.length) == 0)
            return &repeated[i];
    return NULL;
}

static enum group group_of(const struct directive *directive)
{
    if (directive->is_block && directive->arguments.data)
        return LEVEL;
    return find_repeated(directive) ? LIST : ALONE;
}

static int compare_groups(const struct directive *one, const struct directive *other)
{
    if (one->block != other->block)
        return one->block < other->block ? -1 : 1;
    if (one->group != other->group)
        return one->group < other->group ? -1 : 1;
    if (one->name.length != other->name.length)
        return one->name.length < other->name.length ? -1 : 1;
    return memcmp(one->name.data, other->name.data, one->name.length);
}

static int compare(const void *one, const void *other)
{
    const struct directive *const *left = one, *const *right = other;
    int order = compare_groups(*left, *right);
    return order ? order : *left < *right ? -1 : 1;
}

/* By sorting, since comparing each with each would take a hostile file's time squared. */
static bool link_groups(struct reader *reader)
{
    size_t count = 0;
    struct directive **sorted = malloc(reader->count * sizeof *sorted);
    reader->failed = !sorted;
    if (!sorted)
        return false;
    for (size_t i = 1; i < reader->count; i++)
        if (reader->all[i].group != ALONE)
            sorted[count++] = &reader->all[i];
    qsort(sorted, count, sizeof *sorted, compare);
    for (size_t i = 1; i < count; i++) {
        if (compare_groups(sorted[i - 1], sorted[i]) == 0) {
            sorted[i - 1]->next = (size_t)(sorted[i] - reader->all);
            sorted[i]->is_later = true;
        }
    }
    free(sorted);
    return true;
}

/* ---- telling */

static void tell_block(const struct reader *reader, const struct directive *block);

static void tell_text(const struct reader *reader, struct text name, struct text text, const char *at)
{
    cmr_parser_scalar(reader->parser, name.data, name.length, CMR_TYPE_ANY, text.data, text.length,
                      place_of(reader, at));
}

static void tell_parts(const struct reader *reader, const struct directive *directive,
                       const struct repeated *parts)
{
    struct text all = directive->arguments, first = directive->first;
    if (first.data)
        tell_text(reader, (struct text){ parts->first, strlen(parts->first) }, first, directive->at);
    if (all.length > first.length)
        tell_text(reader, (struct text){ parts->rest, strlen(parts->rest) },
                  (struct text){ all.data + first.length + 1, all.length - first.length - 1 }, directive->at);
}

/* Nothing is told into a map that could not be begun: the library's limit of depth is this recursion's. */
static void tell_directive(const struct reader *reader, const struct directive *directive, struct text name)
{
    const struct repeated *parts = directive->is_block ? NULL : find_repeated(directive);
    if (!directive->is_block && !(parts && parts->first)) {
        tell_text(reader, name, directive->arguments, directive->at);
        return;
    }
    if (cmr_parser_begin_map(reader->parser, name.data, name.length, place_of(reader, directive->at)) !=
        CMR_OK)
        return;
    if (directive->is_block)
        tell_block(reader, directive);
    else
        tell_parts(reader, directive, parts);
    cmr_parser_end(reader->parser);
}

static void tell_group(const struct reader *reader, const struct directive *first)
{
    struct text name = first->name;
    cmr_place place = place_of(reader, first->at);
    if (first->group == LIST)
        cmr_parser_begin_list(reader->parser, name.data, name.length, place);
    else
        cmr_parser_begin_map(reader->parser, name.data, name.length, place);
    for (size_t i = (size_t)(first - reader->all); i; i = reader->all[i].next)
        tell_directive(reader, &reader->all[i],
                       first->group == LEVEL ? reader->all[i].arguments : (struct text){ NULL, 0 });
    cmr_parser_end(reader->parser);
}

static void tell_block(const struct reader *reader, const struct directive *block)
{
    const struct directive *end = reader->all + block->end;
    for (const struct directive *one = block + 1; one < end; one = reader->all + one->end)
        if (one->group == ALONE)
            tell_directive(reader, one, one->name);
        else if (!one->is_later)
            tell_group(reader, one);
}

/* ---- the file */

static bool read_entry(struct reader *reader)
{
    if (*reader->at == '}')
        return close_block(reader);
    if (*reader->at == ';' || *reader->at == '{')
        return refuse(reader, reader->at, *reader->at == ';' ? "unexpected \";\"" : "unexpected \"{\"");
    struct directive *directive = add_directive(reader);
    if (!directive || !read_directive(reader, directive))
        return false;
    directive->group = group_of(directive);
    return true;
}

static bool read_file(struct reader *reader)
{
    for (skip_blanks(reader); reader->at < reader->end; skip_blanks(reader))
        if (!read_entry(reader))
            return false;
    return end_file(reader);
}

/* The first error ends it, as it ends nginx's reading. */
static cmr_status parse_nginx(void *user, cmr_parser *parser, const char *data, size_t size)
{
    struct reader reader = { .parser = parser, .at = data, .end = data + size };
    (void)user;
    reader.texts = malloc(size + 1);
    reader.failed = !reader.texts;
    if (reader.texts && add_directive(&reader) && read_file(&reader) && link_groups(&reader))
        tell_block(&reader, &reader.all[0]);
    free(reader.texts);
    free(reader.all);
    return reader.failed ? CMR_ERR_NO_MEMORY : CMR_OK;
}

/* ---- the program */

static void print_value(const cmr_value *value)
{
    switch (value->type) {
    case CMR_TYPE_INT64:
        printf("%" PRId64, value->as.int64);
        break;
    case CMR_TYPE_DURATION:
        printf("%.3f s", (double)value->as.duration_ns / 1e9);
        break;
    case CMR_TYPE_LOG_LEVEL:
        printf("%s", cmr_log_level_name(value->as.level));
        break;
    default:
        printf("%s", value->text);
    }
}

static void on_change(void *user, const cmr_update *update)
{
    (void)user;
    for (size_t i = 0; i < cmr_update_count(update); i++) {
        const cmr_change *change = cmr_update_change(update, i);
        printf("%s: ", change->key);
        if (change->old_value) {
            print_value(change->old_value);
            printf(" -> ");
        }
        if (change->new_value)
            print_value(change->new_value);
        else
            printf("gone");
        putchar('\n');
    }
    fflush(stdout);
}

static void on_event(void *user, const cmr_event *event)
{
    (void)user;
    if (event->kind != CMR_EVENT_REJECTED)
        return;
    for (size_t i = 0; i < cmr_report_count(event->report); i++) {
        const cmr_diagnostic *wrong = cmr_report_get(event->report, i);
        printf("refused: %s:%u:%u: %s\n", wrong->file, wrong->line, wrong->column, wrong->message);
    }
    fflush(stdout);
}

/* A duration is Go's: 65s. nginx takes 65 for it as well; who must too, asks for the string. */
static const struct {
    const char *pattern;
    cmr_type type;
} followed[] = {
    { "nginx.conf#events.worker_connections", CMR_TYPE_INT64 },
    { "nginx.conf#http.keepalive_timeout", CMR_TYPE_DURATION },
    { "nginx.conf#error_log[*].level", CMR_TYPE_LOG_LEVEL },
    { "nginx.conf#http.server[*].server_name nginx.conf#http.upstream.*.server[*].address", CMR_TYPE_STRING },
};

static cmr_status follow_all(cmr_reloader *reloader)
{
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    cmr_status status = cmr_observe(reloader, on_event, NULL, NULL, NULL);
    options.initial = true;
    for (size_t i = 0; i < sizeof followed / sizeof *followed && status == CMR_OK; i++) {
        options.type = followed[i].type;
        status = cmr_subscribe(reloader, followed[i].pattern, on_change, NULL, &options, NULL);
    }
    return status;
}

static cmr_status open_directory(const char *path, cmr_reloader **ret_reloader)
{
    cmr_options options = CMR_OPTIONS_INIT;
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    cmr_format nginx = CMR_FORMAT_INIT;
    const cmr_format *own[] = { &nginx, NULL };
    const cmr_format_rule rules[] = { { "*.conf", "nginx" }, { NULL, NULL } };
    nginx.name = "nginx";
    nginx.parse = parse_nginx;
    mount.own_formats = own;
    mount.formats = rules;
    options.mount = &mount;
    return cmr_open(path, &options, ret_reloader);
}

int main(int argc, char **argv)
{
    cmr_reloader *reloader = NULL;
    if (argc != 2) {
        fprintf(stderr, "usage: nginx_conf DIRECTORY\n");
        return 2;
    }
    cmr_status status = open_directory(argv[1], &reloader);
    if (status == CMR_OK)
        status = follow_all(reloader);
    while (status == CMR_OK || status == CMR_ERR_INTERRUPTED)
        status = cmr_reloader_wait(reloader, -1);
    fprintf(stderr, "nginx_conf: %s: %s\n", argv[1], cmr_strerror(status));
    cmr_reloader_free(reloader);
    return 1;
}
