/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The rows, one a command, in the order of their numbers. Where a condition or
 * a bound stands here, it is the kernel's own: kernel/bpf/syscall.c and what it
 * calls.
 *
 * Commands of AUTHORITY_NONE are rows like the others: for names, and for who
 * wants to know what they would touch.
 */

#include "abi/table.h"

#include <assert.h>
#include <errno.h>

#include <linux/bpf.h>

#include "abi/uapi.h"
#include "base/macro.h"

/* Our attr and the headers' agree where both have a field. */
static_assert(sizeof(union abi_attr) == 168, "union bpf_attr of 6.18");
static_assert(ABI_AT(map_create, map_extra) == offsetof(union bpf_attr, map_extra), "map_create");
static_assert(ABI_AT(map_batch, flags) == offsetof(union bpf_attr, batch.flags), "map_batch");
static_assert(ABI_AT(prog_load, core_relo_rec_size) == offsetof(union bpf_attr, core_relo_rec_size),
              "prog_load");
static_assert(ABI_AT(prog_attach, replace_bpf_fd) == offsetof(union bpf_attr, replace_bpf_fd),
              "prog_attach");
static_assert(ABI_AT(get_id, open_flags) == offsetof(union bpf_attr, open_flags), "get_id");
static_assert(ABI_AT(prog_query, prog_attach_flags) == offsetof(union bpf_attr, query.prog_attach_flags),
              "prog_query");
static_assert(ABI_AT(btf_load, btf_log_level) == offsetof(union bpf_attr, btf_log_level), "btf_load");
static_assert(ABI_AT(link_create, iter_info_len) == offsetof(union bpf_attr, link_create.iter_info_len),
              "link_create");
static_assert(ABI_AT(task_fd_query, probe_addr) == offsetof(union bpf_attr, task_fd_query.probe_addr),
              "task_fd_query");

#define SIZE_OF(command, field) sizeof(((union abi_attr *)NULL)->command.field)
#define SIZE_FROM(command, first, last)                                                                     \
        (ABI_AT(command, last) + SIZE_OF(command, last) - ABI_AT(command, first))

/* A field: any; a descriptor; a pointer that is not followed; a value of the kernel's. */
#define AS(name_, ...)                                                                                      \
        { .name = #name_, __VA_ARGS__ }
#define FIELD(command, field, kind_, ...)                                                                   \
        AS(field, .offset = ABI_AT(command, field), .kind = kind_, __VA_ARGS__)
#define FD_AT(offset_, object_, ...) .offset = (offset_), .kind = FIELD_FD, .object = object_, __VA_ARGS__
#define FD(command, field, ...) AS(field, FD_AT(ABI_AT(command, field), __VA_ARGS__))
#define POINTER_AT(offset_, ...) .offset = (offset_), .kind = FIELD_POINTER, __VA_ARGS__
#define POINTER(command, field, ...) AS(field, POINTER_AT(ABI_AT(command, field), __VA_ARGS__))
#define OUT(command, field) FIELD(command, field, FIELD_OUT, .unit = SIZE_OF(command, field))

/* Under which classes of attach types. */
#define UNDER(classes) .attach = (classes)
#define ATTACH_ALL (ATTACH_UNKNOWN * 2 - 1)
#define NOT(classes) (ATTACH_ALL & ~(classes))

/* Conditions. A relative descriptor that is missing is looked at after the flags: the kernel says what. */
#define IF_NONZERO .when = WHEN_NONZERO
#define IF_NEVER .when = WHEN_NEVER
#define IF_FLAG(command, field, flag)                                                                       \
        .when = WHEN_FLAG, .when_offset = ABI_AT(command, field), .when_value = (flag)
#define IF_COUNTED(command, field, other)                                                                   \
        .when = WHEN_COUNTED, .when_offset = ABI_AT(command, field), .when_value = ABI_AT(command, other)
#define IF_RELATIVE(command, field)                                                                         \
        .when = WHEN_RELATIVE, .when_offset = ABI_AT(command, field), .missing = MISSING_PASSED
#define IF_RELATIVE_CGROUP(command, field)                                                                  \
        .when = WHEN_RELATIVE_CGROUP, .when_offset = ABI_AT(command, field), .missing = MISSING_PASSED

/* Lengths and bounds. */
#define COUNT(command, field, unit_) .count_offset = ABI_AT(command, field), .unit = (unit_)
#define AT_MOST(max, error) .count_max = (max), .bound_error = -(error)
#define LOG(command, field, size)                                                                           \
        FIELD(command, field, FIELD_BUFFER, .use = BUFFER_LOG, COUNT(command, size, 1),                     \
              AT_MOST(ABI_LOG_SIZE_MAX, EINVAL), IF_NONZERO)
#define IDS(field, classes)                                                                                 \
        FIELD(prog_query, field, FIELD_BUFFER, .use = BUFFER_OUT, COUNT(prog_query, prog_cnt, 4),           \
              IF_NONZERO, UNDER(classes))
/* More of them than a program has instructions are EINVAL, whatever is in them. */
#define RECORDS(command, field, count, size, min)                                                           \
        FIELD(command, field, FIELD_BUFFER, .count_offset = ABI_AT(command, count),                         \
              .unit_offset = ABI_AT(command, size), .unit_min = (min), .unit_max = ABI_INFO_SIZE_MAX,       \
              AT_MOST(ABI_INSNS_MAX, EINVAL))

static const struct abi_field map_create_fields[] = {
        FD(map_create, inner_map_fd, OBJECT_MAP, .when = WHEN_MAP_IN_MAP),
        /* With btf_key_type_id alone the kernel says EINVAL before it looks. */
        FD(map_create, btf_fd, OBJECT_BTF,
           IF_COUNTED(map_create, btf_value_type_id, btf_vmlinux_value_type_id)),
        FD(map_create, value_type_btf_obj_fd, OBJECT_BTF,
           IF_FLAG(map_create, map_flags, ABI_F_VTYPE_BTF_OBJ_FD)),
        FD(map_create, map_token_fd, OBJECT_TOKEN, IF_FLAG(map_create, map_flags, ABI_F_TOKEN_FD)),
        FIELD(map_create, excl_prog_hash, FIELD_BUFFER, COUNT(map_create, excl_prog_hash_size, 1),
              AT_MOST(ABI_PROG_HASH_SIZE, EINVAL), IF_NONZERO),
};

/* A key and a value, whose sizes the map knows. */
static const struct abi_field map_elem_fields[] = {
        FD(map_elem, map_fd, OBJECT_MAP),
        POINTER(map_elem, key),
        POINTER(map_elem, value),
};

static const struct abi_field map_next_key_fields[] = {
        FD(map_elem, map_fd, OBJECT_MAP),
        POINTER(map_elem, key),
        AS(next_key, POINTER_AT(ABI_AT(map_elem, value))),
};

static const struct abi_field map_key_fields[] = {
        FD(map_elem, map_fd, OBJECT_MAP),
        POINTER(map_elem, key),
};

static const struct abi_field map_only_fields[] = {
        FD(map_elem, map_fd, OBJECT_MAP),
};

static const struct abi_field map_batch_fields[] = {
        POINTER(map_batch, in_batch), POINTER(map_batch, out_batch), POINTER(map_batch, keys),
        POINTER(map_batch, values),   OUT(map_batch, count),         FD(map_batch, map_fd, OBJECT_MAP),
};

static const struct abi_field prog_load_fields[] = {
        FIELD(prog_load, insns, FIELD_INSNS, COUNT(prog_load, insn_cnt, sizeof(struct bpf_insn)),
              AT_MOST(ABI_INSNS_MAX, E2BIG)),
        FIELD(prog_load, license, FIELD_STRING, .unit = ABI_LICENSE_MAX),
        LOG(prog_load, log_buf, log_size),
        /* Without one of these two infos the verifier does not open it, whatever else needs BTF. */
        FD(prog_load, prog_btf_fd, OBJECT_BTF, IF_COUNTED(prog_load, func_info_cnt, line_info_cnt)),
        RECORDS(prog_load, func_info, func_info_cnt, func_info_rec_size, ABI_FUNC_INFO_SIZE_MIN),
        RECORDS(prog_load, line_info, line_info_cnt, line_info_rec_size, ABI_LINE_INFO_SIZE_MIN),
        RECORDS(prog_load, core_relos, core_relo_cnt, core_relo_rec_size, ABI_CORE_RELO_SIZE_MIN),
        /* A program or BTF; if neither, EINVAL. */
        FD(prog_load, attach_prog_fd, OBJECT_ANY, IF_NONZERO, .missing = MISSING_PASSED),
        FIELD(prog_load, fd_array, FIELD_FD_ARRAY, COUNT(prog_load, fd_array_cnt, 4), IF_NONZERO),
        OUT(prog_load, log_true_size),
        /* With E2BIG, for records whose tail is not zero, comes the size that the kernel has. */
        OUT(prog_load, func_info_rec_size),
        OUT(prog_load, line_info_rec_size),
        OUT(prog_load, core_relo_rec_size),
        FD(prog_load, prog_token_fd, OBJECT_TOKEN, IF_FLAG(prog_load, prog_flags, ABI_F_TOKEN_FD)),
        FIELD(prog_load, signature, FIELD_BUFFER, COUNT(prog_load, signature_size, 1),
              AT_MOST(ABI_SIGNATURE_MAX, EINVAL), IF_NONZERO),
};

static const struct abi_field obj_pin_fields[] = {
        POINTER(obj, pathname),
        FD(obj, bpf_fd, OBJECT_ANY),
        FD(obj, path_fd, OBJECT_OTHER, IF_FLAG(obj, file_flags, ABI_F_PATH_FD)),
};

static const struct abi_field obj_get_fields[] = {
        POINTER(obj, pathname),
        FD(obj, path_fd, OBJECT_OTHER, IF_FLAG(obj, file_flags, ABI_F_PATH_FD)),
};

/*
 * The target of prog_attach and prog_detach. flow_dissector acts on the own
 * network namespace, and the kernel says EINVAL unless it is zero.
 */
#define ATTACH_TARGET_FIELDS                                                                                \
        FD(prog_attach, target_fd, OBJECT_CGROUP, UNDER(ATTACH_CGROUP)),                                    \
                FD(prog_attach, target_fd, OBJECT_MAP, UNDER(ATTACH_SOCKMAP)),                              \
                FD(prog_attach, target_fd, OBJECT_OTHER, UNDER(ATTACH_OTHER), .missing = MISSING_PASSED),   \
                FD(prog_attach, target_fd, OBJECT_ANY, IF_NONZERO, .missing = MISSING_PASSED,               \
                   UNDER(NOT(ATTACH_CGROUP | ATTACH_SOCKMAP | ATTACH_OTHER | ATTACH_INTERFACE)))

static const struct abi_field prog_attach_fields[] = {
        ATTACH_TARGET_FIELDS,
        FD(prog_attach, attach_bpf_fd, OBJECT_PROG),
        FD(prog_attach, replace_bpf_fd, OBJECT_PROG, IF_FLAG(prog_attach, attach_flags, BPF_F_REPLACE),
           .missing = MISSING_PASSED),
        FD(prog_attach, relative_fd, OBJECT_ANY, UNDER(ATTACH_MPROG),
           IF_RELATIVE(prog_attach, attach_flags)),
        FD(prog_attach, relative_fd, OBJECT_ANY, UNDER(ATTACH_CGROUP),
           IF_RELATIVE_CGROUP(prog_attach, attach_flags)),
        FD(prog_attach, relative_fd, OBJECT_ANY, UNDER(NOT(ATTACH_MPROG | ATTACH_CGROUP)), IF_NEVER),
};

static const struct abi_field prog_detach_fields[] = {
        ATTACH_TARGET_FIELDS,
        FD(prog_attach, attach_bpf_fd, OBJECT_PROG, UNDER(ATTACH_MPROG), IF_NONZERO),
        /* Cgroups detach what is there if this is no program, be it 0 or closed. */
        FD(prog_attach, attach_bpf_fd, OBJECT_PROG, UNDER(NOT(ATTACH_MPROG)), .missing = MISSING_PASSED),
        FD(prog_attach, replace_bpf_fd, OBJECT_PROG, IF_NEVER),
        FD(prog_attach, relative_fd, OBJECT_ANY, UNDER(ATTACH_MPROG),
           IF_RELATIVE(prog_attach, attach_flags)),
        FD(prog_attach, relative_fd, OBJECT_ANY, UNDER(NOT(ATTACH_MPROG)), IF_NEVER),
};

static const struct abi_field test_run_fields[] = {
        FD(test_run, prog_fd, OBJECT_PROG), POINTER(test_run, data_in), POINTER(test_run, data_out),
        POINTER(test_run, ctx_in),          POINTER(test_run, ctx_out), OUT(test_run, retval),
        OUT(test_run, data_size_out),       OUT(test_run, duration),    OUT(test_run, ctx_size_out),
};

static const struct abi_field next_id_fields[] = {
        OUT(get_id, next_id),
};

static const struct abi_field btf_by_id_fields[] = {
        FD(get_id, fd_by_id_token_fd, OBJECT_TOKEN, IF_FLAG(get_id, open_flags, ABI_F_TOKEN_FD)),
};

static const struct abi_field info_fields[] = {
        FD(info, bpf_fd, OBJECT_ANY, .missing = MISSING_EBADFD),
        OUT(info, info_len),
        FIELD(info, info, FIELD_INFO, COUNT(info, info_len, 1), .use = BUFFER_INOUT),
};

/* An array that the kernel does not write under an attach type must not be given back either. */
static const struct abi_field prog_query_fields[] = {
        FD(prog_query, target_fd, OBJECT_CGROUP, UNDER(ATTACH_CGROUP)),
        FD(prog_query, target_fd, OBJECT_MAP, UNDER(ATTACH_SOCKMAP)),
        FD(prog_query, target_fd, OBJECT_OTHER, .missing = MISSING_PASSED,
           UNDER(NOT(ATTACH_CGROUP | ATTACH_SOCKMAP | ATTACH_INTERFACE))),
        OUT(prog_query, attach_flags),
        OUT(prog_query, prog_cnt),
        OUT(prog_query, revision),
        IDS(prog_ids, ATTACH_ALL),
        IDS(prog_attach_flags, ATTACH_CGROUP | ATTACH_MPROG),
        POINTER(prog_query, prog_attach_flags, UNDER(NOT(ATTACH_CGROUP | ATTACH_MPROG))),
        IDS(link_ids, ATTACH_MPROG),
        POINTER(prog_query, link_ids, UNDER(NOT(ATTACH_MPROG))),
        IDS(link_attach_flags, ATTACH_MPROG),
        POINTER(prog_query, link_attach_flags, UNDER(NOT(ATTACH_MPROG))),
};

static const struct abi_field raw_tracepoint_fields[] = {
        FIELD(raw_tracepoint, name, FIELD_STRING, .unit = ABI_TRACEPOINT_NAME_MAX, IF_NONZERO),
        FD(raw_tracepoint, prog_fd, OBJECT_PROG),
};

static const struct abi_field btf_load_fields[] = {
        FIELD(btf_load, btf, FIELD_BUFFER, COUNT(btf_load, btf_size, 1), AT_MOST(ABI_BTF_SIZE_MAX, E2BIG)),
        LOG(btf_load, btf_log_buf, btf_log_size),
        OUT(btf_load, btf_log_true_size),
        FD(btf_load, btf_token_fd, OBJECT_TOKEN, IF_FLAG(btf_load, btf_flags, ABI_F_TOKEN_FD)),
};

/* `fd` is a number in the table of `pid`, not in the caller's. */
static const struct abi_field task_fd_query_fields[] = {
        POINTER(task_fd_query, buf), OUT(task_fd_query, buf_len),      OUT(task_fd_query, prog_id),
        OUT(task_fd_query, fd_type), OUT(task_fd_query, probe_offset), OUT(task_fd_query, probe_addr),
};

static const struct abi_field link_create_fields[] = {
        FD(link_create, prog_fd, OBJECT_PROG, UNDER(NOT(ATTACH_STRUCT_OPS))),
        AS(map_fd, FD_AT(ABI_AT(link_create, prog_fd), OBJECT_MAP, UNDER(ATTACH_STRUCT_OPS))),
        /* Zero is no cgroup: freplace at the target of its load gives it, with attach type 0. */
        FD(link_create, target_fd, OBJECT_CGROUP, IF_NONZERO, UNDER(ATTACH_CGROUP)),
        FD(link_create, target_fd, OBJECT_OTHER, UNDER(ATTACH_NETNS)),
        FD(link_create, target_fd, OBJECT_MAP, UNDER(ATTACH_SOCKMAP)),
        FD(link_create, target_fd, OBJECT_PERF_EVENT, UNDER(ATTACH_PERF_EVENT)),
        FD(link_create, target_fd, OBJECT_PROG, IF_NONZERO, .missing = MISSING_PASSED,
           UNDER(ATTACH_TRACING | ATTACH_OTHER)),
        FD(link_create, target_fd, OBJECT_ANY, IF_NEVER,
           UNDER(ATTACH_ITER | ATTACH_NETFILTER | ATTACH_STRUCT_OPS)),
        FD(link_create, relative_fd, OBJECT_ANY, UNDER(ATTACH_MPROG), IF_RELATIVE(link_create, flags)),
        FD(link_create, relative_fd, OBJECT_ANY, UNDER(ATTACH_CGROUP),
           IF_RELATIVE_CGROUP(link_create, flags)),
        /* What it holds (a map, a cgroup, a process) only the BTF id of the program tells. */
        FIELD(link_create, iter_info, FIELD_REFUSED, .unit = 8, UNDER(ATTACH_ITER)),
        FIELD(link_create, iter_info_len, FIELD_REFUSED, .unit = 4, UNDER(ATTACH_ITER)),
        /* Zero makes freplace fail, which would take the interface for a descriptor. */
        AS(target_btf_id, .offset = ABI_AT(link_create, iter_info), .kind = FIELD_UNREAD,
           .unit = SIZE_FROM(link_create, iter_info, uprobe_multi.pid), UNDER(ATTACH_XDP)),
};

static const struct abi_field link_update_fields[] = {
        FD(link_update, link_fd, OBJECT_LINK),
        FD(link_update, new_prog_fd, OBJECT_ANY),
        FD(link_update, old_prog_fd, OBJECT_ANY, IF_FLAG(link_update, flags, BPF_F_REPLACE)),
};

static const struct abi_field link_only_fields[] = {
        FD(link, link_fd, OBJECT_LINK),
};

static const struct abi_field prog_bind_map_fields[] = {
        FD(prog_bind_map, prog_fd, OBJECT_PROG),
        FD(prog_bind_map, map_fd, OBJECT_MAP),
};

static const struct abi_field token_create_fields[] = {
        FD(token_create, bpffs_fd, OBJECT_OTHER),
};

static const struct abi_field prog_stream_read_fields[] = {
        POINTER(prog_stream_read, stream_buf),
        FD(prog_stream_read, prog_fd, OBJECT_PROG),
};

static const struct abi_field prog_assoc_struct_ops_fields[] = {
        FD(prog_assoc_struct_ops, map_fd, OBJECT_MAP),
        FD(prog_assoc_struct_ops, prog_fd, OBJECT_PROG),
};

/* Rows. */
#define ROW(command_, name_, member_, ...)                                                                  \
        [command_] = {.command = command_, .name = name_, .member = member_, __VA_ARGS__}
#define SIZE(command_, last) .size = SIZE_OF(command_, last) + ABI_AT(command_, last)
#define FIELDS(list) .fields = list, .n_fields = ARRAY_SIZE(list)
#define BY_ATTACH_TYPE(command_, field, refused)                                                            \
        .attach_offset = ABI_AT(command_, field), .attach_refused = (refused)

#define A_FD(object) .result = RESULT_FD, .makes = (object)
#define NATIVE .authority = AUTHORITY_NONE
#define NATIVE_FD(object) NATIVE, A_FD(object)
#define CAPTURED .authority = AUTHORITY_NEEDED, .captured = true
#define CAPTURED_FD(object) CAPTURED, A_FD(object)
#define CAPTURED_MORE .authority = AUTHORITY_MORE, .captured = true
#define UNCAPTURED .authority = AUTHORITY_NEEDED
#define UNCAPTURED_FD(object) UNCAPTURED, A_FD(object)

const struct abi_command abi_commands[] = {
        ROW(BPF_MAP_CREATE, "map_create", NULL, CAPTURED_FD(OBJECT_MAP),
            SIZE(map_create, excl_prog_hash_size), FIELDS(map_create_fields)),
        ROW(BPF_MAP_LOOKUP_ELEM, "map_lookup_elem", NULL, NATIVE, SIZE(map_elem, flags),
            FIELDS(map_elem_fields)),
        ROW(BPF_MAP_UPDATE_ELEM, "map_update_elem", NULL, NATIVE, SIZE(map_elem, flags),
            FIELDS(map_elem_fields)),
        ROW(BPF_MAP_DELETE_ELEM, "map_delete_elem", NULL, NATIVE, SIZE(map_elem, key),
            FIELDS(map_key_fields)),
        ROW(BPF_MAP_GET_NEXT_KEY, "map_get_next_key", NULL, NATIVE, SIZE(map_elem, value),
            FIELDS(map_next_key_fields)),
        ROW(BPF_PROG_LOAD, "prog_load", NULL, CAPTURED_FD(OBJECT_PROG), SIZE(prog_load, keyring_id),
            FIELDS(prog_load_fields)),
        ROW(BPF_OBJ_PIN, "obj_pin", NULL, NATIVE, SIZE(obj, path_fd), FIELDS(obj_pin_fields)),
        ROW(BPF_OBJ_GET, "obj_get", NULL, NATIVE_FD(OBJECT_ANY), SIZE(obj, path_fd), FIELDS(obj_get_fields)),
        ROW(BPF_PROG_ATTACH, "prog_attach", NULL, CAPTURED, SIZE(prog_attach, expected_revision),
            BY_ATTACH_TYPE(prog_attach, attach_type, ATTACH_UNKNOWN), FIELDS(prog_attach_fields)),
        ROW(BPF_PROG_DETACH, "prog_detach", NULL, CAPTURED, SIZE(prog_attach, expected_revision),
            BY_ATTACH_TYPE(prog_attach, attach_type, ATTACH_UNKNOWN), FIELDS(prog_detach_fields)),
        ROW(BPF_PROG_TEST_RUN, "prog_test_run", "test", NATIVE, SIZE(test_run, batch_size),
            FIELDS(test_run_fields)),
        ROW(BPF_PROG_GET_NEXT_ID, "prog_get_next_id", NULL, CAPTURED, SIZE(get_id, next_id),
            FIELDS(next_id_fields)),
        ROW(BPF_MAP_GET_NEXT_ID, "map_get_next_id", NULL, CAPTURED, SIZE(get_id, next_id),
            FIELDS(next_id_fields)),
        ROW(BPF_PROG_GET_FD_BY_ID, "prog_get_fd_by_id", NULL, CAPTURED_FD(OBJECT_PROG), SIZE(get_id, id)),
        ROW(BPF_MAP_GET_FD_BY_ID, "map_get_fd_by_id", NULL, CAPTURED_FD(OBJECT_MAP),
            SIZE(get_id, open_flags)),
        ROW(BPF_OBJ_GET_INFO_BY_FD, "obj_get_info_by_fd", "info", CAPTURED_MORE, SIZE(info, info),
            FIELDS(info_fields)),
        ROW(BPF_PROG_QUERY, "prog_query", "query", CAPTURED, SIZE(prog_query, revision),
            BY_ATTACH_TYPE(prog_query, attach_type, ATTACH_UNKNOWN), FIELDS(prog_query_fields)),
        ROW(BPF_RAW_TRACEPOINT_OPEN, "raw_tracepoint_open", "raw_tracepoint", CAPTURED_FD(OBJECT_LINK),
            SIZE(raw_tracepoint, cookie), FIELDS(raw_tracepoint_fields)),
        ROW(BPF_BTF_LOAD, "btf_load", NULL, CAPTURED_FD(OBJECT_BTF), SIZE(btf_load, btf_token_fd),
            FIELDS(btf_load_fields)),
        ROW(BPF_BTF_GET_FD_BY_ID, "btf_get_fd_by_id", NULL, CAPTURED_FD(OBJECT_BTF),
            SIZE(get_id, fd_by_id_token_fd), FIELDS(btf_by_id_fields)),
        ROW(BPF_TASK_FD_QUERY, "task_fd_query", "task_fd_query", UNCAPTURED, SIZE(task_fd_query, probe_addr),
            FIELDS(task_fd_query_fields)),
        ROW(BPF_MAP_LOOKUP_AND_DELETE_ELEM, "map_lookup_and_delete_elem", NULL, NATIVE,
            SIZE(map_elem, flags), FIELDS(map_elem_fields)),
        ROW(BPF_MAP_FREEZE, "map_freeze", NULL, NATIVE, SIZE(map_elem, map_fd), FIELDS(map_only_fields)),
        ROW(BPF_BTF_GET_NEXT_ID, "btf_get_next_id", NULL, CAPTURED, SIZE(get_id, next_id),
            FIELDS(next_id_fields)),
        ROW(BPF_MAP_LOOKUP_BATCH, "map_lookup_batch", "batch", NATIVE, SIZE(map_batch, flags),
            FIELDS(map_batch_fields)),
        ROW(BPF_MAP_LOOKUP_AND_DELETE_BATCH, "map_lookup_and_delete_batch", "batch", NATIVE,
            SIZE(map_batch, flags), FIELDS(map_batch_fields)),
        ROW(BPF_MAP_UPDATE_BATCH, "map_update_batch", "batch", NATIVE, SIZE(map_batch, flags),
            FIELDS(map_batch_fields)),
        ROW(BPF_MAP_DELETE_BATCH, "map_delete_batch", "batch", NATIVE, SIZE(map_batch, flags),
            FIELDS(map_batch_fields)),
        ROW(BPF_LINK_CREATE, "link_create", "link_create", CAPTURED_FD(OBJECT_LINK),
            SIZE(link_create, uprobe_multi.pid),
            BY_ATTACH_TYPE(link_create, attach_type, ATTACH_MULTI | ATTACH_UNKNOWN),
            FIELDS(link_create_fields)),
        ROW(BPF_LINK_UPDATE, "link_update", "link_update", NATIVE, SIZE(link_update, old_prog_fd),
            FIELDS(link_update_fields)),
        ROW(BPF_LINK_GET_FD_BY_ID, "link_get_fd_by_id", NULL, CAPTURED_FD(OBJECT_LINK), SIZE(get_id, id)),
        ROW(BPF_LINK_GET_NEXT_ID, "link_get_next_id", NULL, CAPTURED, SIZE(get_id, next_id),
            FIELDS(next_id_fields)),
        ROW(BPF_ENABLE_STATS, "enable_stats", "enable_stats", UNCAPTURED_FD(OBJECT_OTHER),
            SIZE(enable_stats, type)),
        ROW(BPF_ITER_CREATE, "iter_create", "iter_create", NATIVE_FD(OBJECT_OTHER), SIZE(link, flags),
            FIELDS(link_only_fields)),
        ROW(BPF_LINK_DETACH, "link_detach", "link_detach", NATIVE, SIZE(link, link_fd),
            FIELDS(link_only_fields)),
        ROW(BPF_PROG_BIND_MAP, "prog_bind_map", "prog_bind_map", NATIVE, SIZE(prog_bind_map, flags),
            FIELDS(prog_bind_map_fields)),
        ROW(ABI_TOKEN_CREATE, "token_create", "token_create", NATIVE_FD(OBJECT_TOKEN),
            SIZE(token_create, bpffs_fd), FIELDS(token_create_fields)),
        ROW(ABI_PROG_STREAM_READ_BY_FD, "prog_stream_read_by_fd", "prog_stream_read", NATIVE,
            SIZE(prog_stream_read, prog_fd), FIELDS(prog_stream_read_fields)),
        ROW(ABI_PROG_ASSOC_STRUCT_OPS, "prog_assoc_struct_ops", "prog_assoc_struct_ops", NATIVE,
            SIZE(prog_assoc_struct_ops, flags), FIELDS(prog_assoc_struct_ops_fields)),
};
const size_t n_abi_commands = ARRAY_SIZE(abi_commands);
static_assert(ARRAY_SIZE(abi_commands) == ABI_PROG_ASSOC_STRUCT_OPS + 1, "a row for each command");

const struct abi_command *abi_command(uint32_t command) {
        return command < n_abi_commands ? &abi_commands[command] : NULL;
}

const char *abi_object_noun(enum abi_object object) {
        static const char *const nouns[] = {
                [OBJECT_ANY] = "object",       [OBJECT_MAP] = "map",
                [OBJECT_PROG] = "program",     [OBJECT_BTF] = "BTF",
                [OBJECT_LINK] = "link",        [OBJECT_TOKEN] = "token",
                [OBJECT_CGROUP] = "cgroup",    [OBJECT_PERF_EVENT] = "perf event",
                [OBJECT_OTHER] = "descriptor",
        };
        static_assert(ARRAY_SIZE(nouns) == N_ABI_OBJECTS, "a noun for each");

        return nouns[object];
}

static const struct abi_ids ids[] = {
        {OBJECT_PROG, BPF_PROG_GET_NEXT_ID, BPF_PROG_GET_FD_BY_ID},
        {OBJECT_MAP, BPF_MAP_GET_NEXT_ID, BPF_MAP_GET_FD_BY_ID},
        {OBJECT_BTF, BPF_BTF_GET_NEXT_ID, BPF_BTF_GET_FD_BY_ID},
        {OBJECT_LINK, BPF_LINK_GET_NEXT_ID, BPF_LINK_GET_FD_BY_ID},
};

const struct abi_ids *abi_ids(enum abi_object kind) {
        for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
                if (ids[i].kind == kind)
                        return &ids[i];
        return NULL;
}

const struct abi_ids *abi_ids_by_command(uint32_t command) {
        for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
                if (ids[i].next_id == command || ids[i].fd_by_id == command)
                        return &ids[i];
        return NULL;
}
