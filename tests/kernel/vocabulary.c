/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The built-in vocabulary and the running kernel's BTF, held against one
 * another: every name that both have has the same value, and a name that one of
 * them lacks is told. On the kernel that the table was made for (6.18) there is
 * none; an older kernel lacks some, a newer one has more, which then work all
 * the same.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <bpf/btf.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "kernel/btf.h"
#include "skip.h"

#define need_btf()                                                                                          \
        do {                                                                                                \
                if (access("/sys/kernel/btf/vmlinux", R_OK) < 0)                                            \
                        skip_because("kernel: has no BTF");                                                 \
        } while (0)

static bool is_marker(const char *name) {
        size_t n = strlen(name);

        return strncmp(name, "__", 2) == 0 || (n >= 7 && strcmp(name + n - 7, "_UNSPEC") == 0);
}

/* Each of the kernel's names against the table; those that the table lacks are counted and told. */
static unsigned compare(const struct btf *btf, struct vocabulary *table, enum name_kind kind) {
        int id = btf__find_by_name_kind(btf, name_kind_enum(kind), BTF_KIND_ENUM);
        const struct btf_type *type;
        unsigned unknown = 0;
        uint32_t value;

        assert_true(id > 0);
        type = btf__type_by_id(btf, (uint32_t)id);
        for (unsigned i = 0; i < btf_vlen(type); i++) {
                const char *name = btf__name_by_offset(btf, btf_enum(type)[i].name_off);

                if (is_marker(name))
                        continue;
                if (vocabulary_value(table, kind, name, &value) != 0) {
                        print_message("# the table lacks %s = %d\n", name, btf_enum(type)[i].val);
                        unknown++;
                } else if (value != (uint32_t)btf_enum(type)[i].val) {
                        fail_msg("%s is %d in the kernel and %u in the table", name, btf_enum(type)[i].val,
                                 value);
                }
        }
        return unknown;
}

static void test_table_against_btf(void **state) {
        _cleanup_vocabulary_ struct vocabulary *table = NULL;
        struct utsname kernel;
        unsigned unknown = 0;
        struct btf *btf;

        (void)state;
        need_btf();
        assert_int_equal(vocabulary_new(&table, NULL, NULL), 0);
        btf = btf__load_vmlinux_btf();
        assert_non_null(btf);
        for (int kind = 0; kind < N_NAME_KINDS; kind++)
                unknown += compare(btf, table, (enum name_kind)kind);
        btf__free(btf);
        uname(&kernel);
        if (strncmp(kernel.release, "6.18.", 5) == 0)
                assert_int_equal(unknown, 0);
}

/* With BTF the names are the same ones, and nothing that the table has is lost or changed. */
static void test_extension_agrees(void **state) {
        _cleanup_vocabulary_ struct vocabulary *table = NULL, *extended = NULL;

        (void)state;
        need_btf();
        assert_int_equal(vocabulary_new(&table, NULL, NULL), 0);
        assert_int_equal(vocabulary_new(&extended, kernel_vocabulary_extend, NULL), 0);
        for (int k = 0; k < N_NAME_KINDS; k++) {
                enum name_kind kind = (enum name_kind)k;

                assert_true(vocabulary_end(extended, kind) >= vocabulary_end(table, kind));
                for (uint32_t v = 0; v < vocabulary_end(table, kind); v++) {
                        const char *name = vocabulary_name(table, kind, v);
                        uint32_t value;

                        if (!name)
                                continue;
                        assert_string_equal(vocabulary_name(extended, kind, v), name);
                        assert_int_equal(vocabulary_value(extended, kind, name, &value), 0);
                        assert_int_equal(value, v);
                }
        }
        assert_int_equal(vocabulary_value(extended, NAME_MAP_TYPE, "no_such_type", &(uint32_t) {0}),
                         VOCABULARY_E_UNKNOWN);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_table_against_btf),
                cmocka_unit_test(test_extension_agrees),
        };

        return cmocka_run_group_tests_name("vocabulary", tests, NULL, NULL);
}
