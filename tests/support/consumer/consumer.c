/* SPDX-License-Identifier: MIT
 *
 * What a stranger's first program would call: it reads a properties, a YAML and an INI file given as
 * bytes, so it reaches through every layer, into libyaml and iniparser too. */
#include <cmreload/cmreload.h>

#include <stdio.h>

int main(void)
{
    static const cmr_file files[] = {
        { .name = "game.properties", .data = "lives=3\n", .size = 8 },
        { .name = "app.yaml", .data = "port: 8080\n", .size = 11 },
        { .name = "app.ini", .data = "[Log]\nSize=7\n", .size = 13 },
    };
    cmr_snapshot *snapshot;
    cmr_status status = cmr_snapshot_from_files(files, 3, NULL, NULL, &snapshot);
    int64_t lives;
    int64_t port;
    int64_t size;

    if (status == CMR_OK)
        status = cmr_get_int64(snapshot, "game.properties#lives", &lives);
    if (status == CMR_OK)
        status = cmr_get_int64(snapshot, "app.yaml#port", &port);
    if (status == CMR_OK)
        status = cmr_get_int64(snapshot, "app.ini#log.size", &size);
    if (status != CMR_OK) {
        fprintf(stderr, "consumer: %s\n", cmr_strerror(status));
        return 1;
    }
    printf("cmreload %s: lives %d, port %d, size %d\n", cmr_version(), (int)lives, (int)port, (int)size);
    cmr_snapshot_unref(snapshot);
    return 0;
}
