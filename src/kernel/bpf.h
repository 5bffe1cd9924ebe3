/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * bpf(2), and the few questions about a BPF descriptor that only the kernel can
 * answer.
 */

#include <stdbool.h>
#include <stdint.h>

#include "abi/table.h"

/* bpf(2): its result, or -errno. Has the type of call_bpf_fn. */
int bpf_syscall(uint32_t command, void *attr, uint32_t size);

/*
 * Whether bpf(2) can be called at all here: 0, -ENOSYS (not in this kernel, or
 * refused by a filter that pretends so), -EPERM (no right to).
 */
int bpf_probe(void);

/* What kind of object a descriptor of ours is. 0, or -errno. */
int bpf_object_kind(int fd, enum abi_object *ret_kind);

/* The id of a map, program, link or BTF object. 0, or -errno. */
int bpf_object_id(int fd, enum abi_object kind, uint32_t *ret_id);

/* Type and id of a program. 0, or -errno: -EINVAL if it is something else. */
int bpf_program_type(int fd, uint32_t *ret_type, uint32_t *ret_id);

/* map_flags of a map (enum in linux/bpf.h: BPF_F_RDONLY_PROG …). 0, or -errno. */
int bpf_map_flags(int fd, uint32_t *ret_flags);

/* enum bpf_link_type of a link. 0, or -errno. */
int bpf_link_type(int fd, uint32_t *ret_type);

/*
 * A descriptor for the object of this id; needs CAP_SYS_ADMIN. `open_flags` as
 * in bpf_attr (BPF_F_RDONLY … for maps). -ENOENT when there is none (any more).
 */
int bpf_object_open(enum abi_object kind, uint32_t id, uint32_t open_flags);
