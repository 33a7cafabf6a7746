/* SPDX-License-Identifier: MIT
 *
 * Names, and the first violation. */
#include "soak/shared.h"

#include <stdarg.h>
#include <stdio.h>

const char *const soak_volume_names[SOAK_VOLUMES] = { "config", "other" };

void soak_violation(struct soak_shared *shared, enum violation kind, const char *format, ...)
{
    va_list arguments;
    shared->violations[kind]++;
    if (atomic_exchange(&shared->violated, true))
        return;
    va_start(arguments, format);
    vsnprintf(shared->violation, sizeof shared->violation, format, arguments);
    va_end(arguments);
}
