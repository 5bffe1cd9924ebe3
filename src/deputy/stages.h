/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * How a deputy becomes one. Each stage takes something away for good and reads
 * back that it is gone; a stage that fails ends the process. They run in this
 * order, in a process that has one thread until the last of them:
 *
 *   stage_descriptors  must: close every descriptor but those named
 *                      must not: open anything
 *   stage_root         must: make /proc the root directory, so that no other file has a
 *                      path any more; must be root; needs nothing but /proc afterwards
 *   stage_identity     must: become the holder (ids, groups), keep exactly the
 *                      capabilities that the policy implies, set no_new_privs; must find
 *                      itself in the holder's cgroup and network namespace
 *                      must not: keep CAP_SETUID or anything else to go back with
 *   stage_hide         must: refuse ptrace and core dumps, and die with its parent; after
 *                      stage_identity, since a change of credentials resets both
 *   stage_confine      must: allow all threads no other system calls than serving needs;
 *                      from here on nothing but calls of holders is done
 */

#include <stdint.h>

#include "grant/policy.h"
#include "kernel/privilege.h"

/* Closes all descriptors but these and 0 to 2, which become /dev/null unless they are kept. */
int stage_descriptors(const int *keep, size_t n_keep);
int stage_root(void);
int stage_identity(const struct identity *holder, uint64_t capabilities);
int stage_hide(pid_t parent);
int stage_confine(const struct policy *p);
