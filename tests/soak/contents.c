/* SPDX-License-Identifier: MIT
 *
 * A table of files, sorted by name as a snapshot's are. Each is there for some numbers, and written from
 * volume and number. To check a snapshot, all of them are written once more and compared. Two say the same in
 * every generation, so that documents are shared; one is now a file, now a folder. */
#include "soak/contents.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define BULK_LINES 40

struct text {
    char data[2048];
    size_t size;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int more = vsnprintf(text->data + text->size, sizeof text->data - text->size, format, arguments);
    va_end(arguments);
    text->size += (size_t)more; /* all of them are well below the room */
}

/* ---- the files */

static void write_yaml(struct text *text, const char *volume, uint64_t number)
{
    add(text,
        "# %s\nnumber: %" PRIu64 "\nvolume: %s\nlist: [first, &a {of: %" PRIu64 "}, *a]\nlast: 'of %" PRIu64
        "'\n",
        volume, number, volume, number, number);
}

static void write_bytes(struct text *text, const char *volume, uint64_t number)
{
    add(text, "%s%c\xff%" PRIu64, volume, '\0', number);
}

static void write_bulk(struct text *text, const char *volume, uint64_t number)
{
    add(text, "number=%" PRIu64 "\nvolume=%s\n", number, volume);
    for (unsigned i = 0; i < BULK_LINES; i++)
        add(text, "enemies.%u.level=%" PRIu64 "\n", i, number);
}

static void write_number(struct text *text, const char *volume, uint64_t number)
{
    (void)volume;
    add(text, "%" PRIu64 "\n", number);
}

static void write_level(struct text *text, const char *volume, uint64_t number)
{
    (void)volume, (void)number;
    add(text, "info\n");
}

static void write_env(struct text *text, const char *volume, uint64_t number)
{
    add(text, "NUMBER=%" PRIu64 "\nVOLUME=%s\n", number, volume);
}

static void write_ini(struct text *text, const char *volume, uint64_t number)
{
    add(text, "[of]\nvolume = %s\nnumber = %" PRIu64 "\n[last]\nof = \"%" PRIu64 "\"\n", volume, number,
        number);
}

static void write_json(struct text *text, const char *volume, uint64_t number)
{
    add(text,
        "{\"number\": %" PRIu64 ", \"volume\": \"%s\", \"list\": [%" PRIu64 ", {\"last\": %" PRIu64 "}]}",
        number, volume, number, number);
}

static void write_volume(struct text *text, const char *volume, uint64_t number)
{
    (void)number;
    add(text, "%s", volume);
}

static const struct {
    const char *name;
    unsigned shapes; /* a bit for each shape that has it */
    void (*write)(struct text *text, const char *volume, uint64_t number);
} files[] = {
    { "app.yaml", 0xff, write_yaml },        { "blob", 0xff, write_bytes },
    { "bulk.properties", 0xff, write_bulk }, { "extra", 0xee, write_number },
    { "level", 0xff, write_level },          { "nested/app.env", 0xff, write_env },
    { "nested/app.ini", 0xff, write_ini },   { "nested/deep/number", 0xff, write_number },
    { "nested/extra", 0xcc, write_number },  { "shape", 0x0f, write_number },
    { "shape/inner", 0xf0, write_number },   { "state.json", 0xff, write_json },
    { "volume", 0xff, write_volume },
};

#define FILES (sizeof files / sizeof files[0])

static bool has(uint64_t number, size_t file)
{
    return files[file].shapes >> number % CONTENTS_SHAPES & 1;
}

void contents_set(struct fake_kubelet *kubelet, const char *volume, uint64_t number, bool bad)
{
    payload_clear(&kubelet->payload);
    for (size_t i = 0; i < FILES; i++) {
        struct text text = { .size = 0 };
        if (!has(number, i))
            continue;
        files[i].write(&text, volume, number);
        if (bad && i % 2 == 0)
            add(&text, "a: [b\n\\u1"); /* some formats mind, and that is enough */
        fake_kubelet_set_bytes(kubelet, files[i].name, text.data, text.size);
    }
}

/* ---- the check */

static bool read_number(const cmr_snapshot *snapshot, const char *volume, uint64_t *ret_number)
{
    char key[64];
    snprintf(key, sizeof key, "%s:nested/deep/number", volume);
    return cmr_get_uint64(snapshot, key, ret_number) == CMR_OK;
}

static bool check_files(const cmr_snapshot *snapshot, const char *volume, uint64_t number, char *message,
                        size_t size)
{
    size_t next = 0;
    for (size_t i = 0; i < FILES; i++) {
        struct text text = { .size = 0 };
        cmr_file file = { .name = "nothing" };
        if (!has(number, i))
            continue;
        files[i].write(&text, volume, number);
        if (cmr_snapshot_file(snapshot, volume, next++, &file) == CMR_OK &&
            strcmp(file.name, files[i].name) == 0 && file.size == text.size &&
            memcmp(file.data, text.data, text.size) == 0)
            continue;
        snprintf(message, size, "%s %" PRIu64 ": wanted the file %s, found %s: %.60s", volume, number,
                 files[i].name, file.name, file.data ? (const char *)file.data : "");
        return false;
    }
    if (next == cmr_snapshot_file_count(snapshot, volume))
        return true;
    snprintf(message, size, "%s %" PRIu64 ": wanted %zu files, found %zu", volume, number, next,
             cmr_snapshot_file_count(snapshot, volume));
    return false;
}

/* Documents come from a cache by their files' bytes: they are asked, too. */
static bool check_values(const cmr_snapshot *snapshot, const char *volume, uint64_t number, char *message,
                         size_t size)
{
    static const char *const keys[] = {
        "app.yaml#list[2].of",    "bulk.properties#enemies.39.level", "nested/app.env#NUMBER",
        "nested/app.ini#last.of", "state.json#list[1].last",
    };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        char key[96];
        uint64_t found = 0;
        snprintf(key, sizeof key, "%s:%s", volume, keys[i]);
        if (cmr_get_uint64(snapshot, key, &found) == CMR_OK && found == number)
            continue;
        snprintf(message, size, "%s: wanted %" PRIu64 ", found %" PRIu64, key, number, found);
        return false;
    }
    return true;
}

bool contents_check(const cmr_snapshot *snapshot, const char *volume, uint64_t *ret_number, char *message,
                    size_t size)
{
    uint64_t number = 0;
    if (cmr_snapshot_generation(snapshot) == 0) {
        *ret_number = 0;
        return true;
    }
    if (!read_number(snapshot, volume, &number)) {
        snprintf(message, size, "%s: a generation of %zu files without a number", volume,
                 cmr_snapshot_file_count(snapshot, volume));
        return false;
    }
    if (!check_files(snapshot, volume, number, message, size) ||
        !check_values(snapshot, volume, number, message, size))
        return false;
    *ret_number = number;
    return true;
}
