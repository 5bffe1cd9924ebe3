/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Descriptors and who owns them. `int fd` borrows, `int fd_consume` takes, also
 * on failure. close() is never retried: Linux has released the number even when
 * it reports EINTR.
 */

#include <errno.h>
#include <unistd.h>

#include "base/macro.h"

/* Closes fd if it is one; keeps errno. Returns -1, the empty value. */
static inline int fd_close(int fd) {
        if (fd >= 0) {
                int saved = errno;

                (void)close(fd);
                errno = saved;
        }
        return -1;
}

static inline void fd_closep(int *fd) {
        *fd = fd_close(*fd);
}
#define _cleanup_close_ _cleanup_(fd_closep)

/* Hands the descriptor on and leaves -1 behind. */
static inline int take_fd(int *fd) {
        int r = *fd;

        *fd = -1;
        return r;
}
