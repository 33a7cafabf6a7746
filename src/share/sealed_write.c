/* SPDX-License-Identifier: MIT
 *
 * Writing a sealed block: what stands before the documents is made in memory, the documents are written from
 * where they are, many with one system call. Sizes are added up before anything is written. */
#include <errno.h>
#include <string.h>
#include <sys/uio.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "share/memory_file.h"
#include "share/sealed.h"
#include "share/sealed_layout.h"

#define BATCH 128 /* pieces that are written at once: IOV_MAX is 1024 */

struct writing {
    int descriptor;
    uint64_t offset; /* of the next piece */
    size_t count;
    struct iovec pieces[BATCH];
};

/* ---- what stands before the documents */

static bool can_be_written(const struct cmr__sealed_info *info, cmr__part *const *parts, size_t count)
{
    bool can = info->generation != 0 && info->mount < count && count <= UINT32_MAX;
    for (size_t i = 0; i < count; i++)
        can = can && !parts[i]->secret;
    return can;
}

static void append_texts(struct cmr__buffer *buffer, cmr__part *const *parts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const cmr__part *part = parts[i];
        cmr__buffer_append(buffer, part->mount, strlen(part->mount) + 1);
        cmr__buffer_append(buffer, part->target, strlen(part->target) + 1);
        cmr__buffer_append(buffer, part->hash, strlen(part->hash) + 1);
        for (size_t k = 0; k < part->count; k++) {
            const char *format = part->files[k].document->format;
            cmr__buffer_append(buffer, part->files[k].name, strlen(part->files[k].name) + 1);
            cmr__buffer_append(buffer, format, strlen(format) + 1);
        }
    }
}

static void append_tables(struct cmr__buffer *buffer, cmr__part *const *parts, const cmr_boot_source *from,
                          size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct cmr__sealed_part part = { parts[i]->kept, from[i], (uint32_t)parts[i]->count };
        cmr__buffer_append(buffer, &part, sizeof part);
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < parts[i]->count; k++) {
            struct cmr__sealed_file file = { parts[i]->files[k].document->block->size };
            cmr__buffer_append(buffer, &file, sizeof file);
        }
    }
}

static size_t count_files(cmr__part *const *parts, size_t count)
{
    size_t files = 0;
    for (size_t i = 0; i < count; i++)
        files += parts[i]->count;
    return files;
}

/* Of the whole block. */
static uint64_t size_with(uint64_t front, cmr__part *const *parts, size_t count)
{
    uint64_t size = front;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < parts[i]->count; k++)
            size = cmr__sealed_align(size) + parts[i]->files[k].document->block->size;
    return size;
}

static cmr_status make_front(const struct cmr__sealed_info *info, cmr__part *const *parts,
                             const cmr_boot_source *from, size_t count, struct cmr__buffer *front)
{
    struct cmr__sealed_head head = { .magic = CMR__SEALED_MAGIC,
                                     .mount = info->mount,
                                     .generation = info->generation,
                                     .loaded_at = info->loaded_at,
                                     .part_count = (uint32_t)count };
    size_t files = count_files(parts, count);
    cmr__buffer_append(front, &head, sizeof head);
    append_tables(front, parts, from, count);
    size_t texts = front->size;
    append_texts(front, parts, count);
    if (front->failed)
        return CMR_ERR_NO_MEMORY;
    head.size = size_with(front->size, parts, count);
    if (head.size > CMR__SEALED_LARGEST || files > UINT32_MAX)
        return CMR_ERR_LIMIT;
    head.file_count = (uint32_t)files;
    head.texts_size = (uint32_t)(front->size - texts);
    memcpy(front->data, &head, sizeof head);
    return CMR_OK;
}

/* ---- writing */

/* What was written is taken off the pieces; the first one that is left, at `count` if none is. */
static size_t advance(struct iovec *pieces, size_t first, size_t count, size_t done)
{
    for (; first < count && done >= pieces[first].iov_len; first++)
        done -= pieces[first].iov_len;
    if (first < count) {
        pieces[first].iov_base = (char *)pieces[first].iov_base + done;
        pieces[first].iov_len -= done;
    }
    return first;
}

static bool flush(struct writing *writing)
{
    for (size_t first = 0; first < writing->count;) {
        ssize_t done = writev(writing->descriptor, writing->pieces + first, (int)(writing->count - first));
        if (done < 0 && errno == EINTR)
            continue;
        if (done == 0) /* no file does that */
            errno = EIO;
        if (done <= 0)
            return false;
        first = advance(writing->pieces, first, writing->count, (size_t)done);
    }
    writing->count = 0;
    return true;
}

static bool put(struct writing *writing, const void *data, size_t size)
{
    if (size == 0)
        return true;
    if (writing->count == BATCH && !flush(writing))
        return false;
    writing->pieces[writing->count++] = (struct iovec){ (void *)(uintptr_t)data, size };
    writing->offset += size;
    return true;
}

static bool put_document(struct writing *writing, const cmr__document *document)
{
    static const char nothing[CMR__SEALED_ALIGNMENT];
    return put(writing, nothing, (size_t)(cmr__sealed_align(writing->offset) - writing->offset)) &&
           put(writing, document->block, document->block->size);
}

static bool write_block(int descriptor, const struct cmr__buffer *front, cmr__part *const *parts,
                        size_t count)
{
    struct writing writing = { .descriptor = descriptor };
    bool done = put(&writing, front->data, front->size);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; done && k < parts[i]->count; k++)
            done = put_document(&writing, parts[i]->files[k].document);
    return done && flush(&writing) && fcntl(descriptor, F_ADD_SEALS, CMR__SEALED_SEALS) == 0;
}

cmr_status cmr__sealed_write(const struct cmr__sealed_info *info, cmr__part *const *parts,
                             const cmr_boot_source *from, size_t count, int *ret_descriptor)
{
    struct cmr__buffer front = CMR__BUFFER_INIT;
    cmr_cleanup(cmr__close_fd) int descriptor = -1;
    if (!can_be_written(info, parts, count))
        return CMR_ERR_INVALID_ARGUMENT;
    cmr_status status = make_front(info, parts, from, count, &front);
    if (status == CMR_OK) {
        descriptor = cmr__memory_file_new("cmreload");
        if (descriptor < 0 || !write_block(descriptor, &front, parts, count))
            status = CMR_ERR_SYSTEM;
    }
    int error = errno;
    cmr__buffer_reset(&front);
    errno = error;
    if (status == CMR_OK)
        *ret_descriptor = CMR_TAKE_FD(descriptor);
    return status;
}
