/* SPDX-License-Identifier: MIT
 *
 * Growth is told from noise in two ways. At once: what is at rest has exactly the descriptors, threads and
 * blocks that such a life had at first, and no more bytes than chance allows; so a leak is found in the round
 * that made it. And at the end: the least bytes of the last tenth against the least of the first, as minima
 * hardly know noise; so is found what grows a little in each life. The first readings of each kind are a
 * warm-up. */
#include "soak/ledger.h"

#include <stdlib.h>

#define WARM_UP 5
#define ENOUGH 50 /* readings of a kind, for tenths to say something */

/* What the least may have grown by: less than a byte for each three rounds of a soak of half an hour. */
#define LITTLE 1024

bool ledger_is_more(const struct ledger *ledger, unsigned kind, const struct account *account)
{
    const struct account *first = &ledger->first[kind];
    if (ledger->seen[kind] < WARM_UP)
        return false;
    for (int i = 0; i < ASSETS; i++)
        if (account->of[i] > first->of[i] + (i == ASSET_BYTES ? account_noise(first) : 0))
            return true;
    return false;
}

static void append(struct ledger *ledger, unsigned kind, const struct account *account)
{
    if ((ledger->count & (ledger->count - 1)) == 0) { /* full: 0, 1, 2, 4, ... entries */
        size_t room = ledger->count ? ledger->count * 2 : 1;
        ledger->entries = realloc(ledger->entries, room * sizeof *ledger->entries);
        if (!ledger->entries)
            abort();
    }
    ledger->entries[ledger->count++] = (struct ledger_entry){ kind, *account };
}

void ledger_add(struct ledger *ledger, unsigned kind, const struct account *account)
{
    struct account *first = &ledger->first[kind];
    size_t number = ledger->seen[kind]++;
    if (number < WARM_UP)
        *first = number ? account_least(first, account) : *account;
    else
        append(ledger, kind, account);
}

/* The least of those readings of a kind that are numbered from `from` to below `to`. */
static struct account least_between(const struct ledger *ledger, unsigned kind, size_t from, size_t to)
{
    struct account least = { { UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX } };
    size_t number = 0;
    for (size_t i = 0; i < ledger->count; i++) {
        if (ledger->entries[i].kind != kind)
            continue;
        if (number >= from && number < to)
            least = account_least(&least, &ledger->entries[i].account);
        number++;
    }
    return least;
}

static void add_kind(const struct ledger *ledger, unsigned kind, struct ledger_growth *growth)
{
    size_t count = ledger->seen[kind] > WARM_UP ? ledger->seen[kind] - WARM_UP : 0, tenth = count / 10;
    if (count < ENOUGH)
        return;
    struct account before = least_between(ledger, kind, 0, tenth);
    struct account after = least_between(ledger, kind, count - tenth, count);
    for (int i = 0; i < ASSETS; i++) {
        int64_t more = (int64_t)(after.of[i] - before.of[i]);
        if (growth->readings == 0 || more > growth->of[i])
            growth->of[i] = more;
    }
    growth->readings += count;
}

struct ledger_growth ledger_growth(const struct ledger *ledger)
{
    struct ledger_growth growth = { .readings = 0 };
    for (unsigned kind = 0; kind < LEDGER_KINDS; kind++)
        add_kind(ledger, kind, &growth);
    for (size_t i = 0; i < ledger->count; i++) {
        const struct account *account = &ledger->entries[i].account;
        growth.least = i ? account_least(&growth.least, account) : *account;
        growth.most = i ? account_most(&growth.most, account) : *account;
    }
    return growth;
}

bool ledger_has_grown(const struct ledger_growth *growth)
{
    for (int i = 0; i < ASSETS; i++)
        if (growth->of[i] > (i == ASSET_BYTES ? LITTLE : 0))
            return true;
    return false;
}

void ledger_clear(struct ledger *ledger)
{
    free(ledger->entries);
    *ledger = (struct ledger){ .count = 0 };
}
