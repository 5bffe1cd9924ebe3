/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * `bpfgrant run`, from outside: what the program gets and what it does not,
 * what its deputy is, what is said and recorded, and that everything else
 * passes through.
 */

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <bpf/bpf.h>
#include <json-c/json.h>
#include <linux/bpf.h>
#include <linux/capability.h>

#include <sys/socket.h>

#include "kernel/cgroup.h"
#include "kernel/under.h"

static void test_allowed(void **state) {
        (void)state;
        need_root();
        write_grant(HOLDER_GRANT);
        run_case(NULL, "allowed");
        run_case(WORDS("--as-root"), "allowed");
}

static void test_denied(void **state) {
        (void)state;
        need_root();
        write_grant(HOLDER_GRANT);
        run_case(NULL, "denied");
        run_case(WORDS("--as-root"), "denied");
}

/* Without a grant the same user has nothing: or all the above would prove nothing. */
static void test_without_grant(void **state) {
        pid_t pid;

        (void)state;
        need_root();
        fflush(NULL);
        pid = fork();
        if (pid == 0) {
                if (setgid(TEST_UID) < 0 || setuid(TEST_UID) < 0)
                        _exit(2);
                (void)freopen("/dev/null", "w", stderr);
                execl(u.holder, "holder", "allowed", NULL);
                _exit(2);
        }
        assert_int_equal(wait_for(pid), 1);
}

/* Debian's bpftool, which knows nothing of us. */
static void test_bpftool(void **state) {
        _cleanup_free_ char *grant = NULL, *script = NULL;
        struct json_object *list;

        (void)state;
        need_root();
        assert_true(asprintf(&grant,
                             "[grant]\n"
                             "commands = map_create prog_load obj_get_info_by_fd map_get_next_id "
                             "map_get_fd_by_id\n"
                             "maps = hash\nprograms = socket_filter\n"
                             "[access]\npins = %s\n",
                             u.pins) > 0);
        write_grant(grant);
        assert_true(asprintf(&script,
                             "bpftool map create %s/hits type hash key 4 value 8 entries 64 name hits && "
                             "bpftool map update pinned %s/hits key 1 0 0 0 value 7 0 0 0 0 0 0 0 && "
                             "bpftool --json map list",
                             u.pins, u.pins) > 0);
        run_shell(NULL, 0, script);

        /* Its list is exactly its own, whatever else the host has. */
        _cleanup_free_ char *out = read_back(u.out);

        list = json_tokener_parse(out);
        assert_non_null(list);
        assert_int_equal(json_object_array_length(list), 1);
        assert_string_equal(
                json_object_get_string(json_object_object_get(json_object_array_get_idx(list, 0), "name")),
                "hits");
        json_object_put(list);

        /* The pin is the holder's file, and outlives the run. */
        char path[128];
        struct stat s;

        snprintf(path, sizeof(path), "%s/hits", u.pins);
        assert_return_code(stat(path, &s), errno);
        assert_int_equal(s.st_uid, TEST_UID);

        /* The deny twin. */
        free(steal_ptr(script));
        assert_true(asprintf(&script, "bpftool map create %s/ring type ringbuf entries 4096 name ring",
                             u.pins) > 0);
        run_shell(NULL, 255, script);
        assert_file_has(u.err, "bpfgrant: refused: map type ringbuf is not granted");
        assert_file_has(u.err, "test.grant:3");
        (void)unlink(path);
}

/* An id that another run made is not ours, though the kernel has it. */
static void test_foreign_id(void **state) {
        _cleanup_close_ int fd = -1;
        union bpf_attr attr = {
                .map_type = BPF_MAP_TYPE_HASH, .key_size = 4, .value_size = 4, .max_entries = 1};
        _cleanup_free_ char *script = NULL;
        uint32_t id;

        (void)state;
        need_root();
        fd = bpf_syscall(BPF_MAP_CREATE, &attr, sizeof(attr));
        assert_return_code(fd, -fd);
        assert_return_code(bpf_object_id(fd, OBJECT_MAP, &id), 0);
        write_grant("[grant]\ncommands = map_create map_get_fd_by_id obj_get_info_by_fd\nmaps = hash\n");
        assert_true(asprintf(&script, "bpftool map show id %u", id) > 0);
        run_shell(NULL, 255, script);
        assert_file_has(u.err, "bpfgrant: refused");
}

/* The number after "Name:" in a status file; base 16 for capabilities. */
static uint64_t status_field(const char *status, const char *name, int base) {
        char pattern[32];
        const char *line;

        snprintf(pattern, sizeof(pattern), "\n%s:", name);
        line = strstr(status, pattern);
        assert_non_null(line);
        return strtoull(line + strlen(pattern), NULL, base);
}

/* A deputy is the holder, with exactly the capabilities of the policy: seen from outside. */
static void check_deputy(const char *grant, uint64_t capabilities) {
        int in[2];
        pid_t pid, deputy;
        char path[64], target[64];
        struct stat s;

        write_grant(grant);
        assert_return_code(pipe2(in, O_CLOEXEC), errno);
        pid = start_under(NULL, WORDS("/bin/sh", "-c", "echo $PPID; read line"), in[0]);
        close(in[0]);
        for (int i = 0; i < 500 && (access(u.out, F_OK) < 0 || !file_has(u.out, "\n")); i++)
                usleep(10000);

        _cleanup_free_ char *out = read_back(u.out);

        deputy = (pid_t)strtol(out, NULL, 10);
        assert_true(deputy > 1);
        snprintf(path, sizeof(path), "/proc/%d/status", deputy);

        _cleanup_free_ char *status = read_back(path);

        assert_int_equal(status_field(status, "Uid", 10), TEST_UID);
        assert_int_equal(status_field(status, "Gid", 10), TEST_UID);
        assert_int_equal(status_field(status, "CapEff", 16), capabilities);
        assert_int_equal(status_field(status, "CapPrm", 16), capabilities);
        assert_int_equal(status_field(status, "CapInh", 16), 0);
        assert_int_equal(status_field(status, "CapBnd", 16), 0);
        assert_int_equal(status_field(status, "CapAmb", 16), 0);
        assert_int_equal(status_field(status, "NoNewPrivs", 10), 1);
        assert_int_equal(status_field(status, "Seccomp", 10), 2);
        assert_int_equal(status_field(status, "Threads", 10), 4);
        /* Not dumpable: its files in /proc are root's. */
        snprintf(path, sizeof(path), "/proc/%d/mem", deputy);
        assert_return_code(stat(path, &s), errno);
        assert_int_equal(s.st_uid, 0);
        /* It sees nothing but /proc. */
        snprintf(path, sizeof(path), "/proc/%d/root", deputy);
        ssize_t n = readlink(path, target, sizeof(target) - 1);

        assert_true(n > 0);
        target[n] = '\0';
        assert_string_equal(target, "/proc");
        /* It is in the holder's cgroup, which is its parent's here. */
        snprintf(path, sizeof(path), "/proc/%d/cgroup", deputy);

        _cleanup_free_ char *its_cgroup = read_back(path);
        _cleanup_free_ char *our_cgroup = read_back("/proc/self/cgroup");

        assert_string_equal(its_cgroup, our_cgroup);
        close(in[1]);
        (void)wait_for(pid);
        assert_int_equal(kill(deputy, 0), -1);
}

#define CAP(name) (UINT64_C(1) << CAP_##name)

static void test_deputy(void **state) {
        (void)state;
        need_root();
        check_deputy("[grant]\ncommands = map_create\nmaps = hash\n", CAP(BPF));
        check_deputy("[grant]\ncommands = prog_load\nprograms = xdp\n", CAP(BPF) | CAP(NET_ADMIN));
        check_deputy("[grant]\ncommands = prog_load\nprograms = raw_tracepoint\nverifier = trusted\n",
                     CAP(BPF) | CAP(PERFMON));
}

static void test_exit_status(void **state) {
        (void)state;
        need_root();
        write_grant(HOLDER_GRANT);
        run_shell(NULL, 7, "exit 7");
        run_shell(NULL, 128 + SIGTERM, "kill -TERM $$");
        assert_int_equal(run_under(NULL, WORDS("/no/such/program")), 127);
        assert_int_equal(run_under(NULL, WORDS("/etc/passwd")), 126);
        write_grant("[grant]\ncommands = everything\n");
        assert_int_equal(run_under(NULL, WORDS("true")), 125);
        assert_file_has(u.err, "test.grant:2:12: ");
}

static void test_passes_through(void **state) {
        int in[2];
        pid_t pid;

        (void)state;
        need_root();
        write_grant(HOLDER_GRANT);
        setenv("BPFGRANT_TEST_WORD", "kept", 1);
        assert_return_code(pipe2(in, O_CLOEXEC), errno);
        pid = start_under(
                NULL,
                WORDS("/bin/sh", "-c", "read x; echo $x $BPFGRANT_TEST_WORD $(id -un) $(umask); echo e >&2"),
                in[0]);
        close(in[0]);
        assert_int_equal(write(in[1], "in\n", 3), 3);
        close(in[1]);
        assert_int_equal(wait_for(pid), 0);
        assert_file_has(u.out, "in kept nobody 0022");
        assert_file_has(u.err, "e\n");
}

/* A user with more than one group keeps all of them, and no other. */
static void test_no_groups_of_root(void **state) {
        (void)state;
        need_root();
        write_grant(HOLDER_GRANT);
        run_shell(NULL, 0, "test \"$(id -G)\" = \"$(id -G nobody)\"");
        run_shell(NULL, 0, "grep -q '^CapPrm:.0000000000000000' /proc/self/status");
        run_shell(NULL, 0, "grep -q '^NoNewPrivs:.1' /proc/self/status");
}

static void test_root_is_refused(void **state) {
        (void)state;
        need_root();
        write_grant(HOLDER_GRANT);
        assert_int_equal(run_under(WORDS("--user", "root"), WORDS("true")), 125);
        assert_file_has(u.err, "narrower than root");
        assert_int_equal(run_under(WORDS("--user", "no-such-user"), WORDS("true")), 125);
}

static void test_as_root(void **state) {
        (void)state;
        need_root();
        write_grant(HOLDER_GRANT);
        run_shell(WORDS("--as-root"), 0, "test $(id -u) = 0");
        /* Outside, it is still the user. */
        run_shell(WORDS("--as-root"), 1, "cat /etc/shadow 2>/dev/null");
}

/* The other delivery: a program that speaks the protocol. */
static void test_socket(void **state) {
        _cleanup_free_ char *path = NULL;
        const char *speaker = getenv("SPEAKER");

        (void)state;
        need_root();
        write_grant(HOLDER_GRANT);
        assert_true(asprintf(&path, "%s/script", u.folder) > 0);
        (void)unlink(path);
        assert_int_equal(copy_file(speaker, path, 0755), 0);

        int status = run_under(WORDS("--via=socket"), WORDS(path));

        if (status != 0) {
                _cleanup_free_ char *err = read_back(u.err);

                fail_msg("speaker: %d\n%s", status, err);
        }
        assert_file_has(u.out, "map type ringbuf is not granted");
        assert_file_has(u.err, "bpfgrant: refused: map type ringbuf");
        /* Intercepted, it has no such descriptor. */
        assert_int_equal(run_under(NULL, WORDS(path)), 1);
        assert_file_has(u.err, "BPFGRANT_FD");
        (void)unlink(path);
}

/* A signal to bpfgrant is one to its program. */
static void test_signals(void **state) {
        pid_t pid;

        (void)state;
        need_root();
        write_grant(HOLDER_GRANT);
        pid = start_under(
                NULL,
                WORDS("/bin/sh", "-c", "trap 'exit 42' USR1; echo ready; while :; do sleep 0.05; done"), -1);
        for (int i = 0; i < 500 && (access(u.out, F_OK) < 0 || !file_has(u.out, "ready")); i++)
                usleep(10000);
        assert_return_code(kill(pid, SIGUSR1), errno);
        assert_int_equal(wait_for(pid), 42);
}

/* A program that stops has bpfgrant stop, so that a shell sees it; and go on. */
static void test_stop(void **state) {
        pid_t pid;
        int status;

        (void)state;
        need_root();
        write_grant(HOLDER_GRANT);
        pid = start_under(NULL, WORDS("/bin/sh", "-c", "kill -STOP $$; exit 3"), -1);
        assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
        assert_true(WIFSTOPPED(status));
        assert_return_code(kill(pid, SIGCONT), errno);
        assert_int_equal(wait_for(pid), 3);
}

/* Each decision is one line that a script can read; refusals are said once. */
static void test_record(void **state) {
        _cleanup_free_ char *path = NULL, *lines = NULL;
        unsigned allowed = 0, refused = 0;
        char *rest, *line;

        (void)state;
        need_root();
        assert_true(asprintf(&path, "%s/record", u.folder) > 0);
        write_grant(HOLDER_GRANT);
        assert_int_equal(run_under(WORDS("--record", path), WORDS(u.holder, "allowed")), 0);
        assert_int_equal(run_under(WORDS("--record", path), WORDS(u.holder, "denied")), 0);
        assert_file_has(u.err, "bpfgrant: refused: map type ringbuf");
        lines = read_back(path);
        for (rest = lines; (line = strsep(&rest, "\n")) && *line;) {
                struct json_object *o = json_tokener_parse(line), *holder;
                const char *verdict;

                assert_non_null(o);
                verdict = json_object_get_string(json_object_object_get(o, "verdict"));
                assert_non_null(verdict);
                holder = json_object_object_get(o, "holder");
                assert_int_equal(json_object_get_int(json_object_object_get(holder, "uid")), TEST_UID);
                assert_string_equal(json_object_get_string(json_object_object_get(holder, "comm")),
                                    "holder");
                assert_string_equal(json_object_get_string(json_object_object_get(o, "grant")), "test");
                assert_non_null(json_object_object_get(o, "time"));
                assert_non_null(json_object_object_get(o, "command"));
                assert_non_null(json_object_object_get(o, "us"));
                if (strcmp(verdict, "allow") == 0) {
                        allowed++;
                        assert_non_null(json_object_object_get(o, "result"));
                } else {
                        refused++;
                        assert_non_null(json_object_object_get(o, "errno"));
                        assert_non_null(json_object_object_get(o, "reason"));
                }
                json_object_put(o);
        }
        /* A map, a program, a look at the map; and the five refused calls of the case. */
        assert_int_equal(allowed, 3);
        assert_int_equal(refused, 5);

        /* Quiet is quiet; JSON is JSON. */
        assert_int_equal(run_under(WORDS("--quiet"), WORDS(u.holder, "denied")), 0);
        assert_false(file_has(u.err, "refused"));
        assert_int_equal(run_under(WORDS("--json"), WORDS(u.holder, "denied")), 0);
        assert_file_has(u.err, "{\"time\":");
}

/* What cannot be recorded is not done. */
static void test_record_full(void **state) {
        (void)state;
        need_root();
        write_grant(HOLDER_GRANT);
        assert_int_equal(run_under(WORDS("--record", "/dev/full"), WORDS(u.holder, "one-map")), 1);
        assert_file_has(u.err, "EIO");
        assert_file_has(u.err, "the record cannot be written");
}

static void test_same_sentence_once(void **state) {
        _cleanup_free_ char *err = NULL;
        char *first;

        (void)state;
        need_root();
        write_grant(HOLDER_GRANT);
        setenv("COUNT", "1000", 1); /* with ten refusals of the same kind */
        run_case(NULL, "many");
        err = read_back(u.err);
        first = strstr(err, "bpfgrant: refused:");
        assert_non_null(first);
        assert_null(strstr(first + 1, "bpfgrant: refused:"));
}

/* A child that makes one socket in a cgroup, which is a descriptor of ours. */
static void socket_in(int cgroup_fd) {
        _cleanup_close_ int procs = openat(cgroup_fd, "cgroup.procs", O_WRONLY | O_CLOEXEC);
        pid_t pid;

        assert_return_code(procs, errno);
        fflush(NULL);
        pid = fork();
        if (pid == 0)
                _exit(dprintf(procs, "0") > 0 && socket(AF_INET, SOCK_DGRAM, 0) >= 0 ? 0 : 1);
        assert_int_equal(wait_for(pid), 0);
}

static uint64_t sockets_counted(int map_fd) {
        uint32_t family = AF_INET;
        uint64_t n = 0;

        (void)bpf_map_lookup_elem(map_fd, &family, &n);
        return n;
}

/* Three cgroups for a test: one, and two in it. */
struct reach_places {
        int root;
        char names[3][64];
        int fds[3];
};

static int reach_teardown(void **state) {
        struct reach_places *p = *state;

        for (int i = 2; p && i >= 0; i--) {
                fd_close(p->fds[i]);
                if (p->names[i][0])
                        (void)unlinkat(p->root, p->names[i], AT_REMOVEDIR);
        }
        if (p)
                fd_close(p->root);
        free(p);
        return 0;
}

/*
 * Reach by the whole way: a real object, loaded by bpftool under the grant,
 * then attached by root above the reach. It counts within and nowhere else.
 */
static void test_reach(void **state) {
        static const char *const suffixes[] = {"", "/in", "/out"};
        struct reach_places *p = calloc(1, sizeof(*p));
        _cleanup_free_ char *grant = NULL, *object = NULL, *script = NULL, *pinned = NULL;
        _cleanup_close_ int prog = -1, map = -1, link = -1;

        *state = p;
        need_root();
        p->root = cgroup_open_root();
        if (p->root < 0)
                skip_because("no cgroup2 hierarchy");
        for (int i = 0; i < 3; i++) {
                snprintf(p->names[i], sizeof(p->names[i]), "bpfgrant-test-%d%s", getpid(), suffixes[i]);
                if (mkdirat(p->root, p->names[i], 0755) < 0)
                        skip_because("no cgroup can be made: %s", strerror(errno));
                p->fds[i] = openat(p->root, p->names[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                assert_return_code(p->fds[i], errno);
        }
        assert_true(asprintf(&grant,
                             "[grant]\ncommands = map_create btf_load prog_load obj_get_info_by_fd\n"
                             "maps = hash array\nprograms = cgroup_sock\nattach = cgroup_inet_sock_create\n"
                             "[reach]\ncgroup = /%s\n[access]\npins = %s\n",
                             p->names[1], u.pins) > 0);
        write_grant(grant);
        assert_true(asprintf(&object, "%s/script", u.folder) > 0);
        (void)unlink(object);
        assert_int_equal(copy_file(getenv("COUNTER"), object, 0644), 0);
        assert_true(asprintf(&script, "bpftool prog loadall %s %s/prog pinmaps %s/maps", object, u.pins,
                             u.pins) > 0);
        run_shell(NULL, 0, script);

        assert_true(asprintf(&pinned, "%s/prog/count_sockets", u.pins) > 0);
        prog = bpf_obj_get(pinned);
        assert_return_code(prog, errno);
        (void)unlink(pinned);
        free(steal_ptr(pinned));
        assert_true(asprintf(&pinned, "%s/maps/hits", u.pins) > 0);
        map = bpf_obj_get(pinned);
        assert_return_code(map, errno);
        (void)unlink(pinned);
        link = bpf_link_create(prog, p->fds[0], BPF_CGROUP_INET_SOCK_CREATE, NULL);
        assert_return_code(link, errno);
        socket_in(p->fds[2]);
        assert_int_equal(sockets_counted(map), 0);
        socket_in(p->fds[1]);
        assert_int_equal(sockets_counted(map), 1);
}

/* [reach] without its place, or a delivery that cannot enforce a part: refused before anything runs. */
static void test_reach_place(void **state) {
        (void)state;
        need_root();
        write_grant(HOLDER_GRANT "[reach]\ncgroup = /no/such/cgroup\n");
        assert_int_equal(run_under(NULL, WORDS("true")), 125);
        assert_file_has(u.err, "test.grant:7: cgroup /no/such/cgroup");
        write_grant("[grant]\ncommands = prog_load\nprograms = xdp\n[reach]\ninterface = nosuchif0\n");
        assert_int_equal(run_under(NULL, WORDS("true")), 125);
        assert_file_has(u.err, "nosuchif0");
        write_grant("[grant]\ncommands = prog_load\nprograms = tracepoint\nverifier = trusted\n"
                    "[reach]\ntracepoint = sched:sched_switch\n");
        assert_int_equal(run_under(NULL, WORDS("true")), 125);
        assert_file_has(u.err, "tracepoint cannot be enforced");
}

/* A directory of another user's is not taken over. */
static void test_foreign_pins(void **state) {
        _cleanup_free_ char *grant = NULL;
        char path[96];
        struct stat s;

        (void)state;
        need_root();
        snprintf(path, sizeof(path), "%s-other", u.pins);
        assert_return_code(mkdir(path, 0700), errno);
        assert_true(asprintf(&grant, HOLDER_GRANT "[access]\npins = %s\n", path) > 0);
        write_grant(grant);
        assert_int_equal(run_under(NULL, WORDS("true")), 125);
        assert_file_has(u.err, "another user's");
        assert_return_code(stat(path, &s), errno);
        assert_int_equal(s.st_uid, 0);
        assert_return_code(rmdir(path), errno);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_allowed),
                cmocka_unit_test(test_denied),
                cmocka_unit_test(test_without_grant),
                cmocka_unit_test(test_bpftool),
                cmocka_unit_test(test_foreign_id),
                cmocka_unit_test(test_deputy),
                cmocka_unit_test(test_exit_status),
                cmocka_unit_test(test_passes_through),
                cmocka_unit_test(test_no_groups_of_root),
                cmocka_unit_test(test_root_is_refused),
                cmocka_unit_test(test_as_root),
                cmocka_unit_test(test_socket),
                cmocka_unit_test(test_signals),
                cmocka_unit_test(test_stop),
                cmocka_unit_test(test_record),
                cmocka_unit_test(test_record_full),
                cmocka_unit_test(test_same_sentence_once),
                cmocka_unit_test_teardown(test_reach, reach_teardown),
                cmocka_unit_test(test_reach_place),
                cmocka_unit_test(test_foreign_pins),
        };

        return cmocka_run_group_tests_name("run", tests, under_setup, under_teardown);
}
