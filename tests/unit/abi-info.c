/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * obj_get_info_by_fd: structures of every length, with pointers in them to
 * arrays of every length. What comes back is what the kernel wrote, with the
 * caller's own pointers in their places.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/bpf.h>

#include "caller.h"

#define INFO_ADDRESS UINT64_C(0x100000)

/* As 6.18 has them: longer than those of the headers. */
#define PROG_INFO_SIZE 232
#define MAP_INFO_SIZE 104
#define LINK_INFO_SIZE 64

/* Captures an info of `size` bytes that the caller says has `length`. Its memory is `*ret_info`. */
static int capture(struct call *c, struct test_caller *t, enum abi_object object, uint32_t link_type,
                   const void *info, size_t size, uint32_t length, uint8_t **ret_info) {
        union abi_attr attr = {.info = {.bpf_fd = 3, .info_len = length, .info = INFO_ADDRESS}};
        int r;

        test_has_fd(t, 3);
        t->is_calm = true; /* what comes back is compared with what was there */
        *ret_info = test_memory(t, INFO_ADDRESS, info, size);
        r = test_capture(c, t, BPF_OBJ_GET_INFO_BY_FD, &attr);
        assert_int_equal(r, 0);
        assert_int_equal(call_identify(c, &t->caller), 0);
        return call_capture_info(c, object, link_type, &t->caller);
}

static uint32_t length_of(struct test_caller *t) {
        const struct test_segment *s = test_find(t, ATTR_ADDRESS, 0);

        return ((const union abi_attr *)s->data)->info.info_len;
}

/* The kernel, with a program of three instructions, two maps, and a length of info of its own. */
static uint32_t kernel_length = PROG_INFO_SIZE;
static struct bpf_prog_info seen;

static int prog_info(union abi_attr *attr) {
        struct bpf_prog_info info = {0}, *user = test_pointer(attr->info.info);
        uint32_t length = attr->info.info_len < kernel_length ? attr->info.info_len : kernel_length;

        memcpy(&info, user, length);
        seen = info;
        if (info.nr_map_ids > 0)
                memcpy(test_pointer(info.map_ids), "\1\0\0\0\2\0\0", info.nr_map_ids < 2 ? 4 : 8);
        info.nr_map_ids = 2;
        if (info.xlated_prog_len > 0)
                memset(test_pointer(info.xlated_prog_insns), 'i',
                       info.xlated_prog_len < 24 ? info.xlated_prog_len : 24);
        info.xlated_prog_len = 24;
        if ((info.nr_line_info > 0 || info.line_info_rec_size > 0) && info.line_info_rec_size != 16)
                return -EINVAL;
        if (info.nr_line_info > 0)
                memset(test_pointer(info.line_info), 'l', 16);
        info.nr_line_info = 1;
        info.line_info_rec_size = 16;
        /* It does not show addresses to everybody. */
        info.jited_ksyms = 0;
        info.nr_jited_ksyms = 1;
        info.id = 42;
        info.verified_insns = 77;
        memcpy(user, &info, length);
        attr->info.info_len = length;
        return 0;
}

static void program_with_arrays(void **state) {
        _cleanup_caller_ struct test_caller t;
        _cleanup_call_ struct call c;
        struct bpf_prog_info in = {.nr_map_ids = 8,
                                   .map_ids = 0x10000,
                                   .xlated_prog_len = 16,
                                   .xlated_prog_insns = 0x20000,
                                   .nr_line_info = 4,
                                   .line_info_rec_size = 16,
                                   .line_info = 0x30000,
                                   .nr_jited_ksyms = 2,
                                   .jited_ksyms = 0x40000,
                                   .nr_prog_tags = 0,
                                   .prog_tags = 0x50000};
        const struct bpf_prog_info *out;
        uint8_t *info, *maps, *insns, *lines, *ksyms;

        (void)state;
        test_caller_init(&t);
        maps = test_memory(&t, 0x10000, "--------------------------------", 32);
        insns = test_memory(&t, 0x20000, "----------------", 16);
        lines = test_memory(&t, 0x30000, "----------------------------------------------------------------",
                            64);
        ksyms = test_memory(&t, 0x40000, "----------------", 16);
        assert_int_equal(capture(&c, &t, OBJECT_PROG, 0, &in, sizeof(in), sizeof(in), &info), 0);
        test_kernel = prog_info;
        kernel_length = PROG_INFO_SIZE;
        assert_int_equal(call_execute(&c, test_bpf), 0);
        assert_true(seen.map_ids != in.map_ids && seen.map_ids > ABI_PAGE_SIZE);
        assert_true(seen.prog_tags == CALL_ADDRESS_NEVER);
        assert_true(seen.func_info == 0);
        assert_int_equal(call_write_back(&c, &t.caller), 0);

        out = (const struct bpf_prog_info *)info;
        assert_int_equal(out->id, 42);
        assert_int_equal(out->verified_insns, 77);
        assert_true(out->map_ids == in.map_ids);
        assert_true(out->xlated_prog_insns == in.xlated_prog_insns);
        assert_true(out->line_info == in.line_info);
        assert_true(out->prog_tags == in.prog_tags);
        assert_int_equal(out->nr_map_ids, 2);
        assert_int_equal(out->xlated_prog_len, 24);
        assert_memory_equal(maps, "\1\0\0\0\2\0\0\0--------", 16);
        assert_memory_equal(insns, "iiiiiiiiiiiiiiii", 16);
        assert_memory_equal(lines, "llllllllllllllll----", 20);
        /* Not shown: NULL comes back, and nothing is written where the caller would look. */
        assert_true(out->jited_ksyms == 0);
        assert_memory_equal(ksyms, "----------------", 16);
}

static void lengths(void **state) {
        static const struct {
                size_t size;
                uint32_t length;
                uint32_t nonzero; /* offset of a byte that is not */
                uint32_t kernel;
                int result;
                uint32_t length_out;
        } cases[] = {
                {232, 0, 0, 232, 0, 0},           {232, 4, 0, 232, 0, 4},
                {232, 36, 0, 232, 0, 36}, /* ends within xlated_prog_insns */
                {232, 208, 0, 232, 0, 208},       {232, 232, 0, 232, 0, 232},
                {232, 232, 0, 224, 0, 224}, /* an older kernel */
                {232, 208, 0, 224, 0, 208},       {4096, 4096, 0, 232, 0, 232},
                {4096, 4096, 0, 240, 0, 240}, /* a newer kernel, and a caller that knows it */
                {4096, 233, 232, 232, -E2BIG, 0}, {4096, 4096, 4095, 232, -E2BIG, 0},
                {4097, 4097, 0, 232, -E2BIG, 0},  {232, UINT32_MAX, 0, 232, -E2BIG, 0},
                {231, 232, 0, 232, -EFAULT, 0},
        };

        (void)state;
        test_kernel = prog_info;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_caller_ struct test_caller t;
                _cleanup_call_ struct call c;
                uint8_t *in = calloc(1, cases[i].size), *info;

                assert_non_null(in);
                if (cases[i].nonzero)
                        in[cases[i].nonzero] = 1;
                test_caller_init(&t);
                assert_int_equal(capture(&c, &t, OBJECT_PROG, 0, in, cases[i].size, cases[i].length, &info),
                                 cases[i].result);
                free(in);
                if (cases[i].result != 0)
                        continue;
                if (cases[i].length == 0) /* no structure at all: the kernel is not given one either */
                        continue;
                kernel_length = cases[i].kernel < sizeof(struct bpf_prog_info)
                                        ? cases[i].kernel
                                        : sizeof(struct bpf_prog_info);
                call_execute(&c, test_bpf);
                if (cases[i].kernel > kernel_length) {
                        bytes_put_u32(c.attr_out, ABI_AT(info, info_len), cases[i].kernel);
                }
                assert_int_equal(call_write_back(&c, &t.caller), 0);
                assert_int_equal(length_of(&t), cases[i].length_out);
                assert_in_range(t.written, cases[i].length_out, cases[i].length_out + 4);
        }
}

/* A count without end is an array of ours that ends, and the caller's own count is what comes back. */
static void hostile_counts(void **state) {
        _cleanup_caller_ struct test_caller t, u;
        _cleanup_call_ struct call c, d;
        struct bpf_prog_info in = {.nr_map_ids = UINT32_MAX,
                                   .map_ids = 0x10000,
                                   .nr_line_info = UINT32_MAX,
                                   .line_info_rec_size = UINT32_MAX,
                                   .line_info = 0x10000,
                                   .nr_prog_tags = UINT32_MAX,
                                   .prog_tags = UINT64_MAX};
        uint8_t *info, *maps;

        (void)state;
        test_kernel = prog_info;
        kernel_length = PROG_INFO_SIZE;
        test_caller_init(&t);
        maps = test_memory(&t, 0x10000, "------------", 12);
        assert_int_equal(capture(&c, &t, OBJECT_PROG, 0, &in, sizeof(in), sizeof(in), &info), 0);
        call_execute(&c, test_bpf);
        /* Records that no kernel has: it refuses them by their size, before it looks for them. */
        assert_int_equal(c.result, -EINVAL);
        assert_int_equal(seen.nr_map_ids, CALL_OUTPUT_MAX / 4);
        assert_int_equal(call_write_back(&c, &t.caller), 0);
        assert_int_equal(t.written, 0);

        in.nr_line_info = in.line_info_rec_size = 0;
        test_caller_init(&u);
        maps = test_memory(&u, 0x10000, "------------", 12);
        assert_int_equal(capture(&d, &u, OBJECT_PROG, 0, &in, sizeof(in), sizeof(in), &info), 0);
        assert_int_equal(call_execute(&d, test_bpf), 0);
        /* The kernel has left the count of tags as it was given, and their address is nowhere. */
        assert_int_equal(call_write_back(&d, &u.caller), -EFAULT);
        assert_memory_equal(maps, "\1\0\0\0\2\0\0\0----", 12);
}

static int btf_info(union abi_attr *attr) {
        struct bpf_btf_info *info = test_pointer(attr->info.info);

        if (info->btf_size)
                memset(test_pointer(info->btf), 'b', info->btf_size < 10 ? info->btf_size : 10);
        info->btf_size = 10;
        info->id = 5;
        if (info->name_len > 0 && info->name_len < 8) {
                memcpy(test_pointer(info->name), "vmlinux", info->name_len - 1);
                ((char *)test_pointer(info->name))[info->name_len - 1] = '\0';
                info->name_len = 7;
                return -ENOSPC;
        }
        if (info->name_len > 0)
                strcpy(test_pointer(info->name), "vmlinux");
        info->name_len = 7;
        return 0;
}

static void btf_and_its_name(void **state) {
        static const struct {
                uint32_t size, name_len;
                int result;
                const char *btf, *name;
        } cases[] = {
                {16, 16, 0, "bbbbbbbbbb------", "vmlinux\0--------"},
                {4, 16, 0, "bbbb------------", "vmlinux\0--------"},
                {0, 0, 0, "----------------", "----------------"},
                {16, 4, -ENOSPC, "bbbbbbbbbb------", "vml\0------------"},
        };

        (void)state;
        test_kernel = btf_info;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_caller_ struct test_caller t;
                _cleanup_call_ struct call c;
                struct bpf_btf_info in = {.btf = 0x10000,
                                          .btf_size = cases[i].size,
                                          .name = 0x20000,
                                          .name_len = cases[i].name_len};
                const struct bpf_btf_info *out;
                uint8_t *info, *btf, *name;

                test_caller_init(&t);
                btf = test_memory(&t, 0x10000, "----------------", 16);
                name = test_memory(&t, 0x20000, "----------------", 16);
                assert_int_equal(capture(&c, &t, OBJECT_BTF, 0, &in, sizeof(in), sizeof(in), &info), 0);
                assert_int_equal(call_execute(&c, test_bpf), cases[i].result);
                assert_int_equal(call_write_back(&c, &t.caller), 0);
                assert_memory_equal(btf, cases[i].btf, 16);
                assert_memory_equal(name, cases[i].name, 16);
                out = (const struct bpf_btf_info *)info;
                assert_int_equal(out->btf_size, 10);
                assert_int_equal(out->name_len, 7);
                assert_true(out->btf == 0x10000 && out->name == 0x20000);
        }
}

static int map_info(union abi_attr *attr) {
        uint8_t *info = test_pointer(attr->info.info);

        if (bytes_u64(info, 88)) {
                if (bytes_u32(info, 96) != 32)
                        return -EINVAL;
                memset(test_pointer(bytes_u64(info, 88)), 'h', 32);
        }
        bytes_put_u32(info, 4, 9);
        attr->info.info_len = MAP_INFO_SIZE;
        return 0;
}

static void map_and_its_hash(void **state) {
        static const struct {
                uint32_t size;
                int result;
        } cases[] = {{32, 0}, {31, -EINVAL}, {UINT32_MAX, -EINVAL}};

        (void)state;
        test_kernel = map_info;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_caller_ struct test_caller t;
                _cleanup_call_ struct call c;
                uint8_t in[MAP_INFO_SIZE] = {0}, *info, *hash;

                bytes_put_u64(in, 88, 0x10000);
                bytes_put_u32(in, 96, cases[i].size);
                test_caller_init(&t);
                hash = test_memory(&t, 0x10000, NULL, 40);
                assert_int_equal(capture(&c, &t, OBJECT_MAP, 0, in, sizeof(in), sizeof(in), &info), 0);
                assert_int_equal(call_execute(&c, test_bpf), cases[i].result);
                assert_int_equal(call_write_back(&c, &t.caller), 0);
                assert_int_equal(hash[0], cases[i].result == 0 ? 'h' : 0);
                assert_int_equal(hash[32], 0);
                assert_int_equal(bytes_u32(info, 4), cases[i].result == 0 ? 9 : 0);
                assert_true(bytes_u64(info, 88) == 0x10000);
                assert_int_equal(bytes_u32(info, 96), cases[i].size);
        }
}

static uint8_t link_seen[LINK_INFO_SIZE];

/* Keeps what it is given; writes a name where the link of the test has one. */
static size_t name_at;
static const char *name_is;

static int link_info(union abi_attr *attr) {
        uint8_t *info = test_pointer(attr->info.info);

        memcpy(link_seen, info, sizeof(link_seen));
        bytes_put_u32(info, 4, 21);
        if (name_at && bytes_u64(info, name_at) > ABI_PAGE_SIZE)
                strcpy(test_pointer(bytes_u64(info, name_at)), name_is);
        return 0;
}

static void links_with_a_name(void **state) {
        static const struct {
                uint32_t link_type;
                size_t pointer, length;
        } cases[] = {
                {ABI_LINK_RAW_TRACEPOINT, 16, 24},
                {ABI_LINK_ITER, 16, 24},
                {ABI_LINK_PERF_EVENT, 24, 32},
                {ABI_LINK_UPROBE_MULTI, 16, 48},
        };

        (void)state;
        test_kernel = link_info;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_caller_ struct test_caller t;
                _cleanup_call_ struct call c;
                uint8_t in[LINK_INFO_SIZE] = {0}, *info, *name;

                bytes_put_u64(in, cases[i].pointer, 0x10000);
                bytes_put_u32(in, cases[i].length, 16);
                name_at = cases[i].pointer;
                name_is = "sys_enter";
                test_caller_init(&t);
                name = test_memory(&t, 0x10000, "----------------", 16);
                assert_int_equal(
                        capture(&c, &t, OBJECT_LINK, cases[i].link_type, in, sizeof(in), sizeof(in), &info),
                        0);
                call_execute(&c, test_bpf);
                assert_true(bytes_u64(link_seen, name_at) > ABI_PAGE_SIZE);
                assert_true(bytes_u64(link_seen, name_at) != 0x10000);
                assert_int_equal(call_write_back(&c, &t.caller), 0);
                assert_memory_equal(name, "sys_enter\0------", 16);
                assert_true(bytes_u64(info, name_at) == 0x10000);
                assert_int_equal(bytes_u32(info, 4), 21);
        }
        name_at = 0;
}

/* Numbers of links that have no pointers stay; of a link that is not known nothing gets through. */
static void links_without_pointers(void **state) {
        static const struct {
                uint32_t link_type;
                bool is_known;
        } cases[] = {{3, true},  {6, true},          {ABI_LINK_SOCKMAP, true}, {ABI_LINK_SOCKMAP + 1, false},
                     {0, false}, {UINT32_MAX, false}};

        (void)state;
        test_kernel = link_info;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_caller_ struct test_caller t;
                _cleanup_call_ struct call c;
                uint8_t in[LINK_INFO_SIZE], *info;

                memset(in, 0x5a, sizeof(in));
                test_caller_init(&t);
                assert_int_equal(
                        capture(&c, &t, OBJECT_LINK, cases[i].link_type, in, sizeof(in), sizeof(in), &info),
                        0);
                call_execute(&c, test_bpf);
                assert_int_equal(bytes_are_zero(link_seen + 16, LINK_INFO_SIZE - 16), !cases[i].is_known);
                assert_memory_equal(link_seen, in, 16);
        }
}

static int multi_info(union abi_attr *attr) {
        uint8_t *info = test_pointer(attr->info.info);
        uint32_t count = bytes_u32(info, 24);

        memset(test_pointer(bytes_u64(info, 16)), 'a', 8 * (count < 2 ? count : 2));
        memset(test_pointer(bytes_u64(info, 40)), 'c', 8 * (count < 2 ? count : 2));
        if (count < 2)
                return -ENOSPC; /* info itself is not written */
        bytes_put_u32(info, 24, 2);
        return 0;
}

static void arrays_of_kprobe_multi(void **state) {
        static const struct { uint32_t count, written; } cases[] = {{4, 2}, {2, 2}, {1, 1}, {UINT32_MAX, 2}};

        (void)state;
        test_kernel = multi_info;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_caller_ struct test_caller t;
                _cleanup_call_ struct call c;
                uint8_t in[LINK_INFO_SIZE] = {0}, *info, *addresses, *cookies;

                bytes_put_u64(in, 16, 0x10000);
                bytes_put_u32(in, 24, cases[i].count);
                bytes_put_u64(in, 40, 0x20000);
                test_caller_init(&t);
                addresses = test_memory(&t, 0x10000, NULL, 32);
                cookies = test_memory(&t, 0x20000, NULL, 32);
                assert_int_equal(capture(&c, &t, OBJECT_LINK, ABI_LINK_KPROBE_MULTI, in, sizeof(in),
                                         sizeof(in), &info),
                                 0);
                call_execute(&c, test_bpf);
                assert_int_equal(call_write_back(&c, &t.caller), 0);
                for (uint32_t j = 0; j < 4; j++) {
                        assert_int_equal(addresses[j * 8], j < cases[i].written ? 'a' : 0);
                        assert_int_equal(cookies[j * 8 + 7], j < cases[i].written ? 'c' : 0);
                }
                assert_int_equal(bytes_u32(info, 24), cases[i].count < 2 ? cases[i].count : 2);
        }
}

/* Without info of its kind, or without any, the kernel answers by itself and finds nothing of ours. */
static void nothing_to_capture(void **state) {
        static const enum abi_object objects[] = {OBJECT_OTHER, OBJECT_ANY, OBJECT_CGROUP};
        _cleanup_caller_ struct test_caller t;
        _cleanup_call_ struct call c;
        union abi_attr attr = {.info = {.bpf_fd = 3, .info_len = 16, .info = 0}};

        (void)state;
        test_kernel = NULL;
        for (size_t i = 0; i < ARRAY_SIZE(objects); i++) {
                _cleanup_caller_ struct test_caller u;
                _cleanup_call_ struct call d;
                uint8_t *info;

                test_caller_init(&u);
                assert_int_equal(capture(&d, &u, objects[i], 0, NULL, 16, 16, &info), 0);
                call_execute(&d, test_bpf);
                assert_true(given.info.info == CALL_ADDRESS_NEVER);
                assert_int_equal(given.info.info_len, 16);
        }
        test_caller_init(&t);
        assert_int_equal(test_capture(&c, &t, BPF_OBJ_GET_INFO_BY_FD, &attr), 0);
        /* A descriptor that is not there has an errno of its own here. */
        assert_int_equal(call_identify(&c, &t.caller), -EBADFD);
        assert_int_equal(call_capture_info(&c, OBJECT_PROG, 0, &t.caller), 0);
        call_execute(&c, test_bpf);
        assert_true(given.info.info == 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(program_with_arrays),    cmocka_unit_test(lengths),
                cmocka_unit_test(hostile_counts),         cmocka_unit_test(btf_and_its_name),
                cmocka_unit_test(map_and_its_hash),       cmocka_unit_test(links_with_a_name),
                cmocka_unit_test(links_without_pointers), cmocka_unit_test(arrays_of_kprobe_multi),
                cmocka_unit_test(nothing_to_capture),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
