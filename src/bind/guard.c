/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The guard, for cgroups:
 *
 *             r6 = r1                    the context, across the calls
 *             r1 = level                 (r2 = level, r1 = r6 for a socket)
 *             call ancestor_cgroup_id    once for each level that is named
 *             r1 = id ll
 *             if r0 == r1 goto inside    for each place of that level
 *             r0 = neutral
 *             exit
 *     inside: r1 = r6
 *
 * and for interfaces:
 *
 *             r0 = *(u32 *)(r1 + field)
 *             if w0 == index goto inside
 *             r0 = neutral
 *             exit
 *     inside:
 *
 * The helpers answer 0 where there is no ancestor at that level, and the
 * kernel gives no cgroup the id 0. A task at the level itself is its own
 * ancestor. The root has level 0 and is everybody's.
 */

#include "bind/guard.h"

#include <stdbool.h>

#include "bind/insn.h"

struct guard {
        struct bpf_insn *insns;
        size_t n;
};

static void put(struct guard *g, struct bpf_insn insn) {
        g->insns[g->n++] = insn;
}

/* r0 = the id of the event's ancestor cgroup at this level. */
static void put_question(struct guard *g, enum bind_how how, uint32_t level) {
        if (how == BIND_BY_SOCKET) {
                put(g, INSN_MOV_REG(BPF_REG_1, BPF_REG_6));
                put(g, INSN_MOV_IMM(BPF_REG_2, (__s32)level));
                put(g, INSN_CALL(BPF_FUNC_skb_ancestor_cgroup_id));
        } else {
                put(g, INSN_MOV_IMM(BPF_REG_1, (__s32)level));
                put(g, INSN_CALL(BPF_FUNC_get_current_ancestor_cgroup_id));
        }
}

static bool level_is_asked(const struct bind_reach *r, size_t before) {
        for (size_t i = 0; i < before; i++)
                if (r->cgroups[i].level == r->cgroups[before].level)
                        return true;
        return false;
}

static void put_cgroups(struct guard *g, enum bind_how how, const struct bind_reach *r) {
        put(g, INSN_MOV_REG(BPF_REG_6, BPF_REG_1));
        for (size_t i = 0; i < r->n_cgroups; i++) {
                if (level_is_asked(r, i))
                        continue;
                put_question(g, how, r->cgroups[i].level);
                for (size_t j = i; j < r->n_cgroups; j++) {
                        if (r->cgroups[j].level != r->cgroups[i].level)
                                continue;
                        put(g, INSN_LD_IMM64_LOW(BPF_REG_1, r->cgroups[j].id));
                        put(g, INSN_LD_IMM64_HIGH(r->cgroups[j].id));
                        put(g, INSN_JEQ_REG(BPF_REG_0, BPF_REG_1, 0));
                }
        }
}

static void put_interfaces(struct guard *g, int16_t field, const struct bind_reach *r) {
        put(g, INSN_LOAD_U32(BPF_REG_0, BPF_REG_1, field));
        for (size_t i = 0; i < r->n_interfaces; i++)
                put(g, INSN_JEQ32_IMM(BPF_REG_0, (__s32)r->interfaces[i], 0));
}

/* Lets every comparison that was put go to the next instruction. */
static void land_here(struct guard *g) {
        for (size_t i = 0; i < g->n; i++) {
                __u8 code = g->insns[i].code;

                if (code == (BPF_JMP | BPF_JEQ | BPF_X) || code == (BPF_JMP32 | BPF_JEQ | BPF_K))
                        g->insns[i].off = (__s16)(g->n - i - 1);
        }
}

size_t guard_write(const struct bind_rule *rule, const struct bind_reach *r,
                   struct bpf_insn guard[GUARD_MAX]) {
        struct guard g = {.insns = guard};

        if (rule->how == BIND_BY_INTERFACE)
                put_interfaces(&g, rule->field, r);
        else
                put_cgroups(&g, rule->how, r);
        put(&g, INSN_MOV_IMM(BPF_REG_0, rule->neutral));
        put(&g, INSN_EXIT());
        land_here(&g);
        if (rule->how != BIND_BY_INTERFACE)
                put(&g, INSN_MOV_REG(BPF_REG_1, BPF_REG_6));
        return g.n;
}
