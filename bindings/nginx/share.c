/* SPDX-License-Identifier: MIT
 *
 * What the workers share, so that one of them loads for all. The master makes it, before it forks; it is
 * counted, and freed with the last cycle that uses it. As long as the mounts stay the same a reload (HUP)
 * goes on with it: numbers of generations only grow, and new workers have the last good one even if what is
 * mounted is bad by then. Its descriptors are close-on-exec, so a new binary (USR2) makes its own.
 */
#include "ngx_http_cmreload.h"

struct ngx_http_cmreload_share_s {
    cmr_share *share;
    ngx_uint_t references;
};

static void release(void *data)
{
    ngx_http_cmreload_share_t *shared = data;

    if (--shared->references > 0)
        return;
    cmr_share_free(shared->share);
    ngx_free(shared);
}

/* The old cycle's, unless the module itself is another one, loaded from a new file: its configuration would
 * be read by the wrong numbers. */
static ngx_http_cmreload_main_conf_t *old_conf(ngx_cycle_t *old)
{
    if (old == NULL || ngx_is_init_cycle(old))
        return NULL;
    for (ngx_uint_t i = 0; i < old->modules_n; i++)
        if (old->modules[i] == &ngx_http_cmreload_module)
            return ngx_http_cycle_get_module_main_conf(old, ngx_http_cmreload_module);
    return NULL;
}

static ngx_http_cmreload_share_t *old_share(ngx_cycle_t *cycle, ngx_http_cmreload_main_conf_t *conf)
{
    ngx_http_cmreload_main_conf_t *old = old_conf(cycle->old_cycle);

    if (old == NULL || old->share == NULL || old->signature.len != conf->signature.len ||
        ngx_memcmp(old->signature.data, conf->signature.data, conf->signature.len) != 0)
        return NULL;
    return old->share;
}

static ngx_http_cmreload_share_t *new_share(ngx_log_t *log)
{
    ngx_http_cmreload_share_t *shared = ngx_calloc(sizeof(*shared), log);

    if (shared && cmr_share_new(&shared->share) == CMR_OK)
        return shared;
    ngx_log_error(NGX_LOG_ERR, log, ngx_errno,
                  "cmreload: nothing can be shared: each worker loads for itself");
    ngx_free(shared);
    return NULL;
}

void ngx_http_cmreload_share(ngx_cycle_t *cycle, ngx_http_cmreload_main_conf_t *conf)
{
    ngx_pool_cleanup_t *cleanup;

    if (conf->mounts.nelts == 0)
        return;
    cleanup = ngx_pool_cleanup_add(cycle->pool, 0);
    if (cleanup == NULL)
        return;
    conf->share = old_share(cycle, conf);
    if (conf->share == NULL)
        conf->share = new_share(cycle->log);
    if (conf->share == NULL)
        return;
    conf->share->references++;
    cleanup->handler = release;
    cleanup->data = conf->share;
}

cmr_status ngx_http_cmreload_join(cmr_reloader *reloader, ngx_http_cmreload_share_t *shared)
{
    return shared ? cmr_reloader_join(reloader, shared->share) : CMR_OK;
}
