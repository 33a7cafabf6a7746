/* SPDX-License-Identifier: MIT
 *
 * Many threads read through readers while the configuration is swapped: structs, keys and strings of one look
 * are of one generation, a bound variable is never behind the snapshot that was seen, and in the end one
 * snapshot is left. $CMRELOAD_SWAPS: how many swaps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/snapshot.h"
#include "support/fake_kubelet.h"

#define READERS 8
#define SWAPS 500
#define MOST_SNAPSHOTS 256

/* ---- counting snapshots: nothing else is a calloc of one such thing */

static struct {
    pthread_mutex_t lock;
    void *alive[MOST_SNAPSHOTS];
    unsigned count, most;
} snapshots = { .lock = PTHREAD_MUTEX_INITIALIZER };

void *__real_calloc(size_t count, size_t size);
void __real_free(void *memory);
void *__wrap_calloc(size_t count, size_t size);
void __wrap_free(void *memory);

static void change_alive(void *from, void *to)
{
    pthread_mutex_lock(&snapshots.lock);
    size_t i = 0;
    while (i < MOST_SNAPSHOTS && snapshots.alive[i] != from)
        i++;
    if (i < MOST_SNAPSHOTS) {
        snapshots.alive[i] = to;
        snapshots.count += to ? 1 : -1u;
    } else if (to) {
        abort();
    }
    snapshots.most = snapshots.count > snapshots.most ? snapshots.count : snapshots.most;
    pthread_mutex_unlock(&snapshots.lock);
}

void *__wrap_calloc(size_t count, size_t size)
{
    void *memory = __real_calloc(count, size);
    if (count == 1 && size >= sizeof(cmr_snapshot) && size <= sizeof(cmr_snapshot) + 64 && memory)
        change_alive(NULL, memory);
    return memory;
}

void __wrap_free(void *memory)
{
    if (memory)
        change_alive(memory, NULL);
    __real_free(memory);
}

/* ---- what is read: five members that belong together */

struct five {
    int64_t one, twice, minus;
    const char *text;
    const int64_t *list;
    size_t count;
};

static const cmr_field fields[] = {
    CMR_FIELD_INT(struct five, one, "one"),
    CMR_FIELD_INT(struct five, twice, "below.twice"),
    CMR_FIELD_INT(struct five, minus, "minus"),
    CMR_FIELD_STRING(struct five, text, "text"),
    CMR_FIELD_LIST(struct five, list, count, "list", INT),
    CMR_FIELD_END,
};
static const cmr_schema schema = CMR_SCHEMA(struct five, fields, .unknown = CMR_UNKNOWN_REFUSE);

struct fixture {
    struct fake_kubelet kubelet;
    cmr_reloader *reloader;
    cmr_follower *follower;
    CMR_ATOMIC(int64_t) bound;
    atomic_bool done;
    atomic_ulong looks, moves;
};

static void write_generation(struct fixture *fixture, int64_t number)
{
    char text[256];
    snprintf(text, sizeof text,
             "one: %lld\nbelow: {twice: %lld}\nminus: %lld\ntext: n%lld\nlist: [%lld, %lld]\n",
             (long long)number, (long long)number * 2, -(long long)number, (long long)number,
             (long long)number, (long long)number + 1);
    fake_kubelet_write(&fixture->kubelet, "app.yaml", text);
}

static void need(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "a reader: %s\n", what);
    abort();
}

static bool is_whole(const struct five *five, int64_t number)
{
    char text[32];
    snprintf(text, sizeof text, "n%lld", (long long)number);
    return five->one == number && five->twice == 2 * number && five->minus == -number &&
           strcmp(five->text, text) == 0 && five->count == 2 && five->list[0] == number &&
           five->list[1] == number + 1;
}

/* Returns the generation's number. */
static int64_t look(struct fixture *fixture, cmr_reader *reader, cmr_reader_key *one, cmr_reader_key *text)
{
    const cmr_snapshot *snapshot = cmr_reader_snapshot(reader);
    const struct five *five = cmr_reader_struct(reader, fixture->follower);
    int64_t number = 0, again = 0, bound = fixture->bound;
    const char *word = NULL;
    need(five != NULL, "no struct");
    need(cmr_reader_get_int64(one, &number) == CMR_OK, "no number");
    need(cmr_reader_get_string(text, &word) == CMR_OK, "no text");
    need(is_whole(five, number), "a mix in the struct, or with a key");
    need(strcmp(word, five->text) == 0, "a mix with a text");
    need(cmr_get_int64(snapshot, "app.yaml#below.twice", &again) == CMR_OK && again == 2 * number,
         "a mix with the snapshot");
    need(cmr_follower_get(fixture->follower, snapshot) == five, "another struct");
    need(bound >= number, "the variable is behind the snapshot");
    return number;
}

static void *read_on(void *user)
{
    struct fixture *fixture = user;
    cmr_reader *reader;
    cmr_reader_key *one, *text;
    int64_t last = 0;
    need(cmr_reader_new(fixture->reloader, &reader) == CMR_OK, "new");
    need(cmr_reader_key_new(reader, "app.yaml#one", CMR_TYPE_INT64, NULL, &one) == CMR_OK, "a key");
    need(cmr_reader_key_new(reader, "app.yaml#text", CMR_TYPE_STRING, NULL, &text) == CMR_OK, "a key");
    for (unsigned i = 1; !fixture->done; i++) {
        int64_t number = look(fixture, reader, one, text);
        need(number >= last, "an older generation");
        fixture->moves += number > last;
        fixture->looks++;
        last = number;
        if (i % 64 == 0)
            cmr_reader_release(reader);
        sched_yield();
    }
    cmr_reader_free(reader);
    return NULL;
}

static int swaps(void)
{
    const char *asked = getenv("CMRELOAD_SWAPS");
    return asked ? atoi(asked) : SWAPS;
}

static void follow(struct fixture *fixture)
{
    fake_kubelet_open(&fixture->kubelet);
    write_generation(fixture, 1);
    assert_int_equal(CMR_OK, cmr_open(fixture->kubelet.dir, NULL, &fixture->reloader));
    assert_int_equal(CMR_OK, cmr_follow(fixture->reloader, "app.yaml", &schema, NULL, &fixture->follower));
    assert_int_equal(CMR_OK,
                     cmr_bind_int64(fixture->reloader, "app.yaml#one", &fixture->bound, 0, NULL, NULL));
    assert_int_equal(CMR_OK, cmr_reloader_load(fixture->reloader, 0));
}

static void readers_never_see_a_mix(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    pthread_t readers[READERS];
    int last = swaps();
    (void)state;
    follow(fixture);
    for (int i = 0; i < READERS; i++)
        assert_int_equal(0, pthread_create(&readers[i], NULL, read_on, fixture));
    for (int64_t number = 2; number <= last; number++) {
        write_generation(fixture, number);
        assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
    }
    fixture->done = true;
    for (int i = 0; i < READERS; i++)
        assert_int_equal(0, pthread_join(readers[i], NULL));

    assert_int_equal(last, fixture->bound);
    assert_int_equal(2, snapshots.count); /* the current one, and the empty one of before the first load */
    cmr_reloader_status status = CMR_RELOADER_STATUS_INIT;
    assert_int_equal(CMR_OK, cmr_reloader_get_status(fixture->reloader, &status));
    assert_int_equal(last, status.generation);
    printf("%d swaps, %lu looks, %lu moves to a newer generation, at most %u snapshots at once\n", last,
           (unsigned long)fixture->looks, (unsigned long)fixture->moves, snapshots.most);
    cmr_reloader_free(fixture->reloader);
    assert_int_equal(0, snapshots.count);
    fake_kubelet_close(&fixture->kubelet);
    free(fixture);
}

/* Others follow and unfollow meanwhile, by which snapshots are replaced by ones of the same generation. */
static void *follow_on(void *user)
{
    struct fixture *fixture = user;
    while (!fixture->done) {
        cmr_follower *follower;
        cmr_reader *reader;
        need(cmr_reader_new(fixture->reloader, &reader) == CMR_OK, "new");
        need(cmr_follow(fixture->reloader, "app.yaml", &schema, NULL, &follower) == CMR_OK, "follow");
        const struct five *five = cmr_reader_struct(reader, follower);
        need(five && is_whole(five, five->one), "a mix");
        cmr_unfollow(follower);
        cmr_reader_free(reader);
        sched_yield();
    }
    return NULL;
}

static cmr_status agree(void *user, cmr_snapshot *candidate, cmr_veto *veto)
{
    (void)user, (void)candidate, (void)veto;
    sched_yield();
    return CMR_OK;
}

static void followers_come_and_go(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    cmr_validator_options options = CMR_VALIDATOR_OPTIONS_INIT;
    pthread_t threads[4];
    int last = swaps() / 2;
    (void)state;
    follow(fixture);
    options.name = "v";
    options.prepare = agree;
    assert_int_equal(CMR_OK, cmr_validate(fixture->reloader, &options, NULL, NULL));
    for (int i = 0; i < 4; i++)
        assert_int_equal(0, pthread_create(&threads[i], NULL, i % 2 ? read_on : follow_on, fixture));
    for (int64_t number = 2; number <= last; number++) {
        write_generation(fixture, number);
        assert_int_equal(CMR_OK, cmr_reloader_dispatch(fixture->reloader));
    }
    fixture->done = true;
    for (int i = 0; i < 4; i++)
        assert_int_equal(0, pthread_join(threads[i], NULL));
    assert_int_equal(2, snapshots.count);
    cmr_reloader_free(fixture->reloader);
    assert_int_equal(0, snapshots.count);
    fake_kubelet_close(&fixture->kubelet);
    free(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readers_never_see_a_mix),
        cmocka_unit_test(followers_come_and_go),
    };
    setenv("TMPDIR", "/dev/shm", 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
