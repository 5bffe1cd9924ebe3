/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The kernel's enums as they are in Linux 6.18: what a vocabulary begins with.
 */

#include <stddef.h>
#include <stdint.h>

#include "grant/vocabulary.h"

struct kernel_enum {
        const char *noun;   /* "map type" */
        const char *prefix; /* "BPF_MAP_TYPE_" */
        const char *name;   /* "bpf_map_type" */
        uint32_t first;     /* value of names[0]: 1 where 0 is `unspec` */
        const char *const *names;
        size_t n_names;
};

extern const struct kernel_enum kernel_enums[N_NAME_KINDS];

/* Second names that an enum gives to a value. */
struct kernel_alias {
        enum name_kind kind;
        const char *name;
        uint32_t value;
};

extern const struct kernel_alias kernel_aliases[];
extern const size_t n_kernel_aliases;
