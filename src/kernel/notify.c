/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "kernel/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <seccomp.h>

#include "base/fd.h"
#include "base/macro.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5) /* 5.19 */
#endif

static void filter_releasep(scmp_filter_ctx *f) {
        if (*f)
                seccomp_release(*f);
}

/* Architectures besides the native one from which the same process can call. */
static int add_architectures(scmp_filter_ctx f) {
#if defined(__x86_64__)
        static const uint32_t others[] = {SCMP_ARCH_X86, SCMP_ARCH_X32};
#elif defined(__aarch64__)
        static const uint32_t others[] = {SCMP_ARCH_ARM};
#else
        static const uint32_t others[] = {};
#endif
        int r;

        for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
                r = seccomp_arch_add(f, others[i]);
                if (r < 0 && r != -EEXIST)
                        return r;
        }
        return 0;
}

/* The finished program of a libseccomp filter: it is exported to a file, ours in memory. */
static int export_program(scmp_filter_ctx f, struct sock_fprog *ret_filter) {
        _cleanup_close_ int fd = memfd_create("filter", MFD_CLOEXEC);
        _cleanup_free_ struct sock_filter *instructions = NULL;
        struct stat s;
        int r;

        if (fd < 0)
                return -errno;
        r = seccomp_export_bpf(f, fd);
        if (r < 0)
                return r;
        if (fstat(fd, &s) < 0)
                return -errno;
        instructions = malloc((size_t)s.st_size);
        if (!instructions)
                return -ENOMEM;
        if (pread(fd, instructions, (size_t)s.st_size, 0) != s.st_size)
                return -EIO;
        ret_filter->len = (unsigned short)((size_t)s.st_size / sizeof(struct sock_filter));
        ret_filter->filter = steal_ptr(instructions);
        return 0;
}

static int notify_commands(scmp_filter_ctx f, const uint32_t *commands, size_t n_commands,
                           uint32_t unknown_from) {
        /*
         * bpf(2) takes its command as an int: the kernel ignores the upper half
         * of the register, so it is masked out. In the comparison for unknown
         * commands it is not: what has anything there is notified as well, and
         * the deputy truncates it as the kernel does.
         */
        for (size_t i = 0; i < n_commands; i++) {
                int r = seccomp_rule_add(f, SCMP_ACT_NOTIFY, SCMP_SYS(bpf), 1,
                                         SCMP_A0(SCMP_CMP_MASKED_EQ, UINT32_MAX, commands[i]));

                if (r < 0)
                        return r;
        }
        return seccomp_rule_add(f, SCMP_ACT_NOTIFY, SCMP_SYS(bpf), 1, SCMP_A0(SCMP_CMP_GE, unknown_from));
}

static int refuse_terminal_input(scmp_filter_ctx f) {
        static const unsigned long requests[] = {TIOCSTI, TIOCLINUX};

        for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
                int r = seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1,
                                         SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, requests[i]));

                if (r < 0)
                        return r;
        }
        return 0;
}

int program_filter_make(const uint32_t *commands, size_t n_commands, uint32_t unknown_from,
                        struct sock_fprog *ret_filter) {
        _cleanup_(filter_releasep) scmp_filter_ctx f = seccomp_init(SCMP_ACT_ALLOW);
        int r;

        if (!f)
                return -ENOMEM;
        r = add_architectures(f);
        if (r < 0)
                return r;
        r = refuse_terminal_input(f);
        if (r < 0)
                return r;
        if (n_commands > 0) {
                r = notify_commands(f, commands, n_commands, unknown_from);
                if (r < 0)
                        return r;
        }
        return export_program(f, ret_filter);
}

int program_filter_install(const struct sock_fprog *filter, bool listens) {
        unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
        long r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, listens ? flags : 0, filter);

        if (r < 0 && errno == EINVAL && listens) /* before 5.19 */
                r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, filter);
        return r < 0 ? -errno : (int)r;
}

int notify_receive(int listener, union notify_request *ret_request) {
        memset(ret_request, 0, sizeof(*ret_request)); /* EINVAL otherwise, since 5.5 */
        return ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, ret_request) < 0 ? -errno : 0;
}

bool notify_is_over(int listener) {
        struct pollfd p = {.fd = listener};

        return poll(&p, 1, 0) == 1 && (p.revents & POLLHUP);
}

bool notify_is_valid(int listener, uint64_t id) {
        return ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}

int notify_reply(int listener, uint64_t id, int64_t result) {
        union {
                struct seccomp_notif_resp response;
                char space[512];
        } u = {.response = {.id = id}};

        if (result < 0)
                u.response.error = (int)result;
        else
                u.response.val = result;
        return ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &u) < 0 ? -errno : 0;
}

int notify_reply_fd(int listener, uint64_t id, int fd) {
        struct seccomp_notif_addfd add = {
                .id = id,
                .flags = SECCOMP_ADDFD_FLAG_SEND,
                .srcfd = (uint32_t)fd,
                .newfd_flags = O_CLOEXEC,
        };
        int r = ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);

        return r < 0 ? -errno : r;
}
