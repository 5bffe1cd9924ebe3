/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a policy allows and what it refuses: every verdict in pairs of a call
 * that is allowed and its twin that is not, the order of the verdicts, the
 * sentence that each of them says, and the capabilities that follow.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/capability.h>

#include "grant/decide.h"
#include "policies.h"

static int setup(void **state) {
        return vocabulary_new((struct vocabulary **)state, NULL, NULL);
}

static int teardown(void **state) {
        vocabulary_free(*state);
        return 0;
}

static const char counter[] =
        "[grant]\n"
        "commands = map_create prog_load link_create prog_attach prog_detach prog_query\n"
        "maps = hash array\n"
        "programs = cgroup_skb cgroup_sock xdp\n"
        "attach = cgroup_inet_ingress cgroup_inet_sock_create xdp\n";

static const char reaching[] = "[grant]\n"
                               "commands = any\n"
                               "maps = any\n"
                               "programs = any\n"
                               "verifier = trusted\n"
                               "attach = any\n"
                               "[reach]\n"
                               "cgroup = /web\n";

static const struct ask make_hash = {
        .command = BPF_MAP_CREATE,
        .makes_map = true,
        .map = {.type = BPF_MAP_TYPE_HASH},
        .map_bytes = 4096,
};

static const struct ask load_skb = {
        .command = BPF_PROG_LOAD,
        .loads_program = true,
        .prog_type = BPF_PROG_TYPE_CGROUP_SKB,
        .names_attach_type = true,
        .prog_attach_type = BPF_CGROUP_INET_INGRESS,
        .instructions = 2,
};

static const struct ask link_cgroup = {
        .command = BPF_LINK_CREATE,
        .attaches = true,
        .makes_link = true,
        .attach_type = BPF_CGROUP_INET_INGRESS,
        .target = TARGET_CGROUP,
        .target_in_reach = true,
};

#define assert_decides(state, text, verdict, base, ...)                                                     \
        do {                                                                                                \
                _cleanup_policy_ struct policy *_p = policy_of(*(state), (text));                           \
                struct ask a = (base);                                                                      \
                                                                                                            \
                __VA_ARGS__;                                                                                \
                assert_int_equal(decide(_p, &a), (verdict));                                                \
        } while (0)

static void test_command(void **state) {
        assert_decides(state, counter, DECIDE_ALLOW, make_hash);
        assert_decides(state, counter, DECIDE_E_COMMAND, make_hash, a.command = BPF_BTF_LOAD);
        assert_decides(state, "[grant]\ncommands = any\nmaps = hash\n", DECIDE_ALLOW, make_hash);
        /* A command of a later kernel is within `any`, and in no list. */
        assert_decides(state, "[grant]\ncommands = any\n", DECIDE_ALLOW, (struct ask) {.command = 1000});
        assert_decides(state, counter, DECIDE_E_COMMAND, (struct ask) {.command = 1000});
        assert_decides(state, counter, DECIDE_E_COMMAND, (struct ask) {.command = UINT32_MAX});
}

static void test_expired(void **state) {
        assert_decides(state, counter, DECIDE_E_EXPIRED, make_hash, a.expired = true);
        assert_decides(state, counter, DECIDE_E_EXPIRED, (struct ask) {.command = 1000}, a.expired = true);
}

static void test_map_type(void **state) {
        assert_decides(state, counter, DECIDE_ALLOW, make_hash, a.map.type = BPF_MAP_TYPE_ARRAY);
        assert_decides(state, counter, DECIDE_E_MAP_TYPE, make_hash, a.map.type = BPF_MAP_TYPE_RINGBUF);
        assert_decides(state, counter, DECIDE_E_MAP_TYPE, make_hash, a.map.type = 0);
        assert_decides(state, counter, DECIDE_E_MAP_TYPE, make_hash, a.map.type = UINT32_MAX);
}

static void test_map_unbounded(void **state) {
        static const char any[] = "[grant]\ncommands = any\nmaps = any\n";
        static const char bounded[] = "[grant]\ncommands = any\nmaps = any\n[budget]\nmap-bytes = 1M\n";

        assert_decides(state, any, DECIDE_ALLOW, make_hash, a.map_bytes = UINT64_MAX);
        assert_decides(state, bounded, DECIDE_E_MAP_UNBOUNDED, make_hash, a.map_bytes = UINT64_MAX);
        assert_decides(state, bounded, DECIDE_ALLOW, make_hash, a.map_bytes = UINT64_MAX - 1);
}

static void test_prog_type(void **state) {
        assert_decides(state, counter, DECIDE_ALLOW, load_skb);
        assert_decides(state, counter, DECIDE_E_PROG_TYPE, load_skb, a.prog_type = BPF_PROG_TYPE_KPROBE);
        assert_decides(state, counter, DECIDE_E_PROG_TYPE, load_skb, a.prog_type = 999);
}

static void test_blind_filter(void **state) {
        const struct ask filter = {.command = BPF_PROG_LOAD,
                                   .loads_program = true,
                                   .prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
                                   .instructions = 2,
                                   .blind_filter = true};

        assert_decides(state, counter, DECIDE_ALLOW, filter);
        assert_decides(state, counter, DECIDE_E_PROG_TYPE, filter, a.blind_filter = false);
        assert_decides(state, counter, DECIDE_E_PROG_TYPE, filter, a.prog_type = BPF_PROG_TYPE_KPROBE);
        assert_decides(state, "[grant]\ncommands = map_create\nmaps = hash\n", DECIDE_E_COMMAND, filter);
}

static void test_prog_attach_type(void **state) {
        assert_decides(state, counter, DECIDE_E_PROG_ATTACH_TYPE, load_skb,
                       a.prog_attach_type = BPF_CGROUP_INET_EGRESS);
        /* Not meant, so not looked at. */
        assert_decides(state, counter, DECIDE_ALLOW, load_skb, a.prog_attach_type = BPF_CGROUP_INET_EGRESS,
                       a.names_attach_type = false);
}

/* The kernel takes 0 of a cgroup_sock for sock_create: that is what must be granted, and not ingress. */
static void test_prog_attach_type_is_what_the_kernel_makes_of_it(void **state) {
        static const char ingress[] = "[grant]\ncommands = prog_load\nprograms = cgroup_sock\n"
                                      "attach = cgroup_inet_ingress\n";
        static const char create[] = "[grant]\ncommands = prog_load\nprograms = cgroup_sock\n"
                                     "attach = cgroup_inet_sock_create\n";

        assert_decides(state, create, DECIDE_ALLOW, load_skb, a.prog_type = BPF_PROG_TYPE_CGROUP_SOCK);
        assert_decides(state, ingress, DECIDE_E_PROG_ATTACH_TYPE, load_skb,
                       a.prog_type = BPF_PROG_TYPE_CGROUP_SOCK);
}

static void test_read_only_map(void **state) {
        assert_decides(state, counter, DECIDE_E_READ_ONLY_MAP, load_skb, a.read_only_map = true);
        assert_decides(state, reaching, DECIDE_E_READ_ONLY_MAP, load_skb, a.read_only_map = true);
}

static void test_signed(void **state) {
        assert_decides(state, counter, DECIDE_ALLOW, load_skb, a.is_signed = true);
        assert_decides(state, reaching, DECIDE_ALLOW, load_skb);
        assert_decides(state, reaching, DECIDE_E_SIGNED, load_skb, a.is_signed = true);
}

static void test_attach_type(void **state) {
        static const uint32_t commands[] = {BPF_LINK_CREATE, BPF_PROG_ATTACH, BPF_PROG_DETACH,
                                            BPF_PROG_QUERY};

        for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
                assert_decides(state, counter, DECIDE_ALLOW, link_cgroup, a.command = commands[i]);
                assert_decides(state, counter, DECIDE_E_ATTACH_TYPE, link_cgroup, a.command = commands[i],
                               a.attach_type = BPF_CGROUP_INET_EGRESS);
                assert_decides(state, counter, DECIDE_E_ATTACH_TYPE, link_cgroup, a.command = commands[i],
                               a.attach_type = UINT32_MAX);
        }
}

static void test_without_reach_any_target(void **state) {
        for (enum ask_target target = TARGET_NONE; target <= TARGET_OTHER; target++)
                assert_decides(state, counter, DECIDE_ALLOW, link_cgroup, a.target = target,
                               a.target_in_reach = false, a.foreign_program = true);
}

static void test_target_reach(void **state) {
        static const uint32_t commands[] = {BPF_LINK_CREATE, BPF_PROG_ATTACH, BPF_PROG_DETACH,
                                            BPF_PROG_QUERY};

        for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
                assert_decides(state, reaching, DECIDE_ALLOW, link_cgroup, a.command = commands[i]);
                assert_decides(state, reaching, DECIDE_E_TARGET_REACH, link_cgroup, a.command = commands[i],
                               a.target_in_reach = false);
        }
}

static void test_target_kind(void **state) {
        static const char interface[] = "[grant]\ncommands = any\nattach = any\n[reach]\ninterface = eth0\n";
        static const char tracepoint[] =
                "[grant]\ncommands = any\nattach = any\n[reach]\ntracepoint = sched:sched_switch\n";

        assert_decides(state, reaching, DECIDE_E_TARGET_KIND, link_cgroup, a.target = TARGET_INTERFACE,
                       a.attach_type = BPF_XDP);
        assert_decides(state, reaching, DECIDE_E_TARGET_KIND, link_cgroup, a.target = TARGET_OTHER);
        assert_decides(state, interface, DECIDE_ALLOW, link_cgroup, a.target = TARGET_INTERFACE,
                       a.attach_type = BPF_XDP);
        assert_decides(state, interface, DECIDE_E_TARGET_REACH, link_cgroup, a.target = TARGET_INTERFACE,
                       a.attach_type = BPF_XDP, a.target_in_reach = false);
        assert_decides(state, interface, DECIDE_E_TARGET_KIND, link_cgroup);
        assert_decides(state, tracepoint, DECIDE_E_TARGET_KIND, link_cgroup);
        assert_decides(state, tracepoint, DECIDE_E_TARGET_KIND, link_cgroup, a.target = TARGET_INTERFACE);
}

static void test_no_target(void **state) {
        assert_decides(state, reaching, DECIDE_ALLOW, link_cgroup, a.target = TARGET_NONE,
                       a.attach_type = BPF_TRACE_FENTRY);
        assert_decides(state, reaching, DECIDE_ALLOW, link_cgroup, a.target = TARGET_NONE,
                       a.command = BPF_RAW_TRACEPOINT_OPEN, a.attach_type = 0);
        /* A cgroup that could not be identified is not "no target". */
        assert_decides(state, reaching, DECIDE_E_TARGET_KIND, link_cgroup, a.target = TARGET_NONE);
        assert_decides(state, reaching, DECIDE_E_TARGET_KIND, link_cgroup, a.target = TARGET_NONE,
                       a.attach_type = BPF_XDP);
}

static void test_foreign_program(void **state) {
        assert_decides(state, reaching, DECIDE_E_FOREIGN_PROGRAM, link_cgroup, a.foreign_program = true);
        assert_decides(state, reaching, DECIDE_E_FOREIGN_PROGRAM, link_cgroup, a.foreign_program = true,
                       a.target = TARGET_NONE, a.attach_type = BPF_TRACE_FENTRY);
        assert_decides(state, reaching, DECIDE_ALLOW, link_cgroup, a.foreign_program = true,
                       a.command = BPF_PROG_QUERY);
        assert_decides(state, counter, DECIDE_ALLOW, link_cgroup, a.foreign_program = true);
}

static void test_origin(void **state) {
        const struct ask by_id = {.command = BPF_MAP_GET_FD_BY_ID};

        assert_decides(state, reaching, DECIDE_ALLOW, by_id);
        assert_decides(state, reaching, DECIDE_E_FOREIGN_OBJECT, by_id, a.foreign_object = true);
        assert_decides(state, "[grant]\ncommands = any\n", DECIDE_E_FOREIGN_OBJECT, by_id,
                       a.foreign_object = true);
        assert_decides(state, counter, DECIDE_E_NETNS, link_cgroup, a.target = TARGET_INTERFACE,
                       a.attach_type = BPF_XDP, a.other_netns = true);
}

/* A call that is wrong in every way is refused for one thing after the other, in the order of the enum. */
static void test_order(void **state) {
        _cleanup_policy_ struct policy *p = policy_of(*state, reaching);
        struct ask a = {
                .command = BPF_MAP_CREATE,
                .expired = true,
                .makes_map = true,
                .map.type = BPF_MAP_TYPE_TASK_STORAGE,
                .map_bytes = UINT64_MAX,
                .loads_program = true,
                .prog_type = BPF_PROG_TYPE_CGROUP_SKB,
                .names_attach_type = true,
                .prog_attach_type = 1,
                .read_only_map = true,
                .is_signed = true,
                .attaches = true,
                .attach_type = BPF_CGROUP_INET_INGRESS,
                .target = TARGET_CGROUP,
                .foreign_program = true,
                .foreign_object = true,
                .other_netns = true,
        };

        p->budget[BUDGET_MAP_BYTES] = 5;
        p->commands = p->maps = p->programs = p->attach = (struct name_set) {};
        assert_int_equal(decide(p, &a), DECIDE_E_EXPIRED);
        a.expired = false;
        assert_int_equal(decide(p, &a), DECIDE_E_COMMAND);
        p->commands.any = true;
        assert_int_equal(decide(p, &a), DECIDE_E_MAP_TYPE);
        p->maps.any = true;
        assert_int_equal(decide(p, &a), DECIDE_E_MAP_UNBOUNDED);
        a.map_bytes = 5;
        assert_int_equal(decide(p, &a), DECIDE_E_PROG_TYPE);
        p->programs.any = true;
        assert_int_equal(decide(p, &a), DECIDE_E_PROG_ATTACH_TYPE);
        name_set_add(&p->attach, 1);
        assert_int_equal(decide(p, &a), DECIDE_E_READ_ONLY_MAP);
        a.read_only_map = false;
        assert_int_equal(decide(p, &a), DECIDE_E_SIGNED);
        a.is_signed = false;
        assert_int_equal(decide(p, &a), DECIDE_E_ATTACH_TYPE);
        p->attach.any = true;
        assert_int_equal(decide(p, &a), DECIDE_E_TARGET_REACH);
        a.target = TARGET_OTHER;
        assert_int_equal(decide(p, &a), DECIDE_E_TARGET_KIND);
        a.target = TARGET_CGROUP;
        a.target_in_reach = true;
        assert_int_equal(decide(p, &a), DECIDE_E_FOREIGN_PROGRAM);
        a.foreign_program = false;
        assert_int_equal(decide(p, &a), DECIDE_E_FOREIGN_OBJECT);
        a.foreign_object = false;
        assert_int_equal(decide(p, &a), DECIDE_E_NETNS);
        a.other_netns = false;
        assert_int_equal(decide(p, &a), DECIDE_ALLOW);
}

static void assert_explains(struct vocabulary *v, const char *policy, struct ask a,
                            enum decide_verdict verdict, const char *sentence) {
        _cleanup_policy_ struct policy *p = policy_of(v, policy);
        _cleanup_text_ struct text out = TEXT_INIT;

        decide_explain(p, v, &a, verdict, &out);
        assert_string_equal(text_get(&out), sentence);
}

static void test_sentences_of_types(void **state) {
        struct ask ringbuf = make_hash, kprobe = {.loads_program = true, .prog_type = BPF_PROG_TYPE_KPROBE};
        struct ask nameless = make_hash, egress = load_skb, link = link_cgroup;

        ringbuf.map.type = BPF_MAP_TYPE_RINGBUF;
        nameless.map.type = 200;
        egress.prog_attach_type = link.attach_type = BPF_CGROUP_INET_EGRESS;
        assert_explains(*state, counter, ringbuf, DECIDE_E_MAP_TYPE,
                        "map type ringbuf is not granted: add \"ringbuf\" to \"maps\" (dir/test.grant:3)");
        assert_explains(*state, "\n[grant]\ncommands = btf_load\n", ringbuf, DECIDE_E_MAP_TYPE,
                        "map type ringbuf is not granted: add a line \"maps = ringbuf\" below [grant] "
                        "(dir/test.grant:2)");
        assert_explains(*state, counter, nameless, DECIDE_E_MAP_TYPE,
                        "map type number 200 is not granted: this kernel's names do not have it, only "
                        "\"maps = any\" would grant it (dir/test.grant:3)");
        assert_explains(*state, counter, kprobe, DECIDE_E_PROG_TYPE,
                        "program type kprobe is not granted: add \"kprobe\" to \"programs\" "
                        "(dir/test.grant:4), and a line \"verifier = trusted\", since tracing programs can "
                        "read kernel memory (dir/test.grant:1)");
        assert_explains(
                *state, counter, egress, DECIDE_E_PROG_ATTACH_TYPE,
                "a program of type cgroup_skb is loaded for attach type cgroup_inet_egress, which is "
                "not granted: add \"cgroup_inet_egress\" to \"attach\" (dir/test.grant:5)");
        assert_explains(*state, counter, link, DECIDE_E_ATTACH_TYPE,
                        "attach type cgroup_inet_egress is not granted: add \"cgroup_inet_egress\" to "
                        "\"attach\" (dir/test.grant:5)");
}

static void test_sentences_of_commands(void **state) {
        assert_explains(
                *state, counter, (struct ask) {.command = BPF_BTF_LOAD}, DECIDE_E_COMMAND,
                "command btf_load is not granted: add \"btf_load\" to \"commands\" (dir/test.grant:2)");
        assert_explains(
                *state, "[grant]\ncommands = btf_load\n", make_hash, DECIDE_E_COMMAND,
                "command map_create is not granted: add \"map_create\" to \"commands\" "
                "(dir/test.grant:2), and add a line \"maps = hash\" below [grant] (dir/test.grant:1)");
}

static void test_sentences_of_budgets(void **state) {
        static const char spent[] =
                "[grant]\ncommands = any\n[budget]\nmaps = 4\nmap-bytes = 64M\nprograms = 0\n"
                "instructions = 100\ntime = 8h\n";

        assert_explains(*state, spent, make_hash, DECIDE_E_BUDGET_MAPS,
                        "[budget] maps = 4 is used up (dir/test.grant:4): raise it, or close maps that are "
                        "no longer needed");
        assert_explains(
                *state, spent, make_hash, DECIDE_E_BUDGET_MAP_BYTES,
                "[budget] map-bytes = 64M has too little left for 4096 bytes (dir/test.grant:5): raise "
                "it, or make the map smaller, or close others");
        assert_explains(*state, spent, load_skb, DECIDE_E_BUDGET_PROGRAMS,
                        "[budget] programs = 0 grants none (dir/test.grant:6): raise it");
        assert_explains(*state, spent, (struct ask) {.loads_program = true, .instructions = 101},
                        DECIDE_E_BUDGET_INSTRUCTIONS,
                        "[budget] instructions = 100 is too little for 101 instructions (dir/test.grant:7): "
                        "raise it");
        assert_explains(*state, spent, make_hash, DECIDE_E_EXPIRED,
                        "the grant's time is over: start again under it, or raise [budget] time = 8h "
                        "(dir/test.grant:8)");
}

static void test_sentences_of_reach(void **state) {
        struct ask interface = link_cgroup;

        interface.target = TARGET_INTERFACE;
        assert_explains(
                *state, reaching, link_cgroup, DECIDE_E_TARGET_REACH,
                "the cgroup is outside the grant's reach: attach within [reach] cgroup = /web, or add "
                "to it (dir/test.grant:8)");
        assert_explains(*state, reaching, interface, DECIDE_E_TARGET_KIND,
                        "[reach] names no interface, so nothing may be attached to one: add a line "
                        "\"interface = NAME\" below [reach] (dir/test.grant:7)");
}

/* Every verdict says something of its own, also without a file, and no sentence has a second line. */
static void test_every_verdict_has_name_and_sentence(void **state) {
        _cleanup_policy_ struct policy *p = policy_of(*state, reaching);
        const char *names[N_DECIDE_VERDICTS];

        free(p->file);
        p->file = NULL;
        for (enum decide_verdict v = DECIDE_ALLOW; v < N_DECIDE_VERDICTS; v++) {
                _cleanup_text_ struct text out = TEXT_INIT;

                decide_explain(p, *state, &link_cgroup, v, &out);
                assert_true(out.length > 10);
                assert_null(strchr(text_get(&out), '\n'));
                assert_null(strstr(text_get(&out), "(null)"));
                names[v] = decide_verdict_name(v);
                for (enum decide_verdict other = DECIDE_ALLOW; other < v; other++)
                        assert_string_not_equal(names[v], names[other]);
        }
        assert_int_equal(decide_verdict_key(DECIDE_E_MAP_TYPE), KEY_MAPS);
        assert_int_equal(decide_verdict_key(DECIDE_E_BUDGET_LINKS), KEY_BUDGET_LINKS);
        assert_int_equal(decide_verdict_key(DECIDE_E_NETNS), N_POLICY_KEYS);
}

#define BPF (UINT64_C(1) << CAP_BPF)
#define NET_ADMIN (UINT64_C(1) << CAP_NET_ADMIN)
#define PERFMON (UINT64_C(1) << CAP_PERFMON)

static void test_capabilities(void **state) {
        static const struct {
                const char *policy;
                uint64_t capabilities;
        } rows[] = {
                {"[grant]\ncommands = map_create\nmaps = hash array\n", BPF},
                {"[grant]\ncommands = map_create\nmaps = hash devmap\n", BPF | NET_ADMIN},
                {"[grant]\ncommands = map_create\nmaps = any\n", BPF | NET_ADMIN},
                {"[grant]\ncommands = btf_load\n", BPF},
                {"[grant]\ncommands = obj_get_info_by_fd\n", BPF},
                {"[grant]\ncommands = map_get_next_id\n", 0},
                {"[grant]\ncommands = map_get_next_id\nverifier = trusted\n", PERFMON},
                {"[grant]\ncommands = prog_load\nprograms = cgroup_skb sk_lookup\n", BPF},
                {"[grant]\ncommands = prog_load\nprograms = cgroup_sock\n", BPF | NET_ADMIN},
                {"[grant]\ncommands = prog_load\nprograms = cgroup_skb\nverifier = trusted\n",
                 BPF | PERFMON},
                {"[grant]\ncommands = prog_load\nprograms = kprobe\nverifier = trusted\n", BPF | PERFMON},
                {"[grant]\ncommands = prog_load\nprograms = any\nverifier = trusted\n",
                 BPF | NET_ADMIN | PERFMON},
                {"[grant]\ncommands = link_create\nattach = cgroup_inet_egress\n", NET_ADMIN},
                {"[grant]\ncommands = link_create\nattach = cgroup_inet_sock_create\n", 0},
                {"[grant]\ncommands = prog_attach\nattach = any\n", NET_ADMIN},
                {"[grant]\ncommands = prog_detach\nattach = cgroup_inet_egress\n", 0},
                {"[grant]\ncommands = prog_query\nattach = cgroup_inet_sock_create\n", NET_ADMIN},
                {"[grant]\ncommands = any\n", BPF | NET_ADMIN},
        };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                _cleanup_policy_ struct policy *p = policy_of(*state, rows[i].policy);

                if (policy_capabilities(p) != rows[i].capabilities)
                        print_message("%s", rows[i].policy);
                assert_int_equal(policy_capabilities(p), rows[i].capabilities);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_command, setup, teardown),
                cmocka_unit_test_setup_teardown(test_expired, setup, teardown),
                cmocka_unit_test_setup_teardown(test_map_type, setup, teardown),
                cmocka_unit_test_setup_teardown(test_map_unbounded, setup, teardown),
                cmocka_unit_test_setup_teardown(test_prog_type, setup, teardown),
                cmocka_unit_test_setup_teardown(test_blind_filter, setup, teardown),
                cmocka_unit_test_setup_teardown(test_prog_attach_type, setup, teardown),
                cmocka_unit_test_setup_teardown(test_prog_attach_type_is_what_the_kernel_makes_of_it, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_read_only_map, setup, teardown),
                cmocka_unit_test_setup_teardown(test_signed, setup, teardown),
                cmocka_unit_test_setup_teardown(test_attach_type, setup, teardown),
                cmocka_unit_test_setup_teardown(test_without_reach_any_target, setup, teardown),
                cmocka_unit_test_setup_teardown(test_target_reach, setup, teardown),
                cmocka_unit_test_setup_teardown(test_target_kind, setup, teardown),
                cmocka_unit_test_setup_teardown(test_no_target, setup, teardown),
                cmocka_unit_test_setup_teardown(test_foreign_program, setup, teardown),
                cmocka_unit_test_setup_teardown(test_origin, setup, teardown),
                cmocka_unit_test_setup_teardown(test_order, setup, teardown),
                cmocka_unit_test_setup_teardown(test_sentences_of_types, setup, teardown),
                cmocka_unit_test_setup_teardown(test_sentences_of_commands, setup, teardown),
                cmocka_unit_test_setup_teardown(test_sentences_of_budgets, setup, teardown),
                cmocka_unit_test_setup_teardown(test_sentences_of_reach, setup, teardown),
                cmocka_unit_test_setup_teardown(test_every_verdict_has_name_and_sentence, setup, teardown),
                cmocka_unit_test_setup_teardown(test_capabilities, setup, teardown),
        };

        return cmocka_run_group_tests_name("decide", tests, NULL, NULL);
}
