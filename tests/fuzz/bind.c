/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Arbitrary bytes as a program, its infos and a reach. Whatever is accepted must
 * come out with its own instructions unchanged behind the guard, and with infos
 * that stay in order and within it; what is refused must leave no output.
 *
 * The input: a head, then as many bytes for each part as the head says, as far
 * as there are any.
 */

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/macro.h"
#include "bind/bind.h"

struct head {
        uint8_t prog_type, attach_type, prog_flags;
        uint8_t n_cgroups, n_interfaces;
        uint8_t n_func_info, func_info_size;
        uint8_t n_line_info, line_info_size;
        uint8_t n_core_relos, core_relo_size;
        uint8_t excess; /* bits: which counts claim more than there are, to be refused by their size alone */
        uint8_t levels[BIND_PLACES_MAX];
        uint8_t ids[BIND_PLACES_MAX];
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
        const uint8_t *data;
        size_t size;
};

/* A copy of its own, so that reading past it is seen; the count shrinks to what there is. */
static void *take_part(struct input *in, size_t *n, size_t record_size) {
        size_t length;
        void *copy;

        if (record_size > 0 && *n > in->size / record_size)
                *n = in->size / record_size;
        length = *n * record_size;
        copy = malloc(length > 0 ? length : 1);
        if (!copy)
                abort();
        if (length > 0)
                memcpy(copy, in->data, length);
        in->data += length;
        in->size -= length;
        return copy;
}

static void reach_from(const struct head *h, struct bind_reach *ret_reach) {
        struct bind_reach r = {
                .n_cgroups = h->n_cgroups % (BIND_PLACES_MAX + 2),
                .n_interfaces = h->n_interfaces % (BIND_PLACES_MAX + 2),
        };

        for (size_t i = 0; i < BIND_PLACES_MAX; i++) {
                r.cgroups[i].id = h->ids[i] * UINT64_C(0x100000001);
                r.cgroups[i].level = h->levels[i] == UINT8_MAX ? UINT32_MAX : h->levels[i];
                r.interfaces[i] = h->ids[i] == UINT8_MAX ? UINT32_MAX : h->ids[i];
        }
        *ret_reach = r;
}

static uint32_t offset_at(const void *records, size_t size, size_t i) {
        uint32_t offset;

        memcpy(&offset, (const uint8_t *)records + i * size, sizeof(offset));
        return offset;
}

#define require(condition)                                                                                  \
        do {                                                                                                \
                if (!(condition))                                                                           \
                        abort();                                                                            \
        } while (0)

static void check_infos(const void *before, const void *after, size_t n, size_t size, uint32_t unit,
                        bool entry_stays, const struct bound_program *b) {
        require((n == 0) == (after == NULL));
        for (size_t i = 0; i < n; i++) {
                uint32_t from = offset_at(before, size, i), to = offset_at(after, size, i);

                require(to % unit == 0 && to / unit < b->n_insns);
                require(to == from + (entry_stays && from == 0 ? 0 : b->n_guard * unit));
                require(!entry_stays || i == 0 || to > offset_at(after, size, i - 1));
                require(memcmp((const uint8_t *)before + i * size + 4, (const uint8_t *)after + i * size + 4,
                               size - 4) == 0);
        }
}

static void check_bound(const struct bind_program *p, const struct bound_program *b) {
        require(b->n_guard >= 4 && b->n_insns == p->n_insns + b->n_guard);
        require(memcmp(b->insns + b->n_guard, p->insns, p->n_insns * sizeof(*p->insns)) == 0);
        check_infos(p->func_info, b->func_info, p->n_func_info, p->func_info_size, 1, true, b);
        check_infos(p->line_info, b->line_info, p->n_line_info, p->line_info_size, 1, true, b);
        check_infos(p->core_relos, b->core_relos, p->n_core_relos, p->core_relo_size, 8, false, b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        struct input in = {data, size};
        struct head h = {};
        struct bind_reach reach;
        struct bind_program p;
        _cleanup_(bound_program_deinit) struct bound_program b = {};
        _cleanup_free_ void *funcs = NULL, *lines = NULL, *relos = NULL, *insns = NULL;
        int r;

        if (size < sizeof(h))
                return 0;
        memcpy(&h, in.data, sizeof(h));
        in.data += sizeof(h);
        in.size -= sizeof(h);
        reach_from(&h, &reach);

        p = (struct bind_program) {
                .prog_type = h.prog_type,
                .attach_type = h.attach_type,
                .prog_flags = h.prog_flags,
                .n_func_info = h.n_func_info,
                .func_info_size = h.func_info_size,
                .n_line_info = h.n_line_info,
                .line_info_size = h.line_info_size,
                .n_core_relos = h.n_core_relos,
                .core_relo_size = h.core_relo_size,
        };
        p.func_info = funcs = take_part(&in, &p.n_func_info, p.func_info_size);
        p.line_info = lines = take_part(&in, &p.n_line_info, p.line_info_size);
        p.core_relos = relos = take_part(&in, &p.n_core_relos, p.core_relo_size);
        p.n_insns = SIZE_MAX;
        p.insns = insns = take_part(&in, &p.n_insns, sizeof(struct bpf_insn));
        if (h.excess & 1)
                p.n_func_info = SIZE_MAX / 2;
        if (h.excess & 2)
                p.n_line_info = (size_t)UINT32_MAX + 1;
        if (h.excess & 4)
                p.core_relo_size = SIZE_MAX;
        if (h.excess & 8)
                p.n_insns = (size_t)1 << 40;

        r = bind_program(&reach, &p, &b);
        if (r == BIND_OK)
                check_bound(&p, &b);
        else
                require(r > 0 && r < N_BIND_VERDICTS && !b.insns);
        return 0;
}
