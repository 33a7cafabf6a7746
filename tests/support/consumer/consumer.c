/* SPDX-License-Identifier: MIT
 *
 * What a stranger's first program would call: it reads a properties file and a YAML file given as
 * bytes, so it reaches through every layer, into libyaml too. */
#include <cmreload/cmreload.h>

#include <stdio.h>

int main(void)
{
    static const cmr_file files[] = {
        { .name = "game.properties", .data = "lives=3\n", .size = 8 },
        { .name = "app.yaml", .data = "port: 8080\n", .size = 11 },
    };
    cmr_snapshot *snapshot;
    cmr_status status = cmr_snapshot_from_files(files, 2, NULL, NULL, &snapshot);
    int64_t lives;
    int64_t port;

    if (status == CMR_OK)
        status = cmr_get_int64(snapshot, "game.properties#lives", &lives);
    if (status == CMR_OK)
        status = cmr_get_int64(snapshot, "app.yaml#port", &port);
    if (status != CMR_OK) {
        fprintf(stderr, "consumer: %s\n", cmr_strerror(status));
        return 1;
    }
    printf("cmreload %s: lives %d, port %d\n", cmr_version(), (int)lives, (int)port);
    cmr_snapshot_unref(snapshot);
    return 0;
}
