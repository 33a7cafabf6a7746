/* SPDX-License-Identifier: MIT
 *
 * What the library is told of the file system that tests run on. In a container that is an overlay, which is
 * polled as others may change its lower layers. Tests change things through it, and that makes events: so
 * they pass it off as a tmpfs. */
#ifndef CMRELOAD_TESTS_SUPPORT_FILE_SYSTEM_H
#define CMRELOAD_TESTS_SUPPORT_FILE_SYSTEM_H

enum {
    FILE_SYSTEM_WITH_EVENTS = 0, /* the truth, but of an overlay: how tests begin */
    FILE_SYSTEM_AS_IT_IS = -1,
};

/* One of these, or the number of a file system (statfs(2)). */
void file_system_pretend(long type);

#endif
