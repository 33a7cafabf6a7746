/* SPDX-License-Identifier: MIT
 *
 * `cmreload_set $variable KEY [default]`: a variable is what a key is in the request's generation.
 *
 * A request takes the worker's current values when it first reads a variable, and keeps them until it ends:
 * so all its variables, and those of its subrequests, are of one generation. They hang on the pool of the
 * main request, since internal redirects clear all modules' contexts; the context only spares the search. For
 * the same reason nginx may cache the variables: within a request they do not change.
 */
#include "ngx_http_cmreload.h"

/* The request's values, at first the worker's. NULL: there is no memory. */
static ngx_http_cmreload_values_t *request_values(ngx_http_request_t *r)
{
    ngx_http_cmreload_worker_t *worker = &ngx_http_cmreload_worker;
    ngx_http_cmreload_values_t *values = ngx_http_get_module_ctx(r, ngx_http_cmreload_module);
    ngx_pool_cleanup_t *cleanup;

    if (values)
        return values;
    for (cleanup = r->pool->cleanup; cleanup; cleanup = cleanup->next)
        if (cleanup->handler == ngx_http_cmreload_release_values)
            break;
    if (cleanup == NULL) {
        if (worker->stale)
            ngx_http_cmreload_refresh_values(worker);
        cleanup = worker->values ? ngx_pool_cleanup_add(r->pool, 0) : NULL;
        if (cleanup == NULL)
            return NULL;
        worker->values->references++;
        cleanup->handler = ngx_http_cmreload_release_values;
        cleanup->data = worker->values;
    }
    ngx_http_set_ctx(r, cleanup->data, ngx_http_cmreload_module);
    return cleanup->data;
}

static ngx_int_t get(ngx_http_request_t *r, ngx_http_variable_value_t *v, uintptr_t number)
{
    ngx_http_cmreload_values_t *values = request_values(r->main);

    if (values == NULL)
        return NGX_ERROR;
    *v = values->value[number];
    return NGX_OK;
}

char *ngx_http_cmreload_set(ngx_conf_t *cf, ngx_command_t *cmd, void *data)
{
    ngx_http_cmreload_main_conf_t *conf = data;
    ngx_http_cmreload_variable_t *variable;
    ngx_str_t *words = cf->args->elts, name = words[1];
    ngx_http_variable_t *added;

    (void)cmd;
    if (name.len < 2 || name.data[0] != '$') {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid variable name \"%V\"", &name);
        return NGX_CONF_ERROR;
    }
    name.data++;
    name.len--;
    variable = ngx_array_push(&conf->variables);
    if (variable == NULL || ngx_http_cmreload_read_key(cf, &words[2], &variable->key) != NGX_OK)
        return NGX_CONF_ERROR;
    ngx_str_null(&variable->otherwise);
    if (cf->args->nelts == 4)
        variable->otherwise = words[3];

    added = ngx_http_add_variable(cf, &name, 0);
    if (added == NULL)
        return NGX_CONF_ERROR;
    added->get_handler = get;
    added->data = conf->variables.nelts - 1;
    return NGX_CONF_OK;
}
