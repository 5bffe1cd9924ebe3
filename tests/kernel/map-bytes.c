/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * map_bytes_max() against the kernel's own account: maps of every type that has
 * a bound are made in a grid of sizes, filled where the kernel allocates
 * elements one by one, and the `memlock` of each must be at most the bound. The
 * bound must not be silly either: at most four times that, and 64 KiB.
 *
 * Where the kernel does not count what it allocates, the row says how much that
 * may be; it only widens the upper side.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <netinet/in.h>

#include "base/fd.h"
#include "base/macro.h"
#include "grant/traits.h"
#include "skip.h"

#define TYPE_ARENA 33 /* 6.9 */

static uint32_t cpus(void) {
        return (uint32_t)libbpf_num_possible_cpus();
}

static bool read_memlock(int fd, uint64_t *ret_bytes) {
        char path[64], line[256];
        bool found = false;
        FILE *f;

        snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
        f = fopen(path, "re");
        if (!f)
                return false;
        while (!found && fgets(line, sizeof(line), f))
                found = sscanf(line, "memlock:%" SCNu64, ret_bytes) == 1;
        fclose(f);
        return found;
}

/*
 * Sets one entry. The kernel refills its stock of elements in the background,
 * and says ENOMEM to who is faster.
 */
static void set_entry(int fd, const void *key, const void *value) {
        int r = -1;

        for (unsigned i = 0; i < 2000 && r != 0; i++) {
                r = bpf_map_update_elem(fd, key, value, BPF_ANY);
                if (r != 0 && errno != ENOMEM)
                        break;
                if (r != 0)
                        usleep(1000);
        }
        if (r != 0)
                fail_msg("an entry could not be set: %s", strerror(errno));
}

/* Gives every key a value of zeros; keys are numbers, written over the whole key. */
static void fill_with_zeros(int fd, const struct map_shape *s) {
        _cleanup_free_ unsigned char *key = calloc(1, s->key_size),
                                     *value = calloc(cpus(), s->value_size + 8);

        assert_non_null(key);
        assert_non_null(value);
        for (uint32_t i = 0; i < s->max_entries; i++) {
                memcpy(key, &i, s->key_size < sizeof(i) ? s->key_size : sizeof(i));
                set_entry(fd, key, value);
        }
}

/* Full-length prefixes, all different: the trie has the most nodes that it can have. */
static void fill_trie(int fd, const struct map_shape *s) {
        _cleanup_free_ unsigned char *key = calloc(1, s->key_size), *value = calloc(1, s->value_size);
        uint32_t bits = (s->key_size - 4) * 8;

        assert_non_null(key);
        assert_non_null(value);
        for (uint32_t i = 0; i < s->max_entries; i++) {
                memcpy(key, &bits, sizeof(bits));
                memcpy(key + 4, &i, s->key_size - 4 < sizeof(i) ? s->key_size - 4 : sizeof(i));
                set_entry(fd, key, value);
        }
}

/* The same number under every key; a devmap's value may go on with a program's descriptor, here none. */
static void fill_with(int fd, const struct map_shape *s, uint32_t number) {
        const uint32_t value[2] = {number, 0};
        _cleanup_free_ unsigned char *key = calloc(1, s->key_size);

        assert_non_null(key);
        for (uint32_t i = 0; i < s->max_entries; i++) {
                memcpy(key, &i, sizeof(i));
                set_entry(fd, key, value);
        }
}

/* Interface 1 is `lo` in every network namespace. */
static void fill_with_loopback(int fd, const struct map_shape *s) {
        fill_with(fd, s, 1);
}

/* The socket stays open to the end: a map forgets a socket that is closed. */
static void fill_with_socket(int fd, const struct map_shape *s) {
        const struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        static int socket_fd = -1;

        if (socket_fd < 0) {
                socket_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
                assert_true(socket_fd >= 0);
                assert_int_equal(bind(socket_fd, (const struct sockaddr *)&any, sizeof(any)), 0);
        }
        fill_with(fd, s, (uint32_t)socket_fd);
}

enum entries {
        ENTRIES_COUNT, /* any number */
        ENTRIES_FEW,   /* each costs time or memory to make */
        ENTRIES_BYTES, /* a power of two of pages */
        ENTRIES_CPUS,  /* at most as many as the kernel may have CPUs */
};

static const struct row {
        const char *name;
        uint32_t type;
        uint32_t key_sizes[3]; /* 0 ends the list, but for the first */
        uint32_t value_sizes[3];
        uint32_t flags;
        enum entries entries;
        void (*fill)(int fd, const struct map_shape *s);
        uint64_t uncounted;           /* for each map */
        uint64_t uncounted_per_entry; /* for each of max_entries */
} rows[] = {
        {"hash", BPF_MAP_TYPE_HASH, {4, 40, 200}, {1, 8, 1000}},
        {"hash, not preallocated",
         BPF_MAP_TYPE_HASH,
         {4, 40, 200},
         {1, 8, 1000},
         BPF_F_NO_PREALLOC,
         ENTRIES_FEW,
         fill_with_zeros},
        {"percpu_hash", BPF_MAP_TYPE_PERCPU_HASH, {4, 40}, {4, 8, 1000}},
        {"percpu_hash, not preallocated",
         BPF_MAP_TYPE_PERCPU_HASH,
         {4, 40},
         {4, 8, 1000},
         BPF_F_NO_PREALLOC,
         ENTRIES_FEW,
         fill_with_zeros},
        {"lru_hash", BPF_MAP_TYPE_LRU_HASH, {4, 40, 200}, {1, 8, 1000}},
        {"lru_hash, no common list", BPF_MAP_TYPE_LRU_HASH, {4, 40}, {1, 1000}, BPF_F_NO_COMMON_LRU},
        {"lru_percpu_hash", BPF_MAP_TYPE_LRU_PERCPU_HASH, {4, 40}, {4, 1000}},
        {"array", BPF_MAP_TYPE_ARRAY, {4}, {1, 8, 1000}},
        {"array, mapped", BPF_MAP_TYPE_ARRAY, {4}, {1, 8, 1000}, BPF_F_MMAPABLE},
        {"percpu_array", BPF_MAP_TYPE_PERCPU_ARRAY, {4}, {4, 8, 1000}},
        {"prog_array", BPF_MAP_TYPE_PROG_ARRAY, {4}, {4}},
        {"perf_event_array", BPF_MAP_TYPE_PERF_EVENT_ARRAY, {4}, {4}},
        {"cgroup_array", BPF_MAP_TYPE_CGROUP_ARRAY, {4}, {4}},
        {"array_of_maps", BPF_MAP_TYPE_ARRAY_OF_MAPS, {4}, {4}},
        {"hash_of_maps", BPF_MAP_TYPE_HASH_OF_MAPS, {4, 40}, {4}},
        {"stack_trace", BPF_MAP_TYPE_STACK_TRACE, {4}, {8, 80, 1016}},
        {"lpm_trie", BPF_MAP_TYPE_LPM_TRIE, {8, 20}, {1, 100}, BPF_F_NO_PREALLOC, ENTRIES_FEW, fill_trie},
        {"devmap", BPF_MAP_TYPE_DEVMAP, {4}, {4, 8}, 0, ENTRIES_FEW, fill_with_loopback},
        {"devmap_hash", BPF_MAP_TYPE_DEVMAP_HASH, {4}, {4}, 0, ENTRIES_FEW, fill_with_loopback},
        {"sockmap", BPF_MAP_TYPE_SOCKMAP, {4}, {4, 8}},
        {"sockhash", BPF_MAP_TYPE_SOCKHASH, {4, 40}, {4}, 0, ENTRIES_FEW, fill_with_socket},
        /* Each CPU's queue may have 16,384 places; the kernel counts none of them. */
        {"cpumap", BPF_MAP_TYPE_CPUMAP, {4}, {4, 8}, 0, ENTRIES_CPUS, NULL, 0, 262144},
        {"xskmap", BPF_MAP_TYPE_XSKMAP, {4}, {4}},
        {"reuseport_sockarray", BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, {4}, {4, 8}},
        {"queue", BPF_MAP_TYPE_QUEUE, {0}, {1, 8, 1000}},
        {"stack", BPF_MAP_TYPE_STACK, {0}, {1, 8, 1000}},
        {"ringbuf", BPF_MAP_TYPE_RINGBUF, {0}, {0}, 0, ENTRIES_BYTES},
        {"user_ringbuf", BPF_MAP_TYPE_USER_RINGBUF, {0}, {0}, 0, ENTRIES_BYTES},
        {"bloom_filter", BPF_MAP_TYPE_BLOOM_FILTER, {0}, {1, 8, 1000}},
        /* Pages come as they are used; 6.18 reports 0 whatever is used. */
        {"arena", TYPE_ARENA, {0}, {0}, BPF_F_MMAPABLE, ENTRIES_FEW, NULL, 65536, 4200},
};

static const uint32_t counts[] = {1, 2, 3, 7, 64, 100, 1000, 1025, 4096, 20000, 65536};
static const uint32_t few[] = {1, 3, 64, 100, 1025, 4096};
static const uint32_t bytes[] = {4096, 8192, 65536, 1 << 20, 16 << 20};
static const uint32_t few_cpus[] = {1, 2, 7, 64};

static const uint32_t *entries_of(enum entries e, size_t *ret_n) {
        switch (e) {
        case ENTRIES_COUNT:
                *ret_n = ARRAY_SIZE(counts);
                return counts;
        case ENTRIES_FEW:
                *ret_n = ARRAY_SIZE(few);
                return few;
        case ENTRIES_BYTES:
                *ret_n = ARRAY_SIZE(bytes);
                return bytes;
        case ENTRIES_CPUS:
                break;
        }
        *ret_n = ARRAY_SIZE(few_cpus);
        return few_cpus;
}

/* -ENOTSUP if the kernel lacks the type. */
static int create(const struct map_shape *s) {
        _cleanup_close_ int inner = -1;
        LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = s->flags);
        int fd;

        if (s->type == BPF_MAP_TYPE_ARRAY_OF_MAPS || s->type == BPF_MAP_TYPE_HASH_OF_MAPS) {
                inner = bpf_map_create(BPF_MAP_TYPE_ARRAY, NULL, 4, 4, 1, NULL);
                opts.inner_map_fd = (uint32_t)inner;
        }
        fd = bpf_map_create((enum bpf_map_type)s->type, NULL, s->key_size, s->value_size, s->max_entries,
                            &opts);
        return fd < 0 ? -errno : fd;
}

/*
 * Whether `memlock` is what a map takes, or only its keys and values, as before
 * 6.4: then it says nothing about a bound being too high.
 */
static bool kernel_counts(void) {
        static int answer = -1;
        const struct map_shape s = {BPF_MAP_TYPE_HASH, 4, 4, 4096, 0};
        _cleanup_close_ int fd = answer < 0 ? create(&s) : -1;
        uint64_t memlock;

        if (answer < 0)
                answer = fd >= 0 && read_memlock(fd, &memlock) && memlock > 4096 * 48;
        return answer;
}

/* Whether the kernel has the type; everything that it has must be as the table says. */
static bool check_shape(const struct row *row, const struct map_shape *s) {
        uint64_t bound = map_bytes_max(s, cpus()), memlock, silly;
        _cleanup_close_ int fd = create(s);

        /* Not before 6.9; and it wants 4 GiB of address space, which a small host may not have. */
        if ((fd == -EINVAL || fd == -ENOMEM) && s->type == TYPE_ARENA)
                return false;
        if (fd < 0)
                fail_msg("%s of %" PRIu32 " entries: %s", row->name, s->max_entries, strerror(-fd));
        if (row->fill)
                row->fill(fd, s);
        assert_true(read_memlock(fd, &memlock));
        silly = 4 * memlock + 65536 + row->uncounted + row->uncounted_per_entry * s->max_entries;
        if (bound < memlock || (bound > silly && kernel_counts()))
                fail_msg("%s, key %" PRIu32 ", value %" PRIu32 ", entries %" PRIu32
                         ": the kernel says %" PRIu64 ", the bound is %" PRIu64,
                         row->name, s->key_size, s->value_size, s->max_entries, memlock, bound);
        return true;
}

static unsigned check_row(const struct row *row) {
        unsigned n_checked = 0;
        const uint32_t *entries;
        size_t n_entries;

        entries = entries_of(row->entries, &n_entries);
        for (size_t k = 0; k < ARRAY_SIZE(row->key_sizes) && (k == 0 || row->key_sizes[k] > 0); k++)
                for (size_t i = 0; i < ARRAY_SIZE(row->value_sizes) && (i == 0 || row->value_sizes[i] > 0);
                     i++)
                        for (size_t n = 0; n < n_entries; n++) {
                                const struct map_shape s = {row->type, row->key_sizes[k],
                                                            row->value_sizes[i], entries[n], row->flags};

                                n_checked += check_shape(row, &s);
                        }
        return n_checked;
}

static void require_bpf(void) {
        _cleanup_close_ int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, NULL, 4, 4, 1, NULL);

        if (fd < 0 && errno == EPERM)
                skip_because("bpf(2) is refused here: %s",
                             geteuid() == 0 ? "root without CAP_BPF" : "not root");
        assert_true(fd >= 0);
}

static void test_bounds_hold(void **state _unused_) {
        unsigned n_checked = 0;

        require_bpf();
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                unsigned n = check_row(&rows[i]);

                if (n == 0)
                        print_message("# kernel: has no %s\n", rows[i].name);
                n_checked += n;
        }
        print_message("# %u maps\n", n_checked);
        assert_true(n_checked > 400);
}

/* Every type of the grid is all that has a bound, but for struct_ops, which needs a type of the kernel's BTF. */
static void test_grid_is_complete(void **state _unused_) {
        for (uint32_t type = 0; type < 256; type++) {
                const struct map_shape s = {.type = type, .key_size = 4, .value_size = 4, .max_entries = 1};
                bool in_grid = type == BPF_MAP_TYPE_STRUCT_OPS;

                for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                        in_grid |= rows[i].type == type;
                assert_int_equal(map_bytes_max(&s, 1) != UINT64_MAX, in_grid);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_bounds_hold),
                cmocka_unit_test(test_grid_is_complete),
        };

        return cmocka_run_group_tests_name("map-bytes", tests, NULL, NULL);
}
