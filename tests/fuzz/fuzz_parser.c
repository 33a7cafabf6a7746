/* SPDX-License-Identifier: MIT
 *
 * Calls of the parser in any order and with any names, texts and places, as a script has them (see
 * support/parser_script.h, which requires that a parser that has failed stays so). Whatever an application's
 * function tells, the outcome is that of any other format. */
#include "fuzz/fuzz.h"
#include "support/parser_script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_format(&script_format, data, size);
    return 0;
}
