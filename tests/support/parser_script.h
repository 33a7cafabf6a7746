/* SPDX-License-Identifier: MIT
 *
 * A format whose files say, line by line, which calls its parse function makes: for tests of the parser, and
 * for its fuzz target. Names and texts are what stands in the line.
 *
 *     {NAME   [NAME    begin a map, a list               }         end
 *     =NAME=TEXT       a scalar of the type ANY; with these in place of the first = of another type:
 *                      s string, n null, b bool, i int64, u uint64, d double, y bytes, t duration
 *     -TEXT            an item: a scalar without a name; {- and [- begin one without a name
 *     !MESSAGE         an error, at the line
 *     @NUMBER          what follows has that line and column; without a number, its own again
 *     c                from here on names and texts are copies that are gone after the call
 *     rNUMBER          returns that status; at the end of the file, CMR_OK
 *
 * Other lines are passed over. Statuses are not looked at, but for this: once a call has failed, all later
 * ones must return the same, or the program is aborted. */
#ifndef CMRELOAD_TESTS_SUPPORT_PARSER_SCRIPT_H
#define CMRELOAD_TESTS_SUPPORT_PARSER_SCRIPT_H

#include "format/format.h"

cmr_status parser_script(void *user, cmr_parser *parser, const char *data, size_t size);

extern const struct cmr__format script_format; /* "script" */

#endif
