/* SPDX-License-Identifier: MIT
 *
 * The values of all variables in one generation: found once when it arrives, so that reading a variable is an
 * index into an array, and nothing is copied. Requests that began with older ones keep those, and their
 * snapshot.
 */
#include "ngx_http_cmreload.h"

/* nginx's lengths have 28 bits. */
#define MOST 0xfffffff

static ngx_http_variable_value_t variable_value(const void *text, size_t length)
{
    if (text == NULL || length > MOST)
        return (ngx_http_variable_value_t){ .not_found = 1 };
    return (ngx_http_variable_value_t){ .len = length & MOST, .valid = 1, .data = (u_char *)text };
}

static ngx_http_variable_value_t default_value(ngx_http_cmreload_variable_t *variable)
{
    return variable_value(variable->otherwise.data, variable->otherwise.len);
}

/* A scalar as it is written; of a file that is not UTF-8 the bytes. What is a list, a map or null has no
 * text: then the default stands, and a warning tells. */
static ngx_http_variable_value_t find(cmr_snapshot *snapshot, ngx_http_cmreload_variable_t *variable)
{
    const char *key = (const char *)variable->key.text.data;
    cmr_value value;
    u_char why[512];
    cmr_status status = cmr_get(snapshot, key, CMR_TYPE_STRING, NULL, &value);

    if (status == CMR_ERR_TYPE)
        status = cmr_get(snapshot, key, CMR_TYPE_BYTES, NULL, &value);
    if (status == CMR_OK)
        return variable_value(value.text, value.length);
    if (status != CMR_ERR_NOT_FOUND) {
        cmr_explain(snapshot, key, CMR_TYPE_STRING, NULL, (char *)why, sizeof(why));
        ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0, "cmreload: %s; the variable's default stands", why);
    }
    return default_value(variable);
}

void ngx_http_cmreload_refresh_values(ngx_http_cmreload_worker_t *worker)
{
    ngx_http_cmreload_variable_t *variables = worker->conf->variables.elts;
    ngx_uint_t count = worker->conf->variables.nelts;
    ngx_http_cmreload_values_t *values = ngx_alloc(
        sizeof(ngx_http_cmreload_values_t) + count * sizeof(ngx_http_variable_value_t), ngx_cycle->log);

    worker->stale = values == NULL;
    if (values == NULL)
        return;
    values->references = 1;
    values->snapshot = worker->reloader ? cmr_reloader_ref_snapshot(worker->reloader) : NULL;
    for (ngx_uint_t i = 0; i < count; i++)
        values->value[i] =
            values->snapshot ? find(values->snapshot, &variables[i]) : default_value(&variables[i]);
    ngx_http_cmreload_release_values(worker->values);
    worker->values = values;
}

void ngx_http_cmreload_release_values(void *data)
{
    ngx_http_cmreload_values_t *values = data;

    if (values == NULL || --values->references > 0)
        return;
    cmr_snapshot_unref(values->snapshot);
    ngx_free(values);
}
