/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The table of bpf(2) held against the running kernel's own BTF: a command that
 * the kernel has and the table lacks is named, and each field stands where the
 * kernel has it. A kernel that is older than the table lacks fields, and says
 * so; a field that it has elsewhere would be an error of the table.
 *
 * Then the kernel itself: it takes what the table says that a command ends with,
 * and refuses a byte behind it.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/btf.h>
#include <linux/bpf.h>

#include "abi/table.h"
#include "abi/uapi.h"
#include "base/macro.h"
#include "skip.h"

static struct btf *kernel_btf;

static int load_btf(void **state) {
        (void)state;
        kernel_btf = btf__load_vmlinux_btf();
        return 0;
}

static int free_btf(void **state) {
        (void)state;
        btf__free(kernel_btf);
        return 0;
}

static const struct btf_type *find_type(const char *name, uint32_t kind) {
        int32_t id = btf__find_by_name_kind(kernel_btf, name, kind);

        return id < 0 ? NULL : btf__type_by_id(kernel_btf, (uint32_t)id);
}

/* The structure or union that a member is of, or NULL. */
static const struct btf_type *member_type(const struct btf_member *m) {
        const struct btf_type *t = btf__type_by_id(kernel_btf, m->type);

        return t && btf_is_composite(t) ? t : NULL;
}

enum found { FOUND_NOT, FOUND_ELSEWHERE, FOUND_HERE };

/*
 * Whether a type has a member of this name at this offset, counted from its
 * start; also within unnamed members, and with `deep` within all others.
 */
static enum found find_member(const struct btf_type *t, const char *name, uint32_t offset, uint32_t base,
                              bool deep) {
        const struct btf_member *members = btf_members(t);
        enum found best = FOUND_NOT;

        for (uint16_t i = 0; i < btf_vlen(t); i++) {
                const char *own = btf__name_by_offset(kernel_btf, members[i].name_off);
                uint32_t at = base + btf_member_bit_offset(t, i) / 8;
                const struct btf_type *inner = member_type(&members[i]);
                enum found f = FOUND_NOT;

                if (strcmp(own, name) == 0)
                        f = at == offset ? FOUND_HERE : FOUND_ELSEWHERE;
                else if (inner && (deep || own[0] == '\0'))
                        f = find_member(inner, name, offset, at, deep);
                if (f > best)
                        best = f;
        }
        return best;
}

/* A named member of union bpf_attr, or the union itself for those without a name. */
static const struct btf_type *row_type(const struct btf_type *attr, const char *member) {
        const struct btf_member *members = btf_members(attr);

        if (!member)
                return attr;
        for (uint16_t i = 0; i < btf_vlen(attr); i++)
                if (strcmp(btf__name_by_offset(kernel_btf, members[i].name_off), member) == 0)
                        return member_type(&members[i]);
        return NULL;
}

static void fields_stand_where_the_kernel_has_them(void **state) {
        const struct btf_type *attr;
        unsigned n_found = 0;

        (void)state;
        if (!kernel_btf)
                skip_because("kernel: has no BTF");
        attr = find_type("bpf_attr", BTF_KIND_UNION);
        assert_non_null(attr);
        if (attr->size > sizeof(union abi_attr))
                print_message("# union bpf_attr has %u bytes, of which the table knows %zu\n", attr->size,
                              sizeof(union abi_attr));
        for (uint32_t i = 0; i < n_abi_commands; i++) {
                const struct abi_command *row = abi_command(i);
                const struct btf_type *t = row_type(attr, row->member);

                if (!t) {
                        print_message("# the kernel has no attr of %s yet\n", row->name);
                        continue;
                }
                for (size_t j = 0; j < row->n_fields; j++) {
                        const struct abi_field *f = &row->fields[j];

                        switch (find_member(t, f->name, f->offset, 0, row->member != NULL)) {
                        case FOUND_HERE:
                                n_found++;
                                break;
                        case FOUND_NOT:
                                print_message("# the kernel has no %s of %s yet\n", f->name, row->name);
                                break;
                        case FOUND_ELSEWHERE:
                                fail_msg("%s of %s is not at offset %u", f->name, row->name, f->offset);
                        }
                }
        }
        /* As many as Linux 6.1 has. */
        assert_true(n_found > 100);
}

static void lower(char *s) {
        for (; *s; s++)
                *s = (char)tolower((unsigned char)*s);
}

/* Than the one that the table was made for, 6.18. */
static bool kernel_is_newer(void) {
        unsigned major = 0, minor = 0;
        struct utsname u;

        uname(&u);
        (void)sscanf(u.release, "%u.%u", &major, &minor);
        return major > 6 || (major == 6 && minor > 18);
}

static void every_command_has_its_row(void **state) {
        const struct btf_type *t;
        const struct btf_enum *values;
        unsigned n_missing = 0, n_known = 0;

        (void)state;
        if (!kernel_btf)
                skip_because("kernel: has no BTF");
        t = find_type("bpf_cmd", BTF_KIND_ENUM);
        assert_non_null(t);
        values = btf_enum(t);
        for (uint16_t i = 0; i < btf_vlen(t); i++) {
                const char *name = btf__name_by_offset(kernel_btf, values[i].name_off);
                const struct abi_command *row = abi_command((uint32_t)values[i].val);
                char own[64];

                if (strncmp(name, "BPF_", 4) != 0) /* __MAX_BPF_CMD */
                        continue;
                snprintf(own, sizeof(own), "%s", name + 4);
                lower(own);
                if (!row) {
                        print_message("# the table has no row for %s (%d)\n", name, values[i].val);
                        n_missing++;
                        continue;
                }
                /* prog_run is another name of prog_test_run. */
                if (strcmp(own, "prog_run") != 0)
                        assert_string_equal(row->name, own);
                n_known++;
        }
        assert_true(n_known > 35);
        assert_true(n_missing == 0 || kernel_is_newer());
}

/* What a newer kernel has beyond the table is told, and refused by the code that reads the table. */
static void every_attach_type_is_classed(void **state) {
        const struct btf_type *t;
        const struct btf_enum *values;
        unsigned n_missing = 0;

        (void)state;
        if (!kernel_btf)
                skip_because("kernel: has no BTF");
        t = find_type("bpf_attach_type", BTF_KIND_ENUM);
        assert_non_null(t);
        values = btf_enum(t);
        for (uint16_t i = 0; i < btf_vlen(t); i++) {
                const char *name = btf__name_by_offset(kernel_btf, values[i].name_off);

                if (strncmp(name, "BPF_", 4) != 0)
                        continue;
                if (abi_attach_class((uint32_t)values[i].val) == ATTACH_UNKNOWN) {
                        print_message("# the table does not know %s (%d)\n", name, values[i].val);
                        n_missing++;
                }
                if (strncmp(name, "BPF_CGROUP_", 11) == 0)
                        assert_int_equal(abi_attach_class((uint32_t)values[i].val), ATTACH_CGROUP);
        }
        assert_true(n_missing == 0 || kernel_is_newer());
}

/* The structures of info: as long as the kernel's, with their pointers in the same places. */
static void infos_are_the_kernels(void **state) {
        static const struct {
                enum abi_object object;
                uint32_t link_type;
                const char *name;
        } infos[] = {
                {OBJECT_PROG, 0, "bpf_prog_info"},
                {OBJECT_MAP, 0, "bpf_map_info"},
                {OBJECT_BTF, 0, "bpf_btf_info"},
                {OBJECT_TOKEN, 0, "bpf_token_info"},
                {OBJECT_LINK, ABI_LINK_KPROBE_MULTI, "bpf_link_info"},
                {OBJECT_LINK, ABI_LINK_UPROBE_MULTI, "bpf_link_info"},
        };

        (void)state;
        if (!kernel_btf)
                skip_because("kernel: has no BTF");
        for (size_t i = 0; i < ARRAY_SIZE(infos); i++) {
                const struct abi_info *info = abi_info(infos[i].object, infos[i].link_type);
                const struct btf_type *t = find_type(infos[i].name, BTF_KIND_STRUCT);

                assert_non_null(info);
                if (!t) {
                        print_message("# the kernel has no %s yet\n", infos[i].name);
                        continue;
                }
                if (t->size != info->size)
                        print_message("# %s has %u bytes, of which the table knows %u\n", infos[i].name,
                                      t->size, info->size);
                for (size_t j = 0; j < info->n_fields; j++) {
                        const struct abi_field *f = &info->fields[j];
                        const char *dot = strrchr(f->name, '.');

                        assert_int_not_equal(find_member(t, dot ? dot + 1 : f->name, f->offset, 0, true),
                                             FOUND_ELSEWHERE);
                }
        }
}

/* A name has several lives in the union of link info: each of them where the table has it. */
static void names_in_link_info(void **state) {
        static const struct {
                const char *name;
                uint32_t link_type;
        } names[] = {
                {"tp_name", ABI_LINK_RAW_TRACEPOINT}, {"target_name", ABI_LINK_ITER},
                {"file_name", ABI_LINK_PERF_EVENT},   {"func_name", ABI_LINK_PERF_EVENT},
                {"tp_name", ABI_LINK_PERF_EVENT},
        };
        const struct btf_type *t;

        (void)state;
        if (!kernel_btf)
                skip_because("kernel: has no BTF");
        t = find_type("bpf_link_info", BTF_KIND_STRUCT);
        assert_non_null(t);
        for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
                const struct abi_field *f = &abi_info(OBJECT_LINK, names[i].link_type)->fields[0];
                enum found found = find_member(t, names[i].name, f->offset, 0, true);

                if (found != FOUND_HERE)
                        print_message("# the kernel has no %s at %u of link info yet\n", names[i].name,
                                      f->offset);
                /* perf_event is newer (6.6) than this name, which the kernel has elsewhere too. */
                if (names[i].link_type != ABI_LINK_PERF_EVENT)
                        assert_int_equal(found, FOUND_HERE);
        }
}

static int bpf(uint32_t command, void *attr, uint32_t size) {
        return (int)syscall(SYS_bpf, command, attr, size) < 0 ? -errno : 0;
}

/* A descriptor of which obj_get_info_by_fd says that it is bad says so in its own way. */
static void missing_descriptors(void **state) {
        union abi_attr info = {.info = {.bpf_fd = INT32_MAX}};
        union abi_attr attach = {.prog_attach = {.attach_type = BPF_CGROUP_DEVICE,
                                                 .target_fd = INT32_MAX,
                                                 .attach_bpf_fd = INT32_MAX}};

        (void)state;
        if (geteuid() != 0)
                skip_because("not root");
        assert_int_equal(bpf(BPF_OBJ_GET_INFO_BY_FD, &info, sizeof(info)), -EBADFD);
        assert_int_equal(bpf(BPF_PROG_ATTACH, &attach, sizeof(attach)), -EBADF);
}

/* CHECK_ATTR(): a byte behind the last field of a command is EINVAL, in all of union bpf_attr. */
static void sizes_are_the_kernels(void **state) {
        const struct btf_type *t;

        (void)state;
        if (geteuid() != 0)
                skip_because("not root");
        if (!kernel_btf)
                skip_because("kernel: has no BTF");
        t = find_type("bpf_attr", BTF_KIND_UNION);
        assert_non_null(t);
        for (uint32_t i = 0; i < n_abi_commands; i++) {
                const struct abi_command *row = abi_command(i);
                uint8_t attr[sizeof(union abi_attr)] = {0};

                if (row->size >= t->size || !row_type(find_type("bpf_attr", BTF_KIND_UNION), row->member))
                        continue;
                attr[row->size] = 1;
                assert_int_equal(bpf(i, attr, sizeof(attr) < t->size ? (uint32_t)sizeof(attr) : t->size),
                                 -EINVAL);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_command_has_its_row),
                cmocka_unit_test(fields_stand_where_the_kernel_has_them),
                cmocka_unit_test(every_attach_type_is_classed),
                cmocka_unit_test(infos_are_the_kernels),
                cmocka_unit_test(names_in_link_info),
                cmocka_unit_test(missing_descriptors),
                cmocka_unit_test(sizes_are_the_kernels),
        };

        return cmocka_run_group_tests(tests, load_btf, free_btf);
}
