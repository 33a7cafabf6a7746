/* SPDX-License-Identifier: MIT
 *
 * What an application's parse function tells, on its way to the builder. */
#ifndef CMRELOAD_FORMAT_PARSER_H
#define CMRELOAD_FORMAT_PARSER_H

#include "format/format.h"

/* What `parse` does for a built-in format: calls format->own and looks at how it went. */
void cmr__parser_run(const struct cmr__format *format, struct cmr__builder *builder);

#endif
