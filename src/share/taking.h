/* SPDX-License-Identifier: MIT
 *
 * Taking over a generation that another process has published. */
#ifndef CMRELOAD_SHARE_TAKING_H
#define CMRELOAD_SHARE_TAKING_H

#include "cmreload/cmreload.h"

struct cmr__member;

/* Publishes the consumer's block. CMR_OK: it is published, refused (which is told, and the consumer knows),
 * or old, and done with. CMR_ERR_BUSY: frozen or freed meanwhile; CMR_ERR_NO_MEMORY, CMR_ERR_SYSTEM: try
 * again. */
cmr_status cmr__take_block(struct cmr__member *member);

#endif
