/* SPDX-License-Identifier: MIT
 *
 * A volume and workers, for cmocka's tests. */
#include "support/crew.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>

int crew_set_up(void **state)
{
    struct crew *crew = calloc(1, sizeof *crew);
    if (!crew)
        return -1;
    if (access("/dev/shm", W_OK) == 0)
        setenv("TMPDIR", "/dev/shm", 0); /* where a swap takes least time */
    fake_kubelet_open(&crew->kubelet);
    fake_kubelet_open(&crew->other);
    fake_kubelet_write(&crew->kubelet, "value", "1");
    workers_open(&crew->workers, crew->kubelet.dir);
    *state = crew;
    return 0;
}

int crew_tear_down(void **state)
{
    struct crew *crew = *state;
    workers_close(&crew->workers);
    fake_kubelet_close(&crew->kubelet);
    fake_kubelet_close(&crew->other);
    free(crew);
    return 0;
}

struct workers *crew_begin(struct crew *crew, unsigned count)
{
    struct workers *workers = &crew->workers;
    for (unsigned i = 0; i < count; i++)
        worker_begin(workers, i);
    assert_int_equal(0, workers_publisher(workers));
    assert_true(workers_do(workers, worker_told, "ready 1\n"));
    return workers;
}

void crew_write(struct crew *crew, const char *text)
{
    fake_kubelet_write(&crew->kubelet, "value", text);
}

void crew_write_bad(struct crew *crew)
{
    fake_kubelet_write(&crew->kubelet, "bad.yaml", "a: 1\nb: [c\n");
}

void crew_write_good(struct crew *crew, const char *text)
{
    fake_kubelet_remove(&crew->kubelet, "bad.yaml");
    crew_write(crew, text);
}
