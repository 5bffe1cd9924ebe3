/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Why the guard cannot be gone around. The kernel enters a program at its first
 * instruction, and at the start of a function only by a call, or by a pointer
 * that the program has given to a helper: so everything that runs has passed
 * the guard once, if no function begins at or before the body's first
 * instruction. Before binding that instruction was the entry itself, and what
 * stood before it was nothing; after binding there are instructions there. A
 * program that was refused by the kernel for going there could now be accepted,
 * and jump over a comparison, or name the middle of the guard as a callback. So
 * all that leads out of the program, and each function at its entry (the kernel
 * refuses recursion, but not in the same words for callbacks), is refused here,
 * before the guard is put in front; jumps to the entry within the entry
 * function are ordinary loops. What stays inside is relative and is right
 * wherever the program stands.
 *
 * A form of jump that is not known here is refused, too: the next kernel may
 * give it a meaning. So are indirect jumps (6.19), whose targets are offsets in
 * a map, which nobody shifts.
 */

#include "bind/flow.h"

#include <stdint.h>

#define JUMP_COND 0xe0 /* BPF_JCOND, 6.8: may_goto */

enum flow {
        FLOW_NONE, /* goes on, or leaves */
        FLOW_JUMP, /* to `distance` instructions after the next one */
        FLOW_FUNC, /* the same, and a function begins there */
        FLOW_UNKNOWN,
};

static enum flow flow_of_call(const struct bpf_insn *insn) {
        if (BPF_CLASS(insn->code) != BPF_JMP || BPF_SRC(insn->code) != BPF_K)
                return FLOW_UNKNOWN;
        switch (insn->src_reg) {
        case 0: /* a helper */
        case BPF_PSEUDO_KFUNC_CALL:
                return FLOW_NONE;
        case BPF_PSEUDO_CALL:
                return FLOW_FUNC;
        default:
                return FLOW_UNKNOWN;
        }
}

static enum flow flow_of(const struct bpf_insn *insn, int64_t *ret_distance) {
        bool wide = BPF_CLASS(insn->code) == BPF_JMP;

        *ret_distance = insn->off;
        switch (BPF_OP(insn->code)) {
        case BPF_JA:
                if (BPF_SRC(insn->code) != BPF_K)
                        return FLOW_UNKNOWN;
                if (!wide) /* 6.6: gotol */
                        *ret_distance = insn->imm;
                return FLOW_JUMP;
        case BPF_CALL:
                *ret_distance = insn->imm;
                return flow_of_call(insn);
        case BPF_EXIT:
                return wide ? FLOW_NONE : FLOW_UNKNOWN;
        case JUMP_COND:
                return wide && BPF_SRC(insn->code) == BPF_K ? FLOW_JUMP : FLOW_UNKNOWN;
        case BPF_JEQ:
        case BPF_JNE:
        case BPF_JGT:
        case BPF_JGE:
        case BPF_JLT:
        case BPF_JLE:
        case BPF_JSGT:
        case BPF_JSGE:
        case BPF_JSLT:
        case BPF_JSLE:
        case BPF_JSET:
                return FLOW_JUMP;
        default:
                return FLOW_UNKNOWN;
        }
}

static bool target_is_inside(size_t at, int64_t distance, size_t first, size_t n_insns) {
        int64_t target = (int64_t)at + 1 + distance;

        return target >= (int64_t)first && target < (int64_t)n_insns;
}

static bool jump_is_closed(const struct bpf_insn *insns, size_t at, size_t n_insns) {
        int64_t distance;

        switch (flow_of(&insns[at], &distance)) {
        case FLOW_NONE:
                return true;
        case FLOW_JUMP:
                return target_is_inside(at, distance, 0, n_insns);
        case FLOW_FUNC:
                return target_is_inside(at, distance, 1, n_insns);
        case FLOW_UNKNOWN:
                break;
        }
        return false;
}

/* The first half of a 64-bit constant, which takes two instructions. */
static bool constant_is_closed(const struct bpf_insn *insns, size_t at, size_t n_insns) {
        if (at + 1 >= n_insns || insns[at + 1].code != 0)
                return false;
        return insns[at].src_reg != BPF_PSEUDO_FUNC || target_is_inside(at, insns[at].imm, 1, n_insns);
}

bool flow_is_closed(const struct bpf_insn *insns, size_t n_insns) {
        for (size_t i = 0; i < n_insns; i++) {
                unsigned class = BPF_CLASS(insns[i].code);

                if (insns[i].code == (BPF_LD | BPF_IMM | BPF_DW)) {
                        if (!constant_is_closed(insns, i, n_insns))
                                return false;
                        i++;
                } else if ((class == BPF_JMP || class == BPF_JMP32) && !jump_is_closed(insns, i, n_insns)) {
                        return false;
                }
        }
        return true;
}
