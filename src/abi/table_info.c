/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The bpf_*_info structures of obj_get_info_by_fd, as rows like those of the
 * commands: which pointers stand in them and what gives their length. Counts
 * are the caller's on the way in and the object's own on the way out.
 *
 * Link info is a union by the type of the link. Of a type that is not known
 * here the kernel might read a pointer at any place, so it is given nothing but
 * zeros behind the part that all links have in common.
 */

#include "abi/table.h"

#include <assert.h>

#include <linux/bpf.h>

#include "abi/uapi.h"
#include "base/macro.h"

/* Beyond what Linux 6.1's headers have. */
struct map_info {
        struct bpf_map_info base;
        uint64_t hash; /* 6.18 */
        uint32_t hash_size;
};
static_assert(offsetof(struct map_info, hash) == 88, "struct bpf_map_info of 6.18");

struct link_info {
        uint32_t type, id, prog_id;
        union {
                struct { /* raw_tracepoint, iter */
                        uint64_t name;
                        uint32_t name_len;
                } named;
                struct { /* 6.6 */
                        uint64_t addrs;
                        uint32_t count;
                        uint32_t flags;
                        uint64_t missed;
                        uint64_t cookies; /* 6.9 */
                } kprobe_multi;
                struct { /* 6.8 */
                        uint64_t path, offsets, ref_ctr_offsets, cookies;
                        uint32_t path_size, count, flags, pid;
                } uprobe_multi;
                struct { /* 6.6; the three that have a name have it at one place */
                        uint32_t type;
                        uint64_t name;
                        uint32_t name_len, offset;
                        uint64_t cookie;
                        uint64_t more[2];
                } perf_event;
        };
};
static_assert(offsetof(struct link_info, named) == 16, "the union of struct bpf_link_info");
#define LINK_INFO_COMMON offsetof(struct link_info, named)

struct token_info { /* 6.17 */
        uint64_t allowed_cmds, allowed_maps, allowed_progs, allowed_attachs;
};

/* A pointer that the kernel fills, its count and unit; one to a string. */
#define OUT_BY(info, field, count, ...)                                                                     \
        {                                                                                                   \
                .name = #field, .offset = offsetof(info, field), .kind = FIELD_BUFFER, .use = BUFFER_OUT,   \
                .count_offset = offsetof(info, count), __VA_ARGS__                                          \
        }
#define OUT_ARRAY(info, field, count, unit_) OUT_BY(info, field, count, .unit = (unit_))
#define OUT_RECORDS(info, field, count, size) OUT_BY(info, field, count, .unit_offset = offsetof(info, size))
#define OUT_STRING(info, field, length)                                                                     \
        {                                                                                                   \
                .name = #field, .offset = offsetof(info, field), .kind = FIELD_BUFFER, .use = BUFFER_LOG,   \
                .count_offset = offsetof(info, length), .unit = 1                                           \
        }

static const struct abi_field prog_fields[] = {
        OUT_ARRAY(struct bpf_prog_info, jited_prog_insns, jited_prog_len, 1),
        OUT_ARRAY(struct bpf_prog_info, xlated_prog_insns, xlated_prog_len, 1),
        OUT_ARRAY(struct bpf_prog_info, map_ids, nr_map_ids, 4),
        OUT_ARRAY(struct bpf_prog_info, jited_ksyms, nr_jited_ksyms, 8),
        OUT_ARRAY(struct bpf_prog_info, jited_func_lens, nr_jited_func_lens, 4),
        /* The kernel takes its own record size only, and that may grow. */
        OUT_RECORDS(struct bpf_prog_info, func_info, nr_func_info, func_info_rec_size),
        OUT_RECORDS(struct bpf_prog_info, line_info, nr_line_info, line_info_rec_size),
        OUT_RECORDS(struct bpf_prog_info, jited_line_info, nr_jited_line_info, jited_line_info_rec_size),
        OUT_ARRAY(struct bpf_prog_info, prog_tags, nr_prog_tags, BPF_TAG_SIZE),
};

static const struct abi_field map_fields[] = {
        OUT_ARRAY(struct map_info, hash, hash_size, 1),
};

static const struct abi_field btf_fields[] = {
        OUT_ARRAY(struct bpf_btf_info, btf, btf_size, 1),
        OUT_STRING(struct bpf_btf_info, name, name_len),
};

static const struct abi_field named_link_fields[] = {
        OUT_STRING(struct link_info, named.name, named.name_len),
};

static const struct abi_field perf_event_fields[] = {
        OUT_STRING(struct link_info, perf_event.name, perf_event.name_len),
};

static const struct abi_field kprobe_multi_fields[] = {
        OUT_ARRAY(struct link_info, kprobe_multi.addrs, kprobe_multi.count, 8),
        OUT_ARRAY(struct link_info, kprobe_multi.cookies, kprobe_multi.count, 8),
};

static const struct abi_field uprobe_multi_fields[] = {
        OUT_STRING(struct link_info, uprobe_multi.path, uprobe_multi.path_size),
        OUT_ARRAY(struct link_info, uprobe_multi.offsets, uprobe_multi.count, 8),
        OUT_ARRAY(struct link_info, uprobe_multi.ref_ctr_offsets, uprobe_multi.count, 8),
        OUT_ARRAY(struct link_info, uprobe_multi.cookies, uprobe_multi.count, 8),
};

#define FIELDS(list) .fields = list, .n_fields = ARRAY_SIZE(list)
#define OBJECT(object_, info, ...)                                                                          \
        { .object = object_, .size = sizeof(info), __VA_ARGS__ }
#define LINK(type, list)                                                                                    \
        { .object = OBJECT_LINK, .link_type = type, .size = sizeof(struct link_info), FIELDS(list) }

static const struct abi_info infos[] = {
        OBJECT(OBJECT_PROG, struct bpf_prog_info, FIELDS(prog_fields)),
        OBJECT(OBJECT_MAP, struct map_info, FIELDS(map_fields)),
        OBJECT(OBJECT_BTF, struct bpf_btf_info, FIELDS(btf_fields)),
        OBJECT(OBJECT_TOKEN, struct token_info),
        LINK(ABI_LINK_RAW_TRACEPOINT, named_link_fields),
        LINK(ABI_LINK_ITER, named_link_fields),
        LINK(ABI_LINK_PERF_EVENT, perf_event_fields),
        LINK(ABI_LINK_KPROBE_MULTI, kprobe_multi_fields),
        LINK(ABI_LINK_UPROBE_MULTI, uprobe_multi_fields),
};

/* Links whose info is numbers only. */
static const struct abi_info plain_link = {
        .object = OBJECT_LINK,
        .size = sizeof(struct link_info),
};
static const struct abi_info unknown_link = {
        .object = OBJECT_LINK,
        .size = sizeof(struct link_info),
        .known_input = LINK_INFO_COMMON,
};

const struct abi_info *abi_info(enum abi_object object, uint32_t link_type) {
        for (size_t i = 0; i < ARRAY_SIZE(infos); i++)
                if (infos[i].object == object && (object != OBJECT_LINK || infos[i].link_type == link_type))
                        return &infos[i];
        if (object != OBJECT_LINK)
                return NULL;
        return link_type > 0 && link_type <= ABI_LINK_SOCKMAP ? &plain_link : &unknown_link;
}
