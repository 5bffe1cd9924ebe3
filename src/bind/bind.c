/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The transformation: choose the row (rules.c), see that nothing in the program
 * leads out of it (flow.c), put the guard (guard.c) in front and shift the
 * infos (infos.c). The instructions of the program itself are not touched.
 *
 * What reach does not do. It decides for which events a program runs, not what
 * it does then: a packet that is inside may be redirected elsewhere, a timer
 * that was armed inside fires without an event. A bound program that calls
 * another one by a prog_array is confined; the other is by its own guard. Where
 * a tc program writes to packets, the kernel puts its own un-cloning of the
 * packet before the guard, since it belongs to the entry.
 */

#include "bind/bind.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/macro.h"
#include "bind/flow.h"
#include "bind/guard.h"
#include "bind/infos.h"
#include "bind/rules.h"

/* BPF_COMPLEXITY_LIMIT_INSNS: the most that the kernel takes from anybody. */
#define INSNS_MAX 1000000

/*
 * An id of 0 would be equal to the helpers' "no such ancestor", and a level that
 * is no int to their error: either would let everything in.
 */
static bool cgroups_are_real(const struct bind_reach *r) {
        if (r->n_cgroups == 0 || r->n_cgroups > BIND_PLACES_MAX)
                return false;
        for (size_t i = 0; i < r->n_cgroups; i++)
                if (r->cgroups[i].id == 0 || r->cgroups[i].level > INT32_MAX)
                        return false;
        return true;
}

static bool interfaces_are_real(const struct bind_reach *r) {
        if (r->n_interfaces == 0 || r->n_interfaces > BIND_PLACES_MAX)
                return false;
        for (size_t i = 0; i < r->n_interfaces; i++)
                if (r->interfaces[i] == 0 || r->interfaces[i] > INT32_MAX)
                        return false;
        return true;
}

static enum bind_verdict reach_check(const struct bind_reach *r, const struct bind_rule *rule) {
        switch (rule->how) {
        case BIND_BY_TASK:
        case BIND_BY_SOCKET:
                return cgroups_are_real(r) ? BIND_OK : BIND_E_NO_CGROUP;
        case BIND_BY_INTERFACE:
                return interfaces_are_real(r) ? BIND_OK : BIND_E_NO_INTERFACE;
        case BIND_REFUSED:
                break;
        }
        return BIND_E_TYPE;
}

enum bind_verdict bind_check(const struct bind_reach *r, uint32_t prog_type, uint32_t attach_type) {
        return reach_check(r, bind_rule(prog_type, attach_type));
}

enum bind_verdict bind_check_type(const struct bind_reach *r, uint32_t prog_type) {
        return reach_check(r, bind_rule_of_type(prog_type));
}

static bool calls_helper(const struct bind_program *p, __s32 helper) {
        for (size_t i = 0; i < p->n_insns; i++)
                if (p->insns[i].code == (BPF_JMP | BPF_CALL) && p->insns[i].src_reg == 0 &&
                    p->insns[i].imm == helper)
                        return true;
        return false;
}

/*
 * Whether the program decides for others than the task that runs: where a hook
 * is in an interrupt, that task has nothing to do with it.
 */
static bool decides_for_others(const struct bind_rule *rule, const struct bind_program *p) {
        if (rule->sleepable_only)
                return !(p->prog_flags & BPF_F_SLEEPABLE);
        return p->prog_type == BPF_PROG_TYPE_KPROBE && calls_helper(p, BPF_FUNC_override_return);
}

struct info_lists {
        struct info_list func, line, core;
};

static struct info_lists program_infos(const struct bind_program *p) {
        return (struct info_lists) {
                .func = {INFO_FUNC, p->func_info, p->n_func_info, p->func_info_size},
                .line = {INFO_LINE, p->line_info, p->n_line_info, p->line_info_size},
                .core = {INFO_CORE_RELO, p->core_relos, p->n_core_relos, p->core_relo_size},
        };
}

static enum bind_verdict program_check(const struct bind_program *p, size_t n_guard) {
        struct info_lists infos = program_infos(p);

        if (!p->insns || p->n_insns == 0)
                return BIND_E_INFO;
        if (p->n_insns > INSNS_MAX - n_guard)
                return BIND_E_TOO_LONG;
        if (!flow_is_closed(p->insns, p->n_insns))
                return BIND_E_JUMP;
        if (!infos_are_valid(&infos.func, p->n_insns) || !infos_are_valid(&infos.line, p->n_insns) ||
            !infos_are_valid(&infos.core, p->n_insns))
                return BIND_E_INFO;
        return BIND_OK;
}

void bound_program_deinit(struct bound_program *b) {
        free(b->insns);
        free(b->func_info);
        free(b->line_info);
        free(b->core_relos);
        *b = (struct bound_program) {};
}

static int bound_program_init(struct bound_program *b, const struct bind_program *in,
                              const struct bpf_insn *guard, size_t n_guard) {
        struct info_lists infos = program_infos(in);
        int r;

        b->n_guard = n_guard;
        b->n_insns = n_guard + in->n_insns;
        b->insns = calloc(b->n_insns, sizeof(*b->insns));
        if (!b->insns)
                return -ENOMEM;
        memcpy(b->insns, guard, n_guard * sizeof(*guard));
        memcpy(b->insns + n_guard, in->insns, in->n_insns * sizeof(*in->insns));

        r = infos_shift(&infos.func, n_guard, &b->func_info);
        if (r == 0)
                r = infos_shift(&infos.line, n_guard, &b->line_info);
        if (r == 0)
                r = infos_shift(&infos.core, n_guard, &b->core_relos);
        return r;
}

int bind_program(const struct bind_reach *r, const struct bind_program *in,
                 struct bound_program *ret_bound) {
        const struct bind_rule *rule = bind_rule(in->prog_type, in->attach_type);
        _cleanup_(bound_program_deinit) struct bound_program bound = {};
        struct bpf_insn guard[GUARD_MAX];
        enum bind_verdict verdict;
        size_t n_guard;
        int error;

        verdict = reach_check(r, rule);
        if (verdict != BIND_OK)
                return verdict;
        n_guard = guard_write(rule, r, guard);
        verdict = program_check(in, n_guard);
        if (verdict != BIND_OK)
                return verdict;
        if (decides_for_others(rule, in))
                return BIND_E_CONTEXT;

        error = bound_program_init(&bound, in, guard, n_guard);
        if (error < 0)
                return error;
        *ret_bound = bound;
        bound = (struct bound_program) {};
        return BIND_OK;
}
