/* SPDX-License-Identifier: MIT
 *
 * Making a share: each call that it takes may fail, and then nothing of it is left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cmreload/cmreload.h"
#include "support/descriptors.h"

static const char *failing; /* the call that fails; NULL: none */
static int error;
static bool strict; /* the kernel gives no file that can be executed */
static int after;   /* so many calls of that name do not */

static bool fails(const char *name)
{
    if (!failing || strcmp(failing, name) != 0 || after-- > 0)
        return false;
    errno = error;
    return true;
}

int __real_memfd_create(const char *name, unsigned flags);
int __wrap_memfd_create(const char *name, unsigned flags);
int __wrap_memfd_create(const char *name, unsigned flags)
{
    errno = EACCES; /* with vm.memfd_noexec=2 */
    return strict && !(flags & 8u) ? -1 : fails("memfd_create") ? -1 : __real_memfd_create(name, flags);
}

int __real_ftruncate(int descriptor, long size);
int __wrap_ftruncate(int descriptor, long size);
int __wrap_ftruncate(int descriptor, long size)
{
    return fails("ftruncate") ? -1 : __real_ftruncate(descriptor, size);
}

int __real_fcntl(int descriptor, int command, ...);
int __wrap_fcntl(int descriptor, int command, ...);
int __wrap_fcntl(int descriptor, int command, ...)
{
    va_list arguments;
    va_start(arguments, command);
    long argument = va_arg(arguments, long);
    va_end(arguments);
    return fails("fcntl") ? -1 : __real_fcntl(descriptor, command, argument);
}

int __real_socketpair(int domain, int type, int protocol, int pair[2]);
int __wrap_socketpair(int domain, int type, int protocol, int pair[2]);
int __wrap_socketpair(int domain, int type, int protocol, int pair[2])
{
    return fails("socketpair") ? -1 : __real_socketpair(domain, type, protocol, pair);
}

static void test_making_one_may_fail(void **state)
{
    static const struct {
        const char *call;
        int error, after;
    } faults[] = {
        { "memfd_create", EMFILE, 0 }, { "ftruncate", ENOSPC, 0 },  { "fcntl", EBUSY, 0 },
        { "socketpair", EMFILE, 0 },   { "socketpair", ENFILE, 1 },
    };
    size_t before = descriptors_count();
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        cmr_share *const untouched = (cmr_share *)(void *)&before;
        cmr_share *share = untouched;
        failing = faults[i].call;
        error = faults[i].error;
        after = faults[i].after;
        cmr_status status = cmr_share_new(&share);
        int errno_then = errno;
        failing = NULL;
        assert_int_equal(CMR_ERR_SYSTEM, status);
        assert_int_equal(faults[i].error, errno_then);
        assert_ptr_equal(untouched, share);
        assert_int_equal(before, descriptors_count());
    }
}

static void test_making_and_freeing(void **state)
{
    size_t before = descriptors_count();
    cmr_share *share = NULL;
    (void)state;
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_share_new(NULL));
    assert_int_equal(CMR_OK, cmr_share_new(&share));
    assert_int_equal(before + 5, descriptors_count());
    cmr_share_free(share);
    cmr_share_free(NULL);
    assert_int_equal(before, descriptors_count());
}

static void test_where_memory_files_cannot_be_executed(void **state)
{
    cmr_share *share = NULL;
    int probe = __real_memfd_create("probe", 8u);
    (void)state;
    if (probe < 0) {
        print_message("SKIP: this kernel knows no MFD_NOEXEC_SEAL, nor the sysctl\n");
        skip();
    }
    close(probe);
    strict = true;
    cmr_status status = cmr_share_new(&share);
    strict = false;
    assert_int_equal(CMR_OK, status);
    cmr_share_free(share);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_making_and_freeing),
        cmocka_unit_test(test_making_one_may_fail),
        cmocka_unit_test(test_where_memory_files_cannot_be_executed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
