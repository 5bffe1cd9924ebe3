/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "deputy/quick.h"

#include <stddef.h>

#include <linux/bpf.h>

#define QUICK_STEPS 1024          /* of the verifier, at the most */
#define QUICK_BYTES (1024 * 1024) /* of a map, to be allocated and cleared */

/* How many ways lead on from an instruction: 1 or 2; 0: it may be followed any number of times. */
static unsigned ways_on(const struct bpf_insn *insn) {
        uint8_t class = BPF_CLASS(insn->code), operation = BPF_OP(insn->code);

        if (insn->code == (BPF_LD | BPF_IMM | BPF_DW))
                return insn->src_reg == BPF_PSEUDO_FUNC ? 0 : 1; /* a callback, as bpf_loop() has them */
        if (class != BPF_JMP && class != BPF_JMP32)
                return 1;
        if (operation == BPF_CALL)
                return insn->src_reg == 0 ? 1 : 0; /* a helper */
        if (operation == BPF_EXIT)
                return 1;
        /* A far jump (cpu=v4) has its distance where others compare. */
        if (class == BPF_JMP32 && operation == BPF_JA ? insn->imm < 0 : insn->off < 0)
                return 0;
        return 2;
}

/*
 * The verifier follows each way through a program. Where nothing loops and
 * nothing is called there are at most two for each branch. What a library loads
 * to probe the kernel is of that kind.
 */
static bool load_is_quick(struct call *c) {
        const struct call_buffer *b = call_buffer_at(c, offsetof(union bpf_attr, insns));
        const struct bpf_insn *insns = b ? b->data : NULL;
        size_t n = b ? b->size / sizeof(*insns) : 0, steps = n;

        for (size_t i = 0; i < n && steps > 0 && steps <= QUICK_STEPS; i++)
                steps *= ways_on(&insns[i]);
        return steps > 0 && steps <= QUICK_STEPS;
}

static bool map_is_quick(const struct call *c) {
        uint64_t element = (uint64_t)call_u32(c, offsetof(union bpf_attr, key_size)) +
                           call_u32(c, offsetof(union bpf_attr, value_size));
        uint64_t entries = call_u32(c, offsetof(union bpf_attr, max_entries));

        return element <= QUICK_BYTES && entries <= QUICK_BYTES && element * entries <= QUICK_BYTES;
}

bool call_is_quick(struct call *c) {
        switch (c->command) {
        case BPF_MAP_CREATE:
                return map_is_quick(c);
        case BPF_PROG_LOAD:
                return load_is_quick(c);
        case BPF_OBJ_GET_INFO_BY_FD:
                return true;
        default:
                return abi_ids_by_command(c->command) != NULL;
        }
}
