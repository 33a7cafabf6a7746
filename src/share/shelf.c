/* SPDX-License-Identifier: MIT
 *
 * The kernel keeps a descriptor that was sent through a socket as long as anybody has the socket, so a packet
 * that nobody takes out is a place for one. All who inherit the pair can look (MSG_PEEK gives a copy of the
 * descriptor), and the process that made it keeps it alive when all others are killed.
 *
 * A packet cannot be replaced. So the new one is put in twice, behind what is there, and then packets are
 * taken out up to the first of the two: at every moment one at least is there, and one stays. Whoever goes on
 * after a publisher that was killed in the middle finds some more, and takes them out the same way. */
#include "share/shelf.h"

#include <stdlib.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "share/packet.h"

cmr_status cmr__shelf_open(struct cmr__shelf *shelf)
{
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, shelf->sockets) == 0 ? CMR_OK
                                                                                      : CMR_ERR_SYSTEM;
}

void cmr__shelf_close(struct cmr__shelf *shelf)
{
    cmr__close_fd(&shelf->sockets[0]);
    cmr__close_fd(&shelf->sockets[1]);
    *shelf = (struct cmr__shelf)CMR__SHELF_INIT;
}

/* No room for the block: then it is let go by the kernel, and no descriptor needs to be left here. That it
 * was one with a block is what REJECTED says. */
static void take_out_up_to(const struct cmr__shelf *shelf, uint64_t generation)
{
    uint64_t found = 0;
    cmr_status status;
    do {
        size_t count, size;
        status = cmr__packet_receive(shelf->sockets[0], &found, sizeof found, NULL, 0, &count, &size, false);
    } while ((status == CMR_OK || status == CMR_ERR_REJECTED) && found != generation);
}

cmr_status cmr__shelf_put(const struct cmr__shelf *shelf, uint64_t generation, int block)
{
    cmr_status status = CMR_OK;
    for (int i = 0; i < 2 && status == CMR_OK; i++)
        status = cmr__packet_send(shelf->sockets[1], &generation, sizeof generation, &block, 1);
    if (status == CMR_OK)
        take_out_up_to(shelf, generation);
    return status;
}

cmr_status cmr__shelf_look(const struct cmr__shelf *shelf, uint64_t *ret_generation, int *ret_block)
{
    uint64_t generation = 0;
    size_t count = 0, size = 0;
    cmr_cleanup(cmr__close_fd) int block = -1;
    cmr_status status = cmr__packet_receive(shelf->sockets[0], &generation, sizeof generation, &block, 1,
                                            &count, &size, true);
    if (status == CMR_ERR_AGAIN || (status == CMR_OK && (count == 0 || size != sizeof generation)))
        return CMR_ERR_NOT_FOUND;
    if (status != CMR_OK)
        return status;
    *ret_generation = generation;
    *ret_block = CMR_TAKE_FD(block);
    return CMR_OK;
}
