/* SPDX-License-Identifier: MIT
 *
 * Reasons have names of their own; what is used up is told apart from what is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "watch/inotify.h"

static const char *name_of(int reason)
{
    return cmr_mount_reason_name((cmr_mount_reason)reason);
}

static void every_reason_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int reason = CMR_REASON_NONE; reason <= CMR_REASON_VALIDATOR; reason++) {
        assert_string_not_equal("", name_of(reason));
        assert_string_not_equal("?", name_of(reason));
        assert_int_equal(strlen(name_of(reason)), strspn(name_of(reason), "abcdefghijklmnopqrstuvwxyz_"));
        for (int other = reason + 1; other <= CMR_REASON_VALIDATOR; other++)
            assert_string_not_equal(name_of(reason), name_of(other));
    }
    assert_string_equal("?", name_of(-1));
    assert_string_equal("?", name_of(CMR_REASON_VALIDATOR + 1));
    assert_string_equal("?", name_of(INT_MAX));
}

static void what_is_used_up_is_told_from_what_is_wrong(void **state)
{
    static const struct {
        int error;
        cmr_mount_reason read, watch;
    } cases[] = {
        { EMFILE, CMR_REASON_DESCRIPTORS, CMR_REASON_DESCRIPTORS },
        { ENFILE, CMR_REASON_DESCRIPTORS, CMR_REASON_DESCRIPTORS },
        { ENOMEM, CMR_REASON_MEMORY, CMR_REASON_MEMORY },
        { EACCES, CMR_REASON_UNREADABLE, CMR_REASON_UNREADABLE },
        { EIO, CMR_REASON_UNREADABLE, CMR_REASON_INOTIFY },
        { ENOSPC, CMR_REASON_UNREADABLE, CMR_REASON_INOTIFY_WATCHES },
        { ENOSYS, CMR_REASON_UNREADABLE, CMR_REASON_INOTIFY },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cmr__cause read = cmr__cause_of_errno(cases[i].error);
        struct cmr__cause watch = cmr__inotify_cause(cases[i].error);
        assert_int_equal(cases[i].read, read.reason);
        assert_int_equal(cases[i].watch, watch.reason);
        assert_in_range(strlen(read.message), 1, 127); /* whole, in a cmr_mount_status */
        assert_in_range(strlen(watch.message), 1, 127);
    }
}

/* Both are EMFILE; of instances the limit is tried in a user namespace (test_polling.c). */
static void no_descriptor_left_is_no_lack_of_instances(void **state)
{
    struct cmr__inotify inotify = CMR__INOTIFY_INIT;
    struct rlimit before, none;
    (void)state;
    assert_int_equal(0, getrlimit(RLIMIT_NOFILE, &before));
    none = before;
    none.rlim_cur = (rlim_t)dup(STDERR_FILENO);
    close((int)none.rlim_cur); /* the lowest that is free */
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &none));
    cmr_status status = cmr__inotify_open(&inotify);
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &before));
    assert_int_equal(CMR_ERR_SYSTEM, status);
    assert_int_equal(CMR_REASON_DESCRIPTORS, inotify.cause.reason);
    assert_int_equal(CMR_OK, cmr__inotify_open(&inotify));
    cmr__inotify_close(&inotify);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_reason_has_a_name_of_its_own),
        cmocka_unit_test(what_is_used_up_is_told_from_what_is_wrong),
        cmocka_unit_test(no_descriptor_left_is_no_lack_of_instances),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
