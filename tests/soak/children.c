/* SPDX-License-Identifier: MIT
 *
 * Most children do little: what they must not do is to disturb their parent, which the parent's own arrival
 * shows. One way is that of a worker which makes the reloader its own and follows for itself; it keeps books
 * of its own, and is judged by them at the end of the round. */
#include "soak/children.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

/* ThreadSanitizer takes a thread of the child for the parent's that had its place. */
#ifdef __SANITIZE_THREAD__
#define CAN_HAVE_THREADS false
#else
#define CAN_HAVE_THREADS true
#endif

#define LIVES_ON_MS 30
#define PATIENCE_MS 40000
#define TURN_MS 5

static unsigned count;

/* ---- ways */

static void end_at_once(struct life *life)
{
    (void)life;
}

static void live_on(struct life *life)
{
    const struct timespec time = { .tv_nsec = LIVES_ON_MS * 1000000L };
    (void)life;
    nanosleep(&time, NULL);
}

static void execute(struct life *life)
{
    (void)life;
    execl("/bin/true", "true", (char *)NULL);
}

/* It goes on as if nothing had happened. */
static void forget_the_fork(struct life *life)
{
    cmr_status status = cmr_reloader_dispatch(life->own);
    if (status != CMR_ERR_FORKED)
        soak_violation(life->shared, VIOLATION_CALL, "dispatch in a forked child: %s", cmr_strerror(status));
    cmr_reloader_check_now(life->own);
    cmr_reloader_wait(life->own, 1);
}

static void free_reloader(struct life *life)
{
    cmr_reloader_free(life->own);
}

static bool is_wanted(const struct soak_shared *shared)
{
    return shared->wanted[0] && shared->wanted[1];
}

static void dispatch(struct life *life, struct soak_shared *parents)
{
    cmr_status status = cmr_reloader_wait(life->own, TURN_MS);
    if (status != CMR_OK && status != CMR_ERR_TIMEOUT && status != CMR_ERR_INTERRUPTED)
        soak_violation(parents, VIOLATION_CALL, "wait in a forked child: %s", cmr_strerror(status));
}

/* What it finds wrong it says in its own books, which the parent's are told of at the end. */
static void follow(struct life *life)
{
    static struct soak_shared own;
    struct soak_shared *parents = life->shared;
    int64_t deadline = CMR__NEVER;
    life->shared = &own;
    while (!own.violated && !(is_wanted(parents) && life_is_at(life, parents->wanted))) {
        if (deadline == CMR__NEVER && is_wanted(parents)) {
            deadline = cmr__clock_after_ms(cmr__clock_now(), PATIENCE_MS);
            cmr_reloader_check_now(life->own); /* what was quiet only the parent was told */
        }
        if (cmr__clock_now() > deadline)
            soak_violation(&own, VIOLATION_TOLD, "it did not arrive at the last generations");
        dispatch(life, parents);
    }
    if (own.violated)
        soak_violation(parents, VIOLATION_TOLD, "a forked child: %s", own.violation);
    parents->workers++;
}

/* At the fork another thread may have been in the middle of something. */
static void follow_or_end(struct life *life)
{
    cmr_status status = CAN_HAVE_THREADS ? cmr_reloader_after_fork(life->own) : CMR_ERR_BUSY;
    if (status == CMR_OK)
        follow(life);
    else if (status != CMR_ERR_BUSY)
        soak_violation(life->shared, VIOLATION_CALL, "after_fork: %s", cmr_strerror(status));
    cmr_reloader_free(life->own);
}

static void (*const ways[CHILDREN_WAYS])(struct life *life) = {
    end_at_once, live_on, execute, forget_the_fork, free_reloader, follow_or_end,
};

/* ---- */

void children_start(struct life *life, uint64_t way)
{
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        ways[way % CHILDREN_WAYS](life);
        _exit(0);
    }
    count += child > 0;
}

void children_await(struct soak_shared *shared)
{
    int status;
    while (count > 0) {
        pid_t child = waitpid(-1, &status, 0);
        if (child < 0 && errno == EINTR)
            continue;
        if (child < 0 || status != 0)
            soak_violation(shared, VIOLATION_CALL, "a forked child ended with status %d", status);
        count--;
    }
}
