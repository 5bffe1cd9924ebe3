/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The programs that libbpf loads to find out what the kernel can do, told from
 * all others: a socket_filter that is blind. It is straight-line code of
 * constants: it looks at no packet, calls nothing but the clock, and decides
 * the same for every packet of a socket that somebody has attached it to. All
 * that it can do is what its loader could do without it: write a constant into
 * a map that it holds, drop or keep what comes to its own socket, as classic
 * SO_ATTACH_FILTER does for everybody.
 *
 * libbpf 1.1 to 1.5 load: "r0 = 0; exit", with and without a name; a store into
 * a map's value; ktime_get_coarse_ns(), to see whether memory is accounted to
 * cgroups.
 */

#include "abi/blind.h"

#include <string.h>

#include <linux/bpf.h>

#include "abi/uapi.h"

#define BLIND_INSNS_MAX 8
#define FUNC_KTIME_GET_COARSE_NS 160 /* 5.11 */

/* 1 or 2: so many instructions are one that a blind program may have; 0: it may not have this. */
static size_t blind_step(const struct bpf_insn *insn, size_t left) {
        switch (insn->code) {
        case BPF_ALU64 | BPF_MOV | BPF_K:
        case BPF_ALU | BPF_MOV | BPF_K:
                return insn->src_reg == 0 && insn->off == 0;
        case BPF_ST | BPF_MEM | BPF_B:
        case BPF_ST | BPF_MEM | BPF_H:
        case BPF_ST | BPF_MEM | BPF_W:
        case BPF_ST | BPF_MEM | BPF_DW:
                return 1;
        case BPF_JMP | BPF_CALL:
                return insn->src_reg == 0 && insn->imm == FUNC_KTIME_GET_COARSE_NS;
        case BPF_LD | BPF_IMM | BPF_DW:
                /* a constant, a map by its descriptor, the value of one */
                return insn->src_reg <= BPF_PSEUDO_MAP_VALUE && left >= 2 ? 2 : 0;
        default:
                return 0;
        }
}

static bool insns_are_blind(const struct bpf_insn *insns, size_t n) {
        static const struct bpf_insn exit_insn = {.code = BPF_JMP | BPF_EXIT};
        size_t i = 0;

        while (i + 1 < n) {
                size_t step = blind_step(&insns[i], n - 1 - i);

                if (step == 0)
                        return false;
                i += step;
        }
        return i + 1 == n && memcmp(&insns[i], &exit_insn, sizeof(exit_insn)) == 0;
}

bool call_is_blind_filter(struct call *c) {
        static const size_t zero_fields[] = {
                ABI_AT(prog_load, prog_flags),     ABI_AT(prog_load, prog_ifindex),
                ABI_AT(prog_load, func_info_cnt),  ABI_AT(prog_load, line_info_cnt),
                ABI_AT(prog_load, core_relo_cnt),  ABI_AT(prog_load, attach_btf_id),
                ABI_AT(prog_load, attach_prog_fd), ABI_AT(prog_load, expected_attach_type),
                ABI_AT(prog_load, fd_array_cnt),
        };
        const struct call_buffer *b = call_buffer_at(c, ABI_AT(prog_load, insns));
        struct bpf_insn insns[BLIND_INSNS_MAX];

        if (call_u32(c, ABI_AT(prog_load, prog_type)) != BPF_PROG_TYPE_SOCKET_FILTER || !b ||
            b->size > sizeof(insns))
                return false;
        for (size_t i = 0; i < sizeof(zero_fields) / sizeof(zero_fields[0]); i++)
                if (call_u32(c, zero_fields[i]) != 0)
                        return false;
        if (call_u64(c, ABI_AT(prog_load, fd_array)) != 0 || call_u64(c, ABI_AT(prog_load, signature)) != 0)
                return false;
        memcpy(insns, b->data, b->size);
        return insns_are_blind(insns, b->size / sizeof(insns[0]));
}
