/* SPDX-License-Identifier: MIT
 *
 * Scalars. An integer that is beyond all integers is out of its field's bounds like any other, so it is told
 * like any other. */
#include "schema/value.h"

#include "schema/bounds.h"
#include "schema/member.h"

static cmr_status convert(const struct cmr__field *field, const struct cmr__location *place,
                          const struct cmr__scalar *written, cmr_value *ret_value)
{
    if (written)
        return cmr__field_convert(field, written->text, written->length, ret_value);
    return cmr__location_value(place, field->is.type, field->is.table, ret_value);
}

static void explain_integer(const struct cmr__field *field, const struct cmr__location *place,
                            const struct cmr__scalar *written, char *why, size_t size)
{
    cmr_value own = { .text = "" };
    if (written) {
        cmr__bounds_explain(field, written->text, written->length, why, size);
        return;
    }
    cmr__location_value(place, CMR_TYPE_ANY, NULL, &own);
    cmr__bounds_explain(field, own.text, own.length, why, size);
}

cmr_status cmr__value_read(const struct cmr__field *field, const struct cmr__location *place,
                           const struct cmr__scalar *written, cmr_value *ret_value, char *ret_why,
                           size_t size)
{
    bool integer = field->is.type == CMR_TYPE_INT64 || field->is.type == CMR_TYPE_UINT64;
    cmr_status status = convert(field, place, written, ret_value);
    if (status == CMR_OK)
        return cmr__bounds_hold(field, ret_value, ret_why, size) ? CMR_OK : CMR_ERR_RANGE;
    if (status == CMR_ERR_RANGE && integer)
        explain_integer(field, place, written, ret_why, size);
    else if (written)
        cmr__convert_explain(written, field->is.type, field->is.table, ret_why, size);
    else
        cmr__location_explain(place, field->is.type, field->is.table, ret_why, size);
    return status;
}

static void store(const struct cmr__target *target, const cmr_value *value)
{
    const struct cmr__field *field = target->field;
    struct cmr__arena *arena = &target->filling->arena;
    if (!cmr__target_keeps(target)) {
        cmr__member_store(field, value, arena, cmr__target_member(target));
        return;
    }
    if (!cmr__member_holds(field, target->before + field->is.offset, value))
        cmr__target_tell_kept(target, value);
    cmr__member_copy(field, target->before + field->is.offset, arena, cmr__target_member(target));
}

void cmr__value_fill(struct cmr__target *target)
{
    const struct cmr__field *field = target->field;
    cmr_value value = field->otherwise;
    struct cmr__location place;
    char why[500];
    enum cmr__presence presence = cmr__view_find(target->view, field->path, &place);
    cmr_status status = CMR_OK;
    if (presence == CMR__THERE) {
        target->place = place;
        status = cmr__value_read(field, &place, NULL, &value, why, sizeof why);
    } else if (presence == CMR__ABSENT) {
        cmr__target_tell_missing(target);
    } else {
        cmr__filling_tell_other(target->filling, presence, CMR_TYPE_MAP, &place);
    }
    if (status == CMR_OK)
        store(target, &value);
    else
        cmr__target_tell(target, target->filling->report, status, why);
}
