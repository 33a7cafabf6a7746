/* SPDX-License-Identifier: MIT
 *
 * Sealed blocks as another process might hand them over. The first byte says how the block is damaged, the
 * rest are changes to a good one (three bytes where, four bytes what), or are the block. It goes through a
 * sealed memory file, as in life. A block that is believed must bear every read, and what is refused has a
 * reason of one line.
 *
 * In half of the cases the good generation is given as the one before: most documents need no check then, and
 * what was changed must still be noticed. */
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"
#include "fuzz/fuzz.h"
#include "model/snapshot.h"
#include "share/sealed.h"
#include "support/document_reads.h"
#include "support/sealed_bytes.h"
#include "support/sharing.h"

enum {
    GIVEN = 1, /* bits of the first byte: the data is the block */
    KNOWN = 2, /* there is a generation before */
    SIZED = 4, /* the block says its own size */
};

static struct {
    cmr__part *parts[SHARING_MOUNTS];
    char *bytes;
    size_t size;
} good;

static void make_good(void)
{
    int descriptor;
    if (good.bytes)
        return;
    sharing_make(good.parts);
    FUZZ_REQUIRE(cmr__sealed_write(&sharing_info, good.parts, sharing_from, SHARING_MOUNTS, &descriptor) ==
                 CMR_OK);
    good.bytes = sealed_bytes_read(descriptor, &good.size);
    close(descriptor);
}

/* A change: where, 24 bits, of which the last eight say how many bytes; what, 32 bits. */
static void change(char *block, size_t size, const uint8_t *data, size_t left)
{
    for (; left >= 7; data += 7, left -= 7) {
        size_t at = (data[0] | (size_t)data[1] << 8) % size;
        size_t width = (size_t)1 << (data[2] % 3);
        memcpy(block + at, data + 3, width < size - at ? width : size - at);
    }
}

static void check_part(const cmr__part *part, size_t number)
{
    FUZZ_REQUIRE(strcmp(part->mount, sharing_names[number]) == 0 && !part->secret);
    FUZZ_REQUIRE(strlen(part->target) < 256 && part->kept <= part->count);
    for (size_t i = 0; i < part->count; i++) {
        const char *name = part->files[i].name;
        FUZZ_REQUIRE(name[0] && name[0] != '/' && cmr__utf8_valid_prefix(name, strlen(name)) == strlen(name));
        FUZZ_REQUIRE(i == 0 || strcmp(part->files[i - 1].name, name) < 0);
        FUZZ_REQUIRE(cmr__part_find(part, name, strlen(name)) == &part->files[i]);
        if (!cmr__document_is_same(part->files[i].document, good.parts[0]->files[i % 7].document))
            read_document_whole(part->files[i].document);
    }
}

static void check_parts(cmr__part **parts, const struct cmr__sealed_info *info)
{
    char hash[CMR_HASH_SIZE];
    cmr_snapshot *snapshot = cmr__snapshot_new(info->generation, parts, SHARING_MOUNTS);
    FUZZ_REQUIRE(snapshot && info->generation && info->mount < SHARING_MOUNTS);
    for (size_t i = 0; i < SHARING_MOUNTS; i++)
        check_part(parts[i], i);
    sharing_free(parts);
    FUZZ_REQUIRE(cmr_snapshot_hash_keys(snapshot, "**", hash) == CMR_OK);
    cmr_snapshot_unref(snapshot);
}

static void open_block(const char *block, size_t size, bool known)
{
    struct cmr__sealed_info info;
    cmr_boot_source from[SHARING_MOUNTS];
    cmr__part *parts[SHARING_MOUNTS];
    char reason[CMR__SEALED_REASON] = "";
    int descriptor = sealed_bytes(block, size);
    cmr_status status = cmr__sealed_open(descriptor, sharing_names, known ? good.parts : NULL, SHARING_MOUNTS,
                                         false, &info, from, parts, reason);
    close(descriptor);
    if (status == CMR_OK) {
        check_parts(parts, &info);
        return;
    }
    FUZZ_REQUIRE(status == CMR_ERR_REJECTED && reason[0] && !strchr(reason, '\n'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    make_good();
    bool given = data[0] & GIVEN;
    size_t length = given ? size - 1 : good.size;
    char *block = malloc(length ? length : 1);
    FUZZ_REQUIRE(block);
    memcpy(block, given ? (const void *)(data + 1) : good.bytes, length);
    if (!given)
        change(block, length, data + 1, size - 1);
    if (data[0] & SIZED && length >= 16) {
        uint64_t said = length;
        memcpy(block + 8, &said, sizeof said);
    }
    open_block(block, length, data[0] & KNOWN);
    free(block);
    return 0;
}
