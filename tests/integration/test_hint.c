/* SPDX-License-Identifier: MIT
 *
 * A subscription that nothing matches, but something nearly, gets a line in the log, once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmreload/cmreload.h"
#include "support/fake_kubelet.h"

struct fixture {
    struct fake_kubelet kubelet;
    cmr_reloader *reloader;
    char warnings[4096];
    int count;
};

static void keep_warnings(void *user, cmr_log_level level, const char *message)
{
    struct fixture *fixture = user;
    size_t length = strlen(fixture->warnings);
    if (level != CMR_LOG_WARN)
        return;
    snprintf(fixture->warnings + length, sizeof fixture->warnings - length, "%s\n", message);
    fixture->count++;
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    cmr_options options = CMR_OPTIONS_INIT;
    if (!fixture)
        return -1;
    *state = fixture;
    fake_kubelet_open(&fixture->kubelet);
    fake_kubelet_set(&fixture->kubelet, "app.yaml", "server:\n  port: 80\n  ports: [1, 2]\n");
    fake_kubelet_set(&fixture->kubelet, "log_level", "info");
    fake_kubelet_swap(&fixture->kubelet);
    options.log = keep_warnings;
    options.log_user = fixture;
    return cmr_open(fixture->kubelet.dir, &options, &fixture->reloader) == CMR_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    cmr_reloader_free(fixture->reloader);
    fake_kubelet_close(&fixture->kubelet);
    free(fixture);
    return 0;
}

static void ignore(void *user, const cmr_update *update)
{
    (void)user, (void)update;
}

static void subscribe(struct fixture *fixture, const char *patterns)
{
    assert_int_equal(CMR_OK, cmr_subscribe(fixture->reloader, patterns, ignore, NULL, NULL, NULL));
}

static void load(struct fixture *fixture)
{
    assert_int_equal(CMR_OK, cmr_reloader_load(fixture->reloader, 0));
}

static void misspelt_keys_are_told_at_the_first_load(void **state)
{
    struct fixture *fixture = *state;
    subscribe(fixture, "app.yaml#sevrer.port");
    subscribe(fixture, "log_levle");
    subscribe(fixture, "app.yaml#server.port");     /* is there */
    subscribe(fixture, "app.yaml#server.ports[*]"); /* no key */
    subscribe(fixture, "app.yaml#tls.certificate"); /* nothing is near */
    assert_string_equal("", fixture->warnings);
    load(fixture);
    assert_string_equal("nothing matches app.yaml#sevrer.port, which is subscribed to; "
                        "did you mean app.yaml#server.port?\n"
                        "nothing matches log_levle, which is subscribed to; did you mean log_level?\n",
                        fixture->warnings);
    fake_kubelet_write(&fixture->kubelet, "log_level", "debug");
    assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
    assert_int_equal(2, fixture->count); /* not again */
}

static void later_ones_are_told_when_they_subscribe(void **state)
{
    struct fixture *fixture = *state;
    load(fixture);
    subscribe(fixture, "app.yml#server.port");
    assert_string_equal("nothing matches app.yml#server.port, which is subscribed to; "
                        "did you mean app.yaml#server.port?\n",
                        fixture->warnings);
}

/* One of several is there: the others are alternatives. */
static void of_several_keys_one_is_enough(void **state)
{
    struct fixture *fixture = *state;
    subscribe(fixture, "loglevel log_level");
    load(fixture);
    assert_string_equal("", fixture->warnings);
}

static void of_very_many_only_some_are_looked_at(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < 10000; i++)
        subscribe(fixture, "log_levels");
    load(fixture);
    assert_in_range(fixture->count, 1, 100);
}

int main(void)
{
#define with_fixture(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        with_fixture(misspelt_keys_are_told_at_the_first_load),
        with_fixture(later_ones_are_told_when_they_subscribe),
        with_fixture(of_several_keys_one_is_enough),
        with_fixture(of_very_many_only_some_are_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
