/* SPDX-License-Identifier: MIT
 *
 * INI out of memory: iniparser answers with fewer entries, or crashes, and neither must ever be seen. malloc
 * is defined here, in place of libc's or a sanitizer's, since iniparser calls it from a shared library.
 * Memory runs out in two ways: the Nth call fails (alone, or with some or all that follow), and a budget is
 * used up, as real memory is. Only the second reaches the three allocations of iniparser's dictionary_new,
 * after whose failure it crashes: there the library must have made sure that they can be had. */
#include <errno.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/diagnostic.h"
#include "support/document_text.h"
#include "support/format_text.h"

/* ---- the allocator */

/* The dynamic linker calls it before a sanitizer is ready. */
#if defined(__clang__)
#define PLAIN __attribute__((no_sanitize("address", "undefined", "thread")))
#else
#define PLAIN __attribute__((no_sanitize_address, no_sanitize_undefined, no_sanitize_thread))
#endif

enum {
    SLOTS = 4096
};

static struct {
    bool armed;
    size_t count, fail_at, burst; /* calls: which one fails, and how many from there on; 0: none */
    size_t budget, used;          /* bytes; budget 0: without */
    size_t failures, peak;
    struct {
        void *at;
        size_t size;
    } live[SLOTS]; /* what was allocated since it was armed: an open hash table */
} memory;

PLAIN static size_t slot_of(const void *at)
{
    size_t slot = (uintptr_t)at / 16 % SLOTS;
    while (memory.live[slot].at && memory.live[slot].at != at)
        slot = (slot + 1) % SLOTS;
    return slot;
}

/* Takes an entry out, and moves those behind it that it was in the way of. */
PLAIN static void forget(const void *at)
{
    size_t slot = slot_of(at);
    if (!at || !memory.live[slot].at)
        return;
    memory.used -= memory.live[slot].size;
    memory.live[slot].at = NULL;
    for (size_t next = (slot + 1) % SLOTS; memory.live[next].at; next = (next + 1) % SLOTS) {
        void *moved = memory.live[next].at;
        size_t size = memory.live[next].size;
        memory.live[next].at = NULL;
        slot = slot_of(moved);
        memory.live[slot].at = moved;
        memory.live[slot].size = size;
    }
}

PLAIN static void *remember(void *at, size_t size)
{
    if (!memory.armed || !at)
        return at;
    size_t slot = slot_of(at);
    memory.live[slot].at = at;
    memory.live[slot].size = size;
    memory.used += size;
    if (memory.used > memory.peak)
        memory.peak = memory.used;
    return at;
}

PLAIN static bool fails(size_t size)
{
    if (!memory.armed)
        return false;
    memory.count++;
    bool now = memory.count >= memory.fail_at && memory.count - memory.fail_at < memory.burst;
    if (memory.budget && memory.used + size > memory.budget)
        now = true;
    if (!now)
        return false;
    memory.failures++;
    errno = ENOMEM;
    return true;
}

/* Below this file's malloc: a sanitizer's, if there is one, else glibc's. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void __libc_free(void *old);
void *__interceptor_malloc(size_t size) __attribute__((weak));
void *__interceptor_calloc(size_t count, size_t size) __attribute__((weak));
void *__interceptor_realloc(void *old, size_t size) __attribute__((weak));
void __interceptor_free(void *old) __attribute__((weak));

PLAIN void *malloc(size_t size)
{
    if (fails(size))
        return NULL;
    return remember(__interceptor_malloc ? __interceptor_malloc(size) : __libc_malloc(size), size);
}

/* iniparser's dictionary_new, and it alone, asks for room for 128 entries. */
PLAIN void *calloc(size_t count, size_t size)
{
    bool is_dictionary = count == 128 && !memory.budget;
    if (!is_dictionary && fails(count * size))
        return NULL;
    return remember(__interceptor_calloc ? __interceptor_calloc(count, size) : __libc_calloc(count, size),
                    count * size);
}

PLAIN void *realloc(void *old, size_t size)
{
    if (fails(size))
        return NULL;
    forget(old);
    return remember(__interceptor_realloc ? __interceptor_realloc(old, size) : __libc_realloc(old, size),
                    size);
}

PLAIN void free(void *old)
{
    forget(old);
    if (__interceptor_free)
        __interceptor_free(old);
    else
        __libc_free(old);
}

static void arm(size_t fail_at, size_t burst, size_t budget)
{
    memset(&memory, 0, sizeof memory);
    memory.fail_at = fail_at;
    memory.burst = burst;
    memory.budget = budget;
    memory.armed = true;
}

/* ---- what is read */

/* Two loads; sections that go on, joined lines, names in upper case. A line that is lost must not be taken
 * for another: keys repeat from section to section, and next to one another. */
static const char *raw_text(void)
{
    static char raw[4000];
    char *at = raw;
    if (raw[0])
        return raw;
    at += sprintf(at, "Key=root ; c\n\n[A]\n[b]\n[a]\nkey=1\nkey1='2'\n[B]\nkey=\\\n1\n[c]\n");
    for (int i = 0; i < 40; i++)
        at += sprintf(at, "Key%d = \"value %d\"\n", i, i);
    at += sprintf(at, "[d]\nkey=1\n[e]\n[f]\nkey=1\n[c]\nlast=1\n");
    for (int i = 0; i < 20; i++)
        at += sprintf(at, "[s%d]\nkey = %d\n", i, i);
    return raw;
}

static char *expected;

/* Nothing else than all of it, or that memory ran out, may come back. Returns whether nothing failed. */
static bool read_with(size_t fail_at, size_t burst, size_t budget)
{
    cmr_report *report = cmr__report_new();
    cmr__document *document = NULL;
    assert_non_null(report);
    arm(fail_at, burst, budget);
    cmr_status status = cmr__format_parse(&cmr__format_ini, "a.ini", raw_text(), strlen(raw_text()),
                                          &default_limits, report, &document);
    memory.armed = false;
    size_t failures = memory.failures;
    if (status == CMR_OK) {
        char *text = document_text(document);
        assert_string_equal(text, expected);
        free(text);
    } else {
        assert_int_equal(status, CMR_ERR_NO_MEMORY);
        assert_null(document);
        assert_true(failures > 0);
        assert_int_equal(report->count, 0);
    }
    cmr__document_unref(document);
    cmr_report_free(report);
    return failures == 0;
}

static int read_expected(void **state)
{
    (void)state;
    expected = format_text(&cmr__format_ini, raw_text(), strlen(raw_text()), NULL);
    return expected[0] == '!';
}

static int free_expected(void **state)
{
    (void)state;
    free(expected);
    return 0;
}

static void survives_any_failure(void **state)
{
    static const size_t bursts[] = { 1, 2, 3, 4, 5, 6, SIZE_MAX };
    (void)state;
    for (size_t i = 0; i < sizeof bursts / sizeof *bursts; i++) {
        size_t fail_at = 1;
        while (!read_with(fail_at, bursts[i], 0))
            fail_at++;
        assert_true(fail_at > 500);
        if (i == 0)
            print_message("%zu allocations, each failed in turn\n", fail_at - 1);
    }
}

static void survives_any_budget(void **state)
{
    size_t budget = 16;
    (void)state;
    while (!read_with(0, 0, budget))
        budget += 16;
    print_message("%zu bytes, and every budget below\n", memory.peak);
    assert_true(budget > 16384);
}

/* valgrind puts its own malloc in the place of every other. By a pointer, since compilers think that they
 * know malloc, and that it changes nothing here. */
static bool is_in_charge(void)
{
    void *(*volatile allocate)(size_t size) = malloc;
    arm(0, 0, 0);
    free(allocate(1));
    memory.armed = false;
    return memory.count > 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(survives_any_failure),
        cmocka_unit_test(survives_any_budget),
    };
    if (!is_in_charge()) {
        puts("SKIP: malloc cannot be defined here, as under valgrind");
        return 77;
    }
    return cmocka_run_group_tests(tests, read_expected, free_expected);
}
