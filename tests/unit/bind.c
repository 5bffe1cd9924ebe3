/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Reach compiled into programs, as a function: which types can be confined, what
 * the guard looks like, that a program's own instructions come out unchanged and
 * its infos right, and that nothing a holder can write gets past it. That guards
 * do in the kernel what they say is tests/kernel/reach.c.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/macro.h"
#include "bind/bind.h"
#include "bind/guard.h"
#include "bind/insn.h"
#include "bind/rules.h"

static const struct bind_reach both = {
        .cgroups = {{.id = 0x100000007, .level = 2}},
        .n_cgroups = 1,
        .interfaces = {5},
        .n_interfaces = 1,
};
static const struct bind_reach only_cgroup = {.cgroups = {{.id = 7, .level = 2}}, .n_cgroups = 1};
static const struct bind_reach only_interface = {.interfaces = {5}, .n_interfaces = 1};

static const struct bpf_insn allow[] = {INSN_MOV_IMM(BPF_REG_0, 1), INSN_EXIT()};

static struct bind_program program(uint32_t type, uint32_t attach, const struct bpf_insn *insns, size_t n) {
        return (struct bind_program) {
                .prog_type = type, .attach_type = attach, .insns = insns, .n_insns = n};
}

static struct bind_program cgroup_sock(const struct bpf_insn *insns, size_t n) {
        return program(BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET_SOCK_CREATE, insns, n);
}

static int verdict_of(const struct bind_reach *r, const struct bind_program *p) {
        _cleanup_(bound_program_deinit) struct bound_program b = {};

        return bind_program(r, p, &b);
}

#define verdict_of_insns(...)                                                                               \
        ({                                                                                                  \
                const struct bpf_insn _insns[] = {__VA_ARGS__};                                             \
                struct bind_program _p = cgroup_sock(_insns, ARRAY_SIZE(_insns));                           \
                verdict_of(&only_cgroup, &_p);                                                              \
        })

/* The table: every type and attach type that there is, and some that there are not. */

/* How each program type is confined under any of its attach types, in order of numbers. */
static const enum bind_how expected_how[] = {
        [BPF_PROG_TYPE_KPROBE] = BIND_BY_TASK,
        [BPF_PROG_TYPE_SCHED_CLS] = BIND_BY_INTERFACE,
        [BPF_PROG_TYPE_SCHED_ACT] = BIND_BY_INTERFACE,
        [BPF_PROG_TYPE_TRACEPOINT] = BIND_BY_TASK,
        [BPF_PROG_TYPE_XDP] = BIND_BY_INTERFACE,
        [BPF_PROG_TYPE_PERF_EVENT] = BIND_BY_TASK,
        [BPF_PROG_TYPE_CGROUP_SKB] = BIND_BY_SOCKET,
        [BPF_PROG_TYPE_CGROUP_SOCK] = BIND_BY_TASK,
        [BPF_PROG_TYPE_CGROUP_DEVICE] = BIND_BY_TASK,
        [BPF_PROG_TYPE_RAW_TRACEPOINT] = BIND_BY_TASK,
        [BPF_PROG_TYPE_CGROUP_SOCK_ADDR] = BIND_BY_TASK,
        [BPF_PROG_TYPE_CGROUP_SYSCTL] = BIND_BY_TASK,
        [BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE] = BIND_BY_TASK,
        [BPF_PROG_TYPE_CGROUP_SOCKOPT] = BIND_BY_TASK,
        [BPF_PROG_TYPE_TRACING] = BIND_BY_TASK,
        [BPF_PROG_TYPE_LSM] = BIND_BY_TASK,
        [40] = BIND_REFUSED,
};

#define N_ATTACH_TYPES 70

static void test_table_is_complete(void **state) {
        (void)state;
        for (uint32_t type = 0; type < ARRAY_SIZE(expected_how); type++) {
                bool confined = false, refused = false;

                for (uint32_t attach = 0; attach < N_ATTACH_TYPES; attach++) {
                        const struct bind_rule *rule = bind_rule(type, attach);

                        if (rule->how == BIND_REFUSED) {
                                refused = true;
                                assert_non_null(rule->reason);
                                assert_int_equal(bind_check(&both, type, attach), BIND_E_TYPE);
                                continue;
                        }
                        confined = true;
                        assert_int_equal(rule->how, expected_how[type]);
                        assert_int_equal(bind_check(&both, type, attach), BIND_OK);
                }
                assert_int_equal(confined, expected_how[type] != BIND_REFUSED);
                assert_int_equal(bind_check_type(&both, type), confined ? BIND_OK : BIND_E_TYPE);
                /* Attach types from the future are refused for every type. */
                assert_true(refused);
                assert_int_equal(bind_check(&both, type, UINT32_MAX), BIND_E_TYPE);
        }
        assert_int_equal(bind_check(&both, UINT32_MAX, 0), BIND_E_TYPE);
}

/* Rows do not overlap: the first that fits is the only one. */
static void test_attach_types_of_each_type(void **state) {
        static const struct {
                uint32_t type;
                const char *confined; /* one character an attach type: '+' or '-' */
        } rows[] = {
                {BPF_PROG_TYPE_CGROUP_SKB, "++--------------------------------------------------------"},
                {BPF_PROG_TYPE_CGROUP_SOCK, "+-+---------++--------------------+-----------------------"},
                {BPF_PROG_TYPE_CGROUP_SOCK_ADDR,
                 "--------++++--++---++--------++++----------------+++++----"},
                {BPF_PROG_TYPE_CGROUP_SOCKOPT, "---------------------++-----------------------------------"},
                {BPF_PROG_TYPE_TRACING, "-----------------------++++-------------------------------"},
                {BPF_PROG_TYPE_LSM, "---------------------------+------------------------------"},
                {BPF_PROG_TYPE_SCHED_CLS, "++++++++++++++++++++++++++++++++++++++++++++++++++++++----"},
                {BPF_PROG_TYPE_XDP, "++++++++++++++++++++++++++++++++++++++++++++++++++++++++++"},
                {BPF_PROG_TYPE_KPROBE, "++++++++++++++++++++++++++++++++++++++++++++++++++++++++++"},
                {BPF_PROG_TYPE_SOCK_OPS, "----------------------------------------------------------"},
                {BPF_PROG_TYPE_STRUCT_OPS, "----------------------------------------------------------"},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                for (uint32_t attach = 0; attach < N_ATTACH_TYPES; attach++) {
                        bool wanted = attach < strlen(rows[i].confined) && rows[i].confined[attach] == '+';

                        assert_int_equal(bind_check(&both, rows[i].type, attach),
                                         wanted ? BIND_OK : BIND_E_TYPE);
                }
}

static void test_neutral_verdicts(void **state) {
        static const struct {
                uint32_t type, attach;
                int32_t neutral;
        } rows[] = {
                {BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_EGRESS, 1},
                {BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET_SOCK_CREATE, 1},
                {BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_UDP6_RECVMSG, 1},
                {BPF_PROG_TYPE_CGROUP_DEVICE, BPF_CGROUP_DEVICE, 1},
                {BPF_PROG_TYPE_CGROUP_SYSCTL, BPF_CGROUP_SYSCTL, 1},
                {BPF_PROG_TYPE_CGROUP_SOCKOPT, BPF_CGROUP_SETSOCKOPT, 1},
                {BPF_PROG_TYPE_XDP, BPF_XDP, 2},
                {BPF_PROG_TYPE_SCHED_CLS, 0, -1},
                {BPF_PROG_TYPE_SCHED_ACT, 0, 3},
                {BPF_PROG_TYPE_KPROBE, 0, 1},
                {BPF_PROG_TYPE_TRACEPOINT, 0, 1},
                {BPF_PROG_TYPE_PERF_EVENT, 0, 1},
                {BPF_PROG_TYPE_RAW_TRACEPOINT, 0, 0},
                {BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, 0},
                {BPF_PROG_TYPE_LSM, BPF_LSM_MAC, 0},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                assert_int_equal(bind_rule(rows[i].type, rows[i].attach)->neutral, rows[i].neutral);
        assert_int_equal(bind_rule(BPF_PROG_TYPE_XDP, 0)->field, 12);
        assert_int_equal(bind_rule(BPF_PROG_TYPE_SCHED_CLS, 0)->field, 40);
        assert_int_equal(bind_rule(BPF_PROG_TYPE_SCHED_ACT, 0)->field, 40);
}

static void test_reach_must_name_a_place(void **state) {
        struct bind_reach r = both;

        (void)state;
        assert_int_equal(bind_check(&only_interface, BPF_PROG_TYPE_CGROUP_SOCK, 2), BIND_E_NO_CGROUP);
        assert_int_equal(bind_check(&only_interface, BPF_PROG_TYPE_CGROUP_SKB, 0), BIND_E_NO_CGROUP);
        assert_int_equal(bind_check(&only_cgroup, BPF_PROG_TYPE_XDP, 0), BIND_E_NO_INTERFACE);
        assert_int_equal(bind_check_type(&only_cgroup, BPF_PROG_TYPE_XDP), BIND_E_NO_INTERFACE);
        assert_int_equal(bind_check_type(&only_interface, BPF_PROG_TYPE_TRACING), BIND_E_NO_CGROUP);
        assert_int_equal(bind_check(&(struct bind_reach) {}, BPF_PROG_TYPE_KPROBE, 0), BIND_E_NO_CGROUP);

        /* Places that no kernel has would be equal to the answers "none" and "error". */
        r.cgroups[0].id = 0;
        assert_int_equal(bind_check(&r, BPF_PROG_TYPE_CGROUP_SOCK, 2), BIND_E_NO_CGROUP);
        r = both;
        r.cgroups[0].level = UINT32_MAX;
        assert_int_equal(bind_check(&r, BPF_PROG_TYPE_CGROUP_SOCK, 2), BIND_E_NO_CGROUP);
        r = both;
        r.interfaces[0] = 0;
        assert_int_equal(bind_check(&r, BPF_PROG_TYPE_XDP, 0), BIND_E_NO_INTERFACE);
        r = both;
        r.n_cgroups = r.n_interfaces = BIND_PLACES_MAX + 1;
        assert_int_equal(bind_check(&r, BPF_PROG_TYPE_CGROUP_SOCK, 2), BIND_E_NO_CGROUP);
        assert_int_equal(bind_check(&r, BPF_PROG_TYPE_XDP, 0), BIND_E_NO_INTERFACE);
}

/* The guard. */

static void assert_guard(const struct bind_reach *r, uint32_t type, uint32_t attach,
                         const struct bpf_insn *expected, size_t n_expected) {
        struct bind_program p = program(type, attach, allow, ARRAY_SIZE(allow));
        _cleanup_(bound_program_deinit) struct bound_program b = {};

        assert_int_equal(bind_program(r, &p, &b), BIND_OK);
        assert_int_equal(b.n_guard, n_expected);
        assert_int_equal(b.n_insns, n_expected + ARRAY_SIZE(allow));
        assert_memory_equal(b.insns, expected, n_expected * sizeof(*expected));
        assert_memory_equal(b.insns + n_expected, allow, sizeof(allow));
        assert_null(b.func_info);
        assert_null(b.line_info);
        assert_null(b.core_relos);
}

static void test_guard_by_task(void **state) {
        static const struct bpf_insn expected[] = {
                INSN_MOV_REG(BPF_REG_6, BPF_REG_1),
                INSN_MOV_IMM(BPF_REG_1, 2),
                INSN_CALL(123),
                INSN_LD_IMM64_LOW(BPF_REG_1, 7),
                INSN_LD_IMM64_HIGH(1ULL << 32),
                INSN_JEQ_REG(BPF_REG_0, BPF_REG_1, 2),
                INSN_MOV_IMM(BPF_REG_0, 1),
                INSN_EXIT(),
                INSN_MOV_REG(BPF_REG_1, BPF_REG_6),
        };

        (void)state;
        assert_guard(&both, BPF_PROG_TYPE_CGROUP_SOCK, 2, expected, ARRAY_SIZE(expected));
}

/* Three places at two levels: a level is asked once. */
static void test_guard_by_socket(void **state) {
        static const struct bind_reach r = {
                .cgroups = {{.id = 7, .level = 2}, {.id = 8, .level = 1}, {.id = 9, .level = 2}},
                .n_cgroups = 3,
        };
        static const struct bpf_insn expected[] = {
                INSN_MOV_REG(BPF_REG_6, BPF_REG_1),
                INSN_MOV_REG(BPF_REG_1, BPF_REG_6),
                INSN_MOV_IMM(BPF_REG_2, 2),
                INSN_CALL(83),
                INSN_LD_IMM64_LOW(BPF_REG_1, 7),
                INSN_LD_IMM64_HIGH(7),
                INSN_JEQ_REG(BPF_REG_0, BPF_REG_1, 11),
                INSN_LD_IMM64_LOW(BPF_REG_1, 9),
                INSN_LD_IMM64_HIGH(9),
                INSN_JEQ_REG(BPF_REG_0, BPF_REG_1, 8),
                INSN_MOV_REG(BPF_REG_1, BPF_REG_6),
                INSN_MOV_IMM(BPF_REG_2, 1),
                INSN_CALL(83),
                INSN_LD_IMM64_LOW(BPF_REG_1, 8),
                INSN_LD_IMM64_HIGH(8),
                INSN_JEQ_REG(BPF_REG_0, BPF_REG_1, 2),
                INSN_MOV_IMM(BPF_REG_0, 1),
                INSN_EXIT(),
                INSN_MOV_REG(BPF_REG_1, BPF_REG_6),
        };

        (void)state;
        assert_guard(&r, BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_EGRESS, expected, ARRAY_SIZE(expected));
}

static void test_guard_by_interface(void **state) {
        static const struct bind_reach r = {.interfaces = {5, 6}, .n_interfaces = 2};
        static const struct bpf_insn expected[] = {
                INSN_LOAD_U32(BPF_REG_0, BPF_REG_1, 12),
                INSN_JEQ32_IMM(BPF_REG_0, 5, 3),
                INSN_JEQ32_IMM(BPF_REG_0, 6, 2),
                INSN_MOV_IMM(BPF_REG_0, 2),
                INSN_EXIT(),
        };

        (void)state;
        assert_guard(&r, BPF_PROG_TYPE_XDP, BPF_XDP, expected, ARRAY_SIZE(expected));
}

/* The longest guard fits where it is written: eight places, each at a level of its own. */
static void test_guard_of_most_places(void **state) {
        struct bpf_insn guard[GUARD_MAX];
        struct bind_reach r = {.n_cgroups = BIND_PLACES_MAX};

        (void)state;
        for (uint32_t i = 0; i < BIND_PLACES_MAX; i++)
                r.cgroups[i] = (struct bind_cgroup) {.id = 100 + i, .level = i};
        assert_int_equal(guard_write(bind_rule(BPF_PROG_TYPE_CGROUP_SKB, 0), &r, guard), GUARD_MAX);
}

static void test_hooks_that_decide(void **state) {
        static const struct bpf_insn overriding[] = {INSN_CALL(BPF_FUNC_override_return), INSN_EXIT()};
        struct bind_program p = program(BPF_PROG_TYPE_LSM, BPF_LSM_MAC, allow, ARRAY_SIZE(allow));

        (void)state;
        assert_int_equal(verdict_of(&both, &p), BIND_E_CONTEXT);
        p.prog_flags = BPF_F_SLEEPABLE;
        assert_int_equal(verdict_of(&both, &p), BIND_OK);

        p = program(BPF_PROG_TYPE_TRACING, BPF_MODIFY_RETURN, allow, ARRAY_SIZE(allow));
        assert_int_equal(verdict_of(&both, &p), BIND_E_CONTEXT);
        p.attach_type = BPF_TRACE_FEXIT;
        assert_int_equal(verdict_of(&both, &p), BIND_OK);

        p = program(BPF_PROG_TYPE_KPROBE, 0, overriding, ARRAY_SIZE(overriding));
        assert_int_equal(verdict_of(&both, &p), BIND_E_CONTEXT);
        p.prog_type = BPF_PROG_TYPE_TRACEPOINT; /* which the kernel refuses */
        assert_int_equal(verdict_of(&both, &p), BIND_OK);
}

/* Nothing leads out of a program. */

#define JUMP(off) INSN(BPF_JMP | BPF_JA, 0, 0, off, 0)
#define JUMP_LONG(imm) INSN(BPF_JMP32 | BPF_JA, 0, 0, 0, imm)
#define JUMP_MAY(off) INSN(BPF_JMP | 0xe0, 0, 0, off, 0)
#define CALL_OWN(imm) INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, imm)
#define FUNC(imm) INSN(BPF_LD | BPF_IMM | BPF_DW, BPF_REG_2, BPF_PSEUDO_FUNC, 0, imm), INSN(0, 0, 0, 0, 0)
#define NOP INSN_MOV_IMM(BPF_REG_0, 1)

static void test_jumps_stay_inside(void **state) {
        (void)state;
        /* The first and the last instruction may be jumped to; one before and one after not. */
        assert_int_equal(verdict_of_insns(NOP, JUMP(-2), INSN_EXIT()), BIND_OK);
        assert_int_equal(verdict_of_insns(NOP, JUMP(-3), INSN_EXIT()), BIND_E_JUMP);
        assert_int_equal(verdict_of_insns(JUMP(1), NOP, INSN_EXIT()), BIND_OK);
        assert_int_equal(verdict_of_insns(JUMP(2), NOP, INSN_EXIT()), BIND_E_JUMP);
        assert_int_equal(verdict_of_insns(JUMP(INT16_MIN), NOP, INSN_EXIT()), BIND_E_JUMP);

        assert_int_equal(verdict_of_insns(NOP, INSN_JEQ_REG(0, 1, -2), INSN_EXIT()), BIND_OK);
        assert_int_equal(verdict_of_insns(NOP, INSN_JEQ_REG(0, 1, -4), INSN_EXIT()), BIND_E_JUMP);
        assert_int_equal(verdict_of_insns(NOP, INSN_JEQ32_IMM(0, 1, -4), INSN_EXIT()), BIND_E_JUMP);
        assert_int_equal(verdict_of_insns(NOP, JUMP_MAY(-2), INSN_EXIT()), BIND_OK);
        assert_int_equal(verdict_of_insns(NOP, JUMP_MAY(-3), INSN_EXIT()), BIND_E_JUMP);

        /* A long jump goes by its imm, not by its off. */
        assert_int_equal(verdict_of_insns(NOP, JUMP_LONG(-2), INSN_EXIT()), BIND_OK);
        assert_int_equal(verdict_of_insns(NOP, JUMP_LONG(-3), INSN_EXIT()), BIND_E_JUMP);
        assert_int_equal(verdict_of_insns(NOP, JUMP_LONG(INT32_MIN), INSN_EXIT()), BIND_E_JUMP);
        assert_int_equal(verdict_of_insns(NOP, JUMP_LONG(INT32_MAX), INSN_EXIT()), BIND_E_JUMP);
}

static void test_functions_begin_after_the_entry(void **state) {
        (void)state;
        assert_int_equal(verdict_of_insns(CALL_OWN(1), INSN_EXIT(), NOP, INSN_EXIT()), BIND_OK);
        assert_int_equal(verdict_of_insns(CALL_OWN(-1), INSN_EXIT()), BIND_E_JUMP);
        assert_int_equal(verdict_of_insns(CALL_OWN(-2), INSN_EXIT()), BIND_E_JUMP);
        assert_int_equal(verdict_of_insns(CALL_OWN(INT32_MIN), INSN_EXIT()), BIND_E_JUMP);
        assert_int_equal(verdict_of_insns(CALL_OWN(1), INSN_EXIT()), BIND_E_JUMP);

        assert_int_equal(verdict_of_insns(FUNC(2), INSN_EXIT(), NOP, INSN_EXIT()), BIND_OK);
        assert_int_equal(verdict_of_insns(FUNC(-1), INSN_EXIT(), NOP, INSN_EXIT()), BIND_E_JUMP);
        assert_int_equal(verdict_of_insns(FUNC(-5), INSN_EXIT(), NOP, INSN_EXIT()), BIND_E_JUMP);
        assert_int_equal(verdict_of_insns(FUNC(5), INSN_EXIT(), NOP, INSN_EXIT()), BIND_E_JUMP);
}

static void test_unknown_forms(void **state) {
        (void)state;
        /* Helpers and kernel functions by number are no jumps, whatever the number. */
        assert_int_equal(verdict_of_insns(INSN_CALL(-77), INSN_EXIT()), BIND_OK);
        assert_int_equal(verdict_of_insns(INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 3, 1 << 30),
                                          INSN_EXIT()),
                         BIND_OK);

        assert_int_equal(verdict_of_insns(INSN(BPF_JMP | BPF_CALL, 0, 3, 0, 1), INSN_EXIT()), BIND_E_JUMP);
        assert_int_equal(verdict_of_insns(INSN(BPF_JMP | BPF_CALL | BPF_X, 0, 0, 0, 1), INSN_EXIT()),
                         BIND_E_JUMP);
        assert_int_equal(verdict_of_insns(INSN(BPF_JMP | BPF_JA | BPF_X, 1, 0, 0, 0), INSN_EXIT()),
                         BIND_E_JUMP);
        assert_int_equal(verdict_of_insns(INSN(BPF_JMP | 0xf0, 1, 0, 0, 0), INSN_EXIT()), BIND_E_JUMP);
        assert_int_equal(verdict_of_insns(INSN(BPF_JMP32 | BPF_CALL, 0, 0, 0, 6), INSN_EXIT()), BIND_E_JUMP);
        assert_int_equal(verdict_of_insns(NOP, INSN(BPF_JMP32 | BPF_EXIT, 0, 0, 0, 0)), BIND_E_JUMP);
        assert_int_equal(verdict_of_insns(INSN(BPF_JMP32 | 0xe0, 0, 0, 0, 0), INSN_EXIT()), BIND_E_JUMP);
}

static void test_constants_are_whole(void **state) {
        (void)state;
        assert_int_equal(verdict_of_insns(INSN_LD_IMM64_LOW(1, 1), INSN_LD_IMM64_HIGH(1), INSN_EXIT()),
                         BIND_OK);
        assert_int_equal(verdict_of_insns(NOP, INSN_LD_IMM64_LOW(1, 1)), BIND_E_JUMP);
        assert_int_equal(verdict_of_insns(INSN_LD_IMM64_LOW(1, 1), INSN_EXIT()), BIND_E_JUMP);
}

static void test_length(void **state) {
        const size_t most = 1000000;
        _cleanup_free_ struct bpf_insn *insns = calloc(most, sizeof(*insns));
        struct bind_program p = cgroup_sock(insns, 0);
        _cleanup_(bound_program_deinit) struct bound_program b = {};

        (void)state;
        assert_non_null(insns);
        for (size_t i = 0; i < most; i++)
                insns[i] = NOP;
        assert_int_equal(verdict_of(&only_cgroup, &p), BIND_E_INFO);
        p.n_insns = most;
        assert_int_equal(verdict_of(&only_cgroup, &p), BIND_E_TOO_LONG);
        p.n_insns = SIZE_MAX;
        assert_int_equal(verdict_of(&only_cgroup, &p), BIND_E_TOO_LONG);
        p.n_insns = most - 8; /* the guard has nine */
        assert_int_equal(verdict_of(&only_cgroup, &p), BIND_E_TOO_LONG);
        p.n_insns = most - 9;
        assert_int_equal(bind_program(&only_cgroup, &p, &b), BIND_OK);
        assert_int_equal(b.n_insns, most);
        p.insns = NULL;
        assert_int_equal(verdict_of(&only_cgroup, &p), BIND_E_INFO);
}

/* Infos. */

static const struct bpf_insn four[] = {CALL_OWN(1), INSN_EXIT(), NOP, INSN_EXIT()};

static void test_infos_move(void **state) {
        static const struct bpf_func_info funcs[] = {{0, 11}, {2, 12}};
        static const struct bpf_line_info lines[] = {{0, 1, 2, 3}, {1, 4, 5, 6}, {2, 7, 8, 9}};
        static const struct bpf_core_relo relos[] = {{0, 1, 2, 0}, {24, 3, 4, 0}, {8, 5, 6, 0}};
        struct bind_program p = cgroup_sock(four, ARRAY_SIZE(four));
        _cleanup_(bound_program_deinit) struct bound_program b = {};
        const struct bpf_func_info *f;
        const struct bpf_line_info *l;
        const struct bpf_core_relo *c;

        (void)state;
        p.func_info = funcs, p.n_func_info = 2, p.func_info_size = sizeof(funcs[0]);
        p.line_info = lines, p.n_line_info = 3, p.line_info_size = sizeof(lines[0]);
        p.core_relos = relos, p.n_core_relos = 3, p.core_relo_size = sizeof(relos[0]);
        assert_int_equal(bind_program(&only_cgroup, &p, &b), BIND_OK);

        f = b.func_info, l = b.line_info, c = b.core_relos;
        assert_int_equal(f[0].insn_off, 0);
        assert_int_equal(f[1].insn_off, 2 + b.n_guard);
        assert_int_equal(f[1].type_id, 12);
        assert_int_equal(l[0].insn_off, 0);
        assert_int_equal(l[1].insn_off, 1 + b.n_guard);
        assert_int_equal(l[2].insn_off, 2 + b.n_guard);
        assert_int_equal(l[2].line_col, 9);
        assert_int_equal(c[0].insn_off, 8 * b.n_guard);
        assert_int_equal(c[1].insn_off, 8 * (3 + b.n_guard));
        assert_int_equal(c[2].insn_off, 8 * (1 + b.n_guard));
        assert_int_equal(c[2].access_str_off, 6);
}

/* Records of another kernel's size, at an odd address: the tail comes along. */
static void test_infos_of_other_sizes(void **state) {
        char unaligned[1 + 2 * 12];
        uint32_t second = 2;
        struct bind_program p = cgroup_sock(four, ARRAY_SIZE(four));
        _cleanup_(bound_program_deinit) struct bound_program b = {};
        uint32_t offset;

        (void)state;
        memset(unaligned, 0x5a, sizeof(unaligned));
        memset(unaligned + 1, 0, sizeof(uint32_t));
        memcpy(unaligned + 1 + 12, &second, sizeof(second));
        p.func_info = unaligned + 1, p.n_func_info = 2, p.func_info_size = 12;
        assert_int_equal(bind_program(&only_cgroup, &p, &b), BIND_OK);
        memcpy(&offset, (char *)b.func_info + 12, sizeof(offset));
        assert_int_equal(offset, 2 + b.n_guard);
        assert_memory_equal((char *)b.func_info + 16, unaligned + 1 + 16, 8);
}

static void test_hostile_infos(void **state) {
        static const uint32_t beyond[2][4] = {{0}, {4}}, twice[2][4] = {{1}, {1}}, back[2][4] = {{2}, {1}},
                              far[2][4] = {{0}, {UINT32_MAX}}, odd[2][4] = {{0}, {4}},
                              last[2][4] = {{0}, {3}}, relo_beyond[2][4] = {{0}, {32}},
                              relo_last[2][4] = {{24}, {24}};
        const struct {
                const void *records;
                size_t n, size;
                int as_func, as_line, as_relo;
        } rows[] = {
                {last, 2, 16, BIND_OK, BIND_OK, BIND_E_INFO},
                {beyond, 2, 16, BIND_E_INFO, BIND_E_INFO, BIND_E_INFO},
                {twice, 2, 16, BIND_E_INFO, BIND_E_INFO, BIND_E_INFO},
                {back, 2, 16, BIND_E_INFO, BIND_E_INFO, BIND_E_INFO},
                {far, 2, 16, BIND_E_INFO, BIND_E_INFO, BIND_E_INFO},
                {odd, 2, 16, BIND_E_INFO, BIND_E_INFO, BIND_E_INFO},
                {relo_beyond, 2, 16, BIND_E_INFO, BIND_E_INFO, BIND_E_INFO},
                {relo_last, 2, 16, BIND_E_INFO, BIND_E_INFO, BIND_OK},
                /* too short, too long, too many, and none where there should be some */
                {last, 1, 8, BIND_OK, BIND_E_INFO, BIND_E_INFO},
                {last, 1, 7, BIND_E_INFO, BIND_E_INFO, BIND_E_INFO},
                {last, 1, 0, BIND_E_INFO, BIND_E_INFO, BIND_E_INFO},
                {last, 1, 256, BIND_E_INFO, BIND_E_INFO, BIND_E_INFO},
                {last, 1, SIZE_MAX, BIND_E_INFO, BIND_E_INFO, BIND_E_INFO},
                {last, 5, 16, BIND_E_INFO, BIND_E_INFO, BIND_E_INFO},
                {last, SIZE_MAX / 16 + 2, 16, BIND_E_INFO, BIND_E_INFO, BIND_E_INFO},
                {NULL, 1, 16, BIND_E_INFO, BIND_E_INFO, BIND_E_INFO},
                {NULL, 0, 0, BIND_OK, BIND_OK, BIND_OK},
                {NULL, 0, SIZE_MAX, BIND_OK, BIND_OK, BIND_OK},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                struct bind_program p = cgroup_sock(four, ARRAY_SIZE(four));

                p.func_info = rows[i].records, p.n_func_info = rows[i].n, p.func_info_size = rows[i].size;
                assert_int_equal(verdict_of(&only_cgroup, &p), rows[i].as_func);
                p = cgroup_sock(four, ARRAY_SIZE(four));
                p.line_info = rows[i].records, p.n_line_info = rows[i].n, p.line_info_size = rows[i].size;
                assert_int_equal(verdict_of(&only_cgroup, &p), rows[i].as_line);
                p = cgroup_sock(four, ARRAY_SIZE(four));
                p.core_relos = rows[i].records, p.n_core_relos = rows[i].n, p.core_relo_size = rows[i].size;
                assert_int_equal(verdict_of(&only_cgroup, &p), rows[i].as_relo);
        }
}

/* Random programs: whatever is accepted comes out whole behind its guard, the rest leaves no output. */

static uint64_t next_random(uint64_t *state) {
        *state = *state * 6364136223846793005u + 1442695040888963407u;
        return *state >> 33;
}

#define N_RANDOM 20000
#define RANDOM_INSNS_MAX 40

static size_t random_insns(uint64_t *seed, struct bpf_insn insns[RANDOM_INSNS_MAX]) {
        static const __u8 codes[] = {
                BPF_ALU64 | BPF_MOV | BPF_K, BPF_ALU64 | BPF_ADD | BPF_X,
                BPF_LDX | BPF_MEM | BPF_W,   BPF_JMP | BPF_JA,
                BPF_JMP | BPF_JNE | BPF_K,   BPF_JMP32 | BPF_JLT | BPF_X,
                BPF_JMP | BPF_CALL,          BPF_LD | BPF_IMM | BPF_DW,
                BPF_JMP | BPF_EXIT,
        };
        size_t n = 1 + next_random(seed) % RANDOM_INSNS_MAX;

        for (size_t i = 0; i < n; i++) {
                __s32 distance = (__s32)(next_random(seed) % (n + 2)) - (__s32)i - 2;

                insns[i] = INSN(codes[next_random(seed) % ARRAY_SIZE(codes)], next_random(seed) % 11,
                                next_random(seed) % 5, (__s16)distance, distance);
                if (i > 0 && insns[i - 1].code == (BPF_LD | BPF_IMM | BPF_DW))
                        insns[i].code = 0;
        }
        return n;
}

static void test_random_programs(void **state) {
        size_t n_accepted = 0, n_refused = 0;
        uint64_t seed = 20140601;

        (void)state;
        for (size_t round = 0; round < N_RANDOM; round++) {
                struct bpf_insn insns[RANDOM_INSNS_MAX];
                size_t n = random_insns(&seed, insns);
                uint32_t type = (uint32_t)next_random(&seed) % 33;
                struct bind_program p = program(type, (uint32_t)next_random(&seed) % 58, insns, n);
                struct bpf_line_info lines[2] = {{.insn_off = 0}, {.insn_off = (uint32_t)n - 1}};
                _cleanup_(bound_program_deinit) struct bound_program b = {};
                int r;

                p.line_info = lines, p.n_line_info = n > 1 ? 2 : 1, p.line_info_size = sizeof(lines[0]);
                r = bind_program(&both, &p, &b);
                if (r != BIND_OK) {
                        assert_true(r > 0 && r < N_BIND_VERDICTS);
                        assert_null(b.insns);
                        n_refused++;
                        continue;
                }
                assert_int_equal(b.n_insns, n + b.n_guard);
                assert_memory_equal(b.insns + b.n_guard, insns, n * sizeof(*insns));
                for (size_t i = 1; i < p.n_line_info; i++)
                        assert_int_equal(((struct bpf_line_info *)b.line_info)[i].insn_off,
                                         lines[i].insn_off + b.n_guard);
                n_accepted++;
        }
        assert_true(n_accepted > N_RANDOM / 100);
        assert_true(n_refused > N_RANDOM / 100);
}

static void test_words(void **state) {
        _cleanup_text_ struct text t = TEXT_INIT;

        (void)state;
        for (int v = 0; v < N_BIND_VERDICTS; v++) {
                text_clear(&t);
                bind_explain(v, "cgroup_sock", BPF_PROG_TYPE_CGROUP_SOCK, &t);
                assert_non_null(strstr(text_get(&t), "cgroup_sock program"));
                assert_int_equal(strncmp(bind_verdict_name(v), "bind-", 5), 0);
                for (int other = 0; other < v; other++)
                        assert_string_not_equal(bind_verdict_name(v), bind_verdict_name(other));
        }
        assert_string_equal(bind_verdict_name(BIND_E_TYPE), "bind-type");
        text_clear(&t);
        bind_explain(BIND_E_TYPE, "ext", BPF_PROG_TYPE_EXT, &t);
        assert_non_null(strstr(text_get(&t), "replaces a part of another program"));
        text_clear(&t);
        bind_explain(BIND_E_TYPE, "new", 99, &t);
        assert_non_null(strstr(text_get(&t), "not known"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_table_is_complete),
                cmocka_unit_test(test_attach_types_of_each_type),
                cmocka_unit_test(test_neutral_verdicts),
                cmocka_unit_test(test_reach_must_name_a_place),
                cmocka_unit_test(test_guard_by_task),
                cmocka_unit_test(test_guard_by_socket),
                cmocka_unit_test(test_guard_by_interface),
                cmocka_unit_test(test_guard_of_most_places),
                cmocka_unit_test(test_hooks_that_decide),
                cmocka_unit_test(test_jumps_stay_inside),
                cmocka_unit_test(test_functions_begin_after_the_entry),
                cmocka_unit_test(test_unknown_forms),
                cmocka_unit_test(test_constants_are_whole),
                cmocka_unit_test(test_length),
                cmocka_unit_test(test_infos_move),
                cmocka_unit_test(test_infos_of_other_sizes),
                cmocka_unit_test(test_hostile_infos),
                cmocka_unit_test(test_random_programs),
                cmocka_unit_test(test_words),
        };

        return cmocka_run_group_tests_name("bind", tests, NULL, NULL);
}
