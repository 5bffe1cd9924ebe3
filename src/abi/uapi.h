/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Numbers of the kernel's interface that are newer than the headers we build
 * against (Linux 6.1's, in Debian 12). Each says where it comes from. Values
 * are kernel ABI: they never change, so declaring them here is safe on any
 * kernel, and a kernel that lacks one refuses it.
 */

#include <linux/bpf.h>

/* enum bpf_cmd */
#define ABI_TOKEN_CREATE 36           /* 6.9 */
#define ABI_PROG_STREAM_READ_BY_FD 37 /* 6.17 */
#define ABI_PROG_ASSOC_STRUCT_OPS 38  /* 6.19 */

/* flags of map_create, prog_load, btf_load */
#define ABI_F_TOKEN_FD (1U << 16)         /* 6.9 */
#define ABI_F_VTYPE_BTF_OBJ_FD (1U << 15) /* 6.9, map_create */

/* flags of obj_pin, obj_get */
#define ABI_F_PATH_FD (1U << 14) /* 6.5 */

/* flags of prog_attach, prog_detach, link_create (multi-prog attach) */
#define ABI_F_BEFORE (1U << 3) /* 6.6 */
#define ABI_F_AFTER (1U << 4)  /* 6.6 */
#define ABI_F_ID (1U << 5)     /* 6.6: relative_fd is an id */
#define ABI_F_LINK (1U << 13)  /* 6.6: relative_fd is a link */

/* pseudo source registers of ld_imm64 and call, where Linux 6.1 has no name for the last of them */
#define ABI_PSEUDO_MAP_IDX 5       /* 5.14: imm is an index into fd_array */
#define ABI_PSEUDO_MAP_IDX_VALUE 6 /* 5.14 */

/* limits of the kernel's own */
#define ABI_PAGE_SIZE 4096           /* the most that bpf(2) reads of attr or of an info */
#define ABI_INSNS_MAX 1000000        /* BPF_COMPLEXITY_LIMIT_INSNS */
#define ABI_BTF_SIZE_MAX (16U << 20) /* BTF_MAX_SIZE */
#define ABI_FUNC_INFO_SIZE_MIN 8     /* MIN_BPF_FUNCINFO_SIZE */
#define ABI_LINE_INFO_SIZE_MIN 16    /* MIN_BPF_LINEINFO_SIZE */
#define ABI_CORE_RELO_SIZE_MIN 16    /* MIN_CORE_RELO_SIZE */
#define ABI_INFO_SIZE_MAX 252        /* MAX_FUNCINFO_REC_SIZE, and so for the other two */
#define ABI_LICENSE_MAX 128          /* read up to there, whether a NUL comes or not */
#define ABI_TRACEPOINT_NAME_MAX 128  /* of raw_tracepoint_open; the same */
#define ABI_SIGNATURE_MAX (4U << 20) /* KMALLOC_MAX_SIZE where it is smallest */
#define ABI_PROG_HASH_SIZE 32        /* SHA256_DIGEST_SIZE */
#define ABI_LOG_SIZE_MAX (UINT32_MAX >> 2)

/* enum bpf_link_type: those whose info holds pointers */
#define ABI_LINK_RAW_TRACEPOINT 1
#define ABI_LINK_ITER 4
#define ABI_LINK_PERF_EVENT 7    /* 5.15 */
#define ABI_LINK_KPROBE_MULTI 8  /* 5.18 */
#define ABI_LINK_UPROBE_MULTI 12 /* 6.6 */
#define ABI_LINK_SOCKMAP 14      /* 6.10: the last that is known */

/* enum bpf_attach_type */
#define ABI_TRACE_KPROBE_MULTI 42      /* 5.18 */
#define ABI_STRUCT_OPS 44              /* 6.4 */
#define ABI_NETFILTER 45               /* 6.4 */
#define ABI_TCX_INGRESS 46             /* 6.6 */
#define ABI_TCX_EGRESS 47              /* 6.6 */
#define ABI_TRACE_UPROBE_MULTI 48      /* 6.6 */
#define ABI_CGROUP_UNIX_GETSOCKNAME 53 /* 6.7 */
#define ABI_NETKIT_PRIMARY 54          /* 6.7 */
#define ABI_NETKIT_PEER 55             /* 6.7 */
#define ABI_TRACE_KPROBE_SESSION 56    /* 6.10 */
#define ABI_TRACE_UPROBE_SESSION 57    /* 6.13 */
