/* SPDX-License-Identifier: MIT
 *
 * The volume writer as the application calls it: names are checked before anything is touched, since they
 * become paths. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/options.h"
#include "source/volume_files.h"
#include "source/volume_writer.h"

static cmr_status check(cmr_file *files, size_t count, const cmr_volume_options *options,
                        struct cmr__volume_order *order, cmr_volume_result *result)
{
    const char *name = "", *error = cmr__volume_files_error(files, count, &name);
    order->stop_after = CMR__VOLUME_WHOLE;
    if (options->stop_after && !cmr__volume_step_from_name(options->stop_after, &order->stop_after)) {
        name = options->stop_after;
        error = "is no step";
    }
    if (error)
        snprintf(result->message, sizeof result->message, "\"%s\" %s", name, error);
    return error ? CMR_ERR_INVALID_ARGUMENT : CMR_OK;
}

static cmr_status write_volume(const char *path, const cmr_file *given, size_t count,
                               const cmr_volume_options *options, cmr_volume_result *result)
{
    cmr_cleanup(cmr__free_ptr) cmr_file *files = calloc(count + 1, sizeof *files);
    if (!files)
        return CMR_ERR_NO_MEMORY;
    if (count)
        memcpy(files, given, count * sizeof *files);
    struct cmr__volume_order order = {
        .files = files, .count = count, .restricted = options->restricted, .sync = options->sync
    };
    cmr_status status = check(files, count, options, &order, result);
    return status == CMR_OK ? cmr__volume_write(path, &order, result) : status;
}

cmr_status cmr_volume_write(const char *path, const cmr_file *files, size_t count,
                            const cmr_volume_options *options, cmr_volume_result *ret_result)
{
    cmr_volume_options ours;
    cmr_volume_result result = CMR_VOLUME_RESULT_INIT;
    if (!path || !path[0] || (!files && count) ||
        (ret_result && cmr__options_write(&result, sizeof result, ret_result) != CMR_OK))
        return CMR_ERR_INVALID_ARGUMENT;
    cmr_status status = cmr__options_read(options, &ours, sizeof ours);
    if (status == CMR_OK)
        status = write_volume(path, files, count, &ours, &result);
    if (ret_result)
        cmr__options_write(&result, sizeof result, ret_result);
    return status;
}
