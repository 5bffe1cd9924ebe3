/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Names and numbers: the built-in table against the kernel's header, both
 * spellings, aliases, extension, and the nearest word to a misspelt one.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include <linux/bpf.h>

#include "grant/vocabulary.h"

static int setup(void **state) {
        return vocabulary_new((struct vocabulary **)state, NULL, NULL);
}

static int teardown(void **state) {
        vocabulary_free(*state);
        return 0;
}

static void assert_value(struct vocabulary *v, enum name_kind kind, const char *name, uint32_t wanted) {
        uint32_t value = UINT32_MAX;

        assert_int_equal(vocabulary_value(v, kind, name, &value), 0);
        assert_int_equal(value, wanted);
}

static void assert_unknown(struct vocabulary *v, enum name_kind kind, const char *name) {
        uint32_t value = 77;

        assert_int_equal(vocabulary_value(v, kind, name, &value), VOCABULARY_E_UNKNOWN);
        assert_int_equal(value, 77);
}

/* Spot checks over each table: an entry that was left out would shift all that follow. */
static void test_values_are_the_kernels(void **state) {
        struct vocabulary *v = *state;

        assert_value(v, NAME_COMMAND, "map_create", BPF_MAP_CREATE);
        assert_value(v, NAME_COMMAND, "prog_load", BPF_PROG_LOAD);
        assert_value(v, NAME_COMMAND, "btf_load", BPF_BTF_LOAD);
        assert_value(v, NAME_COMMAND, "link_create", BPF_LINK_CREATE);
        assert_value(v, NAME_COMMAND, "prog_bind_map", BPF_PROG_BIND_MAP);
        assert_value(v, NAME_COMMAND, "prog_stream_read_by_fd", 37);
        assert_value(v, NAME_MAP_TYPE, "hash", BPF_MAP_TYPE_HASH);
        assert_value(v, NAME_MAP_TYPE, "ringbuf", BPF_MAP_TYPE_RINGBUF);
        assert_value(v, NAME_MAP_TYPE, "user_ringbuf", BPF_MAP_TYPE_USER_RINGBUF);
        assert_value(v, NAME_MAP_TYPE, "arena", 33);
        assert_value(v, NAME_PROG_TYPE, "socket_filter", BPF_PROG_TYPE_SOCKET_FILTER);
        assert_value(v, NAME_PROG_TYPE, "cgroup_sockopt", BPF_PROG_TYPE_CGROUP_SOCKOPT);
        assert_value(v, NAME_PROG_TYPE, "syscall", BPF_PROG_TYPE_SYSCALL);
        assert_value(v, NAME_PROG_TYPE, "netfilter", 32);
        assert_value(v, NAME_ATTACH_TYPE, "cgroup_inet_ingress", BPF_CGROUP_INET_INGRESS);
        assert_value(v, NAME_ATTACH_TYPE, "lsm_mac", BPF_LSM_MAC);
        assert_value(v, NAME_ATTACH_TYPE, "xdp", BPF_XDP);
        assert_value(v, NAME_ATTACH_TYPE, "lsm_cgroup", BPF_LSM_CGROUP);
        assert_value(v, NAME_ATTACH_TYPE, "trace_uprobe_session", 57);
}

static void test_ends_are_those_of_6_18(void **state) {
        struct vocabulary *v = *state;

        assert_int_equal(vocabulary_end(v, NAME_COMMAND), 38);
        assert_int_equal(vocabulary_end(v, NAME_MAP_TYPE), 34);
        assert_int_equal(vocabulary_end(v, NAME_PROG_TYPE), 33);
        assert_int_equal(vocabulary_end(v, NAME_ATTACH_TYPE), 58);
}

static void test_every_name_reads_back(void **state) {
        struct vocabulary *v = *state;

        for (enum name_kind kind = 0; kind < N_NAME_KINDS; kind++)
                for (uint32_t value = 0; value < vocabulary_end(v, kind); value++) {
                        const char *name = vocabulary_name(v, kind, value);

                        if (name)
                                assert_value(v, kind, name, value);
                        else
                                assert_true(value == 0);
                }
}

static void test_spelling(void **state) {
        struct vocabulary *v = *state;

        assert_value(v, NAME_MAP_TYPE, "BPF_MAP_TYPE_HASH", 1);
        assert_value(v, NAME_MAP_TYPE, "Hash", 1);
        assert_value(v, NAME_COMMAND, "bpf_map_create", 0);
        assert_value(v, NAME_ATTACH_TYPE, "BPF_XDP", 37);
        assert_unknown(v, NAME_MAP_TYPE, "BPF_PROG_TYPE_HASH");
        assert_unknown(v, NAME_MAP_TYPE, "BPF_MAP_TYPE_");
        assert_unknown(v, NAME_MAP_TYPE, "");
        assert_unknown(v, NAME_MAP_TYPE, "has");
        assert_unknown(v, NAME_MAP_TYPE, "xdp");
        assert_unknown(v, NAME_MAP_TYPE, "unspec");
}

static void test_aliases(void **state) {
        struct vocabulary *v = *state;

        assert_value(v, NAME_COMMAND, "prog_run", 10);
        assert_string_equal(vocabulary_name(v, NAME_COMMAND, 10), "prog_test_run");
        assert_value(v, NAME_MAP_TYPE, "cgroup_storage_deprecated", 19);
        assert_string_equal(vocabulary_name(v, NAME_MAP_TYPE, 19), "cgroup_storage");
        assert_value(v, NAME_MAP_TYPE, "percpu_cgroup_storage_deprecated", 21);
        assert_string_equal(vocabulary_name(v, NAME_MAP_TYPE, 21), "percpu_cgroup_storage");
}

static void test_add(void **state) {
        struct vocabulary *v = *state;

        assert_int_equal(vocabulary_add(v, NAME_MAP_TYPE, "BPF_MAP_TYPE_INSN_ARRAY", 34), 0);
        assert_value(v, NAME_MAP_TYPE, "insn_array", 34);
        assert_string_equal(vocabulary_name(v, NAME_MAP_TYPE, 34), "insn_array");
        assert_int_equal(vocabulary_end(v, NAME_MAP_TYPE), 35);
        assert_int_equal(vocabulary_add(v, NAME_MAP_TYPE, "hash", 1), 0);
        assert_int_equal(vocabulary_add(v, NAME_MAP_TYPE, "other_hash", 1), 0);
        assert_string_equal(vocabulary_name(v, NAME_MAP_TYPE, 1), "hash");
}

static void test_add_refuses(void **state) {
        struct vocabulary *v = *state;
        char word[200];

        assert_int_equal(vocabulary_add(v, NAME_MAP_TYPE, "hash", 2), VOCABULARY_E_CONFLICT);
        assert_int_equal(vocabulary_add(v, NAME_MAP_TYPE, "far", NAME_VALUES_MAX), -ERANGE);
        assert_int_equal(vocabulary_add(v, NAME_MAP_TYPE, "any", 40), -EINVAL);
        assert_int_equal(vocabulary_add(v, NAME_MAP_TYPE, "", 40), -EINVAL);
        assert_int_equal(vocabulary_add(v, NAME_MAP_TYPE, "two words", 40), -EINVAL);
        memset(word, 'x', sizeof(word) - 1);
        word[sizeof(word) - 1] = '\0';
        assert_int_equal(vocabulary_add(v, NAME_MAP_TYPE, word, 40), -EINVAL);
        assert_int_equal(vocabulary_add(v, NAME_MAP_TYPE, "BPF_MAP_TYPE_UNSPEC", 0), 0);
        assert_int_equal(vocabulary_add(v, NAME_MAP_TYPE, "__MAX_BPF_MAP_TYPE", 34), 0);
        assert_null(vocabulary_name(v, NAME_MAP_TYPE, 0));
        assert_int_equal(vocabulary_end(v, NAME_MAP_TYPE), 34);
}

static int extend(struct vocabulary *v, void *userdata) {
        (*(unsigned *)userdata)++;
        return vocabulary_add(v, NAME_PROG_TYPE, "BPF_PROG_TYPE_FUTURE", 40);
}

static void test_extends_once_and_only_if_needed(void **state _unused_) {
        _cleanup_vocabulary_ struct vocabulary *v = NULL;
        unsigned n = 0;

        assert_int_equal(vocabulary_new(&v, extend, &n), 0);
        assert_value(v, NAME_PROG_TYPE, "xdp", 6);
        assert_string_equal(vocabulary_name(v, NAME_PROG_TYPE, 6), "xdp");
        assert_int_equal(n, 0);
        assert_value(v, NAME_PROG_TYPE, "future", 40);
        assert_unknown(v, NAME_PROG_TYPE, "farther");
        assert_null(vocabulary_name(v, NAME_PROG_TYPE, 41));
        assert_int_equal(vocabulary_end(v, NAME_PROG_TYPE), 41);
        assert_int_equal(n, 1);
}

static int fail_to_extend(struct vocabulary *v _unused_, void *userdata _unused_) {
        return -ENOENT;
}

static void test_failure_to_extend_is_nothing_to_add(void **state _unused_) {
        _cleanup_vocabulary_ struct vocabulary *v = NULL;

        assert_int_equal(vocabulary_new(&v, fail_to_extend, NULL), 0);
        assert_unknown(v, NAME_PROG_TYPE, "future");
        assert_value(v, NAME_PROG_TYPE, "xdp", 6);
}

static void test_nearest(void **state) {
        struct vocabulary *v = *state;

        assert_string_equal(vocabulary_nearest(v, NAME_MAP_TYPE, "hsah"), "hash");
        assert_string_equal(vocabulary_nearest(v, NAME_MAP_TYPE, "ring_buf"), "ringbuf");
        assert_string_equal(vocabulary_nearest(v, NAME_MAP_TYPE, "BPF_MAP_TYPE_ARAY"), "array");
        assert_string_equal(vocabulary_nearest(v, NAME_COMMAND, "PROG_LAOD"), "prog_load");
        assert_null(vocabulary_nearest(v, NAME_MAP_TYPE, "elephant"));
        assert_null(vocabulary_nearest(v, NAME_MAP_TYPE, ""));
}

static void test_nearest_word(void **state _unused_) {
        static const char *const verbs[] = {"run", "check", "derive"};
        char word[4096];

        assert_string_equal(nearest_word("chekc", verbs, 3), "check");
        assert_string_equal(nearest_word("check", verbs, 3), "check");
        assert_string_equal(nearest_word("rn", verbs, 3), "run");
        assert_null(nearest_word("r", verbs, 3));
        assert_null(nearest_word("walk", verbs, 3));
        assert_null(nearest_word("check", verbs, 0));
        memset(word, 'r', sizeof(word) - 1);
        word[sizeof(word) - 1] = '\0';
        assert_null(nearest_word(word, verbs, 3));
        for (size_t n = 60; n < 70; n++)
                assert_null(nearest_word(word + sizeof(word) - 1 - n, verbs, 3));
}

static void test_words_for_messages(void **state _unused_) {
        assert_string_equal(name_kind_noun(NAME_MAP_TYPE), "map type");
        assert_string_equal(name_kind_prefix(NAME_PROG_TYPE), "BPF_PROG_TYPE_");
        assert_string_equal(name_kind_enum(NAME_COMMAND), "bpf_cmd");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_values_are_the_kernels, setup, teardown),
                cmocka_unit_test_setup_teardown(test_ends_are_those_of_6_18, setup, teardown),
                cmocka_unit_test_setup_teardown(test_every_name_reads_back, setup, teardown),
                cmocka_unit_test_setup_teardown(test_spelling, setup, teardown),
                cmocka_unit_test_setup_teardown(test_aliases, setup, teardown),
                cmocka_unit_test_setup_teardown(test_add, setup, teardown),
                cmocka_unit_test_setup_teardown(test_add_refuses, setup, teardown),
                cmocka_unit_test(test_extends_once_and_only_if_needed),
                cmocka_unit_test(test_failure_to_extend_is_nothing_to_add),
                cmocka_unit_test_setup_teardown(test_nearest, setup, teardown),
                cmocka_unit_test(test_nearest_word),
                cmocka_unit_test(test_words_for_messages),
        };

        return cmocka_run_group_tests_name("vocabulary", tests, NULL, NULL);
}
