/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a map weighs when it is full. Each kind of map has its formula; where
 * the kernel allocates elements one by one, each is rounded up to the size
 * class that it comes from, and where it allocates once, to whole pages. The
 * sizes of the kernel's structures are those of Linux 6.1 to 6.18, the larger
 * of the two. Not counted is what entries refer to (programs, sockets, inner
 * maps: they are paid for elsewhere) and what the kernel's allocators keep in
 * stock for all maps.
 *
 * Every sum saturates at MAP_BYTES_BOUNDED_MAX: a shape that no kernel would
 * accept is a very large number, never a small one.
 */

#include "grant/traits.h"

#include <linux/bpf.h>

#include "base/macro.h"

/* Newer than the headers of Linux 6.1, which we can be built with. */
enum {
        MAP_TYPE_ARENA = 33, /* 6.9 */
};

#define MAP_BYTES_UNBOUNDED UINT64_MAX
#define MAP_BYTES_BOUNDED_MAX (UINT64_MAX - 1)

/* The largest page that a kernel of this machine may have: the bound must hold on any. */
#if defined(__x86_64__) || defined(__i386__) || defined(__s390x__) || defined(__riscv)
#define PAGE UINT64_C(4096)
#else
#define PAGE UINT64_C(65536)
#endif

#define POINTER UINT64_C(8)

#define HTAB_ELEMENT 48         /* before key and value */
#define HTAB_BUCKET 16          /* list head and lock */
#define HTAB_PER_CPU 1024       /* lock counters and LRU lists of one CPU */
#define LPM_NODE 40             /* before prefix data and value */
#define STACK_BUCKET 24         /* before the stack itself */
#define DEVMAP_ENTRY 128        /* one device */
#define SOCKHASH_ELEMENT 64     /* before the key */
#define CPUMAP_ENTRY_MAX 262144 /* one CPU's ring of at most 16,384 pointers, and its thread */
#define RINGBUF_META_PAGES 3    /* head, consumer and producer position */
#define BLOOM_BITS_MAX 21       /* for an entry, with 15 hash functions */
#define TRAMPOLINE_PAGES 8      /* of a struct_ops map */
#define STRUCT_OPS_PER_BYTE 128 /* each 8-byte member may bring a link and a kernel symbol */

static uint64_t add(uint64_t a, uint64_t b) {
        uint64_t sum;

        return __builtin_add_overflow(a, b, &sum) || sum > MAP_BYTES_BOUNDED_MAX ? MAP_BYTES_BOUNDED_MAX
                                                                                 : sum;
}

static uint64_t mul(uint64_t a, uint64_t b) {
        uint64_t product;

        return __builtin_mul_overflow(a, b, &product) || product > MAP_BYTES_BOUNDED_MAX
                       ? MAP_BYTES_BOUNDED_MAX
                       : product;
}

/* To a multiple of a power of two. */
static uint64_t round_up(uint64_t n, uint64_t multiple) {
        return add(n, multiple - 1) & ~(multiple - 1);
}

static uint64_t round_up_pages(uint64_t bytes) {
        return round_up(bytes, PAGE);
}

static uint64_t round_up_power_of_two(uint64_t n) {
        uint64_t power = 1;

        while (power < n)
                power = mul(power, 2);
        return power;
}

/* kmalloc() and bpf_mem_alloc() serve from classes of 8, 16, 32, 64, 96, 128, 192, 256, 512, … */
static uint64_t size_class(uint64_t bytes) {
        if (bytes > 64 && bytes <= 96)
                return 96;
        if (bytes > 128 && bytes <= 192)
                return 192;
        return bytes < 8 ? 8 : round_up_power_of_two(bytes);
}

/* One value for each CPU. */
static uint64_t per_cpu(const struct map_shape *s, uint32_t cpus) {
        return mul(round_up(s->value_size, 8), cpus);
}

/*
 * Without CAP_PERFMON arrays have a power of two of entries, so that the CPU
 * cannot speculate beyond them (array_map_alloc()).
 */
static uint64_t array_bytes(const struct map_shape *s, uint64_t element) {
        return round_up_pages(mul(round_up_power_of_two(s->max_entries), element));
}

/* Preallocated: as many elements more as CPUs. Else each element by itself, with the allocator's list node. */
static uint64_t hash_bytes(const struct map_shape *s, uint32_t cpus, bool is_per_cpu) {
        uint64_t element = add(HTAB_ELEMENT, round_up(s->key_size, 8));
        uint64_t buckets = mul(round_up_power_of_two(s->max_entries), HTAB_BUCKET);
        uint64_t values = 0, elements = s->max_entries;

        if (is_per_cpu) {
                element = add(element, POINTER);
                values = per_cpu(s, cpus);
        } else {
                element = add(element, round_up(s->value_size, 8));
        }
        if (s->flags & BPF_F_NO_PREALLOC) {
                element = size_class(add(element, POINTER));
                if (is_per_cpu)
                        values = add(mul(size_class(add(round_up(s->value_size, 8), POINTER)), cpus),
                                     2 * POINTER);
        } else {
                elements = add(elements, cpus);
        }
        return add(add(round_up_pages(buckets), mul(HTAB_PER_CPU, cpus)),
                   round_up_pages(mul(elements, add(element, values))));
}

/* A trie of n keys has at most n - 1 nodes in between, of the same size. */
static uint64_t lpm_trie_bytes(const struct map_shape *s) {
        return mul(mul(s->max_entries, 2), size_class(add(add(LPM_NODE, s->key_size), s->value_size)));
}

static uint64_t stack_trace_bytes(const struct map_shape *s) {
        return add(round_up_pages(mul(round_up_power_of_two(s->max_entries), POINTER)),
                   round_up_pages(mul(s->max_entries, add(STACK_BUCKET, round_up(s->value_size, 8)))));
}

/* Lists of elements that are allocated when they are set. */
static uint64_t lazy_hash_bytes(const struct map_shape *s, uint64_t element) {
        return add(round_up_pages(mul(round_up_power_of_two(s->max_entries), HTAB_BUCKET)),
                   mul(s->max_entries, size_class(element)));
}

/* Only the CPUs that there are can be set. */
static uint64_t cpumap_bytes(const struct map_shape *s, uint32_t cpus) {
        uint32_t set = s->max_entries < cpus ? s->max_entries : cpus;

        return add(array_bytes(s, POINTER), mul(set, CPUMAP_ENTRY_MAX));
}

/* max_entries is bytes; data pages are mapped twice, so each has two entries in the array of pages. */
static uint64_t ringbuf_bytes(const struct map_shape *s) {
        uint64_t data = round_up_pages(s->max_entries);

        return add(add(data, RINGBUF_META_PAGES * PAGE),
                   round_up_pages((RINGBUF_META_PAGES + 2 * (data / PAGE)) * POINTER));
}

/* The number of hash functions is not part of the shape: take the most. 2^32 bits are the end. */
static uint64_t bloom_filter_bytes(const struct map_shape *s) {
        uint64_t bits = round_up_power_of_two(mul(s->max_entries, BLOOM_BITS_MAX));

        return round_up((bits > UINT32_MAX ? UINT64_C(1) << 32 : bits) / 8, 8);
}

/* max_entries is pages; page tables take a page for every 512 of them in kernel and user space each. */
static uint64_t arena_bytes(const struct map_shape *s) {
        uint64_t tables = add(mul(s->max_entries / 512 + 2, 2), 4);

        return mul(add(s->max_entries, tables), PAGE);
}

static uint64_t contents_max(const struct map_shape *s, uint32_t cpus) {
        switch (s->type) {
        case BPF_MAP_TYPE_HASH:
        case BPF_MAP_TYPE_LRU_HASH:
        case BPF_MAP_TYPE_HASH_OF_MAPS:
                return hash_bytes(s, cpus, /* is_per_cpu= */ false);
        case BPF_MAP_TYPE_PERCPU_HASH:
        case BPF_MAP_TYPE_LRU_PERCPU_HASH:
                return hash_bytes(s, cpus, /* is_per_cpu= */ true);
        case BPF_MAP_TYPE_ARRAY:
                return array_bytes(s, round_up(s->value_size, 8));
        case BPF_MAP_TYPE_PERCPU_ARRAY:
                return array_bytes(s, add(POINTER, per_cpu(s, cpus)));
        case BPF_MAP_TYPE_PROG_ARRAY:
        case BPF_MAP_TYPE_PERF_EVENT_ARRAY:
        case BPF_MAP_TYPE_CGROUP_ARRAY:
        case BPF_MAP_TYPE_ARRAY_OF_MAPS:
        case BPF_MAP_TYPE_SOCKMAP:
        case BPF_MAP_TYPE_XSKMAP:
        case BPF_MAP_TYPE_REUSEPORT_SOCKARRAY:
                return array_bytes(s, POINTER);
        case BPF_MAP_TYPE_DEVMAP:
                return add(array_bytes(s, POINTER), mul(s->max_entries, DEVMAP_ENTRY));
        case BPF_MAP_TYPE_DEVMAP_HASH:
                return lazy_hash_bytes(s, DEVMAP_ENTRY);
        case BPF_MAP_TYPE_SOCKHASH:
                return lazy_hash_bytes(s, add(SOCKHASH_ELEMENT, round_up(s->key_size, 8)));
        case BPF_MAP_TYPE_CPUMAP:
                return cpumap_bytes(s, cpus);
        case BPF_MAP_TYPE_STACK_TRACE:
                return stack_trace_bytes(s);
        case BPF_MAP_TYPE_LPM_TRIE:
                return lpm_trie_bytes(s);
        case BPF_MAP_TYPE_QUEUE:
        case BPF_MAP_TYPE_STACK:
                return round_up_pages(mul(add(s->max_entries, 1), s->value_size));
        case BPF_MAP_TYPE_RINGBUF:
        case BPF_MAP_TYPE_USER_RINGBUF:
                return ringbuf_bytes(s);
        case BPF_MAP_TYPE_BLOOM_FILTER:
                return bloom_filter_bytes(s);
        case BPF_MAP_TYPE_STRUCT_OPS:
                return add(mul(s->value_size, STRUCT_OPS_PER_BYTE), TRAMPOLINE_PAGES * PAGE);
        case MAP_TYPE_ARENA:
                return arena_bytes(s);
        default:
                return MAP_BYTES_UNBOUNDED;
        }
}

uint64_t map_bytes_max(const struct map_shape *shape, uint32_t cpus) {
        uint64_t contents = contents_max(shape, cpus);

        /* The map's own structure takes a page of its own where the map can be mapped, and never more. */
        return contents == MAP_BYTES_UNBOUNDED ? MAP_BYTES_UNBOUNDED : add(PAGE, contents);
}
