/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a captured call asks for, in the words of a policy. Only what the call
 * itself says: whose a program is, or where a target lies, the deputy finds out.
 */

#include "abi/call.h"

#include <string.h>

#include <linux/bpf.h>

#include "abi/blind.h"
#include "abi/uapi.h"
#include "grant/traits.h"

static void ask_map(const struct call *c, uint32_t cpus, struct ask *a) {
        a->makes_map = true;
        a->map = (struct map_shape) {
                .type = call_u32(c, ABI_AT(map_create, map_type)),
                .key_size = call_u32(c, ABI_AT(map_create, key_size)),
                .value_size = call_u32(c, ABI_AT(map_create, value_size)),
                .max_entries = call_u32(c, ABI_AT(map_create, max_entries)),
                .flags = call_u32(c, ABI_AT(map_create, map_flags)),
        };
        a->map_bytes = map_bytes_max(&a->map, cpus);
}

static void ask_program(const struct call *c, struct ask *a) {
        uint32_t attach_type = call_u32(c, ABI_AT(prog_load, expected_attach_type));

        a->loads_program = true;
        a->prog_type = call_u32(c, ABI_AT(prog_load, prog_type));
        a->instructions = call_u32(c, ABI_AT(prog_load, insn_cnt));
        a->names_attach_type = prog_type_has_attach_type(a->prog_type) || attach_type != 0;
        a->prog_attach_type = attach_type;
        a->blind_filter = call_is_blind_filter((struct call *)c);
        a->is_signed = call_u64(c, ABI_AT(prog_load, signature)) != 0;
}

static enum ask_target target_of(uint16_t attach) {
        switch ((enum abi_attach)attach) {
        case ATTACH_CGROUP:
                return TARGET_CGROUP;
        case ATTACH_XDP:
        case ATTACH_MPROG:
                return TARGET_INTERFACE;
        case ATTACH_TRACING: /* named by the program itself, or another program: not a place */
        case ATTACH_ITER:
                return TARGET_NONE;
        case ATTACH_NETNS:
        case ATTACH_SOCKMAP:
        case ATTACH_PERF_EVENT:
        case ATTACH_NETFILTER:
        case ATTACH_STRUCT_OPS:
        case ATTACH_MULTI:
        case ATTACH_OTHER:
        case ATTACH_UNKNOWN:
                break;
        }
        return TARGET_OTHER;
}

void call_ask(const struct call *c, uint32_t cpus, struct ask *ret_ask) {
        *ret_ask = (struct ask) {.command = c->command};

        switch (c->command) {
        case BPF_MAP_CREATE:
                ask_map(c, cpus, ret_ask);
                return;
        case BPF_PROG_LOAD:
                ask_program(c, ret_ask);
                return;
        case BPF_RAW_TRACEPOINT_OPEN:
                ret_ask->attaches = true;
                ret_ask->makes_link = true;
                ret_ask->attach_type = BPF_TRACE_RAW_TP;
                ret_ask->target = TARGET_NONE;
                return;
        case BPF_LINK_CREATE:
        case BPF_PROG_ATTACH:
        case BPF_PROG_DETACH:
        case BPF_PROG_QUERY:
                ret_ask->attaches = true;
                ret_ask->makes_link = c->command == BPF_LINK_CREATE || c->command == BPF_PROG_ATTACH;
                ret_ask->attach_type = call_u32(c, c->row->attach_offset);
                ret_ask->target = target_of(c->attach);
                return;
        default:
                return;
        }
}

bool call_suits_program(const struct call *c, uint32_t prog_type) {
        return c->command != BPF_LINK_CREATE || prog_type != BPF_PROG_TYPE_EXT ||
               !(c->attach & ATTACH_INTERFACE);
}
