/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Reach in a program as a compiler and libbpf make it: functions, a callback, a
 * loop, maps, BTF. libbpf loads the object unmodified; the test stands in for
 * syscall(2) and binds the program on its way into the kernel, as a deputy does.
 * Then the kernel's own view of it is compared with that of the same program
 * unbound: the same functions and the same source lines.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dlfcn.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "kernel/places.h"

/* What the stand-in does with program loads that carry function infos, and what it saw. */
static struct {
        const struct bind_reach *reach; /* NULL: passes on what it is given */
        unsigned n_seen;
        struct bind_program seen;
        size_t n_guard;
} intercepted;

static long real_syscall(long number, const long a[6]) {
        static long (*real)(long, ...);

        if (!real)
                *(void **)&real = dlsym(RTLD_NEXT, "syscall");
        return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static struct bind_program program_of(const union bpf_attr *attr) {
        return (struct bind_program) {
                .prog_type = attr->prog_type,
                .attach_type = attr->expected_attach_type,
                .prog_flags = attr->prog_flags,
                .insns = (const void *)(uintptr_t)attr->insns,
                .n_insns = attr->insn_cnt,
                .func_info = (const void *)(uintptr_t)attr->func_info,
                .n_func_info = attr->func_info_cnt,
                .func_info_size = attr->func_info_rec_size,
                .line_info = (const void *)(uintptr_t)attr->line_info,
                .n_line_info = attr->line_info_cnt,
                .line_info_size = attr->line_info_rec_size,
        };
}

static long load_bound(const long a[6]) {
        _cleanup_(bound_program_deinit) struct bound_program b = {};
        union bpf_attr attr = {};
        size_t size = (size_t)a[2] < sizeof(attr) ? (size_t)a[2] : sizeof(attr);
        long changed[6] = {BPF_PROG_LOAD, (long)&attr, (long)size};
        struct bind_program p;

        memcpy(&attr, (const void *)a[1], size);
        p = program_of(&attr);
        if (p.n_func_info == 0) /* a probe of libbpf's */
                return real_syscall(SYS_bpf, a);
        intercepted.n_seen++;
        intercepted.seen = p;
        if (!intercepted.reach)
                return real_syscall(SYS_bpf, a);
        if (bind_program(intercepted.reach, &p, &b) != BIND_OK) {
                errno = EPERM;
                return -1;
        }
        attr.insns = (uintptr_t)b.insns;
        attr.insn_cnt = (uint32_t)b.n_insns;
        attr.func_info = (uintptr_t)b.func_info;
        attr.line_info = (uintptr_t)b.line_info;
        intercepted.n_guard = b.n_guard;
        return real_syscall(SYS_bpf, changed);
}

/*
 * Comes before the C library's: libbpf calls this one. It reads six arguments,
 * as that one does, whatever the caller gave.
 */
__attribute__((visibility("default"), no_sanitize("address"))) long syscall(long number, ...) {
        va_list args;
        long a[6];

        va_start(args, number);
        for (size_t i = 0; i < ARRAY_SIZE(a); i++)
                a[i] = va_arg(args, long);
        va_end(args);
        if (number == SYS_bpf && a[0] == BPF_PROG_LOAD)
                return load_bound(a);
        return real_syscall(number, a);
}

static struct bpf_object *object;

static int object_teardown(void **state) {
        bpf_object__close(object);
        object = NULL;
        intercepted.reach = NULL;
        return test_teardown(state);
}

/* Loads the object; the fd of its program, which the object keeps. */
static int object_load(const struct bind_reach *reach) {
        const char *path = getenv("REACH_PROG");

        assert_non_null(path);
        bpf_object__close(object);
        intercepted.reach = reach;
        intercepted.n_seen = 0;
        object = bpf_object__open_file(path, NULL);
        assert_non_null(object);
        assert_int_equal(bpf_object__load(object), 0);
        assert_int_equal(intercepted.n_seen, 1);
        return bpf_program__fd(bpf_object__find_program_by_name(object, "count_sockets"));
}

struct view {
        struct bpf_prog_info info;
        char *linum; /* bpftool's listing of it, with source lines */
};

static char *listing_of(uint32_t id) {
        char command[96];
        size_t length = 0, allocated = 1 << 20;
        char *text = calloc(1, allocated);
        FILE *f;

        assert_non_null(text);
        snprintf(command, sizeof(command), "bpftool prog dump xlated id %u linum", id);
        f = popen(command, "re");
        assert_non_null(f);
        length = fread(text, 1, allocated - 1, f);
        text[length] = '\0';
        assert_int_equal(pclose(f), 0);
        return text;
}

static struct view view_of(int prog_fd) {
        struct view v = {};
        uint32_t size = sizeof(v.info);

        assert_int_equal(bpf_obj_get_info_by_fd(prog_fd, &v.info, &size), 0);
        v.linum = listing_of(v.info.id);
        return v;
}

/* One source line of the listing after another, without the instructions between them. */
static const char *next_source_line(const char **at, size_t *ret_length) {
        const char *line;

        while (**at) {
                size_t length = strcspn(*at, "\n");

                line = *at;
                *at += length + (line[length] == '\n');
                if (line[0] == ';') {
                        *ret_length = length;
                        return line;
                }
        }
        return NULL;
}

static size_t assert_same_source_lines(const char *a, const char *b) {
        size_t n = 0, length_a = 0, length_b = 0;

        for (;; n++) {
                const char *line_a = next_source_line(&a, &length_a),
                           *line_b = next_source_line(&b, &length_b);

                assert_true(!line_a == !line_b);
                if (!line_a)
                        return n;
                assert_int_equal(length_a, length_b);
                assert_memory_equal(line_a, line_b, length_a);
        }
}

static void test_kernel_sees_the_same_source(void **state) {
        struct view bare, bound;
        struct bind_reach reach;

        (void)state;
        need_kernel();
        if (system("bpftool version >/dev/null 2>&1") != 0)
                skip_because("no bpftool");
        reach = reach_of(PLACE_IN);
        bare = view_of(object_load(NULL));
        bound = view_of(object_load(&reach));

        /* entry, add_one, add_index, weigh */
        assert_int_equal(intercepted.seen.n_func_info, 4);
        assert_int_equal(bound.info.nr_func_info, 4);
        assert_int_equal(bound.info.nr_func_info, bare.info.nr_func_info);
        assert_int_equal(bound.info.nr_jited_func_lens, bare.info.nr_jited_func_lens);
        assert_true(bound.info.nr_line_info > 10);
        assert_int_equal(bound.info.nr_line_info, bare.info.nr_line_info);
        assert_int_equal(bound.info.nr_jited_line_info, bare.info.nr_jited_line_info);
        assert_true(bound.info.xlated_prog_len > bare.info.xlated_prog_len);

        assert_true(assert_same_source_lines(bare.linum, bound.linum) > 10);
        assert_non_null(strstr(bound.linum, "bpf_loop(4, add_index, 0, 0)"));
        assert_non_null(strstr(bound.linum, "int weigh(__u32 type)"));
        assert_non_null(strstr(bound.linum, "reach-prog.bpf.c line_num:"));
        free(bare.linum);
        free(bound.linum);
}

static int make_three_sockets(void) {
        for (int i = 0; i < 3; i++)
                if (socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) < 0)
                        return -errno;
        return 0;
}

struct globals {
        uint64_t calls, sum;
};

static struct globals globals_get(void) {
        struct bpf_map *bss = bpf_object__find_map_by_name(object, ".bss");
        struct globals g = {};
        uint32_t key = 0;

        assert_non_null(bss);
        assert_int_equal(bpf_map__value_size(bss), sizeof(g));
        assert_int_equal(bpf_map_lookup_elem(bpf_map__fd(bss), &key, &g), 0);
        return g;
}

/* All of the program runs, for each socket in its reach and for no other. */
static void test_works_only_inside(void **state) {
        struct bind_reach reach;
        uint32_t family = AF_INET;
        uint64_t value = 0;
        int prog_fd;

        (void)state;
        need_kernel();
        reach = reach_of(PLACE_IN);
        prog_fd = object_load(&reach);
        assert_int_equal(intercepted.n_guard, 9);
        t.link_fd = link_new(prog_fd, t.fds[PLACE_PARENT], BPF_CGROUP_INET_SOCK_CREATE, 0);
        assert_return_code(t.link_fd, -t.link_fd);

        assert_int_equal(act_in(PLACE_OUT, make_three_sockets), 0);
        assert_int_equal(globals_get().calls, 0);
        assert_int_equal(act_in(PLACE_CHILD, make_three_sockets), 0);
        assert_int_equal(globals_get().calls, 3);
        /* Each: 0 + 1 + 2 + 3 of the callback, and 1 of SOCK_DGRAM's only bit. */
        assert_int_equal(globals_get().sum, 3 * (6 + 1));
        assert_int_equal(
                bpf_map_lookup_elem(bpf_object__find_map_fd_by_name(object, "by_family"), &family, &value),
                0);
        assert_int_equal(value, 3);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_teardown(test_kernel_sees_the_same_source, object_teardown),
                cmocka_unit_test_teardown(test_works_only_inside, object_teardown),
        };

        libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
        return cmocka_run_group_tests_name("reach-object", tests, group_setup, group_teardown);
}
