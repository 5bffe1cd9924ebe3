/* SPDX-License-Identifier: GPL-2.0-only */

/*
 * What a compiler makes of an ordinary program: functions, static and global, a
 * callback, a loop, maps and global data, and the debugging information of it
 * all. For tests/kernel/reach-object.c.
 */

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct {
        __uint(type, BPF_MAP_TYPE_HASH);
        __uint(max_entries, 64);
        __type(key, __u32);
        __type(value, __u64);
} by_family SEC(".maps");

__u64 calls = 0;
__u64 sum = 0;

static __noinline int add_one(__u32 family) {
        __u64 one = 1, *value = bpf_map_lookup_elem(&by_family, &family);

        if (value)
                __sync_fetch_and_add(value, 1);
        else
                bpf_map_update_elem(&by_family, &family, &one, BPF_ANY);
        return 0;
}

static int add_index(__u32 index, void *unused) {
        (void)unused;
        sum += index;
        return 0;
}

__noinline int weigh(__u32 type) {
        int weight = 0;

        for (__u32 i = 0; i < 16; i++)
                if (type & (1U << i))
                        weight += i;
        return weight;
}

SEC("cgroup/sock_create")
int count_sockets(struct bpf_sock *sk) {
        __sync_fetch_and_add(&calls, 1);
        add_one(sk->family);
        bpf_loop(4, add_index, 0, 0);
        sum += weigh(sk->type);
        return 1;
}

char _license[] SEC("license") = "GPL";
