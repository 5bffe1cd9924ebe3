/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The few instructions that a guard is made of, as compound literals.
 */

#include <linux/bpf.h>

#define INSN(op, dst, src, offset, immediate)                                                               \
        ((struct bpf_insn) {                                                                                \
                .code = (op), .dst_reg = (dst), .src_reg = (src), .off = (offset), .imm = (immediate)})

#define INSN_MOV_REG(dst, src) INSN(BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0)
#define INSN_MOV_IMM(dst, imm) INSN(BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, imm)
#define INSN_LOAD_U32(dst, src, off) INSN(BPF_LDX | BPF_MEM | BPF_W, dst, src, off, 0)
#define INSN_JEQ_REG(dst, src, off) INSN(BPF_JMP | BPF_JEQ | BPF_X, dst, src, off, 0)
#define INSN_JEQ32_IMM(dst, imm, off) INSN(BPF_JMP32 | BPF_JEQ | BPF_K, dst, 0, off, imm)
#define INSN_CALL(helper) INSN(BPF_JMP | BPF_CALL, 0, 0, 0, helper)
#define INSN_EXIT() INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

/* The first and the second half of the load of a 64-bit constant. */
#define INSN_LD_IMM64_LOW(dst, value) INSN(BPF_LD | BPF_IMM | BPF_DW, dst, 0, 0, (__s32)(__u32)(value))
#define INSN_LD_IMM64_HIGH(value) INSN(0, 0, 0, 0, (__s32)(__u32)((__u64)(value) >> 32))
