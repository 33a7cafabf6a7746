/* SPDX-License-Identifier: MIT
 *
 * Built twice: with BENCH_HEAP for the programs that count memory, without for those whose instructions are
 * counted, which the counting would add to. */
#include "bench/input.h"

#include <stdio.h>
#include <stdlib.h>

#include "bench/heap.h"

static bool read_all(FILE *file, char **ret_data, size_t *ret_size)
{
    long size = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    char *data = size >= 0 ? malloc((size_t)size + 1) : NULL;
    rewind(file);
    if (!data || fread(data, 1, (size_t)size, file) != (size_t)size) {
        free(data);
        return false;
    }
    *ret_data = data;
    *ret_size = (size_t)size;
    return true;
}

bool bench_read_file(const char *path, char **ret_data, size_t *ret_size)
{
    FILE *file = fopen(path, "rbe");
    bool done = file && read_all(file, ret_data, ret_size);
    if (!done)
        perror(path);
    if (file)
        fclose(file);
    return done;
}

char *bench_read_with_room(const char *path, size_t room, size_t *ret_size)
{
    char *data, *wider;
    if (!bench_read_file(path, &data, ret_size))
        exit(1);
    wider = realloc(data, *ret_size + room);
    if (!wider)
        abort();
    return wider;
}

#ifdef BENCH_HEAP
void bench_begin(void)
{
    heap_count_begin();
}

void bench_print_heap(void)
{
    struct heap_count count = heap_count_now();
    printf("\t%zu\t%zu\t%zu\t%zu", count.peak, count.live, count.calls, count.own_calls);
}
#else
void bench_begin(void)
{
}

void bench_print_heap(void)
{
    printf("\t-\t-\t-\t-");
}
#endif
