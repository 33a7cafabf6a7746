/* SPDX-License-Identifier: MIT
 *
 * What the programs here share: a whole file in memory, and what the heap count says of it. */
#ifndef CMRELOAD_TESTS_BENCH_INPUT_H
#define CMRELOAD_TESTS_BENCH_INPUT_H

#include <stdbool.h>
#include <stddef.h>

/* False, with a word on stderr: it cannot be read. *ret_data is the caller's to free. */
bool bench_read_file(const char *path, char **ret_data, size_t *ret_size);

/* The same with room behind the file for that much more. Ends the program where it cannot be read. */
char *bench_read_with_room(const char *path, size_t room, size_t *ret_size);

/* Begins to count memory, if this program does. */
void bench_begin(void);

/* Prints the peak, what is still held, all allocations, and the program's own: four fields with a tab before
 * each, "-" where this program does not count. */
void bench_print_heap(void);

#endif
