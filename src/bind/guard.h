/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The instructions that are put in front of a program.
 */

#include <stddef.h>

#include "bind/bind.h"
#include "bind/rules.h"

/* One question and one comparison a place, and what stands around them. */
#define GUARD_MAX (6 * BIND_PLACES_MAX + 4)

/* Writes the guard for a reach that bind_check() has accepted; its length. */
size_t guard_write(const struct bind_rule *rule, const struct bind_reach *r,
                   struct bpf_insn guard[GUARD_MAX]);
