/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "deputy/perform.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/fd.h"
#include "deputy/examine.h"
#include "kernel/bpf.h"
#include "kernel/privilege.h"

/* Objects whose ids the holder may ask for must be known to the steward as well. */
static bool ids_are_granted(const struct policy *p, enum abi_object kind) {
        const struct abi_ids *ids = abi_ids(kind);

        return ids && name_set_has(&p->commands, ids->fd_by_id);
}

/* A new object: its id, its entry, its charge. On failure it is closed, and so is gone. */
static void enter_object(struct request *r, int fd_consume) {
        _cleanup_close_ int fd = fd_consume;
        struct deputy *d = r->origin->deputy;
        enum abi_object kind = r->call.row->makes;
        uint32_t id;
        int error;

        error = bpf_object_id(fd, kind, &id);
        if (error == 0 && ids_are_granted(d->policy, kind))
                error = steward_own(&d->steward, fd);
        if (error == 0)
                error = ledger_add(d->ledger, kind, id, &r->charge);
        if (error < 0) {
                r->result = error;
                return;
        }
        r->kind = kind;
        r->id = id;
        r->fd = take_fd(&fd);
}

static void perform_create(struct request *r) {
        int64_t result = call_execute(&r->call, bpf_syscall);

        if (result < 0)
                r->result = result;
        else
                enter_object(r, (int)result);
}

static void perform_attach(struct request *r) {
        struct attachment where;
        int error;

        /* Known before it is done: what could not be entered must not be attached. */
        error = request_attachment(r, &where);
        if (error < 0) {
                r->result = error;
                return;
        }
        error = ledger_add_attachment(r->origin->deputy->ledger, &where, &r->charge);
        if (error < 0) {
                r->result = error;
                return;
        }
        r->result = call_execute(&r->call, bpf_syscall);
        if (r->result < 0)
                ledger_remove_attachment(r->origin->deputy->ledger, &where);
}

static void perform_detach(struct request *r) {
        struct attachment where;
        int error;

        error = request_attachment(r, &where);
        r->result = call_execute(&r->call, bpf_syscall);
        if (r->result >= 0 && error == 0)
                ledger_remove_attachment(r->origin->deputy->ledger, &where);
}

/*
 * The instructions of a program are shown to CAP_BPF. Under a grant they are
 * shown of the grant's own programs; of others the holder sees what it would
 * see without a grant, since the kernel is asked without the capability.
 */
static void perform_info(struct request *r) {
        struct deputy *d = r->origin->deputy;
        int fd = call_fd_at(&r->call, offsetof(union bpf_attr, info.bpf_fd));
        uint32_t id = 0;
        bool own = bpf_object_id(fd, r->kind, &id) == 0 && ledger_has(d->ledger, r->kind, id);
        int error;

        if (!own) {
                error = privilege_set_effective(0);
                if (error < 0) {
                        r->result = error;
                        return;
                }
        }
        r->result = call_execute(&r->call, bpf_syscall);
        r->id = id;
        if (!own && privilege_set_effective(d->capabilities) < 0)
                abort(); /* cannot happen: they are permitted; a deputy of unknown rights must not go on */
}

/* The kernel's answer to a walk, from what this grant has made: handed back through the call's outputs. */
static void perform_next_id(struct request *r, const struct abi_ids *ids) {
        uint32_t start = call_u32(&r->call, offsetof(union bpf_attr, start_id)), id;
        uint32_t flags = call_u32(&r->call, offsetof(union bpf_attr, open_flags));

        if (start == 0)
                deputy_sweep(r->origin->deputy); /* a walk begins: let it not begin with the dead */
        memcpy(r->call.attr_out, r->call.attr, sizeof(r->call.attr_out));
        if (start >= INT32_MAX || flags != 0) {
                r->result = -EINVAL;
        } else if (!ledger_next(r->origin->deputy->ledger, ids->kind, start, &id)) {
                r->result = -ENOENT;
        } else {
                memcpy(r->call.attr_out + offsetof(union bpf_attr, next_id), &id, sizeof(id));
                r->id = id;
                r->result = 0;
        }
}

static void perform_open(struct request *r, const struct abi_ids *ids) {
        uint32_t id = call_u32(&r->call, offsetof(union bpf_attr, map_id));
        uint32_t flags = call_u32(&r->call, offsetof(union bpf_attr, open_flags));
        int fd;

        memcpy(r->call.attr_out, r->call.attr, sizeof(r->call.attr_out));
        fd = steward_open(&r->origin->deputy->steward, ids->kind, id, flags);
        if (fd < 0) {
                r->result = fd;
                return;
        }
        r->id = id;
        r->fd = fd;
}

void request_perform(struct request *r) {
        const struct abi_ids *ids = abi_ids_by_command(r->call.command);

        if (ids) {
                if (ids->next_id == r->call.command)
                        perform_next_id(r, ids);
                else
                        perform_open(r, ids);
                return;
        }
        switch (r->call.command) {
        case BPF_PROG_ATTACH:
                perform_attach(r);
                break;
        case BPF_PROG_DETACH:
                perform_detach(r);
                break;
        case BPF_OBJ_GET_INFO_BY_FD:
                perform_info(r);
                break;
        default:
                if (r->call.row->result == RESULT_FD)
                        perform_create(r);
                else
                        r->result = call_execute(&r->call, bpf_syscall);
        }
}
