/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The table, and the capture of calls by it: good ones, and every way in which
 * a caller can lie about a size, a pointer or a descriptor. The caller of these
 * tests (caller.h) changes what was read, and fails the test on a second look.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/bpf.h>

#include "caller.h"
#include "grant/vocabulary.h"

static const struct bpf_insn trivial[] = {
        {.code = BPF_ALU64 | BPF_MOV | BPF_K},
        {.code = BPF_JMP | BPF_EXIT},
};

/* A program that loads; what a test wants otherwise it changes. */
static union abi_attr program(struct test_caller *t) {
        test_memory(t, 0x10000, trivial, sizeof(trivial));
        test_memory(t, 0x20000, "GPL", 4);
        return (union abi_attr) {.prog_load = {
                                         .prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
                                         .insn_cnt = ARRAY_SIZE(trivial),
                                         .insns = 0x10000,
                                         .license = 0x20000,
                                 }};
}

static void rows_are_in_order(void **state) {
        _cleanup_vocabulary_ struct vocabulary *v = NULL;

        (void)state;
        assert_int_equal(vocabulary_new(&v, NULL, NULL), 0);
        for (uint32_t i = 0; i < n_abi_commands; i++) {
                const struct abi_command *row = abi_command(i);

                assert_ptr_equal(row, &abi_commands[i]);
                assert_int_equal(row->command, i);
                /* The built-in names are those of 6.18; a row may be newer. */
                if (i < vocabulary_end(v, NAME_COMMAND))
                        assert_string_equal(row->name, vocabulary_name(v, NAME_COMMAND, i));
                else
                        assert_true(i > ABI_PROG_STREAM_READ_BY_FD);
                assert_in_range(row->size, 4, sizeof(union abi_attr));
                assert_true(row->authority != AUTHORITY_NONE || !row->captured);
        }
        assert_null(abi_command((uint32_t)n_abi_commands));
        assert_null(abi_command(UINT32_MAX));
}

/* What capture and replay take for granted of each row. */
static void rows_are_sound(void **state) {
        (void)state;
        for (uint32_t i = 0; i < n_abi_commands; i++) {
                const struct abi_command *row = abi_command(i);
                size_t n_pointers = 0;
                bool has_insns = false;

                for (size_t j = 0; j < row->n_fields; j++) {
                        const struct abi_field *f = &row->fields[j];
                        size_t size =
                                f->kind == FIELD_FD ? 4
                                : f->kind == FIELD_OUT || f->kind == FIELD_UNREAD || f->kind == FIELD_REFUSED
                                        ? f->unit
                                        : 8;

                        assert_true(f->offset + size <= row->size);
                        assert_int_equal(f->attach != 0 && row->attach_offset == 0, 0);
                        n_pointers += size == 8;
                        has_insns |= f->kind == FIELD_INSNS;
                        assert_true(f->kind != FIELD_FD_ARRAY || has_insns);
                        if (f->kind == FIELD_INFO)
                                assert_int_equal(n_pointers, 1);
                }
                assert_in_range(n_pointers, 0, CALL_BUFFERS_MAX);
        }
        for (int object = 0; object < N_ABI_OBJECTS; object++)
                assert_non_null(abi_object_noun((enum abi_object)object));
}

static void every_attach_type_has_its_class(void **state) {
        (void)state;
        assert_int_equal(abi_attach_class(BPF_CGROUP_INET_INGRESS), ATTACH_CGROUP);
        assert_int_equal(abi_attach_class(BPF_LSM_CGROUP), ATTACH_CGROUP);
        assert_int_equal(abi_attach_class(ABI_CGROUP_UNIX_GETSOCKNAME), ATTACH_CGROUP);
        assert_int_equal(abi_attach_class(BPF_XDP), ATTACH_XDP);
        assert_int_equal(abi_attach_class(ABI_TCX_EGRESS), ATTACH_MPROG);
        assert_int_equal(abi_attach_class(ABI_NETKIT_PEER), ATTACH_MPROG);
        assert_int_equal(abi_attach_class(BPF_SK_LOOKUP), ATTACH_NETNS);
        assert_int_equal(abi_attach_class(BPF_SK_MSG_VERDICT), ATTACH_SOCKMAP);
        assert_int_equal(abi_attach_class(BPF_TRACE_FENTRY), ATTACH_TRACING);
        assert_int_equal(abi_attach_class(BPF_TRACE_ITER), ATTACH_ITER);
        assert_int_equal(abi_attach_class(BPF_PERF_EVENT), ATTACH_PERF_EVENT);
        assert_int_equal(abi_attach_class(ABI_NETFILTER), ATTACH_NETFILTER);
        assert_int_equal(abi_attach_class(ABI_STRUCT_OPS), ATTACH_STRUCT_OPS);
        assert_int_equal(abi_attach_class(ABI_TRACE_UPROBE_SESSION), ATTACH_MULTI);
        assert_int_equal(abi_attach_class(BPF_LIRC_MODE2), ATTACH_OTHER);
        assert_int_equal(abi_attach_class(BPF_XDP_DEVMAP), ATTACH_OTHER);
        assert_int_equal(abi_attach_class(ABI_TRACE_UPROBE_SESSION + 1), ATTACH_UNKNOWN);
        assert_int_equal(abi_attach_class(UINT32_MAX), ATTACH_UNKNOWN);
}

/* What is not carried is told apart by why, and nothing of the caller's is read for it. */
static void commands_that_are_not_carried(void **state) {
        static const struct {
                uint32_t command;
                int result;
        } cases[] = {
                {ABI_PROG_ASSOC_STRUCT_OPS + 1, CALL_E_UNKNOWN},
                {UINT32_MAX, CALL_E_UNKNOWN},
                {BPF_MAP_LOOKUP_ELEM, CALL_E_NATIVE},
                {BPF_MAP_UPDATE_BATCH, CALL_E_NATIVE},
                {BPF_OBJ_GET, CALL_E_NATIVE},
                {BPF_LINK_UPDATE, CALL_E_NATIVE},
                {ABI_TOKEN_CREATE, CALL_E_NATIVE},
                {BPF_ENABLE_STATS, CALL_E_UNCAPTURED},
                {BPF_TASK_FD_QUERY, CALL_E_UNCAPTURED},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_caller_ struct test_caller t;
                _cleanup_call_ struct call c;

                test_caller_init(&t);
                call_init(&c);
                /* There is no memory at all: reading would be -EFAULT. */
                assert_int_equal(call_capture(&c, cases[i].command, ATTR_ADDRESS, 8, &t.caller),
                                 cases[i].result);
        }
}

static void sizes_of_attr(void **state) {
        static const struct {
                uint32_t size;
                uint32_t nonzero; /* offset of a byte that is not zero; 0: none */
                uint64_t address;
                int result;
        } cases[] = {
                {0, 0, ATTR_ADDRESS, 0},
                {0, 0, 0, 0}, /* nothing is read */
                {1, 0, ATTR_ADDRESS, 0},
                {92, 0, ATTR_ADDRESS, 0},
                {92, 88, ATTR_ADDRESS, 0},        /* the last field of map_create */
                {168, 92, ATTR_ADDRESS, -EINVAL}, /* behind it, in fields of other commands */
                {168, 167, ATTR_ADDRESS, -EINVAL},
                {167, 167, ATTR_ADDRESS, 0},      /* behind the size that was given */
                {169, 168, ATTR_ADDRESS, -E2BIG}, /* in no field that is known */
                {4096, 0, ATTR_ADDRESS, 0},
                {4096, 4095, ATTR_ADDRESS, -E2BIG},
                {4096, 92, ATTR_ADDRESS, -EINVAL},
                {4097, 0, ATTR_ADDRESS, -E2BIG},
                {UINT32_MAX, 0, ATTR_ADDRESS, -E2BIG},
                {4, 0, 0, -EFAULT},
                {4096, 0, ATTR_ADDRESS + 2, -EFAULT},
                {168, 0, UINT64_MAX - 8, -EFAULT},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_caller_ struct test_caller t;
                _cleanup_call_ struct call c;
                uint8_t *attr;

                test_caller_init(&t);
                attr = test_memory(&t, ATTR_ADDRESS, NULL, 4097);
                attr[0] = BPF_MAP_TYPE_ARRAY;
                if (cases[i].nonzero)
                        attr[cases[i].nonzero] = 1;
                call_init(&c);
                assert_int_equal(
                        call_capture(&c, BPF_MAP_CREATE, cases[i].address, cases[i].size, &t.caller),
                        cases[i].result);
                if (cases[i].result == 0) {
                        assert_int_equal(call_u32(&c, ABI_AT(map_create, map_type)),
                                         cases[i].size ? BPF_MAP_TYPE_ARRAY : 0);
                        assert_int_equal(call_u64(&c, ABI_AT(map_create, map_extra)), 0);
                }
        }
}

static void accessors_stay_within(void **state) {
        _cleanup_caller_ struct test_caller t;
        _cleanup_call_ struct call c;
        union abi_attr attr;

        (void)state;
        test_caller_init(&t);
        attr = program(&t);
        assert_int_equal(test_capture(&c, &t, BPF_PROG_LOAD, &attr), 0);
        assert_int_equal(call_u32(&c, CALL_ATTR_MAX - 3), 0);
        assert_int_equal(call_u32(&c, SIZE_MAX), 0);
        assert_int_equal(call_u64(&c, CALL_ATTR_MAX - 7), 0);
        assert_null(call_buffer_at(&c, ABI_AT(prog_load, log_buf)));
        assert_int_equal(call_fd_at(&c, ABI_AT(prog_load, prog_btf_fd)), -1);
}

static void descriptors_of_map_create(void **state) {
        static const struct {
                union abi_attr attr;
                size_t n_fds;
                size_t offset;
                enum abi_object object;
        } cases[] = {
                {{.map_create = {.map_type = BPF_MAP_TYPE_HASH, .inner_map_fd = 5, .btf_fd = 5}}, 0, 0, 0},
                {{.map_create = {.map_type = BPF_MAP_TYPE_HASH_OF_MAPS, .inner_map_fd = 5}},
                 1,
                 ABI_AT(map_create, inner_map_fd),
                 OBJECT_MAP},
                {{.map_create = {.map_type = BPF_MAP_TYPE_ARRAY_OF_MAPS, .inner_map_fd = 5}},
                 1,
                 ABI_AT(map_create, inner_map_fd),
                 OBJECT_MAP},
                {{.map_create = {.btf_fd = 5, .btf_value_type_id = 1}},
                 1,
                 ABI_AT(map_create, btf_fd),
                 OBJECT_BTF},
                {{.map_create = {.btf_fd = 5, .btf_vmlinux_value_type_id = 1}},
                 1,
                 ABI_AT(map_create, btf_fd),
                 OBJECT_BTF},
                {{.map_create = {.map_token_fd = 5}}, 0, 0, 0},
                {{.map_create = {.map_token_fd = 5, .map_flags = ABI_F_TOKEN_FD}},
                 1,
                 ABI_AT(map_create, map_token_fd),
                 OBJECT_TOKEN},
                {{.map_create = {.value_type_btf_obj_fd = 5, .map_flags = ABI_F_VTYPE_BTF_OBJ_FD}},
                 1,
                 ABI_AT(map_create, value_type_btf_obj_fd),
                 OBJECT_BTF},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_caller_ struct test_caller t, u;
                _cleanup_call_ struct call c, d;

                test_caller_init(&t);
                test_has_fd(&t, 5);
                assert_int_equal(test_capture(&c, &t, BPF_MAP_CREATE, &cases[i].attr), 0);
                assert_int_equal(c.n_fds, cases[i].n_fds);
                assert_int_equal(call_identify(&c, &t.caller), 0);
                assert_int_equal(t.taken, cases[i].n_fds);
                if (cases[i].n_fds) {
                        assert_int_equal(c.fds[0].expects, cases[i].object);
                        assert_true(call_fd_at(&c, cases[i].offset) >= 0);
                        /* Asked again, it is not taken again. */
                        assert_int_equal(call_identify(&c, &t.caller), 0);
                        assert_int_equal(t.taken, 1);
                }

                /* The twin, to whom the descriptor is closed. */
                test_caller_init(&u);
                assert_int_equal(test_capture(&d, &u, BPF_MAP_CREATE, &cases[i].attr), 0);
                assert_int_equal(call_identify(&d, &u.caller), cases[i].n_fds ? -EBADF : 0);
        }
}

static void program_with_everything(void **state) {
        static const uint32_t infos[] = {0, 1, 2, 3, 4, 5, 6, 7};
        _cleanup_caller_ struct test_caller t;
        _cleanup_call_ struct call c;
        union abi_attr attr;

        (void)state;
        test_caller_init(&t);
        attr = program(&t);
        attr.prog_load.func_info = 0x40000;
        attr.prog_load.func_info_cnt = 2;
        attr.prog_load.func_info_rec_size = 8;
        test_memory(&t, 0x40000, infos, 16);
        attr.prog_load.line_info = 0x50000;
        attr.prog_load.line_info_cnt = 1;
        attr.prog_load.line_info_rec_size = 20;
        test_memory(&t, 0x50000, infos, 20);
        attr.prog_load.core_relos = 0x60000;
        attr.prog_load.core_relo_cnt = 2;
        attr.prog_load.core_relo_rec_size = 16;
        test_memory(&t, 0x60000, infos, 32);
        attr.prog_load.signature = 0x70000;
        attr.prog_load.signature_size = 3;
        test_memory(&t, 0x70000, "sig", 3);
        attr.prog_load.log_buf = 0x80000;
        attr.prog_load.log_size = 16 << 20; /* as libbpf asks */
        attr.prog_load.log_level = 1;
        attr.prog_load.prog_btf_fd = 5;
        attr.prog_load.attach_prog_fd = 6;
        attr.prog_load.prog_token_fd = 7;
        attr.prog_load.prog_flags = ABI_F_TOKEN_FD;
        for (int i = 5; i <= 7; i++)
                test_has_fd(&t, i);

        assert_int_equal(test_capture(&c, &t, BPF_PROG_LOAD, &attr), 0);
        assert_int_equal(call_identify(&c, &t.caller), 0);
        assert_int_equal(t.taken, 3);
        assert_memory_equal(call_buffer_at(&c, ABI_AT(prog_load, insns))->data, trivial, sizeof(trivial));
        assert_string_equal(call_buffer_at(&c, ABI_AT(prog_load, license))->data, "GPL");
        assert_memory_equal(call_buffer_at(&c, ABI_AT(prog_load, func_info))->data, infos, 16);
        assert_int_equal(call_buffer_at(&c, ABI_AT(prog_load, line_info))->size, 20);
        assert_memory_equal(call_buffer_at(&c, ABI_AT(prog_load, core_relos))->data, infos, 32);
        assert_memory_equal(call_buffer_at(&c, ABI_AT(prog_load, signature))->data, "sig", 3);
        assert_int_equal(call_buffer_at(&c, ABI_AT(prog_load, log_buf))->size, 16 << 20);
        assert_true(call_fd_at(&c, ABI_AT(prog_load, attach_prog_fd)) >= 0);
}

/* One change to a good program, and what becomes of it. */
struct change {
        size_t offset, size;
        uint64_t value;
};

static int capture_changed(const struct change *changes, size_t n) {
        _cleanup_caller_ struct test_caller t;
        _cleanup_call_ struct call c;
        union abi_attr attr;

        test_caller_init(&t);
        attr = program(&t);
        for (size_t i = 0; i < n; i++)
                memcpy((uint8_t *)&attr + changes[i].offset, &changes[i].value, changes[i].size);
        return test_capture(&c, &t, BPF_PROG_LOAD, &attr);
}

#define SET(field, value)                                                                                   \
        { ABI_AT(prog_load, field), sizeof(((union abi_attr *)NULL)->prog_load.field), value }

static void hostile_programs(void **state) {
        static const struct {
                struct change changes[3];
                int result;
        } cases[] = {
                {{SET(insns, 0)}, -EFAULT},
                {{SET(insns, 0xdead0000)}, -EFAULT},
                {{SET(insns, UINT64_MAX)}, -EFAULT},
                {{SET(insns, UINT64_MAX - 8)}, -EFAULT},
                {{SET(insn_cnt, 3)}, -EFAULT},
                {{SET(insn_cnt, 0)}, 0}, /* E2BIG: the kernel's to say, nothing is read */
                {{SET(insn_cnt, ABI_INSNS_MAX)}, -EFAULT},
                {{SET(insn_cnt, ABI_INSNS_MAX + 1)}, -E2BIG},
                {{SET(insn_cnt, UINT32_MAX)}, -E2BIG},
                {{SET(license, 0)}, -EFAULT},
                {{SET(license, 0xdead0000)}, -EFAULT},
                {{SET(func_info_cnt, 1)}, -EINVAL}, /* records of no bytes */
                {{SET(func_info_cnt, 1), SET(func_info_rec_size, 8)}, -EFAULT},
                {{SET(func_info_cnt, 1), SET(func_info_rec_size, 4)}, -EINVAL},
                {{SET(func_info_cnt, 1), SET(func_info_rec_size, 10)}, -EINVAL},
                {{SET(func_info_cnt, 1), SET(func_info_rec_size, 256)}, -EINVAL},
                {{SET(func_info_cnt, 1), SET(func_info_rec_size, UINT32_MAX)}, -EINVAL},
                {{SET(func_info_cnt, 0), SET(func_info_rec_size, UINT32_MAX)}, 0},
                {{SET(func_info_cnt, UINT32_MAX), SET(func_info_rec_size, 252)}, -EINVAL},
                {{SET(line_info_cnt, ABI_INSNS_MAX), SET(line_info_rec_size, 16)}, -EFAULT},
                {{SET(line_info, 1), SET(line_info_cnt, ABI_INSNS_MAX), SET(line_info_rec_size, 252)},
                 CALL_E_TOO_LARGE},
                {{SET(line_info_cnt, 1), SET(line_info_rec_size, 8)}, -EINVAL},
                {{SET(core_relo_cnt, 1), SET(core_relo_rec_size, 12)}, -EINVAL},
                {{SET(core_relo_cnt, 1), SET(core_relo_rec_size, 16)}, -EFAULT},
                {{SET(signature, 1), SET(signature_size, UINT32_MAX)}, -EINVAL},
                {{SET(signature, 1), SET(signature_size, 4)}, -EFAULT},
                {{SET(signature, 0), SET(signature_size, 4)}, 0}, /* none: the kernel does not look */
                {{SET(log_buf, 1), SET(log_size, UINT32_MAX)}, -EINVAL},
                {{SET(log_buf, 1), SET(log_size, ABI_LOG_SIZE_MAX)}, 0},
                {{SET(log_buf, 1), SET(log_size, 0)}, 0},
                {{SET(log_buf, 0), SET(log_size, UINT32_MAX)}, 0},
                {{SET(keyring_id, UINT32_MAX)}, 0},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                size_t n = 0;

                while (n < ARRAY_SIZE(cases[i].changes) && cases[i].changes[n].size > 0)
                        n++;
                assert_int_equal(capture_changed(cases[i].changes, n), cases[i].result);
        }
}

static void oversized_log_is_curtailed(void **state) {
        _cleanup_caller_ struct test_caller t;
        _cleanup_call_ struct call c;
        union abi_attr attr;

        (void)state;
        test_caller_init(&t);
        attr = program(&t);
        attr.prog_load.log_buf = 0x80000;
        attr.prog_load.log_size = ABI_LOG_SIZE_MAX;
        assert_int_equal(test_capture(&c, &t, BPF_PROG_LOAD, &attr), 0);
        assert_int_equal(call_buffer_at(&c, ABI_AT(prog_load, log_buf))->size, CALL_OUTPUT_MAX);
        call_execute(&c, test_bpf);
        assert_int_equal(given.prog_load.log_size, CALL_OUTPUT_MAX);
        assert_int_equal(call_u32(&c, ABI_AT(prog_load, log_size)), ABI_LOG_SIZE_MAX);
}

/* The licence may be the last that stands in a mapping, cross a page, or have no end. */
static void strings(void **state) {
        static const struct {
                uint64_t address;
                size_t size; /* of the memory there */
                size_t length;
                int result;
                size_t captured;
        } cases[] =
                {
                        {0x90000, 4, 3, 0, 3},
                        {0x90ffd, 3, 2, 0, 2},       /* ends with its page, and that with the mapping */
                        {0x90ffd, 8, 7, 0, 7},       /* goes on in the next page */
                        {0x90ffd, 3, 3, -EFAULT, 0}, /* no NUL before the end of the mapping */
                        {0x90100, 5, 5, -EFAULT, 0},
                        {0x90000, 1, 0, 0, 0},
                        {0x90000, 127, 126, 0, 126},
                        {0x90000, 128, 127, 0, 127},
                        {0x90000, 400, 400, 0, 127}, /* cut, as the kernel does */
                        {0x90fc0, 400, 400, 0, 127},
                        {0x90000, 127, 127, 0, 127}, /* more is not read */
                };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_caller_ struct test_caller t;
                _cleanup_call_ struct call c;
                union abi_attr attr;
                uint8_t *s;

                test_caller_init(&t);
                attr = program(&t);
                attr.prog_load.license = cases[i].address;
                s = test_memory(&t, cases[i].address, NULL, cases[i].size);
                memset(s, 'x', cases[i].length);
                assert_int_equal(test_capture(&c, &t, BPF_PROG_LOAD, &attr), cases[i].result);
                if (cases[i].result == 0)
                        assert_int_equal(strlen(call_buffer_at(&c, ABI_AT(prog_load, license))->data),
                                         cases[i].captured);
        }
}

static void raw_tracepoint_names(void **state) {
        _cleanup_caller_ struct test_caller t, u, v;
        _cleanup_call_ struct call c, d, e;
        union abi_attr attr = {.raw_tracepoint = {.name = 0x10000, .prog_fd = 5}};

        (void)state;
        test_caller_init(&t);
        test_memory(&t, 0x10000, "sys_enter", 10);
        test_has_fd(&t, 5);
        assert_int_equal(test_capture(&c, &t, BPF_RAW_TRACEPOINT_OPEN, &attr), 0);
        assert_int_equal(call_identify(&c, &t.caller), 0);
        assert_string_equal(call_buffer_at(&c, ABI_AT(raw_tracepoint, name))->data, "sys_enter");

        test_caller_init(&u);
        assert_int_equal(test_capture(&d, &u, BPF_RAW_TRACEPOINT_OPEN, &attr), -EFAULT);

        /* Tracing programs know their own target. */
        attr.raw_tracepoint.name = 0;
        test_caller_init(&v);
        assert_int_equal(test_capture(&e, &v, BPF_RAW_TRACEPOINT_OPEN, &attr), 0);
        assert_int_equal(call_identify(&e, &v.caller), -EBADF);
}

static void btf_sizes(void **state) {
        static const struct {
                uint64_t address;
                uint32_t size;
                int result;
        } cases[] = {
                {0x10000, 24, 0},
                {0x10000, 25, -EFAULT},
                {0, 24, -EFAULT},
                {0, 0, 0},
                {0x10000, ABI_BTF_SIZE_MAX, -EFAULT},
                {0x10000, ABI_BTF_SIZE_MAX + 1, -E2BIG},
                {0x10000, UINT32_MAX, -E2BIG},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_caller_ struct test_caller t;
                _cleanup_call_ struct call c;
                union abi_attr attr = {.btf_load = {.btf = cases[i].address, .btf_size = cases[i].size}};

                test_caller_init(&t);
                test_memory(&t, 0x10000, NULL, 24);
                assert_int_equal(test_capture(&c, &t, BPF_BTF_LOAD, &attr), cases[i].result);
        }
}

/* Which descriptors a call names by its attach type: their offsets, as a set of bits. */
static unsigned named(const struct call *c) {
        unsigned set = 0;

        for (size_t i = 0; i < c->n_sites; i++)
                set |= 1U << c->sites[i].position / 4;
        return set;
}
#define AT(offset) (1U << (offset) / 4)

static void attach_types_of_link_create(void **state) {
        enum { PROGRAM = AT(0), TARGET = AT(4), RELATIVE = AT(16) };
        static const struct {
                uint32_t attach_type, flags, relative;
                int result;
                unsigned names;
        } cases[] = {
                {BPF_CGROUP_INET_EGRESS, 0, 0, 0, PROGRAM | TARGET},
                {BPF_CGROUP_INET_EGRESS, ABI_F_BEFORE, 0, 0, PROGRAM | TARGET},
                {BPF_CGROUP_INET_EGRESS, ABI_F_BEFORE, 5, 0, PROGRAM | TARGET | RELATIVE},
                {BPF_CGROUP_INET_EGRESS, ABI_F_AFTER | ABI_F_LINK, 0, 0, PROGRAM | TARGET | RELATIVE},
                {BPF_CGROUP_INET_EGRESS, ABI_F_AFTER | ABI_F_ID, 5, 0, PROGRAM | TARGET},
                {BPF_CGROUP_INET_EGRESS, 0, 5, 0, PROGRAM | TARGET}, /* freplace: a BTF id */
                {BPF_LSM_CGROUP, 0, 0, 0, PROGRAM | TARGET},
                {BPF_XDP, 0, 5, 0, PROGRAM},
                {ABI_TCX_INGRESS, 0, 0, 0, PROGRAM},
                {ABI_TCX_INGRESS, 0, 5, 0, PROGRAM | RELATIVE}, /* looked up without any flag */
                {ABI_NETKIT_PEER, ABI_F_LINK, 0, 0, PROGRAM | RELATIVE},
                {ABI_TCX_INGRESS, ABI_F_LINK | ABI_F_ID, 5, 0, PROGRAM},
                {BPF_SK_LOOKUP, 0, 5, 0, PROGRAM | TARGET},
                {BPF_SK_SKB_VERDICT, 0, 5, 0, PROGRAM | TARGET},
                {BPF_PERF_EVENT, 0, 5, 0, PROGRAM | TARGET},
                {BPF_TRACE_FENTRY, 0, 5, 0, PROGRAM | TARGET},
                {BPF_TRACE_RAW_TP, 0, 0, 0, PROGRAM | TARGET},
                {BPF_LSM_MAC, 0, 0, 0, PROGRAM | TARGET},
                {ABI_NETFILTER, 0, 5, 0, PROGRAM},
                {ABI_STRUCT_OPS, 0, 5, 0, PROGRAM /* which is a map */},
                {BPF_TRACE_ITER, 0, 0, 0, PROGRAM},
                {BPF_TRACE_ITER, 0, 5, CALL_E_UNCAPTURED, 0},
                {ABI_TRACE_KPROBE_MULTI, 0, 0, CALL_E_UNCAPTURED, 0},
                {ABI_TRACE_UPROBE_MULTI, 0, 0, CALL_E_UNCAPTURED, 0},
                {ABI_TRACE_KPROBE_SESSION, 0, 0, CALL_E_UNCAPTURED, 0},
                {ABI_TRACE_UPROBE_SESSION, 0, 0, CALL_E_UNCAPTURED, 0},
                {ABI_TRACE_UPROBE_SESSION + 1, 0, 0, CALL_E_UNCAPTURED, 0},
                {UINT32_MAX, 0, 0, CALL_E_UNCAPTURED, 0},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_caller_ struct test_caller t;
                _cleanup_call_ struct call c;
                union abi_attr attr = {.link_create = {
                                               .prog_fd = 3,
                                               .target_fd = 4,
                                               .attach_type = cases[i].attach_type,
                                               .flags = cases[i].flags,
                                               .relative_fd = cases[i].relative,
                                       }};

                test_caller_init(&t);
                assert_int_equal(test_capture(&c, &t, BPF_LINK_CREATE, &attr), cases[i].result);
                if (cases[i].result == 0)
                        assert_int_equal(named(&c), cases[i].names);
        }
}

static void iterators_with_a_length_only(void **state) {
        _cleanup_caller_ struct test_caller t;
        _cleanup_call_ struct call c;
        union abi_attr attr = {.link_create = {.attach_type = BPF_TRACE_ITER, .iter_info_len = 4}};

        (void)state;
        test_caller_init(&t);
        assert_int_equal(test_capture(&c, &t, BPF_LINK_CREATE, &attr), CALL_E_UNCAPTURED);
}

static void attach_types_of_prog_attach(void **state) {
        enum { TARGET = AT(0), PROGRAM = AT(4), REPLACED = AT(16), RELATIVE = AT(20) };
        static const struct {
                uint32_t command, attach_type, flags, target, program, relative;
                int result;
                unsigned names;
        } cases[] = {
                {BPF_PROG_ATTACH, BPF_CGROUP_DEVICE, BPF_F_ALLOW_MULTI, 4, 3, 0, 0, TARGET | PROGRAM},
                {BPF_PROG_ATTACH, BPF_CGROUP_DEVICE, BPF_F_REPLACE, 4, 3, 0, 0, TARGET | PROGRAM | REPLACED},
                {BPF_PROG_ATTACH, BPF_CGROUP_DEVICE, ABI_F_AFTER, 4, 3, 6, 0, TARGET | PROGRAM | RELATIVE},
                {BPF_PROG_ATTACH, BPF_CGROUP_DEVICE, 0, 0, 0, 0, 0, TARGET | PROGRAM},
                {BPF_PROG_ATTACH, ABI_TCX_INGRESS, 0, 4, 3, 6, 0, PROGRAM | RELATIVE},
                {BPF_PROG_ATTACH, BPF_SK_SKB_VERDICT, 0, 4, 3, 6, 0, TARGET | PROGRAM},
                {BPF_PROG_ATTACH, BPF_FLOW_DISSECTOR, 0, 0, 3, 0, 0, PROGRAM},
                {BPF_PROG_ATTACH, BPF_FLOW_DISSECTOR, 0, 4, 3, 0, 0, TARGET | PROGRAM},
                {BPF_PROG_ATTACH, BPF_LIRC_MODE2, 0, 0, 3, 0, 0, TARGET | PROGRAM},
                {BPF_PROG_ATTACH, ABI_TRACE_UPROBE_SESSION + 1, 0, 4, 3, 0, CALL_E_UNCAPTURED, 0},
                {BPF_PROG_DETACH, BPF_CGROUP_DEVICE, 0, 4, 0, 0, 0, TARGET | PROGRAM},
                {BPF_PROG_DETACH, ABI_TCX_INGRESS, 0, 4, 0, 0, 0, 0},
                {BPF_PROG_DETACH, ABI_TCX_INGRESS, 0, 4, 3, 0, 0, PROGRAM},
                {BPF_PROG_DETACH, BPF_CGROUP_DEVICE, BPF_F_REPLACE, 4, 3, 6, 0, TARGET | PROGRAM},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_caller_ struct test_caller t;
                _cleanup_call_ struct call c;
                union abi_attr attr = {.prog_attach = {
                                               .target_fd = cases[i].target,
                                               .attach_bpf_fd = cases[i].program,
                                               .attach_type = cases[i].attach_type,
                                               .attach_flags = cases[i].flags,
                                               .replace_bpf_fd = 9,
                                               .relative_fd = cases[i].relative,
                                       }};

                test_caller_init(&t);
                assert_int_equal(test_capture(&c, &t, cases[i].command, &attr), cases[i].result);
                if (cases[i].result == 0)
                        assert_int_equal(named(&c), cases[i].names);
        }
}

/* A cgroup lets go of what it has for a program that is none: not so an interface. */
static void detach_without_a_program(void **state) {
        static const struct {
                uint32_t attach_type, program;
                int result;
        } cases[] = {
                {BPF_CGROUP_DEVICE, 0, 0},
                {BPF_CGROUP_DEVICE, UINT32_MAX, 0},
                {ABI_TCX_INGRESS, 0, 0},
                {ABI_TCX_INGRESS, 77, -EBADF},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_caller_ struct test_caller t;
                _cleanup_call_ struct call c;
                union abi_attr attr = {.prog_attach = {.target_fd = 4,
                                                       .attach_type = cases[i].attach_type,
                                                       .attach_bpf_fd = cases[i].program}};

                test_caller_init(&t);
                test_has_fd(&t, 4);
                assert_int_equal(test_capture(&c, &t, BPF_PROG_DETACH, &attr), 0);
                assert_int_equal(call_identify(&c, &t.caller), cases[i].result);
                assert_int_equal(call_fd_at(&c, ABI_AT(prog_attach, attach_bpf_fd)), -1);
        }
}

/* A descriptor that one field may lack and another may not. */
static void strictest_field_decides(void **state) {
        _cleanup_caller_ struct test_caller t;
        _cleanup_call_ struct call c;
        union abi_attr attr = {
                .link_create = {.prog_fd = 4, .target_fd = 4, .attach_type = BPF_TRACE_FENTRY}};

        (void)state;
        test_caller_init(&t);
        assert_int_equal(test_capture(&c, &t, BPF_LINK_CREATE, &attr), 0);
        assert_int_equal(c.n_fds, 1);
        assert_int_equal(call_identify(&c, &t.caller), -EBADF);
}

static void what_is_asked_for(void **state) {
        static const union abi_attr map = {.map_create = {.map_type = BPF_MAP_TYPE_ARRAY,
                                                          .key_size = 4,
                                                          .value_size = 8,
                                                          .max_entries = 16,
                                                          .map_flags = BPF_F_RDONLY_PROG}};
        static const struct {
                uint32_t attach_type;
                enum ask_target target;
        } targets[] = {
                {BPF_CGROUP_DEVICE, TARGET_CGROUP},     {BPF_XDP, TARGET_INTERFACE},
                {ABI_NETKIT_PRIMARY, TARGET_INTERFACE}, {BPF_TRACE_FEXIT, TARGET_NONE},
                {BPF_TRACE_ITER, TARGET_NONE},          {BPF_SK_LOOKUP, TARGET_OTHER},
                {ABI_NETFILTER, TARGET_OTHER},          {BPF_PERF_EVENT, TARGET_OTHER},
        };
        struct ask a;

        (void)state;
        {
                _cleanup_caller_ struct test_caller t;
                _cleanup_call_ struct call c;

                test_caller_init(&t);
                assert_int_equal(test_capture(&c, &t, BPF_MAP_CREATE, &map), 0);
                call_ask(&c, 4, &a);
                assert_true(a.makes_map);
                assert_int_equal(a.map.max_entries, 16);
                assert_int_equal(a.map.flags, BPF_F_RDONLY_PROG);
                assert_int_equal(a.map_bytes, map_bytes_max(&a.map, 4));
                assert_false(a.loads_program || a.attaches || a.makes_link);
        }
        for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
                _cleanup_caller_ struct test_caller t;
                _cleanup_call_ struct call c;
                union abi_attr attr = {.link_create = {.attach_type = targets[i].attach_type}};

                test_caller_init(&t);
                assert_int_equal(test_capture(&c, &t, BPF_LINK_CREATE, &attr), 0);
                call_ask(&c, 4, &a);
                assert_true(a.attaches && a.makes_link);
                assert_int_equal(a.attach_type, targets[i].attach_type);
                assert_int_equal(a.target, targets[i].target);
                /* freplace goes by no attach type: it must not get at an interface's index. */
                assert_int_equal(call_suits_program(&c, BPF_PROG_TYPE_EXT),
                                 targets[i].target != TARGET_INTERFACE);
                assert_true(call_suits_program(&c, BPF_PROG_TYPE_XDP));
        }
        {
                _cleanup_caller_ struct test_caller t;
                _cleanup_call_ struct call c;
                union abi_attr attr = {.raw_tracepoint = {.prog_fd = 3}};

                test_caller_init(&t);
                assert_int_equal(test_capture(&c, &t, BPF_RAW_TRACEPOINT_OPEN, &attr), 0);
                call_ask(&c, 4, &a);
                assert_true(a.attaches && a.makes_link);
                assert_int_equal(a.attach_type, BPF_TRACE_RAW_TP);
                assert_int_equal(a.target, TARGET_NONE);
        }
        {
                _cleanup_caller_ struct test_caller t;
                _cleanup_call_ struct call c;
                union abi_attr attr = {.prog_query = {.attach_type = BPF_CGROUP_DEVICE}};

                test_caller_init(&t);
                assert_int_equal(test_capture(&c, &t, BPF_PROG_QUERY, &attr), 0);
                call_ask(&c, 4, &a);
                assert_true(a.attaches && !a.makes_link);
        }
}

static struct ask ask_of_program(const struct change *changes, size_t n, const struct bpf_insn *insns) {
        _cleanup_caller_ struct test_caller t;
        _cleanup_call_ struct call c;
        union abi_attr attr;
        struct ask a;

        test_caller_init(&t);
        attr = program(&t);
        memcpy(t.segments[0].data, insns, sizeof(trivial));
        test_memory(&t, 0x30000, NULL, 64);
        for (size_t i = 0; i < n; i++)
                memcpy((uint8_t *)&attr + changes[i].offset, &changes[i].value, changes[i].size);
        assert_int_equal(test_capture(&c, &t, BPF_PROG_LOAD, &attr), 0);
        call_ask(&c, 4, &a);
        return a;
}

/* The probes of libbpf, and everything near them that is more. */
static void blind_filters(void **state) {
        static const struct {
                struct bpf_insn insns[2];
                bool is_blind;
        } programs[] = {
                {{{.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 7}, {.code = BPF_JMP | BPF_EXIT}}, true},
                {{{.code = BPF_ALU | BPF_MOV | BPF_K}, {.code = BPF_JMP | BPF_EXIT}}, true},
                {{{.code = BPF_ALU64 | BPF_MOV | BPF_X}, {.code = BPF_JMP | BPF_EXIT}}, false},
                {{{.code = BPF_ALU64 | BPF_MOV | BPF_K, .src_reg = 1}, {.code = BPF_JMP | BPF_EXIT}}, false},
                {{{.code = BPF_ALU64 | BPF_MOV | BPF_K, .off = 1}, {.code = BPF_JMP | BPF_EXIT}}, false},
                {{{.code = BPF_ALU64 | BPF_MOV | BPF_K}, {.code = BPF_JMP | BPF_EXIT, .imm = 1}}, false},
                {{{.code = BPF_JMP | BPF_CALL, .imm = 5}, {.code = BPF_JMP | BPF_EXIT}}, false},
                {{{.code = BPF_JMP | BPF_CALL, .imm = 160}, {.code = BPF_JMP | BPF_EXIT}}, true},
                {{{.code = BPF_JMP | BPF_CALL, .src_reg = BPF_PSEUDO_CALL, .imm = 160},
                  {.code = BPF_JMP | BPF_EXIT}},
                 false},
                {{{.code = BPF_LD | BPF_ABS | BPF_B}, {.code = BPF_JMP | BPF_EXIT}}, false},
                {{{.code = BPF_LDX | BPF_MEM | BPF_W, .src_reg = 1}, {.code = BPF_JMP | BPF_EXIT}}, false},
                {{{.code = BPF_JMP | BPF_JA, .off = -1}, {.code = BPF_JMP | BPF_EXIT}}, false},
                {{{.code = BPF_LD | BPF_IMM | BPF_DW}, {.code = BPF_JMP | BPF_EXIT}}, false},
        };
        static const struct change more[][1] = {
                {SET(prog_type, BPF_PROG_TYPE_XDP)},
                {SET(insn_cnt, 1)},
                {SET(prog_flags, BPF_F_SLEEPABLE)},
                {SET(prog_ifindex, 1)},
                {SET(expected_attach_type, 1)},
                {SET(attach_btf_id, 1)},
                {SET(attach_prog_fd, 1)},
                {SET(fd_array, 0x30000)},
        };
        static const struct change with_line_info[] = {SET(line_info, 0x30000), SET(line_info_cnt, 1),
                                                       SET(line_info_rec_size, 16)};
        static const struct change with_signature[] = {SET(signature, 0x30000), SET(signature_size, 4)};

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(programs); i++)
                assert_int_equal(ask_of_program(NULL, 0, programs[i].insns).blind_filter,
                                 programs[i].is_blind);
        for (size_t i = 0; i < ARRAY_SIZE(more); i++)
                assert_false(ask_of_program(more[i], 1, trivial).blind_filter);
        assert_false(ask_of_program(with_line_info, 3, trivial).blind_filter);
        assert_false(ask_of_program(with_signature, 2, trivial).blind_filter);
        assert_true(ask_of_program(with_signature, 2, trivial).is_signed);
        assert_false(ask_of_program(NULL, 0, trivial).is_signed);
}

static void attach_types_of_programs(void **state) {
        static const struct change skb[] = {SET(prog_type, BPF_PROG_TYPE_CGROUP_SKB)};
        static const struct change xdp[] = {SET(prog_type, BPF_PROG_TYPE_XDP)};
        static const struct change devmap[] = {SET(prog_type, BPF_PROG_TYPE_XDP),
                                               SET(expected_attach_type, BPF_XDP_DEVMAP)};
        struct ask a;

        (void)state;
        a = ask_of_program(skb, 1, trivial);
        assert_true(a.loads_program && a.names_attach_type);
        assert_int_equal(a.prog_attach_type, BPF_CGROUP_INET_INGRESS);
        assert_int_equal(a.instructions, 2);
        assert_false(ask_of_program(xdp, 1, trivial).names_attach_type);
        a = ask_of_program(devmap, 2, trivial);
        assert_true(a.names_attach_type);
        assert_int_equal(a.prog_attach_type, BPF_XDP_DEVMAP);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(rows_are_in_order),
                cmocka_unit_test(rows_are_sound),
                cmocka_unit_test(every_attach_type_has_its_class),
                cmocka_unit_test(commands_that_are_not_carried),
                cmocka_unit_test(sizes_of_attr),
                cmocka_unit_test(accessors_stay_within),
                cmocka_unit_test(descriptors_of_map_create),
                cmocka_unit_test(program_with_everything),
                cmocka_unit_test(hostile_programs),
                cmocka_unit_test(oversized_log_is_curtailed),
                cmocka_unit_test(strings),
                cmocka_unit_test(raw_tracepoint_names),
                cmocka_unit_test(btf_sizes),
                cmocka_unit_test(attach_types_of_link_create),
                cmocka_unit_test(iterators_with_a_length_only),
                cmocka_unit_test(attach_types_of_prog_attach),
                cmocka_unit_test(detach_without_a_program),
                cmocka_unit_test(strictest_field_decides),
                cmocka_unit_test(what_is_asked_for),
                cmocka_unit_test(blind_filters),
                cmocka_unit_test(attach_types_of_programs),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
