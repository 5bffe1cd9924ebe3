/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A program of so many instructions without a branch: what the verifier then
 * takes grows with nothing but their number.
 */

#include <linux/bpf.h>

#define STRAIGHT_MAX 5000

static inline void straight_program(struct bpf_insn *p, uint32_t size) {
        for (uint32_t i = 0; i < size; i++)
                p[i] = (struct bpf_insn) {
                        .code = BPF_ALU64 | BPF_K | (i % 2 ? BPF_XOR : BPF_ADD),
                        .imm = (int)i,
                };
        p[0] = (struct bpf_insn) {.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 1};
        p[size - 2] = p[0]; /* the verdict: let the packet pass */
        p[size - 1] = (struct bpf_insn) {.code = BPF_JMP | BPF_EXIT};
}
