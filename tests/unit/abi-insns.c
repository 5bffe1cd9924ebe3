/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Descriptors within instructions: each kind is found, taken from the caller
 * once, and put in the place where its number stood; and what could be one, but
 * is not known, is refused.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/bpf.h>

#include "caller.h"

#define INSNS_ADDRESS UINT64_C(0x10000)
#define LICENSE_ADDRESS UINT64_C(0x20000)
#define FD_ARRAY_ADDRESS UINT64_C(0x30000)

#define LD_IMM64(src, imm_, second)                                                                         \
        {.code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = 1, .src_reg = (src), .imm = (imm_)}, {               \
                .imm = (second)                                                                             \
        }
#define KFUNC(offset, id)                                                                                   \
        { .code = BPF_JMP | BPF_CALL, .src_reg = BPF_PSEUDO_KFUNC_CALL, .off = (offset), .imm = (id) }
#define EXIT                                                                                                \
        { .code = BPF_JMP | BPF_EXIT }

/* Captures a program with this fd_array, if any, and the count that the caller claims. */
static int capture(struct call *c, struct test_caller *t, const struct bpf_insn *insns, size_t n,
                   const int32_t *fds, size_t n_fds, uint32_t fd_array_cnt) {
        union abi_attr attr = {.prog_load = {
                                       .prog_type = BPF_PROG_TYPE_XDP,
                                       .insn_cnt = (uint32_t)n,
                                       .insns = INSNS_ADDRESS,
                                       .license = LICENSE_ADDRESS,
                                       .fd_array = fds ? FD_ARRAY_ADDRESS : 0,
                                       .fd_array_cnt = fd_array_cnt,
                               }};

        test_memory(t, INSNS_ADDRESS, insns, n * sizeof(*insns));
        test_memory(t, LICENSE_ADDRESS, "GPL", 4);
        if (fds)
                test_memory(t, FD_ARRAY_ADDRESS, fds, n_fds * sizeof(*fds));
        return test_capture(c, t, BPF_PROG_LOAD, &attr);
}

/* Our descriptor for a number of the caller's. */
static int ours(const struct call *c, int number) {
        for (size_t i = 0; i < c->n_fds; i++)
                if (c->fds[i].number == number)
                        return c->fds[i].fd;
        return -1;
}

static void each_kind_is_replaced(void **state) {
        static const struct bpf_insn program[] = {
                LD_IMM64(BPF_PSEUDO_MAP_FD, 7, 0),    /* 0 */
                LD_IMM64(BPF_PSEUDO_MAP_VALUE, 8, 4), /* 2 */
                LD_IMM64(BPF_PSEUDO_BTF_ID, 99, 9),   /* 4: the id stays, the module's BTF is 9 */
                LD_IMM64(BPF_PSEUDO_BTF_ID, 99, 0),   /* 6: the kernel's own */
                LD_IMM64(BPF_PSEUDO_FUNC, 3, 0),      /* 8 */
                LD_IMM64(0, 7, 8),                    /* 10: a number that looks like one */
                LD_IMM64(BPF_PSEUDO_MAP_FD, 7, 0),    /* 12: again */
                EXIT,
        };
        _cleanup_caller_ struct test_caller t;
        _cleanup_call_ struct call c;
        const struct bpf_insn *insns;

        (void)state;
        test_caller_init(&t);
        for (int i = 7; i <= 9; i++)
                test_has_fd(&t, i);
        assert_int_equal(capture(&c, &t, program, ARRAY_SIZE(program), NULL, 0, 0), 0);
        assert_int_equal(c.n_fds, 3);
        assert_int_equal(c.n_sites, 4);
        assert_int_equal(c.fds[0].expects, OBJECT_MAP);
        assert_int_equal(c.fds[2].expects, OBJECT_BTF);
        assert_int_equal(call_identify(&c, &t.caller), 0);
        assert_int_equal(t.taken, 3);
        assert_int_equal(call_execute(&c, test_bpf), 0);

        insns = test_pointer(given.prog_load.insns);
        assert_int_equal(insns[0].imm, ours(&c, 7));
        assert_int_equal(insns[2].imm, ours(&c, 8));
        assert_int_equal(insns[3].imm, 4);
        assert_int_equal(insns[4].imm, 99);
        assert_int_equal(insns[5].imm, ours(&c, 9));
        assert_int_equal(insns[7].imm, 0);
        assert_int_equal(insns[8].imm, 3);
        assert_int_equal(insns[10].imm, 7);
        assert_int_equal(insns[11].imm, 8);
        assert_int_equal(insns[12].imm, ours(&c, 7));
}

static void closed_descriptors(void **state) {
        static const struct bpf_insn map[] = {LD_IMM64(BPF_PSEUDO_MAP_FD, 7, 0), EXIT};
        static const struct bpf_insn negative[] = {LD_IMM64(BPF_PSEUDO_MAP_FD, -1, 0), EXIT};
        static const struct bpf_insn btf[] = {LD_IMM64(BPF_PSEUDO_BTF_ID, 1, 9), EXIT};
        _cleanup_caller_ struct test_caller t, u, v;
        _cleanup_call_ struct call c, d, e;
        const struct bpf_insn *insns;

        (void)state;
        test_caller_init(&t);
        assert_int_equal(capture(&c, &t, map, ARRAY_SIZE(map), NULL, 0, 0), 0);
        assert_int_equal(call_identify(&c, &t.caller), -EBADF);

        test_caller_init(&u);
        assert_int_equal(capture(&d, &u, negative, ARRAY_SIZE(negative), NULL, 0, 0), 0);
        assert_int_equal(call_identify(&d, &u.caller), -EBADF);

        /* The verifier says EINVAL, and why: it is asked, with a number that nobody has. */
        test_caller_init(&v);
        assert_int_equal(capture(&e, &v, btf, ARRAY_SIZE(btf), NULL, 0, 0), 0);
        assert_int_equal(call_identify(&e, &v.caller), 0);
        call_execute(&e, test_bpf);
        insns = test_pointer(given.prog_load.insns);
        assert_int_equal(insns[1].imm, CALL_FD_NEVER);
}

static void unknown_pseudo_instructions(void **state) {
        static const struct bpf_insn load[] = {LD_IMM64(7, 1, 0), EXIT};
        static const struct bpf_insn call[] = {{.code = BPF_JMP | BPF_CALL, .src_reg = 3}, EXIT};
        static const struct bpf_insn last[] = {
                {.code = BPF_LD | BPF_IMM | BPF_DW, .src_reg = BPF_PSEUDO_BTF_ID}};
        _cleanup_caller_ struct test_caller t, u, v;
        _cleanup_call_ struct call c, d, e;

        (void)state;
        test_caller_init(&t);
        assert_int_equal(capture(&c, &t, load, ARRAY_SIZE(load), NULL, 0, 0), -EINVAL);
        test_caller_init(&u);
        assert_int_equal(capture(&d, &u, call, ARRAY_SIZE(call), NULL, 0, 0), -EINVAL);
        /* Its second half is not there: the kernel's to refuse, ours not to read. */
        test_caller_init(&v);
        assert_int_equal(capture(&e, &v, last, ARRAY_SIZE(last), NULL, 0, 0), 0);
        assert_int_equal(e.n_fds, 0);
}

static void fd_array_by_use(void **state) {
        static const struct bpf_insn program[] = {
                LD_IMM64(ABI_PSEUDO_MAP_IDX, 1, 0),
                LD_IMM64(ABI_PSEUDO_MAP_IDX_VALUE, 3, 8),
                KFUNC(2, 1234),
                KFUNC(0, 1234),
                EXIT,
        };
        /* Entry 0 and what follows 3 are not named, so they may be anything. */
        static const int32_t fds[] = {55, 7, 9, 8, 66};
        _cleanup_caller_ struct test_caller t;
        _cleanup_call_ struct call c;
        const int32_t *array;

        (void)state;
        test_caller_init(&t);
        for (int i = 7; i <= 9; i++)
                test_has_fd(&t, i);
        assert_int_equal(capture(&c, &t, program, ARRAY_SIZE(program), fds, ARRAY_SIZE(fds), 0), 0);
        assert_int_equal(call_identify(&c, &t.caller), 0);
        assert_int_equal(t.taken, 3);
        call_execute(&c, test_bpf);
        assert_int_equal(call_buffer_at(&c, ABI_AT(prog_load, fd_array))->size, 4 * sizeof(int32_t));
        array = test_pointer(given.prog_load.fd_array);
        assert_int_equal(array[0], CALL_FD_NEVER);
        assert_int_equal(array[1], ours(&c, 7));
        assert_int_equal(array[2], ours(&c, 9));
        assert_int_equal(array[3], ours(&c, 8));
}

static void fd_array_by_count(void **state) {
        static const struct bpf_insn program[] = {LD_IMM64(ABI_PSEUDO_MAP_IDX, 1, 0), EXIT};
        static const int32_t fds[] = {9, 7, 9, 55};
        _cleanup_caller_ struct test_caller t, u;
        _cleanup_call_ struct call c, d;

        (void)state;
        test_caller_init(&t);
        test_has_fd(&t, 7);
        test_has_fd(&t, 9);
        assert_int_equal(capture(&c, &t, program, ARRAY_SIZE(program), fds, ARRAY_SIZE(fds), 3), 0);
        assert_int_equal(c.n_fds, 2);
        assert_int_equal(c.n_sites, 3);
        assert_int_equal(call_identify(&c, &t.caller), 0);
        assert_int_equal(call_buffer_at(&c, ABI_AT(prog_load, fd_array))->size, 3 * sizeof(int32_t));

        /* The fourth counts too, and is closed. */
        test_caller_init(&u);
        test_has_fd(&u, 7);
        test_has_fd(&u, 9);
        assert_int_equal(capture(&d, &u, program, ARRAY_SIZE(program), fds, ARRAY_SIZE(fds), 4), 0);
        assert_int_equal(call_identify(&d, &u.caller), -EBADF);
}

static void fd_array_hostile(void **state) {
        static const struct {
                struct bpf_insn program[3];
                uint32_t count;
                int result;
        } cases[] = {
                {{LD_IMM64(ABI_PSEUDO_MAP_IDX, -1, 0), EXIT}, 0, -EFAULT},
                {{LD_IMM64(ABI_PSEUDO_MAP_IDX, INT32_MIN, 0), EXIT}, 1, -EFAULT},
                {{LD_IMM64(ABI_PSEUDO_MAP_IDX, INT32_MAX, 0), EXIT}, 0, CALL_E_TOO_LARGE},
                {{LD_IMM64(ABI_PSEUDO_MAP_IDX, CALL_FD_ARRAY_MAX, 0), EXIT}, 0, CALL_E_TOO_LARGE},
                {{LD_IMM64(ABI_PSEUDO_MAP_IDX, 2, 0), EXIT}, 0, -EFAULT}, /* beyond what the caller has */
                {{LD_IMM64(0, 0, 0), EXIT}, CALL_FD_ARRAY_MAX + 1, CALL_E_TOO_LARGE},
                {{LD_IMM64(0, 0, 0), EXIT}, UINT32_MAX / 4, -EINVAL},
                {{LD_IMM64(0, 0, 0), EXIT}, UINT32_MAX, -EINVAL},
        };
        static const int32_t fds[] = {7, 8};

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_caller_ struct test_caller t;
                _cleanup_call_ struct call c;

                test_caller_init(&t);
                assert_int_equal(capture(&c, &t, cases[i].program, 3, fds, ARRAY_SIZE(fds), cases[i].count),
                                 cases[i].result);
        }
}

/* The index of a kfunc is found also where the verifier looks before it knows what it looks at. */
static void kfunc_in_second_half(void **state) {
        static const struct bpf_insn program[] = {
                {.code = BPF_LD | BPF_IMM | BPF_DW},
                KFUNC(1, 1),
                EXIT,
        };
        static const int32_t fds[] = {55, 9};
        _cleanup_caller_ struct test_caller t;
        _cleanup_call_ struct call c;

        (void)state;
        test_caller_init(&t);
        test_has_fd(&t, 9);
        assert_int_equal(capture(&c, &t, program, ARRAY_SIZE(program), fds, ARRAY_SIZE(fds), 0), 0);
        assert_int_equal(c.n_fds, 1);
        assert_int_equal(c.fds[0].number, 9);
}

static void too_many_descriptors(void **state) {
        struct bpf_insn program[2 * (CALL_FDS_MAX + 1)];
        _cleanup_caller_ struct test_caller t, u;
        _cleanup_call_ struct call c, d;

        (void)state;
        for (int i = 0; i <= CALL_FDS_MAX; i++) {
                const struct bpf_insn one[] = {LD_IMM64(BPF_PSEUDO_MAP_FD, i, 0)};

                memcpy(&program[2 * i], one, sizeof(one));
        }
        test_caller_init(&t);
        assert_int_equal(capture(&c, &t, program, 2 * CALL_FDS_MAX, NULL, 0, 0), 0);
        test_caller_init(&u);
        assert_int_equal(capture(&d, &u, program, 2 * (CALL_FDS_MAX + 1), NULL, 0, 0), -E2BIG);
}

static void sites_move_with_replaced_instructions(void **state) {
        static const struct bpf_insn program[] = {LD_IMM64(BPF_PSEUDO_MAP_FD, 7, 0), EXIT};
        struct bpf_insn longer[5] = {EXIT, EXIT};
        _cleanup_caller_ struct test_caller t;
        _cleanup_call_ struct call c;
        struct call_buffer *b;
        const struct bpf_insn *insns;

        (void)state;
        test_caller_init(&t);
        test_has_fd(&t, 7);
        assert_int_equal(capture(&c, &t, program, ARRAY_SIZE(program), NULL, 0, 0), 0);
        assert_int_equal(call_identify(&c, &t.caller), 0);
        b = call_buffer_at(&c, ABI_AT(prog_load, insns));
        memcpy(&longer[2], program, sizeof(program));
        assert_int_equal(call_replace_buffer(&c, b, longer, sizeof(longer) - 1, 0), -EINVAL);
        assert_int_equal(call_replace_buffer(&c, b, longer, 0, 0), -EINVAL);
        assert_int_equal(
                call_replace_buffer(&c, b, longer, sizeof(longer), 2 * (uint32_t)sizeof(struct bpf_insn)),
                0);
        assert_int_equal(call_u32(&c, ABI_AT(prog_load, insn_cnt)), 5);
        call_execute(&c, test_bpf);
        assert_int_equal(given.prog_load.insn_cnt, 5);
        insns = test_pointer(given.prog_load.insns);
        assert_int_equal(insns[0].imm, 0);
        assert_int_equal(insns[2].imm, ours(&c, 7));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(each_kind_is_replaced),
                cmocka_unit_test(closed_descriptors),
                cmocka_unit_test(unknown_pseudo_instructions),
                cmocka_unit_test(fd_array_by_use),
                cmocka_unit_test(fd_array_by_count),
                cmocka_unit_test(fd_array_hostile),
                cmocka_unit_test(kfunc_in_second_half),
                cmocka_unit_test(too_many_descriptors),
                cmocka_unit_test(sites_move_with_replaced_instructions),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
