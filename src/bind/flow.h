/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Where a program's instructions can lead.
 */

#include <stdbool.h>
#include <stddef.h>

#include <linux/bpf.h>

/*
 * Whether every jump stays within the program, and every call of a function of
 * its own, or pointer to one, goes to an instruction after the first.
 */
bool flow_is_closed(const struct bpf_insn *insns, size_t n_insns);
