/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The cgroup v2 hierarchy: where it is mounted, the id by which BPF helpers
 * know a cgroup, and whether one lies below another.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * A descriptor of the root of the cgroup2 mount, found in /proc/self/mountinfo
 * (usual hosts have it at /sys/fs/cgroup, hybrid ones at
 * /sys/fs/cgroup/unified). -ENOENT when none is mounted.
 */
int cgroup_open_root(void);

/* Opens a cgroup by its absolute path below that root. */
int cgroup_open(int root_fd, const char *path);

/* The 64-bit id that bpf_get_current_ancestor_cgroup_id() gives for it. */
int cgroup_id(int fd, uint64_t *ret_id);

/* The level below the root of the hierarchy, which is 0; -ENOTDIR if fd is no cgroup. */
int cgroup_level(int fd, uint32_t *ret_level);

/*
 * Whether fd is a cgroup, and is one of these or lies below one. Walks up by
 * "..", at most to the root of the mount through which fd was opened, so a
 * cgroup that was opened through a bind mount of itself is not found below its
 * parents: that is the safe answer. 1, 0, or -errno.
 */
int cgroup_is_within(int fd, const uint64_t *ids, size_t n_ids);
bool fd_is_cgroup(int fd);
