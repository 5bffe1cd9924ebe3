/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * print(parse(x)) parses to the same policy: for a written example, for every
 * quantity, and for thousands of random policies.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "grant/quantity.h"
#include "policies.h"

static int setup(void **state) {
        return vocabulary_new((struct vocabulary **)state, NULL, NULL);
}

static int teardown(void **state) {
        vocabulary_free(*state);
        return 0;
}

static const char example[] = "[grant]\n"
                              "description = count packets = and more\n"
                              "commands = map_create prog_load btf_load link_create\n"
                              "maps = hash array\n"
                              "programs = cgroup_skb\n"
                              "verifier = strict\n"
                              "attach = cgroup_inet_ingress cgroup_inet_egress\n"
                              "\n"
                              "[reach]\n"
                              "cgroup = /system.slice/web.service /\n"
                              "interface = eth0\n"
                              "tracepoint = sched:sched_switch\n"
                              "\n"
                              "[budget]\n"
                              "maps = 32\n"
                              "map-bytes = 64M\n"
                              "programs = 0\n"
                              "instructions = 100000\n"
                              "links = 16\n"
                              "time = 8h\n"
                              "\n"
                              "[access]\n"
                              "user = web\n"
                              "group = observers\n"
                              "mode = 0660\n"
                              "holders = 4\n"
                              "derive = yes\n"
                              "pins = /sys/fs/bpf/web\n";

static void test_prints_what_was_written(void **state) {
        _cleanup_policy_ struct policy *p = policy_of(*state, example);
        _cleanup_text_ struct text out = TEXT_INIT;

        policy_print(p, *state, &out);
        assert_string_equal(text_get(&out), example);
}

static void test_prints_the_least(void **state) {
        _cleanup_policy_ struct policy *p =
                policy_of(*state, "[grant]\ncommands=ANY\n[access]\nderive=no\n");
        _cleanup_text_ struct text out = TEXT_INIT;

        policy_print(p, *state, &out);
        assert_string_equal(text_get(&out), "[grant]\ncommands = any\nverifier = strict\n");
}

/* Never wider, never silent. */
static void test_says_what_it_cannot_write(void **state) {
        _cleanup_policy_ struct policy *p = policy_of(*state, example), *again = NULL;
        _cleanup_text_ struct text out = TEXT_INIT;

        name_set_add(&p->maps, 200);
        policy_print(p, *state, &out);
        assert_non_null(
                strstr(text_get(&out), "# maps: map type 200 has no name here\nmaps = hash array\n"));
        again = policy_of(*state, text_get(&out));
        assert_false(name_set_has(&again->maps, 200));
}

static void test_random_policies_read_back(void **state) {
        struct dice d = {.state = 0x5eed};

        for (unsigned i = 0; i < 5000; i++) {
                _cleanup_policy_ struct policy *p = policy_random(&d, *state), *again = NULL;
                _cleanup_text_ struct text out = TEXT_INIT, twice = TEXT_INIT;

                policy_print(p, *state, &out);
                again = policy_of(*state, text_get(&out));
                if (!policy_equal(p, again))
                        print_message("%s", text_get(&out));
                assert_true(policy_equal(p, again));
                policy_print(again, *state, &twice);
                assert_string_equal(text_get(&out), text_get(&twice));
        }
}

/* Equality is not blind: two random policies with different text are different. */
static void test_random_policies_differ(void **state) {
        struct dice d = {.state = 0xd1ff};
        unsigned n_different = 0;

        for (unsigned i = 0; i < 1000; i++) {
                _cleanup_policy_ struct policy *a = policy_random(&d, *state),
                                               *b = policy_random(&d, *state);
                _cleanup_text_ struct text text_a = TEXT_INIT, text_b = TEXT_INIT;
                bool same;

                policy_print(a, *state, &text_a);
                policy_print(b, *state, &text_b);
                same = strcmp(text_get(&text_a), text_get(&text_b)) == 0;
                assert_int_equal(policy_equal(a, b), same);
                n_different += !same;
        }
        assert_true(n_different > 900);
}

static void test_quantities(void **state _unused_) {
        static const struct {
                uint64_t value;
                const char *size, *duration;
        } rows[] = {
                {0, "0", "0ns"},
                {1, "1", "1ns"},
                {1000, "1000", "1us"},
                {1024, "1K", "1024ns"},
                {1536, "1536", "1536ns"},
                {64 << 20, "64M", "67108864ns"},
                {UINT64_C(3) << 30, "3G", "3221225472ns"},
                {UINT64_C(30000000000), "29296875K", "30s"},
                {UINT64_C(5400000000000), "5273437500K", "90m"},
                {UINT64_C(86400000000000), "84375000000K", "1d"},
        };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                _cleanup_text_ struct text size = TEXT_INIT, duration = TEXT_INIT;
                uint64_t value;

                size_print(rows[i].value, &size);
                assert_string_equal(text_get(&size), rows[i].size);
                assert_int_equal(size_parse(text_get(&size), &value), 0);
                assert_int_equal(value, rows[i].value);
                duration_print(rows[i].value, &duration);
                assert_string_equal(text_get(&duration), rows[i].duration);
                assert_int_equal(duration_parse(text_get(&duration), &value), 0);
                assert_int_equal(value, rows[i].value);
        }
}

static void test_quantities_out_of_range(void **state _unused_) {
        uint64_t value = 7;

        assert_int_equal(count_parse("18446744073709551614", &value), 0);
        assert_true(value == UINT64_MAX - 1);
        value = 7;
        assert_int_equal(count_parse("18446744073709551615", &value), QUANTITY_E_RANGE);
        assert_int_equal(count_parse("18446744073709551616", &value), QUANTITY_E_RANGE);
        assert_int_equal(count_parse("99999999999999999999999999", &value), QUANTITY_E_RANGE);
        assert_int_equal(size_parse("17179869184G", &value), QUANTITY_E_RANGE);
        assert_int_equal(duration_parse("99999999999999d", &value), QUANTITY_E_RANGE);
        assert_int_equal(duration_parse("30", &value), QUANTITY_E_NO_UNIT);
        assert_int_equal(duration_parse("30x", &value), QUANTITY_E_UNIT);
        assert_int_equal(size_parse("1k", &value), QUANTITY_E_UNIT);
        assert_int_equal(count_parse("1K", &value), QUANTITY_E_UNIT);
        assert_int_equal(count_parse("-1", &value), QUANTITY_E_NO_NUMBER);
        assert_int_equal(count_parse("", &value), QUANTITY_E_NO_NUMBER);
        assert_int_equal(value, 7);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_prints_what_was_written, setup, teardown),
                cmocka_unit_test_setup_teardown(test_prints_the_least, setup, teardown),
                cmocka_unit_test_setup_teardown(test_says_what_it_cannot_write, setup, teardown),
                cmocka_unit_test_setup_teardown(test_random_policies_read_back, setup, teardown),
                cmocka_unit_test_setup_teardown(test_random_policies_differ, setup, teardown),
                cmocka_unit_test(test_quantities),
                cmocka_unit_test(test_quantities_out_of_range),
        };

        return cmocka_run_group_tests_name("policy-print", tests, NULL, NULL);
}
