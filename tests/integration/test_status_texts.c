/* SPDX-License-Identifier: MIT
 *
 * The status as JSON and as metrics: what is refused, in children, and while others ask and one dispatches.
 * status_judge.py reads what they say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/follower.h"

#define SWAPS 60

static cmr_status metrics_of(struct follower *follower, const char *prefix, const char *labels,
                             char **ret_text)
{
    return cmr_reloader_status_prometheus(follower->reloader, prefix, labels, ret_text);
}

static void arguments_are_checked(void **state)
{
    static const char *const bad_prefixes[] = { "", "9a", "a-b", "a b", "a\n", "\xc3\xa9" };
    static const char *const bad_labels[] = { "a",           "a=",        "a=b",       "a=\"b",
                                              "a=\"b\",",    ",a=\"b\"",  "a=\"b\"}",  "a=\"b\" ",
                                              "mount=\"b\"", "__a=\"b\"", "a=\"\\t\"", "a=\"\\" };
    struct follower *follower = *state;
    char *text = (char *)follower;
    fake_kubelet_write(&follower->kubelet, "a.json", "{}");
    follower_load(follower);
    for (size_t i = 0; i < sizeof bad_prefixes / sizeof bad_prefixes[0]; i++)
        assert_int_equal(CMR_ERR_INVALID_ARGUMENT, metrics_of(follower, bad_prefixes[i], NULL, &text));
    for (size_t i = 0; i < sizeof bad_labels / sizeof bad_labels[0]; i++)
        assert_int_equal(CMR_ERR_INVALID_ARGUMENT, metrics_of(follower, NULL, bad_labels[i], &text));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, metrics_of(follower, NULL, NULL, NULL));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_reloader_status_prometheus(NULL, NULL, NULL, &text));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_reloader_status_json(NULL, &text));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_reloader_status_json(follower->reloader, NULL));
    assert_ptr_equal(follower, text);
    assert_int_equal(CMR_OK, metrics_of(follower, ":a", "b=\"\\\\\\\"\\n\"", &text));
    assert_non_null(strstr(text, "\n:a_config_generation{b=\"\\\\\\\"\\n\"} 1\n"));
    free(text);
}

static void a_child_is_refused(void **state)
{
    struct follower *follower = *state;
    int status = -1;
    follower_open(follower, follower->kubelet.dir);
    pid_t child = fork();
    if (child == 0) {
        char *text;
        bool refused = cmr_reloader_status_json(follower->reloader, &text) == CMR_ERR_FORKED;
        refused &= metrics_of(follower, NULL, NULL, &text) == CMR_ERR_FORKED;
        raise(refused ? SIGKILL : SIGTERM); /* what it has allocated is no leak */
    }
    assert_int_equal(child, waitpid(child, &status, 0));
    assert_true(WIFSIGNALED(status));
    assert_int_equal(SIGKILL, WTERMSIG(status));
}

/* ---- others ask while one dispatches */

struct asker {
    struct follower *follower;
    atomic_bool *done;
    atomic_uint rejections;
    unsigned answers, contradictions;
};

static long long number_behind(const char *text, const char *words)
{
    const char *found = strstr(text, words);
    return found ? strtoll(found + strlen(words), NULL, 10) : -1;
}

/* Each generation is applied or rejected, and the first one is followed by one that is bad, and so on. */
static void ask_json(struct asker *asker)
{
    char *text = NULL;
    if (cmr_reloader_status_json(asker->follower->reloader, &text) != CMR_OK)
        return;
    asker->answers++;
    bool rejected = strstr(text, "\"rejected\":true") != NULL;
    asker->rejections += rejected;
    asker->contradictions +=
        rejected != (strstr(text, "\"file\":\"a.json\",\"line\":1,") != NULL) ||
        number_behind(text, "\"generation\":") != number_behind(text, "\"reloads_applied\":");
    free(text);
}

static void ask_metrics(struct asker *asker)
{
    char *text = NULL;
    if (metrics_of(asker->follower, NULL, NULL, &text) != CMR_OK)
        return;
    asker->answers++;
    asker->contradictions += number_behind(text, "\ncmreload_config_generation ") !=
                             number_behind(text, "_reloads_total{result=\"applied\"} ");
    free(text);
}

static void *ask_on(void *user)
{
    struct asker *asker = user;
    while (!*asker->done) {
        cmr_report *report = NULL;
        ask_json(asker);
        ask_metrics(asker);
        if (cmr_reloader_get_report(asker->follower->reloader, NULL, &report) == CMR_OK) {
            asker->contradictions += report && cmr_report_count(report) != 1;
            cmr_report_free(report);
        }
    }
    return NULL;
}

static void all_of_an_answer_is_of_one_moment(void **state)
{
    struct follower *follower = *state;
    atomic_bool done = false;
    struct asker askers[2] = { { .follower = follower, .done = &done },
                               { .follower = follower, .done = &done } };
    pthread_t threads[2];
    fake_kubelet_write(&follower->kubelet, "a.json", "{}");
    follower_load(follower);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(0, pthread_create(&threads[i], NULL, ask_on, &askers[i]));
    for (int i = 1; i <= SWAPS; i++) {
        char text[32];
        snprintf(text, sizeof text, i % 2 ? "{\"a\": %d,}" : "{\"a\": %d}", i);
        fake_kubelet_write(&follower->kubelet, "a.json", text);
        follower_dispatch(follower);
        journal_take(&follower->journal);
        while (i == SWAPS - 1 && askers[0].rejections == 0)
            usleep(100);
    }
    done = true;
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(0, pthread_join(threads[i], NULL));
    assert_int_equal(SWAPS / 2, follower_status(follower).reloads_rejected);
    for (size_t i = 0; i < 2; i++) {
        assert_int_not_equal(0, askers[i].answers);
        assert_int_equal(0, askers[i].contradictions);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, follower_set_up, follower_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(arguments_are_checked),
        TEST(a_child_is_refused),
        TEST(all_of_an_answer_is_of_one_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
