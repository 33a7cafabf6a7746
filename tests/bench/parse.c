/* SPDX-License-Identifier: MIT
 *
 * One cmr_snapshot_from_files of one file, under the default limits: parse FILE [NAME]. The name (FILE's last
 * component) decides the format. Prints, divided by tabs: "read" or "refused" (or another status in words),
 * the number of diagnostics, the heap's figures, and the first diagnostic as FILE:LINE:COLUMN: MESSAGE, or
 * "-". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/input.h"
#include "cmreload/cmreload.h"

/* A report that is full says at its end how many there were besides. */
static unsigned long long count_diagnostics(const cmr_report *report)
{
    size_t count = cmr_report_count(report);
    const cmr_diagnostic *last = count ? cmr_report_get(report, count - 1) : NULL;
    if (!last || last->file[0] || !strstr(last->message, " more not shown"))
        return count;
    return count - 1 + strtoull(last->message, NULL, 10);
}

static void print_first(const cmr_report *report)
{
    const cmr_diagnostic *first = cmr_report_get(report, 0);
    if (first)
        printf("\t%s:%u:%u: %s\n", first->file, first->line, first->column, first->message);
    else
        puts("\t-");
}

static void print(cmr_status status, const cmr_report *report)
{
    printf("%s\t%llu",
           status == CMR_OK             ? "read"
           : status == CMR_ERR_REJECTED ? "refused"
                                        : cmr_strerror(status),
           count_diagnostics(report));
    bench_print_heap();
    print_first(report);
}

int main(int argc, char **argv)
{
    cmr_file file = { 0 };
    cmr_snapshot *snapshot = NULL;
    cmr_report *report = NULL;
    char *data;
    if (argc < 2 || !bench_read_file(argv[1], &data, &file.size))
        return 2;
    const char *slash = strrchr(argv[1], '/');
    file.name = argc > 2 ? argv[2] : slash ? slash + 1 : argv[1];
    file.data = data;
    bench_begin();
    cmr_status status = cmr_snapshot_from_files(&file, 1, NULL, &report, &snapshot);
    print(status, report);
    cmr_snapshot_unref(snapshot);
    cmr_report_free(report);
    free(data);
    return 0;
}
