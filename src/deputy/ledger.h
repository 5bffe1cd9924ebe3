/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What this grant has made: maps, programs, links and BTF by id, attachments by
 * target, and the charge that each of them pays. The sum of all charges is what
 * is used of the budget.
 *
 * The ledger holds ids and no descriptors, since a descriptor would keep the
 * object alive: an object dies when its holders let go of it, and nobody tells
 * us. So when a budget is about to refuse, and when the ledger has doubled, it
 * asks which ids are still alive (the steward knows) and releases the others.
 * The kernel hands ids out cyclically over 31 bits, so a dead object's id is not
 * met again in practice.
 *
 * Thread-safe.
 */

#include <stdbool.h>
#include <stdint.h>

#include "abi/table.h"
#include "grant/budget.h"

struct ledger;

/*
 * Says which of these ids are alive. 0, or -errno: then nothing is released.
 * Called with the ledger's lock held.
 */
typedef int (*ledger_alive_fn)(void *userdata, enum abi_object kind, const uint32_t *ids, size_t n,
                               bool *ret_alive);

int ledger_new(struct ledger **ret_ledger, const struct policy *p, ledger_alive_fn alive, void *userdata);
struct ledger *ledger_free(struct ledger *l);

/* DECIDE_ALLOW with the whole charge taken, or a DECIDE_E_BUDGET_*: then a sweep may make room. */
enum decide_verdict ledger_charge(struct ledger *l, const struct charge *c);

/* Gives back a charge whose object was not made after all; empties it. */
void ledger_refund(struct ledger *l, struct charge *c);

/* Enters an object with its charge, which is emptied. 0 or -ENOMEM (the charge stays with the caller). */
int ledger_add(struct ledger *l, enum abi_object kind, uint32_t id, struct charge *c);

/* Releases one object if it is not alive any more. */
void ledger_reap(struct ledger *l, enum abi_object kind, uint32_t id);

bool ledger_has(struct ledger *l, enum abi_object kind, uint32_t id);

/* The smallest id of the kind above `after`, as of the last sweep; false when there is none. */
bool ledger_next(struct ledger *l, enum abi_object kind, uint32_t after, uint32_t *ret_id);

/*
 * A program attached by prog_attach: no object, so it is known by where it is.
 * It is paid for until it is detached there or the program is gone.
 */
struct attachment {
        uint64_t target; /* a cgroup's id, an interface's index, or a device and inode hashed together */
        uint32_t attach_type;
        uint32_t program; /* id */
};
int ledger_add_attachment(struct ledger *l, const struct attachment *a, struct charge *c);
void ledger_remove_attachment(struct ledger *l, const struct attachment *a);

/* Releases everything that is not alive any more. */
void ledger_sweep(struct ledger *l);
