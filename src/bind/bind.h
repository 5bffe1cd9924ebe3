/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Reach compiled into a program. A prog fd is attach authority: whoever holds
 * it can attach it almost anywhere. So where a grant has a reach, the program
 * itself carries it: a few instructions at its entry ask where the event is,
 * and return the neutral verdict when that is outside.
 *
 * A pure function from instructions, infos and a reach to new ones. Types that
 * have no helper that tells where they run, or no verdict that is as if the
 * program were not there, are refused (bind_rule()).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/bpf.h>

#include "base/text.h"

#define BIND_PLACES_MAX 8

struct bind_cgroup {
        uint64_t id;    /* of the cgroup, as bpf_get_current_ancestor_cgroup_id() gives it */
        uint32_t level; /* below the root of the hierarchy, which is 0 */
};

/* Resolved places. At least one list is not empty. */
struct bind_reach {
        struct bind_cgroup cgroups[BIND_PLACES_MAX];
        size_t n_cgroups;
        uint32_t interfaces[BIND_PLACES_MAX]; /* indices */
        size_t n_interfaces;
};

/* A program as prog_load takes it. Borrowed pointers when it is an input. */
struct bind_program {
        uint32_t prog_type;
        uint32_t attach_type; /* expected_attach_type */
        uint32_t prog_flags;  /* of which BPF_F_SLEEPABLE matters */
        const struct bpf_insn *insns;
        size_t n_insns;
        /* Records of `*_size` bytes, of which the first u32 is an instruction's offset
         * (in bytes for core_relos, in instructions for the others). NULL if none. */
        const void *func_info;
        size_t n_func_info, func_info_size;
        const void *line_info;
        size_t n_line_info, line_info_size;
        const void *core_relos;
        size_t n_core_relos, core_relo_size;
};

/* The same with the guard; owned arrays of the same counts, but for the instructions. */
struct bound_program {
        struct bpf_insn *insns;
        size_t n_insns;
        size_t n_guard; /* instructions that were put in front */
        void *func_info;
        void *line_info;
        void *core_relos;
};

void bound_program_deinit(struct bound_program *b);

enum bind_verdict {
        BIND_OK = 0,
        BIND_E_TYPE,         /* no helper or no neutral verdict: cannot be confined at all */
        BIND_E_NO_CGROUP,    /* confined by cgroup, and the reach names none (or one that cannot exist) */
        BIND_E_NO_INTERFACE, /* confined by interface, and the reach names none (likewise) */
        BIND_E_INFO,         /* no instructions, or infos too short, out of order or beyond the program */
        BIND_E_TOO_LONG,     /* no room for the guard */
        BIND_E_JUMP,         /* a jump, call or constant that leads out of the program, or is not known */
        BIND_E_CONTEXT,      /* it decides, and may run for others than the current task (rules.c) */
        N_BIND_VERDICTS,
};

/*
 * Whether programs of this type can be confined to this reach, without a
 * program at hand: the first step of bind_program(). Attach types differ: 0 is
 * one of them, and for some program types not one that can be confined.
 */
enum bind_verdict bind_check(const struct bind_reach *r, uint32_t prog_type, uint32_t attach_type);

/* The same for a type as such, under any of its attach types: for `bpfgrant check`. */
enum bind_verdict bind_check_type(const struct bind_reach *r, uint32_t prog_type);

/* BIND_OK with ret_bound filled in, another verdict, or -ENOMEM. */
int bind_program(const struct bind_reach *r, const struct bind_program *in, struct bound_program *ret_bound);

/* "bind-type", …: the verdict's name in records; stable. */
const char *bind_verdict_name(enum bind_verdict v);

/* One sentence: why, and what could be changed. `type_name` is the program type's. */
void bind_explain(enum bind_verdict v, const char *type_name, uint32_t prog_type, struct text *out);
