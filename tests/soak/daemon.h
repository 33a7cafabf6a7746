/* SPDX-License-Identifier: MIT
 *
 * The daemon that follows both volumes: a process of its own and an ordinary user's, which is given orders.
 */
#ifndef CMRELOAD_TESTS_SOAK_DAEMON_H
#define CMRELOAD_TESTS_SOAK_DAEMON_H

#include <sys/types.h>

#include "soak/account.h"
#include "soak/place.h"
#include "soak/pod.h"

enum order {
    ORDER_BEGIN,   /* another life, of the kind `value` (enum life_kind) */
    ORDER_HOLD,    /* answers with the snapshot's generation */
    ORDER_RELEASE, /* likewise, as it is just before */
    ORDER_CHECK,   /* cmr_reloader_check_now */
    ORDER_FORK,    /* a child, which goes the way `value`, below CHILDREN_WAYS */
    ORDER_GUESTS,  /* so many threads subscribe and unsubscribe; 0: they leave */
    ORDER_SECOND,  /* a second reloader comes and goes; value: of which volume */
    ORDER_ACCOUNT, /* answers with what the process has */
    ORDER_END,
};

struct answer {
    uint64_t value;
    struct account account;
};

struct daemon {
    pid_t process;
    int orders;
};

/* It gets SIGUSR1 as daemons get SIGHUP: the handler calls cmr_reloader_check_now. */
bool daemon_start(struct daemon *daemon, const struct place *place, const struct pod *pods,
                  struct soak_shared *shared, unsigned kind);

/* False: it does not answer within `seconds`, or is gone. ret_answer may be NULL. */
bool daemon_order(const struct daemon *daemon, enum order order, uint64_t value, int seconds,
                  struct answer *ret_answer);

/* Whether it is gone, and how: as waitpid tells. Waits for it if asked to. */
bool daemon_is_gone(struct daemon *daemon, bool wait, int *ret_status);

#endif
