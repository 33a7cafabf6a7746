/* SPDX-License-Identifier: MIT
 *
 * By the public call, so that tests see what applications see. */
#include "support/snapshot_of.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

cmr_snapshot *snapshot_of(const char *name, ...)
{
    cmr_file files[16] = { 0 };
    size_t count = 0;
    cmr_snapshot *snapshot = NULL;
    va_list arguments;
    va_start(arguments, name);
    for (; name; name = va_arg(arguments, const char *)) {
        assert_in_range(count, 0, 15);
        files[count].name = name;
        files[count].data = va_arg(arguments, const char *);
        files[count].size = strlen(files[count].data);
        count++;
    }
    va_end(arguments);
    assert_int_equal(CMR_OK, cmr_snapshot_from_files(files, count, NULL, NULL, &snapshot));
    assert_non_null(snapshot);
    return snapshot;
}

cmr_snapshot *snapshot_of_bytes(const char *name, const void *data, size_t size)
{
    cmr_file file = { .name = name, .data = data, .size = size };
    cmr_snapshot *snapshot = NULL;
    assert_int_equal(CMR_OK, cmr_snapshot_from_files(&file, 1, NULL, NULL, &snapshot));
    return snapshot;
}
