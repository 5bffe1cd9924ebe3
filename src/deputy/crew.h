/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The serving threads of a deputy. One of them leads: it receives calls, and
 * serves those that are quick itself. Before it begins with one that may be
 * slow (a load near the instruction limit takes about a second) it passes the
 * lead to a thread that waits, so there is always one that receives. Only when
 * no other is free the slow call is put aside, and the first thread that is
 * done with its own takes it.
 *
 * So a quick call wakes one thread, where several that receive from the same
 * seccomp listener would all be woken by each call; and a load is not handed to
 * another thread but run by the one that has it in its cache.
 *
 * What is put aside is what a front end received and has not yet looked into: a
 * notification's number or a message, never a captured program.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#define CREW_JOBS_MAX 256

struct job {
        void (*run)(struct job *job); /* also frees the job */
};

struct crew {
        pthread_mutex_t lock;
        pthread_cond_t called;
        bool is_led;
        size_t n_waiting;
        struct job *jobs[CREW_JOBS_MAX];
        size_t first, n;
};

void crew_init(struct crew *c);

/* Waits until the calling thread leads; runs what was put aside until then. */
void crew_lead(struct crew *c);

/* By the leader: true if another thread leads now. */
bool crew_pass_lead(struct crew *c);

/*
 * By the leader, when it could not be passed. False when too much is put aside: the caller answers
 * -EAGAIN, as libbpf's loaders expect of a busy kernel.
 */
bool crew_put_aside(struct crew *c, struct job *job);
