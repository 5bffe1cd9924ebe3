/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * bare notify|socket PROGRAM ARGUMENT…: the floors of the two deliveries. What
 * has to be done to make a call for another process, and nothing else: no
 * policy, no budget, no record, no confinement, one thread, and no question
 * whether the caller tells the truth.
 *
 *   notify   receive the notification, copy attr and instructions from the
 *            program, ask whether it still waits, bpf(2), install the result
 *   socket   receive a message, bpf(2), send the result with its descriptor
 *
 * The loop has the deputy's capabilities for bench.grant, so that the kernel
 * does the same work; and the one to read the program, which is nobody's.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include "bare.h"
#include "base/fd.h"
#include "base/macro.h"
#include "kernel/bpf.h"
#include "kernel/privilege.h"
#include "kernel/seqpacket.h"

static _noreturn_ void fail(const char *what, int error) {
        fprintf(stderr, "bare: %s: %s\n", what, strerror(-error));
        _exit(EXIT_FAILURE);
}

/* The two commands of the benchmark, as the filter of the program has them. */
static int install_filter(void) {
        struct sock_filter code[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_bpf, 0, 4),
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, BPF_MAP_CREATE, 1, 0),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, BPF_PROG_LOAD, 0, 1),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };
        struct sock_fprog filter = {ARRAY_SIZE(code), code};
        int fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
                              &filter);

        return fd < 0 ? -errno : fd;
}

/* The program: nobody, and on its way through the loop. */
static _noreturn_ void run_program(int socket, bool notify, char **argv) {
        struct identity nobody;
        char number[16];
        int r = identity_of_user("nobody", &nobody);

        if (r == 0)
                r = privilege_become(&nobody, /* keep= */ 0);
        if (r == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                r = -errno;
        if (r < 0)
                fail("nobody", r);
        if (notify) {
                _cleanup_close_ int listener = install_filter();

                if (listener < 0)
                        fail("filter", listener);
                r = seqpacket_send(socket, "", 1, NULL, 0, /* sealed= */ false, &listener, 1);
                if (r < 0)
                        fail("listener", r);
        } else {
                snprintf(number, sizeof(number), "%d", socket);
                setenv("BARE_FD", number, 1);
                (void)fcntl(socket, F_SETFD, 0);
        }
        execv(argv[0], argv);
        fail(argv[0], -errno);
}

static int copy(pid_t pid, void *to, uint64_t from, size_t size) {
        struct iovec local = {to, size}, remote = {(void *)(uintptr_t)from, size};

        return process_vm_readv(pid, &local, 1, &remote, 1, 0) == (ssize_t)size ? 0 : -EFAULT;
}

static int copy_call(const struct seccomp_notif *n, struct bare_message *m) {
        int r;

        m->command = (uint32_t)n->data.args[0];
        m->attr_size = (uint32_t)n->data.args[2];
        if (m->attr_size > sizeof(m->attr))
                return -E2BIG;
        r = copy((pid_t)n->pid, &m->attr, n->data.args[1], m->attr_size);
        if (r < 0 || m->command != BPF_PROG_LOAD)
                return r;
        if (m->attr.insn_cnt > STRAIGHT_MAX)
                return -E2BIG;
        r = copy((pid_t)n->pid, m->instructions, m->attr.insns,
                 m->attr.insn_cnt * sizeof(m->instructions[0]));
        if (r < 0)
                return r;
        r = copy((pid_t)n->pid, m->license, m->attr.license, sizeof("GPL"));
        return r;
}

static int execute(struct bare_message *m) {
        if (m->command == BPF_PROG_LOAD) {
                m->attr.insns = (uint64_t)(uintptr_t)m->instructions;
                m->attr.license = (uint64_t)(uintptr_t)m->license;
        }
        return bpf_syscall(m->command, &m->attr, m->attr_size);
}

static void answer_notification(int listener, uint64_t id, int result) {
        struct seccomp_notif_resp failure = {.id = id, .error = result};
        struct seccomp_notif_addfd success = {
                .id = id,
                .flags = SECCOMP_ADDFD_FLAG_SEND,
                .srcfd = (uint32_t)result,
                .newfd_flags = O_CLOEXEC,
        };

        if (result < 0)
                (void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &failure);
        else
                (void)ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &success);
        (void)fd_close(result);
}

static void serve_notifications(int listener) {
        static struct bare_message m;

        for (;;) {
                struct seccomp_notif n = {};
                int r;

                if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &n) < 0)
                        return;
                r = copy_call(&n, &m);
                if (r == 0 && ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &n.id) < 0)
                        continue;
                answer_notification(listener, n.id, r < 0 ? r : execute(&m));
        }
}

static void serve_messages(int socket) {
        static struct bare_message m;

        while (recv(socket, &m, sizeof(m), 0) > 0) {
                int result = execute(&m);

                (void)seqpacket_send(socket, &result, sizeof(result), NULL, 0, /* sealed= */ false, &result,
                                     result >= 0 ? 1 : 0);
                (void)fd_close(result);
        }
}

static int receive_listener(int socket) {
        _cleanup_seqpacket_ struct seqpacket packet;
        char byte;

        seqpacket_init(&packet);
        if (seqpacket_receive(socket, &byte, sizeof(byte), &packet) <= 0 || packet.fds.n != 1)
                fail("no listener", -EIO);
        return take_fd(&packet.fds.fds[0]);
}

static void program_ended(int signal _unused_) {
        _exit(EXIT_SUCCESS);
}

int main(int argc, char **argv) {
        bool notify = argc > 2 && strcmp(argv[1], "notify") == 0;
        int pair[2], listener = -1, r;

        if (argc < 3 || (!notify && strcmp(argv[1], "socket") != 0))
                fail("bare notify|socket PROGRAM", -EINVAL);
        (void)signal(SIGCHLD, program_ended);
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
                fail("socketpair", -errno);
        if (fork() == 0)
                run_program(pair[1], notify, argv + 2);
        (void)fd_close(pair[1]);
        if (notify)
                listener = receive_listener(pair[0]);
        r = privilege_limit(CAPABILITY(CAP_BPF) | CAPABILITY(CAP_NET_ADMIN) | CAPABILITY(CAP_SYS_PTRACE));
        if (r < 0)
                fail("capabilities", r);
        if (notify)
                serve_notifications(listener);
        else
                serve_messages(pair[0]);
        return EXIT_SUCCESS;
}
