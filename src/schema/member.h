/* SPDX-License-Identifier: MIT
 *
 * A value as it lies in a member of the application's struct. */
#ifndef CMRELOAD_SCHEMA_MEMBER_H
#define CMRELOAD_SCHEMA_MEMBER_H

#include "schema/arena.h"
#include "schema/field.h"

/* Sets the member (NULL while counting); a string is copied to the arena. */
void cmr__member_store(const struct cmr__field *field, const cmr_value *value, struct cmr__arena *arena,
                       void *member);

/* The same from the member of another struct. */
void cmr__member_copy(const struct cmr__field *field, const void *from, struct cmr__arena *arena,
                      void *member);

/* Whether the member has that value. */
bool cmr__member_holds(const struct cmr__field *field, const void *member, const cmr_value *value);

#endif
