/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Tables of the kernel's demands, by value. Measured on Linux 6.18 with every
 * set of capabilities; the program types that could not be loaded there follow
 * is_net_admin_prog_type() and is_perfmon_prog_type().
 */

#include "grant/traits.h"

#include <linux/bpf.h>

#include "base/macro.h"

#define NET_ADMIN (UINT64_C(1) << CAP_NET_ADMIN)
#define PERFMON (UINT64_C(1) << CAP_PERFMON)

/* Values that are newer than the headers of Linux 6.1, which we can be built with. */
enum {
        PROG_TYPE_NETFILTER = 32,        /* 6.4 */
        ATTACH_TCX_INGRESS = 46,         /* 6.6 */
        ATTACH_TCX_EGRESS = 47,          /* 6.6 */
        ATTACH_CGROUP_UNIX_CONNECT = 49, /* 6.7 */
        ATTACH_CGROUP_UNIX_SENDMSG = 50,
        ATTACH_CGROUP_UNIX_RECVMSG = 51,
        ATTACH_CGROUP_UNIX_GETPEERNAME = 52,
        ATTACH_CGROUP_UNIX_GETSOCKNAME = 53,
        ATTACH_NETKIT_PRIMARY = 54, /* 6.7 */
        ATTACH_NETKIT_PEER = 55,    /* 6.7 */
};

static const uint64_t map_capabilities[] = {
        [BPF_MAP_TYPE_DEVMAP] = NET_ADMIN,      [BPF_MAP_TYPE_SOCKMAP] = NET_ADMIN,
        [BPF_MAP_TYPE_XSKMAP] = NET_ADMIN,      [BPF_MAP_TYPE_SOCKHASH] = NET_ADMIN,
        [BPF_MAP_TYPE_DEVMAP_HASH] = NET_ADMIN,
};

static const uint64_t prog_capabilities[] = {
        [BPF_PROG_TYPE_KPROBE] = PERFMON,
        [BPF_PROG_TYPE_SCHED_CLS] = NET_ADMIN,
        [BPF_PROG_TYPE_SCHED_ACT] = NET_ADMIN,
        [BPF_PROG_TYPE_TRACEPOINT] = PERFMON,
        [BPF_PROG_TYPE_XDP] = NET_ADMIN,
        [BPF_PROG_TYPE_PERF_EVENT] = PERFMON,
        [BPF_PROG_TYPE_CGROUP_SOCK] = NET_ADMIN,
        [BPF_PROG_TYPE_LWT_IN] = NET_ADMIN,
        [BPF_PROG_TYPE_LWT_OUT] = NET_ADMIN,
        [BPF_PROG_TYPE_LWT_XMIT] = NET_ADMIN,
        [BPF_PROG_TYPE_SOCK_OPS] = NET_ADMIN,
        [BPF_PROG_TYPE_SK_SKB] = NET_ADMIN,
        [BPF_PROG_TYPE_CGROUP_DEVICE] = NET_ADMIN,
        [BPF_PROG_TYPE_SK_MSG] = NET_ADMIN,
        [BPF_PROG_TYPE_RAW_TRACEPOINT] = PERFMON,
        [BPF_PROG_TYPE_CGROUP_SOCK_ADDR] = NET_ADMIN,
        [BPF_PROG_TYPE_LWT_SEG6LOCAL] = NET_ADMIN,
        [BPF_PROG_TYPE_FLOW_DISSECTOR] = NET_ADMIN,
        [BPF_PROG_TYPE_CGROUP_SYSCTL] = NET_ADMIN,
        [BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE] = PERFMON,
        [BPF_PROG_TYPE_CGROUP_SOCKOPT] = NET_ADMIN,
        [BPF_PROG_TYPE_TRACING] = PERFMON,
        [BPF_PROG_TYPE_STRUCT_OPS] = PERFMON,
        [BPF_PROG_TYPE_EXT] = NET_ADMIN | PERFMON, /* it can extend a program of any type */
        [BPF_PROG_TYPE_LSM] = PERFMON,
        [PROG_TYPE_NETFILTER] = NET_ADMIN,
};

uint64_t map_type_capabilities(uint32_t map_type) {
        return map_type < ARRAY_SIZE(map_capabilities) ? map_capabilities[map_type] : 0;
}

uint64_t prog_type_capabilities(uint32_t prog_type) {
        return prog_type < ARRAY_SIZE(prog_capabilities) ? prog_capabilities[prog_type] : 0;
}

bool prog_type_has_attach_type(uint32_t prog_type) {
        return prog_type == BPF_PROG_TYPE_CGROUP_SKB || prog_type == BPF_PROG_TYPE_CGROUP_SOCK ||
               prog_type == BPF_PROG_TYPE_CGROUP_SOCK_ADDR || prog_type == BPF_PROG_TYPE_CGROUP_SOCKOPT;
}

uint32_t prog_attach_type_at_load(uint32_t prog_type, uint32_t attach_type) {
        if (prog_type == BPF_PROG_TYPE_CGROUP_SOCK && attach_type == 0)
                return BPF_CGROUP_INET_SOCK_CREATE;
        if (prog_type == BPF_PROG_TYPE_SK_REUSEPORT && attach_type == 0)
                return BPF_SK_REUSEPORT_SELECT;
        return attach_type;
}

static const bool cgroup_attach_types[] = {
        [BPF_CGROUP_INET_INGRESS] = true,
        [BPF_CGROUP_INET_EGRESS] = true,
        [BPF_CGROUP_INET_SOCK_CREATE] = true,
        [BPF_CGROUP_SOCK_OPS] = true,
        [BPF_CGROUP_DEVICE] = true,
        [BPF_CGROUP_INET4_BIND] = true,
        [BPF_CGROUP_INET6_BIND] = true,
        [BPF_CGROUP_INET4_CONNECT] = true,
        [BPF_CGROUP_INET6_CONNECT] = true,
        [BPF_CGROUP_INET4_POST_BIND] = true,
        [BPF_CGROUP_INET6_POST_BIND] = true,
        [BPF_CGROUP_UDP4_SENDMSG] = true,
        [BPF_CGROUP_UDP6_SENDMSG] = true,
        [BPF_CGROUP_SYSCTL] = true,
        [BPF_CGROUP_UDP4_RECVMSG] = true,
        [BPF_CGROUP_UDP6_RECVMSG] = true,
        [BPF_CGROUP_GETSOCKOPT] = true,
        [BPF_CGROUP_SETSOCKOPT] = true,
        [BPF_CGROUP_INET4_GETPEERNAME] = true,
        [BPF_CGROUP_INET6_GETPEERNAME] = true,
        [BPF_CGROUP_INET4_GETSOCKNAME] = true,
        [BPF_CGROUP_INET6_GETSOCKNAME] = true,
        [BPF_CGROUP_INET_SOCK_RELEASE] = true,
        [BPF_LSM_CGROUP] = true,
        [ATTACH_CGROUP_UNIX_CONNECT] = true,
        [ATTACH_CGROUP_UNIX_SENDMSG] = true,
        [ATTACH_CGROUP_UNIX_RECVMSG] = true,
        [ATTACH_CGROUP_UNIX_GETPEERNAME] = true,
        [ATTACH_CGROUP_UNIX_GETSOCKNAME] = true,
};

bool attach_type_is_cgroup(uint32_t attach_type) {
        return attach_type < ARRAY_SIZE(cgroup_attach_types) && cgroup_attach_types[attach_type];
}

bool attach_type_is_interface(uint32_t attach_type) {
        return attach_type == BPF_XDP || attach_type == ATTACH_TCX_INGRESS ||
               attach_type == ATTACH_TCX_EGRESS || attach_type == ATTACH_NETKIT_PRIMARY ||
               attach_type == ATTACH_NETKIT_PEER;
}
