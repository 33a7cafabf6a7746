/* SPDX-License-Identifier: MIT
 *
 * Asked one by one, since opening /proc/self/fd would count itself and needs a descriptor to be left. */
#include "support/descriptors.h"

#include <fcntl.h>

size_t descriptors_count(void)
{
    size_t count = 0;
    for (int descriptor = 0; descriptor < 4096; descriptor++)
        count += fcntl(descriptor, F_GETFD) >= 0;
    return count;
}
