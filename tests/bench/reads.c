/* SPDX-License-Identifier: MIT
 *
 * Reads of one value, each in a function of its own, for callgrind to count and objdump to show: reads.sh
 * does both.
 *
 *     reads [--rounds]      prints how often each function is called */
#include <cmreload/cmreload.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROUNDS 200

static const char literal[] = "app.yaml#server.port";

static CMR_ATOMIC(int) port;

int read_bound(void);
cmr_snapshot *read_reader(cmr_reader *reader);
int64_t read_reader_key(cmr_reader_key *key);
int64_t read_reader_key_anew(cmr_reader_key *key);
int64_t read_string_key(const cmr_snapshot *snapshot);
int64_t read_string_key_anew(const cmr_snapshot *snapshot);

#define APART __attribute__((noinline))

APART int read_bound(void)
{
    return port;
}

APART cmr_snapshot *read_reader(cmr_reader *reader)
{
    return cmr_reader_snapshot(reader);
}

APART int64_t read_reader_key(cmr_reader_key *key)
{
    int64_t value = 0;
    (void)cmr_reader_get_int64(key, &value);
    return value;
}

APART int64_t read_reader_key_anew(cmr_reader_key *key)
{
    int64_t value = 0;
    (void)cmr_reader_get_int64(key, &value);
    return value;
}

APART int64_t read_string_key(const cmr_snapshot *snapshot)
{
    int64_t value = 0;
    (void)cmr_get_int64(snapshot, literal, &value);
    return value;
}

APART int64_t read_string_key_anew(const cmr_snapshot *snapshot)
{
    int64_t value = 0;
    (void)cmr_get_int64(snapshot, literal, &value);
    return value;
}

static void need(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "reads: %s\n", what);
    exit(1);
}

static void write_file(const char *folder, const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "we");
    need(file && fputs(text, file) >= 0 && fclose(file) == 0, path);
}

static cmr_reloader *follow(const char *folder)
{
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    cmr_options options = CMR_OPTIONS_INIT;
    cmr_reloader *reloader;
    write_file(folder, "app.yaml", "name: a\nserver:\n  host: localhost\n  port: 8080\n");
    write_file(folder, "game.properties", "lives=3\nserver.port=8080\n");
    write_file(folder, "log_level", "info\n");
    mount.settle_ms = -1;
    options.mount = &mount;
    need(cmr_open(folder, &options, &reloader) == CMR_OK, "open");
    need(cmr_bind_int(reloader, "app.yaml#server.port", &port, 0, NULL, NULL) == CMR_OK, "bind");
    need(cmr_reloader_load(reloader, 0) == CMR_OK, "load");
    return reloader;
}

static void read_all(cmr_reader *reader, cmr_reader_key *key)
{
    (void)cmr_get_int64_or(cmr_reader_snapshot(reader), literal, 0);
    for (int i = 0; i < ROUNDS; i++) {
        cmr_reader_release(reader);
        cmr_snapshot *snapshot = cmr_reader_snapshot(reader);
        need(read_reader_key_anew(key) == 8080, "the key, anew");
        need(read_reader_key(key) == 8080 && read_bound() == 8080, "the key");
        need(read_reader(reader) == snapshot, "the snapshot");
        need(read_string_key(snapshot) == 8080, "by its text");
    }
}

static void read_each_once(void)
{
    static const char text[] = "name: a\nserver:\n  host: localhost\n  port: 8080\n";
    const cmr_file files[] = { { "app.yaml", text, sizeof text - 1, NULL },
                               { "game.properties", "lives=3\n", 8, NULL },
                               { "log_level", "info", 4, NULL } };
    for (int i = 0; i < ROUNDS; i++) {
        cmr_snapshot *snapshot;
        need(cmr_snapshot_from_files(files, 3, NULL, NULL, &snapshot) == CMR_OK, "a snapshot");
        need(read_string_key_anew(snapshot) == 8080, "by its text, anew");
        cmr_snapshot_unref(snapshot);
    }
}

static void remove_files(const char *folder)
{
    static const char *const names[] = { "app.yaml", "game.properties", "log_level" };
    char path[128];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(folder);
}

int main(int count, char **arguments)
{
    char folder[] = "/tmp/cmreload.XXXXXX";
    cmr_reader *reader;
    cmr_reader_key *key;
    if (count > 1 && strcmp(arguments[1], "--rounds") == 0) {
        printf("%d\n", ROUNDS);
        return 0;
    }
    need(mkdtemp(folder) != NULL, folder);
    cmr_reloader *reloader = follow(folder);
    remove_files(folder);
    need(cmr_reader_new(reloader, &reader) == CMR_OK, "a reader");
    need(cmr_reader_key_new(reader, "app.yaml#server.port", CMR_TYPE_INT64, NULL, &key) == CMR_OK, "a key");
    read_all(reader, key);
    read_each_once();
    cmr_reader_free(reader);
    cmr_reloader_free(reloader);
    return 0;
}
