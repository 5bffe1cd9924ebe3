/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the kernel asks for a map or program type, and what a map weighs: the
 * one place where these facts stand. Measured on Linux 6.18 (every type, every
 * set of capabilities); is_net_admin_prog_type() and is_perfmon_prog_type() in
 * kernel/bpf/syscall.c say the same for programs.
 *
 * A type that is newer than this table needs CAP_BPF only, as far as we know:
 * the kernel then refuses if it wants more, which is the safe way to be wrong.
 */

#include <stdbool.h>
#include <stdint.h>

#include <linux/capability.h>

/* Masks of 1 << CAP_*, without CAP_BPF, which every type needs. */
uint64_t map_type_capabilities(uint32_t map_type);
uint64_t prog_type_capabilities(uint32_t prog_type);

/* Tracing types: those that need CAP_PERFMON, and so `verifier = trusted`. */
static inline bool prog_type_is_tracing(uint32_t prog_type);

/*
 * Whether the kernel reads expected_attach_type for this program type at load,
 * so that 0 means cgroup_inet_ingress and not "none" (cgroup_skb, cgroup_sock,
 * cgroup_sock_addr, cgroup_sockopt).
 */
bool prog_type_has_attach_type(uint32_t prog_type);

/*
 * What the kernel makes of the expected attach type at load: 0 of a cgroup_sock
 * is cgroup_inet_sock_create, 0 of an sk_reuseport is sk_reuseport_select
 * (bpf_prog_load_fixup_attach_type()).
 */
uint32_t prog_attach_type_at_load(uint32_t prog_type, uint32_t attach_type);

/* Whether attach types of this value attach to a cgroup descriptor. */
bool attach_type_is_cgroup(uint32_t attach_type);
/* Whether they take an interface index where others take a target descriptor (xdp, tcx_*, netkit_*). */
bool attach_type_is_interface(uint32_t attach_type);

/* What a map is asked to be. */
struct map_shape {
        uint32_t type;
        uint32_t key_size;
        uint32_t value_size;
        uint32_t max_entries;
        uint32_t flags; /* map_flags */
};

/*
 * The most bytes of kernel memory that a map of this shape takes when it is
 * full: at least what the kernel itself reports as `memlock`. UINT64_MAX for
 * types whose size follows from other objects of the host (sk_storage,
 * inode_storage, task_storage, cgrp_storage and the two cgroup_storage) and for
 * types that are not known: a budget of map-bytes cannot bound them.
 */
uint64_t map_bytes_max(const struct map_shape *shape, uint32_t cpus);

static inline bool prog_type_is_tracing(uint32_t prog_type) {
        return prog_type_capabilities(prog_type) & (UINT64_C(1) << CAP_PERFMON);
}
