/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the tests of reach share: programs written down as instructions, bound
 * and loaded; links that end with their descriptor; a counter that a program
 * adds to. Include it after <cmocka.h>.
 */

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/bpf.h>

#include "base/fd.h"
#include "base/macro.h"
#include "bind/bind.h"
#include "bind/insn.h"

static inline int bound_bpf(int command, union bpf_attr *attr) {
        int r = (int)syscall(SYS_bpf, command, attr, sizeof(*attr));

        return r < 0 ? -errno : r;
}

/* What a program of a test does where it is let in. */
enum body {
        BODY_RETURN, /* returns `verdict` */
        BODY_COUNT,  /* adds one to the counter, then returns it */
};

/* An array of one u64. */
static inline int counter_new(void) {
        union bpf_attr attr = {
                .map_type = BPF_MAP_TYPE_ARRAY,
                .key_size = 4,
                .value_size = 8,
                .max_entries = 1,
        };

        return bound_bpf(BPF_MAP_CREATE, &attr);
}

static inline uint64_t counter_get(int map_fd) {
        uint32_t key = 0;
        uint64_t value = UINT64_MAX;
        union bpf_attr attr = {
                .map_fd = (uint32_t)map_fd,
                .key = (uintptr_t)&key,
                .value = (uintptr_t)&value,
        };

        assert_int_equal(bound_bpf(BPF_MAP_LOOKUP_ELEM, &attr), 0);
        return value;
}

#define BODY_MAX 12

static inline size_t body_write(enum body body, int counter_fd, int32_t verdict, struct bpf_insn *insns) {
        const struct bpf_insn count[] = {
                INSN(BPF_ST | BPF_MEM | BPF_W, BPF_REG_10, 0, -4, 0),
                INSN_MOV_REG(BPF_REG_2, BPF_REG_10),
                INSN(BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_2, 0, 0, -4),
                INSN(BPF_LD | BPF_IMM | BPF_DW, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0, counter_fd),
                INSN(0, 0, 0, 0, 0),
                INSN_CALL(BPF_FUNC_map_lookup_elem),
                INSN(BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_0, 0, 2, 0),
                INSN_MOV_IMM(BPF_REG_1, 1),
                INSN(BPF_STX | BPF_ATOMIC | BPF_DW, BPF_REG_0, BPF_REG_1, 0, BPF_ADD),
        };
        size_t n = 0;

        if (body == BODY_COUNT) {
                memcpy(insns, count, sizeof(count));
                n = ARRAY_SIZE(count);
        }
        insns[n++] = INSN_MOV_IMM(BPF_REG_0, verdict);
        insns[n++] = INSN_EXIT();
        return n;
}

/* Loads these instructions as they are. A descriptor, or -errno. */
static inline int insns_load(const struct bind_program *p, uint32_t btf_id, char *log, uint32_t log_size) {
        union bpf_attr attr = {
                .prog_type = p->prog_type,
                .expected_attach_type = p->attach_type,
                .prog_flags = p->prog_flags,
                .insns = (uintptr_t)p->insns,
                .insn_cnt = (uint32_t)p->n_insns,
                .license = (uintptr_t) "GPL",
                .attach_btf_id = btf_id,
                .log_level = log_size > 0,
                .log_buf = (uintptr_t)log,
                .log_size = log_size,
        };

        return bound_bpf(BPF_PROG_LOAD, &attr);
}

/* Binds them to the reach first. A descriptor, or -errno of the load; no reach: as they are. */
static inline int bound_load(const struct bind_reach *reach, const struct bind_program *p, uint32_t btf_id) {
        _cleanup_(bound_program_deinit) struct bound_program bound = {};
        struct bind_program guarded = *p;
        static char log[65536];
        int fd;

        if (reach) {
                assert_int_equal(bind_program(reach, p, &bound), BIND_OK);
                guarded.insns = bound.insns;
                guarded.n_insns = bound.n_insns;
        }
        fd = insns_load(&guarded, btf_id, NULL, 0);
        if (fd == -EACCES || fd == -EINVAL) {
                log[0] = '\0';
                (void)fd_close(insns_load(&guarded, btf_id, log, sizeof(log)));
                print_message("# %s\n", log);
        }
        return fd;
}

static inline int link_new(int prog_fd, int target, uint32_t attach_type, uint32_t flags) {
        union bpf_attr attr = {
                .link_create =
                        {
                                .prog_fd = (uint32_t)prog_fd,
                                .target_fd = (uint32_t)target,
                                .attach_type = attach_type,
                                .flags = flags,
                        },
        };

        return bound_bpf(BPF_LINK_CREATE, &attr);
}

/* Why bpf(2) cannot be used here; NULL if it can. */
static inline const char *bpf_is_missing(void) {
        int fd = counter_new();

        if (fd >= 0) {
                (void)fd_close(fd);
                return NULL;
        }
        return fd == -EPERM ? "no right to bpf(2)" : fd == -ENOSYS ? "no bpf(2)" : "bpf(2) makes no map";
}
