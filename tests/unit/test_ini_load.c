/* SPDX-License-Identifier: MIT
 *
 * Loads through iniparser: its error callback, and the errors that only other versions of it, or a system in
 * trouble, make. iniparser's two functions are wrapped, so that it can be had to fail. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/diagnostic.h"
#include "support/document_text.h"
#include "support/format_text.h"

typedef int error_callback(const char *format, ...);

void *__real_iniparser_load(const char *path);
void *__wrap_iniparser_load(const char *path);
void __real_iniparser_set_error_callback(error_callback *given);
void __wrap_iniparser_set_error_callback(error_callback *given);

static error_callback *callback;
static void *(*instead)(const char *path); /* of iniparser_load */

void __wrap_iniparser_set_error_callback(error_callback *given)
{
    callback = given;
    __real_iniparser_set_error_callback(given);
}

void *__wrap_iniparser_load(const char *path)
{
    return instead ? instead(path) : __real_iniparser_load(path);
}

static const char raw[] = "a=1\n[s]\n b=2\nc=3\n";

/* What a read comes to: the document as text, or its status and what was reported. */
static char *read_raw(void)
{
    char *text = NULL;
    cmr_report *report = cmr__report_new();
    cmr__document *document = NULL;
    assert_non_null(report);
    cmr_status status =
        cmr__format_parse(&cmr__format_ini, "a.ini", raw, sizeof raw - 1, &default_limits, report, &document);
    int error = errno;
    if (status == CMR_OK)
        text = document_text(document);
    else if (report->count)
        text = cmr__diagnostic_format(cmr_report_get(report, 0));
    else if (asprintf(&text, "%s: %s", cmr_strerror(status),
                      status == CMR_ERR_SYSTEM ? strerror(error) : "") < 0)
        text = NULL;
    assert_non_null(text);
    assert_null(callback); /* it is ours no longer */
    cmr__document_unref(document);
    cmr_report_free(report);
    return text;
}

static void expect(const char *expected)
{
    char *text = read_raw();
    assert_string_equal(text, expected);
    free(text);
}

static const char whole[] = "a=1 @1:1\ns.b=2 @3:2\ns.c=3 @4:1\n";

/* What is fed: [~0] a=1 [~1] [s] ~1= [~2] b=2 [~3] c=3. */
static void *refuse_line_7(const char *path)
{
    callback("iniparser: syntax error in %s (%d):\n-> %s\n", path, 7, "b=2");
    callback("iniparser: syntax error in %s (%d):\n-> %s\n", path, 9, "c=3");
    return NULL;
}

static void *refuse_a_marker(const char *path)
{
    callback("iniparser: input line too long in %s (%d)\n", path, 3);
    return NULL;
}

static void *open_no_more(const char *path)
{
    errno = EMFILE;
    callback("iniparser: cannot open %s\n", path);
    return NULL;
}

static void *open_without_memory(const char *path)
{
    errno = ENOMEM;
    callback("iniparser: cannot open %s\n", path);
    return NULL;
}

/* As 4.2 does when it cannot copy a value in quotes: it is empty then. */
static void *run_out_of_memory(const char *path)
{
    callback("iniparser: memory allocation failure\n");
    return __real_iniparser_load(path);
}

static void *give_nothing(const char *path)
{
    (void)path;
    return NULL;
}

static void tells_what_failed(void **state)
{
    static const struct {
        void *(*instead)(const char *path);
        const char *expected;
    } cases[] = {
        { refuse_line_7, "a.ini:3:2: iniparser refuses this line" },
        { refuse_a_marker, "out of memory: " },
        { open_no_more, "a system call failed: Too many open files" },
        { open_without_memory, "out of memory: " },
        { run_out_of_memory, "out of memory: " },
        { give_nothing, "out of memory: " },
        { NULL, whole },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        instead = cases[i].instead;
        expect(cases[i].expected);
    }
}

/* It is no fault of the file. */
static void tells_the_application(void **state)
{
    static const cmr_file file = { .name = "a.ini", .data = raw, .size = sizeof raw - 1 };
    cmr_report *report = NULL;
    cmr_snapshot *snapshot = NULL;
    (void)state;
    instead = open_no_more;
    cmr_status status = cmr_snapshot_from_files(&file, 1, NULL, &report, &snapshot);
    int error = errno;
    instead = NULL;
    assert_int_equal(status, CMR_ERR_SYSTEM);
    assert_int_equal(error, EMFILE);
    assert_null(report);
    assert_null(snapshot);
}

static void *fail_elsewhere(void *unused)
{
    callback("iniparser: syntax error in %s (%d):\n-> %s\n", "other.ini", 3, "x");
    return unused;
}

/* Another part of the program, in iniparser by itself. */
static void *fail_in_another_thread(const char *path)
{
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, fail_elsewhere, NULL), 0);
    pthread_join(thread, NULL);
    return __real_iniparser_load(path);
}

static void passes_over_other_threads(void **state)
{
    (void)state;
    instead = fail_in_another_thread;
    expect(whole);
    instead = NULL;
}

static void *look_at_the_file(const char *path)
{
    int number = -1;
    assert_int_equal(sscanf(path, "/proc/self/fd/%d", &number), 1);
    assert_true(fcntl(number, F_GETFD) & FD_CLOEXEC);
    return __real_iniparser_load(path);
}

static void gives_it_a_memory_file(void **state)
{
    int before = dup(0), after;
    (void)state;
    instead = look_at_the_file;
    expect(whole);
    instead = NULL;
    after = dup(0);
    assert_int_equal(after, before + 1); /* none is left open */
    close(before);
    close(after);
}

/* With no descriptor left for the memfd, then with one, for iniparser wants another. Nothing may be said on
 * stderr, where iniparser says it unless told otherwise. */
static void survives_want_of_descriptors(void **state)
{
    struct rlimit limit;
    FILE *said = tmpfile();
    int kept = dup(STDERR_FILENO), next = dup(0);
    (void)state;
    assert_non_null(said);
    close(next);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    dup2(fileno(said), STDERR_FILENO);
    rlim_t before = limit.rlim_cur;
    for (rlim_t more = 0; more < 3; more++) {
        limit.rlim_cur = (rlim_t)next + more;
        setrlimit(RLIMIT_NOFILE, &limit);
        char *text = read_raw();
        limit.rlim_cur = before;
        setrlimit(RLIMIT_NOFILE, &limit);
        assert_string_equal(text, more < 2 ? "a system call failed: Too many open files" : whole);
        free(text);
    }
    dup2(kept, STDERR_FILENO);
    close(kept);
    assert_int_equal(lseek(fileno(said), 0, SEEK_END), 0);
    fclose(said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_what_failed),
        cmocka_unit_test(tells_the_application),
        cmocka_unit_test(passes_over_other_threads),
        cmocka_unit_test(gives_it_a_memory_file),
        cmocka_unit_test(survives_want_of_descriptors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
