/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Descriptors within instructions, as the verifier finds them
 * (resolve_pseudo_ldimm64() and add_subprog_and_kfunc(), kernel/bpf/verifier.c):
 *
 *   ld_imm64  map by descriptor, or its value     imm
 *             map by index, or its value          imm is an index into fd_array
 *             kernel BTF id                       imm of the second half: BTF of a module
 *   call      kfunc                               off > 0 is an index into fd_array: BTF
 *
 * Every instruction is looked at by itself, also the second half of an
 * ld_imm64: the search for kfuncs does not skip it either, and it has to be
 * all zero but for imm where the program is to be accepted.
 */

#include <errno.h>

#include <linux/bpf.h>

#include "abi/parts.h"
#include "abi/uapi.h"

#define LD_IMM64 (BPF_LD | BPF_IMM | BPF_DW)
#define CALL (BPF_JMP | BPF_CALL)

static void indices_add(struct fd_indices *x, int32_t index) {
        if (index < 0) {
                x->is_negative = true;
                return;
        }
        if ((uint32_t)index >= x->end)
                x->end = (uint32_t)index + 1;
        if (index < CALL_FD_ARRAY_MAX)
                x->used[index / 64] |= UINT64_C(1) << (index % 64);
}

static int add_imm(struct call *c, uint16_t buffer, size_t i, const struct bpf_insn *insn,
                   enum abi_object object, enum abi_missing missing) {
        return call_add_site(c, buffer, (uint32_t)(i * sizeof(*insn) + offsetof(struct bpf_insn, imm)),
                             insn->imm, object, missing);
}

int insns_scan(struct call *c, const struct call_buffer *b, struct fd_indices *ret_indices) {
        const struct bpf_insn *insns = b->data;
        size_t n = b->size / sizeof(*insns);
        uint16_t buffer = call_buffer_index(c, b);

        for (size_t i = 0; i < n; i++) {
                const struct bpf_insn *insn = &insns[i];
                int r = 0;

                if ((insn->code != LD_IMM64 && insn->code != CALL) || insn->src_reg == 0)
                        continue;
                if (insn->code == CALL) {
                        if (insn->src_reg > BPF_PSEUDO_KFUNC_CALL)
                                return -EINVAL;
                        if (insn->src_reg == BPF_PSEUDO_KFUNC_CALL && insn->off > 0)
                                indices_add(ret_indices, insn->off);
                        continue;
                }
                switch (insn->src_reg) {
                case BPF_PSEUDO_MAP_FD:
                case BPF_PSEUDO_MAP_VALUE:
                        r = add_imm(c, buffer, i, insn, OBJECT_MAP, MISSING_EBADF);
                        break;
                case BPF_PSEUDO_BTF_ID:
                        /* EINVAL in the kernel, which says so in the log. Zero is the kernel's own BTF. */
                        if (i + 1 < n && insns[i + 1].imm != 0)
                                r = add_imm(c, buffer, i + 1, &insns[i + 1], OBJECT_BTF, MISSING_PASSED);
                        break;
                case BPF_PSEUDO_FUNC:
                        break;
                case ABI_PSEUDO_MAP_IDX:
                case ABI_PSEUDO_MAP_IDX_VALUE:
                        indices_add(ret_indices, insn->imm);
                        break;
                default:
                        return -EINVAL;
                }
                if (r < 0)
                        return r;
        }
        return 0;
}
