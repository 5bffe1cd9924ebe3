/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A program that uses libbpfgrant, for tests/kernel/run.c: makes what the grant
 * allows through the descriptor that it was given, and is refused what it does
 * not allow.
 */

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/bpf.h>

#include "bpfgrant.h"

static int fail(const char *what, int r) {
        fprintf(stderr, "speaker: %s: %d\n", what, r);
        return 1;
}

int main(void) {
        const struct bpf_insn insns[] = {
                {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1},
                {.code = BPF_JMP | BPF_EXIT},
        };
        union bpf_attr attr = {
                .map_type = BPF_MAP_TYPE_HASH, .key_size = 4, .value_size = 8, .max_entries = 4};
        uint32_t key = 1;
        uint64_t value = 7;
        int grant = bpfgrant_fd_from_environment(), map, r;

        if (grant < 0)
                return fail("BPFGRANT_FD", grant);
        /* No filter: without the grant we have nothing. */
        if (syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr)) >= 0)
                return fail("bpf(2) itself makes maps", 0);
        map = bpfgrant_bpf(grant, BPF_MAP_CREATE, &attr, sizeof(attr));
        if (map < 0)
                return fail("map_create", map);
        /* What it made is ours, to be used without it. */
        attr = (union bpf_attr) {
                .map_fd = (uint32_t)map, .key = (uintptr_t)&key, .value = (uintptr_t)&value};
        if (syscall(SYS_bpf, BPF_MAP_UPDATE_ELEM, &attr, sizeof(attr)) < 0)
                return fail("map_update_elem", errno);
        attr = (union bpf_attr) {
                .prog_type = BPF_PROG_TYPE_CGROUP_SOCK,
                .expected_attach_type = BPF_CGROUP_INET_SOCK_CREATE,
                .insns = (uintptr_t)insns,
                .insn_cnt = 2,
                .license = (uintptr_t) "GPL",
        };
        r = bpfgrant_bpf(grant, BPF_PROG_LOAD, &attr, sizeof(attr));
        if (r < 0)
                return fail("prog_load", r);
        attr = (union bpf_attr) {.map_type = BPF_MAP_TYPE_RINGBUF, .max_entries = 4096};
        r = bpfgrant_bpf(grant, BPF_MAP_CREATE, &attr, sizeof(attr));
        if (r != -EPERM)
                return fail("ringbuf", r);
        if (!strstr(bpfgrant_refusal(), "ringbuf"))
                return fail("the refusal says nothing", 0);
        puts(bpfgrant_refusal());
        return 0;
}
