/* SPDX-License-Identifier: MIT
 *
 * cmreload doctor: why changes do not arrive, or why they do. What is asked is the library's to find out;
 * here it is printed. The exit status answers one question: would a program that follows this path get its
 * contents and their changes? */
#include "cli/json_out.h"
#include "cli/reading.h"
#include "cli/util.h"

static void free_examination(cmr_examination **examination)
{
    cmr_examination_free(*examination);
}

static void print_finding(const cmr_finding *finding, bool json)
{
    const char *level = cmr_finding_level_name(finding->level);

    if (!json) {
        printf("%-8s %s: %s\n", level, finding->subject, finding->message);
        if (finding->advice[0])
            printf("%-8s %s\n", "", finding->advice);
        return;
    }
    json_begin("finding");
    json_text("level", level);
    json_text("subject", finding->subject);
    json_text("message", finding->message);
    json_text("advice", finding->advice);
    json_end();
}

static const char *say(const cmr_verdict *verdict)
{
    switch (verdict->follow) {
    case CMR_FOLLOW_EVENTS:
        return "changes arrive at once, by events";
    case CMR_FOLLOW_POLLING:
        return "changes arrive by polling";
    case CMR_FOLLOW_NEVER:
        return "no change will ever arrive";
    default:
        return "nothing can be followed yet, it is waited for";
    }
}

static void print_verdict(const cmr_verdict *verdict, bool json)
{
    if (!json) {
        printf("\n%s%s%s%s\n", say(verdict), verdict->message[0] ? ": " : "", verdict->message,
               verdict->loads || verdict->follow == CMR_FOLLOW_WAITING ? ""
                                                                       : "; what is there cannot be loaded");
        return;
    }
    json_begin("verdict");
    json_text("follow", cmr_follow_mode_name(verdict->follow));
    json_bool("loads", verdict->loads);
    json_text("kind", cmr_mount_kind_name(verdict->kind));
    json_text("reason", cmr_mount_reason_name(verdict->reason));
    json_text("message", verdict->message);
    json_end();
}

static int examine(const struct cli_reading *reading, const char *path)
{
    cli_cleanup(free_examination) cmr_examination *examination = NULL;
    cmr_mount_options mount = cli_reading_mount(reading);
    cmr_status status = cmr_examine(path, &mount, &examination);
    const cmr_verdict *verdict;

    if (status != CMR_OK)
        return cli_fail_status(path, status);
    for (size_t i = 0; i < cmr_examination_count(examination); i++)
        print_finding(cmr_examination_get(examination, i), reading->json);
    verdict = cmr_examination_verdict(examination);
    print_verdict(verdict, reading->json);
    return verdict->loads && verdict->follow != CMR_FOLLOW_NEVER ? CLI_DONE : CLI_NO;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = { CLI_READING_OPTIONS, CLI_SECRET_OPTION, CLI_LAST_OPTIONS };
    struct cli_line line = {
        .command = &cli_doctor, .argc = argc, .argv = argv, .shorts = "", .options = options
    };
    struct cli_reading reading = CLI_READING_INIT;
    int option;

    while (cli_next_option(&line, &option))
        cli_settle(&line, cli_reading_option(&reading, &line, option));
    if (!line.ended && (line.operand_count != 1 || !line.operands[0][0]))
        cli_settle(&line, cli_usage(line.command, "wanted PATH, one"));
    if (!line.ended)
        line.status = examine(&reading, line.operands[0]);
    cli_reading_clear(&reading);
    return line.status;
}

const struct cli_command cli_doctor = {
    .name = "doctor",
    .summary = "tell whether a path can be followed, and if not, why",
    .usage = "PATH [--format GLOB=FORMAT...] [--secret] [--json]",
    .help = "Examines what is mounted at PATH as a program would follow it: what it is, how its\n"
            "changes arrive, what is in the way, and what to do about it. Run it where the\n"
            "program runs, as its user:\n"
            "  kubectl exec POD -- cmreload doctor /etc/config\n"
            "Levels: ok; note, good to know; warning, changes arrive later, or others miss\n"
            "something; problem, why nothing arrives or can be loaded.\n"
            "\n" CLI_READING_HELP "  --secret               quote nothing of what is wrong with a file\n"
            "\n"
            "Exit status: 0 it can be followed; 1 it cannot (changes never arrive, there is\n"
            "nothing, or it cannot be loaded); 2 wrong usage; 3 it could not be examined.\n",
    .run = run,
};
