/* SPDX-License-Identifier: MIT
 *
 * The library's version, and words for its status numbers.
 *
 * The switch has no default on purpose: the compiler then warns about a status that was added and
 * has no words yet. Numbers that are none fall through to the end, as they can come from a newer
 * library or from a program's mistake.
 */
#include "cmreload/cmreload.h"

#define TEXT_OF(token) #token
#define TEXT(macro) TEXT_OF(macro)

const char *cmr_version(void)
{
    return TEXT(CMR_VERSION_MAJOR) "." TEXT(CMR_VERSION_MINOR) "." TEXT(CMR_VERSION_PATCH);
}

const char *cmr_strerror(cmr_status status)
{
    switch (status) {
    case CMR_OK:
        return "success";
    case CMR_ERR_INVALID_ARGUMENT:
        return "invalid argument";
    case CMR_ERR_NO_MEMORY:
        return "out of memory";
    case CMR_ERR_SYSTEM:
        return "a system call failed";
    case CMR_ERR_NOT_FOUND:
        return "not found";
    case CMR_ERR_TYPE:
        return "the value is not of the wanted type";
    case CMR_ERR_RANGE:
        return "the value does not fit into the wanted type";
    case CMR_ERR_SYNTAX:
        return "syntax error in a file";
    case CMR_ERR_LIMIT:
        return "a limit is exceeded";
    case CMR_ERR_REJECTED:
        return "the mounted generation is rejected";
    case CMR_ERR_BUSY:
        return "busy: dispatching or loaded already";
    case CMR_ERR_TIMEOUT:
        return "timed out";
    case CMR_ERR_INTERRUPTED:
        return "interrupted by a signal";
    case CMR_ERR_CLOSED:
        return "the reloader was freed by a callback";
    case CMR_ERR_FORKED:
        return "not in a forked child, before cmr_reloader_after_fork";
    case CMR_ERR_AGAIN:
        return "a validator wants to be asked again";
    }
    return "unknown status";
}
