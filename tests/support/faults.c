/* SPDX-License-Identifier: MIT
 *
 * The errors are those of the manual pages, as far as a caller with good arguments and a kernel in need can
 * meet them, and those of network file systems (ESTALE, EINTR and EAGAIN where local ones have none). ENOENT
 * stands where a name can vanish under a reader; it does not last, as then it would be the truth. EACCES is
 * left out where it says the same at every call, as of /proc. timerfd_settime cannot fail at all; it does so
 * here because nothing would be as silent as a timer that is not set. */
#include "support/faults.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define MOST_CALLS 4096   /* in a run */
#define MOST_IN_A_ROW 200 /* of a lasting fault: nobody is interrupted for ever */

static const struct {
    const char *call;
    int errors[12]; /* ends with 0 */
} table[] = {
    { "close", { EINTR, EIO } },
    { "closedir", { EIO } },
    { "epoll_create1", { EMFILE, ENFILE, ENOMEM } },
    { "epoll_ctl", { ENOMEM, ENOSPC } },
    { "epoll_wait", { EINTR } },
    { "eventfd", { EMFILE, ENFILE, ENODEV, ENOMEM } },
    { "fclose", { EIO } },
    { "fchmodat", { EIO, EPERM, EROFS } },
    { "fcntl", { EMFILE } },
    { "fdopendir", { EIO, ENOMEM } },
    { "flock", { EINTR, ENOLCK } },
    { "fopen", { EINTR, EMFILE, ENFILE, ENOMEM } },
    { "fstat", { EIO, ENOMEM, ESTALE } },
    { "fstatat", { EACCES, EIO, ELOOP, ENOENT, ENOMEM, ESTALE } },
    { "fstatfs", { EINTR, EIO, ENOMEM, ESTALE } },
    { "fsync", { EINTR, EINVAL, EIO, ENOSPC } },
    { "getcwd", { EACCES, ENOENT, ENOMEM } },
    { "getline", { EIO, ENOMEM } },
    { "getrandom", { EINTR } },
    { "inotify_add_watch", { EACCES, ENOENT, ENOMEM, ENOSPC } },
    { "inotify_init1", { EMFILE, ENFILE, ENOMEM } },
    { "inotify_rm_watch", { EINVAL } },
    { "mkdir", { EACCES, EIO, ENOSPC, EROFS } },
    { "mkdirat", { EIO, ENOSPC, EROFS } },
    { "open", { EACCES, EINTR, EIO, ELOOP, EMFILE, ENFILE, ENOENT, ENOMEM, ESTALE } },
    { "openat", { EACCES, EINTR, EIO, ELOOP, EMFILE, ENFILE, ENOENT, ENOMEM, ESTALE } },
    { "poll", { EINTR, ENOMEM } },
    { "pthread_create", { EAGAIN } },
    { "read", { EAGAIN, EINTR, EIO, ENOMEM, ESTALE, FAULTS_SHORT, FAULTS_EMPTY } },
    { "readdir", { EINTR, EIO, ENOENT, ESTALE } },
    { "readlink", { EIO, ENOMEM, ESTALE } },
    { "readlinkat", { EACCES, EIO, ENOENT, ENOMEM, ESTALE } },
    { "renameat", { EIO, ENOSPC, EROFS } },
    { "stat", { EACCES, EIO, ELOOP, ENOENT, ENOMEM, ESTALE } },
    { "statx", { EIO, ENOMEM, ESTALE } },
    { "symlinkat", { EIO, ENOSPC, EROFS } },
    { "timerfd_create", { EMFILE, ENFILE, ENODEV, ENOMEM } },
    { "timerfd_settime", { ENOMEM } },
    { "unlinkat", { EBUSY, EIO, EROFS } },
    { "write", { EAGAIN, EINTR } },
    { "write to a file", { EINTR, EIO, ENOSPC, FAULTS_SHORT } },
};

#define ROWS (sizeof table / sizeof *table)

static atomic_ulong *injected; /* a count each row, which children share */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards what follows */
static struct faults_plan now;
static bool armed, ended;
static unsigned long calls;
static size_t failed_row; /* ROWS: none has failed */
static int failed_error;
static unsigned in_a_row;

/* Of the run without a fault: which calls were the first of their name in their part. */
static bool met[ROWS], is_first[MOST_CALLS];

void faults_open(void)
{
    void *shared =
        mmap(NULL, ROWS * sizeof *injected, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        abort();
    injected = shared;
}

void faults_begin(const struct faults_plan *plan)
{
    pthread_mutex_lock(&lock);
    now = *plan;
    armed = ended = false;
    calls = 0;
    failed_row = ROWS;
    failed_error = 0;
    in_a_row = 0;
    pthread_mutex_unlock(&lock);
}

static void set(bool *place, bool value)
{
    pthread_mutex_lock(&lock);
    *place = value;
    pthread_mutex_unlock(&lock);
}

void faults_arm(void)
{
    set(&armed, true);
}

void faults_disarm(void)
{
    set(&armed, false);
}

void faults_end(void)
{
    set(&ended, true);
}

void faults_mark(void)
{
    pthread_mutex_lock(&lock);
    memset(met, 0, sizeof met);
    pthread_mutex_unlock(&lock);
}

static size_t row_of(const char *call)
{
    for (size_t i = 0; i < ROWS; i++)
        if (strcmp(table[i].call, call) == 0)
            return i;
    fprintf(stderr, "faults: no row for %s\n", call);
    abort();
}

/* With the lock held. */
static bool is_to_fail(size_t row)
{
    if (!armed || !table[row].errors[0])
        return false;
    calls++;
    if (now.call == 0 && calls < MOST_CALLS) {
        is_first[calls] = !met[row];
        met[row] = true;
    }
    if (calls == now.call) {
        failed_row = row;
        failed_error = table[row].errors[now.error];
        return true;
    }
    return now.lasting && !ended && row == failed_row && in_a_row < MOST_IN_A_ROW;
}

int faults_meet(const char *call)
{
    size_t row = row_of(call);
    pthread_mutex_lock(&lock);
    bool fails = is_to_fail(row);
    in_a_row += fails;
    int error = failed_error;
    pthread_mutex_unlock(&lock);
    if (!fails)
        return 0;
    injected[row]++;
    if (error > 0)
        errno = error;
    return error;
}

int faults_error(void)
{
    return failed_error;
}

const char *faults_call(void)
{
    return failed_row < ROWS ? table[failed_row].call : "none";
}

static void next_error(struct faults_plan *plan)
{
    const int *errors = table[failed_row].errors;
    plan->error++;
    if (plan->lasting && errors[plan->error] == ENOENT)
        plan->error++;
    if (errors[plan->error])
        return;
    plan->error = 0;
    plan->call++;
}

bool faults_next(struct faults_plan *plan)
{
    if (plan->call && failed_row == ROWS)
        return false;
    if (plan->call)
        next_error(plan);
    else
        plan->call = 1;
    while (plan->lasting && plan->call < MOST_CALLS && !is_first[plan->call] && plan->error == 0)
        plan->call++;
    return true;
}

void faults_print(void)
{
    unsigned long sum = 0;
    for (size_t i = 0; i < ROWS; i++)
        sum += injected[i];
    printf("%lu faults:", sum);
    for (size_t i = 0; i < ROWS; i++)
        if (injected[i])
            printf(" %s %lu", table[i].call, injected[i]);
    printf("\n");
}
