/* SPDX-License-Identifier: MIT */
#ifndef CMRELOAD_PYTHON_GIL_H
#define CMRELOAD_PYTHON_GIL_H

#include <stdbool.h>

/* Around a call of the library that may wait, or call back. */
void gil_release(void);
void gil_retake(void);

/* Around what a callback does with Python. Returns whether it had to take the GIL, for gil_leave. */
bool gil_enter(void);
void gil_leave(bool entered);

#endif
