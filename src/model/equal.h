/* SPDX-License-Identifier: MIT
 *
 * Whether two values are equal, as a subscriber of their type means it. */
#ifndef CMRELOAD_MODEL_EQUAL_H
#define CMRELOAD_MODEL_EQUAL_H

#include "cmreload/cmreload.h"

/* Both were read as `type`. Of a type they are compared by value: 10s is 10000ms. As ANY they are by their
 * text, since who asked for no type is told of a change of the text alone. Not for MAP and LIST. */
bool cmr__values_equal(const cmr_value *one, const cmr_value *two, cmr_type type);

#endif
