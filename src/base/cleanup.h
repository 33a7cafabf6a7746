/* SPDX-License-Identifier: MIT
 *
 * The one clean-up idiom: a variable declared with cmr_cleanup(f) is ended by f when it leaves its
 * scope, unless CMR_TAKE moved it out first. */
#ifndef CMRELOAD_BASE_CLEANUP_H
#define CMRELOAD_BASE_CLEANUP_H

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define cmr_cleanup(function) __attribute__((cleanup(function)))

/* The pointer's value; the pointer becomes NULL. */
#define CMR_TAKE(pointer)                                                                                    \
    __extension__({                                                                                          \
        __typeof__(pointer) *cmr_place_ = &(pointer);                                                        \
        __typeof__(pointer) cmr_taken_ = *cmr_place_;                                                        \
        *cmr_place_ = NULL;                                                                                  \
        cmr_taken_;                                                                                          \
    })

#define CMR_TAKE_FD(descriptor)                                                                              \
    __extension__({                                                                                          \
        int *cmr_place_ = &(descriptor);                                                                     \
        int cmr_taken_ = *cmr_place_;                                                                        \
        *cmr_place_ = -1;                                                                                    \
        cmr_taken_;                                                                                          \
    })

/* For cmr_cleanup on a malloc'ed pointer of any type. */
static inline void cmr__free_ptr(void *place)
{
    free(*(void **)place);
}

/* For cmr_cleanup on a descriptor; keeps errno, so that an error path can still report it. */
static inline void cmr__close_fd(int *descriptor)
{
    if (*descriptor >= 0) {
        int error = errno;
        close(*descriptor);
        errno = error;
    }
}

#endif
