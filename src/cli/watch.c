/* SPDX-License-Identifier: MIT
 *
 * cmreload watch: follows a mount and prints what a subscriber is told, as it is told.
 *
 * The loop polls three descriptors: the reloader's; a signalfd, so that SIGTERM and SIGINT end it
 * between two dispatches and are never missed; and stdout, whose reader may go away while there is
 * nothing to print, which ends it too. */
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>

#include "cli/reading.h"
#include "cli/typing.h"
#include "cli/util.h"
#include "cli/watch_out.h"

enum {
    OPTION_DEBOUNCE = 1300,
    OPTION_MAX_WAIT,
    OPTION_COUNT,
    OPTION_TIMEOUT,
    OPTION_SETTLE,
};

struct watch {
    struct cli_reading reading;
    struct cli_typing typing;
    struct watch_out out;
    const char *pattern;
    int64_t debounce_ms, max_wait_ms, settle_ms;
    int64_t timeout_ms; /* negative: none */
    uint64_t count;     /* of changes, to end after; 0: never */
    uint64_t delivered;
};

static void free_reloader(cmr_reloader **reloader)
{
    cmr_reloader_free(*reloader);
}

static void on_update(void *user, const cmr_update *update)
{
    struct watch *watch = user;

    watch_out_update(&watch->out, update);
    watch->delivered += cmr_update_count(update);
}

static void on_event(void *user, const cmr_event *event)
{
    struct watch *watch = user;

    if (event->kind == CMR_EVENT_FAILED) /* not what is followed, but why nothing comes */
        cli_fail(CLI_FAILED, "%s: cannot be loaded now: %s; trying again", event->mount, event->message);
    else
        watch_out_event(&watch->out, event);
}

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Until --count is reached, --timeout is over, a signal comes or stdout's reader goes. */
static int follow(struct watch *watch, cmr_reloader *reloader, int signals, const char *dir)
{
    struct pollfd polled[] = { { cmr_reloader_fd(reloader), POLLIN, 0 },
                               { signals, POLLIN, 0 },
                               { STDOUT_FILENO, 0, 0 } };
    int64_t end = watch->timeout_ms < 0 ? -1 : now_ms() + watch->timeout_ms;

    for (;;) {
        cmr_status status = cmr_reloader_dispatch(reloader);
        int64_t left = -1;
        int ready;

        if (status != CMR_OK)
            return cli_fail_status(dir, status);
        if ((watch->count && watch->delivered >= watch->count) || ferror(stdout))
            return CLI_DONE;
        if (end >= 0)
            left = end > now_ms() ? end - now_ms() : 0;
        if (left == 0)
            return watch->count ? CLI_NO : CLI_DONE;
        ready = poll(polled, 3, left > 60000 ? 60000 : (int)left);
        if (ready < 0 && errno != EINTR)
            return cli_fail(CLI_FAILED, "poll: %s", strerror(errno));
        if (ready > 0 && (polled[1].revents || polled[2].revents))
            return CLI_DONE;
    }
}

static cmr_status subscribe(struct watch *watch, cmr_reloader *reloader)
{
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    cmr_status status = cmr_observe(reloader, on_event, watch, NULL, NULL);

    if (status != CMR_OK)
        return status;
    options.type = watch->typing.type;
    options.table = watch->typing.table;
    options.debounce_ms = watch->debounce_ms;
    options.max_wait_ms = watch->max_wait_ms;
    return cmr_subscribe(reloader, watch->pattern, on_update, watch, &options, NULL);
}

static int open_and_follow(struct watch *watch, const struct cli_line *line)
{
    const char *dir = line->operands[0];
    cli_cleanup(cli_free_ptr) char *pattern = cli_join_patterns(line, 1);
    cli_cleanup(cli_close_fd) int signals = -1;
    cli_cleanup(free_reloader) cmr_reloader *reloader = NULL;
    cmr_mount_options mount = cli_reading_mount(&watch->reading);
    cmr_options options = CMR_OPTIONS_INIT;
    cmr_status status;
    sigset_t set;

    if (!pattern)
        return cli_fail(CLI_FAILED, "out of memory");
    watch->pattern = pattern;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals < 0)
        return cli_fail(CLI_FAILED, "signalfd: %s", strerror(errno));
    mount.settle_ms = watch->settle_ms;
    options.mount = &mount;
    status = cmr_open(dir, &options, &reloader);
    if (status == CMR_OK)
        status = subscribe(watch, reloader);
    if (status != CMR_OK)
        return cli_fail_status(dir, status);
    return follow(watch, reloader, signals, dir);
}

static int take_count(struct watch *watch, const struct cli_line *line)
{
    cmr_value value;

    if (cmr_value_parse(optarg, CMR_TYPE_UINT64, NULL, &value) != CMR_OK || value.as.uint64 == 0)
        return cli_usage(line->command, "--count %s: wanted a number, 1 or more", optarg);
    watch->count = value.as.uint64;
    return CLI_DONE;
}

static int take(struct watch *watch, const struct cli_line *line, int option)
{
    switch (option) {
    case OPTION_DEBOUNCE:
        return cli_parse_duration(line, "--debounce", &watch->debounce_ms);
    case OPTION_MAX_WAIT:
        return cli_parse_duration(line, "--max-wait", &watch->max_wait_ms);
    case OPTION_SETTLE:
        return cli_parse_duration(line, "--settle", &watch->settle_ms);
    case OPTION_TIMEOUT:
        return cli_parse_duration(line, "--timeout", &watch->timeout_ms);
    case OPTION_COUNT:
        return take_count(watch, line);
    case CLI_OPTION_TYPE:
    case CLI_OPTION_ENUM:
        return cli_typing_option(&watch->typing, line, option);
    default:
        return cli_reading_option(&watch->reading, line, option);
    }
}

static int check(const struct watch *watch, const struct cli_line *line)
{
    int status = cli_typing_check(&watch->typing, line);

    if (status == CLI_DONE && line->operand_count < 1)
        return cli_usage(line->command, "wanted DIR");
    for (int i = 1; i < line->operand_count && status == CLI_DONE; i++)
        status = cli_check_pattern(line->command, line->operands[i]);
    return status;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {
        { "debounce", required_argument, NULL, OPTION_DEBOUNCE },
        { "max-wait", required_argument, NULL, OPTION_MAX_WAIT },
        { "count", required_argument, NULL, OPTION_COUNT },
        { "timeout", required_argument, NULL, OPTION_TIMEOUT },
        { "settle", required_argument, NULL, OPTION_SETTLE },
        CLI_TYPING_OPTIONS,
        CLI_READING_OPTIONS,
        CLI_SECRET_OPTION,
        CLI_LAST_OPTIONS,
    };
    struct cli_line line = {
        .command = &cli_watch, .argc = argc, .argv = argv, .shorts = "", .options = options
    };
    struct watch watch = { .reading = CLI_READING_INIT, .typing = CLI_TYPING_INIT, .timeout_ms = -1 };
    int option;

    while (cli_next_option(&line, &option))
        cli_settle(&line, take(&watch, &line, option));
    if (!line.ended)
        cli_settle(&line, check(&watch, &line));
    watch.out = (struct watch_out){ watch.reading.json, &watch.typing };
    if (!line.ended)
        line.status = open_and_follow(&watch, &line);
    cli_typing_clear(&watch.typing);
    cli_reading_clear(&watch.reading);
    return line.status;
}

const struct cli_command cli_watch = {
    .name = "watch",
    .summary = "follow a volume, directory or file, and print each change",
    .usage = "DIR [PATTERN...] [--type TYPE] [--debounce D]\n"
             "                      [--max-wait D] [--count N] [--timeout D] [--settle D]",
    .help = "Follows DIR, a volume, a plain directory or a single file, which need not exist\n"
            "yet, and prints a line for each change of a key that a PATTERN matches (of any\n"
            "key, if there is none), for each rejected generation, and for the states of the\n"
            "mount. For instance\n"
            "  cmreload watch /etc/config 'game.properties#lives' --type int64\n"
            "\n" CLI_TYPING_HELP
            "  --debounce D           wait until nothing has changed for so long (500ms, 2s)\n"
            "  --max-wait D           but no longer than this; default: 10 times the debounce\n"
            "  --count N              end once N changes were printed, with their whole batch\n"
            "  --timeout D            end after this time\n"
            "  --settle D             read when it has been quiet for so long; default: 100ms in a\n"
            "                         plain directory, at once in a volume\n" CLI_READING_HELP CLI_SECRET_HELP
            "\n"
            "Lines: ready, added, modified, removed, applied (closes each batch of changes),\n"
            "rejected (its errors follow, indented), state.\n"
            "\n"
            "Exit status: 0 ended by --count, SIGTERM, SIGINT, a closed pipe, or by --timeout\n"
            "without --count; 1 --timeout before --count; 2 wrong usage; 3 cannot follow.\n",
    .run = run,
};
