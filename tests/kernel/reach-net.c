/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Reach by interface, proved on the kernel: a network namespace with two pairs
 * of virtual Ethernet devices. A program that is bound to the first interface is
 * attached to both; frames are sent into both. It must act on those of the
 * first, and its twin, the same frames on the second, must arrive as if it were
 * not there.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <bpf/libbpf.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/pkt_cls.h>

#include "kernel/bound.h"
#include "skip.h"

#define TCX_INGRESS 46 /* 6.6 */
#define TCX_EGRESS 47

#define N_FRAMES 5
#define FRAME_TYPE 0x88b5 /* for local experiments */

enum side { SIDE_IN, SIDE_OUT, N_SIDES };

static struct {
        const char *missing;             /* why the tests cannot run */
        int near[N_SIDES], far[N_SIDES]; /* indices of each pair; programs are attached to the near end */
        int counter_fd, prog_fd, link_fds[N_SIDES];
} t = {.counter_fd = -1, .prog_fd = -1, .link_fds = {-1, -1}};

static bool write_file(const char *path, const char *text) {
        _cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);

        return fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}

/* No addresses and no neighbours: the only frames are the test's own. */
static const char *net_make(void) {
        if (unshare(CLONE_NEWNET) < 0)
                return "cannot make a network namespace";
        (void)write_file("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
        for (int side = 0; side < N_SIDES; side++) {
                char command[256], name[16];

                snprintf(command, sizeof(command),
                         "ip link add near%d arp off type veth peer name far%d && ip link set near%d up && "
                         "ip link set far%d arp off up",
                         side, side, side, side);
                if (system(command) != 0)
                        return "cannot make veth devices with ip";
                snprintf(name, sizeof(name), "near%d", side);
                t.near[side] = (int)if_nametoindex(name);
                snprintf(name, sizeof(name), "far%d", side);
                t.far[side] = (int)if_nametoindex(name);
        }
        return NULL;
}

/* The network namespace and all in it end with this process. */
static int group_setup(void **state) {
        (void)state;
        t.missing = bpf_is_missing();
        if (!t.missing)
                t.missing = net_make();
        return 0;
}

static int test_teardown(void **state) {
        (void)state;
        for (int side = 0; side < N_SIDES; side++)
                t.link_fds[side] = fd_close(t.link_fds[side]);
        t.prog_fd = fd_close(t.prog_fd);
        t.counter_fd = fd_close(t.counter_fd);
        return 0;
}

#define need_net()                                                                                          \
        do {                                                                                                \
                if (t.missing)                                                                              \
                        skip_because("%s", t.missing);                                                      \
        } while (0)

static int packet_socket(int interface) {
        struct sockaddr_ll a = {
                .sll_family = AF_PACKET,
                .sll_protocol = htons(FRAME_TYPE),
                .sll_ifindex = interface,
        };
        int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(FRAME_TYPE));

        assert_return_code(fd, errno);
        assert_return_code(bind(fd, (struct sockaddr *)&a, sizeof(a)), errno);
        return fd;
}

static unsigned frames_waiting(int fd) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        unsigned n = 0;
        char frame[128];

        while (poll(&wait, 1, 50) > 0 && recv(fd, frame, sizeof(frame), MSG_DONTWAIT) > 0)
                n++;
        return n;
}

/* Sends frames from one interface to the other of its pair; how many of them arrive. */
static unsigned send_frames(int from, int to) {
        _cleanup_close_ int sender = packet_socket(from), receiver = packet_socket(to);
        struct {
                struct ethhdr head;
                char padding[46];
        } frame = {.head.h_proto = htons(FRAME_TYPE)};

        memset(frame.head.h_dest, 0xff, ETH_ALEN);
        for (int i = 0; i < N_FRAMES; i++) {
                /* A drop on the way out is told to the sender. */
                if (send(sender, &frame, sizeof(frame), 0) < 0)
                        assert_int_equal(errno, ENOBUFS);
        }
        return frames_waiting(receiver);
}

/* Frames that come in at the near end, where a program may drop them. */
static unsigned send_to_near(enum side side) {
        return send_frames(t.far[side], t.near[side]);
}

static unsigned send_from_near(enum side side) {
        return send_frames(t.near[side], t.far[side]);
}

static void load(bool bound, uint32_t type, uint32_t attach, int32_t verdict) {
        struct bind_reach reach = {.interfaces = {(uint32_t)t.near[SIDE_IN]}, .n_interfaces = 1};
        struct bpf_insn insns[BODY_MAX];
        struct bind_program p = {.prog_type = type, .attach_type = attach, .insns = insns};

        (void)test_teardown(NULL);
        t.counter_fd = counter_new();
        assert_return_code(t.counter_fd, -t.counter_fd);
        p.n_insns = body_write(BODY_COUNT, t.counter_fd, verdict, insns);
        t.prog_fd = bound_load(bound ? &reach : NULL, &p, 0);
        assert_return_code(t.prog_fd, -t.prog_fd);
}

/* 0, or -errno of the first attachment that failed. */
static int attach_to_both(uint32_t attach, uint32_t flags) {
        for (int side = 0; side < N_SIDES; side++) {
                t.link_fds[side] = link_new(t.prog_fd, t.near[side], attach, flags);
                if (t.link_fds[side] < 0)
                        return t.link_fds[side];
        }
        return 0;
}

static void assert_dropped_only_inside(unsigned (*send)(enum side)) {
        assert_int_equal(send(SIDE_OUT), N_FRAMES);
        assert_true(counter_get(t.counter_fd) == 0);
        assert_int_equal(send(SIDE_IN), 0);
        assert_true(counter_get(t.counter_fd) == N_FRAMES);
}

static void assert_dropped_everywhere(unsigned (*send)(enum side)) {
        assert_int_equal(send(SIDE_OUT), 0);
        assert_int_equal(send(SIDE_IN), 0);
        assert_true(counter_get(t.counter_fd) == 2 * N_FRAMES);
}

static void test_xdp(void **state) {
        (void)state;
        need_net();
        load(true, BPF_PROG_TYPE_XDP, BPF_XDP, XDP_DROP);
        assert_int_equal(attach_to_both(BPF_XDP, XDP_FLAGS_SKB_MODE), 0);
        assert_dropped_only_inside(send_to_near);

        load(false, BPF_PROG_TYPE_XDP, BPF_XDP, XDP_DROP);
        assert_int_equal(attach_to_both(BPF_XDP, XDP_FLAGS_SKB_MODE), 0);
        assert_dropped_everywhere(send_to_near);
}

static void test_tcx_way(uint32_t attach, unsigned (*send)(enum side)) {
        int r;

        need_net();
        load(true, BPF_PROG_TYPE_SCHED_CLS, attach, TC_ACT_SHOT);
        r = attach_to_both(attach, 0);
        if (r == -EINVAL || r == -EOPNOTSUPP)
                skip_because("kernel: has no tcx (6.6)");
        assert_int_equal(r, 0);
        assert_dropped_only_inside(send);

        load(false, BPF_PROG_TYPE_SCHED_CLS, attach, TC_ACT_SHOT);
        assert_int_equal(attach_to_both(attach, 0), 0);
        assert_dropped_everywhere(send);
}

static void test_tcx_ingress(void **state) {
        (void)state;
        test_tcx_way(TCX_INGRESS, send_to_near);
}

static void test_tcx_egress(void **state) {
        (void)state;
        test_tcx_way(TCX_EGRESS, send_from_near);
}

/* The classic way; the same object would be reached by tc's own "direct-action". */
static int clsact_attach(int interface) {
        LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = interface, .attach_point = BPF_TC_INGRESS);
        LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = t.prog_fd, .flags = BPF_TC_F_REPLACE, .handle = 1,
                    .priority = 1);
        int r = bpf_tc_hook_create(&hook);

        return r < 0 && r != -EEXIST ? r : bpf_tc_attach(&hook, &opts);
}

static int clsact_detach(int interface) {
        LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = interface,
                    .attach_point = (enum bpf_tc_attach_point)(BPF_TC_INGRESS | BPF_TC_EGRESS));

        return bpf_tc_hook_destroy(&hook);
}

static void test_clsact(void **state) {
        int r = 0;

        (void)state;
        need_net();
        libbpf_set_print(NULL);
        load(true, BPF_PROG_TYPE_SCHED_CLS, 0, TC_ACT_SHOT);
        for (int side = 0; side < N_SIDES && r == 0; side++)
                r = clsact_attach(t.near[side]);
        if (r == -ENOENT || r == -EOPNOTSUPP)
                skip_because("kernel: has no clsact");
        assert_int_equal(r, 0);
        assert_dropped_only_inside(send_to_near);

        for (int side = 0; side < N_SIDES; side++)
                assert_int_equal(clsact_detach(t.near[side]), 0);
        assert_int_equal(send_to_near(SIDE_IN), N_FRAMES);
}

/* Two interfaces in one reach. */
static void test_two_interfaces(void **state) {
        struct bind_reach reach = {.n_interfaces = 2};
        struct bpf_insn insns[BODY_MAX];
        struct bind_program p = {.prog_type = BPF_PROG_TYPE_XDP, .attach_type = BPF_XDP, .insns = insns};

        (void)state;
        need_net();
        reach.interfaces[0] = (uint32_t)t.near[SIDE_IN];
        reach.interfaces[1] = (uint32_t)t.near[SIDE_OUT];
        t.counter_fd = counter_new();
        p.n_insns = body_write(BODY_COUNT, t.counter_fd, XDP_DROP, insns);
        t.prog_fd = bound_load(&reach, &p, 0);
        assert_return_code(t.prog_fd, -t.prog_fd);
        assert_int_equal(attach_to_both(BPF_XDP, XDP_FLAGS_SKB_MODE), 0);
        assert_dropped_everywhere(send_to_near);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_teardown(test_xdp, test_teardown),
                cmocka_unit_test_teardown(test_two_interfaces, test_teardown),
                cmocka_unit_test_teardown(test_tcx_ingress, test_teardown),
                cmocka_unit_test_teardown(test_tcx_egress, test_teardown),
                cmocka_unit_test_teardown(test_clsact, test_teardown),
        };

        return cmocka_run_group_tests_name("reach-net", tests, group_setup, NULL);
}
