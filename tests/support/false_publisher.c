/* SPDX-License-Identifier: MIT
 *
 * A record lock is a process's, and who asks for one that it has gets it: so another process must hold it. */
#include "support/false_publisher.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "share/packet.h"
#include "share/sealed.h"

static void require(bool condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "false publisher: %s: %m\n", what);
    abort();
}

static void hold(const cmr_share *share, pid_t parent, int ready)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    bool won = getppid() == parent && cmr__election_win(&share->election);
    require(write(ready, won ? "y" : "n", 1) == 1, "write");
    for (;;)
        pause();
}

void false_publisher_open(struct false_publisher *publisher, cmr_share *share)
{
    int ready[2];
    char answer = 'n';
    pid_t parent = getpid();
    require(pipe(ready) == 0, "pipe");
    *publisher = (struct false_publisher){ .share = share, .connection = -1, .holder = fork() };
    require(publisher->holder >= 0, "fork");
    if (publisher->holder == 0)
        hold(share, parent, ready[1]);
    require(read(ready[0], &answer, 1) == 1 && answer == 'y', "the election");
    close(ready[0]);
    close(ready[1]);
}

void false_publisher_hang_up(struct false_publisher *publisher)
{
    cmr__close_fd(&publisher->connection);
    publisher->connection = -1;
}

void false_publisher_close(struct false_publisher *publisher)
{
    if (publisher->holder > 0) {
        kill(publisher->holder, SIGKILL);
        waitpid(publisher->holder, NULL, 0);
    }
    publisher->holder = 0;
    false_publisher_hang_up(publisher);
}

bool false_publisher_accept(struct false_publisher *publisher)
{
    char bytes[256];
    size_t count, size;
    int connection;
    bool came = false;
    while (cmr__packet_receive(publisher->share->hello[0], bytes, sizeof bytes, &connection, 1, &count, &size,
                               false) == CMR_OK) {
        require(count == 1, "a hello without a connection");
        false_publisher_hang_up(publisher);
        publisher->connection = connection;
        came = true;
    }
    return came;
}

bool false_publisher_say(struct false_publisher *publisher, const void *bytes, size_t size, int descriptor)
{
    return publisher->connection >= 0 && cmr__packet_send(publisher->connection, bytes, size, &descriptor,
                                                          descriptor >= 0 ? 1 : 0) == CMR_OK;
}

bool false_publisher_tell(struct false_publisher *publisher, uint64_t generation, int block)
{
    struct cmr__news_mount mount = { .state = CMR_MOUNT_READY,
                                     .kind = CMR_KIND_VOLUME,
                                     .mounted_target = "..1" };
    const struct cmr__message message = { .kind = CMR__MESSAGE_NEWS,
                                          .news = { .sequence = ++publisher->sequence,
                                                    .publisher = publisher->holder,
                                                    .generation = generation,
                                                    .mount_count = 1,
                                                    .mounts = &mount } };
    struct cmr__buffer bytes = CMR__BUFFER_INIT;
    require(cmr__message_encode(&message, &bytes) == CMR_OK, "encode");
    bool said = false_publisher_say(publisher, bytes.data, bytes.size, block);
    cmr__buffer_reset(&bytes);
    return said;
}

bool false_publisher_hears(struct false_publisher *publisher, struct cmr__answer *ret_answer)
{
    char bytes[4096];
    size_t count, size;
    bool heard = false;
    while (publisher->connection >= 0 && cmr__packet_receive(publisher->connection, bytes, sizeof bytes, NULL,
                                                             0, &count, &size, false) == CMR_OK) {
        struct cmr__message message;
        require(cmr__message_decode(bytes, size, &message, NULL) == CMR_OK, "what a consumer says");
        heard = message.kind == CMR__MESSAGE_ANSWER;
        if (heard)
            *ret_answer = message.answer;
        cmr__message_reset(&message);
    }
    return heard;
}

int false_publisher_block(uint64_t generation, const char *file, const char *text)
{
    const cmr_file given = { .name = file, .data = text, .size = strlen(text) };
    const struct cmr__sealed_info info = { generation, 1, 0 };
    const cmr_boot_source from = CMR_BOOTED_MOUNT;
    cmr_snapshot *snapshot;
    int block = -1;
    require(cmr_snapshot_from_files(&given, 1, NULL, NULL, &snapshot) == CMR_OK, "a snapshot");
    require(cmr__sealed_write(&info, snapshot->parts, &from, 1, &block) == CMR_OK, "a block");
    cmr_snapshot_unref(snapshot);
    return block;
}
