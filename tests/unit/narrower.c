/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Only narrower: each part of a policy as a pair of a child that is within its
 * parent and one that is not; and what the word means, over random policies: if
 * a child is within its parent, then the parent allows whatever the child does.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "grant/decide.h"
#include "grant/narrower.h"
#include "grant/path.h"
#include "policies.h"

static int setup(void **state) {
        return vocabulary_new((struct vocabulary **)state, NULL, NULL);
}

static int teardown(void **state) {
        vocabulary_free(*state);
        return 0;
}

/* `excesses` is what must be said; "" if the child is within the parent. */
static void assert_excesses(void **state, const char *parent, const char *child, const char *excesses) {
        _cleanup_policy_ struct policy *p = policy_of(*state, parent), *c = policy_of(*state, child);
        _cleanup_text_ struct text out = TEXT_INIT;
        int wanted = *excesses ? NARROWER_E_EXCESS : 0;

        assert_int_equal(policy_narrower(p, c, *state, &out), wanted);
        assert_string_equal(text_get(&out), excesses);
        assert_int_equal(policy_narrower(p, c, *state, NULL), wanted);
}

#define WITH(lines) "[grant]\ncommands = any\n" lines

static void test_names(void **state) {
        static const char parent[] = WITH("maps = hash array\nprograms = xdp\nattach = xdp lsm_mac\n");

        assert_excesses(state, parent, WITH("maps = array\nattach = xdp\n"), "");
        assert_excesses(state, parent, parent, "");
        assert_excesses(state, parent, WITH("maps = array ringbuf queue\nprograms = xdp sk_lookup\n"),
                        "maps: queue is not in the parent\n"
                        "maps: ringbuf is not in the parent\n"
                        "programs: sk_lookup is not in the parent\n");
        assert_excesses(state, parent, WITH("maps = any\nattach = any\n"),
                        "maps: any is more than the parent's list\n"
                        "attach: any is more than the parent's list\n");
        assert_excesses(state, WITH("maps = any\n"), WITH("maps = any\n"), "");
        assert_excesses(state, WITH("maps = any\n"), WITH("maps = hash\n"), "");
        assert_excesses(state, "[grant]\ncommands = btf_load\n",
                        "[grant]\ncommands = btf_load enable_stats\n",
                        "commands: enable_stats is not in the parent\n");
}

static void test_verifier(void **state) {
        assert_excesses(state, WITH("verifier = trusted\n"), WITH("verifier = strict\n"), "");
        assert_excesses(state, WITH("verifier = trusted\n"), WITH("verifier = trusted\n"), "");
        assert_excesses(state, WITH(""), WITH("verifier = trusted\n"),
                        "verifier: trusted is more than the parent's strict\n");
}

static void test_reach_cgroup(void **state) {
        static const char parent[] = WITH("[reach]\ncgroup = /a /b/c\n");

        assert_excesses(state, parent, WITH("[reach]\ncgroup = /b/c\n"), "");
        assert_excesses(state, parent, WITH("[reach]\ncgroup = /a/x /a /b/c/d/e\n"), "");
        assert_excesses(state, parent, WITH("[reach]\ncgroup = /ab /b /\n"),
                        "reach cgroup: /ab is not within the parent's\n"
                        "reach cgroup: /b is not within the parent's\n"
                        "reach cgroup: / is not within the parent's\n");
        assert_excesses(state, parent, WITH(""),
                        "reach cgroup: the child names none, the parent confines it\n");
        assert_excesses(state, WITH("[reach]\ncgroup = /\n"), WITH("[reach]\ncgroup = /any/where\n"), "");
        assert_excesses(state, WITH(""), parent, "");
}

static void test_reach_by_name(void **state) {
        assert_excesses(state, WITH("[reach]\ninterface = eth0 eth1\n"), WITH("[reach]\ninterface = eth1\n"),
                        "");
        assert_excesses(state, WITH("[reach]\ninterface = eth0\n"), WITH("[reach]\ninterface = eth0.5\n"),
                        "reach interface: eth0.5 is not within the parent's\n");
        assert_excesses(state, WITH("[reach]\ntracepoint = a:b c:d\n"), WITH("[reach]\ntracepoint = c:d\n"),
                        "");
        assert_excesses(state, WITH("[reach]\ntracepoint = a:b\n"), WITH("[reach]\ntracepoint = a:bc\n"),
                        "reach tracepoint: a:bc is not within the parent's\n");
}

/* A reach refuses the kinds of target that it does not name, so naming one more is more. */
static void test_reach_of_another_kind(void **state) {
        assert_excesses(state, WITH("[reach]\ncgroup = /a\n"),
                        WITH("[reach]\ncgroup = /a\ninterface = eth0\ntracepoint = a:b\n"),
                        "reach interface: eth0: the parent's reach has no interface\n"
                        "reach tracepoint: a:b: the parent's reach has no tracepoint\n");
        assert_excesses(state, WITH("[reach]\ncgroup = /a\ninterface = eth0\n"),
                        WITH("[reach]\ncgroup = /a\n"),
                        "reach interface: the child names none, the parent confines it\n");
}

static void test_budget(void **state) {
        static const char parent[] = WITH("[budget]\nmaps = 4\nmap-bytes = 1M\ntime = 1h\n");

        assert_excesses(state, parent, parent, "");
        assert_excesses(state, parent, WITH("[budget]\nmaps = 0\nmap-bytes = 1K\ntime = 1s\nlinks = 5\n"),
                        "");
        assert_excesses(state, parent, WITH("[budget]\nmaps = 5\nmap-bytes = 2M\ntime = 61m\n"),
                        "budget maps: 5 is more than the parent's 4\n"
                        "budget map-bytes: 2M is more than the parent's 1M\n"
                        "budget time: 61m is more than the parent's 1h\n");
        assert_excesses(state, parent, WITH("[budget]\nmaps = 4\n"),
                        "budget map-bytes: no limit is more than the parent's 1M\n"
                        "budget time: no limit is more than the parent's 1h\n");
        assert_excesses(state, WITH(""), parent, "");
}

static void test_pins(void **state) {
        static const char parent[] = WITH("[access]\npins = /sys/fs/bpf/a\n");

        assert_excesses(state, parent, WITH(""), "");
        assert_excesses(state, parent, parent, "");
        assert_excesses(state, parent, WITH("[access]\npins = /sys/fs/bpf/a/b\n"), "");
        assert_excesses(state, parent, WITH("[access]\npins = /sys/fs/bpf/ab\n"),
                        "access pins: /sys/fs/bpf/ab is not at or below the parent's /sys/fs/bpf/a\n");
        assert_excesses(state, WITH(""), parent, "access pins: /sys/fs/bpf/a, and the parent may not pin\n");
}

/* Who may pick a grant up is not part of what it may do. */
static void test_access_is_no_authority(void **state) {
        assert_excesses(state, WITH("[access]\nuser = a\nmode = 0600\nholders = 1\nderive = no\n"),
                        WITH("[access]\nuser = b\ngroup = c\nmode = 0666\nholders = 9\nderive = yes\n"), "");
}

static void test_paths(void **state _unused_) {
        static const struct {
                const char *path, *normal;
        } rows[] = {
                {"/", "/"},         {"/a", "/a"},
                {"/a/b", "/a/b"},   {"", "/"},
                {"a", "/a"},        {"//", "/"},
                {"/a/", "/a"},      {"/a//b", "/a/b"},
                {"/a/./b", "/a/b"}, {"/a/../b", "/b"},
                {"/..", "/"},       {"/../../a", "/a"},
                {"/a/..", "/"},     {"/.a/..b", "/.a/..b"},
                {".", "/"},         {"/a/b/../..", "/"},
        };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                _cleanup_text_ struct text out = TEXT_INIT;

                text_append(&out, "before/");
                path_normalise(rows[i].path, &out);
                assert_string_equal(text_get(&out) + 7, rows[i].normal);
                assert_int_equal(path_is_normal(rows[i].path), strcmp(rows[i].path, rows[i].normal) == 0);
                assert_true(path_is_normal(rows[i].normal));
        }
        assert_true(path_is_within("/a", "/a"));
        assert_true(path_is_within("/a/b", "/a"));
        assert_true(path_is_within("/a", "/"));
        assert_true(path_is_within("/", "/"));
        assert_false(path_is_within("/", "/a"));
        assert_false(path_is_within("/ab", "/a"));
        assert_false(path_is_within("/a", "/a/b"));
}

static bool is_within_any(const struct word_list *l, const char *path) {
        for (size_t i = 0; i < l->n_words; i++)
                if (path_is_within(path, l->words[i]))
                        return true;
        return false;
}

static bool is_among(const struct word_list *l, const char *word) {
        for (size_t i = 0; i < l->n_words; i++)
                if (strcmp(word, l->words[i]) == 0)
                        return true;
        return false;
}

/* A random call, without what depends on the policy that it is held against. */
static struct ask random_ask(struct dice *d) {
        struct ask a = {
                .command = (uint32_t)dice_below(d, 40),
                .makes_map = dice_one_in(d, 3),
                .map.type = (uint32_t)dice_below(d, 36),
                .map_bytes = dice_one_in(d, 5) ? UINT64_MAX : dice_below(d, 1 << 20),
                .loads_program = dice_one_in(d, 3),
                .prog_type = (uint32_t)dice_below(d, 35),
                .blind_filter = dice_one_in(d, 4),
                .names_attach_type = dice_one_in(d, 2),
                .prog_attach_type = (uint32_t)dice_below(d, 60),
                .is_signed = dice_one_in(d, 8),
                .attaches = dice_one_in(d, 2),
                .attach_type = (uint32_t)dice_below(d, 60),
                .target = (enum ask_target)dice_below(d, 4),
                .foreign_program = dice_one_in(d, 8),
                .foreign_object = dice_one_in(d, 20),
        };

        return a;
}

/* Holds the call against a policy: the target is a place that every policy judges for itself. */
static enum decide_verdict decide_at(const struct policy *p, struct ask a, const char *cgroup,
                                     const char *interface) {
        if (a.target == TARGET_CGROUP)
                a.target_in_reach = is_within_any(&p->reach.cgroups, cgroup);
        else if (a.target == TARGET_INTERFACE)
                a.target_in_reach = is_among(&p->reach.interfaces, interface);
        return decide(p, &a);
}

/*
 * Makes the child a random cut of its parent, so that many pairs are within one
 * another; then, half the time, adds one random thing.
 */
static struct policy *random_child(struct dice *d, struct vocabulary *v, const struct policy *parent) {
        struct policy *c = policy_random(d, v);
        struct name_set *sets[] = {&c->commands, &c->maps, &c->programs, &c->attach};
        const struct name_set *of_parent[] = {&parent->commands, &parent->maps, &parent->programs,
                                              &parent->attach};

        for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
                if (dice_one_in(d, 10))
                        continue;
                if (sets[i]->any || dice_one_in(d, 2))
                        *sets[i] = *of_parent[i];
                else if (!of_parent[i]->any)
                        for (size_t k = 0; k < ARRAY_SIZE(sets[i]->bits); k++)
                                sets[i]->bits[k] &= of_parent[i]->bits[k];
        }
        if (!dice_one_in(d, 10) && c->verifier > parent->verifier)
                c->verifier = parent->verifier;
        for (size_t i = 0; i < N_BUDGET_ITEMS; i++)
                if (!dice_one_in(d, 20) && c->budget[i] > parent->budget[i])
                        c->budget[i] = parent->budget[i];
        if (!parent->access.pins && !dice_one_in(d, 10)) {
                free(c->access.pins);
                c->access.pins = NULL;
        }
        return c;
}

static void test_parent_allows_what_child_does(void **state) {
        struct dice d = {.state = 0x9a88ed};
        unsigned n_within = 0, n_allowed = 0, n_told = 0, n_confined = 0;

        for (unsigned i = 0; i < 20000; i++) {
                _cleanup_policy_ struct policy *parent = policy_random(&d, *state),
                                               *child = random_child(&d, *state, parent);
                _cleanup_text_ struct text out = TEXT_INIT;
                bool within = policy_narrower(parent, child, *state, &out) == 0;

                assert_int_equal(within, out.length == 0);
                n_told += !within;
                if (!within)
                        continue;
                n_within++;
                n_confined += policy_has_reach(child);
                for (unsigned k = 0; k < 300; k++) {
                        struct ask a = random_ask(&d);
                        const char *cgroup = some_cgroups[dice_below(&d, ARRAY_SIZE(some_cgroups))];
                        const char *interface = some_interfaces[dice_below(&d, ARRAY_SIZE(some_interfaces))];

                        if (decide_at(child, a, cgroup, interface) != DECIDE_ALLOW)
                                continue;
                        assert_int_equal(decide_at(parent, a, cgroup, interface), DECIDE_ALLOW);
                        n_allowed++;
                }
                for (size_t item = 0; item < N_BUDGET_ITEMS; item++)
                        assert_true(child->budget[item] <= parent->budget[item]);
                assert_int_equal(policy_capabilities(child) & ~policy_capabilities(parent), 0);
        }
        print_message("# %u within (%u with reach), %u not, %u allowed calls\n", n_within, n_confined,
                      n_told, n_allowed);
        assert_true(n_within > 500 && n_confined > 50 && n_told > 500 && n_allowed > 5000);
}

/* Within is an order: reflexive, and what is within within is within. */
static void test_within_is_an_order(void **state) {
        struct dice d = {.state = 0x0bde5};
        unsigned n_chains = 0;

        for (unsigned i = 0; i < 30000; i++) {
                _cleanup_policy_ struct policy *a = policy_random(&d, *state),
                                               *b = random_child(&d, *state, a),
                                               *c = random_child(&d, *state, b);

                assert_int_equal(policy_narrower(a, a, *state, NULL), 0);
                if (policy_narrower(a, b, *state, NULL) != 0 || policy_narrower(b, c, *state, NULL) != 0)
                        continue;
                n_chains++;
                assert_int_equal(policy_narrower(a, c, *state, NULL), 0);
        }
        assert_true(n_chains > 20);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_names, setup, teardown),
                cmocka_unit_test_setup_teardown(test_verifier, setup, teardown),
                cmocka_unit_test_setup_teardown(test_reach_cgroup, setup, teardown),
                cmocka_unit_test_setup_teardown(test_reach_by_name, setup, teardown),
                cmocka_unit_test_setup_teardown(test_reach_of_another_kind, setup, teardown),
                cmocka_unit_test_setup_teardown(test_budget, setup, teardown),
                cmocka_unit_test_setup_teardown(test_pins, setup, teardown),
                cmocka_unit_test_setup_teardown(test_access_is_no_authority, setup, teardown),
                cmocka_unit_test(test_paths),
                cmocka_unit_test_setup_teardown(test_parent_allows_what_child_does, setup, teardown),
                cmocka_unit_test_setup_teardown(test_within_is_an_order, setup, teardown),
        };

        return cmocka_run_group_tests_name("narrower", tests, NULL, NULL);
}
