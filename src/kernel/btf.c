/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "kernel/btf.h"

#include <errno.h>

#include <bpf/btf.h>

#include "base/macro.h"

static void btf_freep(struct btf **b) {
        btf__free(*b);
}

static int extend_kind(struct vocabulary *v, const struct btf *btf, enum name_kind kind) {
        int id = btf__find_by_name_kind(btf, name_kind_enum(kind), BTF_KIND_ENUM);
        const struct btf_type *type;
        const struct btf_enum *values;
        int r;

        if (id < 0)
                return id;
        type = btf__type_by_id(btf, (uint32_t)id);
        values = btf_enum(type);
        for (unsigned i = 0; i < btf_vlen(type); i++) {
                const char *name = btf__name_by_offset(btf, values[i].name_off);

                if (!name || values[i].val < 0)
                        continue;
                r = vocabulary_add(v, kind, name, (uint32_t)values[i].val);
                if (r < 0)
                        return r;
                /* A conflict with the built-in table keeps the table: values are kernel ABI. */
        }
        return 0;
}

int kernel_vocabulary_extend(struct vocabulary *v, void *userdata _unused_) {
        _cleanup_(btf_freep) struct btf *btf = btf__load_vmlinux_btf();
        int r;

        if (!btf)
                return -errno;
        for (int kind = 0; kind < N_NAME_KINDS; kind++) {
                r = extend_kind(v, btf, (enum name_kind)kind);
                if (r < 0)
                        return r;
        }
        return 0;
}
