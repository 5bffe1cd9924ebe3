/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a worker is told, on its standard input, and what it answers, on its
 * standard output. One order is one small batch of the same operation; the
 * answer is the time that each of them took. A worker that cannot do what it
 * was told says why on stderr and ends.
 */

#include <stdint.h>
#include <time.h>

#define SAMPLES_MAX 1024
/* Look-ups and updates take less than reading the clock twice would allow: timed by so many. */
#define MAP_OPERATIONS 100

enum operation {
        OPERATION_LOOKUP = 1,
        OPERATION_UPDATE,
        OPERATION_CREATE, /* a map, and close */
        OPERATION_LOAD,   /* a program of `size` instructions, and close */
        OPERATION_PARENT, /* answers with one number: the parent's pid */
};

struct order {
        uint32_t operation;
        uint32_t size;
        uint32_t count; /* at most SAMPLES_MAX; so many doubles answer */
};

static inline uint64_t clock_ns(void) {
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}
