/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The kernel's demands as tables: spot checks on both sides of each, sizes of
 * maps as arithmetic that must not overflow. That the sizes are right is
 * tests/kernel/map-bytes.c.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include <linux/bpf.h>

#include "grant/traits.h"
#include "grant/vocabulary.h"

#define NET_ADMIN (UINT64_C(1) << CAP_NET_ADMIN)
#define PERFMON (UINT64_C(1) << CAP_PERFMON)

static void test_capabilities(void **state _unused_) {
        assert_int_equal(map_type_capabilities(BPF_MAP_TYPE_SOCKMAP), NET_ADMIN);
        assert_int_equal(map_type_capabilities(BPF_MAP_TYPE_DEVMAP_HASH), NET_ADMIN);
        assert_int_equal(map_type_capabilities(BPF_MAP_TYPE_CPUMAP), 0);
        assert_int_equal(map_type_capabilities(BPF_MAP_TYPE_HASH), 0);
        assert_int_equal(map_type_capabilities(UINT32_MAX), 0);
        assert_int_equal(prog_type_capabilities(BPF_PROG_TYPE_XDP), NET_ADMIN);
        assert_int_equal(prog_type_capabilities(BPF_PROG_TYPE_CGROUP_SKB), 0);
        assert_int_equal(prog_type_capabilities(BPF_PROG_TYPE_SK_LOOKUP), 0);
        assert_int_equal(prog_type_capabilities(32), NET_ADMIN);
        assert_int_equal(prog_type_capabilities(BPF_PROG_TYPE_EXT), NET_ADMIN | PERFMON);
        assert_int_equal(prog_type_capabilities(UINT32_MAX), 0);
        assert_true(prog_type_is_tracing(BPF_PROG_TYPE_KPROBE));
        assert_true(prog_type_is_tracing(BPF_PROG_TYPE_STRUCT_OPS));
        assert_false(prog_type_is_tracing(BPF_PROG_TYPE_XDP));
}

static void test_attach_type_at_load(void **state _unused_) {
        assert_true(prog_type_has_attach_type(BPF_PROG_TYPE_CGROUP_SKB));
        assert_false(prog_type_has_attach_type(BPF_PROG_TYPE_SOCKET_FILTER));
        assert_int_equal(prog_attach_type_at_load(BPF_PROG_TYPE_CGROUP_SOCK, 0),
                         BPF_CGROUP_INET_SOCK_CREATE);
        assert_int_equal(prog_attach_type_at_load(BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET4_POST_BIND),
                         BPF_CGROUP_INET4_POST_BIND);
        assert_int_equal(prog_attach_type_at_load(BPF_PROG_TYPE_CGROUP_SKB, 0), BPF_CGROUP_INET_INGRESS);
        assert_int_equal(prog_attach_type_at_load(BPF_PROG_TYPE_SK_REUSEPORT, 0), BPF_SK_REUSEPORT_SELECT);
}

/* The kernel names what attaches to a cgroup `cgroup_…`, but for lsm_cgroup. */
static void test_cgroup_attach_types_by_name(void **state _unused_) {
        _cleanup_vocabulary_ struct vocabulary *v = NULL;

        assert_int_equal(vocabulary_new(&v, NULL, NULL), 0);
        for (uint32_t type = 0; type < vocabulary_end(v, NAME_ATTACH_TYPE); type++) {
                const char *name = vocabulary_name(v, NAME_ATTACH_TYPE, type);
                bool is_cgroup = strncmp(name, "cgroup_", 7) == 0 || strcmp(name, "lsm_cgroup") == 0;
                bool is_interface = strcmp(name, "xdp") == 0 || strncmp(name, "tcx_", 4) == 0 ||
                                    strncmp(name, "netkit_", 7) == 0;

                assert_int_equal(attach_type_is_cgroup(type), is_cgroup);
                assert_int_equal(attach_type_is_interface(type), is_interface);
        }
        assert_false(attach_type_is_cgroup(UINT32_MAX));
        assert_false(attach_type_is_interface(UINT32_MAX));
}

static void test_types_without_bound(void **state _unused_) {
        static const uint32_t unbounded[] = {BPF_MAP_TYPE_SK_STORAGE,
                                             BPF_MAP_TYPE_INODE_STORAGE,
                                             BPF_MAP_TYPE_TASK_STORAGE,
                                             32 /* cgrp_storage */,
                                             BPF_MAP_TYPE_CGROUP_STORAGE,
                                             BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE,
                                             BPF_MAP_TYPE_UNSPEC,
                                             34,
                                             UINT32_MAX};

        for (size_t i = 0; i < ARRAY_SIZE(unbounded); i++)
                assert_true(map_bytes_max(&(struct map_shape) {unbounded[i], 4, 4, 1, 0}, 1) == UINT64_MAX);
        assert_true(map_bytes_max(&(struct map_shape) {BPF_MAP_TYPE_HASH, 4, 4, 1, 0}, 1) < 65536);
}

/* More of anything never weighs less, up to the largest shape; what has a bound never becomes unbounded. */
static void test_sizes_do_not_wrap(void **state _unused_) {
        static const uint32_t steps[] = {0, 1, 7, 4096, 65537, 1 << 24, UINT32_MAX - 1, UINT32_MAX};

        for (uint32_t type = 1; type < 34; type++) {
                struct map_shape s = {.type = type};

                if (map_bytes_max(&s, 1) == UINT64_MAX)
                        continue;
                for (size_t k = 0; k < ARRAY_SIZE(steps); k++)
                        for (size_t n = 0; n < ARRAY_SIZE(steps); n++) {
                                uint64_t last = 0;

                                for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
                                        uint64_t bytes;

                                        s.key_size = steps[k];
                                        s.max_entries = steps[n];
                                        s.value_size = steps[i];
                                        bytes = map_bytes_max(&s, steps[k]);
                                        assert_true(bytes >= last);
                                        assert_true(bytes < UINT64_MAX);
                                        last = bytes;
                                }
                        }
        }
}

static void test_sizes_have_the_right_order(void **state _unused_) {
        const struct map_shape array = {BPF_MAP_TYPE_ARRAY, 4, 100, 1000, 0};
        const struct map_shape per_cpu = {BPF_MAP_TYPE_PERCPU_ARRAY, 4, 100, 1000, 0};
        const struct map_shape huge = {BPF_MAP_TYPE_HASH, UINT32_MAX, UINT32_MAX, UINT32_MAX, 0};

        assert_in_range(map_bytes_max(&array, 8), 104 * 1000, 2 * 104 * 1024);
        assert_in_range(map_bytes_max(&per_cpu, 8), 8 * 104 * 1000, 2 * 8 * 112 * 1024);
        assert_true(map_bytes_max(&per_cpu, 16) > map_bytes_max(&per_cpu, 8));
        assert_true(map_bytes_max(&huge, 1) == UINT64_MAX - 1);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_capabilities),
                cmocka_unit_test(test_attach_type_at_load),
                cmocka_unit_test(test_cgroup_attach_types_by_name),
                cmocka_unit_test(test_types_without_bound),
                cmocka_unit_test(test_sizes_do_not_wrap),
                cmocka_unit_test(test_sizes_have_the_right_order),
        };

        return cmocka_run_group_tests_name("traits", tests, NULL, NULL);
}
