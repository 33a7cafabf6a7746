/* SPDX-License-Identifier: MIT
 *
 * Globs on file names: * is any text without "/", ** any text, ? one character but "/". Everything
 * else stands for itself. "dir/" followed by ** matches what is in dir. To ? a byte that is not UTF-8
 * is a character, too. The time is polynomial for every glob. */
#ifndef CMRELOAD_BASE_GLOB_H
#define CMRELOAD_BASE_GLOB_H

#include <stdbool.h>
#include <stddef.h>

bool cmr__glob_match(const char *glob, size_t glob_length, const char *text, size_t text_length);

/* The same, but ? stands for itself: keys may hold it, and their patterns know the stars only. */
bool cmr__glob_match_stars(const char *glob, size_t glob_length, const char *text, size_t text_length);

#endif
