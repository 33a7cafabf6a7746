/* SPDX-License-Identifier: MIT
 *
 * How many descriptors this process has open. */
#ifndef CMRELOAD_TESTS_SUPPORT_DESCRIPTORS_H
#define CMRELOAD_TESTS_SUPPORT_DESCRIPTORS_H

#include <stddef.h>

size_t descriptors_count(void);

#endif
