/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * An intercepted process as a caller: its memory and its descriptors, by
 * thread id.
 *
 * A thread id can be reused when its thread has died, so nothing that was taken
 * by it counts until the seccomp notification has been found still valid
 * afterwards (notify_is_valid()): a thread that waits in its notification can
 * neither exit nor execve, and its id is not anybody else's. Reads and
 * descriptors are taken first and checked once. Writes cannot be taken back, so
 * they go through /proc/TID/mem, which is bound to the memory it was opened
 * for: opened, checked, then written.
 *
 * Reads respect the process's page protections; writes through /proc/TID/mem
 * may go to its read-only pages (before 6.12, or with proc_mem.force_override),
 * which only the process itself can see.
 */

#include <stdint.h>
#include <sys/types.h>

#include "abi/caller.h"

struct process_caller {
        struct caller caller;
        pid_t tid;
        int proc_fd;  /* /proc, borrowed */
        int listener; /* borrowed */
        uint64_t notification;
        int pid_fd;    /* owned, or -1 */
        int memory_fd; /* owned, or -1; opened by the first write */
};

void process_caller_init(struct process_caller *p, int proc_fd, int listener, uint64_t notification,
                         pid_t tid);
void process_caller_deinit(struct process_caller *p);

/* What a record says of a process; empty or -1 where it cannot be read. */
struct process_identity {
        pid_t pid; /* thread group */
        pid_t tid;
        uid_t uid; /* effective, as the initial namespace knows it */
        char comm[16];
};
void process_identify(int proc_fd, pid_t tid, struct process_identity *ret_identity);

/* Device and inode of a process's network namespace; tid 0 is oneself. 0, or -errno. */
int process_netns(int proc_fd, pid_t tid, uint64_t *ret_device, uint64_t *ret_inode);
