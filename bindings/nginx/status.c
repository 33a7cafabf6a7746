/* SPDX-License-Identifier: MIT
 *
 * `cmreload_status [json|prometheus]`: what an operator asks, of the worker that happens to answer: each has
 * a state of its own. So its process is named in each answer.
 */
#include "ngx_http_cmreload.h"

static ngx_int_t no_store(ngx_http_request_t *r)
{
    ngx_table_elt_t *header = ngx_list_push(&r->headers_out.headers);

    if (header == NULL)
        return NGX_ERROR;
    ngx_memzero(header, sizeof(*header));
    header->hash = 1;
    ngx_str_set(&header->key, "Cache-Control");
    ngx_str_set(&header->value, "no-store");
    return NGX_OK;
}

/* The text, copied into the request's pool; NULL on failure. */
static ngx_buf_t *as_json(ngx_http_request_t *r, cmr_reloader *reloader)
{
    char *text;
    ngx_buf_t *buffer;

    if (cmr_reloader_status_json(reloader, &text) != CMR_OK)
        return NULL;
    text[strcspn(text, "\n")] = '\0'; /* it is one line */
    buffer =
        ngx_create_temp_buf(r->pool, strlen(text) + sizeof("{\"worker\":,\"cmreload\":}\n") + NGX_INT64_LEN);
    if (buffer)
        buffer->last = ngx_sprintf(buffer->last, "{\"worker\":%P,\"cmreload\":%s}\n", ngx_pid, text);
    free(text);
    return buffer;
}

static ngx_buf_t *as_prometheus(ngx_http_request_t *r, cmr_reloader *reloader)
{
    char *text;
    u_char labels[sizeof("worker=\"\"") + NGX_INT64_LEN];
    ngx_buf_t *buffer;

    *ngx_sprintf(labels, "worker=\"%P\"", ngx_pid) = '\0';
    if (cmr_reloader_status_prometheus(reloader, "nginx_cmreload", (char *)labels, &text) != CMR_OK)
        return NULL;
    buffer = ngx_create_temp_buf(r->pool, strlen(text));
    if (buffer)
        buffer->last = ngx_cpymem(buffer->last, text, strlen(text));
    free(text);
    return buffer;
}

static ngx_int_t answer(ngx_http_request_t *r, ngx_buf_t *buffer)
{
    ngx_chain_t chain = { buffer, NULL };
    ngx_int_t sent;

    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_length_n = buffer->last - buffer->pos;
    buffer->last_buf = r == r->main;
    buffer->last_in_chain = 1;
    if (no_store(r) != NGX_OK)
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    sent = ngx_http_send_header(r);
    if (sent == NGX_ERROR || sent > NGX_OK || r->header_only)
        return sent;
    return ngx_http_output_filter(r, &chain);
}

static ngx_int_t handle(ngx_http_request_t *r)
{
    ngx_http_cmreload_loc_conf_t *conf = ngx_http_get_module_loc_conf(r, ngx_http_cmreload_module);
    cmr_reloader *reloader = ngx_http_cmreload_worker.reloader;
    ngx_int_t discarded;
    ngx_buf_t *buffer;

    if (!(r->method & (NGX_HTTP_GET | NGX_HTTP_HEAD)))
        return NGX_HTTP_NOT_ALLOWED;
    discarded = ngx_http_discard_request_body(r);
    if (discarded != NGX_OK)
        return discarded;
    if (reloader == NULL)
        return NGX_HTTP_SERVICE_UNAVAILABLE;
    if (conf->status == NGX_HTTP_CMRELOAD_JSON) {
        ngx_str_set(&r->headers_out.content_type, "application/json");
        buffer = as_json(r, reloader);
    } else {
        ngx_str_set(&r->headers_out.content_type, CMR_PROMETHEUS_CONTENT_TYPE);
        buffer = as_prometheus(r, reloader);
    }
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    return buffer ? answer(r, buffer) : NGX_HTTP_INTERNAL_SERVER_ERROR;
}

char *ngx_http_cmreload_status(ngx_conf_t *cf, ngx_command_t *cmd, void *data)
{
    ngx_http_cmreload_loc_conf_t *conf = data;
    ngx_http_core_loc_conf_t *core = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    ngx_str_t *words = cf->args->elts;

    (void)cmd;
    if (conf->status != NGX_CONF_UNSET_UINT)
        return "is duplicate";
    if (cf->args->nelts == 1 || ngx_strcmp(words[1].data, "json") == 0) {
        conf->status = NGX_HTTP_CMRELOAD_JSON;
    } else if (ngx_strcmp(words[1].data, "prometheus") == 0) {
        conf->status = NGX_HTTP_CMRELOAD_PROMETHEUS;
    } else {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "cmreload_status: wanted json or prometheus, found \"%V\"",
                           &words[1]);
        return NGX_CONF_ERROR;
    }
    core->handler = handle;
    return NGX_CONF_OK;
}
