/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Holders that want more (the cases of holder.c), and what is left of them
 * afterwards in the deputy and on the host.
 */

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <time.h>

#include "kernel/cgroup.h"
#include "kernel/under.h"

/* A case under the plain grant, as a user and as root of a namespace. */
static void run_both(const char *name) {
        need_root();
        write_grant(HOLDER_GRANT);
        run_case(NULL, name);
        run_case(WORDS("--as-root"), name);
}

#define CASE(test, name)                                                                                    \
        static void test(void **state) {                                                                    \
                (void)state;                                                                                \
                run_both(name);                                                                             \
        }

CASE(test_disguised, "disguised")
CASE(test_sizes, "sizes")
CASE(test_pointers, "pointers")
CASE(test_descriptors, "descriptors")
CASE(test_flip_attr, "flip-attr")
CASE(test_flip_program, "flip-program")
CASE(test_exit_in_call, "exit-in-call")
CASE(test_exec_in_call, "exec-in-call")
CASE(test_own_table, "own-table")
CASE(test_signals, "signals")
CASE(test_terminal, "terminal")

/* Cases that pin, to make a descriptor of less. */
static void run_pinning(const char *name) {
        _cleanup_free_ char *grant = NULL, *pin = NULL;

        need_root();
        assert_true(asprintf(&grant, HOLDER_GRANT "[access]\npins = %s\n", u.pins) > 0);
        assert_true(asprintf(&pin, "%s/map", u.pins) > 0);
        write_grant(grant);
        setenv("PIN", pin, 1);
        run_case(NULL, name);
}

static void test_read_only(void **state) {
        (void)state;
        run_pinning("read-only");
}

static void test_flip_descriptors(void **state) {
        (void)state;
        run_pinning("flip-descriptors");
}

/*
 * Only without --as-root: the deputy owns the namespace that this makes, and
 * so may read every process in it.
 */
static void test_undumpable(void **state) {
        (void)state;
        need_root();
        write_grant(HOLDER_GRANT);
        run_case(NULL, "undumpable");
}

static void test_touch_deputy(void **state) {
        (void)state;
        need_root();
        write_grant(HOLDER_GRANT);
        run_case(NULL, "touch-deputy");
}

static void test_kill_deputy(void **state) {
        (void)state;
        need_root();
        write_grant(HOLDER_GRANT);
        run_case(NULL, "kill-deputy");
        assert_file_has(u.err, "the deputy was killed by signal 9");
}

static void test_budget(void **state) {
        _cleanup_close_ int root = -1;
        char name[64], *path = NULL;

        (void)state;
        need_root();
        root = cgroup_open_root();
        if (root < 0)
                skip_because("no cgroup2 hierarchy");
        snprintf(name, sizeof(name), "bpfgrant-test-%d", getpid());
        if (mkdirat(root, name, 0755) < 0)
                skip_because("no cgroup can be made: %s", strerror(errno));
        assert_true(asprintf(&path, "/proc/%d/fd/%d/%s", getpid(), root, name) > 0);
        /* The holder cannot follow our descriptors: it is told the real path. */
        char target[256], link[64];

        snprintf(link, sizeof(link), "/proc/self/fd/%d", root);
        ssize_t n = readlink(link, target, sizeof(target) - 1);

        assert_true(n > 0);
        target[n] = '\0';
        free(path);
        assert_true(asprintf(&path, "%s/%s", target, name) > 0);
        setenv("CGROUP", path, 1);
        free(path);
        write_grant(HOLDER_GRANT "[budget]\n"
                                 "maps = 4\nmap-bytes = 1M\nprograms = 2\ninstructions = 100\nlinks = 1\n");
        int status = run_under(NULL, WORDS(u.holder, "budget"));

        (void)unlinkat(root, name, AT_REMOVEDIR);
        if (status != 0) {
                _cleanup_free_ char *err = read_back(u.err);

                fail_msg("holder budget: status %d\n%s", status, err);
        }
        assert_file_has(u.err, "maps = 4");
        assert_file_has(u.err, "map-bytes");
        assert_file_has(u.err, "programs = 2");
        assert_file_has(u.err, "instructions = 100");
        assert_file_has(u.err, "links = 1");
}

static void test_time(void **state) {
        (void)state;
        need_root();
        write_grant(HOLDER_GRANT "[budget]\ntime = 1s\n");
        run_case(NULL, "time");
        assert_file_has(u.err, "time");
}

/* Entries of a folder of /proc. */
static int count_entries(pid_t pid, const char *what) {
        char path[64];
        struct dirent *e;
        DIR *d;
        int n = 0;

        snprintf(path, sizeof(path), "/proc/%d/%s", pid, what);
        d = opendir(path);
        assert_non_null(d);
        while ((e = readdir(d)))
                n += e->d_name[0] != '.';
        closedir(d);
        return n;
}

static long private_kib(pid_t pid) {
        char path[64];
        long kib = 0;

        snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", pid);

        _cleanup_free_ char *rollup = read_back(path);
        const char *line = strstr(rollup, "Private_Dirty:");

        assert_non_null(line);
        (void)sscanf(line, "Private_Dirty: %ld", &kib);
        return kib;
}

struct usage {
        int fds, threads;
        long kib;
};

/* What the deputy holds after so many calls of its holder. */
static struct usage usage_after(const char *calls) {
        struct usage usage;
        pid_t pid, deputy;
        int in[2];

        setenv("COUNT", calls, 1);
        setenv("WAIT", "1", 1);
        assert_return_code(pipe2(in, O_CLOEXEC), errno);
        pid = start_under(WORDS("--quiet"), WORDS("/bin/sh", "-c", "echo $PPID; exec \"$0\" many", u.holder),
                          in[0]);
        close(in[0]);
        for (int i = 0; i < 6000 && (access(u.out, F_OK) < 0 || !file_has(u.out, "ready")); i++)
                usleep(10000);
        assert_file_has(u.out, "ready");

        _cleanup_free_ char *out = read_back(u.out);

        deputy = (pid_t)strtol(out, NULL, 10);
        usleep(200000); /* the last answer is there before its thread has cleared up */
        usage = (struct usage) {
                .fds = count_entries(deputy, "fd"),
                .threads = count_entries(deputy, "task"),
                .kib = private_kib(deputy),
        };
        close(in[1]);
        assert_int_equal(wait_for(pid), 0);
        unsetenv("WAIT");
        return usage;
}

/* 10,000 calls leave nothing behind: no descriptor, thread, budget (8 maps of it), nor memory. */
static void test_no_leak(void **state) {
        struct usage few, many;

        (void)state;
        need_root();
        write_grant(HOLDER_GRANT "[budget]\nmaps = 8\nmap-bytes = 64K\nprograms = 8\ninstructions = 100\n");
        few = usage_after("100");
        many = usage_after("10000");
        assert_int_equal(few.fds, many.fds);
        assert_int_equal(few.threads, many.threads);
#if !defined(__SANITIZE_ADDRESS__) /* which keeps what was freed for a while */
        assert_true(many.kib <= few.kib + 64);
#endif
}

static double seconds(void) {
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* How long another grant's 200 calls take. */
static double calls_of_another(void) {
        double began = seconds();
        pid_t pid;

        setenv("COUNT", "200", 1);
        /* A file of output each: the flood has its own. */
        char out[128], err[128];

        strcpy(out, u.out);
        strcpy(err, u.err);
        snprintf(u.out, sizeof(u.out), "%s/script", u.folder);
        snprintf(u.err, sizeof(u.err), "%s/other.grant", u.folder);
        pid = start_under(WORDS("--quiet"), WORDS(u.holder, "many"), -1);
        strcpy(u.out, out);
        strcpy(u.err, err);
        assert_int_equal(wait_for(pid), 0);
        return seconds() - began;
}

/*
 * 64 processes that ask and load without end take their share of the
 * processors, and no more than that from another grant: its deputy is not
 * waited for by anybody else.
 */
static void test_flood(void **state) {
        double alone, flooded;
        pid_t flood;

        (void)state;
        need_root();
        write_grant(HOLDER_GRANT);
        alone = calls_of_another();
        setenv("COUNT", "5", 1);
        flood = start_under(WORDS("--quiet"), WORDS(u.holder, "flood"), -1);
        usleep(500000);
        flooded = calls_of_another();
        print_message("# 200 calls of another grant: %.0f ms alone, %.0f ms beside the flood\n", alone * 1e3,
                      flooded * 1e3);
        /* Beside the flood, not after it: it lasts five seconds. */
        assert_true(flooded < 4);
        assert_int_equal(wait_for(flood), 0);
}

/* The supervisor killed: no deputy stays behind, and the program has no grant any more. */
static void test_kill_supervisor(void **state) {
        pid_t pid, program = 0, deputy = 0;
        int in[2];

        (void)state;
        need_root();
        write_grant(HOLDER_GRANT);
        assert_return_code(pipe2(in, O_CLOEXEC), errno);
        pid = start_under(NULL,
                          WORDS("/bin/sh", "-c", "echo $$ $PPID; read line; exec \"$0\" one-map", u.holder),
                          in[0]);
        close(in[0]);
        for (int i = 0; i < 500 && (access(u.out, F_OK) < 0 || !file_has(u.out, "\n")); i++)
                usleep(10000);

        _cleanup_free_ char *out = read_back(u.out);

        assert_int_equal(sscanf(out, "%d %d", &program, &deputy), 2);
        assert_return_code(kill(pid, SIGKILL), errno);
        assert_int_equal(wait_for(pid), 256 + SIGKILL);
        for (int i = 0; i < 500 && kill(deputy, 0) == 0; i++)
                usleep(10000);
        assert_int_equal(kill(deputy, 0), -1);
        close(in[1]); /* the program goes on, and is refused */
        for (int i = 0; i < 500 && kill(program, 0) == 0; i++)
                usleep(10000);
        assert_file_has(u.err, "holder:");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_disguised),       cmocka_unit_test(test_sizes),
                cmocka_unit_test(test_pointers),        cmocka_unit_test(test_descriptors),
                cmocka_unit_test(test_read_only),       cmocka_unit_test(test_flip_attr),
                cmocka_unit_test(test_flip_program),    cmocka_unit_test(test_flip_descriptors),
                cmocka_unit_test(test_exit_in_call),    cmocka_unit_test(test_exec_in_call),
                cmocka_unit_test(test_undumpable),      cmocka_unit_test(test_own_table),
                cmocka_unit_test(test_signals),         cmocka_unit_test(test_terminal),
                cmocka_unit_test(test_touch_deputy),    cmocka_unit_test(test_kill_deputy),
                cmocka_unit_test(test_budget),          cmocka_unit_test(test_time),
                cmocka_unit_test(test_no_leak),         cmocka_unit_test(test_flood),
                cmocka_unit_test(test_kill_supervisor),
        };

        return cmocka_run_group_tests_name("hostile", tests, under_setup, under_teardown);
}
