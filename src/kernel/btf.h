/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The running kernel's own names, from its BTF: what the built-in vocabulary
 * lacks, a newer kernel may have.
 */

#include "grant/vocabulary.h"

/*
 * A vocabulary_extend_fn: adds every name of the kernel's four enums. 0; or
 * -errno (-ENOENT: the kernel has no BTF). Takes some milliseconds, and is
 * called only for a name that the built-in table lacks.
 */
int kernel_vocabulary_extend(struct vocabulary *v, void *userdata);
