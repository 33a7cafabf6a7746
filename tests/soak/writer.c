/* SPDX-License-Identifier: MIT
 *
 * The child gets a range of numbers, as nobody can tell how far it came when it is killed. */
#include "soak/writer.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "soak/chance.h"

#define MOST 10000 /* generations */

static void write_on(struct pod *pod, unsigned pause_us)
{
    struct chance chance = { pod->number };
    for (unsigned i = 0; i < MOST && !pod->shared->rest; i++) {
        pod_write(pod);
        if (pause_us)
            usleep(chance_below(&chance, pause_us));
    }
}

void writer_start(struct writer *writer, struct pod *pod, unsigned pause_us)
{
    pod->shared->rest = false;
    fflush(NULL);
    writer->process = fork();
    if (writer->process == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        write_on(pod, pause_us);
        _exit(0);
    }
    pod->number += MOST;
    pod->is_whole = false;
}

static int await(struct writer *writer)
{
    int status = -1;
    while (waitpid(writer->process, &status, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

void writer_stop(struct writer *writer, struct pod *pod)
{
    pod->shared->rest = true;
    if (await(writer) == 0)
        return;
    fprintf(stderr, "soak: a process that writes failed\n");
    exit(2);
}

void writer_kill(struct writer *writer)
{
    kill(writer->process, SIGKILL);
    await(writer);
}
