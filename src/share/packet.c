/* SPDX-License-Identifier: MIT
 *
 * A descriptor that comes with a packet is this process's from the moment of recvmsg on, whether it was asked
 * for or not. So all that came are counted before anything is judged, and closed unless they are handed on.
 *
 * The kernel cuts descriptors for two reasons: the room here was too small, or the process had none left.
 * Room is for just as many as are allowed; so if fewer came, it was the latter. */
#include "share/packet.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"

/* Aligned as a control message must be. */
union control {
    struct cmsghdr head;
    char bytes[CMSG_SPACE(CMR__PACKET_DESCRIPTORS * sizeof(int))];
};

static cmr_status status_of_errno(void)
{
    switch (errno) {
    case EAGAIN:
        return CMR_ERR_AGAIN;
    case EPIPE:
    case ECONNRESET:
    case ENOTCONN:
        return CMR_ERR_CLOSED;
    default:
        return CMR_ERR_SYSTEM;
    }
}

static void attach(struct msghdr *message, union control *control, const int *descriptors, size_t count)
{
    if (count == 0)
        return;
    memset(control, 0, sizeof *control);
    message->msg_control = control;
    message->msg_controllen = CMSG_SPACE(count * sizeof(int));
    struct cmsghdr *head = CMSG_FIRSTHDR(message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(head), descriptors, count * sizeof(int));
}

cmr_status cmr__packet_send(int socket, const void *bytes, size_t size, const int *descriptors, size_t count)
{
    struct iovec piece = { (void *)(uintptr_t)bytes, size };
    struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1 };
    union control control;
    ssize_t sent;
    if (size == 0 || count > CMR__PACKET_DESCRIPTORS)
        return CMR_ERR_INVALID_ARGUMENT;
    attach(&message, &control, descriptors, count);
    do
        sent = sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? status_of_errno() : CMR_OK;
}

/* How many came; they are put into `all`. */
static size_t collect(struct msghdr *message, int all[CMR__PACKET_DESCRIPTORS])
{
    size_t count = 0;
    if (!message->msg_control)
        return 0;
    for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head; head = CMSG_NXTHDR(message, head)) {
        if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS)
            continue;
        size_t size = head->cmsg_len - CMSG_LEN(0);
        memcpy(all + count, CMSG_DATA(head), size);
        count += size / sizeof(int);
    }
    return count;
}

static cmr_status judge(const struct msghdr *message, ssize_t got, size_t came, size_t max, bool peek)
{
    bool cut = message->msg_flags & MSG_TRUNC && !peek;
    if (got == 0)
        return CMR_ERR_CLOSED;
    if (cut || came > max)
        return CMR_ERR_REJECTED;
    if (peek && max == 0)
        return CMR_OK;
    if (!(message->msg_flags & MSG_CTRUNC))
        return CMR_OK;
    if (came == max)
        return CMR_ERR_REJECTED;
    errno = EMFILE;
    return CMR_ERR_SYSTEM;
}

static ssize_t receive(int socket, struct msghdr *message, bool peek)
{
    const int flags = MSG_DONTWAIT | MSG_NOSIGNAL | MSG_CMSG_CLOEXEC | (peek ? MSG_PEEK : 0);
    ssize_t got;
    do
        got = recvmsg(socket, message, flags);
    while (got < 0 && errno == EINTR);
    return got;
}

cmr_status cmr__packet_receive(int socket, void *buffer, size_t capacity, int *ret_descriptors, size_t max,
                               size_t *ret_count, size_t *ret_size, bool peek)
{
    struct iovec piece = { buffer, capacity };
    struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1 };
    union control control;
    int all[CMR__PACKET_DESCRIPTORS + 1];
    if (max > CMR__PACKET_DESCRIPTORS)
        return CMR_ERR_INVALID_ARGUMENT;
    message.msg_control = max ? &control : NULL;
    message.msg_controllen = max ? CMSG_LEN(max * sizeof(int)) : 0;
    ssize_t got = receive(socket, &message, peek);
    if (got < 0)
        return status_of_errno();
    size_t came = collect(&message, all);
    cmr_status status = judge(&message, got, came, max, peek);
    if (status != CMR_OK) {
        for (size_t i = 0; i < came; i++)
            cmr__close_fd(&all[i]);
        return status;
    }
    for (size_t i = 0; i < came; i++)
        ret_descriptors[i] = all[i];
    *ret_count = came;
    *ret_size = (size_t)got;
    return CMR_OK;
}
