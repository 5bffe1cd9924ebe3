/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "deputy/rebind.h"

#include <stddef.h>

#include <linux/bpf.h>

#include "base/macro.h"

static void bound_program_deinitp(struct bound_program *b) {
        bound_program_deinit(b);
}

/* The buffer at an offset of attr; its bytes or NULL, and the number of its records. */
static const void *records(struct call *c, size_t pointer, size_t count, size_t *ret_n) {
        struct call_buffer *b = call_buffer_at(c, pointer);

        *ret_n = b ? call_u32(c, count) : 0;
        return b ? b->data : NULL;
}

/* Puts new bytes in place of a buffer of the same length. */
static int put_records(struct call *c, size_t pointer, const void *data) {
        struct call_buffer *b = call_buffer_at(c, pointer);

        return b ? call_replace_buffer(c, b, data, b->size, 0) : 0;
}

#define AT(field) offsetof(union bpf_attr, field)

/* core_relos are newer than some of the headers we build with: union bpf_attr, 5.17. */
int call_bind(struct call *c, const struct bind_reach *r) {
        _cleanup_(bound_program_deinitp) struct bound_program bound = {};
        struct call_buffer *insns = call_buffer_at(c, AT(insns));
        struct bind_program program = {
                .prog_type = call_u32(c, AT(prog_type)),
                .attach_type = call_u32(c, AT(expected_attach_type)),
                .prog_flags = call_u32(c, AT(prog_flags)),
                .func_info_size = call_u32(c, AT(func_info_rec_size)),
                .line_info_size = call_u32(c, AT(line_info_rec_size)),
                .core_relo_size = call_u32(c, AT(core_relo_rec_size)),
        };
        int verdict;

        if (!insns)
                return BIND_E_INFO;
        program.insns = insns->data;
        program.n_insns = insns->size / sizeof(struct bpf_insn);
        program.func_info = records(c, AT(func_info), AT(func_info_cnt), &program.n_func_info);
        program.line_info = records(c, AT(line_info), AT(line_info_cnt), &program.n_line_info);
        program.core_relos = records(c, AT(core_relos), AT(core_relo_cnt), &program.n_core_relos);

        verdict = bind_program(r, &program, &bound);
        if (verdict != BIND_OK)
                return verdict;
        verdict = put_records(c, AT(func_info), bound.func_info);
        if (verdict == 0)
                verdict = put_records(c, AT(line_info), bound.line_info);
        if (verdict == 0)
                verdict = put_records(c, AT(core_relos), bound.core_relos);
        if (verdict == 0)
                verdict = call_replace_buffer(c, insns, bound.insns, bound.n_insns * sizeof(struct bpf_insn),
                                              (uint32_t)(bound.n_guard * sizeof(struct bpf_insn)));
        return verdict < 0 ? verdict : BIND_OK;
}
