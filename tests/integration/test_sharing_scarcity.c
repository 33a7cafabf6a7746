/* SPDX-License-Identifier: MIT
 *
 * Members of a share that run short of descriptors or of the kernel's memory just when one is killed, or a
 * generation published: what is newest is not lost, and they go on by themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/false_publisher.h"
#include "support/follower.h"

/* ---- the shelf */

static int next_descriptor(void)
{
    int descriptor = dup(STDERR_FILENO);
    assert_true(descriptor >= 0);
    close(descriptor);
    return descriptor;
}

/* As for a process that has just got one for the new block. */
static void what_is_on_the_shelf_is_replaced_without_a_descriptor(void **state)
{
    struct rlimit before, none;
    cmr_share *share;
    uint64_t generation = 0;
    int block = false_publisher_block(1, "a.properties", "x=1\n");
    (void)state;
    assert_int_equal(CMR_OK, cmr_share_new(&share));
    assert_int_equal(0, getrlimit(RLIMIT_NOFILE, &before));
    none = before;
    none.rlim_cur = (rlim_t)next_descriptor();
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &none));
    cmr_status status = CMR_OK;
    for (uint64_t i = 1; i <= 1000 && status == CMR_OK; i++)
        status = cmr__shelf_put(&share->shelf, i, block);
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &before));
    assert_int_equal(CMR_OK, status);
    close(block);
    assert_int_equal(CMR_OK, cmr__shelf_look(&share->shelf, &generation, &block));
    assert_int_equal(1000, generation);
    close(block);
    cmr_share_free(share);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_on_the_shelf_is_replaced_without_a_descriptor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
