/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * How much of a budget is in use. A charge lives in the object that it pays
 * for and is given back exactly once, by that object's destructor: charges of
 * all objects always sum up to `used`.
 *
 * Not thread-safe; the deputy's ledger holds its lock around it.
 */

#include <stdbool.h>
#include <stdint.h>

#include "grant/decide.h"
#include "grant/policy.h"

struct budget {
        uint64_t limit[N_BUDGET_ITEMS]; /* BUDGET_NONE: no limit */
        uint64_t used[N_BUDGET_ITEMS];  /* [BUDGET_TIME] is unused: time passes by itself */
};

/* What one object pays. All zero: nothing. */
struct charge {
        uint64_t amount[N_BUDGET_ITEMS];
};

void budget_init(struct budget *b, const struct policy *p);

/* What the call would have to pay. */
struct charge charge_of(const struct ask *a);

/*
 * Takes the whole charge or nothing. DECIDE_ALLOW, or the DECIDE_E_BUDGET_* of
 * the first item that does not suffice.
 */
enum decide_verdict budget_charge(struct budget *b, const struct charge *c);

/* Gives a charge back and empties it, so that a second call does nothing. */
void budget_release(struct budget *b, struct charge *c);

bool budget_is_unused(const struct budget *b);
