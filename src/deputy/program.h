/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The program that is to run under a grant, from fork to execve. It becomes the
 * holder for good before it is given anything: no capability, no way back, then
 * the filter (or the descriptor) through which its calls reach the deputy.
 */

#include <signal.h>
#include <stdbool.h>

#include "base/macro.h"
#include "kernel/notify.h"
#include "kernel/privilege.h"

enum delivery {
        DELIVERY_INTERCEPT, /* an unmodified program: seccomp notifications */
        DELIVERY_SOCKET,    /* a program that speaks libbpfgrant: BPFGRANT_FD in its environment */
};

/* Exit statuses of what went wrong before the program ran, as env(1) has them. */
enum {
        EXIT_OURS = 125,
        EXIT_CANNOT_RUN = 126,
        EXIT_NOT_FOUND = 127,
};

struct program {
        char **argv;
        struct identity holder;
        bool as_root;     /* uid 0 of a user namespace of its own */
        const char *pins; /* a directory of a bpffs to have at this path; or NULL */
        enum delivery delivery;
        const struct sock_fprog *filter;
        int grant_fd;     /* DELIVERY_SOCKET: the holder's end */
        sigset_t signals; /* the mask that the program shall have */
};

/*
 * To be called in the forked child; does not return. Sends the filter's
 * listener over `parent` (a SEQPACKET socket), waits there for one message that
 * says that the deputy serves, then runs the program. At its end (the deputy
 * could not become one) it exits.
 */
_noreturn_ void program_start(const struct program *p, int parent);
