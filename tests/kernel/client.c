/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * bpfgrant_bpf() against bpf(2). A little deputy in a thread of this process
 * allows everything, so the same call made directly and under the grant must
 * give the same result, the same bytes in every buffer and the same attr; good
 * calls and bad ones.
 */

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "bpfgrant.h"
#include "kernel/little_deputy.h"
#include "skip.h"

/* Programs */

#define INSN(c, d, s, o, i)                                                                                 \
        ((struct bpf_insn) {.code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i)})
#define MOV_IMM(d, i) INSN(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
#define EXIT() INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

static const struct bpf_insn trivial[] = {MOV_IMM(0, 0), EXIT()};
static const struct bpf_insn unset_register[] = {EXIT()};

/* All of it zero first, the padding too: newer kernels have fields there. */
static union bpf_attr load_attr(const struct bpf_insn *insns, size_t n) {
        union bpf_attr attr;

        memset(&attr, 0, sizeof(attr));
        attr.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
        attr.insns = (uintptr_t)insns;
        attr.insn_cnt = (uint32_t)n;
        attr.license = (uintptr_t) "GPL";
        memcpy(attr.prog_name, "client_test", sizeof("client_test"));
        return attr;
}

static union bpf_attr map_attr(uint32_t max_entries) {
        return (union bpf_attr) {
                .map_type = BPF_MAP_TYPE_ARRAY,
                .key_size = 4,
                .value_size = 8,
                .max_entries = max_entries,
                .map_name = "client_test",
        };
}

/* Both ways */

/*
 * A call made directly and under the grant, each with its own attr and its own
 * output buffer, `out_at` bytes into attr. They must agree in everything, but
 * for the number of a new descriptor, of which the one made under the grant is
 * returned.
 */
static int both_ways(uint32_t command, const union bpf_attr *attr, uint32_t size, size_t out_at,
                     size_t out_size) {
        _cleanup_free_ char *out_a = malloc(out_size + 1), *out_b = malloc(out_size + 1);
        union bpf_attr a, b;
        int direct, granted;

        assert_true(out_a && out_b);
        memcpy(&a, attr, sizeof(a));
        memcpy(&b, attr, sizeof(b));
        memset(out_a, 'x', out_size + 1);
        memset(out_b, 'x', out_size + 1);
        if (out_size > 0) {
                memcpy((char *)&a + out_at, &(uint64_t) {(uintptr_t)out_a}, sizeof(uint64_t));
                memcpy((char *)&b + out_at, &(uint64_t) {(uintptr_t)out_b}, sizeof(uint64_t));
        }
        direct = bpf_syscall(command, &a, size);
        granted = bpfgrant_bpf(deputy.grant, command, &b, size);
        assert_memory_equal(out_a, out_b, out_size + 1);
        if (out_size > 0)
                memcpy((char *)&b + out_at, (char *)&a + out_at, sizeof(uint64_t));
        assert_memory_equal(&a, &b, sizeof(a));
        if (direct >= 0) {
                assert_true(granted >= 0);
                fd_close(direct);
        } else
                assert_int_equal(granted, direct);
        assert_string_equal(bpfgrant_refusal(), "");
        return granted;
}

#define ATTR_AT(field) offsetof(union bpf_attr, field)

static void assert_new_descriptor(int fd, enum abi_object kind) {
        enum abi_object found;

        assert_true(fd >= 0);
        assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
        assert_int_equal(bpf_object_kind(fd, &found), 0);
        assert_int_equal(found, kind);
}

static void map_create(void **state) {
        union bpf_attr attr = map_attr(3), bad = map_attr(0);
        _cleanup_close_ int fd = both_ways(BPF_MAP_CREATE, &attr, sizeof(attr), 0, 0);

        (void)state;
        assert_new_descriptor(fd, OBJECT_MAP);
        assert_int_equal(both_ways(BPF_MAP_CREATE, &bad, sizeof(bad), 0, 0), -EINVAL);
        bad = map_attr(3);
        bad.map_type = 10000;
        assert_true(both_ways(BPF_MAP_CREATE, &bad, sizeof(bad), 0, 0) < 0);
}

/* Commands that need no authority are made directly: no grant is asked. */
static void maps_are_used_natively(void **state) {
        union bpf_attr create = map_attr(3);
        _cleanup_close_ int fd = bpfgrant_bpf(deputy.grant, BPF_MAP_CREATE, &create, sizeof(create));
        uint64_t value = 77, back = 0;
        uint32_t key = 2;
        union bpf_attr attr = {.map_fd = (uint32_t)fd, .key = (uintptr_t)&key, .value = (uintptr_t)&value};
        int calls = deputy.n_calls;

        (void)state;
        assert_true(fd >= 0);
        assert_int_equal(bpfgrant_bpf(/* grant_fd= */ -1, BPF_MAP_UPDATE_ELEM, &attr, sizeof(attr)), 0);
        attr.value = (uintptr_t)&back;
        assert_int_equal(bpfgrant_bpf(/* grant_fd= */ -1, BPF_MAP_LOOKUP_ELEM, &attr, sizeof(attr)), 0);
        assert_int_equal(back, 77);
        key = 3;
        assert_int_equal(bpfgrant_bpf(/* grant_fd= */ -1, BPF_MAP_LOOKUP_ELEM, &attr, sizeof(attr)),
                         -ENOENT);
        assert_int_equal(deputy.n_calls, calls);
}

static void btf_load(void **state) {
        struct {
                struct btf_header_of_test {
                        uint16_t magic;
                        uint8_t version, flags;
                        uint32_t header, type_at, type_size, string_at, string_size;
                } header;
                uint32_t type[4]; /* "int", 4 bytes, 32 bits */
                char strings[8];
        } btf = {
                .header = {0xeb9f, 1, 0, sizeof(btf.header), 0, sizeof(btf.type), sizeof(btf.type),
                           sizeof(btf.strings)},
                .type = {1, 1U << 24, 4, 32},
                .strings = "\0int",
        };
        union bpf_attr attr = {
                .btf = (uintptr_t)&btf,
                .btf_size = sizeof(btf),
                .btf_log_level = 1,
                .btf_log_size = 4096,
        };
        _cleanup_close_ int fd = both_ways(BPF_BTF_LOAD, &attr, sizeof(attr), ATTR_AT(btf_log_buf), 4096);

        (void)state;
        assert_new_descriptor(fd, OBJECT_BTF);
        btf.type[3] = 64; /* more bits than bytes */
        assert_int_equal(both_ways(BPF_BTF_LOAD, &attr, sizeof(attr), ATTR_AT(btf_log_buf), 4096), -EINVAL);
        btf.header.magic = 0;
        assert_int_equal(both_ways(BPF_BTF_LOAD, &attr, sizeof(attr), ATTR_AT(btf_log_buf), 4096), -EINVAL);
}

static void prog_load(void **state) {
        union bpf_attr attr = load_attr(trivial, ARRAY_SIZE(trivial));
        _cleanup_close_ int fd = both_ways(BPF_PROG_LOAD, &attr, sizeof(attr), 0, 0);

        (void)state;
        assert_new_descriptor(fd, OBJECT_PROG);
        attr = load_attr(unset_register, ARRAY_SIZE(unset_register));
        assert_int_equal(both_ways(BPF_PROG_LOAD, &attr, sizeof(attr), 0, 0), -EACCES);
        attr.insn_cnt = 0;
        assert_int_equal(both_ways(BPF_PROG_LOAD, &attr, sizeof(attr), 0, 0), -E2BIG);
        attr.insn_cnt = UINT32_MAX;
        assert_int_equal(both_ways(BPF_PROG_LOAD, &attr, sizeof(attr), 0, 0), -E2BIG);
}

static void verifier_log(void **state) {
        union bpf_attr attr = load_attr(trivial, ARRAY_SIZE(trivial));
        _cleanup_close_ int fd = -1;

        (void)state;
        attr.log_level = 2;
        attr.log_size = 65536;
        fd = both_ways(BPF_PROG_LOAD, &attr, sizeof(attr), ATTR_AT(log_buf), attr.log_size);
        assert_new_descriptor(fd, OBJECT_PROG);
        attr = load_attr(unset_register, ARRAY_SIZE(unset_register));
        attr.log_level = 2;
        attr.log_size = 65536;
        assert_int_equal(both_ways(BPF_PROG_LOAD, &attr, sizeof(attr), ATTR_AT(log_buf), attr.log_size),
                         -EACCES);
        /* The largest that libbpf asks for, of which little is written. */
        attr.log_size = 16 << 20;
        assert_int_equal(both_ways(BPF_PROG_LOAD, &attr, sizeof(attr), ATTR_AT(log_buf), attr.log_size),
                         -EACCES);
        /* One that is too small, and one that is refused. */
        attr.log_size = 130;
        attr.insns = (uintptr_t)trivial;
        attr.insn_cnt = ARRAY_SIZE(trivial);
        (void)fd_close(both_ways(BPF_PROG_LOAD, &attr, sizeof(attr), ATTR_AT(log_buf), attr.log_size));
        attr.log_size = 16;
        /* Before 6.4 a log of less than 128 bytes is -EINVAL. */
        fd = both_ways(BPF_PROG_LOAD, &attr, sizeof(attr), ATTR_AT(log_buf), attr.log_size);
        assert_true(fd == -ENOSPC || fd == -EINVAL);
        attr.log_level = 1U << 20;
        attr.log_size = 65536;
        assert_int_equal(both_ways(BPF_PROG_LOAD, &attr, sizeof(attr), ATTR_AT(log_buf), attr.log_size),
                         -EINVAL);
}

/* 800,000 bytes: more than a message holds. */
static void a_large_program(void **state) {
        const size_t n = 100000;
        _cleanup_free_ struct bpf_insn *insns = calloc(n, sizeof(*insns));
        union bpf_attr attr = load_attr(insns, n);
        _cleanup_close_ int fd = -1;
        int sealed = deputy.n_sealed;

        (void)state;
        assert_non_null(insns);
        for (size_t i = 0; i < n - 1; i++)
                insns[i] = MOV_IMM(0, 0);
        insns[n - 1] = EXIT();
        fd = both_ways(BPF_PROG_LOAD, &attr, sizeof(attr), 0, 0);
        assert_new_descriptor(fd, OBJECT_PROG);
        assert_int_equal(deputy.n_sealed, sealed + 1);
        insns[n - 1] = MOV_IMM(0, 0);
        assert_int_equal(both_ways(BPF_PROG_LOAD, &attr, sizeof(attr), 0, 0), -EINVAL);
}

/* The other direction: its translated instructions are longer than a message, too. */
static void a_large_answer(void **state) {
        const size_t n = 30000, size = n * sizeof(struct bpf_insn);
        _cleanup_free_ struct bpf_insn *insns = calloc(n, sizeof(*insns));
        _cleanup_free_ char *a = calloc(1, size), *b = calloc(1, size);
        struct bpf_prog_info info_a = {.xlated_prog_len = (uint32_t)size, .xlated_prog_insns = (uintptr_t)a};
        struct bpf_prog_info info_b = {.xlated_prog_len = (uint32_t)size, .xlated_prog_insns = (uintptr_t)b};
        union bpf_attr attr = load_attr(insns, n);
        _cleanup_close_ int fd = -1;

        (void)state;
        assert_true(insns && a && b);
        for (size_t i = 0; i < n - 1; i++)
                insns[i] = INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, (int)i);
        insns[n - 1] = EXIT();
        fd = bpfgrant_bpf(deputy.grant, BPF_PROG_LOAD, &attr, sizeof(attr));
        assert_true(fd >= 0);
        attr = (union bpf_attr) {
                .info = {.bpf_fd = (uint32_t)fd, .info_len = sizeof(info_a), .info = (uintptr_t)&info_a}};
        assert_int_equal(bpf_syscall(BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr)), 0);
        attr.info.info_len = sizeof(info_b);
        attr.info.info = (uintptr_t)&info_b;
        assert_int_equal(bpfgrant_bpf(deputy.grant, BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr)), 0);
        assert_memory_equal(a, b, size);
        info_b.xlated_prog_insns = info_a.xlated_prog_insns;
        assert_memory_equal(&info_a, &info_b, sizeof(info_a));
        assert_true(info_b.xlated_prog_len > 0);
}

static void info_of_objects(void **state) {
        union bpf_attr map = map_attr(5), prog = load_attr(trivial, ARRAY_SIZE(trivial));
        _cleanup_close_ int map_fd = bpf_syscall(BPF_MAP_CREATE, &map, sizeof(map));
        _cleanup_close_ int prog_fd = bpf_syscall(BPF_PROG_LOAD, &prog, sizeof(prog));
        _cleanup_close_ int other = open("/", O_RDONLY | O_CLOEXEC);
        static const uint32_t lengths[] = {0,   1,    8,   79, 80, 88, 200, sizeof(struct bpf_prog_info),
                                           512, 4096, 4097};

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
                int fds[] = {map_fd, prog_fd, other, -1, 1 << 20};

                for (size_t j = 0; j < ARRAY_SIZE(fds); j++) {
                        union bpf_attr a, b;
                        uint64_t info_a[1024] = {}, info_b[1024] = {};
                        int r;

                        a = b = (union bpf_attr) {
                                .info = {.bpf_fd = (uint32_t)fds[j], .info_len = lengths[i]}};
                        a.info.info = (uintptr_t)info_a;
                        b.info.info = (uintptr_t)info_b;
                        r = bpf_syscall(BPF_OBJ_GET_INFO_BY_FD, &a, sizeof(a));
                        assert_int_equal(bpfgrant_bpf(deputy.grant, BPF_OBJ_GET_INFO_BY_FD, &b, sizeof(b)),
                                         r);
                        assert_int_equal(a.info.info_len, b.info.info_len);
                        assert_memory_equal(info_a, info_b, sizeof(info_a));
                }
        }
}

static void bad_pointers(void **state) {
        char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        union bpf_attr attr = map_attr(1);
        int grant = deputy.grant;

        (void)state;
        assert_true(page != MAP_FAILED);
        assert_int_equal(munmap(page + 4096, 4096), 0);

        assert_int_equal(bpfgrant_bpf(grant, BPF_MAP_CREATE, NULL, sizeof(attr)), -EFAULT);
        assert_int_equal(bpfgrant_bpf(grant, BPF_MAP_CREATE, page + 4096 - 16, sizeof(attr)), -EFAULT);
        attr = load_attr((void *)8, 2);
        assert_int_equal(both_ways(BPF_PROG_LOAD, &attr, sizeof(attr), 0, 0), -EFAULT);
        attr = load_attr((void *)(page + 4096 - 8), 2);
        assert_int_equal(both_ways(BPF_PROG_LOAD, &attr, sizeof(attr), 0, 0), -EFAULT);
        attr = load_attr((void *)UINT64_MAX, 2);
        assert_int_equal(both_ways(BPF_PROG_LOAD, &attr, sizeof(attr), 0, 0), -EFAULT);
        attr = load_attr(trivial, ARRAY_SIZE(trivial));
        attr.license = 8;
        assert_int_equal(both_ways(BPF_PROG_LOAD, &attr, sizeof(attr), 0, 0), -EFAULT);
        memset(page + 4000, 'G', 96); /* without NUL up to the end of the page */
        attr.license = (uintptr_t)page + 4000;
        assert_int_equal(both_ways(BPF_PROG_LOAD, &attr, sizeof(attr), 0, 0), -EFAULT);
        attr.license = (uintptr_t) "GPL";
        attr.log_level = 2;
        attr.log_size = 4096;
        attr.log_buf = 8;
        assert_int_equal(bpf_syscall(BPF_PROG_LOAD, &attr, sizeof(attr)), -EFAULT);
        assert_int_equal(bpfgrant_bpf(grant, BPF_PROG_LOAD, &attr, sizeof(attr)), -EFAULT);
        attr.log_buf = UINT64_MAX - 100;
        assert_int_equal(bpf_syscall(BPF_PROG_LOAD, &attr, sizeof(attr)), -EFAULT);
        assert_int_equal(bpfgrant_bpf(grant, BPF_PROG_LOAD, &attr, sizeof(attr)), -EFAULT);

        /* The twins: all there, up to the last byte of the page. */
        memcpy(page + 4096 - sizeof(trivial), trivial, sizeof(trivial));
        attr = load_attr((void *)(page + 4096 - sizeof(trivial)), 2);
        {
                _cleanup_close_ int fd = both_ways(BPF_PROG_LOAD, &attr, sizeof(attr), 0, 0);

                assert_new_descriptor(fd, OBJECT_PROG);
        }
        memcpy(page + 4092, "GPL", 4);
        attr = load_attr(trivial, 2);
        attr.license = (uintptr_t)page + 4092;
        {
                _cleanup_close_ int fd = both_ways(BPF_PROG_LOAD, &attr, sizeof(attr), 0, 0);

                assert_new_descriptor(fd, OBJECT_PROG);
        }
        /* What the kernel would write cannot be written: the call has failed. */
        memset(page, 0, 80);
        assert_int_equal(mprotect(page, 4096, PROT_READ), 0);
        {
                _cleanup_close_ int fd = -1;
                union bpf_attr map = map_attr(1), info;

                fd = bpf_syscall(BPF_MAP_CREATE, &map, sizeof(map));
                info = (union bpf_attr) {
                        .info = {.bpf_fd = (uint32_t)fd, .info_len = 80, .info = (uintptr_t)page}};
                assert_int_equal(bpf_syscall(BPF_OBJ_GET_INFO_BY_FD, &info, sizeof(info)), -EFAULT);
                assert_int_equal(bpfgrant_bpf(grant, BPF_OBJ_GET_INFO_BY_FD, &info, sizeof(info)), -EFAULT);
        }
        munmap(page, 4096);
}

static void sizes_of_attr(void **state) {
        union {
                union bpf_attr attr;
                char bytes[8192];
        } u = {};
        static const uint32_t sizes[] = {0,   1,   4,   16,   28,   72,   120,  144,
                                         200, 256, 257, 4095, 4096, 4097, 8192, UINT32_MAX};

        (void)state;
        u.attr = map_attr(1);
        for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
                _cleanup_close_ int direct = bpf_syscall(BPF_MAP_CREATE, &u, sizes[i]);
                _cleanup_close_ int granted = bpfgrant_bpf(deputy.grant, BPF_MAP_CREATE, &u, sizes[i]);

                assert_int_equal(granted < 0 ? granted : 0, direct < 0 ? direct : 0);
        }
        u.bytes[4000] = 1;
        assert_int_equal(bpf_syscall(BPF_MAP_CREATE, &u, 4096), -E2BIG);
        assert_int_equal(bpfgrant_bpf(deputy.grant, BPF_MAP_CREATE, &u, 4096), -E2BIG);
}

static void bad_descriptors(void **state) {
        _cleanup_close_ int other = open("/", O_RDONLY | O_CLOEXEC);
        struct bpf_insn insns[] = {
                INSN(BPF_LD | BPF_DW | BPF_IMM, 1, BPF_PSEUDO_MAP_FD, 0, 0),
                INSN(0, 0, 0, 0, 0),
                MOV_IMM(0, 0),
                EXIT(),
        };
        union bpf_attr attr = load_attr(insns, ARRAY_SIZE(insns)), map = map_attr(1);
        _cleanup_close_ int map_fd = bpf_syscall(BPF_MAP_CREATE, &map, sizeof(map));
        _cleanup_close_ int prog_fd = -1;

        (void)state;
        insns[0].imm = 1 << 20;
        assert_int_equal(both_ways(BPF_PROG_LOAD, &attr, sizeof(attr), 0, 0), -EBADF);
        insns[0].imm = -1;
        assert_int_equal(both_ways(BPF_PROG_LOAD, &attr, sizeof(attr), 0, 0), -EBADF);
        insns[0].imm = other;
        assert_int_equal(both_ways(BPF_PROG_LOAD, &attr, sizeof(attr), 0, 0), -EINVAL);
        insns[0].imm = map_fd;
        prog_fd = both_ways(BPF_PROG_LOAD, &attr, sizeof(attr), 0, 0);
        assert_new_descriptor(prog_fd, OBJECT_PROG);
}

static void unknown_commands(void **state) {
        union bpf_attr attr = {};

        (void)state;
        assert_int_equal(bpfgrant_bpf(deputy.grant, 10000, &attr, sizeof(attr)), -EOPNOTSUPP);
        assert_string_equal(bpfgrant_refusal(), "libbpfgrant does not know bpf(2) command 10000");
        attr = map_attr(1);
        (void)fd_close(bpfgrant_bpf(deputy.grant, BPF_MAP_CREATE, &attr, sizeof(attr)));
        assert_string_equal(bpfgrant_refusal(), "");
}

static void not_a_grant(void **state) {
        union bpf_attr attr = map_attr(1);
        _cleanup_close_ int file = open("/", O_RDONLY | O_CLOEXEC);
        _cleanup_close_ int stream = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        (void)state;
        assert_int_equal(bpfgrant_bpf(-1, BPF_MAP_CREATE, &attr, sizeof(attr)), -EBADF);
        assert_int_equal(bpfgrant_bpf(1 << 20, BPF_MAP_CREATE, &attr, sizeof(attr)), -EBADF);
        assert_int_equal(bpfgrant_bpf(file, BPF_MAP_CREATE, &attr, sizeof(attr)), -ENOTSOCK);
        assert_int_equal(bpfgrant_bpf(stream, BPF_MAP_CREATE, &attr, sizeof(attr)), -EPROTOTYPE);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(map_create, need_bpf),
                cmocka_unit_test_setup(maps_are_used_natively, need_bpf),
                cmocka_unit_test_setup(btf_load, need_bpf),
                cmocka_unit_test_setup(prog_load, need_bpf),
                cmocka_unit_test_setup(verifier_log, need_bpf),
                cmocka_unit_test_setup(a_large_program, need_bpf),
                cmocka_unit_test_setup(a_large_answer, need_bpf),
                cmocka_unit_test_setup(info_of_objects, need_bpf),
                cmocka_unit_test_setup(bad_pointers, need_bpf),
                cmocka_unit_test_setup(sizes_of_attr, need_bpf),
                cmocka_unit_test_setup(bad_descriptors, need_bpf),
                cmocka_unit_test_setup(unknown_commands, need_bpf),
                cmocka_unit_test(not_a_grant),
        };

        return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
