/* SPDX-License-Identifier: MIT
 *
 * One format, FUZZ_FORMAT, with whatever must hold for any of them. */
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct cmr__format *format = cmr__format_by_name(FUZZ_FORMAT);
    FUZZ_REQUIRE(format);
    fuzz_format(format, data, size);
    return 0;
}
