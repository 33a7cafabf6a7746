/* SPDX-License-Identifier: MIT
 *
 * What faults need. Chance is drawn in the same order whatever time things take, so that a seed brings the
 * same faults again. */
#include "soak/faults.h"

#include <stdio.h>
#include <unistd.h>

#define ANSWER_SECONDS 60

bool scene_toss(struct scene *scene)
{
    return chance_below(&scene->chance, 2);
}

void scene_rest(struct scene *scene, unsigned most_ms)
{
    usleep(chance_below(&scene->chance, most_ms * 1000));
}

struct pod *scene_other(struct scene *scene, const struct pod *pod)
{
    struct pod *other = &scene->pods[pod == &scene->pods[0]];
    return other == scene->busy ? NULL : other;
}

void scene_order(struct scene *scene, enum order order, uint64_t value, struct answer *ret_answer)
{
    struct answer answer = { .value = 0 };
    if (!daemon_order(&scene->daemon, order, value, ANSWER_SECONDS, &answer) && !scene->wrong[0])
        snprintf(scene->wrong, sizeof scene->wrong, "the daemon did not answer within %d s", ANSWER_SECONDS);
    if (ret_answer)
        *ret_answer = answer;
}

void scene_begin_life(struct scene *scene)
{
    scene->kind = chance_below(&scene->chance, LIFE_KINDS);
    scene_order(scene, ORDER_BEGIN, scene->kind, NULL);
}
