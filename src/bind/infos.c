/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Infos name instructions by their offset, so all move by the length of the
 * guard, with one exception: the kernel wants the first function, and a line
 * for it, to begin at instruction 0. The guard belongs to the entry function,
 * so the records at 0 stay there: the guard is shown with the source line of
 * the program's first instruction. Relocations patch an instruction, and move
 * with it always.
 *
 * Checked here is what the shift relies on. The rest of a record is for the
 * kernel to judge.
 */

#include "bind/infos.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <linux/bpf.h>

/* MAX_FUNCINFO_REC_SIZE, MAX_LINEINFO_REC_SIZE, MAX_CORE_RELO_SIZE in the kernel. */
#define RECORD_SIZE_MAX 252

/* More relocations than instructions make no sense; libbpf writes at most one for each. */
static const struct info_traits {
        size_t size_min;
        uint32_t unit; /* what an instruction counts in offsets */
        bool ascending;
        bool entry_stays;
} traits[N_INFO_KINDS] = {
        [INFO_FUNC] = {sizeof(struct bpf_func_info), 1, .ascending = true, .entry_stays = true},
        [INFO_LINE] = {sizeof(struct bpf_line_info), 1, .ascending = true, .entry_stays = true},
        [INFO_CORE_RELO] = {sizeof(struct bpf_core_relo), sizeof(struct bpf_insn)},
};

/* Records lie where the holder put them, so not always aligned. */
static uint32_t offset_get(const void *records, size_t size, size_t i) {
        uint32_t offset;

        memcpy(&offset, (const char *)records + i * size, sizeof(offset));
        return offset;
}

bool infos_are_valid(const struct info_list *l, size_t n_insns) {
        const struct info_traits *t = &traits[l->kind];
        uint32_t offset, previous = 0;

        if (l->n == 0)
                return true;
        if (!l->records || l->n > n_insns || l->size < t->size_min || l->size > RECORD_SIZE_MAX)
                return false;
        for (size_t i = 0; i < l->n; i++) {
                offset = offset_get(l->records, l->size, i);
                if (offset % t->unit != 0 || offset / t->unit >= n_insns)
                        return false;
                if (t->ascending && i > 0 && offset <= previous)
                        return false;
                previous = offset;
        }
        return true;
}

int infos_shift(const struct info_list *l, size_t n_guard, void **ret_records) {
        const struct info_traits *t = &traits[l->kind];
        char *records;

        if (l->n == 0) {
                *ret_records = NULL;
                return 0;
        }
        records = malloc(l->n * l->size);
        if (!records)
                return -ENOMEM;
        memcpy(records, l->records, l->n * l->size);
        for (size_t i = 0; i < l->n; i++) {
                uint32_t offset = offset_get(records, l->size, i);

                if (offset == 0 && t->entry_stays)
                        continue;
                offset += (uint32_t)n_guard * t->unit;
                memcpy(records + i * l->size, &offset, sizeof(offset));
        }
        *ret_records = records;
        return 0;
}
