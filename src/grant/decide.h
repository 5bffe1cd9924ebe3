/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Whether a policy allows a call. decide() is a pure function of the policy and
 * of what the call asks; it is given everything that it may look at in
 * `struct ask`, and each field of it has been copied from the holder or read
 * from the kernel before. Its answer is a verdict that knows what would have
 * had to be granted.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "grant/policy.h"
#include "grant/traits.h"

enum ask_target {
        TARGET_NONE,      /* not an attach, or one without a target (raw tracepoints) */
        TARGET_CGROUP,    /* a cgroup directory */
        TARGET_INTERFACE, /* a network interface of the deputy's own network namespace */
        TARGET_OTHER,     /* something else: a map, a network namespace, a perf event, … */
};

/* What a call asks for, in the words of a policy. Unused parts are zero. */
struct ask {
        uint32_t command; /* enum bpf_cmd */

        bool makes_map; /* map_create */
        struct map_shape map;
        uint64_t map_bytes; /* map_bytes_max() of it */

        bool loads_program; /* prog_load */
        uint32_t prog_type;
        uint32_t instructions;
        bool names_attach_type; /* prog_attach_type is meant, see prog_type_has_attach_type() */
        uint32_t prog_attach_type;
        bool blind_filter;  /* a socket_filter that looks at nothing: see decide() */
        bool read_only_map; /* it uses a map by a descriptor that is not for reading and writing */
        bool is_signed;     /* it carries a signature */

        bool attaches;   /* link_create, prog_attach, prog_detach, raw_tracepoint_open, prog_query */
        bool makes_link; /* it is charged to `links` */
        uint32_t attach_type;
        enum ask_target target;
        bool target_in_reach; /* of a cgroup: at or below one of [reach] cgroup; interface: one of those */
        bool foreign_program; /* the program was not loaded under this grant */

        bool foreign_object; /* an id that no object of this grant has */
        bool other_netns;    /* it names an interface in a network namespace that is not the deputy's */
        bool expired;        /* the grant's time is over */
};

enum decide_verdict {
        DECIDE_ALLOW = 0,
        DECIDE_E_EXPIRED,          /* [budget] time is over */
        DECIDE_E_COMMAND,          /* not in `commands` */
        DECIDE_E_MAP_TYPE,         /* not in `maps` */
        DECIDE_E_MAP_UNBOUNDED,    /* [budget] map-bytes cannot bound this type */
        DECIDE_E_PROG_TYPE,        /* not in `programs` */
        DECIDE_E_PROG_ATTACH_TYPE, /* loaded for an attach type that is not in `attach` */
        DECIDE_E_READ_ONLY_MAP,    /* a program could write a map whose descriptor cannot */
        DECIDE_E_SIGNED,           /* reach changes the instructions, the signature would not hold */
        DECIDE_E_ATTACH_TYPE,      /* not in `attach` */
        DECIDE_E_TARGET_REACH,     /* the target is outside [reach] */
        DECIDE_E_TARGET_KIND,      /* [reach] cannot confine this kind of target */
        DECIDE_E_FOREIGN_PROGRAM,  /* under [reach] only what was loaded under it may attach */
        DECIDE_E_FOREIGN_OBJECT,   /* the id is not one of this grant's */
        DECIDE_E_NETNS,            /* the holder is in another network namespace */
        DECIDE_E_BUDGET_MAPS,      /* … is used up; from budget_charge(), not from decide() */
        DECIDE_E_BUDGET_MAP_BYTES,
        DECIDE_E_BUDGET_PROGRAMS,
        DECIDE_E_BUDGET_INSTRUCTIONS,
        DECIDE_E_BUDGET_LINKS,
        N_DECIDE_VERDICTS,
};

/*
 * The order of the tests is the order of the verdicts above: the first that
 * fails is the answer. Budgets are not looked at (budget.h charges them).
 *
 * One thing is allowed under any grant that allows prog_load at all: a
 * socket_filter that is blind, straight-line code of constants that sees no
 * packet (abi/blind.c). libbpf loads such programs to find out what the kernel
 * can do, and gives up where it cannot load one; they give nothing that classic
 * SO_ATTACH_FILTER does not give to everybody.
 */
enum decide_verdict decide(const struct policy *p, const struct ask *a);

/* "map-type", …: the verdict's name in records and in docs/refusals.md; stable. */
const char *decide_verdict_name(enum decide_verdict v);

/* The key of the grant file whose line would have to change; N_POLICY_KEYS where none would help. */
enum policy_key decide_verdict_key(enum decide_verdict v);

/*
 * One sentence for a human: what was refused and why, then the file, line and
 * words to change, as in
 *   map type ringbuf is not granted: add "ringbuf" to "maps" (counter.grant:6)
 * Without newline.
 */
void decide_explain(const struct policy *p, struct vocabulary *v, const struct ask *a,
                    enum decide_verdict verdict, struct text *out);
