/* SPDX-License-Identifier: MIT
 *
 * Packets of a share, by hand. */
#include "support/share_talk.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "share/packet.h"

static void require(bool condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "talk in a share: %s: %m\n", what);
    abort();
}

void share_talk_say(int connection, const struct cmr__message *message, int descriptor)
{
    struct cmr__buffer bytes = CMR__BUFFER_INIT;
    require(cmr__message_encode(message, &bytes) == CMR_OK, "encode");
    require(cmr__packet_send(connection, bytes.data, bytes.size, &descriptor, descriptor >= 0) == CMR_OK,
            "send");
    cmr__buffer_reset(&bytes);
}

int share_talk_ask(const cmr_share *share)
{
    const struct cmr__message hello = { .kind = CMR__MESSAGE_HELLO, .hello.pid = 1 };
    int ends[2];
    require(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0, "a connection");
    share_talk_say(share->hello[1], &hello, ends[1]);
    close(ends[1]);
    return ends[0];
}

cmr_status share_talk_hear(int connection, struct cmr__message *ret_message, int *ret_block)
{
    static char bytes[CMR__MESSAGE_MAX];
    size_t count = 0, size = 0;
    int block = -1;
    cmr_status status = cmr__packet_receive(connection, bytes, sizeof bytes, &block, 1, &count, &size, false);
    if (status != CMR_OK)
        return status;
    require(cmr__message_decode(bytes, size, ret_message, NULL) == CMR_OK, "decode");
    *ret_block = count ? block : -1;
    return CMR_OK;
}
