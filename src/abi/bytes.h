/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Numbers in attr and in other structures of bytes, in the machine's own order.
 * Structures that a caller lays out need not be aligned.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t bytes_u32(const void *base, size_t offset) {
        uint32_t v;

        memcpy(&v, (const uint8_t *)base + offset, sizeof(v));
        return v;
}

static inline uint64_t bytes_u64(const void *base, size_t offset) {
        uint64_t v;

        memcpy(&v, (const uint8_t *)base + offset, sizeof(v));
        return v;
}

static inline void bytes_put_u32(void *base, size_t offset, uint32_t v) {
        memcpy((uint8_t *)base + offset, &v, sizeof(v));
}

static inline void bytes_put_u64(void *base, size_t offset, uint64_t v) {
        memcpy((uint8_t *)base + offset, &v, sizeof(v));
}

/* Whether all of them are zero. */
static inline bool bytes_are_zero(const void *base, size_t size) {
        const uint8_t *p = base;

        return size == 0 || (p[0] == 0 && memcmp(p, p + 1, size - 1) == 0);
}
