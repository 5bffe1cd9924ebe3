/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The classes of attach types: which fields of attr the kernel reads under each.
 * It goes by the type of the program, which it holds against the attach type
 * first (bpf_prog_attach_check_attach_type()); freplace alone it lets attach
 * under any, see call_suits_program().
 */

#include <linux/bpf.h>

#include "abi/table.h"
#include "abi/uapi.h"
#include "grant/traits.h"

enum abi_attach abi_attach_class(uint32_t attach_type) {
        if (attach_type > ABI_TRACE_UPROBE_SESSION)
                return ATTACH_UNKNOWN;
        if (attach_type_is_cgroup(attach_type))
                return ATTACH_CGROUP;
        if (attach_type_is_interface(attach_type))
                return attach_type == BPF_XDP ? ATTACH_XDP : ATTACH_MPROG;
        switch (attach_type) {
        case BPF_FLOW_DISSECTOR:
        case BPF_SK_LOOKUP:
                return ATTACH_NETNS;
        case BPF_SK_SKB_STREAM_PARSER:
        case BPF_SK_SKB_STREAM_VERDICT:
        case BPF_SK_SKB_VERDICT:
        case BPF_SK_MSG_VERDICT:
                return ATTACH_SOCKMAP;
        case BPF_TRACE_RAW_TP:
        case BPF_TRACE_FENTRY:
        case BPF_TRACE_FEXIT:
        case BPF_MODIFY_RETURN:
        case BPF_LSM_MAC:
                return ATTACH_TRACING;
        case BPF_TRACE_ITER:
                return ATTACH_ITER;
        case BPF_PERF_EVENT:
                return ATTACH_PERF_EVENT;
        case ABI_NETFILTER:
                return ATTACH_NETFILTER;
        case ABI_STRUCT_OPS:
                return ATTACH_STRUCT_OPS;
        case ABI_TRACE_KPROBE_MULTI:
        case ABI_TRACE_UPROBE_MULTI:
        case ABI_TRACE_KPROBE_SESSION:
        case ABI_TRACE_UPROBE_SESSION:
                return ATTACH_MULTI;
        default:
                return ATTACH_OTHER;
        }
}
