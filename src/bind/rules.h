/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * How a program type is confined: one row a (program type, range of attach
 * types). What has no row is refused.
 */

#include <stdbool.h>
#include <stdint.h>

enum bind_how {
        BIND_REFUSED,      /* the row's reason says why */
        BIND_BY_TASK,      /* cgroup of the current task: bpf_get_current_ancestor_cgroup_id() */
        BIND_BY_SOCKET,    /* cgroup of the packet's socket: bpf_skb_ancestor_cgroup_id() */
        BIND_BY_INTERFACE, /* a field of the context holds the interface's index */
};

struct bind_rule {
        uint32_t prog_type;
        uint32_t attach_min, attach_max; /* expected_attach_type, both included */
        enum bind_how how;
        int32_t neutral;     /* the return value that is as if the program were not there */
        int16_t field;       /* of BIND_BY_INTERFACE: its offset in the context */
        bool sleepable_only; /* the task is meant only if the program is BPF_F_SLEEPABLE */
        const char *reason;  /* of BIND_REFUSED: a clause that follows "because" */
};

/* The row for this type; where there is none, one that refuses. Never NULL. */
const struct bind_rule *bind_rule(uint32_t prog_type, uint32_t attach_type);

/* A row that confines some programs of this type; where there is none, one that refuses. Never NULL. */
const struct bind_rule *bind_rule_of_type(uint32_t prog_type);

/* Why some programs of this type are refused; never NULL. */
const char *bind_refusal(uint32_t prog_type);
