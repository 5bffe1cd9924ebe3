/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "deputy/queue.h"

void queue_init(struct queue *q) {
        *q = (struct queue) {.lock = PTHREAD_MUTEX_INITIALIZER, .filled = PTHREAD_COND_INITIALIZER};
}

bool queue_push(struct queue *q, struct job *job) {
        bool pushed = false;

        pthread_mutex_lock(&q->lock);
        if (q->n < QUEUE_MAX) {
                q->jobs[(q->first + q->n++) % QUEUE_MAX] = job;
                pthread_cond_signal(&q->filled);
                pushed = true;
        }
        pthread_mutex_unlock(&q->lock);
        return pushed;
}

struct job *queue_pop(struct queue *q) {
        struct job *job;

        pthread_mutex_lock(&q->lock);
        while (q->n == 0)
                pthread_cond_wait(&q->filled, &q->lock);
        job = q->jobs[q->first];
        q->first = (q->first + 1) % QUEUE_MAX;
        q->n--;
        pthread_mutex_unlock(&q->lock);
        return job;
}
