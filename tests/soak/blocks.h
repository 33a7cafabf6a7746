/* SPDX-License-Identifier: MIT
 *
 * How many blocks malloc and its kin gave out that were not freed, in a program that blocks.c is linked into.
 */
#ifndef CMRELOAD_TESTS_SOAK_BLOCKS_H
#define CMRELOAD_TESTS_SOAK_BLOCKS_H

long blocks_live(void);

#endif
