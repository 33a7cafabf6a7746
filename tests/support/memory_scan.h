/* SPDX-License-Identifier: MIT
 *
 * Looks for planted texts in another process's memory, as a core dump would show it, or in a file. A planted
 * text is only known here with each byte flipped, so that nobody holds it by looking for it. */
#ifndef CMRELOAD_TESTS_SUPPORT_MEMORY_SCAN_H
#define CMRELOAD_TESTS_SUPPORT_MEMORY_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define PLANT_SIZE 32
#define PLANT_PIECE 12 /* so many bytes of one in a row are a find */

/* The number-th planted text: letters and digits, and a NUL. */
void plant_make(unsigned number, char ret_text[PLANT_SIZE + 1]);

struct memory_scan {
    size_t looked; /* bytes */
    unsigned long finds;
    char where[160]; /* of the first find */
};

/* Looks for pieces of the first `count` planted texts in all that a stopped child's core dump would hold.
 * False: its memory cannot be read. */
bool memory_scan_process(pid_t process, unsigned count, struct memory_scan *ret_scan);
bool memory_scan_file(const char *path, unsigned count, struct memory_scan *ret_scan);

/* The same in a text. */
bool memory_scan_text(const void *text, size_t size, unsigned count);

#endif
