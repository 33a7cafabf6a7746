/* SPDX-License-Identifier: MIT
 *
 * The smallest program that follows a ConfigMap: open, one typed callback, wait.
 *
 *     first /etc/config game.properties#lives */
#include <inttypes.h>
#include <stdio.h>

#include <cmreload/cmreload.h>

static void on_change(void *user, const cmr_update *update)
{
    (void)user;
    const cmr_change *change = cmr_update_change(update, 0);
    if (change->new_value)
        printf("%s is now %" PRId64 "\n", change->key, change->new_value->as.int64);
    else
        printf("%s is gone\n", change->key);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    cmr_options options = CMR_OPTIONS_INIT;
    cmr_subscription_options typed = CMR_SUBSCRIPTION_OPTIONS_INIT;
    cmr_reloader *reloader;
    options.log = cmr_log_stderr;
    typed.type = CMR_TYPE_INT64;
    typed.initial = true;
    if (argc != 3 || cmr_open(argv[1], &options, &reloader) != CMR_OK)
        return 2;
    cmr_status status = cmr_subscribe(reloader, argv[2], on_change, NULL, &typed, NULL);
    while (status == CMR_OK)
        status = cmr_reloader_wait(reloader, -1);
    fprintf(stderr, "first: %s\n", cmr_strerror(status));
    cmr_reloader_free(reloader);
    return 1;
}
