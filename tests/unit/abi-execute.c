/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the kernel is given for a captured call, and what the caller gets back:
 * no number of the caller's is taken for a descriptor or an address of ours,
 * and nothing is written but what the kernel wrote, where the caller wanted it.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/bpf.h>

#include "caller.h"

static const struct bpf_insn trivial[] = {
        {.code = BPF_ALU64 | BPF_MOV | BPF_K},
        {.code = BPF_JMP | BPF_EXIT},
};

static int capture_program(struct call *c, struct test_caller *t, union abi_attr *attr) {
        test_memory(t, 0x10000, trivial, sizeof(trivial));
        test_memory(t, 0x20000, "GPL", 4);
        attr->prog_load.insn_cnt = 2;
        attr->prog_load.insns = 0x10000;
        attr->prog_load.license = 0x20000;
        return test_capture(c, t, BPF_PROG_LOAD, attr);
}

/* The caller's attr as it stands in its memory now. */
static const union abi_attr *attr_of(struct test_caller *t) {
        const struct test_segment *s = test_find(t, ATTR_ADDRESS, 0);

        assert_non_null(s);
        return (const union abi_attr *)s->data;
}

static void descriptors_that_are_not_meant(void **state) {
        _cleanup_caller_ struct test_caller t;
        _cleanup_call_ struct call c;
        union abi_attr attr = {.map_create = {.map_type = BPF_MAP_TYPE_ARRAY,
                                              .key_size = 4,
                                              .inner_map_fd = 3,
                                              .btf_fd = 4,
                                              .value_type_btf_obj_fd = 0,
                                              .map_token_fd = -1}};

        (void)state;
        test_kernel = NULL;
        test_caller_init(&t);
        assert_int_equal(test_capture(&c, &t, BPF_MAP_CREATE, &attr), 0);
        assert_int_equal(call_identify(&c, &t.caller), 0);
        call_execute(&c, test_bpf);
        assert_int_equal(given_command, BPF_MAP_CREATE);
        assert_int_equal(given_size, 92);
        assert_int_equal(given.map_create.key_size, 4);
        assert_int_equal(given.map_create.inner_map_fd, CALL_FD_NEVER);
        assert_int_equal(given.map_create.btf_fd, CALL_FD_NEVER);
        assert_int_equal(given.map_create.value_type_btf_obj_fd, 0);
        assert_int_equal(given.map_create.map_token_fd, CALL_FD_NEVER);
        /* The private attr still says what was asked, for the record. */
        assert_int_equal(call_u32(&c, ABI_AT(map_create, btf_fd)), 4);
}

static void descriptors_that_are_meant(void **state) {
        _cleanup_caller_ struct test_caller t;
        _cleanup_call_ struct call c;
        union abi_attr attr = {.link_create = {.prog_fd = 0,
                                               .target_fd = 77,
                                               .attach_type = ABI_TCX_INGRESS,
                                               .flags = ABI_F_BEFORE,
                                               .relative_fd = 9}};

        (void)state;
        test_kernel = NULL;
        test_caller_init(&t);
        test_has_fd(&t, 0);
        assert_int_equal(test_capture(&c, &t, BPF_LINK_CREATE, &attr), 0);
        assert_int_equal(call_identify(&c, &t.caller), 0);
        call_execute(&c, test_bpf);
        assert_true(call_fd_at(&c, ABI_AT(link_create, prog_fd)) > 0);
        assert_int_equal(given.link_create.prog_fd, call_fd_at(&c, ABI_AT(link_create, prog_fd)));
        assert_int_equal(given.link_create.target_fd, 77);              /* an interface: a number */
        assert_int_equal(given.link_create.relative_fd, CALL_FD_NEVER); /* the caller has no 9 */
}

/* Numbers stay numbers: ids, and the BTF id of a freplace, in the place of a descriptor. */
static void numbers_in_place_of_descriptors(void **state) {
        static const struct {
                uint32_t attach_type, flags;
        } cases[] = {
                {ABI_TCX_INGRESS, ABI_F_BEFORE | ABI_F_ID},
                {ABI_TCX_INGRESS, ABI_F_LINK | ABI_F_ID},
                {BPF_CGROUP_DEVICE, ABI_F_BEFORE | ABI_F_ID},
                {BPF_CGROUP_INET_INGRESS, 0},
                {BPF_TRACE_FENTRY, 0},
                {BPF_PERF_EVENT, 0},
        };

        (void)state;
        test_kernel = NULL;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_caller_ struct test_caller t;
                _cleanup_call_ struct call c;
                union abi_attr attr = {.link_create = {.prog_fd = 3,
                                                       .target_fd = 4,
                                                       .attach_type = cases[i].attach_type,
                                                       .flags = cases[i].flags,
                                                       .relative_fd = 1234,
                                                       .expected_revision = 0x1122334455}};

                test_caller_init(&t);
                test_has_fd(&t, 3);
                test_has_fd(&t, 4);
                assert_int_equal(test_capture(&c, &t, BPF_LINK_CREATE, &attr), 0);
                assert_int_equal(call_identify(&c, &t.caller), 0);
                call_execute(&c, test_bpf);
                assert_int_equal(given.link_create.relative_fd, 1234);
                assert_true(given.link_create.expected_revision == 0x1122334455);
        }
}

static void xdp_links_have_nothing_behind_their_flags(void **state) {
        _cleanup_caller_ struct test_caller t;
        _cleanup_call_ struct call c;
        union abi_attr attr = {.link_create = {.prog_fd = 3, .target_fd = 2, .attach_type = BPF_XDP}};

        (void)state;
        test_kernel = NULL;
        memset(&attr.link_create.uprobe_multi, 0xff, 44);
        test_caller_init(&t);
        test_has_fd(&t, 3);
        assert_int_equal(test_capture(&c, &t, BPF_LINK_CREATE, &attr), 0);
        assert_int_equal(call_identify(&c, &t.caller), 0);
        call_execute(&c, test_bpf);
        assert_true(bytes_are_zero(&given.link_create.uprobe_multi, 44));
}

static void pointers_that_were_not_captured(void **state) {
        _cleanup_caller_ struct test_caller t, u;
        _cleanup_call_ struct call c, d;
        union abi_attr query = {.prog_query = {.attach_type = BPF_SK_LOOKUP,
                                               .link_ids = 0xdeadbeef,
                                               .link_attach_flags = UINT64_MAX,
                                               .prog_ids = 0}};
        union abi_attr load = {.prog_load = {.log_buf = 0xdeadbeef, /* of no bytes */
                                             .func_info = 0xdeadbeef,
                                             .fd_array = 0xdeadbeef,
                                             .signature = 0xdeadbeef}};

        (void)state;
        test_kernel = NULL;
        test_caller_init(&t);
        assert_int_equal(test_capture(&c, &t, BPF_PROG_QUERY, &query), 0);
        call_execute(&c, test_bpf);
        assert_true(given.prog_query.link_ids == CALL_ADDRESS_NEVER);
        assert_true(given.prog_query.link_attach_flags == CALL_ADDRESS_NEVER);
        assert_true(given.prog_query.prog_ids == 0);

        test_caller_init(&u);
        assert_int_equal(capture_program(&d, &u, &load), 0);
        call_execute(&d, test_bpf);
        assert_true(given.prog_load.log_buf == CALL_ADDRESS_NEVER);
        assert_true(given.prog_load.func_info == CALL_ADDRESS_NEVER);
        assert_true(given.prog_load.fd_array == CALL_ADDRESS_NEVER);
        assert_true(given.prog_load.signature == CALL_ADDRESS_NEVER);
        assert_true(given.prog_load.line_info == 0);
}

/* A size that ends within a pointer: the rest is zero, and ours is never cut. */
static void pointers_cut_by_the_size(void **state) {
        _cleanup_caller_ struct test_caller t;
        _cleanup_call_ struct call c;
        union abi_attr attr = {.btf_load = {.btf = 0x10000, .btf_log_buf = UINT64_C(0x1234567800000)}};

        (void)state;
        test_kernel = NULL;
        test_caller_init(&t);
        assert_int_equal(test_capture_size(&c, &t, BPF_BTF_LOAD, &attr, 12), 0);
        call_execute(&c, test_bpf);
        assert_int_equal(given_size, 40);
        assert_true(given.btf_load.btf == CALL_ADDRESS_NEVER);
        assert_true(given.btf_load.btf_log_buf == 0 || given.btf_load.btf_log_buf == CALL_ADDRESS_NEVER);
}

static int write_log(union abi_attr *attr) {
        char *log = test_pointer(attr->prog_load.log_buf);

        strcpy(log, "R0 !read_ok\n");
        strcpy(log + 20, "behind the end");
        attr->prog_load.log_true_size = 13;
        return -EACCES;
}

static int write_nothing(union abi_attr *attr) {
        (void)attr;
        return -EPERM;
}

static int fill_log(union abi_attr *attr) {
        memset(test_pointer(attr->prog_load.log_buf), 'x', attr->prog_load.log_size);
        return -ENOSPC;
}

static int write_empty_log(union abi_attr *attr) {
        *(char *)test_pointer(attr->prog_load.log_buf) = '\0';
        return 5;
}

static void logs(void **state) {
        static const struct {
                int (*kernel)(union abi_attr *attr);
                uint32_t size;
                int result;
                const char *log; /* what stands there in the end */
        } cases[] = {
                {write_log, 64, -EACCES, "R0 !read_ok\n\0--------"},
                {write_nothing, 64, -EPERM, "--------"},
                {write_nothing, 1, -EPERM, "--------"},
                {write_empty_log, 64, 5, "\0-------"},
                {fill_log, 8, -ENOSPC, "xxxxxxxx--------"},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_caller_ struct test_caller t;
                _cleanup_call_ struct call c;
                union abi_attr attr = {
                        .prog_load = {.log_buf = 0x80000, .log_size = cases[i].size, .log_level = 1}};
                uint8_t *log;

                test_caller_init(&t);
                log = test_memory(&t, 0x80000, NULL, 64);
                memset(log, '-', 64);
                assert_int_equal(capture_program(&c, &t, &attr), 0);
                test_kernel = cases[i].kernel;
                assert_int_equal(call_execute(&c, test_bpf), cases[i].result);
                assert_int_equal(c.result, cases[i].result);
                assert_int_equal(call_write_back(&c, &t.caller), 0);
                assert_memory_equal(log, cases[i].log, 8);
                if (cases[i].kernel == write_log) {
                        assert_memory_equal(log, cases[i].log, 21);
                        assert_int_equal(attr_of(&t)->prog_load.log_true_size, 13);
                        assert_int_equal(t.written, 13 + 4);
                }
        }
}

/* What the caller's attr has no room for is not written. */
static void values_within_the_size(void **state) {
        static const struct {
                uint32_t size;
                size_t written;
        } cases[] = {{144, 4}, {143, 0}, {140, 0}, {168, 4}};

        (void)state;
        test_kernel = write_log;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_caller_ struct test_caller t;
                _cleanup_call_ struct call c;
                union abi_attr attr = {.prog_load = {.log_buf = 0x80000,
                                                     .log_size = 64,
                                                     .insn_cnt = 2,
                                                     .insns = 0x10000,
                                                     .license = 0x20000}};

                test_caller_init(&t);
                test_memory(&t, 0x10000, trivial, sizeof(trivial));
                test_memory(&t, 0x20000, "GPL", 4);
                test_memory(&t, 0x80000, NULL, 64);
                assert_int_equal(test_capture_size(&c, &t, BPF_PROG_LOAD, &attr, cases[i].size), 0);
                call_execute(&c, test_bpf);
                assert_int_equal(call_write_back(&c, &t.caller), 0);
                assert_int_equal(t.written, 13 + cases[i].written);
        }
}

static void memory_that_is_not_there(void **state) {
        _cleanup_caller_ struct test_caller t;
        _cleanup_call_ struct call c;
        union abi_attr attr = {.prog_load = {.log_buf = 0x80000, .log_size = 64}};

        (void)state;
        test_kernel = write_log;
        test_caller_init(&t);
        test_memory(&t, 0x80000, NULL, 12); /* one byte less than the log */
        assert_int_equal(capture_program(&c, &t, &attr), 0);
        call_execute(&c, test_bpf);
        assert_int_equal(call_write_back(&c, &t.caller), -EFAULT);
}

static int next_id(union abi_attr *attr) {
        assert_int_equal(attr->get_id.id, 7);
        attr->get_id.next_id = 8;
        return 0;
}

static void next_ids(void **state) {
        _cleanup_caller_ struct test_caller t, u;
        _cleanup_call_ struct call c, d;
        union abi_attr attr = {.get_id = {.id = 7, .next_id = 5}};

        (void)state;
        test_kernel = next_id;
        test_caller_init(&t);
        assert_int_equal(test_capture(&c, &t, BPF_MAP_GET_NEXT_ID, &attr), 0);
        /* Before it was executed there is nothing to give back. */
        assert_int_equal(call_write_back(&c, &t.caller), 0);
        assert_int_equal(t.written, 0);
        call_execute(&c, test_bpf);
        assert_int_equal(call_write_back(&c, &t.caller), 0);
        assert_int_equal(attr_of(&t)->get_id.next_id, 8);
        assert_int_equal(t.written, 4);

        test_kernel = write_nothing;
        test_caller_init(&u);
        assert_int_equal(test_capture(&d, &u, BPF_MAP_GET_NEXT_ID, &attr), 0);
        call_execute(&d, test_bpf);
        assert_int_equal(call_write_back(&d, &u.caller), 0);
        assert_int_equal(u.written, 0);
}

/* Three programs, as cgroups and tcx list them. */
static int list_programs(union abi_attr *attr) {
        static const uint32_t ids[] = {11, 12, 13};
        uint32_t n = attr->prog_query.prog_cnt < 3 ? attr->prog_query.prog_cnt : 3;

        if (attr->prog_query.prog_ids)
                memcpy(test_pointer(attr->prog_query.prog_ids), ids, n * sizeof(*ids));
        if (attr->prog_query.link_ids > CALL_ADDRESS_NEVER)
                memcpy(test_pointer(attr->prog_query.link_ids), ids, n * sizeof(*ids));
        attr->prog_query.prog_cnt = 3;
        attr->prog_query.revision = 9;
        return n < 3 ? -ENOSPC : 0;
}

static int fail_to_list(union abi_attr *attr) {
        (void)attr;
        return -EPERM;
}

static void queries(void **state) {
        static const struct {
                uint32_t attach_type, count;
                int (*kernel)(union abi_attr *attr);
                size_t programs, links; /* how many are written */
                uint32_t count_out;
        } cases[] = {
                {ABI_TCX_INGRESS, 8, list_programs, 3, 3, 3},
                {ABI_TCX_INGRESS, 3, list_programs, 3, 3, 3},
                {ABI_TCX_INGRESS, 2, list_programs, 2, 2, 3},
                {ABI_TCX_INGRESS, 0, list_programs, 0, 0, 3},
                {ABI_TCX_INGRESS, UINT32_MAX, list_programs, 3, 3, 3},
                {BPF_CGROUP_DEVICE, 8, list_programs, 3, 0, 3}, /* has no list of links */
                {ABI_TCX_INGRESS, 8, fail_to_list, 0, 0, 8},
                {ABI_TCX_INGRESS, UINT32_MAX, fail_to_list, 0, 0, UINT32_MAX},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_caller_ struct test_caller t;
                _cleanup_call_ struct call c;
                union abi_attr attr = {.prog_query = {.target_fd = 3,
                                                      .attach_type = cases[i].attach_type,
                                                      .prog_ids = 0x10000,
                                                      .prog_cnt = cases[i].count,
                                                      .link_ids = 0x20000}};
                uint32_t programs[8], links[8];
                uint8_t *p, *l;

                memset(programs, 0xee, sizeof(programs));
                memset(links, 0xee, sizeof(links));
                test_caller_init(&t);
                t.is_calm = true; /* a count that the kernel leaves as it was is not written */
                p = test_memory(&t, 0x10000, programs, sizeof(programs));
                l = test_memory(&t, 0x20000, links, sizeof(links));
                assert_int_equal(test_capture(&c, &t, BPF_PROG_QUERY, &attr), 0);
                test_kernel = cases[i].kernel;
                call_execute(&c, test_bpf);
                assert_int_equal(call_write_back(&c, &t.caller), 0);
                for (uint32_t j = 0; j < 8; j++) {
                        assert_int_equal(bytes_u32(p, j * 4), j < cases[i].programs ? 11 + j : 0xeeeeeeee);
                        assert_int_equal(bytes_u32(l, j * 4), j < cases[i].links ? 11 + j : 0xeeeeeeee);
                }
                if (cases[i].kernel == list_programs)
                        assert_int_equal(attr_of(&t)->prog_query.prog_cnt, cases[i].count_out);
                else
                        assert_int_equal(t.written, 0);
        }
}

static int expect_record_sizes(union abi_attr *attr) {
        attr->prog_load.func_info_rec_size = 8;
        return -E2BIG;
}

/* The kernel tells the size of its records to who gave longer ones. */
static void record_sizes(void **state) {
        _cleanup_caller_ struct test_caller t;
        _cleanup_call_ struct call c;
        union abi_attr attr = {.prog_load = {.func_info = 0x40000,
                                             .func_info_cnt = 1,
                                             .func_info_rec_size = 12,
                                             .prog_btf_fd = 4}};

        (void)state;
        test_kernel = expect_record_sizes;
        test_caller_init(&t);
        test_memory(&t, 0x40000, "123456789012", 12);
        assert_int_equal(capture_program(&c, &t, &attr), 0);
        call_execute(&c, test_bpf);
        assert_int_equal(call_write_back(&c, &t.caller), 0);
        assert_int_equal(attr_of(&t)->prog_load.func_info_rec_size, 8);
        assert_int_equal(t.written, 4);
}

/* What was decided is what is executed: the caller has changed everything in between (caller.h). */
static void later_changes_do_not_matter(void **state) {
        _cleanup_caller_ struct test_caller t;
        _cleanup_call_ struct call c;
        union abi_attr attr = {.prog_load = {.prog_type = BPF_PROG_TYPE_XDP}};

        (void)state;
        test_kernel = NULL;
        test_caller_init(&t);
        assert_int_equal(capture_program(&c, &t, &attr), 0);
        for (size_t i = 0; i < t.n_segments; i++)
                memset(t.segments[i].data, 0xa5, t.segments[i].size);
        call_execute(&c, test_bpf);
        assert_int_equal(given.prog_load.prog_type, BPF_PROG_TYPE_XDP);
        assert_memory_equal(test_pointer(given.prog_load.insns), trivial, sizeof(trivial));
        assert_string_equal(test_pointer(given.prog_load.license), "GPL");
}

static void replaced_large_buffers(void **state) {
        _cleanup_caller_ struct test_caller t;
        _cleanup_call_ struct call c;
        union abi_attr attr = {.prog_load = {.prog_type = BPF_PROG_TYPE_XDP}};
        size_t sizes[] = {80, 1 << 20, 160, 64 * 1024, 64 * 1024 - 8};
        uint8_t *data = calloc(1, 1 << 20);

        (void)state;
        assert_non_null(data);
        test_kernel = NULL;
        test_caller_init(&t);
        assert_int_equal(capture_program(&c, &t, &attr), 0);
        for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
                struct call_buffer *b = call_buffer_at(&c, ABI_AT(prog_load, insns));

                assert_int_equal(call_replace_buffer(&c, b, data, sizes[i], 0), 0);
                call_execute(&c, test_bpf);
                assert_int_equal(given.prog_load.insn_cnt, sizes[i] / 8);
                assert_memory_equal(test_pointer(given.prog_load.insns), data, sizes[i]);
        }
        free(data);
}

static void deinit_closes_what_was_taken(void **state) {
        _cleanup_caller_ struct test_caller t;
        struct call c;
        union abi_attr attr = {.link_create = {.prog_fd = 3, .target_fd = 4}};
        int a, b;

        (void)state;
        test_caller_init(&t);
        test_has_fd(&t, 3);
        test_has_fd(&t, 4);
        assert_int_equal(test_capture(&c, &t, BPF_LINK_CREATE, &attr), 0);
        assert_int_equal(call_identify(&c, &t.caller), 0);
        a = call_fd_at(&c, ABI_AT(link_create, prog_fd));
        b = call_fd_at(&c, ABI_AT(link_create, target_fd));
        assert_true(fcntl(a, F_GETFD) >= 0 && fcntl(b, F_GETFD) >= 0);
        call_deinit(&c);
        assert_int_equal(fcntl(a, F_GETFD), -1);
        assert_int_equal(fcntl(b, F_GETFD), -1);
        call_deinit(&c);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(descriptors_that_are_not_meant),
                cmocka_unit_test(descriptors_that_are_meant),
                cmocka_unit_test(numbers_in_place_of_descriptors),
                cmocka_unit_test(xdp_links_have_nothing_behind_their_flags),
                cmocka_unit_test(pointers_that_were_not_captured),
                cmocka_unit_test(pointers_cut_by_the_size),
                cmocka_unit_test(logs),
                cmocka_unit_test(values_within_the_size),
                cmocka_unit_test(memory_that_is_not_there),
                cmocka_unit_test(next_ids),
                cmocka_unit_test(queries),
                cmocka_unit_test(record_sizes),
                cmocka_unit_test(later_changes_do_not_matter),
                cmocka_unit_test(replaced_large_buffers),
                cmocka_unit_test(deinit_closes_what_was_taken),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
