/* SPDX-License-Identifier: MIT
 *
 * What a worker has: a reloader, whose descriptor is one of nginx's connections, and the current values.
 *
 * The descriptor becomes readable when there is something to dispatch, so that no timer is needed, which
 * would keep a worker alive that should go. It must leave nginx's hands (fd = -1) before the library closes
 * it: a connection with a descriptor at the end is an alert. No failure ends a worker: nginx would not start
 * it again.
 */
#include "ngx_http_cmreload.h"

ngx_http_cmreload_worker_t ngx_http_cmreload_worker;

__attribute__((visibility("default"))) cmr_reloader *cmr_nginx_reloader(void);

/* For libraries in the same process (Lua's, say), by dlsym. NULL: there is none. */
cmr_reloader *cmr_nginx_reloader(void)
{
    return ngx_http_cmreload_worker.reloader;
}

static void write_log(void *user, cmr_log_level level, const char *message)
{
    (void)user;
    if (level <= CMR_LOG_INFO) {
        ngx_log_error(ngx_http_cmreload_level_number(level), ngx_cycle->log, 0, "cmreload: %s", message);
    } else {
        ngx_log_debug1(NGX_LOG_DEBUG_CORE, ngx_cycle->log, 0, "cmreload: %s", message);
    }
}

/* Called before the level's subscription. */
static void on_event(void *user, const cmr_event *event)
{
    if (event->kind == CMR_EVENT_READY || event->kind == CMR_EVENT_APPLIED)
        ngx_http_cmreload_refresh_values(user);
}

static cmr_status open_reloader(ngx_http_cmreload_worker_t *worker)
{
    ngx_http_cmreload_main_conf_t *conf = worker->conf;
    ngx_http_cmreload_mount_t *mounts = conf->mounts.elts;
    cmr_options options = CMR_OPTIONS_INIT;
    cmr_status status;

    options.log = write_log;
    options.mount = &mounts[0].options;
    options.background = true;
    if (conf->state_dir.len) {
        options.state_dir = (char *)conf->state_dir.data;
        options.boot = CMR_BOOT_LAST_GOOD;
    }
    status = cmr_open((char *)mounts[0].path.data, &options, &worker->reloader);
    for (ngx_uint_t i = 1; i < conf->mounts.nelts && status == CMR_OK; i++)
        status = cmr_reloader_add_mount(worker->reloader, (char *)mounts[i].path.data, &mounts[i].options);
    if (status == CMR_OK)
        status = ngx_http_cmreload_join(worker->reloader, conf->share);
    if (status == CMR_OK)
        status = cmr_observe(worker->reloader, on_event, worker, NULL, NULL);
    return status;
}

/* Waits for the first generation, but not if nginx is told to end. */
static cmr_status load(ngx_http_cmreload_worker_t *worker)
{
    ngx_msec_int_t left = (ngx_msec_int_t)worker->conf->timeout;
    ngx_msec_t start = ngx_current_msec;
    cmr_status status;

    do {
        status = cmr_reloader_load(worker->reloader, left);
        ngx_time_update();
        left = (ngx_msec_int_t)(worker->conf->timeout - (ngx_current_msec - start));
    } while (status == CMR_ERR_INTERRUPTED && left > 0 && !ngx_terminate && !ngx_quit);
    return status;
}

static void on_readable(ngx_event_t *event)
{
    ngx_connection_t *connection = event->data;
    ngx_http_cmreload_worker_t *worker = connection->data;

    cmr_reloader_dispatch(worker->reloader);
}

static ngx_int_t listen_to_reloader(ngx_http_cmreload_worker_t *worker, ngx_cycle_t *cycle)
{
    ngx_connection_t *connection = ngx_get_connection(cmr_reloader_fd(worker->reloader), cycle->log);

    if (connection == NULL)
        return NGX_ERROR;
    worker->connection = connection;
    connection->data = worker;
    connection->log = connection->read->log = connection->write->log = cycle->log;
    connection->read->handler = on_readable;
    return ngx_add_event(connection->read, NGX_READ_EVENT, 0);
}

static void fail(ngx_cycle_t *cycle, const char *what, cmr_status status)
{
    ngx_log_error(NGX_LOG_ERR, cycle->log, status == CMR_ERR_SYSTEM ? ngx_errno : 0, "cmreload: %s: %s", what,
                  cmr_strerror(status));
}

void ngx_http_cmreload_start(ngx_cycle_t *cycle)
{
    ngx_http_cmreload_worker_t *worker = &ngx_http_cmreload_worker;
    cmr_status status;

    ngx_memzero(worker, sizeof(*worker));
    worker->conf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_cmreload_module);
    if (worker->conf == NULL || worker->conf->mounts.nelts == 0)
        return;
    status = open_reloader(worker);
    if (status != CMR_OK) {
        fail(cycle, "nothing is followed, and the defaults stand", status);
        cmr_reloader_free(worker->reloader);
        worker->reloader = NULL;
    }
    ngx_http_cmreload_refresh_values(worker);
    if (worker->reloader == NULL)
        return;
    if (ngx_http_cmreload_follow_level(worker, cycle) != NGX_OK)
        fail(cycle, "the log level is not followed", CMR_ERR_NO_MEMORY);
    status = load(worker);
    if (status != CMR_OK)
        fail(cycle, "nothing is loaded yet, and the defaults stand", status);
    if (listen_to_reloader(worker, cycle) != NGX_OK)
        ngx_log_error(NGX_LOG_ERR, cycle->log, 0,
                      "cmreload: changes are not followed: nginx has no connection for it");
}

void ngx_http_cmreload_stop(void)
{
    ngx_http_cmreload_worker_t *worker = &ngx_http_cmreload_worker;

    if (worker->connection) {
        ngx_del_event(worker->connection->read, NGX_READ_EVENT, 0);
        worker->connection->fd = (ngx_socket_t)-1;
        ngx_free_connection(worker->connection);
    }
    cmr_reloader_free(worker->reloader);
    ngx_http_cmreload_release_values(worker->values);
    ngx_memzero(worker, sizeof(*worker));
}
