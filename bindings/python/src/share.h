/* SPDX-License-Identifier: MIT */
#ifndef CMRELOAD_PYTHON_SHARE_H
#define CMRELOAD_PYTHON_SHARE_H

#include "state.h"

extern PyType_Spec share_spec;

#endif
