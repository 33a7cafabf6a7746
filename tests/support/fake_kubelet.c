/* SPDX-License-Identifier: MIT
 *
 * The volume writer with a payload that is kept from one swap to the next. */
#include "support/fake_kubelet.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void check(bool good, const char *what, const char *message)
{
    if (good)
        return;
    fprintf(stderr, "fake_kubelet: %s: %s\n", what, message);
    abort();
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status, (void)type, (void)walk;
    return remove(path) == 0 || errno == ENOENT ? 0 : -1;
}

void fake_kubelet_remove_tree(const char *path)
{
    check(nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT, path,
          "cannot be removed");
}

void fake_kubelet_open(struct fake_kubelet *kubelet)
{
    const char *temporary = getenv("TMPDIR");
    *kubelet = (struct fake_kubelet){ .payload = PAYLOAD_INIT };
    snprintf(kubelet->root, sizeof kubelet->root, "%.70s/cmreload.XXXXXX", temporary ? temporary : "/tmp");
    check(mkdtemp(kubelet->root) != NULL, kubelet->root, strerror(errno));
    snprintf(kubelet->dir, sizeof kubelet->dir, "%s/config", kubelet->root);
}

void fake_kubelet_close(struct fake_kubelet *kubelet)
{
    payload_clear(&kubelet->payload);
    fake_kubelet_remove_tree(kubelet->root);
}

void fake_kubelet_set(struct fake_kubelet *kubelet, const char *name, const char *text)
{
    fake_kubelet_set_bytes(kubelet, name, text, strlen(text));
}

void fake_kubelet_set_bytes(struct fake_kubelet *kubelet, const char *name, const void *data, size_t size)
{
    check(payload_set(&kubelet->payload, name, data, size) == PAYLOAD_OK, name, "cannot be set");
}

void fake_kubelet_remove(struct fake_kubelet *kubelet, const char *name)
{
    check(payload_remove(&kubelet->payload, name), name, "is not there");
}

static cmr_status swap(struct fake_kubelet *kubelet, enum cmr__volume_step stop_after,
                       cmr_volume_result *result)
{
    cmr_file *files = payload_files(&kubelet->payload);
    struct cmr__volume_order order = { .files = files,
                                       .count = kubelet->payload.count,
                                       .stop_after = stop_after };
    check(files != NULL, "swap", "out of memory");
    cmr_status status = cmr__volume_write(kubelet->dir, &order, result);
    int error = errno;
    free(files);
    errno = error;
    return status;
}

void fake_kubelet_swap_until(struct fake_kubelet *kubelet, enum cmr__volume_step stop_after)
{
    cmr_volume_result result;
    cmr_status status = swap(kubelet, stop_after, &result);
    check(status == CMR_OK && result.written, "swap", status == CMR_OK ? "nothing to write" : result.message);
}

bool fake_kubelet_try_swap(struct fake_kubelet *kubelet)
{
    cmr_volume_result result;
    return swap(kubelet, CMR__VOLUME_WHOLE, &result) == CMR_OK;
}

void fake_kubelet_swap(struct fake_kubelet *kubelet)
{
    fake_kubelet_swap_until(kubelet, CMR__VOLUME_WHOLE);
}

void fake_kubelet_write(struct fake_kubelet *kubelet, const char *name, const char *text)
{
    fake_kubelet_set(kubelet, name, text);
    fake_kubelet_swap(kubelet);
}

void fake_kubelet_remove_volume(struct fake_kubelet *kubelet)
{
    fake_kubelet_remove_tree(kubelet->dir);
}

void fake_kubelet_link(struct fake_kubelet *kubelet, const char *target)
{
    char link[160], temporary[160];
    snprintf(link, sizeof link, "%s/..data", kubelet->dir);
    snprintf(temporary, sizeof temporary, "%s/..data_tmp", kubelet->dir);
    check(symlink(target, temporary) == 0 && rename(temporary, link) == 0, link, strerror(errno));
}
