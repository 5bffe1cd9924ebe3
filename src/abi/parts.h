/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The parts of a call, for those who put one together: capture.c, info.c and
 * insns.c. Not for other layers.
 */

#include "abi/call.h"

/*
 * Notes a pointer that stands at `position` of attr or of the parent, without
 * data: the kernel will find nothing there. The entry stays where it is.
 */
struct call_buffer *call_add_pointer(struct call *c, const struct abi_field *f, uint16_t parent,
                                     uint64_t address);

/* Gives the pointer `size` bytes, zeroed. 0 or -ENOMEM. */
int call_buffer_allocate(struct call_buffer *b, size_t size);

static inline uint16_t call_buffer_index(const struct call *c, const struct call_buffer *b) {
        return (uint16_t)(b - c->buffers);
}

/* The bytes in which a buffer's pointer stands, of the private attr or of a parent. */
static inline uint8_t *call_buffer_base(struct call *c, const struct call_buffer *b) {
        return b->parent == CALL_IN_ATTR ? c->attr : c->buffers[b->parent].data;
}

/*
 * Notes that a descriptor's number stands at `position`. 0, -ENOMEM, or -E2BIG
 * when the call names more different ones than the kernel takes.
 */
int call_add_site(struct call *c, uint16_t buffer, uint32_t position, int number, enum abi_object expects,
                  enum abi_missing missing);

/*
 * The size of what a field points to, by its count and unit in `base`, within
 * the kernel's bounds and ours. 0, the kernel's errno, or CALL_E_TOO_LARGE.
 */
int call_measure(const struct abi_field *f, const uint8_t *base, struct call_buffer *b, size_t *ret_size);

/* Which entries of fd_array the instructions name. */
struct fd_indices {
        uint32_t end;     /* one past the highest */
        bool is_negative; /* one of them is below zero */
        uint64_t used[CALL_FD_ARRAY_MAX / 64];
};

static inline bool fd_indices_have(const struct fd_indices *x, uint32_t index) {
        return index < x->end && index < CALL_FD_ARRAY_MAX && (x->used[index / 64] >> (index % 64) & 1);
}

/*
 * Finds the descriptors in a buffer of instructions. 0, -ENOMEM, -E2BIG, or
 * -EINVAL for a pseudo instruction that is not known: it might be a descriptor.
 */
int insns_scan(struct call *c, const struct call_buffer *b, struct fd_indices *ret_indices);
