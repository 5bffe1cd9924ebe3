/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "deputy/crew.h"

void crew_init(struct crew *c) {
        *c = (struct crew) {.lock = PTHREAD_MUTEX_INITIALIZER, .called = PTHREAD_COND_INITIALIZER};
}

/* A job that was put aside, or NULL: then the thread leads. */
static struct job *crew_wait(struct crew *c) {
        struct job *job = NULL;

        pthread_mutex_lock(&c->lock);
        c->n_waiting++;
        while (c->is_led && c->n == 0)
                pthread_cond_wait(&c->called, &c->lock);
        c->n_waiting--;
        if (!c->is_led) {
                c->is_led = true;
        } else {
                job = c->jobs[c->first];
                c->first = (c->first + 1) % CREW_JOBS_MAX;
                c->n--;
        }
        pthread_mutex_unlock(&c->lock);
        return job;
}

void crew_lead(struct crew *c) {
        struct job *job;

        while ((job = crew_wait(c)))
                job->run(job);
}

bool crew_pass_lead(struct crew *c) {
        bool passed;

        pthread_mutex_lock(&c->lock);
        passed = c->n_waiting > 0;
        if (passed)
                c->is_led = false;
        pthread_mutex_unlock(&c->lock);
        /* Not with the lock held: the thread that is woken would first wait for it. */
        if (passed)
                pthread_cond_signal(&c->called);
        return passed;
}

bool crew_put_aside(struct crew *c, struct job *job) {
        bool put;

        pthread_mutex_lock(&c->lock);
        put = c->n < CREW_JOBS_MAX;
        if (put)
                c->jobs[(c->first + c->n++) % CREW_JOBS_MAX] = job;
        pthread_mutex_unlock(&c->lock);
        /* One may have come to wait in between. */
        if (put)
                pthread_cond_signal(&c->called);
        return put;
}
