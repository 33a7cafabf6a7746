/* SPDX-License-Identifier: MIT
 *
 * `nginx -t`: each mount is read once, and what is wrong with it is a warning: the configuration is right all
 * the same, and nginx would start with it. The workers' way (a reloader) would need inotify and a wait.
 */
#include "ngx_http_cmreload.h"

static void tell(ngx_http_cmreload_mount_t *mount, const cmr_report *report, ngx_log_t *log)
{
    for (size_t i = 0; i < cmr_report_count(report); i++) {
        const cmr_diagnostic *wrong = cmr_report_get(report, i);
        ngx_log_error(NGX_LOG_WARN, log, 0, "cmreload: %V: %s:%ud:%ud: %s", &mount->name, wrong->file,
                      wrong->line, wrong->column, wrong->message);
    }
}

static void try_level(ngx_http_cmreload_main_conf_t *conf, cmr_snapshot *snapshot, ngx_log_t *log)
{
    const char *key = (const char *)conf->level_key.text.data;
    cmr_log_level level;
    u_char why[512];
    cmr_status status = cmr_get_log_level(snapshot, key, &level);

    if (status != CMR_ERR_TYPE && status != CMR_ERR_RANGE)
        return;
    cmr_explain(snapshot, key, CMR_TYPE_LOG_LEVEL, NULL, (char *)why, sizeof(why));
    ngx_log_error(NGX_LOG_WARN, log, 0, "cmreload: %s", why);
}

void ngx_http_cmreload_try(ngx_http_cmreload_main_conf_t *conf, ngx_log_t *log)
{
    ngx_http_cmreload_mount_t *mounts = conf->mounts.elts;

    for (ngx_uint_t i = 0; i < conf->mounts.nelts; i++) {
        cmr_mount_options options = mounts[i].options;
        cmr_report *report = NULL;
        cmr_snapshot *snapshot;
        options.optional = false; /* of a mount that is followed only */
        cmr_status status = cmr_snapshot_read((char *)mounts[i].path.data, &options, &report, &snapshot);

        if (status == CMR_OK) {
            if (conf->level_key.text.len && ngx_http_cmreload_key_mount(conf, &conf->level_key) == &mounts[i])
                try_level(conf, snapshot, log);
            cmr_snapshot_unref(snapshot);
        } else if (status != CMR_ERR_NOT_FOUND || !mounts[i].options.optional) {
            ngx_log_error(NGX_LOG_WARN, log, 0, "cmreload: %V: %V: %s", &mounts[i].name, &mounts[i].path,
                          cmr_strerror(status));
        }
        tell(&mounts[i], report, log);
        cmr_report_free(report);
    }
}
