/* SPDX-License-Identifier: MIT
 *
 * The two are joined, and nothing is resolved: what a link in the path leads to may change. */
#include "source/absolute.h"

#include <errno.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"

cmr_status cmr__absolute_path(const char *path, char **ret_path)
{
    cmr_cleanup(cmr__free_ptr) char *here = path[0] == '/' ? strdup("") : getcwd(NULL, 0);
    if (!here)
        return errno == ENOMEM ? CMR_ERR_NO_MEMORY : CMR_ERR_SYSTEM;
    struct cmr__buffer absolute = CMR__BUFFER_INIT;
    cmr__buffer_printf(&absolute, "%s%s%s", here, here[0] ? "/" : "", path);
    char *text = cmr__buffer_take(&absolute);
    if (!text)
        return CMR_ERR_NO_MEMORY;
    *ret_path = text;
    return CMR_OK;
}
