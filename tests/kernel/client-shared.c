/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Many threads and processes on one descriptor of a grant: each must get its own
 * answers, whatever becomes of the numbers of the library's descriptors, and
 * nothing of a thread may be left when it has ended. The deputy is the little
 * one, in threads of this process.
 */

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cmocka.h>

#include <linux/filter.h>
#include <linux/seccomp.h>

#include "bpfgrant.h"
#include "kernel/little_deputy.h"
#include "skip.h"

static union bpf_attr map_attr(uint32_t max_entries) {
        return (union bpf_attr) {
                .map_type = BPF_MAP_TYPE_ARRAY,
                .key_size = 4,
                .value_size = 8,
                .max_entries = max_entries,
        };
}

/* Each of its calls makes a map whose size is its own; the answer must be that map. */
static void *make_maps(void *arg) {
        uint32_t first = *(uint32_t *)arg;

        for (uint32_t i = 0; i < 200; i++) {
                union bpf_attr attr = map_attr(first + i), bad = map_attr(0);
                struct bpf_map_info info = {};
                union bpf_attr get = {};
                _cleanup_close_ int fd = bpfgrant_bpf(deputy.grant, BPF_MAP_CREATE, &attr, sizeof(attr));

                get.info.bpf_fd = (uint32_t)fd;
                get.info.info_len = sizeof(info);
                get.info.info = (uintptr_t)&info;
                if (fd < 0 || bpf_syscall(BPF_OBJ_GET_INFO_BY_FD, &get, sizeof(get)) < 0 ||
                    info.max_entries != first + i)
                        return arg;
                if (bpfgrant_bpf(deputy.grant, BPF_MAP_CREATE, &bad, sizeof(bad)) != -EINVAL)
                        return arg;
        }
        return NULL;
}

static void wait_until_serving(int n) {
        for (int i = 0; i < 2000 && deputy.serving != n; i++)
                usleep(1000);
        assert_int_equal(deputy.serving, n);
}

static void threads_do_not_mix_answers(void **state) {
        int serving = deputy.serving, channels = deputy.n_channels;
        uint32_t first[8];
        pthread_t threads[8];
        void *wrong;

        (void)state;
        for (uint32_t i = 0; i < 8; i++) {
                first[i] = 1 + i * 1000;
                assert_int_equal(pthread_create(&threads[i], NULL, make_maps, &first[i]), 0);
        }
        for (uint32_t i = 0; i < 8; i++) {
                assert_int_equal(pthread_join(threads[i], &wrong), 0);
                assert_null(wrong);
        }
        /* One channel for each, which has ended with it. */
        assert_int_equal(deputy.n_channels, channels + 8);
        wait_until_serving(serving);
}

static void processes_do_not_mix_answers(void **state) {
        uint32_t first[4] = {1, 1001, 2001, 3001};
        pid_t children[3];

        (void)state;
        assert_null(make_maps(&first[3])); /* so that they inherit a channel */
        for (size_t i = 0; i < ARRAY_SIZE(children); i++) {
                children[i] = fork();
                assert_true(children[i] >= 0);
                if (children[i] == 0)
                        _exit(make_maps(&first[i]) ? 1 : 0);
        }
        assert_null(make_maps(&first[3]));
        for (size_t i = 0; i < ARRAY_SIZE(children); i++) {
                int status;

                assert_int_equal(waitpid(children[i], &status, 0), children[i]);
                assert_int_equal(status, 0);
        }
}

/* Daemons close what they do not know, and the numbers come to mean something else. */
static int use_grant_after_replacing_descriptors(void) {
        union bpf_attr attr = map_attr(1);
        int grant = deputy.grant, n = 0, pair[2], fd;
        char byte;

        fd = bpfgrant_bpf(grant, BPF_MAP_CREATE, &attr, sizeof(attr));
        if (fd < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
                return 1;
        /* This process has no deputy: all sockets but the grant and these two are the client's. */
        for (int i = 3; i < 256; i++)
                if (i != grant && i != pair[0] && i != pair[1] && fcntl(i, F_GETFD) >= 0 &&
                    dup2(pair[1], i) == i)
                        n++;
        fd = bpfgrant_bpf(grant, BPF_MAP_CREATE, &attr, sizeof(attr));
        if (n == 0 || fd < 0)
                return 2;
        /* Nobody was sent what was not for him, and what is his is still open. */
        if (recv(pair[0], &byte, 1, MSG_DONTWAIT) >= 0 || errno != EAGAIN)
                return 3;
        for (int i = 3; i < 256; i++)
                if (i != fd && fcntl(i, F_GETFD) >= 0)
                        n--;
        return n <= 0 ? 0 : 4;
}

static void a_channel_that_was_closed_is_made_anew(void **state) {
        pid_t child = fork();
        int status;

        (void)state;
        assert_true(child >= 0);
        if (child == 0)
                _exit(use_grant_after_replacing_descriptors());
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
}

/* A sandbox that knows nothing of us: the copying of our own memory is forbidden. */
static int use_grant_without_process_vm(void) {
        struct sock_filter filter[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_process_vm_readv, 1, 0),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_process_vm_writev, 0, 1),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };
        struct sock_fprog program = {.len = ARRAY_SIZE(filter), .filter = filter};
        struct bpf_map_info info = {};
        union bpf_attr attr = map_attr(17), get = {};
        int fd;

        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
            prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
                return 1;
        fd = bpfgrant_bpf(deputy.grant, BPF_MAP_CREATE, &attr, sizeof(attr));
        get.info.bpf_fd = (uint32_t)fd;
        get.info.info_len = sizeof(info);
        get.info.info = (uintptr_t)&info;
        if (fd < 0 || bpfgrant_bpf(deputy.grant, BPF_OBJ_GET_INFO_BY_FD, &get, sizeof(get)) != 0)
                return 2;
        return info.max_entries == 17 ? 0 : 3;
}

static void a_sandbox_does_not_stop_us(void **state) {
        pid_t child = fork();
        int status;

        (void)state;
        assert_true(child >= 0);
        if (child == 0)
                _exit(use_grant_without_process_vm());
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(threads_do_not_mix_answers, need_bpf),
                cmocka_unit_test_setup(processes_do_not_mix_answers, need_bpf),
                cmocka_unit_test_setup(a_channel_that_was_closed_is_made_anew, need_bpf),
                cmocka_unit_test_setup(a_sandbox_does_not_stop_us, need_bpf),
        };

        return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
