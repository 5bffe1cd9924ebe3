/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The table of types. A row needs two things: something that tells where the
 * event is, and a return value that is as if the program were not there. Where
 * either is missing or in doubt, the row refuses.
 *
 * Where the event is. cgroup_sock, cgroup_sock_addr, cgroup_sockopt,
 * cgroup_device and cgroup_sysctl run in the task that made the system call,
 * which is the one that is meant. cgroup_skb runs in softirq, where the current
 * task is whoever was interrupted: it asks for the packet's socket. Tracing
 * types watch, and "in this cgroup" means "while a task of it runs", as for
 * perf's cgroup filter; that holds in interrupts too. LSM and modify_return
 * programs decide, and a part of their hooks runs in softirq for packets of
 * others: they are taken only if sleepable, which the verifier allows only for
 * hooks that run in the context of their task; and a kprobe program only if it
 * does not override return values (bind.c). xdp and tc see the interface; a
 * devmap or cpumap program sees the one on which the packet came in, so it acts
 * on no packet that the interface's own program could not have acted on.
 * Interface indices are those of one network namespace: a program that is
 * carried to another one acts on the interface that has the index there, and
 * its owner has agreed to that by attaching it.
 *
 * Neutral verdicts, by check_return_code() of Linux 6.1 to 6.18 and by what the
 * caller makes of the value:
 *  - cgroup types: 1 lets the call or packet go on; the only value that
 *    recvmsg, getpeername and getsockname accept; the further bits of bind4,
 *    bind6 and egress (bypass of CAP_NET_BIND_SERVICE, congestion) stay unset.
 *  - kprobe, tracepoint, perf_event: 1, since 0 withholds the event from
 *    everybody who records it (trace_call_bpf()). For kprobe_session and
 *    uprobe_session 1 means "do not run at the return". A uprobe_multi program
 *    that returns 1 on 6.6 to 6.12 takes the breakpoint out of that process,
 *    unless somebody else wants it: less is seen, nothing else changes.
 *  - raw tracepoints: ignored. fentry and fexit: 0 is the only value.
 *  - modify_return, lsm_mac: 0 goes on with the function, or with the hook's
 *    own default, since an LSM program is a modify_return of an empty function;
 *    hooks that return nothing ignore it.
 *  - sched_cls: TC_ACT_UNSPEC, which is TCX_NEXT too. (A classic cls_bpf filter
 *    without direct-action would want 0 and takes -1 for a match; attaching one
 *    needs CAP_NET_ADMIN over the interface, which is authority to match all.)
 *  - sched_act: TC_ACT_PIPE goes on with the next action; -1 would take the
 *    action's own default, which may be to drop.
 *
 * Helper and context were tried on 6.1, 6.12, 6.18 and 7.3, TRACE_RAW_TP on 6.18
 * only. The rows of fentry, fexit, modify_return, lsm_mac and of writable raw
 * tracepoints stand on the kernel's sources.
 */

#include "bind/rules.h"

#include <stddef.h>

#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include "base/macro.h"

/* Newer than the headers of Linux 6.1. */
#define PROG_TYPE_NETFILTER 32     /* 6.4 */
#define CGROUP_UNIX_CONNECT 49     /* 6.7 */
#define CGROUP_UNIX_GETSOCKNAME 53 /* 6.7 */
#define NETKIT_PRIMARY 54          /* 6.7 */
#define NETKIT_PEER 55             /* 6.7 */
#define TRACE_UPROBE_SESSION 57    /* 6.13; the last one known here */

#define EVERY 0, UINT32_MAX
/* Types whose attach type the kernel does not check at load; a new one may mean new verdicts. */
#define EVERY_KNOWN 0, TRACE_UPROBE_SESSION

#define BY_TASK(type, range, verdict)                                                                       \
        { BPF_PROG_TYPE_##type, range, .how = BIND_BY_TASK, .neutral = (verdict) }
#define BY_TASK_SLEEPABLE(type, range, verdict)                                                             \
        { BPF_PROG_TYPE_##type, range, .how = BIND_BY_TASK, .neutral = (verdict), .sleepable_only = true }
#define BY_SOCKET(type, range, verdict)                                                                     \
        { BPF_PROG_TYPE_##type, range, .how = BIND_BY_SOCKET, .neutral = (verdict) }
#define BY_INTERFACE(type, range, context, member, verdict)                                                 \
        {                                                                                                   \
                BPF_PROG_TYPE_##type, range, .how = BIND_BY_INTERFACE, .neutral = (verdict),                \
                                             .field = offsetof(struct context, member)                      \
        }
#define REFUSED(type, range, why)                                                                           \
        { BPF_PROG_TYPE_##type, range, .how = BIND_REFUSED, .reason = (why) }
#define FROM(first, last) (first), (last)

static const char no_place[] = "it runs where no task is meant and has no helper that tells a cgroup";
static const char no_neutral[] = "it has no return value that is as if the program were not there";

static const struct bind_rule rules[] = {
        BY_SOCKET(CGROUP_SKB, FROM(BPF_CGROUP_INET_INGRESS, BPF_CGROUP_INET_EGRESS), 1),

        /* The kernel takes 0, which older loaders write, for INET_SOCK_CREATE. */
        BY_TASK(CGROUP_SOCK, FROM(0, 0), 1),
        BY_TASK(CGROUP_SOCK, FROM(BPF_CGROUP_INET_SOCK_CREATE, BPF_CGROUP_INET_SOCK_CREATE), 1),
        BY_TASK(CGROUP_SOCK, FROM(BPF_CGROUP_INET4_POST_BIND, BPF_CGROUP_INET6_POST_BIND), 1),
        BY_TASK(CGROUP_SOCK, FROM(BPF_CGROUP_INET_SOCK_RELEASE, BPF_CGROUP_INET_SOCK_RELEASE), 1),

        BY_TASK(CGROUP_SOCK_ADDR, FROM(BPF_CGROUP_INET4_BIND, BPF_CGROUP_INET6_CONNECT), 1),
        BY_TASK(CGROUP_SOCK_ADDR, FROM(BPF_CGROUP_UDP4_SENDMSG, BPF_CGROUP_UDP6_SENDMSG), 1),
        BY_TASK(CGROUP_SOCK_ADDR, FROM(BPF_CGROUP_UDP4_RECVMSG, BPF_CGROUP_UDP6_RECVMSG), 1),
        BY_TASK(CGROUP_SOCK_ADDR, FROM(BPF_CGROUP_INET4_GETPEERNAME, BPF_CGROUP_INET6_GETSOCKNAME), 1),
        BY_TASK(CGROUP_SOCK_ADDR, FROM(CGROUP_UNIX_CONNECT, CGROUP_UNIX_GETSOCKNAME), 1),

        BY_TASK(CGROUP_SOCKOPT, FROM(BPF_CGROUP_GETSOCKOPT, BPF_CGROUP_SETSOCKOPT), 1),
        BY_TASK(CGROUP_DEVICE, EVERY_KNOWN, 1),
        BY_TASK(CGROUP_SYSCTL, EVERY_KNOWN, 1),

        BY_INTERFACE(XDP, EVERY_KNOWN, xdp_md, ingress_ifindex, XDP_PASS),
        BY_INTERFACE(SCHED_CLS, FROM(0, NETKIT_PRIMARY - 1), __sk_buff, ifindex, TC_ACT_UNSPEC),
        REFUSED(SCHED_CLS, FROM(NETKIT_PRIMARY, NETKIT_PEER),
                "attached to a netkit device it sees the peer's interface index, of another namespace"),
        BY_INTERFACE(SCHED_ACT, EVERY_KNOWN, __sk_buff, ifindex, TC_ACT_PIPE),

        BY_TASK(KPROBE, EVERY_KNOWN, 1),
        BY_TASK(TRACEPOINT, EVERY_KNOWN, 1),
        BY_TASK(PERF_EVENT, EVERY_KNOWN, 1),
        BY_TASK(RAW_TRACEPOINT, EVERY_KNOWN, 0),
        BY_TASK(RAW_TRACEPOINT_WRITABLE, EVERY_KNOWN, 0),
        BY_TASK(TRACING, FROM(BPF_TRACE_RAW_TP, BPF_TRACE_FEXIT), 0),
        BY_TASK_SLEEPABLE(TRACING, FROM(BPF_MODIFY_RETURN, BPF_MODIFY_RETURN), 0),
        REFUSED(TRACING, FROM(BPF_TRACE_ITER, BPF_TRACE_ITER),
                "an iterator walks the objects of the whole host, whoever reads it"),
        BY_TASK_SLEEPABLE(LSM, FROM(BPF_LSM_MAC, BPF_LSM_MAC), 0),
        REFUSED(LSM, FROM(BPF_LSM_CGROUP, BPF_LSM_CGROUP),
                "a part of its hooks runs for the packets of others than the current task"),

        REFUSED(SOCKET_FILTER, EVERY, no_place),
        REFUSED(SOCK_OPS, EVERY, no_place),
        REFUSED(SK_SKB, EVERY, no_place),
        REFUSED(SK_MSG, EVERY, no_place),
        REFUSED(SK_LOOKUP, EVERY, no_place),
        REFUSED(SK_REUSEPORT, EVERY, no_place),
        REFUSED(FLOW_DISSECTOR, EVERY, no_place),
        REFUSED(LWT_IN, EVERY, no_place),
        REFUSED(LWT_OUT, EVERY, no_place),
        REFUSED(LWT_XMIT, EVERY, no_place),
        REFUSED(LWT_SEG6LOCAL, EVERY, no_place),
        {PROG_TYPE_NETFILTER, EVERY, .how = BIND_REFUSED, .reason = no_place},
        REFUSED(LIRC_MODE2, EVERY, "an infrared receiver belongs to no cgroup and no interface"),
        REFUSED(STRUCT_OPS, EVERY, no_neutral),
        REFUSED(EXT, EVERY, "it replaces a part of another program, whose verdicts are not known"),
        REFUSED(SYSCALL, EVERY, "it runs only when it is called, and has no event that could be elsewhere"),
};

static const struct bind_rule unknown = {
        .how = BIND_REFUSED,
        .reason = "it is not known where programs of this type, or of this attach type, run",
};

const struct bind_rule *bind_rule(uint32_t prog_type, uint32_t attach_type) {
        for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
                if (rules[i].prog_type == prog_type && rules[i].attach_min <= attach_type &&
                    attach_type <= rules[i].attach_max)
                        return &rules[i];
        return &unknown;
}

const struct bind_rule *bind_rule_of_type(uint32_t prog_type) {
        for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
                if (rules[i].prog_type == prog_type && rules[i].how != BIND_REFUSED)
                        return &rules[i];
        return &unknown;
}

const char *bind_refusal(uint32_t prog_type) {
        for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
                if (rules[i].prog_type == prog_type && rules[i].how == BIND_REFUSED)
                        return rules[i].reason;
        return unknown.reason;
}
