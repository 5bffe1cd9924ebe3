/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A set of values of one kernel enum. `any` is not "all bits": it is every
 * value that the kernel has, also one that a later kernel adds, so a set of
 * names never contains `any`, and `any` contains every set.
 */

#include <stdbool.h>
#include <stdint.h>

#include "grant/vocabulary.h"

struct name_set {
        bool any;
        uint64_t bits[NAME_VALUES_MAX / 64];
};

static inline void name_set_add(struct name_set *s, uint32_t value) {
        if (value < NAME_VALUES_MAX)
                s->bits[value / 64] |= UINT64_C(1) << (value % 64);
}

/* Whether the value is named in the set itself, whatever `any` says. */
static inline bool name_set_names(const struct name_set *s, uint32_t value) {
        return value < NAME_VALUES_MAX && (s->bits[value / 64] & (UINT64_C(1) << (value % 64)));
}

static inline bool name_set_has(const struct name_set *s, uint32_t value) {
        return s->any || name_set_names(s, value);
}

static inline bool name_set_is_empty(const struct name_set *s) {
        uint64_t all = 0;

        for (size_t i = 0; i < ARRAY_SIZE(s->bits); i++)
                all |= s->bits[i];
        return !s->any && all == 0;
}

static inline bool name_set_equal(const struct name_set *a, const struct name_set *b) {
        for (size_t i = 0; i < ARRAY_SIZE(a->bits); i++)
                if (a->bits[i] != b->bits[i])
                        return false;
        return a->any == b->any;
}

/* What `a` has and `b` has not: empty exactly when `a` is within `b`. */
static inline struct name_set name_set_minus(const struct name_set *a, const struct name_set *b) {
        struct name_set rest = *a;

        if (b->any)
                return (struct name_set) {};
        for (size_t i = 0; i < ARRAY_SIZE(rest.bits); i++)
                rest.bits[i] &= ~b->bits[i];
        return rest;
}
