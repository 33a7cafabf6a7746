/* SPDX-License-Identifier: MIT
 *
 * Swaps a volume many times, as the kubelet does, for the tests of nginx's module:
 *
 *     nginx_writer VOLUME FIRST LAST PAUSE_US LEVEL [FILE...]
 *
 * Generation N, from FIRST to LAST, holds a=N and b=N in app.properties, c=N in other.properties (two files,
 * so that a reader of single files would mix them), log_level with LEVEL, and the FILEs as they are.
 */
#include <cmreload/cmreload.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static cmr_file read_file(const char *path)
{
    const char *slash = strrchr(path, '/');
    cmr_file file = { .name = slash ? slash + 1 : path };
    char *data = malloc(65536);
    FILE *stream = fopen(path, "r");
    if (!stream || !data)
        exit(1);
    file.size = fread(data, 1, 65536, stream);
    file.data = data;
    fclose(stream);
    return file;
}

int main(int argc, char **argv)
{
    cmr_file files[16];
    char ab[64], c[32];
    size_t count = 3;
    if (argc < 6 || argc > 6 + 13)
        return 2;
    files[2] = (cmr_file){ .name = "log_level", .data = argv[5], .size = strlen(argv[5]) };
    for (int i = 6; i < argc; i++)
        files[count++] = read_file(argv[i]);
    for (long number = atol(argv[2]); number <= atol(argv[3]); number++) {
        cmr_volume_result result = CMR_VOLUME_RESULT_INIT;
        files[0] = (cmr_file){ .name = "app.properties", .data = ab };
        files[0].size = (size_t)snprintf(ab, sizeof(ab), "a=%ld\nb=%ld\n", number, number);
        files[1] = (cmr_file){ .name = "other.properties", .data = c };
        files[1].size = (size_t)snprintf(c, sizeof(c), "c=%ld\n", number);
        if (cmr_volume_write(argv[1], files, count, NULL, &result) != CMR_OK) {
            fprintf(stderr, "%s\n", result.message);
            return 1;
        }
        usleep((useconds_t)atol(argv[4]));
    }
    for (size_t i = 3; i < count; i++)
        free((void *)files[i].data);
    return 0;
}
