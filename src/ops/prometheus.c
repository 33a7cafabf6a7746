/* SPDX-License-Identifier: MIT
 *
 * The status as metrics. Each is a row of the table, in the order in which they are printed;
 * docs/observability.md has the same rows, which status_judge.py compares.
 *
 * States are told as one sample for each state, 0 or 1, so that an alert names the one it means; a hash is a
 * label, for it is no number, and is left out when there is none. */
#include "ops/exposition.h"
#include "ops/moment.h"

static const char *const own_labels[] = { "hash", "mount", "result", "role", "source", "state", NULL };

static void put(struct cmr__exposition *exposition, uint64_t value)
{
    cmr__exposition_sample(exposition, NULL, 0, value);
}

static void put_with(struct cmr__exposition *exposition, const char *name, const char *text, uint64_t value)
{
    cmr__exposition_sample(exposition, &(struct cmr__label){ name, text }, 1, value);
}

static void put_of_mount(struct cmr__exposition *exposition, const struct cmr__moment_mount *mount,
                         uint64_t value)
{
    put_with(exposition, "mount", mount->name, value);
}

static void put_of_mount_with(struct cmr__exposition *exposition, const struct cmr__moment_mount *mount,
                              const char *name, const char *text, uint64_t value)
{
    const struct cmr__label labels[] = { { "mount", mount->name }, { name, text } };
    cmr__exposition_sample(exposition, labels, 2, value);
}

/* ---- of the reloader */

static void put_success_time(struct cmr__exposition *exposition, const struct cmr__moment *moment)
{
    int64_t seconds = moment->reloader.last_success;
    put(exposition, seconds > 0 ? (uint64_t)seconds : 0);
}

static void put_generation(struct cmr__exposition *exposition, const struct cmr__moment *moment)
{
    put(exposition, moment->reloader.generation);
}

static void put_reloads(struct cmr__exposition *exposition, const struct cmr__moment *moment)
{
    put_with(exposition, "result", "applied", moment->reloader.reloads_applied);
    put_with(exposition, "result", "rejected", moment->reloader.reloads_rejected);
    put_with(exposition, "result", "failed", moment->reloader.reloads_failed);
}

static void put_retries(struct cmr__exposition *exposition, const struct cmr__moment *moment)
{
    put(exposition, moment->reloader.read_retries);
}

static void put_saves(struct cmr__exposition *exposition, const struct cmr__moment *moment)
{
    put_with(exposition, "result", "saved", moment->reloader.saves);
    put_with(exposition, "result", "failed", moment->reloader.saves_failed);
}

static void put_held(struct cmr__exposition *exposition, const struct cmr__moment *moment)
{
    put(exposition, moment->reloader.held);
}

static void put_roles(struct cmr__exposition *exposition, const struct cmr__moment *moment)
{
    for (int role = CMR_ROLE_ALONE; role <= CMR_ROLE_PUBLISHER; role++)
        put_with(exposition, "role", cmr_role_name((cmr_role)role), (int)moment->reloader.role == role);
}

/* ---- of each mount */

static void put_success(struct cmr__exposition *exposition, const struct cmr__moment *moment)
{
    for (size_t i = 0; i < moment->count; i++)
        put_of_mount(exposition, &moment->mounts[i], cmr__moment_is_successful(&moment->mounts[i]));
}

static void put_diagnostics(struct cmr__exposition *exposition, const struct cmr__moment *moment)
{
    for (size_t i = 0; i < moment->count; i++)
        put_of_mount(exposition, &moment->mounts[i], cmr__moment_faults(&moment->mounts[i]));
}

static void put_kept_files(struct cmr__exposition *exposition, const struct cmr__moment *moment)
{
    for (size_t i = 0; i < moment->count; i++)
        put_of_mount(exposition, &moment->mounts[i], moment->mounts[i].status.kept_files);
}

static void put_states(struct cmr__exposition *exposition, const struct cmr__moment *moment)
{
    for (size_t i = 0; i < moment->count; i++)
        for (int state = CMR_MOUNT_WAITING; state <= CMR_MOUNT_STATIC; state++)
            put_of_mount_with(exposition, &moment->mounts[i], "state",
                              cmr_mount_state_name((cmr_mount_state)state),
                              (int)moment->mounts[i].status.state == state);
}

static void put_sources(struct cmr__exposition *exposition, const struct cmr__moment *moment)
{
    for (size_t i = 0; i < moment->count; i++)
        for (int source = CMR_BOOTED_MOUNT; source <= CMR_BOOTED_DEFAULTS; source++)
            put_of_mount_with(
                exposition, &moment->mounts[i], "source", cmr_boot_source_name((cmr_boot_source)source),
                moment->mounts[i].is_applied && (int)moment->mounts[i].status.applied_from == source);
}

static void put_hashes(struct cmr__exposition *exposition, const struct cmr__moment *moment)
{
    for (size_t i = 0; i < moment->count; i++)
        if (moment->mounts[i].hash[0])
            put_of_mount_with(exposition, &moment->mounts[i], "hash", moment->mounts[i].hash, 1);
}

static const struct {
    const char *name, *type, *help;
    void (*put)(struct cmr__exposition *exposition, const struct cmr__moment *moment);
} metrics[] = {
    { "config_last_reload_successful", "gauge",
      "1: what is mounted is applied. 0: it is bad, cannot be read, or nothing is applied yet.",
      put_success },
    { "config_last_reload_success_timestamp_seconds", "gauge",
      "When the current generation was loaded, since the epoch; 0: none is.", put_success_time },
    { "config_generation", "gauge", "Number of the current generation; 0: none is.", put_generation },
    { "config_reloads_total", "counter",
      "Generations applied or rejected, and tries to read one that failed.", put_reloads },
    { "config_diagnostics", "gauge", "Faults in what is mounted, while it is rejected.", put_diagnostics },
    { "config_kept_files", "gauge", "Bad files that keep their last good contents.", put_kept_files },
    { "config_mount_state", "gauge", "1 for the state that the mount is in.", put_states },
    { "config_applied_from", "gauge", "1 for where what is applied came from; all 0: nothing is.",
      put_sources },
    { "config_hash", "gauge", "1, with the content hash of what is applied; a secret has none.", put_hashes },
    { "config_read_retries_total", "counter", "Reads begun anew, for the volume was swapped under them.",
      put_retries },
    { "config_saves_total", "counter", "Generations saved in state_dir, and tries that failed.", put_saves },
    { "config_held", "gauge", "1: the application holds reloads back.", put_held },
    { "config_role", "gauge", "1 for the part that the process takes in a share.", put_roles },
};

static void put_all(struct cmr__exposition *exposition, const struct cmr__moment *moment)
{
    for (size_t i = 0; i < sizeof metrics / sizeof metrics[0]; i++) {
        cmr__exposition_begin(exposition, metrics[i].name, metrics[i].type, metrics[i].help);
        metrics[i].put(exposition, moment);
    }
}

cmr_status cmr_reloader_status_prometheus(cmr_reloader *reloader, const char *prefix, const char *labels,
                                          char **ret_text)
{
    struct cmr__exposition exposition = { .text = CMR__BUFFER_INIT,
                                          .prefix = prefix ? prefix : "cmreload",
                                          .labels = labels ? labels : "" };
    struct cmr__moment moment;
    if (!ret_text || !cmr__exposition_is_prefix(exposition.prefix) ||
        (exposition.labels[0] && !cmr__exposition_is_labels(labels, own_labels)))
        return CMR_ERR_INVALID_ARGUMENT;
    cmr_status status = cmr__moment_take(reloader, &moment);
    if (status != CMR_OK)
        return status;
    put_all(&exposition, &moment);
    cmr__moment_reset(&moment);
    char *text = cmr__buffer_take(&exposition.text);
    if (!text)
        return CMR_ERR_NO_MEMORY;
    *ret_text = text;
    return CMR_OK;
}
