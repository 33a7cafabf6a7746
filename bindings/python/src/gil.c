/* SPDX-License-Identifier: MIT
 *
 * Who holds the GIL. The library calls back only inside of calls that a Python thread made, on that thread.
 * So each thread remembers for itself that it has let go, and with which thread state, and a callback takes
 * exactly that one back: PyGILState_Ensure would take the main interpreter's, whichever one called. */
#include "gil.h"

#define PY_SSIZE_T_CLEAN
#include <Python.h>

static _Thread_local PyThreadState *suspended;

void gil_release(void)
{
    suspended = PyEval_SaveThread();
}

void gil_retake(void)
{
    PyThreadState *state = suspended;
    suspended = NULL;
    PyEval_RestoreThread(state);
}

bool gil_enter(void)
{
    if (!suspended)
        return false; /* the library logs inside of calls that keep the GIL */
    gil_retake();
    return true;
}

void gil_leave(bool entered)
{
    if (entered)
        gil_release();
}
