/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Who a process is and what it may do, set exactly and read back. Every
 * function here either leaves the process as it says, or fails: none of them
 * leaves a state that the caller did not ask for and call it success.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define CAPABILITY(n) (UINT64_C(1) << (n))
#define GROUPS_MAX 1024

struct identity {
        uid_t uid;
        gid_t gid;
        gid_t groups[GROUPS_MAX];
        size_t n_groups;
};

/*
 * The identity of a user by name or number, with its groups from the system's
 * databases. -ENOENT: no such user; -E2BIG: more than GROUPS_MAX groups.
 */
int identity_of_user(const char *user, struct identity *ret_identity);

/*
 * Takes this identity for good (real, effective, saved and file-system ids,
 * supplementary groups), keeping the capabilities of the mask `keep` as
 * permitted and effective and no others; bounding, inheritable and ambient sets
 * are emptied. Needs to be called as root, with one thread. Reads everything
 * back: -EPERM when any part is not as asked.
 */
int privilege_become(const struct identity *identity, uint64_t keep);

/* Permitted and effective capabilities of this thread, bounding and inheritable ones emptied. */
int privilege_limit(uint64_t keep);

/* Effective capabilities of this thread only, within its permitted ones. */
int privilege_set_effective(uint64_t effective);

/* The permitted capabilities of this thread. */
int privilege_permitted(uint64_t *ret_permitted);
