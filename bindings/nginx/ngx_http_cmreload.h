/* SPDX-License-Identifier: MIT
 *
 * What the parts of ngx_http_cmreload_module share. A .c file is a noun: key, mount, variable, values, level,
 * share, worker, status, trial; module.c puts them together. Nothing here is for other modules, but
 * cmr_nginx_reloader, the one symbol that the module shows.
 */
#ifndef NGX_HTTP_CMRELOAD_H
#define NGX_HTTP_CMRELOAD_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <cmreload/cmreload.h>

/* A directive's key, and where it stands: whether its mount is there is known only when all have been read.
 */
typedef struct {
    ngx_str_t text;
    u_char *file;
    ngx_uint_t line;
} ngx_http_cmreload_key_t;

typedef struct {
    ngx_str_t name;
    ngx_str_t path;
    ngx_array_t rules; /* of cmr_format_rule; the last is NULL, NULL */
    cmr_mount_options options;
} ngx_http_cmreload_mount_t;

typedef struct {
    ngx_http_cmreload_key_t key;
    ngx_str_t otherwise; /* its data is NULL: without a value the variable is not found */
} ngx_http_cmreload_variable_t;

typedef struct ngx_http_cmreload_share_s ngx_http_cmreload_share_t;

typedef struct {
    ngx_array_t mounts;    /* of ngx_http_cmreload_mount_t */
    ngx_str_t signature;   /* of the mounts: equal where they are */
    ngx_array_t variables; /* of ngx_http_cmreload_variable_t */
    ngx_array_t logs;      /* of ngx_log_t *: the error logs of servers and locations, each once */
    ngx_http_cmreload_key_t level_key;
    ngx_uint_t level_otherwise; /* NGX_CONF_UNSET_UINT: the configured levels */
    ngx_str_t state_dir;
    ngx_msec_t timeout;
    ngx_http_cmreload_share_t *share; /* NULL: each process loads for itself */
} ngx_http_cmreload_main_conf_t;

typedef struct {
    ngx_uint_t status; /* NGX_CONF_UNSET_UINT, or one of these */
} ngx_http_cmreload_loc_conf_t;

#define NGX_HTTP_CMRELOAD_JSON 0
#define NGX_HTTP_CMRELOAD_PROMETHEUS 1

/* What all variables are in one generation: an array by their number. Counted, for this process only; the
 * texts belong to the snapshot, which it holds. */
typedef struct {
    ngx_uint_t references;
    cmr_snapshot *snapshot;
    ngx_http_variable_value_t value[1]; /* ready to be given to nginx */
} ngx_http_cmreload_values_t;

/* What a process that serves requests has. */
typedef struct {
    ngx_http_cmreload_main_conf_t *conf;
    cmr_reloader *reloader;             /* NULL: there are no mounts, or it could not be opened */
    ngx_connection_t *connection;       /* nginx's, of the reloader's descriptor */
    ngx_http_cmreload_values_t *values; /* the newest */
    ngx_uint_t stale;                   /* there was no memory for newer ones */
    ngx_array_t levels;                 /* level.c: logs, and their configured levels */
} ngx_http_cmreload_worker_t;

extern ngx_module_t ngx_http_cmreload_module;
extern ngx_http_cmreload_worker_t ngx_http_cmreload_worker;

/* Directives. */
char *ngx_http_cmreload_mount(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_cmreload_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_cmreload_log_level(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_cmreload_status(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* Checks a key's syntax, and remembers where it stands. */
ngx_int_t ngx_http_cmreload_read_key(ngx_conf_t *cf, ngx_str_t *text, ngx_http_cmreload_key_t *ret_key);

/* The mount that the key is of; NULL: there is none. */
ngx_http_cmreload_mount_t *ngx_http_cmreload_key_mount(ngx_http_cmreload_main_conf_t *conf,
                                                       ngx_http_cmreload_key_t *key);

/* Whether there is one; if not the log says so. */
ngx_int_t ngx_http_cmreload_check_key(ngx_conf_t *cf, ngx_http_cmreload_main_conf_t *conf,
                                      ngx_http_cmreload_key_t *key);

/* Values of the reloader's current snapshot in place of the worker's; on failure it is stale. */
void ngx_http_cmreload_refresh_values(ngx_http_cmreload_worker_t *worker);
void ngx_http_cmreload_release_values(void *values);

/* Logs: one is collected; those of the cycle, too, and their levels are remembered; the key is followed. */
ngx_int_t ngx_http_cmreload_collect_log(ngx_http_cmreload_main_conf_t *conf, ngx_log_t *log);
ngx_int_t ngx_http_cmreload_follow_level(ngx_http_cmreload_worker_t *worker, ngx_cycle_t *cycle);

/* In the master: the cycle's share, that of the cycle before if its mounts are the same. In a worker: takes
 * part. */
void ngx_http_cmreload_share(ngx_cycle_t *cycle, ngx_http_cmreload_main_conf_t *conf);
cmr_status ngx_http_cmreload_join(cmr_reloader *reloader, ngx_http_cmreload_share_t *shared);

/* A worker's whole life. Never fails: without a reloader it serves the defaults, and the log says why. */
void ngx_http_cmreload_start(ngx_cycle_t *cycle);
void ngx_http_cmreload_stop(void);

/* `nginx -t`: warns of what is wrong with what is mounted now. */
void ngx_http_cmreload_try(ngx_http_cmreload_main_conf_t *conf, ngx_log_t *log);

/* NGX_LOG_... of a level; of debug and what is below NGX_LOG_DEBUG. */
ngx_uint_t ngx_http_cmreload_level_number(cmr_log_level level);

#endif /* NGX_HTTP_CMRELOAD_H */
