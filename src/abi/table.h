/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * bpf(2) as one table. Each command has its row: what it is called, whether the
 * kernel asks for authority, which fields of bpf_attr are descriptors, which
 * are pointers and what gives their length, what comes back. Capture, replay,
 * decision, record and the interception filter all read this table; a new
 * kernel command is one new row.
 *
 * Four commands read some of their fields by the attach type that stands in
 * attr. There a field names the classes of attach types to which it applies,
 * so that the same offset may have several fields, of which one is meant.
 *
 * Invariant: every descriptor and every pointer that the kernel could read for
 * a command has its field, also where it is not meant. What has no field is a
 * number, and is passed on as it is.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/attr.h"

/* Whether the kernel wants more than a descriptor for the command. */
enum abi_authority {
        AUTHORITY_NONE,   /* anybody who holds the descriptors: never intercepted */
        AUTHORITY_MORE,   /* answers everybody, and says more to CAP_BPF: intercepted if granted */
        AUTHORITY_NEEDED, /* intercepted always */
};

enum abi_object {
        OBJECT_ANY,
        OBJECT_MAP,
        OBJECT_PROG,
        OBJECT_BTF,
        OBJECT_LINK,
        OBJECT_TOKEN,
        OBJECT_CGROUP,
        OBJECT_PERF_EVENT,
        OBJECT_OTHER, /* a descriptor that is none of these */
        N_ABI_OBJECTS,
};

enum abi_result {
        RESULT_NUMBER, /* zero or a count */
        RESULT_FD,     /* a new descriptor, to be installed in the caller */
};

/* Classes of attach types, by what attr means under them. A field holds a set of them. */
enum abi_attach {
        ATTACH_CGROUP = 1 << 0,
        ATTACH_XDP = 1 << 1,     /* an interface index, one program */
        ATTACH_MPROG = 1 << 2,   /* tcx, netkit: an interface index, ordered programs */
        ATTACH_NETNS = 1 << 3,   /* flow_dissector, sk_lookup */
        ATTACH_SOCKMAP = 1 << 4, /* the target is a map */
        ATTACH_TRACING = 1 << 5, /* named by a BTF id, at load or here */
        ATTACH_ITER = 1 << 6,
        ATTACH_PERF_EVENT = 1 << 7,
        ATTACH_NETFILTER = 1 << 8,
        ATTACH_STRUCT_OPS = 1 << 9,
        ATTACH_MULTI = 1 << 10,   /* kprobe_multi, uprobe_multi, …_session: arrays of pointers */
        ATTACH_OTHER = 1 << 11,   /* lirc_mode2, and what is for loading only: xdp_devmap, … */
        ATTACH_UNKNOWN = 1 << 12, /* newer than this table */
};
#define ATTACH_INTERFACE (ATTACH_XDP | ATTACH_MPROG)

enum abi_field_kind {
        FIELD_FD,       /* a descriptor */
        FIELD_BUFFER,   /* a pointer to bytes, see `use` */
        FIELD_STRING,   /* a pointer to a string of at most `unit` bytes, its NUL included */
        FIELD_INSNS,    /* a pointer to instructions, in which descriptors stand */
        FIELD_FD_ARRAY, /* a pointer to descriptors, those that the instructions name by index */
        FIELD_INFO,     /* a pointer to a bpf_*_info structure, which holds pointers */
        FIELD_OUT,      /* a value of `unit` bytes that the kernel writes into attr */
        FIELD_POINTER,  /* a pointer that is not followed here: the kernel gets NULL or EFAULT */
        FIELD_UNREAD,   /* `unit` bytes that the kernel does not read here: zero */
        FIELD_REFUSED,  /* `unit` bytes; unless they are zero, the call is CALL_E_UNCAPTURED */
};

/* When a field means anything, by the field itself or by others of the same attr. */
enum abi_condition {
        WHEN_ALWAYS,
        WHEN_NONZERO,    /* the field itself is not zero */
        WHEN_FLAG,       /* (u32 at `when_offset`) & when_value */
        WHEN_MAP_IN_MAP, /* map_type is array_of_maps or hash_of_maps */
        WHEN_COUNTED,    /* the u32 at when_offset, or the one at when_value, is not zero */
        /*
         * The neighbour of an ordered attachment, by the flags at when_offset: a
         * descriptor unless ABI_F_ID says that it is an id. When the condition does
         * not hold, the field is a number and stays what it is.
         */
        WHEN_RELATIVE,        /* tcx, netkit: ABI_F_LINK, or the field is not zero */
        WHEN_RELATIVE_CGROUP, /* cgroups: the same, and ABI_F_BEFORE or ABI_F_AFTER */
        WHEN_NEVER,           /* not under this attach type */
};

/* What becomes of a call that names a descriptor which the caller does not have. */
enum abi_missing {
        MISSING_EBADF,
        MISSING_EBADFD, /* what obj_get_info_by_fd says instead */
        MISSING_PASSED, /* the kernel finds nothing either, and knows itself what that means */
};

enum abi_use {
        BUFFER_IN,    /* copied in */
        BUFFER_OUT,   /* written by the kernel, copied back as far as the kernel says */
        BUFFER_INOUT, /* copied in and back */
        BUFFER_LOG,   /* a string by the kernel: copied back up to its NUL */
};

struct abi_field {
        const char *name;
        uint16_t offset;
        uint16_t attach; /* set of abi_attach; 0: whatever the attach type */
        enum abi_field_kind kind;
        enum abi_object object;   /* FIELD_FD: what is expected there */
        enum abi_missing missing; /* FIELD_FD */
        enum abi_condition when;
        uint32_t when_value;
        uint16_t when_offset;
        /*
         * The length of a buffer: the u32 at `count_offset`, times `unit` bytes,
         * or times the u32 at `unit_offset` when `unit` is 0.
         */
        uint16_t count_offset;
        uint16_t unit;
        uint16_t unit_offset;
        enum abi_use use;
        /*
         * Bounds that the kernel itself sets, and its errno beyond them. A
         * count_max of 0 sets none; the others are for a unit_offset.
         */
        uint32_t count_max;
        uint16_t unit_min, unit_max;
        int bound_error;
};

struct abi_command {
        uint32_t command;
        const char *name;   /* as in the vocabulary: "map_create" */
        const char *member; /* of union bpf_attr in the kernel, or NULL where its struct has no name */
        enum abi_authority authority;
        bool captured; /* capture and replay are complete; else it is refused by name */
        enum abi_result result;
        enum abi_object makes;   /* with RESULT_FD */
        uint16_t size;           /* bytes of attr that the row knows (6.18) */
        uint16_t attach_offset;  /* of attach_type; 0: no field depends on one */
        uint16_t attach_refused; /* classes that this version cannot carry */
        uint16_t n_fields;
        const struct abi_field *fields;
};

/* The rows in the order of their numbers; row i is command i. */
extern const struct abi_command abi_commands[];
extern const size_t n_abi_commands;

/* NULL for a command that has no row. */
const struct abi_command *abi_command(uint32_t command);

/* The one class of an attach type. */
enum abi_attach abi_attach_class(uint32_t attach_type);

/* The commands that speak of objects by id: one row for each kind that has ids. */
struct abi_ids {
        enum abi_object kind;
        uint32_t next_id;  /* walks them */
        uint32_t fd_by_id; /* opens one */
};

/* NULL for a kind of object that has no ids. */
const struct abi_ids *abi_ids(enum abi_object kind);

/* The row that has this command, or NULL. */
const struct abi_ids *abi_ids_by_command(uint32_t command);

const char *abi_object_noun(enum abi_object object); /* "map" */

/*
 * A bpf_*_info structure of obj_get_info_by_fd: the pointers that stand in it.
 * It differs by the object, and for links by the type of the link.
 */
struct abi_info {
        enum abi_object object;
        uint32_t link_type;   /* of OBJECT_LINK */
        uint16_t size;        /* bytes that are known (6.18); the kernel's own may have more */
        uint16_t known_input; /* what lies beyond is not handed to the kernel; 0: all is */
        uint16_t n_fields;
        const struct abi_field *fields;
};

/* NULL for an object of which the kernel has no info. */
const struct abi_info *abi_info(enum abi_object object, uint32_t link_type);
