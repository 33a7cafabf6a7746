/* SPDX-License-Identifier: MIT
 *
 * Two queues under one lock: what is to be done, and what is done. A job owns or counts all that it works
 * on, so the lock is not held while it runs. */
#include "engine/loader.h"

#include <pthread.h>
#include <stdlib.h>

#include "engine/thread.h"

struct queue {
    struct cmr__job *first;
    struct cmr__job **end;
};

struct cmr__loader {
    const struct cmr__loop *loop;
    bool started;
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t work;
    bool ending;
    struct queue todo, done;
};

static void put(struct queue *queue, struct cmr__job *job)
{
    job->next = NULL;
    *queue->end = job;
    queue->end = &job->next;
}

static struct cmr__job *take(struct queue *queue)
{
    struct cmr__job *job = queue->first;
    if (job)
        queue->first = job->next;
    if (!queue->first)
        queue->end = &queue->first;
    return job;
}

struct cmr__loader *cmr__loader_new(const struct cmr__loop *loop)
{
    struct cmr__loader *loader = calloc(1, sizeof *loader);
    if (!loader)
        return NULL;
    loader->loop = loop;
    loader->todo.end = &loader->todo.first;
    loader->done.end = &loader->done.first;
    pthread_mutex_init(&loader->lock, NULL);
    pthread_cond_init(&loader->work, NULL);
    return loader;
}

static void *run(void *argument)
{
    struct cmr__loader *loader = argument;
    pthread_mutex_lock(&loader->lock);
    while (!loader->ending) {
        struct cmr__job *job = take(&loader->todo);
        if (!job) {
            pthread_cond_wait(&loader->work, &loader->lock);
            continue;
        }
        pthread_mutex_unlock(&loader->lock);
        job->run(job);
        pthread_mutex_lock(&loader->lock);
        put(&loader->done, job);
        cmr__loop_wake(loader->loop);
    }
    pthread_mutex_unlock(&loader->lock);
    return NULL;
}

bool cmr__loader_submit(struct cmr__loader *loader, struct cmr__job *job)
{
    if (!loader->started)
        loader->started = cmr__thread_start(run, loader, &loader->thread) == CMR_OK;
    if (!loader->started)
        return false;
    pthread_mutex_lock(&loader->lock);
    put(&loader->todo, job);
    pthread_cond_signal(&loader->work);
    pthread_mutex_unlock(&loader->lock);
    return true;
}

struct cmr__job *cmr__loader_collect(struct cmr__loader *loader)
{
    pthread_mutex_lock(&loader->lock);
    struct cmr__job *job = take(&loader->done);
    pthread_mutex_unlock(&loader->lock);
    return job;
}

static void drop_all(struct queue *queue)
{
    for (struct cmr__job *job = take(queue); job; job = take(queue))
        job->free(job);
}

void cmr__loader_disown(struct cmr__loader *loader)
{
    if (!loader || pthread_mutex_trylock(&loader->lock) != 0)
        return;
    drop_all(&loader->todo);
    drop_all(&loader->done);
    free(loader);
}

void cmr__loader_free(struct cmr__loader *loader)
{
    if (!loader)
        return;
    pthread_mutex_lock(&loader->lock);
    loader->ending = true;
    pthread_cond_signal(&loader->work);
    pthread_mutex_unlock(&loader->lock);
    if (loader->started)
        pthread_join(loader->thread, NULL);
    drop_all(&loader->todo);
    drop_all(&loader->done);
    pthread_cond_destroy(&loader->work);
    pthread_mutex_destroy(&loader->lock);
    free(loader);
}
