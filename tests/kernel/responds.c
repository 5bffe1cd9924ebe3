/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * responds TEST…: runs a kernel test, if this kernel still answers to bpf(2).
 *
 * A kernel can be stuck: seen on 6.18, where more than 1,024 programs that were
 * waiting to be freed on one processor locked up with the clean-up of their
 * memory (bpf_prog_pack_free() in every worker, __purge_vmap_area_lazy() waiting
 * for one). From then on a load never returns, and who makes it cannot be
 * killed, until the machine is started again. A test suite must not hang there:
 * a child makes a map and a program, and when it has not come back in time, the
 * test is skipped and says why.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/bpf.h>

#define PATIENCE_MS 5000

static void try_load(void) {
        const struct bpf_insn insns[] = {
                {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
                {.code = BPF_JMP | BPF_EXIT},
        };
        union bpf_attr attr = {
                .prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
                .insns = (uintptr_t)insns,
                .insn_cnt = 2,
                .license = (uintptr_t) "GPL",
        };

        /* Whether it may is the test's own affair; only that there is an answer counts here. */
        (void)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

/* The child's end of the pipe is closed when it exits, and not before. */
static int kernel_responds(void) {
        struct pollfd ended = {.events = POLLIN};
        int ends[2];
        pid_t child;

        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        child = fork();
        if (child < 0)
                return -errno;
        if (child == 0) {
                /* Whoever reads our output must not wait for us. */
                (void)close_range(0, 2, 0);
                try_load();
                _exit(0);
        }
        (void)close(ends[1]);
        ended.fd = ends[0];
        return poll(&ended, 1, PATIENCE_MS);
}

int main(int argc, char **argv) {
        int r;

        if (argc < 2) {
                fputs("usage: responds TEST [ARGUMENT]...\n", stderr);
                return 2;
        }
        r = kernel_responds();
        if (r < 0) {
                fprintf(stderr, "responds: %s\n", strerror(-r));
                return 2;
        }
        if (r == 0) {
                puts("1..1\n"
                     "# skip: kernel: is stuck, program loads do not return; the machine must be started "
                     "again\n"
                     "not ok 1 # SKIP all");
                return 0;
        }
        execv(argv[1], argv + 1);
        fprintf(stderr, "responds: %s: %s\n", argv[1], strerror(errno));
        return 2;
}
