/* SPDX-License-Identifier: MIT
 *
 * A payload is a sorted array: lookups are binary searches, and the order in which files were given is
 * of no consequence (a ConfigMap has none). It never holds a file and a folder of one name, which no
 * file system could show; so "a" is refused where "a/b" is, and the other way round.
 *
 * The rules for keys are those of the API server's validation (IsConfigMapKey), the rules for item
 * paths those of its validateLocalNonReservedPath and of the kubelet's validatePath. */
#include "cli/payload.h"

#include <string.h>

#include "cli/util.h"

#define MAX_KEY 253   /* validation.DNS1123SubdomainMaxLength, which bounds a key too */
#define MAX_PATH 4096 /* the kubelet's maxPathLength */
#define MAX_NAME 255  /* the kubelet's maxFileNameLength */

void payload_clear(struct payload *payload)
{
    for (size_t i = 0; i < payload->count; i++) {
        free(payload->files[i].name);
        free(payload->files[i].data);
    }
    free(payload->files);
    *payload = (struct payload)PAYLOAD_INIT;
}

/* Where the name is, or would stand. */
static size_t locate(const struct payload *payload, const char *name, bool *ret_found)
{
    size_t low = 0, high = payload->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(payload->files[middle].name, name);
        if (order == 0) {
            *ret_found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_found = false;
    return low;
}

/* Whether a folder of the path is a file of the payload, or the path a folder of it. */
static bool conflicts(const struct payload *payload, const char *path)
{
    size_t length = strlen(path), at;
    bool found = false;
    char *folder = malloc(length + 2);

    if (!folder)
        return false; /* the caller runs into the same want */
    memcpy(folder, path, length + 1);
    for (char *slash = strchr(folder, '/'); slash && !found; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        locate(payload, folder, &found);
        *slash = '/';
    }
    memcpy(folder + length, "/", 2);
    if (!found) {
        at = locate(payload, folder, &found);
        found = at < payload->count && strncmp(payload->files[at].name, folder, length + 1) == 0;
    }
    free(folder);
    return found;
}

static char *copy(const void *data, size_t size)
{
    char *bytes = malloc(size + 1);

    if (bytes) {
        if (size)
            memcpy(bytes, data, size);
        bytes[size] = '\0';
    }
    return bytes;
}

static enum payload_status insert(struct payload *payload, size_t at, const char *name, const void *data,
                                  size_t size)
{
    struct payload_file file = { NULL, NULL, size };

    if (payload->count == payload->capacity) {
        size_t capacity = payload->capacity ? 2 * payload->capacity : 16;
        struct payload_file *files = realloc(payload->files, capacity * sizeof(*files));
        if (!files)
            return PAYLOAD_NO_MEMORY;
        payload->files = files;
        payload->capacity = capacity;
    }
    file.name = strdup(name);
    file.data = copy(data, size);
    if (!file.name || !file.data) {
        free(file.name);
        free(file.data);
        return PAYLOAD_NO_MEMORY;
    }
    memmove(payload->files + at + 1, payload->files + at, (payload->count - at) * sizeof(file));
    payload->files[at] = file;
    payload->count++;
    return PAYLOAD_OK;
}

enum payload_status payload_add(struct payload *payload, const char *name, const void *data, size_t size)
{
    bool found;
    size_t at = locate(payload, name, &found);

    if (found || conflicts(payload, name))
        return PAYLOAD_TAKEN;
    return insert(payload, at, name, data, size);
}

enum payload_status payload_set(struct payload *payload, const char *name, const void *data, size_t size)
{
    bool found;
    size_t at = locate(payload, name, &found);
    char *bytes;

    if (!found)
        return payload_add(payload, name, data, size);
    bytes = copy(data, size);
    if (!bytes)
        return PAYLOAD_NO_MEMORY;
    free(payload->files[at].data);
    payload->files[at].data = bytes;
    payload->files[at].size = size;
    return PAYLOAD_OK;
}

bool payload_remove(struct payload *payload, const char *name)
{
    bool found;
    size_t at = locate(payload, name, &found);

    if (!found)
        return false;
    free(payload->files[at].name);
    free(payload->files[at].data);
    payload->count--;
    memmove(payload->files + at, payload->files + at + 1, (payload->count - at) * sizeof(*payload->files));
    return true;
}

enum payload_status payload_add_snapshot(struct payload *payload, const cmr_snapshot *snapshot)
{
    enum payload_status status = PAYLOAD_OK;
    cmr_file file;

    for (size_t i = 0; status == PAYLOAD_OK && cmr_snapshot_file(snapshot, NULL, i, &file) == CMR_OK; i++)
        status = payload_add(payload, file.name, file.data, file.size);
    return status;
}

cmr_file *payload_files(const struct payload *payload)
{
    cmr_file *files = calloc(payload->count + 1, sizeof(*files));

    for (size_t i = 0; files && i < payload->count; i++) {
        const struct payload_file *file = &payload->files[i];
        files[i] = (cmr_file){ .name = file->name, .data = file->data, .size = file->size };
    }
    return files;
}

const struct payload_file *payload_find(const struct payload *payload, const char *name)
{
    bool found;
    size_t at = locate(payload, name, &found);

    return found ? &payload->files[at] : NULL;
}

size_t payload_total(const struct payload *payload)
{
    size_t total = 0;

    for (size_t i = 0; i < payload->count; i++)
        total += payload->files[i].size;
    return total;
}

bool payload_equal(const struct payload *a, const struct payload *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct payload_file *one = &a->files[i], *other = &b->files[i];
        if (one->size != other->size || strcmp(one->name, other->name) != 0 ||
            memcmp(one->data, other->data, one->size) != 0)
            return false;
    }
    return true;
}

enum payload_status payload_merge(struct payload *payload, const struct payload *older)
{
    for (size_t i = 0; i < older->count; i++) {
        const struct payload_file *file = &older->files[i];
        if (payload_add(payload, file->name, file->data, file->size) == PAYLOAD_NO_MEMORY)
            return PAYLOAD_NO_MEMORY;
    }
    return PAYLOAD_OK;
}

/* The path without its empty and "." components, as Go's path.Clean; the caller's to free. */
static char *clean(const char *path)
{
    char *result = malloc(strlen(path) + 1), *end = result;

    while (result && *path) {
        size_t length = strcspn(path, "/");
        if (length && !(length == 1 && path[0] == '.')) {
            if (end != result)
                *end++ = '/';
            memcpy(end, path, length);
            end += length;
        }
        path += length + (path[length] == '/');
    }
    if (result)
        *end = '\0';
    return result;
}

enum payload_status payload_project(struct payload *payload, const struct payload *from, const char *key,
                                    const char *path)
{
    const struct payload_file *file = payload_find(from, key);
    enum payload_status status;
    char *name;

    if (!file)
        return PAYLOAD_ABSENT;
    name = clean(path);
    if (!name)
        return PAYLOAD_NO_MEMORY;
    status = payload_add(payload, name, file->data, file->size);
    free(name);
    return status;
}

const char *payload_key_error(const char *key, size_t length)
{
    static const char allowed[] = "-._abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    if (length == 0)
        return "is empty";
    if (length > MAX_KEY)
        return "has more than 253 characters";
    for (size_t i = 0; i < length; i++) {
        if (key[i] == '\0' || !strchr(allowed, key[i]))
            return "holds more than letters, digits, '-', '_' and '.'";
    }
    if (length == 1 && key[0] == '.')
        return "is '.'";
    if (length >= 2 && key[0] == '.' && key[1] == '.')
        return "begins with '..'";
    return NULL;
}

const char *payload_path_error(const char *path)
{
    bool named = false;

    if (path[0] == '\0')
        return "is empty";
    if (path[0] == '/')
        return "is not relative";
    if (strlen(path) > MAX_PATH)
        return "has more than 4096 bytes";
    if (strncmp(path, "..", 2) == 0)
        return "begins with '..'";
    for (const char *at = path; *at;) {
        size_t length = strcspn(at, "/");
        if (length == 2 && strncmp(at, "..", 2) == 0)
            return "holds '..'";
        if (length > MAX_NAME)
            return "has a component of more than 255 bytes";
        if (length && !(length == 1 && at[0] == '.')) {
            if (!named && strncmp(at, "..", 2) == 0)
                return "begins with '..'";
            named = true;
        }
        at += length + (at[length] == '/');
    }
    return named ? NULL : "names no file";
}
