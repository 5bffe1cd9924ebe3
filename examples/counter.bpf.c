// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts internet sockets as they are made, by address family (2 is IPv4, 10 is
 * IPv6), in the cgroup to which it is attached and below.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct {
        __uint(type, BPF_MAP_TYPE_HASH);
        __type(key, __u32);
        __type(value, __u64);
        __uint(max_entries, 64);
} hits SEC(".maps");

SEC("cgroup/sock_create")
int count_sockets(struct bpf_sock *sk) {
        __u32 family = sk->family;
        __u64 one = 1, *n;

        n = bpf_map_lookup_elem(&hits, &family);
        if (n)
                __sync_fetch_and_add(n, 1);
        else
                bpf_map_update_elem(&hits, &family, &one, BPF_ANY);
        return 1; /* allow */
}

char _license[] SEC("license") = "GPL";
