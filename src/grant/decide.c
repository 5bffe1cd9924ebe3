/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The decision, as four questions in the order of the verdicts: may this call
 * be made at all; may this map be made; may this program be loaded; may it be
 * attached here. Each answers with the first verdict that fails, and only looks
 * at a call that asks for it. What is not known to be within the reach is
 * outside of it.
 */

#include "grant/decide.h"

#include <assert.h>

#include <linux/bpf.h>

static enum decide_verdict decide_command(const struct policy *p, const struct ask *a) {
        if (a->expired)
                return DECIDE_E_EXPIRED;
        if (!name_set_has(&p->commands, a->command))
                return DECIDE_E_COMMAND;
        return DECIDE_ALLOW;
}

static enum decide_verdict decide_map(const struct policy *p, const struct ask *a) {
        if (!a->makes_map)
                return DECIDE_ALLOW;
        if (!name_set_has(&p->maps, a->map.type))
                return DECIDE_E_MAP_TYPE;
        if (a->map_bytes == UINT64_MAX && p->budget[BUDGET_MAP_BYTES] != BUDGET_NONE)
                return DECIDE_E_MAP_UNBOUNDED;
        return DECIDE_ALLOW;
}

static enum decide_verdict decide_program(const struct policy *p, const struct ask *a) {
        bool blind = a->blind_filter && a->prog_type == BPF_PROG_TYPE_SOCKET_FILTER;

        if (a->loads_program && !blind && !name_set_has(&p->programs, a->prog_type))
                return DECIDE_E_PROG_TYPE;
        if (a->loads_program && a->names_attach_type &&
            !name_set_has(&p->attach, prog_attach_type_at_load(a->prog_type, a->prog_attach_type)))
                return DECIDE_E_PROG_ATTACH_TYPE;
        if (a->read_only_map)
                return DECIDE_E_READ_ONLY_MAP;
        if (a->is_signed && policy_has_reach(p))
                return DECIDE_E_SIGNED;
        return DECIDE_ALLOW;
}

/*
 * Without a target the program's own guard confines it (tracing, raw
 * tracepoints). An attach type that must have a target and comes without one
 * is a target that could not be identified.
 */
static bool target_is_missing(const struct ask *a) {
        return a->target == TARGET_NONE && a->command != BPF_RAW_TRACEPOINT_OPEN &&
               (attach_type_is_cgroup(a->attach_type) || attach_type_is_interface(a->attach_type));
}

static enum decide_verdict decide_target(const struct policy *p, const struct ask *a) {
        bool confined = false;

        switch (a->target) {
        case TARGET_NONE:
                return target_is_missing(a) ? DECIDE_E_TARGET_KIND : DECIDE_ALLOW;
        case TARGET_CGROUP:
                confined = p->reach.cgroups.n_words > 0;
                break;
        case TARGET_INTERFACE:
                confined = p->reach.interfaces.n_words > 0;
                break;
        case TARGET_OTHER:
                break;
        }
        if (!confined)
                return DECIDE_E_TARGET_KIND;
        return a->target_in_reach ? DECIDE_ALLOW : DECIDE_E_TARGET_REACH;
}

static enum decide_verdict decide_attach(const struct policy *p, const struct ask *a) {
        enum decide_verdict v;

        if (!a->attaches)
                return DECIDE_ALLOW;
        if (!name_set_has(&p->attach, a->attach_type))
                return DECIDE_E_ATTACH_TYPE;
        if (!policy_has_reach(p))
                return DECIDE_ALLOW;
        v = decide_target(p, a);
        if (v != DECIDE_ALLOW)
                return v;
        /* A query names no program. */
        if (a->foreign_program && a->command != BPF_PROG_QUERY)
                return DECIDE_E_FOREIGN_PROGRAM;
        return DECIDE_ALLOW;
}

static enum decide_verdict decide_origin(const struct policy *p _unused_, const struct ask *a) {
        if (a->foreign_object)
                return DECIDE_E_FOREIGN_OBJECT;
        if (a->other_netns)
                return DECIDE_E_NETNS;
        return DECIDE_ALLOW;
}

enum decide_verdict decide(const struct policy *p, const struct ask *a) {
        static enum decide_verdict (*const questions[])(const struct policy *, const struct ask *) = {
                decide_command, decide_map, decide_program, decide_attach, decide_origin,
        };

        for (size_t i = 0; i < ARRAY_SIZE(questions); i++) {
                enum decide_verdict v = questions[i](p, a);

                if (v != DECIDE_ALLOW)
                        return v;
        }
        return DECIDE_ALLOW;
}

/* Names are part of the record's format. */
static const struct {
        const char *name;
        enum policy_key key;
} verdicts[] = {
        [DECIDE_ALLOW] = {"allow", N_POLICY_KEYS},
        [DECIDE_E_EXPIRED] = {"expired", KEY_BUDGET_TIME},
        [DECIDE_E_COMMAND] = {"command", KEY_COMMANDS},
        [DECIDE_E_MAP_TYPE] = {"map-type", KEY_MAPS},
        [DECIDE_E_MAP_UNBOUNDED] = {"map-unbounded", KEY_BUDGET_MAP_BYTES},
        [DECIDE_E_PROG_TYPE] = {"prog-type", KEY_PROGRAMS},
        [DECIDE_E_PROG_ATTACH_TYPE] = {"prog-attach-type", KEY_ATTACH},
        [DECIDE_E_READ_ONLY_MAP] = {"read-only-map", N_POLICY_KEYS},
        [DECIDE_E_SIGNED] = {"signed", KEY_REACH_CGROUP},
        [DECIDE_E_ATTACH_TYPE] = {"attach-type", KEY_ATTACH},
        [DECIDE_E_TARGET_REACH] = {"target-reach", KEY_REACH_CGROUP},
        [DECIDE_E_TARGET_KIND] = {"target-kind", KEY_REACH_CGROUP},
        [DECIDE_E_FOREIGN_PROGRAM] = {"foreign-program", KEY_REACH_CGROUP},
        [DECIDE_E_FOREIGN_OBJECT] = {"foreign-object", N_POLICY_KEYS},
        [DECIDE_E_NETNS] = {"netns", N_POLICY_KEYS},
        [DECIDE_E_BUDGET_MAPS] = {"budget-maps", KEY_BUDGET_MAPS},
        [DECIDE_E_BUDGET_MAP_BYTES] = {"budget-map-bytes", KEY_BUDGET_MAP_BYTES},
        [DECIDE_E_BUDGET_PROGRAMS] = {"budget-programs", KEY_BUDGET_PROGRAMS},
        [DECIDE_E_BUDGET_INSTRUCTIONS] = {"budget-instructions", KEY_BUDGET_INSTRUCTIONS},
        [DECIDE_E_BUDGET_LINKS] = {"budget-links", KEY_BUDGET_LINKS},
};
static_assert(ARRAY_SIZE(verdicts) == N_DECIDE_VERDICTS, "every verdict has its name and key");

const char *decide_verdict_name(enum decide_verdict v) {
        return verdicts[v].name;
}

enum policy_key decide_verdict_key(enum decide_verdict v) {
        return verdicts[v].key;
}
