/* SPDX-License-Identifier: MIT
 *
 * A consumer, and a publisher that says anything: packets, well-formed ones that were changed, blocks that
 * were changed, sealed or not, other descriptors. The data is a script, a step after the other; its first
 * byte says what the step is. Whatever comes, the consumer serves a whole generation that it has checked,
 * generations only grow, and in the end it takes what is good. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz/fuzz.h"
#include "share/sealed_layout.h"
#include "support/document_reads.h"
#include "support/false_publisher.h"

#define LARGEST 4096

struct scene {
    cmr_share *share;
    struct false_publisher publisher;
    cmr_reloader *reloader;
    uint64_t generation; /* that the consumer has */
    const uint8_t *data;
    size_t left;
};

static uint8_t next_byte(struct scene *scene)
{
    if (scene->left == 0)
        return 0;
    scene->left--;
    return *scene->data++;
}

/* ---- what the consumer has */

static void look(struct scene *scene)
{
    FUZZ_REQUIRE(cmr_reloader_dispatch(scene->reloader) == CMR_OK);
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(scene->reloader);
    FUZZ_REQUIRE(cmr_snapshot_generation(snapshot) >= scene->generation);
    scene->generation = cmr_snapshot_generation(snapshot);
    for (size_t i = 0; i < snapshot->count; i++)
        for (size_t j = 0; j < snapshot->parts[i]->count; j++)
            read_document_whole(snapshot->parts[i]->files[j].document);
    cmr_snapshot_unref(snapshot);
}

/* ---- what the publisher says */

/* Each change is where (two bytes), and what (one). */
static void change(struct scene *scene, char *bytes, size_t size, unsigned changes)
{
    for (unsigned i = 0; i < changes && scene->left && size; i++) {
        size_t where = next_byte(scene);
        where |= (size_t)next_byte(scene) << 8;
        bytes[where % size] = (char)next_byte(scene);
    }
}

static int changed_block(struct scene *scene, unsigned changes, bool sealed)
{
    char bytes[LARGEST];
    int good = false_publisher_block(scene->generation + 1, "a.yaml", "x: [1, {y: z}]\n");
    ssize_t size = pread(good, bytes, sizeof bytes, 0);
    int block = memfd_create("fuzz", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    FUZZ_REQUIRE(size > 0 && block >= 0);
    close(good);
    change(scene, bytes, (size_t)size, changes);
    FUZZ_REQUIRE(write(block, bytes, (size_t)size) == size);
    if (sealed)
        FUZZ_REQUIRE(fcntl(block, F_ADD_SEALS, CMR__SEALED_SEALS) == 0);
    return block;
}

static void say_given(struct scene *scene)
{
    char bytes[LARGEST];
    size_t size = next_byte(scene) + 1u;
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)next_byte(scene);
    (void)false_publisher_say(&scene->publisher, bytes, size, scene->left & 1 ? STDIN_FILENO : -1);
}

static void say_changed_news(struct scene *scene)
{
    struct cmr__news_mount mount = { .state = CMR_MOUNT_READY,
                                     .rejected = next_byte(scene) & 1,
                                     .rejections = 1 };
    const struct cmr__message message = { .kind = CMR__MESSAGE_NEWS,
                                          .news = { .sequence = ++scene->publisher.sequence,
                                                    .publisher = 1,
                                                    .generation = scene->generation + 1,
                                                    .mount_count = 1,
                                                    .mounts = &mount } };
    struct cmr__buffer bytes = CMR__BUFFER_INIT;
    FUZZ_REQUIRE(cmr__message_encode(&message, &bytes) == CMR_OK);
    change(scene, bytes.data, bytes.size, 4);
    (void)false_publisher_say(&scene->publisher, bytes.data, bytes.size, -1);
    cmr__buffer_reset(&bytes);
}

static void say_block(struct scene *scene, bool sealed)
{
    int block = changed_block(scene, next_byte(scene) % 8, sealed);
    (void)false_publisher_tell(&scene->publisher, scene->generation + 1, block);
    close(block);
}

static void step(struct scene *scene)
{
    switch (next_byte(scene) % 6) {
    case 0:
        say_given(scene);
        break;
    case 1:
        say_changed_news(scene);
        break;
    case 2:
        say_block(scene, false);
        break;
    case 3:
        false_publisher_hang_up(&scene->publisher);
        break;
    default:
        say_block(scene, true);
        break;
    }
    look(scene);
    (void)false_publisher_accept(&scene->publisher);
}

/* ---- the scene */

static void set(struct scene *scene)
{
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    cmr_options options = CMR_OPTIONS_INIT;
    mount.name = "config";
    options.mount = &mount;
    FUZZ_REQUIRE(cmr_share_new(&scene->share) == CMR_OK);
    false_publisher_open(&scene->publisher, scene->share);
    FUZZ_REQUIRE(cmr_open("/nowhere", &options, &scene->reloader) == CMR_OK &&
                 cmr_reloader_join(scene->reloader, scene->share) == CMR_OK);
}

/* Connected anew, which is when it is ready for anything. */
static void connect(struct scene *scene)
{
    cmr_reloader_free(scene->reloader);
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    cmr_options options = CMR_OPTIONS_INIT;
    mount.name = "config";
    options.mount = &mount;
    FUZZ_REQUIRE(cmr_open("/nowhere", &options, &scene->reloader) == CMR_OK &&
                 cmr_reloader_join(scene->reloader, scene->share) == CMR_OK);
    scene->generation = 0;
    look(scene);
    (void)false_publisher_accept(&scene->publisher);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct scene scene; /* its holder is a process, and is started once */
    if (!scene.share)
        set(&scene);
    connect(&scene);
    scene.data = data;
    scene.left = size;
    for (int i = 0; i < 32 && scene.left; i++)
        step(&scene);
    connect(&scene);
    int block = false_publisher_block(7, "a.yaml", "x: good\n");
    FUZZ_REQUIRE(false_publisher_tell(&scene.publisher, 7, block));
    close(block);
    look(&scene);
    FUZZ_REQUIRE(scene.generation == 7);
    return 0;
}
