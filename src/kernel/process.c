/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "kernel/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "base/fd.h"
#include "base/macro.h"
#include "kernel/notify.h"

#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL /* 6.9: a pidfd for one thread, whose descriptor table is its own */
#endif

static int process_read(struct caller *c, uint64_t address, void *buffer, size_t size) {
        struct process_caller *p = (struct process_caller *)c;
        struct iovec local = {buffer, size};
        struct iovec remote = {(void *)(uintptr_t)address, size};
        ssize_t n;

        if (size == 0)
                return 0;
        n = process_vm_readv(p->tid, &local, 1, &remote, 1, 0);
        if (n < 0)
                return -errno;
        return (size_t)n == size ? 0 : -EFAULT;
}

static int process_open_memory(struct process_caller *p) {
        _cleanup_close_ int fd = -1;
        char path[32];

        snprintf(path, sizeof(path), "%d/mem", p->tid);
        fd = openat(p->proc_fd, path, O_RDWR | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        if (!notify_is_valid(p->listener, p->notification))
                return -ESRCH;
        p->memory_fd = take_fd(&fd);
        return 0;
}

static int process_write(struct caller *c, uint64_t address, const void *buffer, size_t size) {
        struct process_caller *p = (struct process_caller *)c;
        ssize_t n;
        int r;

        if (size == 0)
                return 0;
        if (address > INT64_MAX)
                return -EFAULT;
        if (p->memory_fd < 0) {
                r = process_open_memory(p);
                if (r < 0)
                        return r;
        }
        n = pwrite(p->memory_fd, buffer, size, (off_t)address);
        if (n < 0)
                return errno == EIO ? -EFAULT : -errno;
        return (size_t)n == size ? 0 : -EFAULT;
}

/* The thread group of a thread, for kernels whose pidfds are for thread groups only. */
static pid_t process_group(int proc_fd, pid_t tid) {
        struct process_identity identity;

        process_identify(proc_fd, tid, &identity);
        return identity.pid;
}

static int process_open_pid_fd(struct process_caller *p) {
        int fd = (int)syscall(SYS_pidfd_open, p->tid, PIDFD_THREAD);

        if (fd < 0 && errno == EINVAL) {
                pid_t group;

                fd = (int)syscall(SYS_pidfd_open, p->tid, 0);
                if (fd < 0 && (errno == EINVAL || errno == ENOENT)) {
                        group = process_group(p->proc_fd, p->tid);
                        fd = group > 0 ? (int)syscall(SYS_pidfd_open, group, 0) : -1;
                }
        }
        if (fd < 0)
                return -errno;
        p->pid_fd = fd;
        return 0;
}

static int process_fd(struct caller *c, int number, int *ret_fd) {
        struct process_caller *p = (struct process_caller *)c;
        int fd, r;

        if (p->pid_fd < 0) {
                r = process_open_pid_fd(p);
                if (r < 0)
                        return r;
        }
        fd = (int)syscall(SYS_pidfd_getfd, p->pid_fd, number, 0);
        if (fd < 0)
                return -errno;
        *ret_fd = fd;
        return 0;
}

static const struct caller_ops process_ops = {
        .read = process_read,
        .write = process_write,
        .fd = process_fd,
};

void process_caller_init(struct process_caller *p, int proc_fd, int listener, uint64_t notification,
                         pid_t tid) {
        *p = (struct process_caller) {
                .caller.ops = &process_ops,
                .tid = tid,
                .proc_fd = proc_fd,
                .listener = listener,
                .notification = notification,
                .pid_fd = -1,
                .memory_fd = -1,
        };
}

void process_caller_deinit(struct process_caller *p) {
        p->pid_fd = fd_close(p->pid_fd);
        p->memory_fd = fd_close(p->memory_fd);
}

void process_identify(int proc_fd, pid_t tid, struct process_identity *ret_identity) {
        struct process_identity identity = {.pid = -1, .tid = tid, .uid = (uid_t)-1};
        char path[32], status[1024];
        _cleanup_close_ int fd = -1;
        const char *line;
        ssize_t n = -1;

        snprintf(path, sizeof(path), "%d/status", tid);
        fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
        if (fd >= 0)
                n = read(fd, status, sizeof(status) - 1);
        if (n > 0) {
                status[n] = '\0';
                /* "Name:" is the first line and the kernel escapes newlines in it. */
                (void)sscanf(status, "Name: %15[^\n]", identity.comm);
                line = strstr(status, "\nTgid:");
                if (line)
                        (void)sscanf(line, "\nTgid: %d", &identity.pid);
                line = strstr(status, "\nUid:");
                if (line)
                        (void)sscanf(line, "\nUid: %*u %u", &identity.uid);
        }
        *ret_identity = identity;
}

int process_netns(int proc_fd, pid_t tid, uint64_t *ret_device, uint64_t *ret_inode) {
        struct stat s;
        char path[32];

        if (tid == 0)
                snprintf(path, sizeof(path), "self/ns/net");
        else
                snprintf(path, sizeof(path), "%d/ns/net", tid);
        if (fstatat(proc_fd, path, &s, 0) < 0)
                return -errno;
        *ret_device = s.st_dev;
        *ret_inode = s.st_ino;
        return 0;
}
