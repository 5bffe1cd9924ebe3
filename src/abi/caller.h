/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Whoever makes a bpf(2) call, seen from the code that serves it: a memory that
 * can be read and written, and a table of descriptors. An intercepted process
 * is one (kernel/process.h), a message on a socket is another (wire/), a test's
 * own buffers a third. Everything that is read through it is hostile and may
 * change between two reads: whoever needs a value twice reads it once and keeps
 * the copy.
 */

#include <stddef.h>
#include <stdint.h>

struct caller;

struct caller_ops {
        /* All `size` bytes, or -EFAULT; other errors are handed up. */
        int (*read)(struct caller *c, uint64_t address, void *buffer, size_t size);
        /* All `size` bytes, or -EFAULT. */
        int (*write)(struct caller *c, uint64_t address, const void *buffer, size_t size);
        /* A new descriptor of ours (CLOEXEC) for the caller's number, or -EBADF. */
        int (*fd)(struct caller *c, int number, int *ret_fd);
};

/* Embedded at the start of each kind of caller. */
struct caller {
        const struct caller_ops *ops;
};
