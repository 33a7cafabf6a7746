/* SPDX-License-Identifier: MIT
 *
 * Done with the calls alone, so that nothing of the library's own way has a part in it. */
#include "support/sealed_bytes.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static void demand(int condition, const char *what)
{
    if (condition)
        return;
    perror(what);
    abort();
}

int sealed_bytes_make(const void *bytes, size_t size, unsigned seals)
{
    int descriptor = memfd_create("sealed_bytes", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    demand(descriptor >= 0, "memfd_create");
    demand(size == 0 || pwrite(descriptor, bytes, size, 0) == (ssize_t)size, "pwrite");
    demand(seals == 0 || fcntl(descriptor, F_ADD_SEALS, seals) == 0, "F_ADD_SEALS");
    return descriptor;
}

int sealed_bytes(const void *bytes, size_t size)
{
    return sealed_bytes_make(bytes, size, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
}

char *sealed_bytes_read(int descriptor, size_t *ret_size)
{
    struct stat stat;
    demand(fstat(descriptor, &stat) == 0, "fstat");
    char *bytes = malloc((size_t)stat.st_size + 1);
    demand(bytes && pread(descriptor, bytes, (size_t)stat.st_size, 0) == stat.st_size, "pread");
    *ret_size = (size_t)stat.st_size;
    return bytes;
}
