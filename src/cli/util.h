/* SPDX-License-Identifier: MIT
 *
 * The clean-up idiom of the tool, which sees nothing of the library but its public header: a variable
 * declared with cli_cleanup(f) is ended by f when it leaves its scope, unless CLI_TAKE moved it out. */
#ifndef CMRELOAD_CLI_UTIL_H
#define CMRELOAD_CLI_UTIL_H

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define cli_cleanup(function) __attribute__((cleanup(function)))

/* The pointer's value; the pointer becomes NULL. */
#define CLI_TAKE(pointer)                                                                                    \
    __extension__({                                                                                          \
        __typeof__(pointer) *cli_place_ = &(pointer);                                                        \
        __typeof__(pointer) cli_taken_ = *cli_place_;                                                        \
        *cli_place_ = NULL;                                                                                  \
        cli_taken_;                                                                                          \
    })

/* For cli_cleanup on a malloc'ed pointer of any type. */
static inline void cli_free_ptr(void *place)
{
    free(*(void **)place);
}

/* The two below keep errno, so that an error path can still report it. */
static inline void cli_close_fd(int *descriptor)
{
    if (*descriptor >= 0) {
        int error = errno;
        close(*descriptor);
        errno = error;
    }
}

static inline void cli_close_dir(DIR **directory)
{
    if (*directory) {
        int error = errno;
        closedir(*directory);
        errno = error;
    }
}

#endif
