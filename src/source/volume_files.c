/* SPDX-License-Identifier: MIT
 *
 * What a set of names must be like to be written below a directory, and not beside it. The rules are those
 * of the kubelet's payload (atomic_writer.go, validatePath), but a name is not cleaned: it is refused. */
#include "source/volume_files.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static int by_name(const void *one, const void *two)
{
    return strcmp(((const cmr_file *)one)->name, ((const cmr_file *)two)->name);
}

static const char *component_error(const char *component, size_t length)
{
    if (length == 0)
        return "has an empty component";
    if (length > NAME_MAX)
        return "has a component of more than 255 bytes";
    if (component[0] == '.' && (length == 1 || (length == 2 && component[1] == '.')))
        return "has a component \".\" or \"..\"";
    return NULL;
}

static const char *name_error(const char *name)
{
    const char *error = NULL;
    if (!name || !name[0])
        return "is no name";
    if (strncmp(name, "..", 2) == 0)
        return "begins with \"..\"";
    for (const char *at = name; at && !error;) {
        size_t length = strcspn(at, "/");
        error = component_error(at, length);
        at = at[length] ? at + length + 1 : NULL;
    }
    return error;
}

/* The name against the text with that character behind it, as strcmp would. */
static int compare(const char *name, const char *text, size_t length, char end)
{
    int order = strncmp(name, text, length);
    return order ? order : (int)(unsigned char)name[length] - (int)(unsigned char)end;
}

/* Whether some name is the text and "\0", or begins with it and "/". */
static bool has(const cmr_file *files, size_t count, const char *text, size_t length, char end)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(files[middle].name, text, length, end) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && compare(files[low].name, text, length, end) == 0;
}

static bool has_file_on_the_way(const cmr_file *files, size_t count, const char *name)
{
    for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/'))
        if (has(files, count, name, (size_t)(slash - name), '\0'))
            return true;
    return false;
}

const char *cmr__volume_files_error(cmr_file *files, size_t count, const char **ret_name)
{
    const char *error = NULL;
    for (size_t i = 0; i < count && !error; i++) {
        *ret_name = files[i].name ? files[i].name : "";
        error = name_error(files[i].name);
        if (!error && !files[i].data && files[i].size)
            error = "has a size, and no data";
    }
    if (!error && count)
        qsort(files, count, sizeof *files, by_name);
    for (size_t i = 0; i < count && !error; i++) {
        *ret_name = files[i].name;
        if (i && strcmp(files[i - 1].name, files[i].name) == 0)
            error = "is there twice";
        else if (has_file_on_the_way(files, count, files[i].name))
            error = "is below another file";
    }
    return error;
}

size_t cmr__volume_visible_length(const char *name)
{
    return strcspn(name, "/");
}

bool cmr__volume_files_show(const cmr_file *files, size_t count, const char *name, size_t length)
{
    return has(files, count, name, length, '\0') || has(files, count, name, length, '/');
}
