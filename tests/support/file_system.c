/* SPDX-License-Identifier: MIT
 *
 * fstatfs is replaced in all that is linked with the tests (ld's --wrap, in tests/CMakeLists.txt). */
#include "support/file_system.h"

#include <stdint.h>
#include <sys/vfs.h>

#define OVERLAY 0x794c7630
#define TMPFS 0x01021994

static long pretended = FILE_SYSTEM_WITH_EVENTS;

int __real_fstatfs(int descriptor, struct statfs *status);
int __wrap_fstatfs(int descriptor, struct statfs *status);

int __wrap_fstatfs(int descriptor, struct statfs *status)
{
    int result = __real_fstatfs(descriptor, status);
    if (result != 0)
        return result;
    if (pretended == FILE_SYSTEM_WITH_EVENTS && (uint32_t)status->f_type == OVERLAY)
        status->f_type = TMPFS;
    else if (pretended > 0)
        status->f_type = pretended;
    return result;
}

void file_system_pretend(long type)
{
    pretended = type;
}
