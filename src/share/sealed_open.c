/* SPDX-License-Identifier: MIT
 *
 * Believing a sealed block. It cannot change any more once the seals were seen, so it is read once, from the
 * front to the end, and each step relies on those before it: the head (where the tables end), then the parts
 * and their files in turn, with their texts and documents. As all of it stands in its order, a cursor each is
 * all that is needed, and the whole costs what it holds.
 *
 * A document that is equal to the one of that file before needs no check: that one was checked, or made here.
 */
#include "share/sealed.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "model/check.h"
#include "model/mapping.h"
#include "share/sealed_layout.h"
#include "source/volume.h"

struct reading {
    const char *const *names;
    cmr__part *const *previous;
    bool own;
    char *reason;
    struct cmr__mapping *mapping;
    const struct cmr__sealed_head *head;
    const struct cmr__sealed_part *parts;
    const struct cmr__sealed_file *files;
    uint32_t file;                /* the next one */
    const char *text, *texts_end; /* the next one */
    uint64_t end;                 /* of what was read: behind it the next document begins */
};

__attribute__((format(printf, 2, 3))) static cmr_status refuse(const struct reading *reading,
                                                               const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reading->reason, CMR__SEALED_REASON, format, arguments);
    va_end(arguments);
    return CMR_ERR_REJECTED;
}

/* ---- the memory file */

static cmr_status check_seals(const struct reading *reading, int descriptor)
{
    int seals = fcntl(descriptor, F_GET_SEALS);
    if (seals < 0 && errno != EINVAL)
        return CMR_ERR_SYSTEM;
    if (seals < 0)
        return refuse(reading, "no memory file");
    if ((seals & CMR__SEALED_SEALS) != CMR__SEALED_SEALS)
        return refuse(reading, "a memory file that can still change: it has not all seals");
    return CMR_OK;
}

static cmr_status map(struct reading *reading, int descriptor)
{
    struct stat stat;
    cmr_status status = reading->own ? CMR_OK : check_seals(reading, descriptor);
    if (status != CMR_OK)
        return status;
    if (fstat(descriptor, &stat) != 0)
        return CMR_ERR_SYSTEM;
    if (stat.st_size < (off_t)sizeof *reading->head || stat.st_size > (off_t)CMR__SEALED_LARGEST)
        return refuse(reading, "a block of %lld bytes", (long long)stat.st_size);
    return cmr__mapping_new(descriptor, (size_t)stat.st_size, &reading->mapping);
}

/* ---- the head, and where the tables are */

static cmr_status check_head(struct reading *reading, size_t count)
{
    const struct cmr__sealed_head *head = reading->mapping->address;
    reading->head = head;
    if (head->magic != CMR__SEALED_MAGIC)
        return refuse(reading, "no block of this machine and version");
    if (head->size != reading->mapping->size)
        return refuse(reading, "a block of another size than it says");
    if (head->generation == 0 || head->reserved != 0)
        return refuse(reading, "a head that is not known");
    if (head->part_count != count)
        return refuse(reading, "%u mounts, and not %zu as here", head->part_count, count);
    if (head->mount >= count)
        return refuse(reading, "a change of mount %u of %zu", head->mount, count);
    return CMR_OK;
}

static cmr_status find_tables(struct reading *reading)
{
    const struct cmr__sealed_head *head = reading->head;
    uint64_t files = sizeof *head + (uint64_t)head->part_count * sizeof *reading->parts;
    uint64_t texts = files + (uint64_t)head->file_count * sizeof *reading->files;
    uint64_t end = texts + head->texts_size;
    if (end > head->size)
        return refuse(reading, "tables out of bounds");
    reading->parts = (const struct cmr__sealed_part *)(const void *)(head + 1);
    reading->files = (const struct cmr__sealed_file *)(const void *)((const char *)head + files);
    reading->text = (const char *)head + texts;
    reading->texts_end = (const char *)head + end;
    reading->end = end;
    return CMR_OK;
}

/* ---- texts */

/* NULL: there is none left. */
static const char *next_text(struct reading *reading)
{
    size_t left = (size_t)(reading->texts_end - reading->text);
    const char *text = reading->text, *end = left ? memchr(text, '\0', left) : NULL;
    if (end)
        reading->text = end + 1;
    return end ? text : NULL;
}

static bool is_utf8(const char *text)
{
    size_t length = strlen(text);
    return cmr__utf8_valid_prefix(text, length) == length;
}

/* Relative, without empty components, "." and "..". */
static bool is_file_name(const char *name)
{
    for (;;) {
        size_t length = strcspn(name, "/");
        if (length == 0 || (length <= 2 && strspn(name, ".") >= length))
            return false;
        if (!name[length])
            return true;
        name += length + 1;
    }
}

static bool is_hash(const char *hash)
{
    static const char start[] = "xxh3-128:";
    if (strncmp(hash, start, sizeof start - 1) != 0)
        return hash[0] == '\0';
    hash += sizeof start - 1;
    return strlen(hash) == 32 && strspn(hash, "0123456789abcdef") == 32;
}

/* ---- a file */

static bool is_known(const struct reading *reading, uint32_t number, const char *name,
                     const struct cmr__document_head *block, size_t size)
{
    const cmr__part *part = reading->previous ? reading->previous[number] : NULL;
    const struct cmr__part_file *file = part ? cmr__part_find(part, name, strlen(name)) : NULL;
    return file && file->document->block->size == size && memcmp(file->document->block, block, size) == 0;
}

static cmr_status find_document(struct reading *reading, uint32_t number, const char *name,
                                const struct cmr__document_head **ret_block)
{
    uint64_t offset = cmr__sealed_align(reading->end), end = offset + reading->files[reading->file].size;
    const char *wrong = NULL;
    if (end > reading->head->size)
        return refuse(reading, "a document out of bounds: file %u", reading->file);
    const void *block = (const char *)reading->mapping->address + offset;
    size_t size = (size_t)(end - offset);
    if (!reading->own && !is_known(reading, number, name, block, size) &&
        !cmr__document_check(block, size, &wrong))
        return refuse(reading, "file %u: %s", reading->file, wrong);
    reading->end = end;
    *ret_block = block;
    return CMR_OK;
}

static cmr_status read_file(struct reading *reading, uint32_t number, const char *before,
                            struct cmr__part_file *ret_file)
{
    const char *name = next_text(reading), *format = next_text(reading);
    const struct cmr__document_head *block = NULL;
    if (!name || !format)
        return refuse(reading, "texts that end too soon");
    if (!is_utf8(name) || !is_file_name(name))
        return refuse(reading, "file %u: a name that is none", reading->file);
    if (before && strcmp(before, name) >= 0)
        return refuse(reading, "file %u: out of its order", reading->file);
    if (!format[0] || !is_utf8(format))
        return refuse(reading, "file %u: a format that is none", reading->file);
    cmr_status status = find_document(reading, number, name, &block);
    if (status != CMR_OK)
        return status;
    reading->file++;
    ret_file->name = strdup(name);
    ret_file->document = cmr__document_new_mapped(block, reading->mapping, format);
    return ret_file->name && ret_file->document ? CMR_OK : CMR_ERR_NO_MEMORY;
}

/* ---- a part */

static cmr_status check_part(const struct reading *reading, uint32_t number)
{
    const struct cmr__sealed_part *entry = &reading->parts[number];
    if (entry->from > CMR_BOOTED_DEFAULTS)
        return refuse(reading, "mount %u: come from nowhere", number);
    if (entry->file_count > reading->head->file_count - reading->file)
        return refuse(reading, "mount %u: more files than there are", number);
    if (entry->kept > entry->file_count)
        return refuse(reading, "mount %u: more files kept than it has", number);
    return CMR_OK;
}

/* The part without its files. */
static cmr_status make_part(struct reading *reading, uint32_t number, cmr__part **ret_part)
{
    const struct cmr__sealed_part *entry = &reading->parts[number];
    const char *name = next_text(reading), *target = next_text(reading), *hash = next_text(reading);
    if (!name || !target || !hash)
        return refuse(reading, "texts that end too soon");
    if (strcmp(name, reading->names[number]) != 0)
        return refuse(reading, "mount %u: another name than here", number);
    if (strlen(target) >= CMR__IDENTITY_SIZE)
        return refuse(reading, "mount %u: a target that is too long", number);
    if (!is_hash(hash))
        return refuse(reading, "mount %u: a hash that is none", number);
    cmr__part *part = cmr__part_new(name, target, entry->file_count);
    if (!part)
        return CMR_ERR_NO_MEMORY;
    part->kept = entry->kept;
    memcpy(part->hash, hash, strlen(hash) + 1);
    *ret_part = part;
    return CMR_OK;
}

static cmr_status read_part(struct reading *reading, uint32_t number, cmr__part **ret_part)
{
    cmr_cleanup(cmr__part_unref_place) cmr__part *part = NULL;
    cmr_status status = check_part(reading, number);
    if (status == CMR_OK)
        status = make_part(reading, number, &part);
    for (size_t i = 0; status == CMR_OK && i < part->count; i++)
        status = read_file(reading, number, i ? part->files[i - 1].name : NULL, &part->files[i]);
    if (status == CMR_OK)
        *ret_part = CMR_TAKE(part);
    return status;
}

/* ---- all */

static cmr_status read_parts(struct reading *reading, size_t count, cmr__part **parts)
{
    cmr_status status = CMR_OK;
    for (uint32_t i = 0; status == CMR_OK && i < count; i++)
        status = read_part(reading, i, &parts[i]);
    if (status != CMR_OK)
        return status;
    if (reading->file != reading->head->file_count || reading->text != reading->texts_end ||
        reading->end != reading->head->size)
        return refuse(reading, "more than its mounts hold");
    return CMR_OK;
}

static void hand_over(const struct reading *reading, cmr__part **parts, size_t count,
                      struct cmr__sealed_info *ret_info, cmr_boot_source *ret_from, cmr__part **ret_parts)
{
    const struct cmr__sealed_head *head = reading->head;
    *ret_info = (struct cmr__sealed_info){ head->generation, head->loaded_at, head->mount };
    for (size_t i = 0; i < count; i++) {
        ret_from[i] = (cmr_boot_source)reading->parts[i].from;
        ret_parts[i] = CMR_TAKE(parts[i]);
    }
}

cmr_status cmr__sealed_open(int descriptor, const char *const *names, cmr__part *const *previous,
                            size_t count, bool own, struct cmr__sealed_info *ret_info,
                            cmr_boot_source *ret_from, cmr__part **ret_parts, char reason[CMR__SEALED_REASON])
{
    struct reading reading = { .names = names, .previous = previous, .own = own, .reason = reason };
    cmr_cleanup(cmr__free_ptr) cmr__part **parts = calloc(count + 1, sizeof *parts);
    if (!parts)
        return CMR_ERR_NO_MEMORY;
    cmr_status status = map(&reading, descriptor);
    if (status == CMR_OK)
        status = check_head(&reading, count);
    if (status == CMR_OK)
        status = find_tables(&reading);
    if (status == CMR_OK)
        status = read_parts(&reading, count, parts);
    if (status == CMR_OK)
        hand_over(&reading, parts, count, ret_info, ret_from, ret_parts);
    int error = errno;
    for (size_t i = 0; i < count; i++)
        cmr__part_unref(parts[i]);
    cmr__mapping_unref(reading.mapping);
    errno = error;
    return status;
}
