/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The fields of bpf(2)'s attr, a structure for each command, as Linux 6.18 has
 * them: `union bpf_attr` of the headers that we build against is Linux 6.1's.
 * Fields are only ever added at the end, so an older kernel knows a prefix of
 * each structure and refuses the rest itself (EINVAL or E2BIG).
 *
 * The table (table.c) takes its offsets from here; tests/kernel/abi-table.c
 * compares them with the running kernel's BTF.
 */

#include <stddef.h>
#include <stdint.h>

union abi_attr {
        struct {
                uint32_t map_type, key_size, value_size, max_entries, map_flags;
                uint32_t inner_map_fd;
                uint32_t numa_node;
                char map_name[16];
                uint32_t map_ifindex;
                uint32_t btf_fd, btf_key_type_id, btf_value_type_id, btf_vmlinux_value_type_id;
                uint64_t map_extra;
                int32_t value_type_btf_obj_fd; /* 6.9 */
                int32_t map_token_fd;          /* 6.9 */
                uint64_t excl_prog_hash;       /* 6.18 */
                uint32_t excl_prog_hash_size;
        } map_create;
        struct { /* map_lookup_elem, map_update_elem, map_get_next_key, … */
                uint32_t map_fd;
                uint64_t key;
                uint64_t value; /* or next_key */
                uint64_t flags;
        } map_elem;
        struct {
                uint64_t in_batch, out_batch, keys, values;
                uint32_t count;
                uint32_t map_fd;
                uint64_t elem_flags, flags;
        } map_batch;
        struct {
                uint32_t prog_type;
                uint32_t insn_cnt;
                uint64_t insns;
                uint64_t license;
                uint32_t log_level, log_size;
                uint64_t log_buf;
                uint32_t kern_version, prog_flags;
                char prog_name[16];
                uint32_t prog_ifindex, expected_attach_type;
                uint32_t prog_btf_fd;
                uint32_t func_info_rec_size;
                uint64_t func_info;
                uint32_t func_info_cnt;
                uint32_t line_info_rec_size;
                uint64_t line_info;
                uint32_t line_info_cnt;
                uint32_t attach_btf_id;
                uint32_t attach_prog_fd; /* or attach_btf_obj_fd */
                uint32_t core_relo_cnt;  /* 5.17 */
                uint64_t fd_array;
                uint64_t core_relos;
                uint32_t core_relo_rec_size;
                uint32_t log_true_size; /* 6.4 */
                int32_t prog_token_fd;  /* 6.9 */
                uint32_t fd_array_cnt;  /* 6.14 */
                uint64_t signature;     /* 6.18 */
                uint32_t signature_size;
                int32_t keyring_id;
        } prog_load;
        struct { /* obj_pin, obj_get */
                uint64_t pathname;
                uint32_t bpf_fd;
                uint32_t file_flags;
                int32_t path_fd; /* 6.5 */
        } obj;
        struct {                    /* prog_attach, prog_detach */
                uint32_t target_fd; /* or target_ifindex */
                uint32_t attach_bpf_fd;
                uint32_t attach_type;
                uint32_t attach_flags;
                uint32_t replace_bpf_fd;
                uint32_t relative_fd;       /* 6.6; or relative_id */
                uint64_t expected_revision; /* 6.6 */
        } prog_attach;
        struct {
                uint32_t prog_fd;
                uint32_t retval;
                uint32_t data_size_in, data_size_out;
                uint64_t data_in, data_out;
                uint32_t repeat, duration;
                uint32_t ctx_size_in, ctx_size_out;
                uint64_t ctx_in, ctx_out;
                uint32_t flags, cpu, batch_size;
        } test_run;
        struct { /* *_get_next_id, *_get_fd_by_id */
                uint32_t id;
                uint32_t next_id;
                uint32_t open_flags;
                int32_t fd_by_id_token_fd; /* 6.17 */
        } get_id;
        struct {
                uint32_t bpf_fd;
                uint32_t info_len;
                uint64_t info;
        } info;
        struct {
                uint32_t target_fd; /* or target_ifindex */
                uint32_t attach_type;
                uint32_t query_flags;
                uint32_t attach_flags;
                uint64_t prog_ids;
                uint32_t prog_cnt;
                uint64_t prog_attach_flags;           /* 6.0 */
                uint64_t link_ids, link_attach_flags; /* 6.6 */
                uint64_t revision;                    /* 6.6 */
        } prog_query;
        struct {
                uint64_t name;
                uint32_t prog_fd;
                uint64_t cookie; /* 6.10 */
        } raw_tracepoint;
        struct {
                uint64_t btf;
                uint64_t btf_log_buf;
                uint32_t btf_size;
                uint32_t btf_log_size, btf_log_level;
                uint32_t btf_log_true_size; /* 6.4 */
                uint32_t btf_flags;         /* 6.9 */
                int32_t btf_token_fd;       /* 6.9 */
        } btf_load;
        struct {
                uint32_t pid, fd, flags, buf_len;
                uint64_t buf;
                uint32_t prog_id, fd_type;
                uint64_t probe_offset, probe_addr;
        } task_fd_query;
        struct {
                uint32_t prog_fd;   /* or map_fd */
                uint32_t target_fd; /* or target_ifindex */
                uint32_t attach_type;
                uint32_t flags;
                union { /* by attach_type and by the type of the program */
                        struct {
                                uint64_t iter_info;
                                uint32_t iter_info_len;
                        };
                        struct {                      /* cgroup (6.17), tcx, netkit (6.6) */
                                uint32_t relative_fd; /* or relative_id */
                                uint64_t expected_revision;
                        };
                        struct { /* the widest of all */
                                uint64_t path, offsets, ref_ctr_offsets, cookies;
                                uint32_t cnt, flags, pid;
                        } uprobe_multi;
                };
        } link_create;
        struct {
                uint32_t link_fd;
                uint32_t new_prog_fd; /* or new_map_fd */
                uint32_t flags;
                uint32_t old_prog_fd; /* or old_map_fd */
        } link_update;
        struct { /* link_detach, iter_create */
                uint32_t link_fd;
                uint32_t flags;
        } link;
        struct {
                uint32_t type;
        } enable_stats;
        struct {
                uint32_t prog_fd, map_fd, flags;
        } prog_bind_map;
        struct {
                uint32_t flags, bpffs_fd;
        } token_create;
        struct {
                uint64_t stream_buf;
                uint32_t stream_buf_len, stream_id, prog_fd;
        } prog_stream_read;
        struct {
                uint32_t map_fd, prog_fd, flags;
        } prog_assoc_struct_ops;
};

/* Where a field of a command stands: ABI_AT(prog_load, insns). */
#define ABI_AT(command, field) offsetof(union abi_attr, command.field)
