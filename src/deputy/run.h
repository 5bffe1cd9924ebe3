/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A grant without a daemon: three processes.
 *
 *   supervisor   (supervisor.c) the one that the user started: root. Answers the
 *                deputy as its steward, passes signals on, returns the program's
 *                exit status. Keeps CAP_SYS_ADMIN and CAP_KILL.
 *    └─ deputy   (serve.c) the holder's uid and the policy's capabilities
 *        └─ program  (program.c) the holder, under its filter
 *
 * The deputy stands above the program so that it may read it where Yama lets
 * only ancestors do so (ptrace_scope 1), and takes over its orphans for the
 * same reason. The grant ends when the program ends.
 */

#include <stdbool.h>

#include "bind/bind.h"
#include "deputy/program.h"
#include "grant/policy.h"

struct run {
        const struct policy *policy;
        struct vocabulary *vocabulary;
        struct bind_reach reach;
        struct program program; /* filter and grant_fd are made by the deputy */
        int record_fd;          /* -1: no record */
        bool quiet;             /* no sentences for refusals */
        bool json;              /* refusals as JSON */
};

/* What the deputy tells the supervisor of the program. */
struct program_status {
        enum {
                PROGRAM_STARTED,
                PROGRAM_EXITED, /* value: exit status */
                PROGRAM_KILLED, /* value: signal */
                PROGRAM_STOPPED,
        } event;
        int value;
        pid_t pid;
};

/* The deputy's process: does not return. Takes both descriptors. */
_noreturn_ void deputy_main(const struct run *run, int steward_fd, int status_fd);

/*
 * Runs the program under the grant until it ends. Returns the exit status that
 * bpfgrant should have: the program's, 128 + signal, or EXIT_*.
 */
int supervise(struct run *run);
