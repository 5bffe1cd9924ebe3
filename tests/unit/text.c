/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The growing string: what goes in comes out, it is a string at every moment,
 * and a failed allocation is reported once, at the end.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/text.h"

/* An allocation that fails is part of the test, not a finding. The sanitizer must see it, so it is not hidden. */
const char *__asan_default_options(void) __attribute__((__visibility__("default")));
const char *__asan_default_options(void) {
        return "allocator_may_return_null=1";
}

static void test_is_empty_at_first(void **state _unused_) {
        _cleanup_text_ struct text t = TEXT_INIT;
        _cleanup_free_ char *s = NULL;

        assert_string_equal(text_get(&t), "");
        assert_int_equal(text_take(&t, &s), 0);
        assert_string_equal(s, "");
}

static void test_appends(void **state _unused_) {
        _cleanup_text_ struct text t = TEXT_INIT;

        text_append(&t, "%s=%d", "maps", 4);
        text_append_bytes(&t, ";tail", 1);
        text_append_bytes(&t, NULL, 0);
        assert_string_equal(text_get(&t), "maps=4;");
        assert_int_equal(t.length, 7);
}

static void test_grows(void **state _unused_) {
        _cleanup_text_ struct text t = TEXT_INIT;

        for (size_t i = 0; i < 10000; i++) {
                text_append(&t, "%c", (int)('a' + i % 26));
                assert_int_equal(strlen(text_get(&t)), i + 1);
        }
        for (size_t i = 0; i < 10000; i++)
                assert_int_equal(text_get(&t)[i], 'a' + i % 26);
        assert_true(t.allocated < 40000);
}

static void test_keeps_bytes(void **state _unused_) {
        _cleanup_text_ struct text t = TEXT_INIT;

        text_append_bytes(&t, "a\0b", 3);
        assert_int_equal(t.length, 3);
        assert_memory_equal(t.data, "a\0b", 4);
}

static void test_clear_keeps_the_allocation(void **state _unused_) {
        _cleanup_text_ struct text t = TEXT_INIT;
        const char *data;

        text_append(&t, "something");
        data = t.data;
        text_clear(&t);
        assert_string_equal(text_get(&t), "");
        text_append(&t, "else");
        assert_ptr_equal(t.data, data);
        assert_string_equal(text_get(&t), "else");
}

static void test_take_leaves_nothing(void **state _unused_) {
        _cleanup_text_ struct text t = TEXT_INIT;
        _cleanup_free_ char *s = NULL;

        text_append(&t, "mine");
        assert_int_equal(text_take(&t, &s), 0);
        assert_string_equal(s, "mine");
        assert_string_equal(text_get(&t), "");
        assert_null(t.data);
}

/* More than there is memory for; the text before it is not harmed until it is taken. */
static void test_reports_failure_once(void **state _unused_) {
        _cleanup_text_ struct text t = TEXT_INIT;
        char *s = NULL;

        text_append(&t, "kept");
        text_append_bytes(&t, "x", (size_t)PTRDIFF_MAX / 2);
        assert_true(t.failed);
        assert_string_equal(text_get(&t), "kept");
        text_append(&t, " more");
        assert_string_equal(text_get(&t), "kept");
        assert_int_equal(text_take(&t, &s), -ENOMEM);
        assert_null(s);
        assert_null(t.data);
}

/* A length that would wrap around must not become a small one. */
static void test_refuses_a_length_that_wraps(void **state _unused_) {
        _cleanup_text_ struct text t = TEXT_INIT;

        text_append(&t, "kept");
        text_append_bytes(&t, "x", SIZE_MAX - 2);
        assert_true(t.failed);
        assert_string_equal(text_get(&t), "kept");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_is_empty_at_first),
                cmocka_unit_test(test_appends),
                cmocka_unit_test(test_grows),
                cmocka_unit_test(test_keeps_bytes),
                cmocka_unit_test(test_clear_keeps_the_allocation),
                cmocka_unit_test(test_take_leaves_nothing),
                cmocka_unit_test(test_reports_failure_once),
                cmocka_unit_test(test_refuses_a_length_that_wraps),
        };

        return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
