/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Reach of tracing programs, proved on the kernel: bound to a cgroup, they see
 * what its tasks do, and its twins outside are neither seen nor withheld from
 * others who record the same event. And, for every row of the table of types,
 * that the verifier takes the guard: with all capabilities, and with the fewest
 * that a deputy has.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sched.h>
#include <stdlib.h>
#include <sys/capability.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <time.h>

#include <bpf/libbpf.h>
#include <linux/perf_event.h>

#include "bind/rules.h"
#include "kernel/places.h"

static int do_getpgid(void) {
        return getpgid(0) < 0 ? -errno : 0;
}

static int do_spin(void) {
        struct timespec start, now;

        clock_gettime(CLOCK_MONOTONIC, &start);
        do
                clock_gettime(CLOCK_MONOTONIC, &now);
        while ((now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000 < 60);
        return 0;
}

/* Tracing: what a task of the cgroup does. */

static bool tracing_load(const struct bind_reach *reach, uint32_t type, uint32_t attach, uint32_t btf_id,
                         enum body body, int32_t verdict) {
        struct bpf_insn insns[BODY_MAX];
        struct bind_program p = {.prog_type = type, .attach_type = attach, .insns = insns};

        (void)test_teardown(NULL);
        t.counter_fd = counter_new();
        p.n_insns = body_write(body, t.counter_fd, verdict, insns);
        t.prog_fd = bound_load(reach, &p, btf_id);
        if (t.prog_fd == -EPERM)
                return false;
        assert_return_code(t.prog_fd, -t.prog_fd);
        return true;
}

static int raw_tracepoint_open(const char *name) {
        union bpf_attr attr = {
                .raw_tracepoint = {.name = (uintptr_t)name, .prog_fd = (uint32_t)t.prog_fd},
        };

        return bound_bpf(BPF_RAW_TRACEPOINT_OPEN, &attr);
}

static void assert_traced_only_inside(void) {
        assert_return_code(t.link_fd, -t.link_fd);
        assert_true(count_in(PLACE_OUT, do_getpgid) == 0);
        assert_true(count_in(PLACE_IN, do_getpgid) > 0);
        assert_true(count_in(PLACE_CHILD, do_getpgid) > 0);
        assert_true(count_in(PLACE_OUT, do_getpgid) == 0);
}

static void test_raw_tracepoint(void **state) {
        struct bind_reach reach;

        (void)state;
        need_kernel();
        reach = reach_of(PLACE_IN);
        assert_true(tracing_load(&reach, BPF_PROG_TYPE_RAW_TRACEPOINT, 0, 0, BODY_COUNT, 0));
        t.link_fd = raw_tracepoint_open("sys_enter");
        assert_traced_only_inside();

        assert_true(tracing_load(NULL, BPF_PROG_TYPE_RAW_TRACEPOINT, 0, 0, BODY_COUNT, 0));
        t.link_fd = raw_tracepoint_open("sys_enter");
        assert_return_code(t.link_fd, -t.link_fd);
        assert_true(count_in(PLACE_OUT, do_getpgid) > 0);
}

static void test_btf_tracepoint(void **state) {
        struct bind_reach reach;
        int btf_id;

        (void)state;
        need_kernel();
        reach = reach_of(PLACE_IN);
        btf_id = libbpf_find_vmlinux_btf_id("sys_enter", BPF_TRACE_RAW_TP);
        if (btf_id < 0)
                skip_because("kernel: has no BTF");
        if (!tracing_load(&reach, BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP, (uint32_t)btf_id, BODY_COUNT, 0))
                skip_because("kernel: refuses tracing programs");
        t.link_fd = raw_tracepoint_open(NULL);
        assert_traced_only_inside();
}

static int perf_event_open(struct perf_event_attr *attr, pid_t pid) {
        attr->size = sizeof(*attr);
        return (int)syscall(SYS_perf_event_open, attr, pid, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

static int tracepoint_id(const char *name) {
        char path[128];
        _cleanup_close_ int fd = -1;
        char text[16] = "";

        snprintf(path, sizeof(path), "/sys/kernel/tracing/events/%s/id", name);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
                return -1;
        return atoi(text);
}

/* What the event counts for a child there, while the program is on it. */
static uint64_t events_in(enum place place, struct perf_event_attr *attr, int (*act)(void)) {
        struct child c = child_new(place, act);
        uint64_t n = 0;

        t.event_fd = perf_event_open(attr, c.pid);
        assert_return_code(t.event_fd, errno);
        assert_return_code(ioctl(t.event_fd, PERF_EVENT_IOC_SET_BPF, t.prog_fd), errno);
        assert_return_code(ioctl(t.event_fd, PERF_EVENT_IOC_ENABLE, 0), errno);
        assert_int_equal(child_finish(c), 0);
        assert_int_equal(read(t.event_fd, &n, sizeof(n)), sizeof(n));
        t.event_fd = fd_close(t.event_fd);
        return n;
}

/* A program that filters the event away: outside its reach the event is still recorded. */
static void test_tracepoint(void **state) {
        struct perf_event_attr attr = {.type = PERF_TYPE_TRACEPOINT, .disabled = 1};
        struct bind_reach reach;
        int id;

        (void)state;
        need_kernel();
        if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
                skip_because("cannot make a mount namespace");
        (void)mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL);
        id = tracepoint_id("raw_syscalls/sys_enter");
        if (id < 0)
                skip_because("kernel: has no raw_syscalls tracepoint");
        attr.config = (uint64_t)id;

        reach = reach_of(PLACE_IN);
        assert_true(tracing_load(&reach, BPF_PROG_TYPE_TRACEPOINT, 0, 0, BODY_COUNT, 0));
        assert_true(events_in(PLACE_OUT, &attr, do_getpgid) > 0);
        assert_true(counter_get(t.counter_fd) == 0);
        assert_true(events_in(PLACE_IN, &attr, do_getpgid) == 0);
        assert_true(counter_get(t.counter_fd) > 0);
}

static void test_perf_event(void **state) {
        struct perf_event_attr attr = {
                .type = PERF_TYPE_SOFTWARE,
                .config = PERF_COUNT_SW_CPU_CLOCK,
                .sample_period = 1000000, /* ns */
                .disabled = 1,
        };
        struct bind_reach reach;

        (void)state;
        need_kernel();
        reach = reach_of(PLACE_IN);
        assert_true(tracing_load(&reach, BPF_PROG_TYPE_PERF_EVENT, 0, 0, BODY_COUNT, 1));
        assert_true(events_in(PLACE_OUT, &attr, do_spin) > 0);
        assert_true(counter_get(t.counter_fd) == 0);
        assert_true(events_in(PLACE_CHILD, &attr, do_spin) > 0);
        assert_true(counter_get(t.counter_fd) > 0);
}

/* The verifier's opinion of every row, with all capabilities and with the fewest. */

static bool is_tracing(uint32_t type) {
        switch (type) {
        case BPF_PROG_TYPE_KPROBE:
        case BPF_PROG_TYPE_TRACEPOINT:
        case BPF_PROG_TYPE_PERF_EVENT:
        case BPF_PROG_TYPE_RAW_TRACEPOINT:
        case BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE:
                return true;
        default:
                return false;
        }
}

static const struct bind_reach anywhere = {
        .cgroups = {{.id = 2, .level = 1}, {.id = 3, .level = 2}},
        .n_cgroups = 2,
        .interfaces = {1, 2},
        .n_interfaces = 2,
};

/* How many (type, attach type) the kernel takes bare and refuses with a guard. */
static int count_refused(bool with_tracing, int *ret_loaded) {
        int n_refused = 0, n_loaded = 0;

        for (uint32_t type = 0; type <= 32; type++)
                for (uint32_t attach = 0; attach <= 57; attach++) {
                        const struct bind_rule *rule = bind_rule(type, attach);
                        const struct bpf_insn insns[] = {
                                INSN_MOV_IMM(BPF_REG_0, rule->neutral),
                                INSN_EXIT(),
                        };
                        struct bind_program p = {
                                .prog_type = type,
                                .attach_type = attach,
                                .insns = insns,
                                .n_insns = ARRAY_SIZE(insns),
                        };
                        _cleanup_close_ int bare = -1, guarded = -1;

                        if (rule->how == BIND_REFUSED || rule->sleepable_only ||
                            (is_tracing(type) && !with_tracing))
                                continue;
                        bare = insns_load(&p, 0, NULL, 0);
                        if (bare < 0)
                                continue;
                        guarded = bound_load(&anywhere, &p, 0);
                        if (guarded >= 0) {
                                n_loaded++;
                                continue;
                        }
                        print_message("# type %u attach %u: %s\n", type, attach, strerror(-guarded));
                        n_refused++;
                }
        *ret_loaded = n_loaded;
        return n_refused;
}

static void test_verifier_takes_every_row(void **state) {
        int n_loaded;

        (void)state;
        need_kernel();
        assert_int_equal(count_refused(true, &n_loaded), 0);
        assert_true(n_loaded > 20);
}

static int keep_fewest_capabilities(void) {
        static const cap_value_t few[] = {CAP_BPF, CAP_NET_ADMIN};
        cap_t caps = cap_init();
        int r;

        if (!caps)
                return -1;
        r = cap_set_flag(caps, CAP_PERMITTED, 2, few, CAP_SET);
        r |= cap_set_flag(caps, CAP_EFFECTIVE, 2, few, CAP_SET);
        if (r == 0)
                r = cap_set_proc(caps);
        cap_free(caps);
        return r;
}

static void test_strict_verifier_takes_every_row(void **state) {
        int status;
        pid_t pid;

        (void)state;
        need_kernel();
        pid = fork();
        assert_return_code(pid, errno);
        if (pid == 0) {
                int n_loaded;

                if (keep_fewest_capabilities() < 0)
                        _exit(2);
                _exit(count_refused(false, &n_loaded) != 0 ? 3 : n_loaded <= 20 ? 4 : 0);
        }
        assert_return_code(waitpid(pid, &status, 0), errno);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_teardown(test_raw_tracepoint, test_teardown),
                cmocka_unit_test_teardown(test_btf_tracepoint, test_teardown),
                cmocka_unit_test_teardown(test_tracepoint, test_teardown),
                cmocka_unit_test_teardown(test_perf_event, test_teardown),
                cmocka_unit_test(test_verifier_takes_every_row),
                cmocka_unit_test(test_strict_verifier_takes_every_row),
        };

        return cmocka_run_group_tests_name("reach-trace", tests, group_setup, group_teardown);
}
