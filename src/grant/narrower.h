/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Only narrower: whether every part of a child policy is within its parent.
 * The answer lists each excess, so that one run mends all of them.
 */

#include "base/text.h"
#include "grant/policy.h"

enum {
        NARROWER_E_EXCESS = 1, /* the child is wider in at least one part */
};

/*
 * 0 if the child is within the parent; else NARROWER_E_EXCESS, with a line for
 * each excess appended to `excesses` ("maps: ringbuf is not in the parent").
 * `excesses` may be NULL.
 */
int policy_narrower(const struct policy *parent, const struct policy *child, struct vocabulary *v,
                    struct text *excesses);
