/* SPDX-License-Identifier: MIT
 *
 * The Kubernetes handbook's game: its two properties files, followed while the game runs.
 *
 *     game DIRECTORY
 *
 * Each key has the type the game needs: lives is a number, cheating a bool, the look a word of a list. A
 * value of another type is refused with its file and line, and the game goes on with what it had. Colours are
 * whatever begins with "color.", so one pattern follows them all. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

#include <cmreload/cmreload.h>

static volatile sig_atomic_t stopped;

static void stop(int signal_number)
{
    (void)signal_number;
    stopped = 1;
}

enum look {
    PLAIN,
    FAIRLY_NICE,
    VERY_NICE
};

static const cmr_enum_item looks[] = {
    { "plain", PLAIN },
    { "fairlyNice", FAIRLY_NICE },
    { "veryNice", VERY_NICE },
    { NULL, 0 },
};

static void print_value(const cmr_value *value)
{
    switch (value->type) {
    case CMR_TYPE_INT64:
        printf("%" PRId64, value->as.int64);
        break;
    case CMR_TYPE_BOOL:
        printf("%s", value->as.boolean ? "true" : "false");
        break;
    case CMR_TYPE_ENUM:
        printf("%s (number %d)", value->text, value->as.enumeration);
        break;
    case CMR_TYPE_LOG_LEVEL:
        printf("%s", cmr_log_level_name(value->as.level));
        break;
    default:
        printf("%s", value->text);
    }
}

/* user is the type's name, for the printing. */
static void on_change(void *user, const cmr_update *update)
{
    for (size_t i = 0; i < cmr_update_count(update); i++) {
        const cmr_change *change = cmr_update_change(update, i);
        printf("%s (%s): ", change->key, (const char *)user);
        if (change->old_value) {
            print_value(change->old_value);
            printf(" -> ");
        }
        if (change->new_value)
            print_value(change->new_value);
        else
            printf("gone");
        putchar('\n');
    }
    fflush(stdout);
}

static void on_event(void *user, const cmr_event *event)
{
    (void)user;
    if (event->kind == CMR_EVENT_REJECTED)
        printf("refused a bad generation; playing on with generation %" PRIu64 "\n", event->generation);
    fflush(stdout);
}

static cmr_status follow(cmr_reloader *game, const char *pattern, cmr_type type, const cmr_enum_item *table)
{
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    options.type = type;
    options.table = table;
    options.initial = true;
    return cmr_subscribe(game, pattern, on_change, (void *)cmr_type_name(type), &options, NULL);
}

static cmr_status follow_all(cmr_reloader *game)
{
    cmr_status status = follow(game, "game.properties#lives", CMR_TYPE_INT64, NULL);
    if (status == CMR_OK)
        status = follow(game, "game.properties#enemies.cheat game.properties#secret.code.allowed",
                        CMR_TYPE_BOOL, NULL);
    if (status == CMR_OK)
        status = follow(game, "ui.properties#color.*", CMR_TYPE_STRING, NULL);
    if (status == CMR_OK)
        status = follow(game, "ui.properties#how.nice.to.look", CMR_TYPE_ENUM, looks);
    if (status == CMR_OK)
        status = follow(game, "log_level", CMR_TYPE_LOG_LEVEL, NULL);
    if (status == CMR_OK)
        status = cmr_observe(game, on_event, NULL, NULL, NULL);
    return status;
}

int main(int argc, char **argv)
{
    cmr_options options = CMR_OPTIONS_INIT;
    cmr_reloader *game = NULL;
    options.log = cmr_log_stderr;
    if (argc != 2) {
        fprintf(stderr, "usage: game DIRECTORY\n");
        return 2;
    }
    signal(SIGINT, stop);
    signal(SIGTERM, stop);
    cmr_status status = cmr_open(argv[1], &options, &game);
    if (status == CMR_OK)
        status = follow_all(game);
    while (status == CMR_OK && !stopped) {
        status = cmr_reloader_wait(game, 1000);
        if (status == CMR_ERR_TIMEOUT || status == CMR_ERR_INTERRUPTED)
            status = CMR_OK;
    }
    if (status != CMR_OK)
        fprintf(stderr, "game: %s: %s\n", argv[1], cmr_strerror(status));
    cmr_reloader_free(game);
    return status == CMR_OK ? 0 : 1;
}
