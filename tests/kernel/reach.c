/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Reach by cgroup, proved on the kernel. Three cgroups, in, in/child and out,
 * below one of this test's own. A program that is bound to "in" is attached
 * above all of them, and a child process does the real thing in each: sockets,
 * packets, files of sysctl, devices. The program must act in "in" and
 * "in/child", and its twin, the same event in "out", must be as if it were not
 * there.
 *
 * Programs that deny are attached to the test's own cgroup only; at the root of
 * the hierarchy programs only count, since others use this machine. All hang on
 * links, which end with the process.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "kernel/places.h"

#define CGROUP_UNIX_CONNECT 49 /* 6.7 */

/* Real things that a process does: 0, or -errno. */

static int udp_socket(void) {
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        return fd < 0 ? -errno : fd;
}

static struct sockaddr_in loopback(uint16_t port) {
        return (struct sockaddr_in) {
                .sin_family = AF_INET,
                .sin_port = htons(port),
                .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
        };
}

static int errno_of(int r) {
        return r < 0 ? -errno : 0;
}

static int do_socket(void) {
        _cleanup_close_ int fd = udp_socket();

        return fd < 0 ? fd : 0;
}

static int do_bind(void) {
        _cleanup_close_ int fd = udp_socket();
        struct sockaddr_in a = loopback(0);

        return errno_of(bind(fd, (struct sockaddr *)&a, sizeof(a)));
}

static int do_connect(void) {
        _cleanup_close_ int fd = udp_socket();
        struct sockaddr_in a = loopback(9);

        return errno_of(connect(fd, (struct sockaddr *)&a, sizeof(a)));
}

static int do_sendto(void) {
        _cleanup_close_ int fd = udp_socket();
        struct sockaddr_in a = loopback(9);

        return errno_of((int)sendto(fd, "x", 1, 0, (struct sockaddr *)&a, sizeof(a)));
}

static int do_names(void) {
        _cleanup_close_ int fd = udp_socket();
        struct sockaddr_in a = loopback(9);
        socklen_t length = sizeof(a);

        if (connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0 ||
            getpeername(fd, (struct sockaddr *)&a, &length) < 0)
                return -errno;
        return errno_of(getsockname(fd, (struct sockaddr *)&a, &length));
}

/* A datagram over the loopback, from one socket of this process to another. */
static int do_datagram(void) {
        _cleanup_close_ int from = udp_socket(), to = udp_socket();
        struct sockaddr_in a = loopback(0);
        socklen_t length = sizeof(a);
        struct pollfd wait = {.fd = to, .events = POLLIN};
        char byte;

        if (bind(to, (struct sockaddr *)&a, sizeof(a)) < 0 ||
            getsockname(to, (struct sockaddr *)&a, &length) < 0 ||
            sendto(from, "x", 1, 0, (struct sockaddr *)&a, sizeof(a)) < 0)
                return -errno;
        if (poll(&wait, 1, 300) == 0)
                return -ETIMEDOUT;
        return errno_of((int)recvfrom(to, &byte, 1, 0, (struct sockaddr *)&a, &length));
}

static int do_connect_unix(void) {
        static const struct sockaddr_un nowhere = {AF_UNIX, "/nonexistent/bpfgrant"};
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (connect(fd, (const struct sockaddr *)&nowhere, sizeof(nowhere)) < 0 && errno != ENOENT)
                return -errno;
        return 0;
}

static int do_setsockopt(void) {
        _cleanup_close_ int fd = udp_socket();
        int one = 1;

        return errno_of(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)));
}

static int do_getsockopt(void) {
        _cleanup_close_ int fd = udp_socket();
        int value;
        socklen_t length = sizeof(value);

        return errno_of(getsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &value, &length));
}

static int do_sysctl(void) {
        _cleanup_close_ int fd = open("/proc/sys/kernel/ostype", O_RDONLY | O_CLOEXEC);
        char text[32];

        return errno_of((int)read(fd, text, sizeof(text)));
}

static int do_device(void) {
        _cleanup_close_ int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

        return errno_of(fd);
}

/* One row an attach type: what makes its event, and what a denied one looks like (0: it cannot deny). */
static const struct hook {
        const char *name;
        uint32_t prog_type, attach_type;
        int (*act)(void);
        int denied;
} hooks[] = {
        {"cgroup_inet_sock_create", BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET_SOCK_CREATE, do_socket,
         -EPERM},
        {"cgroup_inet_sock_release", BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET_SOCK_RELEASE, do_socket, 0},
        {"cgroup_inet4_post_bind", BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET4_POST_BIND, do_bind, -EPERM},
        {"cgroup_inet4_bind", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_BIND, do_bind, -EPERM},
        {"cgroup_inet4_connect", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_CONNECT, do_connect,
         -EPERM},
        {"cgroup_udp4_sendmsg", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_UDP4_SENDMSG, do_sendto, -EPERM},
        {"cgroup_udp4_recvmsg", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_UDP4_RECVMSG, do_datagram, 0},
        {"cgroup_inet4_getpeername", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_GETPEERNAME, do_names,
         0},
        {"cgroup_inet4_getsockname", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_GETSOCKNAME, do_names,
         0},
        {"cgroup_unix_connect", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, CGROUP_UNIX_CONNECT, do_connect_unix,
         -EPERM},
        {"cgroup_setsockopt", BPF_PROG_TYPE_CGROUP_SOCKOPT, BPF_CGROUP_SETSOCKOPT, do_setsockopt, -EPERM},
        {"cgroup_getsockopt", BPF_PROG_TYPE_CGROUP_SOCKOPT, BPF_CGROUP_GETSOCKOPT, do_getsockopt, -EPERM},
        {"cgroup_sysctl", BPF_PROG_TYPE_CGROUP_SYSCTL, BPF_CGROUP_SYSCTL, do_sysctl, -EPERM},
        {"cgroup_device", BPF_PROG_TYPE_CGROUP_DEVICE, BPF_CGROUP_DEVICE, do_device, -EPERM},
        {"cgroup_inet_egress", BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_EGRESS, do_datagram, -EPERM},
        {"cgroup_inet_ingress", BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_INGRESS, do_datagram, -ETIMEDOUT},
};

/* Loads a program for a hook, and attaches it; false if the kernel has no such hook. */
static bool hook_attach(const struct hook *h, const struct bind_reach *reach, enum body body,
                        int32_t verdict, int cgroup_fd) {
        struct bpf_insn insns[BODY_MAX];
        struct bind_program p = {.prog_type = h->prog_type, .attach_type = h->attach_type, .insns = insns};

        (void)test_teardown(NULL);
        t.counter_fd = counter_new();
        assert_return_code(t.counter_fd, -t.counter_fd);
        p.n_insns = body_write(body, t.counter_fd, verdict, insns);
        if (h->attach_type == CGROUP_UNIX_CONNECT) {
                _cleanup_close_ int probe = insns_load(&p, 0, NULL, 0);

                if (probe == -EINVAL) {
                        print_message("# kernel: has no %s (6.7)\n", h->name);
                        return false;
                }
        }
        t.prog_fd = bound_load(reach, &p, 0);
        if (t.prog_fd < 0)
                fail_msg("%s: load: %s", h->name, strerror(-t.prog_fd));
        t.link_fd = link_new(t.prog_fd, cgroup_fd, h->attach_type, 0);
        if (t.link_fd < 0)
                fail_msg("%s: attach: %s", h->name, strerror(-t.link_fd));
        return true;
}

static void assert_act(const struct hook *h, enum place place, int expected) {
        int r = act_in(place, h->act);

        if (r != expected)
                fail_msg("%s in %s: %d, expected %d", h->name, t.names[place], r, expected);
}

static void assert_counted(const struct hook *h, enum place place, bool expected) {
        uint64_t n = count_in(place, h->act);

        if ((n > 0) != expected)
                fail_msg("%s in %s: acted %llu times", h->name, t.names[place], (unsigned long long)n);
}

/* What is attached to the root would harm the whole host if guards did not work: not before this is seen. */
static bool guards_work;

/* Denies in its cgroup and below, and nowhere else; without its reach it would deny everywhere. */
static void test_deny_only_inside(void **state) {
        (void)state;
        need_kernel();
        for (size_t i = 0; i < ARRAY_SIZE(hooks); i++) {
                const struct hook *h = &hooks[i];
                struct bind_reach reach = reach_of(PLACE_IN);

                if (h->denied == 0 || !hook_attach(h, &reach, BODY_RETURN, 0, t.fds[PLACE_PARENT]))
                        continue;
                assert_act(h, PLACE_IN, h->denied);
                assert_act(h, PLACE_CHILD, h->denied);
                assert_act(h, PLACE_OUT, 0);
                assert_act(h, PLACE_PARENT, 0);

                assert_true(hook_attach(h, NULL, BODY_RETURN, 0, t.fds[PLACE_PARENT]));
                assert_act(h, PLACE_IN, h->denied);
                assert_act(h, PLACE_OUT, h->denied);
        }
        guards_work = true;
}

/* The same at the root of the hierarchy, where programs only count. */
static void test_count_at_the_root(void **state) {
        (void)state;
        need_kernel();
        assert_true(guards_work);
        for (size_t i = 0; i < ARRAY_SIZE(hooks); i++) {
                const struct hook *h = &hooks[i];
                struct bind_reach reach = reach_of(PLACE_IN);

                if (!hook_attach(h, &reach, BODY_COUNT, 1, t.root_fd))
                        continue;
                assert_counted(h, PLACE_OUT, false);
                assert_counted(h, PLACE_IN, true);
                assert_counted(h, PLACE_PARENT, false);
                assert_counted(h, PLACE_CHILD, true);
                assert_counted(h, PLACE_OUT, false);
        }
}

static const struct hook *const sock_create = &hooks[0];

static const struct hook *egress(void) {
        return &hooks[ARRAY_SIZE(hooks) - 2];
}

/* Two places at different levels, by task and by socket. */
static void test_several_places(void **state) {
        const struct hook *both[] = {sock_create, egress()};

        (void)state;
        need_kernel();
        for (size_t i = 0; i < ARRAY_SIZE(both); i++) {
                struct bind_reach reach = {
                        .cgroups = {t.cgroups[PLACE_CHILD], t.cgroups[PLACE_OUT]},
                        .n_cgroups = 2,
                };

                assert_true(t.cgroups[PLACE_CHILD].level == t.cgroups[PLACE_OUT].level + 1);
                assert_true(hook_attach(both[i], &reach, BODY_RETURN, 0, t.fds[PLACE_PARENT]));
                assert_act(both[i], PLACE_CHILD, -EPERM);
                assert_act(both[i], PLACE_OUT, -EPERM);
                assert_act(both[i], PLACE_IN, 0);
                assert_act(both[i], PLACE_PARENT, 0);
        }
}

/* As many places as there can be, of which only the last is met. */
static void test_most_places(void **state) {
        struct bind_reach reach = {.n_cgroups = BIND_PLACES_MAX};

        (void)state;
        need_kernel();
        for (uint32_t i = 0; i < BIND_PLACES_MAX - 1; i++)
                reach.cgroups[i] = (struct bind_cgroup) {.id = UINT64_MAX - i, .level = i};
        reach.cgroups[BIND_PLACES_MAX - 1] = t.cgroups[PLACE_IN];
        assert_true(hook_attach(egress(), &reach, BODY_RETURN, 0, t.fds[PLACE_PARENT]));
        assert_act(egress(), PLACE_CHILD, -EPERM);
        assert_act(egress(), PLACE_OUT, 0);
}

/* "/" is everywhere; a cgroup that is named at a level where it is not, is nowhere. */
static void test_root_is_everywhere(void **state) {
        struct bind_reach reach = {.cgroups = {{.level = 0}}, .n_cgroups = 1};

        (void)state;
        need_kernel();
        assert_int_equal(cgroup_id(t.root_fd, &reach.cgroups[0].id), 0);
        assert_true(hook_attach(sock_create, &reach, BODY_RETURN, 0, t.fds[PLACE_PARENT]));
        for (int place = 0; place < N_PLACES; place++)
                assert_act(sock_create, (enum place)place, -EPERM);

        reach = reach_of(PLACE_IN);
        reach.cgroups[0].level++;
        assert_true(hook_attach(sock_create, &reach, BODY_RETURN, 0, t.fds[PLACE_PARENT]));
        for (int place = 0; place < N_PLACES; place++)
                assert_act(sock_create, (enum place)place, 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_teardown(test_deny_only_inside, test_teardown),
                cmocka_unit_test_teardown(test_count_at_the_root, test_teardown),
                cmocka_unit_test_teardown(test_several_places, test_teardown),
                cmocka_unit_test_teardown(test_most_places, test_teardown),
                cmocka_unit_test_teardown(test_root_is_everywhere, test_teardown),
        };

        return cmocka_run_group_tests_name("reach", tests, group_setup, group_teardown);
}
