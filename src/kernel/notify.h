/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Seccomp user notifications: the filter that makes them, and the requests on
 * its listener. Needs Linux 5.14 (SECCOMP_ADDFD_FLAG_SEND); 5.19 lets a caller
 * wait unharmed by signals that do not kill it, and is asked for where it is.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/filter.h>
#include <linux/seccomp.h>

/*
 * The filter of a program under a grant. It looks at registers only, and covers
 * all architectures that the kernel takes from the same process (x86-64, x32,
 * i386: bpf_attr is the same for all of them).
 *
 *   bpf(2)    with one of these commands, or with any from `unknown_from` on,
 *             becomes a notification; without commands none does
 *   ioctl(2)  that puts words into the terminal's input (TIOCSTI, TIOCLINUX) is
 *             EPERM: the terminal is often that of root, who gave the grant
 *
 * Everything else is let through. Made by libseccomp; the program is allocated
 * and freed by the caller.
 */
int program_filter_make(const uint32_t *commands, size_t n_commands, uint32_t unknown_from,
                        struct sock_fprog *ret_filter);

/*
 * Installs a filter on the calling thread; needs no_new_privs. With `listens`,
 * returns the listener (CLOEXEC), else 0; or -errno: -EBUSY when a listener
 * above it exists already.
 */
int program_filter_install(const struct sock_fprog *filter, bool listens);

/* A notification, large enough for kernels whose structures have grown. */
union notify_request {
        struct seccomp_notif notification;
        char space[512];
};

/* Waits for the next call. 0; -ENOENT: the caller has died in between; or -errno. */
int notify_receive(int listener, union notify_request *ret_request);

/* Whether nobody is left who could make a call. */
bool notify_is_over(int listener);

/* Whether the caller still waits for this notification's answer. */
bool notify_is_valid(int listener, uint64_t id);

/* Answers: `result` is a return value, or -errno. -ENOENT when nobody waits any more. */
int notify_reply(int listener, uint64_t id, int64_t result);

/*
 * Answers with a descriptor: installs a duplicate of fd in the caller (CLOEXEC,
 * as bpf(2) does) and returns its number there in one step. Returns that number
 * or -errno: -ENOENT when nobody waits any more, -EMFILE when the caller's table
 * is full.
 */
int notify_reply_fd(int listener, uint64_t id, int fd);
