/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The life of a call: its buffers, its descriptors, and the accessors to them.
 *
 * Large buffers are mapped, not allocated: a log of 16 MiB, of which the kernel
 * writes a page, then costs a page, and never a memset of the heap.
 */

#include "abi/call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "abi/bytes.h"
#include "abi/parts.h"
#include "base/fd.h"

#define MAPPED_FROM ((size_t)64 << 10)

static void buffer_release(struct call_buffer *b) {
        if (b->size >= MAPPED_FROM)
                (void)munmap(b->data, b->size);
        else
                free(b->data);
        b->data = NULL;
        b->size = 0;
}

int call_buffer_allocate(struct call_buffer *b, size_t size) {
        void *data;

        if (size == 0)
                return 0;
        if (size >= MAPPED_FROM) {
                data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                            -1, 0);
                if (data == MAP_FAILED)
                        return -ENOMEM;
        } else {
                data = calloc(1, size);
                if (!data)
                        return -ENOMEM;
        }
        b->data = data;
        b->size = size;
        return 0;
}

/* Everything else is written before it is read: a call is large, and there is one for each request. */
void call_init(struct call *c) {
        c->row = NULL;
        c->command = 0;
        c->size = 0;
        c->attr_address = 0;
        c->attach = 0;
        memset(c->attr, 0, sizeof(c->attr));
        memset(c->attr_out, 0, sizeof(c->attr_out));
        c->n_buffers = 0;
        c->n_fds = 0;
        c->sites = NULL;
        c->n_sites = 0;
        c->allocated_sites = 0;
        c->result = 0;
}

void call_deinit(struct call *c) {
        for (size_t i = 0; i < c->n_buffers; i++)
                buffer_release(&c->buffers[i]);
        for (size_t i = 0; i < c->n_fds; i++)
                c->fds[i].fd = fd_close(c->fds[i].fd);
        free(c->sites);
        call_init(c);
}

struct call_buffer *call_add_pointer(struct call *c, const struct abi_field *f, uint16_t parent,
                                     uint64_t address) {
        struct call_buffer *b = &c->buffers[c->n_buffers++];

        *b = (struct call_buffer) {
                .field = f,
                .address = address,
                .unit = 1,
                .parent = parent,
                .position = f->offset,
        };
        return b;
}

static int find_fd(struct call *c, int number) {
        for (size_t i = c->n_fds; i > 0; i--) /* programs use the same map many times in a row */
                if (c->fds[i - 1].number == number)
                        return (int)(i - 1);
        return -1;
}

static int reserve_site(struct call *c) {
        size_t n;
        void *p;

        if (c->n_sites < c->allocated_sites)
                return 0;
        n = c->allocated_sites ? c->allocated_sites * 2 : 16;
        p = reallocarray(c->sites, n, sizeof(*c->sites));
        if (!p)
                return -ENOMEM;
        c->sites = p;
        c->allocated_sites = n;
        return 0;
}

int call_add_site(struct call *c, uint16_t buffer, uint32_t position, int number, enum abi_object expects,
                  enum abi_missing missing) {
        int i, r;

        r = reserve_site(c);
        if (r < 0)
                return r;
        i = find_fd(c, number);
        if (i < 0) {
                if (c->n_fds == CALL_FDS_MAX)
                        return -E2BIG;
                i = (int)c->n_fds++;
                c->fds[i] = (struct call_fd) {
                        .number = number,
                        .fd = -1,
                        .expects = expects,
                        .missing = missing,
                };
        }
        if (missing < c->fds[i].missing)
                c->fds[i].missing = missing;
        c->sites[c->n_sites++] = (struct call_fd_site) {
                .buffer = buffer,
                .position = position,
                .fd = (uint16_t)i,
        };
        return 0;
}

int call_identify(struct call *c, struct caller *caller) {
        static const int missing_errors[] = {
                [MISSING_EBADF] = -EBADF,
                [MISSING_EBADFD] = -EBADFD,
                [MISSING_PASSED] = 0,
        };

        for (size_t i = 0; i < c->n_fds; i++) {
                struct call_fd *f = &c->fds[i];
                int r;

                if (f->fd >= 0)
                        continue;
                r = f->number < 0 ? -EBADF : caller->ops->fd(caller, f->number, &f->fd);
                if (r == -EBADF) {
                        f->fd = -1;
                        r = missing_errors[f->missing];
                }
                if (r < 0)
                        return r;
        }
        return 0;
}

uint32_t call_u32(const struct call *c, size_t offset) {
        return offset <= sizeof(c->attr) - sizeof(uint32_t) ? bytes_u32(c->attr, offset) : 0;
}

uint64_t call_u64(const struct call *c, size_t offset) {
        return offset <= sizeof(c->attr) - sizeof(uint64_t) ? bytes_u64(c->attr, offset) : 0;
}

int call_fd_at(const struct call *c, size_t offset) {
        for (size_t i = 0; i < c->n_sites; i++) {
                const struct call_fd_site *s = &c->sites[i];

                if (s->buffer == CALL_IN_ATTR && s->position == offset)
                        return c->fds[s->fd].fd;
        }
        return -1;
}

struct call_buffer *call_buffer_at(struct call *c, size_t offset) {
        for (size_t i = 0; i < c->n_buffers; i++) {
                struct call_buffer *b = &c->buffers[i];

                if (b->parent == CALL_IN_ATTR && b->position == offset && b->size > 0)
                        return b;
        }
        return NULL;
}

int call_replace_buffer(struct call *c, struct call_buffer *b, const void *data, size_t size,
                        uint32_t shift) {
        struct call_buffer new = *b;
        uint16_t index = call_buffer_index(c, b);
        int r;

        if (size == 0 || size % b->unit != 0 || size / b->unit > UINT32_MAX)
                return -EINVAL;
        r = call_buffer_allocate(&new, size);
        if (r < 0)
                return r;
        memcpy(new.data, data, size);
        buffer_release(b);
        new.count = (uint32_t)(size / b->unit);
        *b = new;
        if (b->field->count_offset)
                bytes_put_u32(call_buffer_base(c, b), b->field->count_offset, b->count);
        for (size_t i = 0; i < c->n_sites; i++)
                if (c->sites[i].buffer == index)
                        c->sites[i].position += shift;
        return 0;
}
