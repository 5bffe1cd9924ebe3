/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A charge is tried on every item before any is taken. `used` never exceeds
 * `limit`, and an item without limit has the largest number for one, so one
 * comparison without overflow serves both.
 */

#include "grant/budget.h"

#include <assert.h>
#include <string.h>

static_assert(BUDGET_NONE == UINT64_MAX, "no limit is larger than no limit");

void budget_init(struct budget *b, const struct policy *p) {
        *b = (struct budget) {};
        memcpy(b->limit, p->budget, sizeof(b->limit));
}

struct charge charge_of(const struct ask *a) {
        struct charge c = {};

        if (a->makes_map) {
                c.amount[BUDGET_MAPS] = 1;
                /* What cannot be bounded cannot be counted: decide() refuses it where map-bytes is set. */
                c.amount[BUDGET_MAP_BYTES] = a->map_bytes == UINT64_MAX ? 0 : a->map_bytes;
        }
        if (a->loads_program) {
                c.amount[BUDGET_PROGRAMS] = 1;
                c.amount[BUDGET_INSTRUCTIONS] = a->instructions;
        }
        if (a->makes_link)
                c.amount[BUDGET_LINKS] = 1;
        return c;
}

static enum decide_verdict item_verdict(enum budget_item item) {
        switch (item) {
        case BUDGET_MAPS:
                return DECIDE_E_BUDGET_MAPS;
        case BUDGET_MAP_BYTES:
                return DECIDE_E_BUDGET_MAP_BYTES;
        case BUDGET_PROGRAMS:
                return DECIDE_E_BUDGET_PROGRAMS;
        case BUDGET_INSTRUCTIONS:
                return DECIDE_E_BUDGET_INSTRUCTIONS;
        case BUDGET_LINKS:
                return DECIDE_E_BUDGET_LINKS;
        case BUDGET_TIME:
        case N_BUDGET_ITEMS:
                break;
        }
        return DECIDE_E_EXPIRED;
}

enum decide_verdict budget_charge(struct budget *b, const struct charge *c) {
        for (enum budget_item item = 0; item < N_BUDGET_ITEMS; item++)
                if (c->amount[item] > b->limit[item] - b->used[item])
                        return item_verdict(item);
        for (enum budget_item item = 0; item < N_BUDGET_ITEMS; item++)
                b->used[item] += c->amount[item];
        return DECIDE_ALLOW;
}

void budget_release(struct budget *b, struct charge *c) {
        for (enum budget_item item = 0; item < N_BUDGET_ITEMS; item++) {
                assert(c->amount[item] <= b->used[item]);
                b->used[item] -= c->amount[item];
        }
        *c = (struct charge) {};
}

bool budget_is_unused(const struct budget *b) {
        for (enum budget_item item = 0; item < N_BUDGET_ITEMS; item++)
                if (b->used[item] != 0)
                        return false;
        return true;
}
