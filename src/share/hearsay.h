/* SPDX-License-Identifier: MIT
 *
 * The states of mounts, as the consumer's news have them. */
#ifndef CMRELOAD_SHARE_HEARSAY_H
#define CMRELOAD_SHARE_HEARSAY_H

#include "cmreload/cmreload.h"

struct cmr__member;

/* Before the others. CMR_ERR_NO_MEMORY. */
cmr_status cmr__hearsay_prepare(struct cmr__member *member);

/* Gives the mounts the states of the news, if there are any. */
void cmr__hearsay_place(struct cmr__member *member);

/* Tells what of that was not told yet. */
void cmr__hearsay_tell(struct cmr__member *member);

#endif
