/* SPDX-License-Identifier: MIT
 *
 * Bindings: variables of the application that follow a key each. With the lock held. */
#ifndef CMRELOAD_ENGINE_BINDING_H
#define CMRELOAD_ENGINE_BINDING_H

#include "engine/candidate.h"
#include "engine/range.h"

struct cmr_binding {
    struct cmr__registration registration; /* first: disposed as such */
    char *text;                            /* the key, as it was given */
    struct cmr__pattern key;
    struct cmr__range range;
    const cmr_enum_item *table;
    bool lenient, required;
    cmr_value otherwise;
    void *variable;
    void (*store)(void *variable, const cmr_value *value);
    cmr_value pending; /* what the variable becomes if the candidate is published */
    bool changes;      /* that is to be stored */
};

/* Checks the candidate against the bindings that were not looked at before; what is wrong goes into the
 * report, what lenient ones put up with into the candidate's remarks. */
void cmr__bindings_check_locked(cmr_reloader *reloader, struct cmr__candidate *candidate);

/* The candidate is published, or dropped. */
void cmr__bindings_store_locked(cmr_reloader *reloader);
void cmr__bindings_forget_locked(cmr_reloader *reloader);

#endif
