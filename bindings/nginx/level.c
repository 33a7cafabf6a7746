/* SPDX-License-Identifier: MIT
 *
 * `cmreload_log_level KEY [default=LEVEL]`: the level of nginx's error logs, while it runs.
 *
 * A level is a number in an ngx_log_t, and there are many: the cycle's, each error_log of a server or
 * location, and a copy in each listening socket, from which accepted connections copy. Several error_logs in
 * one place are a chain, sorted by level, whose head decides whether the others are looked at: so all of it
 * is set. What was configured is remembered, and comes back when the key goes away. Connections that are open
 * see the new level at their next request. A subscription with a type follows the key: what is no level
 * rejects the generation.
 */
#include "ngx_http_cmreload.h"

typedef struct {
    ngx_log_t *log;
    ngx_uint_t configured;
} level_t;

ngx_uint_t ngx_http_cmreload_level_number(cmr_log_level level)
{
    return level >= CMR_LOG_DEBUG ? NGX_LOG_DEBUG : (ngx_uint_t)level + NGX_LOG_EMERG;
}

char *ngx_http_cmreload_log_level(ngx_conf_t *cf, ngx_command_t *cmd, void *data)
{
    ngx_http_cmreload_main_conf_t *conf = data;
    ngx_str_t *words = cf->args->elts;
    cmr_value value;

    (void)cmd;
    if (conf->level_key.text.len)
        return "is duplicate";
    if (ngx_http_cmreload_read_key(cf, &words[1], &conf->level_key) != NGX_OK)
        return NGX_CONF_ERROR;
    if (cf->args->nelts == 2)
        return NGX_CONF_OK;
    if (ngx_strncmp(words[2].data, "default=", 8) != 0 ||
        cmr_value_parse((char *)words[2].data + 8, CMR_TYPE_LOG_LEVEL, NULL, &value) != CMR_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "cmreload_log_level: wanted default=LEVEL, found \"%V\"",
                           &words[2]);
        return NGX_CONF_ERROR;
    }
    conf->level_otherwise = ngx_http_cmreload_level_number(value.as.level);
    return NGX_CONF_OK;
}

ngx_int_t ngx_http_cmreload_collect_log(ngx_http_cmreload_main_conf_t *conf, ngx_log_t *log)
{
    ngx_log_t **logs = conf->logs.elts;

    for (ngx_uint_t i = conf->logs.nelts; i > 0; i--) /* that of the last server comes again most often */
        if (logs[i - 1] == log)
            return NGX_OK;
    logs = ngx_array_push(&conf->logs);
    if (logs == NULL)
        return NGX_ERROR;
    *logs = log;
    return NGX_OK;
}

static ngx_int_t remember(ngx_array_t *levels, ngx_log_t *log)
{
    level_t *level = levels->elts;

    for (ngx_uint_t i = 0; i < levels->nelts; i++)
        if (level[i].log == log)
            return NGX_OK;
    level = ngx_array_push(levels);
    if (level == NULL)
        return NGX_ERROR;
    level->log = log;
    level->configured = log->log_level;
    return NGX_OK;
}

static ngx_int_t remember_chain(ngx_array_t *levels, ngx_log_t *log)
{
    for (; log; log = log->next)
        if (remember(levels, log) != NGX_OK)
            return NGX_ERROR;
    return NGX_OK;
}

static ngx_int_t remember_all(ngx_http_cmreload_worker_t *worker, ngx_cycle_t *cycle)
{
    ngx_log_t **logs = worker->conf->logs.elts;
    ngx_listening_t *listening = cycle->listening.elts;
    ngx_array_t *levels = &worker->levels;

    if (ngx_array_init(levels, cycle->pool, 8, sizeof(level_t)) != NGX_OK ||
        remember_chain(levels, cycle->log) != NGX_OK)
        return NGX_ERROR;
    for (ngx_uint_t i = 0; i < worker->conf->logs.nelts; i++)
        if (remember_chain(levels, logs[i]) != NGX_OK)
            return NGX_ERROR;
    for (ngx_uint_t i = 0; i < cycle->listening.nelts; i++)
        if (remember_chain(levels, &listening[i].log) != NGX_OK)
            return NGX_ERROR;
    return NGX_OK;
}

/* NGX_CONF_UNSET_UINT: as configured. In a log, debug is the bits of all kinds of debugging. */
static void apply(ngx_http_cmreload_worker_t *worker, ngx_uint_t number)
{
    level_t *levels = worker->levels.elts;

    for (ngx_uint_t i = 0; i < worker->levels.nelts; i++)
        levels[i].log->log_level = number == NGX_CONF_UNSET_UINT ? levels[i].configured
                                   : number == NGX_LOG_DEBUG     ? NGX_LOG_DEBUG_ALL
                                                                 : number;
}

static void on_level(void *user, const cmr_update *update)
{
    ngx_http_cmreload_worker_t *worker = user;
    const cmr_value *value = cmr_update_change(update, 0)->new_value;

    apply(worker, value ? ngx_http_cmreload_level_number(value->as.level) : worker->conf->level_otherwise);
}

ngx_int_t ngx_http_cmreload_follow_level(ngx_http_cmreload_worker_t *worker, ngx_cycle_t *cycle)
{
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    const char *key = (const char *)worker->conf->level_key.text.data;

    if (key == NULL)
        return NGX_OK;
    if (remember_all(worker, cycle) != NGX_OK)
        return NGX_ERROR;
    options.type = CMR_TYPE_LOG_LEVEL;
    options.initial = true;
    apply(worker, worker->conf->level_otherwise);
    return cmr_subscribe(worker->reloader, key, on_level, worker, &options, NULL) == CMR_OK ? NGX_OK
                                                                                            : NGX_ERROR;
}
