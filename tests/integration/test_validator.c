/* SPDX-License-Identifier: MIT
 *
 * Validators: who is asked when, what a veto does and says, what is tried again; and callbacks that end
 * themselves, each other, or the reloader, at each stage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/reloader.h"
#include "support/follower.h"

#define MEMBERS 3

enum stage {
    PREPARE,
    COMMIT,
    ABORT
};

struct fixture;

/* A validator that answers as it is told, and does what `act` says at its stage. */
struct member {
    struct fixture *fixture;
    cmr_validator *validator;
    char name[2];
    cmr_status answer;
    unsigned agains; /* so often CMR_ERR_AGAIN first */
    const char *key; /* of the reason that it gives, NULL: it gives none */
    enum stage stage;
    void (*act)(struct member *member);
    unsigned prepared, settled, destroyed;
};

struct fixture {
    struct follower *follower;
    struct member members[MEMBERS + 1];
    size_t target;
    pid_t child;
    uint64_t candidate; /* the generation that was asked about last */
};

static int set_up(void **state)
{
    return follower_fixture_set_up(state, sizeof(struct fixture));
}

static struct journal *journal(struct fixture *fixture)
{
    return &fixture->follower->journal;
}

static void note(const struct member *member, enum stage stage)
{
    static const char *const words[] = { "prepare", "commit", "abort" };
    char line[32];
    snprintf(line, sizeof line, "%s %s", words[stage], member->name);
    journal_add(journal(member->fixture), line);
    assert_int_equal(0, member->destroyed);
}

static void act(struct member *member, enum stage stage)
{
    if (member->act && member->stage == stage)
        member->act(member);
}

static cmr_status prepare(void *user, cmr_snapshot *candidate, cmr_veto *veto)
{
    struct member *member = user;
    note(member, PREPARE);
    assert_int_equal(member->prepared, member->settled);
    member->fixture->candidate = cmr_snapshot_generation(candidate);
    act(member, PREPARE);
    if (member->key)
        cmr_veto_reason(veto, member->key, "not %s", "so");
    if (member->agains) {
        member->agains--;
        return CMR_ERR_AGAIN;
    }
    errno = EADDRINUSE;
    member->prepared += member->answer == CMR_OK;
    return member->answer;
}

static void commit(void *user, cmr_snapshot *published)
{
    struct member *member = user;
    note(member, COMMIT);
    member->settled++;
    assert_int_equal(member->fixture->candidate, cmr_snapshot_generation(published));
    act(member, COMMIT);
}

static void abort_it(void *user, cmr_snapshot *candidate)
{
    struct member *member = user;
    note(member, ABORT);
    member->settled++;
    assert_int_equal(member->fixture->candidate, cmr_snapshot_generation(candidate));
    act(member, ABORT);
}

static void destroy(void *user)
{
    ((struct member *)user)->destroyed++;
}

static void join(struct fixture *fixture, size_t number)
{
    struct member *member = &fixture->members[number];
    cmr_validator_options options = CMR_VALIDATOR_OPTIONS_INIT;
    *member = (struct member){ .fixture = fixture, .name = { (char)('a' + number), '\0' } };
    options.name = member->name;
    options.prepare = prepare;
    options.commit = commit;
    options.abort = abort_it;
    options.destroy = destroy;
    assert_int_equal(CMR_OK, cmr_validate(fixture->follower->reloader, &options, member, &member->validator));
}

static void open_all(struct fixture *fixture)
{
    follower_open(fixture->follower, fixture->follower->kubelet.dir);
    for (size_t i = 0; i < MEMBERS; i++)
        join(fixture, i);
}

static void hears(struct fixture *fixture, const char *expected)
{
    follower_hears(fixture->follower, expected);
}

static void change(struct fixture *fixture, const char *text)
{
    fake_kubelet_write(&fixture->follower->kubelet, "app.yaml", text);
}

static void load(struct fixture *fixture)
{
    change(fixture, "port: 80\n");
    assert_int_equal(CMR_OK, cmr_reloader_load(fixture->follower->reloader, 0));
    assert_string_equal("prepare a\nprepare b\nprepare c\ncommit a\ncommit b\ncommit c\nready 1\n",
                        journal_take(journal(fixture)));
}

static uint64_t generation(struct fixture *fixture)
{
    return follower_status(fixture->follower).generation;
}

static void assert_all_destroyed_once(const struct fixture *fixture)
{
    for (size_t i = 0; i <= MEMBERS; i++)
        assert_int_equal(fixture->members[i].fixture ? 1 : 0, fixture->members[i].destroyed);
}

/* ---- what they are for */

static void all_agree_before_it_is_published(void **state)
{
    struct fixture *fixture = *state;
    open_all(fixture);
    load(fixture);
    change(fixture, "port: 81\n");
    hears(fixture, "prepare a\nprepare b\nprepare c\ncommit a\ncommit b\ncommit c\n"
                   "applied 2\napp.yaml#port=80>81\n");
    follower_end(fixture->follower);
    assert_all_destroyed_once(fixture);
}

static void the_third_vetoes(void **state)
{
    struct fixture *fixture = *state;
    open_all(fixture);
    load(fixture);
    cmr_snapshot *before = cmr_reloader_ref_snapshot(fixture->follower->reloader);
    fixture->members[2].answer = CMR_ERR_REJECTED;
    fixture->members[2].key = "app.yaml#port";
    change(fixture, "# c\nhost: x\nport: 81\n");
    hears(fixture, "prepare a\nprepare b\nprepare c\nabort b\nabort a\n"
                   "rejected 1 app.yaml:3:1 [app.yaml#port]\n");
    cmr_snapshot *after = cmr_reloader_ref_snapshot(fixture->follower->reloader);
    assert_ptr_equal(before, after);
    cmr_snapshot_unref(after);
    cmr_snapshot_unref(before);
    assert_int_equal(1, generation(fixture));
    assert_int_equal(1, follower_status(fixture->follower).reloads_rejected);
    hears(fixture, ""); /* it waits for the next generation */
    cmr_reloader_check_now(fixture->follower->reloader);
    hears(fixture, "prepare a\nprepare b\nprepare c\nabort b\nabort a\n"); /* asked, but told once */
    fixture->members[2].answer = CMR_OK;
    fixture->members[2].key = NULL;
    change(fixture, "port: 82\n");
    hears(fixture, "prepare a\nprepare b\nprepare c\ncommit a\ncommit b\ncommit c\n"
                   "applied 2\napp.yaml#port=80>82\n");
}

static void bad_values_are_no_matter_for_validators(void **state)
{
    struct fixture *fixture = *state;
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    open_all(fixture);
    load(fixture);
    options.type = CMR_TYPE_INT64;
    assert_int_equal(CMR_OK, cmr_subscribe(fixture->follower->reloader, "app.yaml#port", journal_update,
                                           journal(fixture), &options, NULL));
    change(fixture, "port: x\n");
    hears(fixture, "rejected 1 app.yaml:1:1 [app.yaml#port]\n");
    change(fixture, "port: [\n");
    hears(fixture, "rejected 1 app.yaml:2:1 []\n");
}

/* ---- reasons */

struct told {
    cmr_diagnostic first;
    char message[1200], file[32], key[64], reason[300];
    size_t count;
    cmr_event_kind kind;
    cmr_mount_reason cause;
};

static void keep_told(void *user, const cmr_event *event)
{
    struct told *told = user;
    const cmr_diagnostic *first = cmr_report_get(event->report, 0);
    told->kind = event->kind;
    told->count = cmr_report_count(event->report);
    snprintf(told->reason, sizeof told->reason, "%s", event->message);
    told->cause = event->reason;
    if (!first)
        return;
    told->first = *first;
    snprintf(told->message, sizeof told->message, "%s", first->message);
    snprintf(told->file, sizeof told->file, "%s", first->file);
    snprintf(told->key, sizeof told->key, "%s", first->key);
}

static void diagnosed(struct fixture *fixture, struct told *told, const char *key, cmr_status answer)
{
    static int number;
    char text[32];
    snprintf(text, sizeof text, "port: 9%d\n", number++);
    fixture->members[2].key = key;
    fixture->members[2].answer = answer;
    change(fixture, text);
    *told = (struct told){ .count = 0 };
    follower_dispatch(fixture->follower);
    journal_take(journal(fixture));
}

static void a_diagnostic_names_validator_place_and_key(void **state)
{
    struct fixture *fixture = *state;
    struct told told;
    open_all(fixture);
    load(fixture);
    assert_int_equal(CMR_OK, cmr_observe(fixture->follower->reloader, keep_told, &told, NULL, NULL));
    diagnosed(fixture, &told, "config:app.yaml#port", CMR_ERR_REJECTED);
    assert_int_equal(CMR_EVENT_REJECTED, told.kind);
    assert_int_equal(1, told.count);
    assert_int_equal(CMR_ERR_REJECTED, told.first.status);
    assert_string_equal("c: not so", told.message);
    assert_string_equal("app.yaml", told.file);
    assert_string_equal("config:app.yaml#port", told.key);
    assert_true(told.first.line == 1 && told.first.column == 1);

    diagnosed(fixture, &told, "app.yaml#absent", CMR_ERR_REJECTED);
    assert_string_equal("app.yaml", told.file);
    assert_int_equal(0, told.first.line);
    diagnosed(fixture, &told, "no key", CMR_ERR_REJECTED);
    assert_string_equal("", told.file);
    diagnosed(fixture, &told, NULL, CMR_ERR_REJECTED);
    assert_string_equal("c: vetoed", told.message);
    diagnosed(fixture, &told, NULL, CMR_ERR_RANGE); /* as cmr_get_int64 said, perhaps */
    assert_int_equal(CMR_EVENT_REJECTED, told.kind);
    assert_string_equal("c: the value does not fit into the wanted type", told.message);
    diagnosed(fixture, &told, "app.yaml#port", CMR_OK); /* a reason is a veto */
    assert_int_equal(CMR_EVENT_REJECTED, told.kind);
    fixture->members[2].prepared--;
    assert_int_equal(1, generation(fixture));
}

static cmr_status give_reasons(void *user, cmr_snapshot *candidate, cmr_veto *veto)
{
    char lengthy[2000];
    (void)user, (void)candidate;
    memset(lengthy, 'x', sizeof lengthy - 1);
    lengthy[sizeof lengthy - 1] = '\0';
    cmr_veto_reason(veto, NULL, "\033[2Jall\xff gone");
    cmr_veto_reason(veto, "z", "%s", lengthy);
    cmr_veto_reason(veto, "app.yaml", "%s", "");
    return CMR_ERR_REJECTED;
}

static void reasons_are_made_presentable(void **state)
{
    struct fixture *fixture = *state;
    struct told told;
    cmr_validator_options options = CMR_VALIDATOR_OPTIONS_INIT;
    follower_open(fixture->follower, fixture->follower->kubelet.dir);
    options.name = "v";
    options.prepare = give_reasons;
    assert_int_equal(CMR_OK, cmr_validate(fixture->follower->reloader, &options, NULL, NULL));
    assert_int_equal(CMR_OK, cmr_observe(fixture->follower->reloader, keep_told, &told, NULL, NULL));
    change(fixture, "port: 80\n");
    assert_int_equal(CMR_ERR_REJECTED, cmr_reloader_load(fixture->follower->reloader, 0));
    assert_int_equal(3, told.count);
    assert_string_equal("v: \xef\xbf\xbd[2Jall\xef\xbf\xbd gone", told.message);
    assert_string_equal("rejected 0 :0:0 []\nrejected 0 app.yaml:1:1 [app.yaml]\nrejected 0 z:0:0 [z]\n",
                        journal_take(journal(fixture)));
}

/* What a validator says is the program's own text, and no grammar's. */
static void reasons_are_told_of_a_secret_too(void **state)
{
    struct fixture *fixture = *state;
    struct told told;
    fixture->follower->mount.secret = fixture->follower->mount.leaky_formats = true;
    open_all(fixture);
    load(fixture);
    assert_int_equal(CMR_OK, cmr_observe(fixture->follower->reloader, keep_told, &told, NULL, NULL));
    diagnosed(fixture, &told, "app.yaml#port", CMR_ERR_REJECTED);
    assert_int_equal(CMR_EVENT_REJECTED, told.kind);
    assert_string_equal("c: not so", told.message);
    assert_int_equal(1, told.first.line);
}

/* ---- not now */

static void again_is_tried_again(void **state)
{
    struct fixture *fixture = *state;
    open_all(fixture);
    load(fixture);
    fixture->members[1].agains = 3;
    change(fixture, "port: 81\n");
    hears(fixture, "prepare a\nprepare b\nabort a\nfailed config\n");
    assert_int_equal(1, generation(fixture));
    assert_int_equal(0, follower_status(fixture->follower).reloads_rejected);
    struct cmr__mount *mount = fixture->follower->reloader->mounts[0];
    for (unsigned i = 1; i < 4; i++) { /* each time the reloader has planned another look */
        assert_int_equal(i, mount->failures);
        assert_true(fixture->follower->reloader->loop.deadline <= mount->look_at);
        mount->look_at = 0;
        hears(fixture, i < 3 ? "prepare a\nprepare b\nabort a\n"
                             : "prepare a\nprepare b\nprepare c\ncommit a\ncommit b\ncommit c\n"
                               "applied 2\napp.yaml#port=80>81\n");
    }
    assert_int_equal(0, mount->failures);
    assert_int_equal(3, follower_status(fixture->follower).reloads_failed);
}

static void again_comes_by_itself(void **state)
{
    struct fixture *fixture = *state;
    open_all(fixture);
    fixture->members[2].agains = 2;
    change(fixture, "port: 80\n");
    assert_int_equal(CMR_ERR_AGAIN, cmr_reloader_load(fixture->follower->reloader, 0));
    follower_awaits(fixture->follower,
                    "prepare a\nprepare b\nprepare c\nabort b\nabort a\nfailed config\n"
                    "prepare a\nprepare b\nprepare c\nabort b\nabort a\n"
                    "prepare a\nprepare b\nprepare c\ncommit a\ncommit b\ncommit c\nready 1\n");
}

static void the_event_says_who_wants_more_time(void **state)
{
    static const struct {
        cmr_status answer;
        const char *key, *reason;
    } cases[] = {
        { CMR_ERR_AGAIN, NULL, "c: a validator wants to be asked again" },
        { CMR_ERR_AGAIN, "app.yaml", "c: not so" },
        { CMR_ERR_NO_MEMORY, NULL, "c: out of memory" },
        { CMR_ERR_SYSTEM, NULL, "c: Address already in use" },
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct told told = { .count = 0 };
        open_all(fixture);
        assert_int_equal(CMR_OK, cmr_observe(fixture->follower->reloader, keep_told, &told, NULL, NULL));
        fixture->members[2].answer = cases[i].answer;
        fixture->members[2].key = cases[i].key;
        change(fixture, i % 2 ? "port: 80\n" : "port: 81\n");
        assert_int_equal(cases[i].answer, cmr_reloader_load(fixture->follower->reloader, 0));
        assert_int_equal(CMR_EVENT_FAILED, told.kind);
        assert_string_equal(cases[i].reason, told.reason);
        assert_int_equal(CMR_REASON_VALIDATOR, told.cause);
        cmr_mount_status status = follower_mount_status(fixture->follower);
        assert_int_equal(CMR_REASON_VALIDATOR, status.reason);
        assert_string_equal(cases[i].reason, status.message);
        assert_int_equal(0, told.count);
        follower_end(fixture->follower);
        assert_all_destroyed_once(fixture);
    }
}

/* ---- several mounts */

static void a_candidate_is_of_all_mounts(void **state)
{
    struct fixture *fixture = *state;
    cmr_mount_options other = CMR_MOUNT_OPTIONS_INIT;
    open_all(fixture);
    other.name = "other";
    other.check_interval_ms = -1;
    assert_int_equal(
        CMR_OK, cmr_reloader_add_mount(fixture->follower->reloader, fixture->follower->other.dir, &other));
    fixture->members[2].answer = CMR_ERR_REJECTED;
    fixture->members[2].key = "other:level";
    change(fixture, "port: 80\n");
    hears(fixture, "state other waiting\n"); /* nobody is asked about half of it */
    fake_kubelet_write(&fixture->follower->other, "level", "info");
    follower_awaits(fixture->follower,
                    "state other ready\nprepare a\nprepare b\nprepare c\nabort b\nabort a\n"
                    "rejected 0 level:1:1 [other:level]\n");
    assert_int_equal(0, generation(fixture));
    fixture->members[2].answer = CMR_OK;
    fixture->members[2].key = NULL;
    change(fixture, "port: 81\n"); /* of the one mount; the other's part was kept */
    hears(fixture, "prepare a\nprepare b\nprepare c\ncommit a\ncommit b\ncommit c\nready 1\n");
    follower_has(fixture->follower, "other:level", "info");

    fixture->members[1].answer = CMR_ERR_REJECTED;
    fake_kubelet_write(&fixture->follower->other, "level", "debug");
    hears(fixture, "prepare a\nprepare b\nabort a\nrejected 1 :0:0 []\n");
    fixture->members[1].answer = CMR_OK;
    change(fixture, "port: 82\n"); /* with the other's last good */
    hears(fixture, "prepare a\nprepare b\nprepare c\ncommit a\ncommit b\ncommit c\n"
                   "applied 2\napp.yaml#port=81>82\n");
    follower_has(fixture->follower, "other:level", "info");
}

/* ---- callbacks may do anything */

static void leave(struct member *member)
{
    cmr_unvalidate(member->validator);
    cmr_unvalidate(member->validator); /* still there until the callback returns */
    member->act = NULL;
}

static void they_end_themselves(void **state)
{
    static const char *const expected[][3] = {
        { "prepare a\nprepare b\nprepare c\ncommit b\ncommit c\nready 1\n",
          "prepare a\nprepare b\nprepare c\ncommit a\ncommit c\nready 1\n",
          "prepare a\nprepare b\nprepare c\ncommit a\ncommit b\nready 1\n" },
        { "prepare a\nprepare b\nprepare c\ncommit a\ncommit b\ncommit c\nready 1\n",
          "prepare a\nprepare b\nprepare c\ncommit a\ncommit b\ncommit c\nready 1\n",
          "prepare a\nprepare b\nprepare c\ncommit a\ncommit b\ncommit c\nready 1\n" },
    };
    struct fixture *fixture = *state;
    change(fixture, "port: 80\n");
    for (enum stage stage = PREPARE; stage <= COMMIT; stage++)
        for (size_t who = 0; who < MEMBERS; who++) {
            open_all(fixture);
            fixture->members[who].stage = stage;
            fixture->members[who].act = leave;
            hears(fixture, expected[stage][who]);
            assert_int_equal(1, fixture->members[who].destroyed);
            follower_end(fixture->follower);
            assert_all_destroyed_once(fixture);
        }
}

static void they_end_themselves_in_abort(void **state)
{
    struct fixture *fixture = *state;
    change(fixture, "port: 80\n");
    for (size_t who = 0; who < MEMBERS - 1; who++) {
        open_all(fixture);
        fixture->members[who].stage = ABORT;
        fixture->members[who].act = leave;
        fixture->members[2].answer = CMR_ERR_REJECTED;
        hears(fixture, "prepare a\nprepare b\nprepare c\nabort b\nabort a\nrejected 0 :0:0 []\n");
        assert_int_equal(1, fixture->members[who].destroyed);
        follower_end(fixture->follower);
        assert_all_destroyed_once(fixture);
    }
}

static void end_all(struct member *member)
{
    for (size_t i = 0; i < MEMBERS; i++)
        if (!member->fixture->members[i].destroyed)
            cmr_unvalidate(member->fixture->members[i].validator);
}

static void they_end_each_other(void **state)
{
    static const char *const expected[][3] = {
        { "prepare a\nready 1\n", "prepare a\nprepare b\nready 1\n",
          "prepare a\nprepare b\nprepare c\nready 1\n" },
        { "prepare a\nprepare b\nprepare c\ncommit a\nready 1\n",
          "prepare a\nprepare b\nprepare c\ncommit a\ncommit b\nready 1\n",
          "prepare a\nprepare b\nprepare c\ncommit a\ncommit b\ncommit c\nready 1\n" },
        { "prepare a\nprepare b\nprepare c\nabort b\nabort a\nrejected 0 :0:0 []\n",
          "prepare a\nprepare b\nprepare c\nabort b\nrejected 0 :0:0 []\n", NULL },
    };
    struct fixture *fixture = *state;
    change(fixture, "port: 80\n");
    for (enum stage stage = PREPARE; stage <= ABORT; stage++)
        for (size_t who = 0; who < MEMBERS && expected[stage][who]; who++) {
            open_all(fixture);
            fixture->members[who].stage = stage;
            fixture->members[who].act = end_all;
            fixture->members[2].answer = stage == ABORT ? CMR_ERR_REJECTED : CMR_OK;
            hears(fixture, expected[stage][who]);
            assert_all_destroyed_once(fixture);
            follower_end(fixture->follower);
        }
}

static void free_reloader(struct member *member)
{
    cmr_reloader_free(member->fixture->follower->reloader);
    cmr_unvalidate(member->validator);
    assert_int_equal(0, member->destroyed);
}

static void they_free_the_reloader(void **state)
{
    static const char *const expected[][3] = {
        { "prepare a\n", "prepare a\nprepare b\nabort a\n",
          "prepare a\nprepare b\nprepare c\nabort b\nabort a\n" },
        { "prepare a\nprepare b\nprepare c\ncommit a\ncommit b\ncommit c\n",
          "prepare a\nprepare b\nprepare c\ncommit a\ncommit b\ncommit c\n",
          "prepare a\nprepare b\nprepare c\ncommit a\ncommit b\ncommit c\n" },
        { "prepare a\nprepare b\nprepare c\nabort b\nabort a\n",
          "prepare a\nprepare b\nprepare c\nabort b\nabort a\n", NULL },
    };
    struct fixture *fixture = *state;
    change(fixture, "port: 80\n");
    for (enum stage stage = PREPARE; stage <= ABORT; stage++)
        for (size_t who = 0; who < MEMBERS && expected[stage][who]; who++) {
            open_all(fixture);
            fixture->members[who].stage = stage;
            fixture->members[who].act = free_reloader;
            fixture->members[2].answer = stage == ABORT ? CMR_ERR_REJECTED : CMR_OK;
            assert_int_equal(CMR_ERR_CLOSED, cmr_reloader_dispatch(fixture->follower->reloader));
            fixture->follower->reloader = NULL;
            assert_string_equal(expected[stage][who], journal_take(journal(fixture)));
            assert_all_destroyed_once(fixture);
        }
}

/* A module that ends all that it made when its validator has gone, the reloader's end included. */
struct module {
    cmr_binding *binding;
    cmr_follower *follower;
    cmr_subscription *subscription;
    cmr_observer *observer;
    CMR_ATOMIC(int) port;
};

static void end_module(void *user)
{
    struct module *module = user;
    cmr_unbind(module->binding);
    cmr_unfollow(module->follower);
    cmr_unsubscribe(module->subscription);
    cmr_unobserve(module->observer);
}

struct listener {
    int port;
};

static void make_module(struct fixture *fixture, struct module *module)
{
    static const cmr_field fields[] = { CMR_FIELD_INT(struct listener, port, "port"), CMR_FIELD_END };
    static const cmr_schema schema = CMR_SCHEMA(struct listener, fields);
    cmr_reloader *reloader = fixture->follower->reloader;
    assert_int_equal(CMR_OK,
                     cmr_bind_int(reloader, "app.yaml#port", &module->port, 0, NULL, &module->binding));
    assert_int_equal(CMR_OK, cmr_follow(reloader, "app.yaml", &schema, NULL, &module->follower));
    assert_int_equal(CMR_OK, cmr_subscribe(reloader, "app.yaml#port", journal_update, journal(fixture), NULL,
                                           &module->subscription));
    assert_int_equal(CMR_OK, cmr_observe(reloader, journal_event, journal(fixture), NULL, &module->observer));
}

static void a_destroy_may_end_what_has_ended_with_the_reloader(void **state)
{
    struct fixture *fixture = *state;
    change(fixture, "port: 80\n");
    for (int loaded = 0; loaded < 2; loaded++) {
        struct module module;
        cmr_validator_options options = CMR_VALIDATOR_OPTIONS_INIT;
        follower_open(fixture->follower, fixture->follower->kubelet.dir);
        make_module(fixture, &module);
        options.name = "module";
        options.prepare = give_reasons;
        options.destroy = end_module;
        if (loaded)
            follower_dispatch(fixture->follower);
        assert_int_equal(CMR_OK, cmr_validate(fixture->follower->reloader, &options, &module, NULL));
        follower_end(fixture->follower);
    }
}

static void hold(struct member *member)
{
    cmr_reloader_hold(member->fixture->follower->reloader);
    member->act = NULL;
}

static void they_freeze_the_reloader(void **state)
{
    struct fixture *fixture = *state;
    open_all(fixture);
    load(fixture);
    fixture->members[1].act = hold;
    fixture->members[1].answer = CMR_ERR_REJECTED; /* which does not count any more */
    change(fixture, "port: 81\n");
    hears(fixture, "prepare a\nprepare b\nabort a\n");
    fixture->members[1].answer = CMR_OK;
    fixture->members[2].act = hold;
    hears(fixture, "");
    cmr_reloader_release(fixture->follower->reloader);
    hears(fixture, "prepare a\nprepare b\nprepare c\nabort c\nabort b\nabort a\n");
    cmr_reloader_release(fixture->follower->reloader);
    hears(fixture, "prepare a\nprepare b\nprepare c\ncommit a\ncommit b\ncommit c\n"
                   "applied 2\napp.yaml#port=80>81\n");
}

static void invite(struct member *member)
{
    join(member->fixture, MEMBERS);
    member->fixture->members[MEMBERS].answer = member->agains ? CMR_ERR_REJECTED : CMR_OK;
    member->agains = 0;
    member->act = NULL;
}

static void who_joins_meanwhile_is_asked_too(void **state)
{
    struct fixture *fixture = *state;
    open_all(fixture);
    fixture->members[2].act = invite;
    change(fixture, "port: 80\n");
    hears(fixture, "prepare a\nprepare b\nprepare c\nprepare d\ncommit a\ncommit b\ncommit c\ncommit d\n"
                   "ready 1\n");
    follower_end(fixture->follower);
    open_all(fixture);
    fixture->members[0].act = invite;
    fixture->members[0].agains = 1;
    hears(fixture, "prepare a\nprepare b\nprepare c\nprepare d\nabort c\nabort b\nabort a\n"
                   "rejected 0 :0:0 []\n");
}

static void subscribe(struct member *member)
{
    cmr_subscription_options options = CMR_SUBSCRIPTION_OPTIONS_INIT;
    options.type = CMR_TYPE_INT64;
    assert_int_equal(CMR_OK, cmr_subscribe(member->fixture->follower->reloader, "app.yaml#port",
                                           journal_update, journal(member->fixture), &options, NULL));
    member->act = NULL;
}

static void who_subscribes_meanwhile_has_a_say(void **state)
{
    struct fixture *fixture = *state;
    open_all(fixture);
    load(fixture);
    fixture->members[1].act = subscribe;
    change(fixture, "port: x\n");
    hears(fixture, "prepare a\nprepare b\nprepare c\nabort c\nabort b\nabort a\n"
                   "rejected 1 app.yaml:1:1 [app.yaml#port]\n");
    change(fixture, "port: 81\n");
    hears(fixture, "prepare a\nprepare b\nprepare c\ncommit a\ncommit b\ncommit c\napplied 2\n"
                   "app.yaml#port=80>81\napp.yaml#port=80>81\n");
    fixture->members[1].act = subscribe;
    change(fixture, "port: 82\n"); /* who comes while it is made hears of it as any other */
    hears(fixture, "prepare a\nprepare b\nprepare c\ncommit a\ncommit b\ncommit c\napplied 3\n"
                   "app.yaml#port=81>82\napp.yaml#port=81>82\napp.yaml#port=81>82\n");
}

static void ask_nested(struct member *member)
{
    cmr_reloader *reloader = member->fixture->follower->reloader;
    assert_int_equal(CMR_ERR_BUSY, cmr_reloader_dispatch(reloader));
    assert_int_equal(member->stage == COMMIT ? 1 : 0, generation(member->fixture));
    cmr_mount_status status = follower_mount_status(member->fixture->follower);
    if (member->stage == COMMIT)
        assert_string_equal(status.mounted_target, status.applied_target);
    else
        assert_string_equal("", status.applied_target);
}

static void they_may_ask_how_things_stand(void **state)
{
    struct fixture *fixture = *state;
    change(fixture, "port: 80\n");
    for (enum stage stage = PREPARE; stage <= ABORT; stage++) {
        open_all(fixture);
        fixture->members[1].stage = stage;
        fixture->members[1].act = ask_nested;
        fixture->members[2].answer = stage == ABORT ? CMR_ERR_REJECTED : CMR_OK;
        follower_dispatch(fixture->follower);
        follower_end(fixture->follower);
    }
}

static void fork_here(struct member *member)
{
    member->fixture->child = fork();
    assert_true(member->fixture->child >= 0);
    member->act = NULL;
}

static void in_a_child_that_one_forks_nobody_is_called(void **state)
{
    struct fixture *fixture = *state;
    int status;
    open_all(fixture);
    load(fixture);
    fixture->members[1].act = fork_here;
    change(fixture, "port: 81\n");
    cmr_status dispatched = cmr_reloader_dispatch(fixture->follower->reloader);
    const char *told = journal_take(journal(fixture));
    if (fixture->child == 0) { /* the second has just come back */
        bool right = dispatched == CMR_ERR_FORKED && strcmp(told, "prepare a\nprepare b\n") == 0;
        raise(right ? SIGKILL : SIGTERM); /* what it has allocated is no leak */
    }
    assert_int_equal(CMR_OK, dispatched);
    assert_string_equal("prepare a\nprepare b\nprepare c\ncommit a\ncommit b\ncommit c\n"
                        "applied 2\napp.yaml#port=80>81\n",
                        told);
    assert_int_equal(fixture->child, waitpid(fixture->child, &status, 0));
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* ---- arguments */

static void only_prepare_and_a_name_are_needed(void **state)
{
    struct fixture *fixture = *state;
    cmr_validator_options options = CMR_VALIDATOR_OPTIONS_INIT;
    struct member member = { .fixture = fixture, .name = "m" };
    cmr_validator *validator = NULL;
    follower_open(fixture->follower, fixture->follower->kubelet.dir);
    cmr_reloader *reloader = fixture->follower->reloader;
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_validate(reloader, NULL, NULL, &validator));
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_validate(reloader, &options, NULL, &validator));
    options.prepare = prepare;
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_validate(reloader, &options, NULL, &validator));
    options.name = "";
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_validate(reloader, &options, NULL, &validator));
    options.name = "m";
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_validate(NULL, &options, NULL, &validator));
    options.size = 0;
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_validate(reloader, &options, NULL, &validator));
    assert_null(validator);
    options.size = sizeof options;
    assert_int_equal(CMR_OK, cmr_validate(reloader, &options, &member, NULL));
    cmr_unvalidate(NULL);
    change(fixture, "port: 80\n");
    hears(fixture, "prepare m\nready 1\n");
    change(fixture, "port: 81\n");
    member.settled = member.prepared;
    member.answer = CMR_ERR_REJECTED;
    hears(fixture, "prepare m\nrejected 1 :0:0 []\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, follower_fixture_tear_down)
        TEST(all_agree_before_it_is_published),
        TEST(the_third_vetoes),
        TEST(bad_values_are_no_matter_for_validators),
        TEST(a_diagnostic_names_validator_place_and_key),
        TEST(reasons_are_made_presentable),
        TEST(reasons_are_told_of_a_secret_too),
        TEST(again_is_tried_again),
        TEST(again_comes_by_itself),
        TEST(the_event_says_who_wants_more_time),
        TEST(a_candidate_is_of_all_mounts),
        TEST(they_end_themselves),
        TEST(they_end_themselves_in_abort),
        TEST(they_end_each_other),
        TEST(they_free_the_reloader),
        TEST(a_destroy_may_end_what_has_ended_with_the_reloader),
        TEST(they_freeze_the_reloader),
        TEST(who_joins_meanwhile_is_asked_too),
        TEST(who_subscribes_meanwhile_has_a_say),
        TEST(they_may_ask_how_things_stand),
        TEST(in_a_child_that_one_forks_nobody_is_called),
        TEST(only_prepare_and_a_name_are_needed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
