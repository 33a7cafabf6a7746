/* SPDX-License-Identifier: MIT
 *
 * The keys that directives name. Their syntax is checked where they stand; whether their mount is there when
 * all directives are read, since they may come in any order.
 */
#include "ngx_http_cmreload.h"

ngx_int_t ngx_http_cmreload_read_key(ngx_conf_t *cf, ngx_str_t *text, ngx_http_cmreload_key_t *ret_key)
{
    size_t where = 0;

    if (cmr_key_check((char *)text->data, &where) != CMR_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "cmreload: invalid key \"%V\", at byte %uz", text,
                           where + 1);
        return NGX_ERROR;
    }
    ret_key->text = *text;
    ret_key->file = cf->conf_file->file.name.data;
    ret_key->line = cf->conf_file->line;
    return NGX_OK;
}

/* A mount's name in brackets is not looked into: that it is none shows when nothing is found. */
ngx_http_cmreload_mount_t *ngx_http_cmreload_key_mount(ngx_http_cmreload_main_conf_t *conf,
                                                       ngx_http_cmreload_key_t *key)
{
    ngx_http_cmreload_mount_t *mounts = conf->mounts.elts;
    size_t length = strcspn((char *)key->text.data, ".[]#:*\"\\");
    ngx_uint_t named = key->text.data[length] == ':';

    for (ngx_uint_t i = 0; i < conf->mounts.nelts; i++)
        if (!named ||
            (mounts[i].name.len == length && ngx_memcmp(mounts[i].name.data, key->text.data, length) == 0))
            return &mounts[i];
    return NULL;
}

ngx_int_t ngx_http_cmreload_check_key(ngx_conf_t *cf, ngx_http_cmreload_main_conf_t *conf,
                                      ngx_http_cmreload_key_t *key)
{
    if (ngx_http_cmreload_key_mount(conf, key))
        return NGX_OK;
    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "cmreload: there is no cmreload_mount for the key \"%V\" in %s:%ui", &key->text, key->file,
                  key->line);
    return NGX_ERROR;
}
