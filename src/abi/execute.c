/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Makes the call, and gives back what it wrote. The kernel is handed attr with
 * every pointer and every descriptor replaced: by ours where the call has one,
 * else by one that leads nowhere. So no number of the caller's is ever taken
 * for an address or a descriptor of this process. (A descriptor field that is
 * 0 and not meant stays 0, which to many commands says "none": whoever executes
 * calls has nothing but /dev/null there.)
 *
 * The kernel is always given the whole of attr that the row knows, zeros where
 * the caller gave less: the same to it, and no pointer of ours is cut in two.
 */

#include "abi/call.h"

#include <errno.h>

#include "abi/bytes.h"
#include "abi/parts.h"

/* The attr that the kernel is given and writes to, or the parent. */
static uint8_t *out_base(struct call *c, const struct call_buffer *b) {
        return b->parent == CALL_IN_ATTR ? c->attr_out : c->buffers[b->parent].data;
}

/* Before anything is put in: descriptors that are not meant, bytes that are not read. */
static void mask_fields(struct call *c) {
        for (size_t i = 0; i < c->row->n_fields; i++) {
                const struct abi_field *f = &c->row->fields[i];

                if (f->attach != 0 && !(f->attach & c->attach))
                        continue;
                if (f->kind == FIELD_UNREAD)
                        memset(c->attr_out + f->offset, 0, f->unit);
                else if (f->kind == FIELD_FD && f->when != WHEN_RELATIVE &&
                         f->when != WHEN_RELATIVE_CGROUP && bytes_u32(c->attr_out, f->offset) != 0)
                        bytes_put_u32(c->attr_out, f->offset, CALL_FD_NEVER);
        }
}

static void put_pointers(struct call *c) {
        for (size_t i = 0; i < c->n_buffers; i++) {
                struct call_buffer *b = &c->buffers[i];
                uint8_t *base = out_base(c, b);

                bytes_put_u64(base, b->position,
                              b->data ? (uint64_t)(uintptr_t)b->data : CALL_ADDRESS_NEVER);
                if (b->is_resized)
                        bytes_put_u32(base, b->field->count_offset, (uint32_t)(b->size / b->unit));
        }
}

static void put_fds(struct call *c) {
        for (size_t i = 0; i < c->n_sites; i++) {
                const struct call_fd_site *s = &c->sites[i];
                int fd = c->fds[s->fd].fd;
                uint8_t *base = s->buffer == CALL_IN_ATTR ? c->attr_out : c->buffers[s->buffer].data;

                bytes_put_u32(base, s->position, (uint32_t)(fd >= 0 ? fd : CALL_FD_NEVER));
        }
}

/*
 * The caller's own pointers and counts again, where the kernel has left ours.
 * It may have put other things in their place: NULL for what it does not show,
 * another member of a union, the true count.
 */
static void restore_pointers(struct call *c) {
        for (size_t i = 0; i < c->n_buffers; i++) {
                struct call_buffer *b = &c->buffers[i];
                uint8_t *base = out_base(c, b);
                uint32_t count;

                if (bytes_u64(base, b->position) ==
                    (b->data ? (uint64_t)(uintptr_t)b->data : CALL_ADDRESS_NEVER))
                        bytes_put_u64(base, b->position, b->address);
                if (!b->is_resized)
                        continue;
                count = bytes_u32(base, b->field->count_offset);
                if (count == b->size / b->unit || count > b->count)
                        bytes_put_u32(base, b->field->count_offset, b->count);
        }
}

int64_t call_execute(struct call *c, call_bpf_fn bpf) {
        memcpy(c->attr_out, c->attr, sizeof(c->attr_out));
        mask_fields(c);
        put_pointers(c);
        put_fds(c);
        c->result = bpf(c->command, c->attr_out, c->row->size);
        restore_pointers(c);
        return c->result;
}

/* Arrays are written when the call succeeds, or when they were too short. */
static bool has_arrays(const struct call *c) {
        return c->result >= 0 || c->result == -ENOSPC;
}

static size_t log_length(const struct call_buffer *b) {
        const uint8_t *s = b->data, *end;

        /* The kernel has not begun: what the caller has there stays. */
        if (s[0] == CALL_LOG_UNTOUCHED && (b->size == 1 || s[1] == '\0'))
                return 0;
        end = memchr(s, '\0', b->size);
        return end ? (size_t)(end - s) + 1 : b->size;
}

/* How many bytes the kernel has written to it. */
static size_t written_length(struct call *c, const struct call_buffer *b) {
        const uint8_t *base = out_base(c, b);
        uint64_t said;

        if (b->field->use == BUFFER_IN || b->size == 0)
                return 0;
        if (b->field->use == BUFFER_LOG)
                return log_length(b);
        if (!has_arrays(c) || bytes_u64(base, b->position) != b->address)
                return 0;
        said = (uint64_t)bytes_u32(base, b->field->count_offset) * b->unit;
        return said < b->size ? (size_t)said : b->size;
}

/*
 * Values that the kernel has changed. It writes some of them whatever size the
 * caller gave; we do not write where the caller did not say that attr is.
 */
static int write_values(struct call *c, struct caller *caller) {
        for (size_t i = 0; i < c->row->n_fields; i++) {
                const struct abi_field *f = &c->row->fields[i];
                int r;

                if (f->kind != FIELD_OUT || f->offset + f->unit > c->size ||
                    memcmp(c->attr + f->offset, c->attr_out + f->offset, f->unit) == 0)
                        continue;
                r = caller->ops->write(caller, c->attr_address + f->offset, c->attr_out + f->offset,
                                       f->unit);
                if (r < 0)
                        return r;
        }
        return 0;
}

int call_write_back(struct call *c, struct caller *caller) {
        int error = 0, r;

        for (size_t i = 0; i < c->n_buffers; i++) {
                struct call_buffer *b = &c->buffers[i];
                size_t length = written_length(c, b);

                if (length == 0)
                        continue;
                r = caller->ops->write(caller, b->address, b->data, length);
                if (r < 0 && error == 0)
                        error = r; /* the kernel too goes on, and writes what it can */
        }
        r = write_values(c, caller);
        return error < 0 ? error : r;
}
