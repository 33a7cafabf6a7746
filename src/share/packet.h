/* SPDX-License-Identifier: MIT
 *
 * Packets with descriptors over a SOCK_SEQPACKET socket. Neither function ever waits, or raises SIGPIPE. */
#ifndef CMRELOAD_SHARE_PACKET_H
#define CMRELOAD_SHARE_PACKET_H

#include <stdbool.h>
#include <stddef.h>

#include "cmreload/cmreload.h"

#define CMR__PACKET_DESCRIPTORS 8 /* that go along, at most */

/* The descriptors stay the caller's. Not of 0 bytes: that looks like the end. CMR_ERR_AGAIN: the socket is
 * full; CMR_ERR_CLOSED: nobody is at the other end any more; CMR_ERR_INVALID_ARGUMENT; CMR_ERR_SYSTEM (errno;
 * EMSGSIZE, ETOOMANYREFS ...). */
cmr_status cmr__packet_send(int socket, const void *bytes, size_t size, const int *descriptors, size_t count);

/* Takes the next packet; descriptors are close-on-exec and the caller's. peek: leaves it there, and takes
 * copies of its descriptors, if there is room for them; what is longer than the buffer is cut then.
 *   CMR_ERR_AGAIN      there is none
 *   CMR_ERR_CLOSED     nor will there be: the end of the connection
 *   CMR_ERR_REJECTED   longer than the buffer, or with more than `max` descriptors; all of it is gone (unless
 *                      peeked at), and its descriptors are closed
 *   CMR_ERR_SYSTEM     errno; EMFILE: the packet is gone, since no descriptor was left here for those with it
 *   CMR_ERR_INVALID_ARGUMENT   max is over CMR__PACKET_DESCRIPTORS */
cmr_status cmr__packet_receive(int socket, void *buffer, size_t capacity, int *ret_descriptors, size_t max,
                               size_t *ret_count, size_t *ret_size, bool peek);

#endif
