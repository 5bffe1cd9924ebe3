/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * worker WAY: does what it is told, and measures it. The same program is run
 * by root, under a grant, and under a bare loop, so that two of them differ in
 * nothing but the way that their bpf(2) calls take:
 *
 *   native   bpf(2); whether anybody intercepts it, it does not know
 *   strict   bpf(2), with no more capabilities than the deputy of bench.grant
 *            has, so that the verifier does the same work
 *   socket   libbpfgrant, with the grant in $BPFGRANT_FD
 *   bare     the socket in $BARE_FD, whose other end is bare.c's
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/capability.h>

#include "bare.h"
#include "base/macro.h"
#include "bpfgrant.h"
#include "kernel/bpf.h"
#include "kernel/privilege.h"
#include "order.h"
#include "straight.h"

#define REST_AFTER_LOAD_US 500

static int socket_fd;

static int by_socket(uint32_t command, void *attr, uint32_t size) {
        return bpfgrant_bpf(socket_fd, command, attr, size);
}

static int by_bare_socket(uint32_t command, void *attr, uint32_t size) {
        return bare_call(socket_fd, command, attr, size);
}

typedef int (*way_fn)(uint32_t command, void *attr, uint32_t size);

static _noreturn_ void fail(const char *what, int error) {
        fprintf(stderr, "worker: %s: %s\n", what, strerror(-error));
        exit(EXIT_FAILURE);
}

static way_fn find_way(const char *name) {
        int r;

        if (strcmp(name, "native") == 0)
                return bpf_syscall;
        if (strcmp(name, "strict") == 0) {
                r = privilege_limit(CAPABILITY(CAP_BPF) | CAPABILITY(CAP_NET_ADMIN));
                if (r < 0)
                        fail("capabilities", r);
                return bpf_syscall;
        }
        if (strcmp(name, "socket") == 0) {
                socket_fd = bpfgrant_fd_from_environment();
                if (socket_fd < 0)
                        fail("BPFGRANT_FD", socket_fd);
                return by_socket;
        }
        if (strcmp(name, "bare") == 0 && getenv("BARE_FD")) {
                socket_fd = atoi(getenv("BARE_FD"));
                return by_bare_socket;
        }
        fail(name, -EINVAL);
}

static int create_map(way_fn bpf) {
        union bpf_attr attr = {
                .map_type = BPF_MAP_TYPE_HASH,
                .key_size = 4,
                .value_size = 8,
                .max_entries = 64,
                .map_name = "bench",
        };
        int fd = bpf(BPF_MAP_CREATE, &attr, sizeof(attr));

        if (fd < 0)
                fail("map_create", fd);
        return fd;
}

static struct bpf_insn instructions[STRAIGHT_MAX];

static int load_program(way_fn bpf, uint32_t size) {
        union bpf_attr attr = {
                .prog_type = BPF_PROG_TYPE_CGROUP_SKB,
                .insn_cnt = size,
                .insns = (uint64_t)(uintptr_t)instructions,
                .license = (uint64_t)(uintptr_t) "GPL",
                .prog_name = "bench",
        };
        int fd = bpf(BPF_PROG_LOAD, &attr, sizeof(attr));

        if (fd < 0)
                fail("prog_load", fd);
        return fd;
}

/* Nanoseconds of the call and of the close() that belongs to it. */
static double made_and_closed(way_fn bpf, const struct order *o) {
        uint64_t began = clock_ns();
        int fd = o->operation == OPERATION_CREATE ? create_map(bpf) : load_program(bpf, o->size);

        (void)close(fd);
        return (double)(clock_ns() - began);
}

static double elements(way_fn bpf, uint32_t operation) {
        static int map = -1;
        uint32_t key = 7;
        uint64_t value = 1, began;
        union bpf_attr attr = {
                .key = (uint64_t)(uintptr_t)&key,
                .value = (uint64_t)(uintptr_t)&value,
        };
        uint32_t command = operation == OPERATION_LOOKUP ? BPF_MAP_LOOKUP_ELEM : BPF_MAP_UPDATE_ELEM;

        if (map < 0)
                map = create_map(bpf);
        attr.map_fd = (uint32_t)map;
        (void)bpf_syscall(BPF_MAP_UPDATE_ELEM, &attr, sizeof(attr));
        began = clock_ns();
        for (int i = 0; i < MAP_OPERATIONS; i++) {
                int r = bpf_syscall(command, &attr, sizeof(attr));

                if (r < 0)
                        fail("map element", r);
        }
        return (double)(clock_ns() - began) / MAP_OPERATIONS;
}

static double sample(way_fn bpf, const struct order *o) {
        switch (o->operation) {
        case OPERATION_LOOKUP:
        case OPERATION_UPDATE:
                return elements(bpf, o->operation);
        case OPERATION_CREATE:
        case OPERATION_LOAD:
                return made_and_closed(bpf, o);
        case OPERATION_PARENT:
                return (double)getppid();
        default:
                fail("order", -EINVAL);
        }
}

int main(int argc, char **argv) {
        double answers[SAMPLES_MAX];
        struct order o;
        way_fn bpf;

        if (argc != 2)
                fail("worker WAY", -EINVAL);
        bpf = find_way(argv[1]);
        while (read(STDIN_FILENO, &o, sizeof(o)) == (ssize_t)sizeof(o)) {
                ssize_t size = (ssize_t)(o.count * sizeof(answers[0]));

                if (o.count > SAMPLES_MAX || o.size > STRAIGHT_MAX)
                        fail("order", -E2BIG);
                if (o.operation == OPERATION_LOAD)
                        straight_program(instructions, o.size);
                for (uint32_t i = 0; i < o.count; i++)
                        answers[i] = sample(bpf, &o);
                /* Closed programs are freed later; too many at once lock 6.18 up (docs/performance.md). */
                if (o.operation == OPERATION_LOAD)
                        usleep(o.count * REST_AFTER_LOAD_US);
                if (write(STDOUT_FILENO, answers, (size_t)size) != size)
                        fail("answer", -errno);
        }
        return EXIT_SUCCESS;
}
