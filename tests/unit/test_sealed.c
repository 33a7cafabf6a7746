/* SPDX-License-Identifier: MIT
 *
 * Sealed blocks: what is written is read back as it was; what anybody else wrote, or changed, is refused or
 * can be read; and system calls may fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "model/diff.h"
#include "model/mapping.h"
#include "model/snapshot.h"
#include "share/sealed_layout.h"
#include "support/descriptors.h"
#include "support/document_reads.h"
#include "support/sealed_bytes.h"
#include "support/sharing.h"
#include "support/snapshot_of.h"

/* ---- calls that fail */

static struct {
    const char *name; /* of the call that fails; NULL: none */
    int error;        /* 0: it writes less than it was given */
    int after;        /* so many calls of that name that do not */
    int times;
} fault;

static bool fails(const char *name)
{
    if (!fault.name || strcmp(fault.name, name) != 0 || fault.after-- > 0 || fault.times <= 0)
        return false;
    fault.times--;
    errno = fault.error;
    return true;
}

int __real_memfd_create(const char *name, unsigned flags);
int __wrap_memfd_create(const char *name, unsigned flags);
int __wrap_memfd_create(const char *name, unsigned flags)
{
    return fails("memfd_create") ? -1 : __real_memfd_create(name, flags);
}

int __real_fstat(int descriptor, struct stat *stat);
int __wrap_fstat(int descriptor, struct stat *stat);
int __wrap_fstat(int descriptor, struct stat *stat)
{
    return fails("fstat") ? -1 : __real_fstat(descriptor, stat);
}

int __real_fcntl(int descriptor, int command, ...);
int __wrap_fcntl(int descriptor, int command, ...);
int __wrap_fcntl(int descriptor, int command, ...)
{
    va_list arguments;
    va_start(arguments, command);
    long argument = va_arg(arguments, long);
    va_end(arguments);
    return fails("fcntl") ? -1 : __real_fcntl(descriptor, command, argument);
}

void *__real_mmap(void *address, size_t size, int protection, int flags, int descriptor, off_t offset);
void *__wrap_mmap(void *address, size_t size, int protection, int flags, int descriptor, off_t offset);
void *__wrap_mmap(void *address, size_t size, int protection, int flags, int descriptor, off_t offset)
{
    return fails("mmap") ? MAP_FAILED : __real_mmap(address, size, protection, flags, descriptor, offset);
}

ssize_t __real_writev(int descriptor, const struct iovec *pieces, int count);
ssize_t __wrap_writev(int descriptor, const struct iovec *pieces, int count);
ssize_t __wrap_writev(int descriptor, const struct iovec *pieces, int count)
{
    if (!fails("writev"))
        return __real_writev(descriptor, pieces, count);
    return fault.error ? -1 : write(descriptor, pieces[0].iov_base, (pieces[0].iov_len + 1) / 2);
}

/* ---- what most tests have */

struct sharing {
    cmr__part *parts[SHARING_MOUNTS];
    int descriptor;
    char *bytes; /* the block's */
    size_t size;
    size_t descriptors; /* that were open before */
};

static int set_up(void **state)
{
    struct sharing *sharing = calloc(1, sizeof *sharing);
    assert_non_null(sharing);
    sharing->descriptors = descriptors_count();
    sharing_make(sharing->parts);
    assert_int_equal(CMR_OK, cmr__sealed_write(&sharing_info, sharing->parts, sharing_from, SHARING_MOUNTS,
                                               &sharing->descriptor));
    sharing->bytes = sealed_bytes_read(sharing->descriptor, &sharing->size);
    *state = sharing;
    return 0;
}

static int tear_down(void **state)
{
    struct sharing *sharing = *state;
    sharing_free(sharing->parts);
    close(sharing->descriptor);
    assert_int_equal(sharing->descriptors, descriptors_count());
    free(sharing->bytes);
    free(sharing);
    return 0;
}

/* What came of opening. */
struct opened {
    struct cmr__sealed_info info;
    cmr_boot_source from[SHARING_MOUNTS];
    cmr__part *parts[SHARING_MOUNTS];
    char reason[CMR__SEALED_REASON];
};

static cmr_status open_with(int descriptor, cmr__part *const *previous, bool own, struct opened *opened)
{
    static const struct opened untouched;
    *opened = untouched;
    cmr_status status = cmr__sealed_open(descriptor, sharing_names, previous, SHARING_MOUNTS, own,
                                         &opened->info, opened->from, opened->parts, opened->reason);
    if (status != CMR_OK)
        assert_memory_equal(opened, &untouched, offsetof(struct opened, reason));
    assert_int_equal(status == CMR_ERR_REJECTED, opened->reason[0] != '\0');
    return status;
}

/* Opens a block of these bytes. */
static cmr_status open_bytes(const void *bytes, size_t size, struct opened *opened)
{
    int descriptor = sealed_bytes(bytes, size);
    cmr_status status = open_with(descriptor, NULL, false, opened);
    close(descriptor);
    return status;
}

static void read_all(cmr__part *const *parts)
{
    for (size_t i = 0; i < SHARING_MOUNTS; i++)
        for (size_t k = 0; k < parts[i]->count; k++)
            read_document_whole(parts[i]->files[k].document);
}

/* ---- round trips */

static void assert_same_part(const cmr__part *part, const cmr__part *other)
{
    assert_string_equal(part->mount, other->mount);
    assert_string_equal(part->target, other->target);
    assert_string_equal(part->hash, other->hash);
    assert_int_equal(part->kept, other->kept);
    assert_false(other->secret);
    assert_int_equal(part->count, other->count);
    for (size_t i = 0; i < part->count; i++) {
        const cmr__document *one = part->files[i].document, *two = other->files[i].document;
        assert_string_equal(part->files[i].name, other->files[i].name);
        assert_string_equal(one->format, two->format);
        assert_int_equal(one->block->size, two->block->size);
        assert_memory_equal(one->block, two->block, one->block->size);
        assert_ptr_not_equal(one->block, two->block);
        assert_int_equal((uintptr_t)two->block % CMR__SEALED_ALIGNMENT, 0);
        assert_true(cmr__document_is_same(one, two));
    }
}

static void assert_same_info(const struct cmr__sealed_info *one, const struct cmr__sealed_info *two)
{
    assert_int_equal(one->generation, two->generation);
    assert_int_equal(one->loaded_at, two->loaded_at);
    assert_int_equal(one->mount, two->mount);
}

static void test_what_was_written_is_read(void **state)
{
    struct sharing *sharing = *state;
    for (int own = 0; own < 2; own++) {
        struct opened opened;
        assert_int_equal(CMR_OK, open_with(sharing->descriptor, NULL, own, &opened));
        assert_same_info(&opened.info, &sharing_info);
        assert_memory_equal(opened.from, sharing_from, sizeof sharing_from);
        for (size_t i = 0; i < SHARING_MOUNTS; i++)
            assert_same_part(sharing->parts[i], opened.parts[i]);
        read_all(opened.parts);
        sharing_free(opened.parts);
    }
}

/* The hash told is that of the contents, and values, keys and lines are as they were. */
static void test_snapshots_of_both_are_equal(void **state)
{
    struct sharing *sharing = *state;
    struct opened opened;
    assert_int_equal(CMR_OK, open_with(sharing->descriptor, NULL, false, &opened));
    cmr_snapshot *one = cmr__snapshot_new(1, sharing->parts, SHARING_MOUNTS);
    cmr_snapshot *two = cmr__snapshot_new(2, opened.parts, SHARING_MOUNTS);
    char hash[CMR_HASH_SIZE], other_hash[CMR_HASH_SIZE];
    struct cmr__diff diff = CMR__DIFF_INIT;
    cmr_value value;
    sharing_free(opened.parts);
    assert_int_equal(CMR_OK, cmr__diff_compute(one, two, &diff));
    assert_int_equal(cmr__diff_count(&diff), 0);
    assert_int_equal(CMR_OK, cmr_snapshot_hash_keys(one, "**", hash));
    assert_int_equal(CMR_OK, cmr_snapshot_hash_keys(two, "**", other_hash));
    assert_string_equal(hash, other_hash);
    strcpy(hash, two->parts[0]->hash);
    assert_true(cmr__part_hash(two->parts[0]));
    assert_string_equal(hash, two->parts[0]->hash);
    assert_int_equal(CMR_OK, cmr_get(two, "a.yaml#m.b", CMR_TYPE_STRING, NULL, &value));
    assert_string_equal(value.text, "two");
    assert_int_equal(value.line, 2);
    cmr_snapshot_unref(one);
    cmr_snapshot_unref(two);
}

/* The first part's documents go, the last one stays, and so does the memory that it lies in. */
static void test_a_document_outlives_the_others(void **state)
{
    struct sharing *sharing = *state;
    struct opened opened;
    assert_int_equal(CMR_OK, open_with(sharing->descriptor, NULL, false, &opened));
    cmr__document *last = cmr__document_ref(opened.parts[2]->files[0].document);
    assert_non_null(last->mapping);
    assert_ptr_equal(last->mapping, opened.parts[0]->files[0].document->mapping);
    sharing_free(opened.parts);
    assert_int_equal(last->mapping->refs, 1);
    read_document_whole(last);
    cmr__document_unref(last);
}

static void test_nobody_can_change_it(void **state)
{
    struct sharing *sharing = *state;
    int descriptor = sharing->descriptor;
    assert_true(fcntl(descriptor, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(fcntl(descriptor, F_GET_SEALS) & CMR__SEALED_SEALS, CMR__SEALED_SEALS);
    assert_int_equal(-1, pwrite(descriptor, "x", 1, 0));
    assert_int_equal(errno, EPERM);
    assert_int_equal(-1, ftruncate(descriptor, 1));
    assert_int_equal(-1, ftruncate(descriptor, 1 << 20));
    assert_ptr_equal(MAP_FAILED, mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0));
}

/* More than are written at once. */
static void test_many_files(void **state)
{
    enum {
        COUNT = 700
    };
    static cmr_file files[COUNT];
    static char names[COUNT][8];
    const char *const name[] = { "mount" };
    const struct cmr__sealed_info info = { UINT64_MAX, -1, 0 };
    struct cmr__sealed_info read_info;
    const cmr_boot_source from = CMR_BOOTED_MOUNT;
    cmr_boot_source read_from;
    cmr_snapshot *snapshot = NULL;
    cmr__part *part = NULL, *named;
    char reason[CMR__SEALED_REASON];
    int descriptor = -1;
    (void)state;
    for (int i = 0; i < COUNT; i++) {
        snprintf(names[i], sizeof names[i], "%d", i);
        files[i] = (cmr_file){ .name = names[i], .data = "12345678", .size = (size_t)i % 9 };
    }
    assert_int_equal(CMR_OK, cmr_snapshot_from_files(files, COUNT, NULL, NULL, &snapshot));
    named = cmr__part_named(snapshot->parts[0], name[0]);
    assert_int_equal(CMR_OK, cmr__sealed_write(&info, &named, &from, 1, &descriptor));
    assert_int_equal(
        CMR_OK, cmr__sealed_open(descriptor, name, NULL, 1, false, &read_info, &read_from, &part, reason));
    assert_same_info(&read_info, &info);
    assert_same_part(named, part);
    close(descriptor);
    cmr__part_unref(part);
    cmr__part_unref(named);
    cmr_snapshot_unref(snapshot);
}

static void test_what_cannot_be_written(void **state)
{
    struct sharing *sharing = *state;
    struct cmr__sealed_info info = sharing_info;
    int descriptor = -7;
    info.generation = 0;
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT,
                     cmr__sealed_write(&info, sharing->parts, sharing_from, 3, &descriptor));
    info = sharing_info;
    info.mount = 3;
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT,
                     cmr__sealed_write(&info, sharing->parts, sharing_from, 3, &descriptor));
    info.mount = 0;
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT,
                     cmr__sealed_write(&info, sharing->parts, sharing_from, 0, &descriptor));
    sharing->parts[2]->secret = true;
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT,
                     cmr__sealed_write(&info, sharing->parts, sharing_from, 3, &descriptor));
    sharing->parts[2]->secret = false;
    assert_int_equal(descriptor, -7);
}

/* Four documents that say they have a gigabyte and more each: nothing is written of them. */
static void test_4_gib_are_too_many(void **state)
{
    struct sharing *sharing = *state;
    int descriptor = -7;
    for (size_t i = 0; i < 4; i++)
        ((struct cmr__document_head *)(uintptr_t)sharing->parts[0]->files[i].document->block)->size = 1u
                                                                                                      << 30;
    assert_int_equal(CMR_ERR_LIMIT, cmr__sealed_write(&sharing_info, sharing->parts, sharing_from,
                                                      SHARING_MOUNTS, &descriptor));
    assert_int_equal(descriptor, -7);
}

/* ---- what was checked before */

/* Hashes that are wrong make a document that nobody believes, unless it was believed before. */
static void test_what_is_equal_needs_no_check(void **state)
{
    struct sharing *sharing = *state;
    struct cmr__document_head *block =
        (struct cmr__document_head *)(uintptr_t)sharing->parts[2]->files[0].document->block;
    struct cmr__entry *entry = (struct cmr__entry *)(void *)((char *)block + block->entries_offset) + 1;
    cmr__part *previous[SHARING_MOUNTS] = { sharing->parts[0], NULL, NULL };
    struct opened opened;
    int descriptor;
    entry->hash ^= 1;
    assert_int_equal(
        CMR_OK, cmr__sealed_write(&sharing_info, sharing->parts, sharing_from, SHARING_MOUNTS, &descriptor));
    assert_int_equal(CMR_ERR_REJECTED, open_with(descriptor, NULL, false, &opened));
    assert_string_equal(opened.reason, "file 7: a hash that is wrong");
    assert_int_equal(CMR_ERR_REJECTED, open_with(descriptor, previous, false, &opened));
    previous[2] = sharing->parts[2];
    assert_int_equal(CMR_OK, open_with(descriptor, previous, false, &opened));
    sharing_free(opened.parts);
    entry->hash ^= 2; /* not equal any more */
    assert_int_equal(CMR_ERR_REJECTED, open_with(descriptor, previous, false, &opened));
    close(descriptor);
    entry->hash ^= 3;
}

static void test_same_documents(void **state)
{
    cmr_snapshot *one = snapshot_of("a.yaml", "a: 1\n", "b", "12345678", NULL);
    cmr_snapshot *two = snapshot_of("a.yaml", "a: 1\n", "b", "12345679", NULL);
    const cmr__document *document = one->parts[0]->files[0].document,
                        *other = two->parts[0]->files[0].document;
    cmr__document renamed = *other;
    (void)state;
    assert_ptr_not_equal(document, other);
    assert_true(cmr__document_is_same(document, document));
    assert_true(cmr__document_is_same(document, other));
    assert_true(cmr__document_is_same(NULL, NULL));
    assert_false(cmr__document_is_same(document, NULL));
    assert_false(cmr__document_is_same(NULL, document));
    assert_false(cmr__document_is_same(one->parts[0]->files[1].document, two->parts[0]->files[1].document));
    renamed.format = "json";
    assert_false(cmr__document_is_same(document, &renamed));
    cmr_snapshot_unref(one);
    cmr_snapshot_unref(two);
}

/* ---- what is refused */

/* A change to a good block. */
struct damage {
    const char *reason;
    size_t offset;
    uint64_t value;
    size_t width;
};

#define PART(number, member)                                                                                 \
    sizeof(struct cmr__sealed_head) + (number) * sizeof(struct cmr__sealed_part) +                           \
        offsetof(struct cmr__sealed_part, member)
#define FILES (sizeof(struct cmr__sealed_head) + SHARING_MOUNTS * sizeof(struct cmr__sealed_part))
#define HEAD(member) offsetof(struct cmr__sealed_head, member)
#define TEXTS (FILES + 8 * sizeof(struct cmr__sealed_file))

static void check_damage(const struct sharing *sharing, const struct damage *damage)
{
    struct opened opened;
    char *bytes = malloc(sharing->size);
    assert_non_null(bytes);
    memcpy(bytes, sharing->bytes, sharing->size);
    memcpy(bytes + damage->offset, &damage->value, damage->width);
    assert_int_equal(CMR_ERR_REJECTED, open_bytes(bytes, sharing->size, &opened));
    if (!strstr(opened.reason, damage->reason))
        fail_msg("'%s', not '%s'", opened.reason, damage->reason);
    free(bytes);
}

static void test_damaged_tables_are_refused(void **state)
{
    const struct damage damages[] = {
        { "no block of this machine", HEAD(magic), 0x436d5331, 4 },
        { "another size than it says", HEAD(size), 4096, 8 },
        { "a head that is not known", HEAD(generation), 0, 8 },
        { "a head that is not known", HEAD(reserved), 1, 4 },
        { "4 mounts, and not 3", HEAD(part_count), 4, 4 },
        { "0 mounts, and not 3", HEAD(part_count), 0, 4 },
        { "a change of mount 3 of 3", HEAD(mount), 3, 4 },
        { "tables out of bounds", HEAD(file_count), UINT32_MAX, 4 },
        { "tables out of bounds", HEAD(texts_size), UINT32_MAX, 4 },
        { "texts that end too soon", HEAD(texts_size), 0, 4 },
        { "texts that end too soon", HEAD(texts_size), 40, 4 },
        { "another name than here", HEAD(file_count), 9, 4 },
        { "mount 0: more files than there are", HEAD(file_count), 6, 4 },
        { "mount 0: come from nowhere", PART(0, from), 3, 4 },
        { "mount 0: more files than there are", PART(0, file_count), 9, 4 },
        { "mount 2: more files than there are", PART(2, file_count), 2, 4 },
        { "mount 0: more files kept than it has", PART(0, kept), 8, 4 },
        { "mount 1: another name than here", PART(0, file_count), 6, 4 },
        { "more than its mounts hold", PART(2, file_count), 0, 4 },
        { "a document out of bounds: file 0", FILES, UINT32_MAX, 4 },
        { "file 0: of another size than it says", FILES, 64, 4 },
        { "file 0: shorter than its head", FILES, 0, 4 },
    };
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++)
        check_damage(*state, &damages[i]);
}

/* Where a text of the block begins; it may be found nowhere else. */
static size_t place_of(const struct sharing *sharing, const char *text)
{
    char *found = memmem(sharing->bytes + TEXTS, sharing->size - TEXTS, text, strlen(text) + 1);
    assert_non_null(found);
    return (size_t)(found - sharing->bytes);
}

static void check_text(const struct sharing *sharing, const char *text, const char *instead,
                       const char *reason)
{
    struct damage damage = { reason, place_of(sharing, text), 0, strlen(instead) };
    assert_in_range(damage.width, 1, sizeof damage.value);
    memcpy(&damage.value, instead, damage.width);
    check_damage(sharing, &damage);
}

static void test_damaged_texts_are_refused(void **state)
{
    const struct sharing *sharing = *state;
    const char *hash = sharing->parts[0]->hash;
    check_text(sharing, "app", "apq", "mount 0: another name than here");
    check_text(sharing, "other", "othe\n", "mount 2: another name than here");
    check_text(sharing, hash, "xxh3-127", "mount 0: a hash that is none");
    check_text(sharing, hash + 9, "ABCDEFAB", "mount 0: a hash that is none");
    check_text(sharing, hash + 40, "g", "mount 0: a hash that is none");
    check_text(sharing, "f/level", "../evel", "file 5: a name that is none");
    check_text(sharing, "f/level", "/", "file 5: a name that is none");
    check_text(sharing, "f/level", "./", "file 5: a name that is none");
    check_text(sharing, "f/level", "f//", "file 5: a name that is none");
    check_text(sharing, "f/level", "f/leve/", "file 5: a name that is none");
    check_text(sharing, "f/level", "f/../el", "file 5: a name that is none");
    check_text(sharing, "f/level", "f/lev/.", "file 5: a name that is none");
    check_text(sharing, "f/level", "f/leve\xff", "file 5: a name that is none");
    check_text(sharing, "b.json", "a.jaml", "file 1: out of its order");
    check_text(sharing, "g", "c", "file 6: out of its order");
    check_text(sharing, "text", "te\xc3", "file 5: a format that is none");
}

/* A name twice: as bytes the files are in order, but not strictly. */
static void test_two_files_of_one_name_are_refused(void **state)
{
    struct sharing *sharing = *state;
    struct opened opened;
    int descriptor;
    strcpy(sharing->parts[0]->files[1].name, "a.yaml");
    assert_int_equal(
        CMR_OK, cmr__sealed_write(&sharing_info, sharing->parts, sharing_from, SHARING_MOUNTS, &descriptor));
    assert_int_equal(CMR_ERR_REJECTED, open_with(descriptor, NULL, false, &opened));
    assert_string_equal(opened.reason, "file 1: out of its order");
    close(descriptor);
}

static void test_a_long_target_is_refused(void **state)
{
    struct sharing *sharing = *state;
    for (size_t length = 255; length < 257; length++) {
        struct opened opened;
        int descriptor;
        free(sharing->parts[1]->target);
        sharing->parts[1]->target = calloc(1, length + 1);
        memset(sharing->parts[1]->target, 'x', length);
        assert_int_equal(CMR_OK, cmr__sealed_write(&sharing_info, sharing->parts, sharing_from,
                                                   SHARING_MOUNTS, &descriptor));
        cmr_status status = open_with(descriptor, NULL, false, &opened);
        assert_int_equal(status, length == 255 ? CMR_OK : CMR_ERR_REJECTED);
        if (status == CMR_OK)
            sharing_free(opened.parts);
        else
            assert_string_equal(opened.reason, "mount 1: a target that is too long");
        close(descriptor);
    }
}

static void test_every_other_size_is_refused(void **state)
{
    struct sharing *sharing = *state;
    struct opened opened;
    char *bytes = calloc(1, sharing->size + CMR__SEALED_ALIGNMENT);
    assert_non_null(bytes);
    for (size_t size = 0; size <= sharing->size + CMR__SEALED_ALIGNMENT; size++) {
        if (size == sharing->size)
            continue;
        memcpy(bytes, sharing->bytes, size < sharing->size ? size : sharing->size);
        if (size >= sizeof(struct cmr__sealed_head)) /* it says its size */
            ((struct cmr__sealed_head *)(void *)bytes)->size = size;
        assert_int_equal(CMR_ERR_REJECTED, open_bytes(bytes, size, &opened));
    }
    free(bytes);
}

/* Many bytes in turn: the block is refused, or all of it can be read. (fuzz_sealed.c goes on from here.) */
static void test_one_byte_is_refused_or_harmless(void **state)
{
    struct sharing *sharing = *state;
    size_t refused = 0, tried = 0;
    for (size_t i = 0; i < sharing->size; i += 7, tried++) {
        struct opened opened;
        char was = sharing->bytes[i];
        sharing->bytes[i] = (char)(was ^ (1 << i % 8));
        if (open_bytes(sharing->bytes, sharing->size, &opened) == CMR_OK) {
            read_all(opened.parts);
            sharing_free(opened.parts);
        } else {
            refused++;
        }
        sharing->bytes[i] = was;
    }
    assert_in_range(refused, tried / 4, tried - 1);
}

/* ---- what is no sealed memory file */

static void test_what_can_change_is_refused(void **state)
{
    static const unsigned all[] = { F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE };
    struct sharing *sharing = *state;
    struct opened opened;
    for (size_t i = 0; i <= sizeof all / sizeof *all; i++) {
        unsigned seals = i < 4 ? CMR__SEALED_SEALS & ~all[i] : 0;
        int descriptor = sealed_bytes_make(sharing->bytes, sharing->size, seals);
        assert_int_equal(CMR_ERR_REJECTED, open_with(descriptor, NULL, false, &opened));
        assert_non_null(strstr(opened.reason, "it has not all seals"));
        close(descriptor);
    }
}

static void test_other_descriptors_are_refused(void **state)
{
    struct sharing *sharing = *state;
    struct opened opened;
    char path[] = "/tmp/cmreload-sealed-XXXXXX";
    int file = mkstemp(path), ends[2], directory = open("/", O_RDONLY | O_DIRECTORY);
    assert_true(file >= 0 && directory >= 0);
    assert_int_equal(sharing->size, write(file, sharing->bytes, sharing->size));
    assert_int_equal(0, unlink(path));
    assert_int_equal(0, pipe(ends));
    assert_int_equal(CMR_ERR_REJECTED, open_with(file, NULL, false, &opened));
    assert_int_equal(CMR_ERR_REJECTED, open_with(ends[0], NULL, false, &opened));
    assert_string_equal(opened.reason, "no memory file");
    assert_int_equal(CMR_ERR_REJECTED, open_with(directory, NULL, false, &opened));
    close(file);
    close(directory);
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(CMR_ERR_SYSTEM, open_with(-1, NULL, false, &opened));
    assert_int_equal(errno, EBADF);
}

/* ---- calls that fail */

static cmr_status write_with(struct sharing *sharing, const char *name, int error, int after, int times)
{
    size_t open_before = descriptors_count();
    int descriptor = -7;
    fault.name = name;
    fault.error = error;
    fault.after = after;
    fault.times = times;
    cmr_status status =
        cmr__sealed_write(&sharing_info, sharing->parts, sharing_from, SHARING_MOUNTS, &descriptor);
    int errno_then = errno;
    fault.name = NULL;
    if (status == CMR_OK) {
        size_t size;
        char *bytes = sealed_bytes_read(descriptor, &size);
        assert_int_equal(size, sharing->size);
        assert_memory_equal(bytes, sharing->bytes, size);
        free(bytes);
        close(descriptor);
    } else {
        assert_int_equal(descriptor, -7);
    }
    assert_int_equal(open_before, descriptors_count());
    errno = errno_then;
    return status;
}

static void test_writing_may_fail(void **state)
{
    struct sharing *sharing = *state;
    static const struct {
        const char *name;
        int error;
    } faults[] = { { "memfd_create", EMFILE }, { "writev", ENOSPC }, { "fcntl", EBUSY } };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        assert_int_equal(CMR_ERR_SYSTEM, write_with(sharing, faults[i].name, faults[i].error, 0, 1));
        assert_int_equal(errno, faults[i].error);
    }
    assert_int_equal(CMR_ERR_SYSTEM, write_with(sharing, "memfd_create", EINVAL, 0, 2));
    assert_int_equal(CMR_OK, write_with(sharing, "memfd_create", EINVAL, 0, 1)); /* an older kernel */
    assert_int_equal(CMR_OK, write_with(sharing, "writev", EINTR, 0, 3));
    assert_int_equal(CMR_OK, write_with(sharing, "writev", 0, 0, 12)); /* short ones */
}

static void test_opening_may_fail(void **state)
{
    struct sharing *sharing = *state;
    static const struct {
        const char *name;
        int error;
    } faults[] = { { "fcntl", EIO }, { "fstat", EOVERFLOW }, { "mmap", ENOMEM } };
    struct opened opened;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        fault.name = faults[i].name;
        fault.error = faults[i].error;
        fault.after = 0;
        fault.times = 1;
        assert_int_equal(CMR_ERR_SYSTEM, open_with(sharing->descriptor, NULL, false, &opened));
        assert_int_equal(errno, faults[i].error);
        fault.name = NULL;
    }
    assert_int_equal(CMR_OK, open_with(sharing->descriptor, NULL, false, &opened));
    sharing_free(opened.parts);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_what_was_written_is_read),
        TEST(test_snapshots_of_both_are_equal),
        TEST(test_a_document_outlives_the_others),
        TEST(test_nobody_can_change_it),
        cmocka_unit_test(test_many_files),
        TEST(test_what_cannot_be_written),
        TEST(test_4_gib_are_too_many),
        TEST(test_what_is_equal_needs_no_check),
        cmocka_unit_test(test_same_documents),
        TEST(test_damaged_tables_are_refused),
        TEST(test_damaged_texts_are_refused),
        TEST(test_two_files_of_one_name_are_refused),
        TEST(test_a_long_target_is_refused),
        TEST(test_every_other_size_is_refused),
        TEST(test_one_byte_is_refused_or_harmless),
        TEST(test_what_can_change_is_refused),
        TEST(test_other_descriptors_are_refused),
        TEST(test_writing_may_fail),
        TEST(test_opening_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
