/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Charges: all or nothing, never above the limit, back at zero when all objects
 * are gone.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "grant/budget.h"
#include "policies.h"

static struct budget budget_of(const uint64_t limits[N_BUDGET_ITEMS]) {
        struct policy p = {};
        struct budget b;

        memcpy(p.budget, limits, sizeof(p.budget));
        budget_init(&b, &p);
        return b;
}

static const uint64_t small[N_BUDGET_ITEMS] = {2, 1000, 1, 100, 1, 5};
static const uint64_t unlimited[N_BUDGET_ITEMS] = {BUDGET_NONE, BUDGET_NONE, BUDGET_NONE,
                                                   BUDGET_NONE, BUDGET_NONE, BUDGET_NONE};

static void test_charge_of_each_call(void **state _unused_) {
        struct charge map = charge_of(&(struct ask) {.makes_map = true, .map_bytes = 500});
        struct charge program = charge_of(&(struct ask) {.loads_program = true, .instructions = 30});
        struct charge link = charge_of(&(struct ask) {.attaches = true, .makes_link = true});
        struct charge query = charge_of(&(struct ask) {.attaches = true});

        assert_memory_equal(map.amount, ((const uint64_t[N_BUDGET_ITEMS]) {1, 500}), sizeof(map.amount));
        assert_memory_equal(program.amount, ((const uint64_t[N_BUDGET_ITEMS]) {0, 0, 1, 30}),
                            sizeof(map.amount));
        assert_memory_equal(link.amount, ((const uint64_t[N_BUDGET_ITEMS]) {0, 0, 0, 0, 1}),
                            sizeof(map.amount));
        assert_memory_equal(query.amount, ((const uint64_t[N_BUDGET_ITEMS]) {}), sizeof(map.amount));
}

static void test_charges_up_to_the_limit(void **state _unused_) {
        struct budget b = budget_of(small);
        struct charge first = charge_of(&(struct ask) {.makes_map = true, .map_bytes = 600});
        struct charge second = charge_of(&(struct ask) {.makes_map = true, .map_bytes = 400});
        struct charge third = charge_of(&(struct ask) {.makes_map = true, .map_bytes = 0});

        assert_int_equal(budget_charge(&b, &first), DECIDE_ALLOW);
        assert_int_equal(budget_charge(&b, &second), DECIDE_ALLOW);
        assert_int_equal(budget_charge(&b, &third), DECIDE_E_BUDGET_MAPS);
        budget_release(&b, &first);
        assert_int_equal(budget_charge(&b, &third), DECIDE_ALLOW);
        budget_release(&b, &second);
        budget_release(&b, &third);
        assert_true(budget_is_unused(&b));
}

static void test_each_item_has_its_verdict(void **state _unused_) {
        static const struct {
                enum budget_item item;
                enum decide_verdict verdict;
        } rows[] = {
                {BUDGET_MAPS, DECIDE_E_BUDGET_MAPS},
                {BUDGET_MAP_BYTES, DECIDE_E_BUDGET_MAP_BYTES},
                {BUDGET_PROGRAMS, DECIDE_E_BUDGET_PROGRAMS},
                {BUDGET_INSTRUCTIONS, DECIDE_E_BUDGET_INSTRUCTIONS},
                {BUDGET_LINKS, DECIDE_E_BUDGET_LINKS},
        };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                struct budget b = budget_of(small);
                struct charge c = {};

                c.amount[rows[i].item] = small[rows[i].item] + 1;
                assert_int_equal(budget_charge(&b, &c), rows[i].verdict);
                assert_true(budget_is_unused(&b));
                c.amount[rows[i].item]--;
                assert_int_equal(budget_charge(&b, &c), DECIDE_ALLOW);
                assert_false(budget_is_unused(&b));
        }
}

static void test_takes_all_or_nothing(void **state _unused_) {
        struct budget b = budget_of(small);
        struct charge c = {.amount = {1, 1001}};

        assert_int_equal(budget_charge(&b, &c), DECIDE_E_BUDGET_MAP_BYTES);
        assert_true(budget_is_unused(&b));
}

static void test_a_second_release_does_nothing(void **state _unused_) {
        struct budget b = budget_of(small);
        struct charge one = {.amount = {1}}, other = {.amount = {1}};

        assert_int_equal(budget_charge(&b, &one), DECIDE_ALLOW);
        assert_int_equal(budget_charge(&b, &other), DECIDE_ALLOW);
        budget_release(&b, &one);
        budget_release(&b, &one);
        assert_int_equal(b.used[BUDGET_MAPS], 1);
}

static void test_a_budget_of_none(void **state _unused_) {
        static const uint64_t none[N_BUDGET_ITEMS] = {};
        struct budget b = budget_of(none);
        struct charge c = {.amount = {1}}, nothing = {};

        assert_int_equal(budget_charge(&b, &c), DECIDE_E_BUDGET_MAPS);
        assert_int_equal(budget_charge(&b, &nothing), DECIDE_ALLOW);
}

static void test_without_limit_sums_do_not_wrap(void **state _unused_) {
        struct budget b = budget_of(unlimited);
        struct charge huge = {.amount = {0, UINT64_MAX - 1}}, two = {.amount = {0, 2}};

        assert_int_equal(budget_charge(&b, &huge), DECIDE_ALLOW);
        assert_int_equal(budget_charge(&b, &two), DECIDE_E_BUDGET_MAP_BYTES);
        budget_release(&b, &huge);
        assert_true(budget_is_unused(&b));
}

static void test_what_has_no_bound_is_not_counted(void **state _unused_) {
        struct charge c = charge_of(&(struct ask) {.makes_map = true, .map_bytes = UINT64_MAX});

        assert_int_equal(c.amount[BUDGET_MAPS], 1);
        assert_int_equal(c.amount[BUDGET_MAP_BYTES], 0);
}

/* Any order of objects made and gone: used is the sum of what lives, and within the limit. */
static void test_random_objects_sum_up(void **state _unused_) {
        static const uint64_t limits[N_BUDGET_ITEMS] = {40, 5000, 40, 4000, BUDGET_NONE, BUDGET_NONE};
        struct budget b = budget_of(limits);
        struct charge live[128] = {};
        struct dice d = {.state = 0xb0d9e7};
        unsigned n_refused = 0;

        for (unsigned i = 0; i < 20000; i++) {
                struct charge *c = &live[dice_below(&d, ARRAY_SIZE(live))];
                uint64_t sum[N_BUDGET_ITEMS] = {};

                budget_release(&b, c);
                if (dice_one_in(&d, 4))
                        continue;
                for (size_t item = 0; item < BUDGET_TIME; item++)
                        c->amount[item] = dice_below(&d, item == BUDGET_MAPS ? 2 : 200);
                if (budget_charge(&b, c) != DECIDE_ALLOW) {
                        *c = (struct charge) {};
                        n_refused++;
                }
                for (size_t k = 0; k < ARRAY_SIZE(live); k++)
                        for (size_t item = 0; item < N_BUDGET_ITEMS; item++)
                                sum[item] += live[k].amount[item];
                assert_memory_equal(sum, b.used, sizeof(sum));
                for (size_t item = 0; item < N_BUDGET_ITEMS; item++)
                        assert_true(b.used[item] <= b.limit[item]);
        }
        assert_true(n_refused > 100);
        for (size_t k = 0; k < ARRAY_SIZE(live); k++)
                budget_release(&b, &live[k]);
        assert_true(budget_is_unused(&b));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_charge_of_each_call),
                cmocka_unit_test(test_charges_up_to_the_limit),
                cmocka_unit_test(test_each_item_has_its_verdict),
                cmocka_unit_test(test_takes_all_or_nothing),
                cmocka_unit_test(test_a_second_release_does_nothing),
                cmocka_unit_test(test_a_budget_of_none),
                cmocka_unit_test(test_without_limit_sums_do_not_wrap),
                cmocka_unit_test(test_what_has_no_bound_is_not_counted),
                cmocka_unit_test(test_random_objects_sum_up),
        };

        return cmocka_run_group_tests_name("budget", tests, NULL, NULL);
}
