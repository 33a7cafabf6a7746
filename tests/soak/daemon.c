/* SPDX-License-Identifier: MIT
 *
 * The daemon is a plain loop over two descriptors, that of its reloader and that of orders; or a loop over
 * cmr_reloader_wait; or it leaves the reloader to the library's helper. Whatever it is ordered happens
 * between two dispatches. A reloader that could not be opened, for want of descriptors, is tried again at
 * each turn. */
#include "soak/daemon.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "soak/children.h"
#include "soak/guests.h"
#include "soak/reader.h"

#define TURN_MS 20
#define WAIT_MS 2

struct message {
    enum order order;
    uint64_t value;
};

static struct life life;
static struct guests guests;
static _Atomic(cmr_reloader *) signalled; /* whom the signal handler tells */

/* ---- orders */

static void begin(uint64_t kind)
{
    signalled = NULL;
    life_end(&life);
    if (life_begin(&life, (unsigned)kind))
        signalled = life.reloader;
}

static uint64_t generation(void)
{
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(life.reloader);
    uint64_t number = cmr_snapshot_generation(snapshot);
    cmr_snapshot_unref(snapshot);
    return number;
}

static uint64_t hold(bool on)
{
    if (!life.reloader)
        return 0;
    if (on)
        cmr_reloader_hold(life.reloader);
    uint64_t number = generation();
    if (!on)
        cmr_reloader_release(life.reloader);
    return number;
}

/* It sees some whole generation of its volume, or, if that is gone or bad, none. */
static void have_second(uint64_t volume)
{
    cmr_mount_options mount = CMR_MOUNT_OPTIONS_INIT;
    cmr_options options = CMR_OPTIONS_INIT;
    cmr_reloader *second;
    char message[384];
    uint64_t number;
    mount.name = soak_volume_names[volume % SOAK_VOLUMES];
    options.mount = &mount;
    options.background = volume / SOAK_VOLUMES % 2;
    if (cmr_open(life.paths[volume % SOAK_VOLUMES], &options, &second) != CMR_OK)
        return;
    cmr_reloader_load(second, 20);
    cmr_reloader_wait(second, 10);
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(second);
    if (!contents_check(snapshot, mount.name, &number, message, sizeof message))
        soak_violation(life.shared, VIOLATION_MIXED, "a second reloader: not whole: %s", message);
    cmr_snapshot_unref(snapshot);
    cmr_reloader_free(second);
}

static struct answer obey(const struct message *message)
{
    struct answer answer = { .value = 0 };
    if (!life.reloader && message->order != ORDER_BEGIN)
        begin(life.kind);
    switch (message->order) {
    case ORDER_BEGIN:
        begin(message->value);
        break;
    case ORDER_HOLD:
    case ORDER_RELEASE:
        answer.value = hold(message->order == ORDER_HOLD);
        break;
    case ORDER_CHECK:
        if (life.reloader)
            cmr_reloader_check_now(life.reloader);
        break;
    case ORDER_FORK:
        children_start(&life, message->value);
        break;
    case ORDER_GUESTS:
        guests_stop(&guests);
        if (!guests_start(&guests, &life, (unsigned)message->value))
            soak_violation(life.shared, VIOLATION_CALL, "no thread for a guest");
        break;
    case ORDER_SECOND:
        have_second(message->value);
        break;
    case ORDER_ACCOUNT:
        children_await(life.shared);
        answer.account = account_take();
        break;
    case ORDER_END:
        break;
    }
    return answer;
}

/* ---- the loop */

static void on_signal(int number)
{
    cmr_reloader *reloader = signalled;
    (void)number;
    if (reloader)
        cmr_reloader_check_now(reloader);
}

static void expect(cmr_status status, const char *call)
{
    if (status != CMR_OK && status != CMR_ERR_TIMEOUT && status != CMR_ERR_INTERRUPTED)
        soak_violation(life.shared, VIOLATION_CALL, "%s: %s", call, cmr_strerror(status));
}

/* Until there is an order. */
static void follow(int orders)
{
    struct pollfd descriptors[2] = { { .fd = orders, .events = POLLIN }, { .fd = -1, .events = POLLIN } };
    while (!(descriptors[0].revents & (POLLIN | POLLHUP))) {
        bool waits = life.reloader && !(life.kind & LIFE_HELPER) && life.kind & LIFE_WAITS;
        bool loops = life.reloader && !(life.kind & (LIFE_HELPER | LIFE_WAITS));
        if (!life.reloader)
            begin(life.kind);
        if (waits)
            expect(cmr_reloader_wait(life.reloader, WAIT_MS), "wait");
        descriptors[1].fd = loops ? cmr_reloader_fd(life.reloader) : -1;
        descriptors[0].revents = descriptors[1].revents = 0;
        if (poll(descriptors, 2, waits ? 0 : TURN_MS) > 0 && descriptors[1].revents)
            expect(cmr_reloader_dispatch(life.reloader), "dispatch");
    }
}

static void serve(int orders)
{
    struct message message = { .order = ORDER_BEGIN };
    while (message.order != ORDER_END) {
        follow(orders);
        if (recv(orders, &message, sizeof message, 0) != sizeof message)
            break;
        struct answer answer = obey(&message);
        if (send(orders, &answer, sizeof answer, MSG_NOSIGNAL) < 0)
            break;
    }
    guests_stop(&guests);
    signalled = NULL;
    life_end(&life);
}

static int run(const struct place *place, const struct pod *pods, struct soak_shared *shared, int orders,
               unsigned kind)
{
    struct sigaction action = { .sa_handler = on_signal };
    if (!place_become_ordinary(place)) {
        soak_violation(shared, VIOLATION_CALL, "cannot become an ordinary user: %s", strerror(errno));
        return 1;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigaction(SIGUSR1, &action, NULL);
    life_init(&life, shared);
    for (unsigned i = 0; i < SOAK_VOLUMES; i++)
        snprintf(life.paths[i], sizeof life.paths[i], "%s", pods[i].path);
    begin(kind);
    if (!reader_start(&life))
        return 1;
    serve(orders);
    return 0;
}

/* ---- for those who give orders */

bool daemon_start(struct daemon *daemon, const struct place *place, const struct pod *pods,
                  struct soak_shared *shared, unsigned kind)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    fflush(NULL);
    daemon->process = fork();
    if (daemon->process == 0) {
        close(ends[0]);
        exit(run(place, pods, shared, ends[1], kind)); /* leaks are looked for here, where something can */
    }
    close(ends[1]);
    daemon->orders = ends[0];
    return daemon->process > 0;
}

bool daemon_order(const struct daemon *daemon, enum order order, uint64_t value, int seconds,
                  struct answer *ret_answer)
{
    struct message message = { .order = order, .value = value };
    struct answer answer;
    struct pollfd descriptor = { .fd = daemon->orders, .events = POLLIN };
    if (send(daemon->orders, &message, sizeof message, MSG_NOSIGNAL) != sizeof message ||
        poll(&descriptor, 1, seconds * 1000) <= 0 ||
        recv(daemon->orders, &answer, sizeof answer, 0) != sizeof answer)
        return false;
    if (ret_answer)
        *ret_answer = answer;
    return true;
}

bool daemon_is_gone(struct daemon *daemon, bool wait, int *ret_status)
{
    pid_t gone;
    do
        gone = waitpid(daemon->process, ret_status, wait ? 0 : WNOHANG);
    while (gone < 0 && errno == EINTR);
    return gone == daemon->process;
}
