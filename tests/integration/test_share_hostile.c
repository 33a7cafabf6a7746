/* SPDX-License-Identifier: MIT
 *
 * A consumer whose publisher says what no publisher would: it keeps its last good generation, tells what is
 * wrong, goes on, and publishes what is good as soon as that comes, or follows the mounts itself when the
 * other is gone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "share/sealed.h"
#include "support/share_member.h"

static int set_up(void **state)
{
    if (share_member_set_up_consumer(state) != 0)
        return -1;
    struct share_member *member = *state;
    share_member_await_connection(member);
    assert_int_equal(1, share_member_tell(member, 1, "x=1\n").generation);
    (void)journal_take(&member->follower->journal);
    return 0;
}

static void has(struct share_member *member, uint64_t generation, const char *text)
{
    follower_has(member->follower, "a.properties#x", text);
    assert_int_equal(generation, follower_status(member->follower).generation);
}

/* It is refused, and said so in the answer; then a good one is taken. */
static void refuses(struct share_member *member, int block, const char *why)
{
    struct cmr__answer answer = share_member_hand(member, 2, block);
    assert_int_equal(1, answer.generation);
    assert_int_equal(2, answer.refused);
    assert_non_null(strstr(answer.message, why));
    has(member, 1, "1");
    assert_non_null(strstr(journal_take(&member->follower->journal), "rejected 1 :0:0 []"));
    assert_int_equal(3, share_member_tell(member, 3, "x=3\n").generation);
    has(member, 3, "3");
}

/* ---- blocks */

static int damaged(off_t where)
{
    int good = false_publisher_block(2, "a.properties", "x=2\n");
    int bad = memfd_create("damaged", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    char bytes[4096];
    ssize_t size = pread(good, bytes, sizeof bytes, 0);
    assert_in_range(size, 1, sizeof bytes - 1);
    if (where >= 0)
        bytes[where < size ? where : size - 1] ^= 0x55;
    assert_int_equal(size, pwrite(bad, bytes, (size_t)size, 0));
    close(good);
    return bad;
}

static int seal(int descriptor, int seals)
{
    assert_int_equal(0, fcntl(descriptor, F_ADD_SEALS, seals));
    return descriptor;
}

#define ALL_SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL)

static void what_can_still_change_is_refused(void **state)
{
    refuses(*state, seal(damaged(-1), F_SEAL_SHRINK | F_SEAL_GROW), "can still change");
}

static void what_is_no_memory_file_is_refused(void **state)
{
    int ends[2];
    assert_int_equal(0, pipe(ends));
    close(ends[1]);
    refuses(*state, ends[0], "no memory file");
}

static void a_damaged_head_is_refused(void **state)
{
    refuses(*state, seal(damaged(0), ALL_SEALS), "no block");
}

static void a_damaged_document_is_refused(void **state)
{
    refuses(*state, seal(damaged(4095), ALL_SEALS), "file 0");
}

static void a_block_of_other_mounts_is_refused(void **state)
{
    const struct cmr__sealed_info info = { 2, 1, 0 };
    const cmr_boot_source from = CMR_BOOTED_MOUNT;
    cmr__part *part = cmr__part_new("other", "..1", 0);
    int block = -1;
    assert_non_null(part);
    assert_int_equal(CMR_OK, cmr__sealed_write(&info, &part, &from, 1, &block));
    cmr__part_unref(part);
    refuses(*state, block, "another name");
}

static void nobody_goes_back(void **state)
{
    struct share_member *member = *state;
    assert_int_equal(5, share_member_tell(member, 5, "x=5\n").generation);
    assert_int_equal(5, share_member_tell(member, 4, "x=4\n").generation);
    assert_int_equal(5, share_member_tell(member, 5, "x=other\n").generation);
    has(member, 5, "5");
}

/* ---- packets */

static void goes_on_after(struct share_member *member, const void *bytes, size_t size, int descriptor)
{
    assert_true(false_publisher_say(&member->publisher, bytes, size, descriptor));
    follower_dispatch(member->follower);
    has(member, 1, "1");
    share_member_await_connection(member);
    assert_int_equal(2, share_member_tell(member, 2, "x=2\n").generation);
    has(member, 2, "2");
}

static void nonsense_ends_the_connection(void **state)
{
    goes_on_after(*state, "nonsense", 8, -1);
}

static void so_does_a_packet_that_is_too_long(void **state)
{
    static const char bytes[CMR__MESSAGE_MAX + 1];
    goes_on_after(*state, bytes, sizeof bytes, -1);
}

static void so_does_what_only_consumers_say(void **state)
{
    const struct cmr__message message = { .kind = CMR__MESSAGE_ANSWER, .answer.sequence = 1 };
    struct cmr__buffer bytes = CMR__BUFFER_INIT;
    assert_int_equal(CMR_OK, cmr__message_encode(&message, &bytes));
    goes_on_after(*state, bytes.data, bytes.size, STDIN_FILENO);
    cmr__buffer_reset(&bytes);
}

static void news_of_other_mounts_end_it(void **state)
{
    struct cmr__news_mount mounts[2] = { { .state = CMR_MOUNT_READY }, { .state = CMR_MOUNT_READY } };
    const struct cmr__message message = {
        .kind = CMR__MESSAGE_NEWS,
        .news = { .sequence = 2, .publisher = 1, .generation = 2, .mount_count = 2, .mounts = mounts }
    };
    struct cmr__buffer bytes = CMR__BUFFER_INIT;
    assert_int_equal(CMR_OK, cmr__message_encode(&message, &bytes));
    goes_on_after(*state, bytes.data, bytes.size, -1);
    cmr__buffer_reset(&bytes);
}

/* ---- the shelf, the queue, and the end */

static void nonsense_on_the_shelf_is_refused(void **state)
{
    struct share_member *member = *state;
    int bad = seal(damaged(0), ALL_SEALS);
    assert_int_equal(CMR_OK, cmr__shelf_put(&member->share->shelf, 2, bad));
    close(bad);
    fake_kubelet_write(&member->follower->kubelet, "a.properties", "x=mounted\n");
    share_member_take_over(member);
    follower_has(member->follower, "a.properties#x", "mounted");
    assert_non_null(strstr(journal_take(&member->follower->journal), "rejected 1 :0:0 []"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, share_member_tear_down)
        TEST(what_can_still_change_is_refused),   TEST(what_is_no_memory_file_is_refused),
        TEST(a_damaged_head_is_refused),          TEST(a_damaged_document_is_refused),
        TEST(a_block_of_other_mounts_is_refused), TEST(nobody_goes_back),
        TEST(nonsense_ends_the_connection),       TEST(so_does_a_packet_that_is_too_long),
        TEST(so_does_what_only_consumers_say),    TEST(news_of_other_mounts_end_it),
        TEST(nonsense_on_the_shelf_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
