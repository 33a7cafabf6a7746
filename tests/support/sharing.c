/* SPDX-License-Identifier: MIT
 *
 * The parts are what cmr_snapshot_from_files makes of files, as those of mounts. */
#include "support/sharing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/snapshot.h"
#include "support/snapshot_of.h"

const char *const sharing_names[SHARING_MOUNTS] = { "app", "none", "other" };
const struct cmr__sealed_info sharing_info = { 7, 1700000000, 1 };
const cmr_boot_source sharing_from[SHARING_MOUNTS] = { CMR_BOOTED_MOUNT, CMR_BOOTED_DEFAULTS,
                                                       CMR_BOOTED_LAST_GOOD };

/* Uses the snapshot up. */
static cmr__part *part_of(cmr_snapshot *snapshot, const char *mount)
{
    cmr__part *part = cmr__part_named(snapshot->parts[0], mount);
    assert_non_null(part);
    cmr_snapshot_unref(snapshot);
    return part;
}

void sharing_make(cmr__part *ret_parts[SHARING_MOUNTS])
{
    cmr_snapshot *nothing = NULL;
    ret_parts[0] =
        part_of(snapshot_of("a.yaml", "a: &x {b: 1, \"c d\": [x, {y: ~}, []]}\nm: {<<: *x, b: two}\n",
                            "b.json", "{\"a\": [1, 2.5, \"x\\u00e9\"], \"b\": null}", "c.properties",
                            "a.b[0]=1\na=\\u00e9\n=\n", "d.ini", "[s]\nk = 1\n", "e.env", "A=1\nB=two\n",
                            "f/level", "info\n", "g", "", NULL),
                "app");
    assert_int_equal(CMR_OK, cmr_snapshot_from_files(NULL, 0, NULL, NULL, &nothing));
    ret_parts[1] = part_of(nothing, "none");
    ret_parts[2] = part_of(snapshot_of("a.yaml", "a: 1\n", NULL), "other");
    ret_parts[0]->kept = 2;
}

void sharing_free(cmr__part *parts[SHARING_MOUNTS])
{
    for (size_t i = 0; i < SHARING_MOUNTS; i++)
        cmr__part_unref(parts[i]);
    memset(parts, 0, SHARING_MOUNTS * sizeof *parts);
}
