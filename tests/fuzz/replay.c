/* SPDX-License-Identifier: MIT
 *
 * Runs a target over files, and over the files in folders: the seeds as an ordinary test, with any compiler.
 *
 *     replay_yaml FILE|FOLDER... */
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz/fuzz.h"

static unsigned done;

static int run_file(const char *path)
{
    static uint8_t data[1 << 20];
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return 1;
    }
    size_t size = fread(data, 1, sizeof data, file);
    fclose(file);
    uint8_t *copy = malloc(size ? size : 1); /* of just that size */
    FUZZ_REQUIRE(copy);
    memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
    done++;
    return 0;
}

static int run_folder(DIR *folder, const char *path)
{
    int failed = 0;
    for (struct dirent *entry; (entry = readdir(folder));) {
        char name[4096];
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.')
            failed |= run_file(name);
    }
    closedir(folder);
    return failed;
}

int main(int argc, char **argv)
{
    int failed = 0;
    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        failed |= folder ? run_folder(folder, argv[i]) : run_file(argv[i]);
    }
    printf("%u inputs\n", done);
    return failed || done == 0;
}
