/* SPDX-License-Identifier: MIT
 *
 * ngx_http_cmreload_module: nginx follows mounted ConfigMaps, without a reload.
 *
 * The directives are read into one configuration of the http block (mounts, variables, the level's key).
 * Nothing runs in the master, in `nginx -t` or in helper processes: init_process opens the reloader, in each
 * worker, and exit_process ends it. A configuration is never refused for what is mounted, which may be mended
 * while nginx runs; only for what the directives say.
 */
#include "ngx_http_cmreload.h"

static ngx_command_t commands[] = {
    { ngx_string("cmreload_mount"), NGX_HTTP_MAIN_CONF | NGX_CONF_2MORE, ngx_http_cmreload_mount,
      NGX_HTTP_MAIN_CONF_OFFSET, 0, NULL },
    { ngx_string("cmreload_set"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE23, ngx_http_cmreload_set,
      NGX_HTTP_MAIN_CONF_OFFSET, 0, NULL },
    { ngx_string("cmreload_log_level"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE12, ngx_http_cmreload_log_level,
      NGX_HTTP_MAIN_CONF_OFFSET, 0, NULL },
    { ngx_string("cmreload_state_dir"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, ngx_conf_set_str_slot,
      NGX_HTTP_MAIN_CONF_OFFSET, offsetof(ngx_http_cmreload_main_conf_t, state_dir), NULL },
    { ngx_string("cmreload_timeout"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, ngx_conf_set_msec_slot,
      NGX_HTTP_MAIN_CONF_OFFSET, offsetof(ngx_http_cmreload_main_conf_t, timeout), NULL },
    { ngx_string("cmreload_status"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS | NGX_CONF_TAKE1,
      ngx_http_cmreload_status, NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },
    ngx_null_command
};

static void *create_main_conf(ngx_conf_t *cf)
{
    ngx_http_cmreload_main_conf_t *conf = ngx_pcalloc(cf->pool, sizeof(*conf));

    if (conf == NULL ||
        ngx_array_init(&conf->mounts, cf->pool, 2, sizeof(ngx_http_cmreload_mount_t)) != NGX_OK ||
        ngx_array_init(&conf->variables, cf->pool, 8, sizeof(ngx_http_cmreload_variable_t)) != NGX_OK ||
        ngx_array_init(&conf->logs, cf->pool, 4, sizeof(ngx_log_t *)) != NGX_OK)
        return NULL;
    conf->level_otherwise = NGX_CONF_UNSET_UINT;
    conf->timeout = NGX_CONF_UNSET_MSEC;
    return conf;
}

/* Now that all directives are read: is each key's mount there? */
static char *init_main_conf(ngx_conf_t *cf, void *data)
{
    ngx_http_cmreload_main_conf_t *conf = data;
    ngx_http_cmreload_variable_t *variables = conf->variables.elts;

    ngx_conf_init_msec_value(conf->timeout, 5000);
    if (conf->state_dir.len && ngx_conf_full_name(cf->cycle, &conf->state_dir, 0) != NGX_OK)
        return NGX_CONF_ERROR;
    for (ngx_uint_t i = 0; i < conf->variables.nelts; i++)
        if (ngx_http_cmreload_check_key(cf, conf, &variables[i].key) != NGX_OK)
            return NGX_CONF_ERROR;
    if (conf->level_key.text.len && ngx_http_cmreload_check_key(cf, conf, &conf->level_key) != NGX_OK)
        return NGX_CONF_ERROR;
    return NGX_CONF_OK;
}

static void *create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_cmreload_loc_conf_t *conf = ngx_pcalloc(cf->pool, sizeof(*conf));

    if (conf)
        conf->status = NGX_CONF_UNSET_UINT;
    return conf;
}

/* Once for each server and location, when the core module's own are merged: it is before this one. */
static char *merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_cmreload_main_conf_t *conf = ngx_http_conf_get_module_main_conf(cf, ngx_http_cmreload_module);
    ngx_http_core_loc_conf_t *core = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    (void)parent;
    (void)child;
    return ngx_http_cmreload_collect_log(conf, core->error_log) == NGX_OK ? NGX_CONF_OK : NGX_CONF_ERROR;
}

/* Before the master becomes a daemon and forks, and in `nginx -t`. A process alone has nobody to share with.
 */
static ngx_int_t init_module(ngx_cycle_t *cycle)
{
    ngx_http_cmreload_main_conf_t *conf =
        ngx_http_cycle_get_module_main_conf(cycle, ngx_http_cmreload_module);

    ngx_core_conf_t *core = (ngx_core_conf_t *)ngx_get_conf(cycle->conf_ctx, ngx_core_module);

    if (conf && ngx_test_config)
        ngx_http_cmreload_try(conf, cycle->log);
    else if (conf && core->master)
        ngx_http_cmreload_share(cycle, conf);
    return NGX_OK;
}

/* Also called in helper processes (of the cache), which follow nothing. */
static ngx_int_t init_process(ngx_cycle_t *cycle)
{
    if (ngx_process == NGX_PROCESS_WORKER || ngx_process == NGX_PROCESS_SINGLE)
        ngx_http_cmreload_start(cycle);
    return NGX_OK;
}

static void exit_process(ngx_cycle_t *cycle)
{
    (void)cycle;
    ngx_http_cmreload_stop();
}

static ngx_http_module_t context = {
    .create_main_conf = create_main_conf,
    .init_main_conf = init_main_conf,
    .create_loc_conf = create_loc_conf,
    .merge_loc_conf = merge_loc_conf,
};

ngx_module_t ngx_http_cmreload_module = {
    NGX_MODULE_V1, &context, commands, NGX_HTTP_MODULE, NULL, init_module,
    init_process,  NULL,     NULL,     exit_process,    NULL, NGX_MODULE_V1_PADDING,
};
