/* SPDX-License-Identifier: MIT
 *
 * The fixture of tests of processes that share: a kubelet's volume, in which "value" is 1 at first, another
 * volume, and the workers, of which none is started. */
#ifndef CMRELOAD_TESTS_SUPPORT_CREW_H
#define CMRELOAD_TESTS_SUPPORT_CREW_H

#include "support/fake_kubelet.h"
#include "support/workers.h"

struct crew {
    struct fake_kubelet kubelet, other;
    struct workers workers;
};

/* For cmocka: *state is the crew. */
int crew_set_up(void **state);
int crew_tear_down(void **state);

/* So many have loaded; number 0 was the first, and so it publishes. */
struct workers *crew_begin(struct crew *crew, unsigned count);

/* A swap: "value" is that text; a file is bad, in line 3; it is gone, and "value" is that text. */
void crew_write(struct crew *crew, const char *text);
void crew_write_bad(struct crew *crew);
void crew_write_good(struct crew *crew, const char *text);

#endif
