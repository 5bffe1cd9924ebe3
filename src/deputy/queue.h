/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A bounded queue of jobs for the threads that load programs, so that a load
 * near the instruction limit (about a second) holds up nobody else. A job is
 * what a front end received and has not yet looked into: a notification's
 * number or a message, never a captured program, so a full queue is small.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#define QUEUE_MAX 256

struct job {
        void (*run)(struct job *job); /* also frees the job */
};

struct queue {
        pthread_mutex_t lock;
        pthread_cond_t filled;
        struct job *jobs[QUEUE_MAX];
        size_t first, n;
};

void queue_init(struct queue *q);
/* False when the queue is full: the caller answers -EAGAIN, as libbpf's loaders expect of a busy kernel. */
bool queue_push(struct queue *q, struct job *job);
/* Waits for a job. */
struct job *queue_pop(struct queue *q);
