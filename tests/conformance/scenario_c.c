/* SPDX-License-Identifier: MIT
 *
 * The scenarios' runner in C, against the public header alone; scenarios.txt explains the commands that come
 * on stdin and what is answered. The runners in other languages are of the same shape, so that one can be
 * read beside the other: a command is a function, what is told is printed as it comes, and "." ends each
 * answer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/scenario_print.h"

#define MOST 8            /* subscriptions, and validators, of a scenario */
#define PATIENCE_MS 60000 /* far more than any answer takes */

struct member {
    char name[32], key[128], value[128]; /* the last two of a validator */
    struct scenario_type as;
    bool once, closes;
    cmr_subscription *subscription;
    cmr_validator *validator;
};

static struct {
    cmr_reloader *reloader;
    cmr_snapshot *kept;
    struct member members[MOST];
    unsigned generations, updates; /* told since the command began */
    bool closed;
} run;

/* ---- what is told */

static void on_event(void *user, const cmr_event *event)
{
    static const char *const names[] = { "", "ready", "applied", "rejected", "state", "failed", "shared" };
    (void)user;
    if (event->kind == CMR_EVENT_STATE)
        return;
    run.generations++;
    printf("%s %llu %s\n", names[event->kind], (unsigned long long)event->generation, event->mount);
    scenario_print_report(event->report);
}

static void close_reloader(void)
{
    cmr_reloader *reloader = run.reloader;
    run.reloader = NULL;
    cmr_reloader_free(reloader);
    memset(run.members, 0, sizeof run.members);
}

static void on_update(void *user, const cmr_update *update)
{
    struct member *member = user;
    cmr_snapshot *before = cmr_update_before(update), *after = cmr_update_after(update);
    const cmr_change *change;
    static const char kinds[] = "?+~-";
    char key[512];
    run.updates++;
    printf("update %s %llu %llu\n", member->name, (unsigned long long)cmr_snapshot_generation(before),
           (unsigned long long)cmr_snapshot_generation(after));
    for (size_t i = 0; (change = cmr_update_change(update, i)); i++) {
        snprintf(key, sizeof key, "%s:%s", change->mount, change->key);
        printf("  %c %s", kinds[change->kind], key);
        for (int now = 0; now < 2; now++) {
            const cmr_value *value = now ? change->new_value : change->old_value;
            if (value) {
                fputs(now && change->old_value ? " -> " : " ", stdout);
                scenario_print_as(now ? after : before, key, value, &member->as);
            }
        }
        putchar('\n');
    }
    if (member->once)
        cmr_unsubscribe(member->subscription);
    if (member->closes)
        close_reloader();
}

static cmr_status on_prepare(void *user, cmr_snapshot *candidate, cmr_veto *veto)
{
    struct member *member = user;
    printf("prepare %s\n", member->name);
    if (strcmp(cmr_get_string_or(candidate, member->key, ""), member->value) == 0)
        cmr_veto_reason(veto, member->key, "it is %s", member->value);
    return CMR_OK;
}

static void on_commit(void *user, cmr_snapshot *published)
{
    printf("commit %s %llu\n", ((struct member *)user)->name,
           (unsigned long long)cmr_snapshot_generation(published));
}

static void on_abort(void *user, cmr_snapshot *candidate)
{
    (void)candidate;
    printf("abort %s\n", ((struct member *)user)->name);
}

/* ---- commands: each gets what stands behind its name */

static bool has_flag(const char *flags, const char *flag)
{
    size_t length = strlen(flag);
    for (const char *at = flags; (at = strstr(at, flag)); at += length)
        if ((at == flags || at[-1] == ',') && (at[length] == '\0' || at[length] == ',' || at[length] == '='))
            return true;
    return false;
}

static const char *flag_value(const char *flags, const char *flag)
{
    return has_flag(flags, flag) ? strstr(flags, flag) + strlen(flag) + 1 : NULL;
}

static struct member *find_member(const char *name) /* "": a free one */
{
    for (size_t i = 0; i < MOST; i++)
        if (strcmp(run.members[i].name, name) == 0)
            return &run.members[i];
    abort();
}

/* TYPE, or list/ITEM and map/ITEM, or enum/NAME=NUMBER,... */
static void read_type(const char *word, struct scenario_type *ret_type)
{
    char text[64] = "";
    size_t length = strcspn(word, "/"), count = 0;
    memcpy(text, word, length);
    if (cmr_type_from_name(text, &ret_type->type) != CMR_OK)
        abort();
    if (ret_type->type == CMR_TYPE_ENUM) {
        snprintf(ret_type->table_text, sizeof ret_type->table_text, "%s", word + length + 1);
        for (char *rest = ret_type->table_text, *item; (item = strtok_r(rest, ",", &rest)); count++) {
            char *equals = strchr(item, '=');
            *equals = '\0';
            ret_type->table[count] = (cmr_enum_item){ item, (int)strtol(equals + 1, NULL, 10) };
        }
    } else if (word[length] && cmr_type_from_name(word + length + 1, &ret_type->item) != CMR_OK) {
        abort();
    }
}

static const cmr_enum_item *table_of(const struct scenario_type *type)
{
    return type->type == CMR_TYPE_ENUM ? type->table : NULL;
}

static void say_status(cmr_status status)
{
    if (status != CMR_OK)
        printf("%s\n", scenario_status_name(status));
}

static void mount_options(const char *flags, cmr_mount_options *ret_options)
{
    ret_options->keep_bad_files = has_flag(flags, "keep_bad_files");
    ret_options->optional = has_flag(flags, "optional");
    ret_options->secret = has_flag(flags, "secret");
}

static void do_open(char *rest)
{
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    cmr_options options = CMR_OPTIONS_INIT;
    const char *path = strtok_r(rest, " ", &rest);
    mount_options(rest, &mount);
    options.mount = &mount;
    options.background = has_flag(rest, "background");
    cmr_status status = cmr_open(path, &options, &run.reloader);
    if (status == CMR_OK)
        status = cmr_observe(run.reloader, on_event, NULL, NULL, NULL);
    say_status(status);
}

static void do_mount(char *rest)
{
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    const char *path = strtok_r(rest, " ", &rest);
    mount_options(rest, &mount);
    say_status(cmr_reloader_add_mount(run.reloader, path, &mount));
}

static void do_subscribe(char *rest)
{
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    struct member *member = find_member("");
    const char *name = strtok_r(rest, " ", &rest);
    read_type(strtok_r(rest, " ", &rest), &member->as);
    const char *flags = strtok_r(rest, " ", &rest), *debounce = flag_value(flags, "debounce");
    member->once = has_flag(flags, "once");
    member->closes = has_flag(flags, "close");
    options.type = member->as.type;
    options.item = member->as.item;
    options.table = table_of(&member->as);
    options.initial = has_flag(flags, "initial");
    options.lenient = has_flag(flags, "lenient");
    options.debounce_ms = debounce ? strtol(debounce, NULL, 10) : 0;
    cmr_status status = cmr_subscribe(run.reloader, rest, on_update, member, &options, &member->subscription);
    if (status == CMR_OK)
        snprintf(member->name, sizeof member->name, "%s", name);
    say_status(status);
}

static void do_unsubscribe(char *rest)
{
    struct member *member = find_member(rest);
    cmr_unsubscribe(member->subscription);
    memset(member, 0, sizeof *member);
}

static void do_validate(char *rest)
{
    cmr_validator_options options = CMR_VALIDATOR_OPTIONS_INIT;
    struct member *member = find_member("");
    snprintf(member->name, sizeof member->name, "%s", strtok_r(rest, " ", &rest));
    snprintf(member->key, sizeof member->key, "%s", strtok_r(rest, " ", &rest));
    snprintf(member->value, sizeof member->value, "%s", rest);
    options.name = member->name;
    options.prepare = on_prepare;
    options.commit = on_commit;
    options.abort = on_abort;
    say_status(cmr_validate(run.reloader, &options, member, &member->validator));
}

static void do_unvalidate(char *rest)
{
    struct member *member = find_member(rest);
    cmr_unvalidate(member->validator);
    memset(member, 0, sizeof *member);
}

static void do_load(char *rest)
{
    (void)rest;
    say_status(cmr_reloader_load(run.reloader, PATIENCE_MS));
}

static void do_dispatch(char *rest)
{
    (void)rest;
    say_status(cmr_reloader_dispatch(run.reloader));
}

static void do_wait(char *rest)
{
    const unsigned *awaited = strcmp(rest, "update") == 0 ? &run.updates : &run.generations;
    cmr_status status = CMR_OK;
    while (*awaited == 0 && status == CMR_OK)
        status = cmr_reloader_wait(run.reloader, PATIENCE_MS);
    say_status(status);
}

static void do_hold(char *rest)
{
    (void)rest;
    cmr_reloader_hold(run.reloader);
}

static void do_release(char *rest)
{
    (void)rest;
    cmr_reloader_release(run.reloader);
}

static void get(cmr_snapshot *snapshot, char *rest)
{
    struct scenario_type as = { 0 };
    char text[512];
    cmr_value value;
    read_type(strtok_r(rest, " ", &rest), &as);
    cmr_status status = cmr_get(snapshot, rest, as.type, table_of(&as), &value);
    if (status == CMR_OK)
        scenario_print_as(snapshot, rest, &value, &as);
    else if (cmr_explain(snapshot, rest, as.type, table_of(&as), text, sizeof text))
        printf("%s %s", scenario_status_name(status), text);
    putchar('\n');
}

static void do_get(char *rest)
{
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(run.reloader);
    get(snapshot, rest);
    cmr_snapshot_unref(snapshot);
}

static void do_keep(char *rest)
{
    (void)rest;
    cmr_snapshot_unref(run.kept);
    run.kept = cmr_reloader_ref_snapshot(run.reloader);
}

static void do_kept(char *rest)
{
    get(run.kept, rest);
}

static void do_pairs(char *rest)
{
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(run.reloader);
    cmr_cursor *cursor;
    const cmr_entry *entry;
    cmr_status status = cmr_cursor_new(snapshot, rest, &cursor);
    if (status == CMR_OK) {
        while ((entry = cmr_cursor_next(cursor))) {
            printf("%s:%s ", entry->mount, entry->key);
            scenario_print_value(&entry->value);
            putchar('\n');
        }
        cmr_cursor_free(cursor);
    }
    say_status(status);
    cmr_snapshot_unref(snapshot);
}

static void do_status(char *rest)
{
    cmr_reloader_status status = CMR_RELOADER_STATUS_INIT;
    (void)rest;
    if (cmr_reloader_get_status(run.reloader, &status) != CMR_OK)
        abort();
    printf("generation %llu applied %llu rejected %llu subscriptions %llu held %s\n",
           (unsigned long long)status.generation, (unsigned long long)status.reloads_applied,
           (unsigned long long)status.reloads_rejected, (unsigned long long)status.subscriptions,
           status.held ? "true" : "false");
}

static void do_close(char *rest)
{
    (void)rest;
    close_reloader();
}

static void do_end(char *rest) /* of the scenario */
{
    (void)rest;
    close_reloader();
    cmr_snapshot_unref(run.kept);
    run.kept = NULL;
}

int main(void)
{
    static const struct {
        const char *name;
        void (*run)(char *rest);
    } commands[] = {
        { "open", do_open },           { "mount", do_mount },
        { "subscribe", do_subscribe }, { "unsubscribe", do_unsubscribe },
        { "validate", do_validate },   { "unvalidate", do_unvalidate },
        { "load", do_load },           { "dispatch", do_dispatch },
        { "wait", do_wait },           { "hold", do_hold },
        { "release", do_release },     { "get", do_get },
        { "keep", do_keep },           { "kept", do_kept },
        { "pairs", do_pairs },         { "status", do_status },
        { "close", do_close },         { "end", do_end },
    };
    char line[1024];
    while (fgets(line, sizeof line, stdin)) {
        size_t length = strcspn(line, " \n"), i = 0;
        char *rest = line + length + (line[length] == ' ');
        line[strcspn(line, "\n")] = '\0';
        while (i < sizeof commands / sizeof *commands &&
               (strncmp(line, commands[i].name, length) != 0 || commands[i].name[length] != '\0'))
            i++;
        if (i == sizeof commands / sizeof *commands)
            return 2;
        run.generations = run.updates = 0;
        commands[i].run(rest);
        puts(".");
        fflush(stdout);
    }
    return 0;
}
