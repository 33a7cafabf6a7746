/* SPDX-License-Identifier: MIT
 *
 * A kubelet in a process of its own, which writes one generation after the other until it is stopped, or
 * killed in the middle of one. */
#ifndef CMRELOAD_TESTS_SOAK_WRITER_H
#define CMRELOAD_TESTS_SOAK_WRITER_H

#include <sys/types.h>

#include "soak/pod.h"

struct writer {
    pid_t process;
};

/* It rests for up to pause_us, microseconds, between two of them; 0: it does not. The pod is its own until it
 * ends. */
void writer_start(struct writer *writer, struct pod *pod, unsigned pause_us);

/* After the generation that it is at, or right now. */
void writer_stop(struct writer *writer, struct pod *pod);
void writer_kill(struct writer *writer);

#endif
