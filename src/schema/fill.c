/* SPDX-License-Identifier: MIT
 *
 * Filling a struct, field by field. The same walk is done twice: it counts what will be taken and tells all
 * that is wrong, and only if nothing is, it fills. So hardly anything asks which of the two it is: while
 * counting there is no member to store in, and while filling nothing is left to tell. */
#include "schema/fill.h"

#include "schema/list.h"
#include "schema/target.h"
#include "schema/unknown.h"
#include "schema/value.h"

static void fill_table(struct cmr__filling *filling, const struct cmr__view *view,
                       const struct cmr__table *table, char *now, const char *before);

static void fill_struct(struct cmr__target *target)
{
    const struct cmr__field *field = target->field;
    struct cmr__view map = {
        .page = target->view->page, .absent = true, .around = target->view, .path = field->path
    };
    struct cmr__location place;
    enum cmr__presence presence = cmr__view_map(target->view, field->path, &map, &place);
    if (presence == CMR__ABSENT)
        cmr__target_tell_missing(target);
    else if (presence != CMR__THERE)
        cmr__filling_tell_other(target->filling, presence, CMR_TYPE_MAP, &place);
    fill_table(target->filling, &map, &field->fields, cmr__target_member(target),
               target->before ? target->before + field->is.offset : NULL);
}

static void fill_item(const struct cmr__target *target, const struct cmr__view_item *item, char *now)
{
    struct cmr__view map;
    struct cmr__location place;
    enum cmr__presence presence = cmr__view_item_map(target->view, item, &map, &place);
    if (presence == CMR__THERE)
        fill_table(target->filling, &map, &target->field->fields, now, NULL);
    else
        cmr__filling_tell_other(target->filling, presence, CMR_TYPE_MAP, &place);
}

static void fill_items(const struct cmr__target *target, const struct cmr__view_list *items)
{
    char *structs = cmr__target_take_items(target, items->count);
    cmr__target_check_numbers(target, items);
    cmr__target_check_count(target, items->count);
    for (size_t i = 0; i < items->count && !target->filling->failed; i++)
        fill_item(target, &items->items[i], structs ? structs + i * target->field->is.width : NULL);
    cmr__target_put_items(target, structs, items->count);
}

static void fill_structs(struct cmr__target *target)
{
    struct cmr__view_list items = { 0 };
    struct cmr__location place;
    enum cmr__presence presence = cmr__view_list(target->view, target->field->path, &items, &place);
    if (presence == CMR__ABSENT)
        cmr__target_tell_missing(target);
    else if (presence != CMR__THERE)
        cmr__filling_tell_other(target->filling, presence, CMR_TYPE_LIST, &place);
    if (presence == CMR__THERE) {
        target->place = place;
        fill_items(target, &items);
    }
    cmr__view_list_reset(&items);
}

static void fill_field(struct cmr__target *target)
{
    switch (target->field->is.kind) {
    case CMR_FIELD_KIND_LIST:
        cmr__list_fill(target);
        break;
    case CMR_FIELD_KIND_STRUCT:
        fill_struct(target);
        break;
    case CMR_FIELD_KIND_STRUCTS:
        fill_structs(target);
        break;
    default:
        cmr__value_fill(target);
    }
}

static void fill_table(struct cmr__filling *filling, const struct cmr__view *view,
                       const struct cmr__table *table, char *now, const char *before)
{
    for (size_t i = 0; i < table->count && !filling->failed; i++) {
        struct cmr__target target = {
            .filling = filling, .view = view, .field = &table->all[i], .now = now, .before = before
        };
        fill_field(&target);
    }
    if (!filling->failed && !view->absent)
        cmr__unknown_tell(filling, view, table);
}

/* Each field has a whole key, and a file of its own. */
static void fill_whole_keys(struct cmr__filling *filling, char *now, const char *before)
{
    const struct cmr__table *table = &filling->schema->fields;
    for (size_t i = 0; i < table->count && !filling->failed; i++) {
        struct cmr__view file = cmr__filling_file(filling, table->all[i].path);
        struct cmr__target target = {
            .filling = filling, .view = &file, .field = &table->all[i], .now = now, .before = before
        };
        if (!filling->failed)
            fill_field(&target);
    }
}

void cmr__fill(struct cmr__filling *filling, char *now, const char *before)
{
    const struct cmr__schema *schema = filling->schema;
    if (!schema->path) {
        fill_whole_keys(filling, now, before);
        return;
    }
    struct cmr__view view = cmr__filling_map(filling, schema->path);
    if (!filling->failed)
        fill_table(filling, &view, &schema->fields, now, before);
}
