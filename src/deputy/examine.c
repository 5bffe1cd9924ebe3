/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "deputy/examine.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>

#include "abi/uapi.h"
#include "kernel/bpf.h"
#include "kernel/cgroup.h"
#include "kernel/process.h"

/* Where a command's target stands in attr: a descriptor or an interface's index. */
static size_t target_offset(uint32_t command) {
        switch (command) {
        case BPF_LINK_CREATE:
                return offsetof(union bpf_attr, link_create.target_fd);
        case BPF_PROG_QUERY:
                return offsetof(union bpf_attr, query.target_fd);
        default:
                return offsetof(union bpf_attr, target_fd);
        }
}

static size_t program_offset(uint32_t command) {
        switch (command) {
        case BPF_LINK_CREATE:
                return offsetof(union bpf_attr, link_create.prog_fd);
        case BPF_RAW_TRACEPOINT_OPEN:
                return offsetof(union bpf_attr, raw_tracepoint.prog_fd);
        default:
                return offsetof(union bpf_attr, attach_bpf_fd);
        }
}

/*
 * The kernel lets a program write to a map by any descriptor of it, also by one
 * that was opened for reading only: the verifier does not look at the file's
 * mode (seen on 6.18). So a holder could make more of a descriptor than it is.
 * A map that programs cannot write, or cannot read, may be used by the
 * descriptor that says the same.
 */
static int examine_map_mode(int fd, bool *ret_read_only) {
        int mode = fcntl(fd, F_GETFL);
        enum abi_object kind;
        uint32_t flags;
        int r;

        if (mode < 0)
                return -errno;
        if ((mode & O_ACCMODE) == O_RDWR)
                return 0;
        r = bpf_object_kind(fd, &kind);
        if (r < 0)
                return r;
        if (kind != OBJECT_MAP)
                return 0; /* BTF, say: not a thing that one writes */
        r = bpf_map_flags(fd, &flags);
        if (r < 0)
                return r;
        if (!(flags & ((mode & O_ACCMODE) == O_RDONLY ? BPF_F_RDONLY_PROG : BPF_F_WRONLY_PROG)))
                *ret_read_only = true;
        return 0;
}

static int examine_load(struct request *r) {
        int error;

        for (size_t i = 0; i < r->call.n_fds; i++) {
                if (r->call.fds[i].fd < 0)
                        continue;
                error = examine_map_mode(r->call.fds[i].fd, &r->ask.read_only_map);
                if (error < 0)
                        return error;
        }
        return 0;
}

/* Whether the holder is in another network namespace than we are: an index means something else there. */
static int examine_netns(struct request *r) {
        const struct deputy *d = r->origin->deputy;
        uint64_t device, inode;
        int error;

        if (r->origin->tid == 0) {
                /* A message: all that we know is where its connection was made. */
                return 0;
        }
        error = process_netns(d->proc_fd, r->origin->tid, &device, &inode);
        if (error < 0)
                return error;
        r->ask.other_netns = device != d->netns_device || inode != d->netns_inode;
        return 0;
}

static int examine_target(struct request *r) {
        const struct deputy *d = r->origin->deputy;
        size_t offset = target_offset(r->call.command);
        uint64_t ids[BIND_PLACES_MAX];
        uint32_t index;
        int within;

        switch (r->ask.target) {
        case TARGET_CGROUP:
                if (d->reach.n_cgroups == 0)
                        return 0;
                for (size_t i = 0; i < d->reach.n_cgroups; i++)
                        ids[i] = d->reach.cgroups[i].id;
                within = cgroup_is_within(call_fd_at(&r->call, offset), ids, d->reach.n_cgroups);
                if (within < 0)
                        return within;
                r->ask.target_in_reach = within;
                return 0;
        case TARGET_INTERFACE:
                index = call_u32(&r->call, offset);
                for (size_t i = 0; i < d->reach.n_interfaces; i++)
                        r->ask.target_in_reach = r->ask.target_in_reach || d->reach.interfaces[i] == index;
                return examine_netns(r);
        case TARGET_OTHER:
                return examine_netns(r);
        case TARGET_NONE:
                return 0;
        }
        return -EINVAL;
}

/*
 * The program that is to be attached: whether it was loaded under this grant,
 * and whether its type is one for which the call was read rightly.
 */
static int examine_program(struct request *r) {
        int fd = call_fd_at(&r->call, program_offset(r->call.command)), error;
        uint32_t type, id;

        /* prog_detach may name none, or anything at all; a struct_ops link names a map. */
        error = fd < 0 ? -EBADF : bpf_program_type(fd, &type, &id);
        if (error < 0) {
                r->ask.foreign_program = r->call.command != BPF_PROG_DETACH;
                return 0;
        }
        r->ask.foreign_program = !ledger_has(r->origin->deputy->ledger, OBJECT_PROG, id);
        return call_suits_program(&r->call, type) ? 0 : -EINVAL;
}

int request_examine(struct request *r) {
        struct deputy *d = r->origin->deputy;
        const struct abi_ids *ids = abi_ids_by_command(r->call.command);
        int error;

        call_ask(&r->call, d->cpus, &r->ask);
        r->ask.expired = deputy_is_expired(d);

        if (ids && ids->fd_by_id == r->call.command)
                r->ask.foreign_object = !ledger_has(d->ledger, ids->kind,
                                                    call_u32(&r->call, offsetof(union bpf_attr, map_id)));
        if (r->ask.loads_program) {
                error = examine_load(r);
                if (error < 0)
                        return error;
        }
        if (r->ask.attaches) {
                error = examine_target(r);
                if (error < 0)
                        return error;
                if (r->call.command != BPF_PROG_QUERY) {
                        error = examine_program(r);
                        if (error < 0)
                                return error;
                }
        }
        return 0;
}

int request_attachment(const struct request *r, struct attachment *ret_attachment) {
        size_t offset = target_offset(r->call.command);
        int target = call_fd_at(&r->call, offset);
        int program = call_fd_at(&r->call, program_offset(r->call.command)), error;
        struct attachment a = {.attach_type = r->ask.attach_type};
        struct stat s;

        if (r->ask.target == TARGET_CGROUP && target >= 0) {
                error = cgroup_id(target, &a.target);
                if (error < 0)
                        return error;
        } else if (target >= 0) {
                if (fstat(target, &s) < 0)
                        return -errno;
                /* A map has an anonymous inode, the same for all: told apart by its id. */
                uint32_t id = 0;

                (void)bpf_object_id(target, OBJECT_MAP, &id);
                a.target = s.st_dev * UINT64_C(0x9e3779b97f4a7c15) ^ s.st_ino ^ (uint64_t)id << 32;
        } else {
                a.target = call_u32(&r->call, offset);
        }
        if (program >= 0)
                /* What is no program is none, as prog_detach has it; prog_attach fails by itself. */
                (void)bpf_program_type(program, &(uint32_t) {0}, &a.program);
        *ret_attachment = a;
        return 0;
}
