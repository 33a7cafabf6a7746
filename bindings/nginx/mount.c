/* SPDX-License-Identifier: MIT
 *
 * `cmreload_mount NAME PATH [...]`: what is followed, and how.
 *
 * Options become a cmr_mount_options, and whether it makes sense (a format's name, a limit) the library is
 * asked, by making a snapshot of no files with it. All words of all mounts, one behind the other, are the
 * signature by which a reload knows whether anything about them has changed.
 */
#include "ngx_http_cmreload.h"

static char *refuse(ngx_conf_t *cf, const char *why, ngx_str_t *word)
{
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "cmreload_mount: %s \"%V\"", why, word);
    return NGX_CONF_ERROR;
}

/* format=GLOB:FORMAT; a glob may hold colons. */
static char *add_rule(ngx_conf_t *cf, ngx_http_cmreload_mount_t *mount, ngx_str_t *word)
{
    char *glob = (char *)word->data + sizeof("format=") - 1;
    char *colon = strrchr(glob, ':');
    cmr_format_rule *rule = ngx_array_push(&mount->rules);

    if (rule == NULL)
        return NGX_CONF_ERROR;
    if (colon == NULL || colon == glob || colon[1] == '\0')
        return refuse(cf, "wanted format=GLOB:FORMAT, found", word);
    *colon = '\0';
    rule->glob = glob;
    rule->format = colon + 1;
    return NGX_CONF_OK;
}

static ngx_int_t read_option(ngx_http_cmreload_mount_t *mount, ngx_str_t *word)
{
    ngx_str_t value = *word;
    cmr_mount_options *options = &mount->options;

    if (ngx_strcmp(word->data, "optional") == 0) {
        options->optional = true;
    } else if (ngx_strcmp(word->data, "keep_bad_files") == 0) {
        options->keep_bad_files = true;
    } else if (ngx_strncmp(word->data, "check=", 6) == 0) {
        value.data += 6;
        value.len -= 6;
        options->check_interval_ms = ngx_parse_time(&value, 0);
        return options->check_interval_ms > 0 ? NGX_OK : NGX_ERROR;
    } else if (ngx_strncmp(word->data, "limit_file=", 11) == 0) {
        value.data += 11;
        value.len -= 11;
        off_t size = ngx_parse_offset(&value);
        options->limits.file_size = (uint64_t)size;
        return size > 0 ? NGX_OK : NGX_ERROR;
    } else {
        return NGX_ERROR;
    }
    return NGX_OK;
}

static char *read_options(ngx_conf_t *cf, ngx_http_cmreload_mount_t *mount)
{
    ngx_str_t *words = cf->args->elts;

    for (ngx_uint_t i = 3; i < cf->args->nelts; i++) {
        if (ngx_strcmp(words[i].data, "secret") == 0) {
            ngx_conf_log_error(
                NGX_LOG_EMERG, cf, 0,
                "cmreload_mount: \"%V\" cannot be secret: a secret is never handed to other processes, "
                "and nginx's workers share what they follow",
                &mount->name);
            return NGX_CONF_ERROR;
        }
        if (ngx_strncmp(words[i].data, "format=", 7) == 0) {
            if (add_rule(cf, mount, &words[i]) != NGX_CONF_OK)
                return NGX_CONF_ERROR;
        } else if (read_option(mount, &words[i]) != NGX_OK) {
            return refuse(cf, "invalid parameter", &words[i]);
        }
    }
    return NGX_CONF_OK;
}

/* Ends the rules, gives the mount to the library's options, and asks the library about them. */
static char *finish(ngx_conf_t *cf, ngx_http_cmreload_mount_t *mount)
{
    cmr_format_rule *end = ngx_array_push(&mount->rules);
    cmr_mount_options options;
    cmr_snapshot *snapshot;

    if (end == NULL)
        return NGX_CONF_ERROR;
    ngx_memzero(end, sizeof(*end));
    mount->options.name = (char *)mount->name.data;
    mount->options.formats = mount->rules.elts;

    options = mount->options;
    options.optional = false; /* of a mount that is followed only */
    if (cmr_snapshot_from_files(NULL, 0, &options, NULL, &snapshot) != CMR_OK)
        return refuse(cf, "a format that is unknown, or a limit that is too large, in mount", &mount->name);
    cmr_snapshot_unref(snapshot);
    return NGX_CONF_OK;
}

static ngx_int_t sign(ngx_conf_t *cf, ngx_http_cmreload_main_conf_t *conf, ngx_http_cmreload_mount_t *mount)
{
    ngx_str_t *words = cf->args->elts, before = conf->signature;
    size_t size = before.len + mount->path.len + 1;
    u_char *end;

    for (ngx_uint_t i = 1; i < cf->args->nelts; i++)
        size += words[i].len + 1;
    conf->signature.data = ngx_pnalloc(cf->pool, size + 1);
    if (conf->signature.data == NULL)
        return NGX_ERROR;
    end = before.len ? ngx_cpymem(conf->signature.data, before.data, before.len) : conf->signature.data;
    for (ngx_uint_t i = 1; i < cf->args->nelts; i++)
        end = ngx_cpymem(end, words[i].data, words[i].len + 1); /* with its NUL */
    end = ngx_cpymem(end, mount->path.data, mount->path.len);
    *end++ = '\n';
    conf->signature.len = end - conf->signature.data;
    return NGX_OK;
}

char *ngx_http_cmreload_mount(ngx_conf_t *cf, ngx_command_t *cmd, void *data)
{
    ngx_http_cmreload_main_conf_t *conf = data;
    ngx_http_cmreload_mount_t *mount, *others = conf->mounts.elts;
    ngx_str_t *words = cf->args->elts;

    (void)cmd;
    for (ngx_uint_t i = 0; i < conf->mounts.nelts; i++)
        if (ngx_strcmp(others[i].name.data, words[1].data) == 0)
            return refuse(cf, "duplicate name", &words[1]);
    mount = ngx_array_push(&conf->mounts);
    if (mount == NULL || ngx_array_init(&mount->rules, cf->pool, 2, sizeof(cmr_format_rule)) != NGX_OK)
        return NGX_CONF_ERROR;
    if (words[1].len == 0 || words[2].len == 0)
        return refuse(cf, "a name and a path are wanted in", &words[1]);
    mount->name = words[1];
    mount->path = words[2];
    mount->options = (cmr_mount_options)CMR_MOUNT_OPTIONS_INIT;
    if (ngx_conf_full_name(cf->cycle, &mount->path, 1) != NGX_OK || sign(cf, conf, mount) != NGX_OK ||
        read_options(cf, mount) != NGX_CONF_OK)
        return NGX_CONF_ERROR;
    return finish(cf, mount);
}
