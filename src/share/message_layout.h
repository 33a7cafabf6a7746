/* SPDX-License-Identifier: MIT
 *
 * How a message stands in its packet: a magic, the kind, then the members in their order, numbers in this
 * machine's byte order and texts with their NUL. Of a report only the number of diagnostics that it lacks is
 * told, and the receiver's own report adds the closing one. */
#ifndef CMRELOAD_SHARE_MESSAGE_LAYOUT_H
#define CMRELOAD_SHARE_MESSAGE_LAYOUT_H

#include <stdint.h>

#define CMR__MESSAGE_MAGIC 0x314d6d43u /* "CmM1", seen with the right byte order */
#define CMR__MESSAGE_HEAD (2 * sizeof(uint32_t))
#define CMR__NEWS_SIZE (3 * sizeof(uint64_t) + sizeof(uint32_t))           /* without its mounts */
#define CMR__NEWS_MOUNT_SIZE (6 * sizeof(uint32_t) + sizeof(uint64_t) + 2) /* without its texts */
#define CMR__NEWS_REPORT_SIZE (2 * sizeof(uint32_t))                       /* without its diagnostics */
#define CMR__NEWS_DIAGNOSTIC_SIZE (3 * sizeof(uint32_t) + 3)               /* without its texts */

enum {
    CMR__NEWS_REJECTED = 1,
    CMR__NEWS_HAS_REPORT = 2, /* one follows */
};

#endif
