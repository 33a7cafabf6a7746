/* SPDX-License-Identifier: MIT
 *
 * Errors that pass: of a kernel in need, an interrupted call, a server that does not answer. What they hide
 * is asked for again. Any other error is an answer, and the same at each time. */
#ifndef CMRELOAD_SOURCE_PASSING_H
#define CMRELOAD_SOURCE_PASSING_H

#include <errno.h>
#include <stdbool.h>

static inline bool cmr__error_passes(int error)
{
    return error == EAGAIN || error == EINTR || error == EIO || error == EMFILE || error == ENFILE ||
           error == ENOMEM || error == ESTALE || error == ETIMEDOUT;
}

#endif
