/* SPDX-License-Identifier: MIT
 *
 * The party that status_judge.py puts before readers of JSON and of Prometheus' format. Of each input, as the
 * labels: the status and, when they were taken, the metrics. With --scene NAME: the JSON, and on the lines
 * after it the metrics, of a reloader that was brought to where the scene's name says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "support/fake_kubelet.h"
#include "support/judge_stream.h"

static struct fake_kubelet config, rules;
static cmr_reloader *reloader;

static void must(bool so)
{
    if (!so)
        abort();
}

static void open_config(const cmr_mount_options *mount)
{
    cmr_options options = CMR_OPTIONS_INIT;
    cmr_mount_options named = CMR_MOUNT_OPTIONS_INIT;
    if (mount)
        named = *mount;
    named.name = named.name ? named.name : "config";
    named.check_interval_ms = -1;
    options.mount = &named;
    must(cmr_open(config.dir, &options, &reloader) == CMR_OK);
}

static void add_rules(const char *name)
{
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    mount.name = name;
    mount.check_interval_ms = -1;
    must(cmr_reloader_add_mount(reloader, rules.dir, &mount) == CMR_OK);
}

static void load(void)
{
    must(cmr_reloader_load(reloader, 0) == CMR_OK);
}

static void dispatch(void)
{
    must(cmr_reloader_dispatch(reloader) == CMR_OK);
}

static void write_both(void)
{
    fake_kubelet_write(&config, "a.json", "{}");
    fake_kubelet_write(&rules, "r.json", "{}");
}

/* ---- scenes */

static void opened(void)
{
    open_config(NULL);
}

static void good(void)
{
    write_both();
    open_config(NULL);
    add_rules("rules");
    load();
}

static void rejected(void)
{
    good();
    fake_kubelet_set(&rules, "s.json", "{\"a\": }");
    fake_kubelet_set(&rules, "t.properties", "k = \\u12");
    fake_kubelet_write(&rules, "r.json", "\n[1,");
    dispatch();
}

static void secret(void)
{
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    mount.secret = true;
    fake_kubelet_write(&config, "password", "hunter2");
    open_config(&mount);
    load();
    fake_kubelet_write(&config, "a.env", "hunter3 is no line");
    dispatch();
}

static void odd(void)
{
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    mount.name = "a\"b\\c\nd\te\x7f";
    write_both();
    open_config(&mount);
    add_rules("\xff\xc3\xa9{},= #");
    load();
}

static void kept(void)
{
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    mount.keep_bad_files = true;
    fake_kubelet_write(&config, "a.json", "{}");
    open_config(&mount);
    load();
    fake_kubelet_write(&config, "a.json", "{");
    dispatch();
}

static void directory(void)
{
    char path[192];
    must(mkdir(config.dir, 0755) == 0);
    snprintf(path, sizeof path, "%s/a.json", config.dir);
    FILE *file = fopen(path, "we");
    must(file && fputs("{}", file) >= 0 && fclose(file) == 0);
    open_config(NULL);
    load();
}

static void dead(void)
{
    good();
    fake_kubelet_remove_volume(&rules);
    dispatch();
}

/* More is wrong than a report shows. */
static void flood(void)
{
    char name[32];
    good();
    for (int i = 0; i < 120; i++) {
        snprintf(name, sizeof name, "f%d.json", i);
        fake_kubelet_set(&config, name, "{");
    }
    fake_kubelet_swap(&config);
    dispatch();
}

static void held(void)
{
    good();
    cmr_reloader_hold(reloader);
}

static const struct {
    const char *name;
    void (*play)(void);
} scenes[] = { { "opened", opened }, { "good", good }, { "rejected", rejected },   { "secret", secret },
               { "odd", odd },       { "kept", kept }, { "directory", directory }, { "dead", dead },
               { "flood", flood },   { "held", held } };

static bool play(const char *name)
{
    for (size_t i = 0; i < sizeof scenes / sizeof scenes[0]; i++)
        if (strcmp(scenes[i].name, name) == 0) {
            scenes[i].play();
            return true;
        }
    return false;
}

static void print_status(void)
{
    char *json = NULL, *metrics = NULL;
    must(cmr_reloader_status_json(reloader, &json) == CMR_OK);
    must(cmr_reloader_status_prometheus(reloader, NULL, NULL, &metrics) == CMR_OK);
    fputs(json, stdout);
    fputs(metrics, stdout);
    free(json);
    free(metrics);
}

/* ---- labels */

static bool answer(void *user, const char *raw, size_t length)
{
    char *metrics = NULL;
    (void)user;
    (void)length;
    cmr_status status = cmr_reloader_status_prometheus(reloader, "app:1", raw, &metrics);
    must((status == CMR_OK) == (metrics != NULL));
    judge_write_number((uint32_t)status);
    if (metrics)
        judge_write_text(metrics, (uint32_t)strlen(metrics));
    free(metrics);
    return true;
}

int main(int argc, char **argv)
{
    int status = 0;
    fake_kubelet_open(&config);
    fake_kubelet_open(&rules);
    if (argc == 3 && strcmp(argv[1], "--scene") == 0) {
        status = play(argv[2]) ? 0 : 2;
        if (status == 0)
            print_status();
    } else {
        good();
        status = judge_each_input(answer, NULL);
    }
    cmr_reloader_free(reloader);
    fake_kubelet_close(&config);
    fake_kubelet_close(&rules);
    return status;
}
