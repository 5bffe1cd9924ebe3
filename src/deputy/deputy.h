/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A deputy acts for one holder, with exactly the capabilities of one grant: it
 * has no authority that it could be talked into using for somebody else. What
 * its threads share is here; it is complete before the first of them starts,
 * and only the ledger, the steward and the record change afterwards, each under
 * a lock of its own.
 */

#include <stdbool.h>
#include <stdint.h>

#include "bind/bind.h"
#include "deputy/ledger.h"
#include "deputy/crew.h"
#include "deputy/record.h"
#include "deputy/steward.h"
#include "grant/policy.h"

struct deputy {
        const struct policy *policy;   /* borrowed */
        struct vocabulary *vocabulary; /* borrowed; sealed by deputy_init() */
        struct bind_reach reach;       /* where the policy has one */
        struct ledger *ledger;
        struct steward steward;
        struct record record;
        struct crew crew;
        pthread_rwlock_t
                deliveries; /* held for reading from before a reply until its descriptors are closed */
        int proc_fd;        /* /proc, owned */
        uint64_t began_ns;  /* CLOCK_BOOTTIME */
        uint64_t netns_device, netns_inode;
        uint64_t capabilities;
        uint32_t cpus; /* possible ones: what a per-CPU map multiplies by */
};

/* 0 or -errno. `steward_fd` is taken, also on failure; -1: none. */
int deputy_init(struct deputy *d, const struct policy *p, struct vocabulary *v, int steward_fd_consume);
void deputy_deinit(struct deputy *d);

/*
 * Releases what is not alive any more. A holder may have let go of an object
 * before the thread that handed it over has closed its own descriptor, which
 * keeps it alive: so this waits for the replies that are under way. The caller
 * holds no lock.
 */
void deputy_sweep(struct deputy *d);

/* Whether the grant's time is over. */
bool deputy_is_expired(const struct deputy *d);

/* CLOCK_BOOTTIME: a suspended host does not lengthen a grant. */
uint64_t now_ns(void);
