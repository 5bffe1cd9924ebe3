/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One of those that are compared: a worker (worker.c) that waits for orders,
 * behind whatever delivers its calls. All of a comparison are alive at the same
 * time and take turns.
 */

#include <sys/types.h>

#include "order.h"

#define CONTENDERS_MAX 4

enum {
        CPU_ANY, /* wherever the scheduler puts its processes */
        CPU_ONE, /* all of them on the first CPU that we may use */
};

struct contender {
        pid_t pid;    /* of the outermost process: bpfgrant, bare, or the worker itself */
        int to, from; /* the worker's standard input and output */
};

/* Starts a command that ends in a worker; `cpu`: CPU_ANY or CPU_ONE. What fails here ends the benchmark. */
void contender_start(struct contender *c, const char *const *command, int cpu);
/* Ends and reaps it. */
void contender_stop(struct contender *c);

/* Has one batch done; `ret_samples` has room for order.count. */
void contender_order(const struct contender *c, const struct order *o, double *ret_samples);

/* Private memory, in KiB, of the process that serves the worker's calls. */
double contender_server_memory(const struct contender *c);
