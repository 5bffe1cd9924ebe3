/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Records about instructions: function infos, line infos and relocations.
 */

#include <stdbool.h>
#include <stddef.h>

enum info_kind {
        INFO_FUNC,
        INFO_LINE,
        INFO_CORE_RELO,
        N_INFO_KINDS,
};

/* `n` records of `size` bytes, borrowed. */
struct info_list {
        enum info_kind kind;
        const void *records;
        size_t n, size;
};

/* Whether each record is long enough, in order, and about one of `n_insns` instructions. */
bool infos_are_valid(const struct info_list *l, size_t n_insns);

/*
 * A copy of valid infos for a program that has `n_guard` instructions in front;
 * NULL for an empty list. 0 or -ENOMEM.
 */
int infos_shift(const struct info_list *l, size_t n_guard, void **ret_records);
