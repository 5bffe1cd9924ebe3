/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "wire/caller.h"

#include <errno.h>
#include <string.h>

/* Of all that is written for one call: leaves room in the reply for its structures and refusal. */
#define WRITTEN_MAX (WIRE_PAYLOAD_MAX - WIRE_STRUCT_MAX - WIRE_REFUSAL_MAX)

/* The caller is the first member. */
static struct wire_caller *wire_caller(struct caller *c) {
        return (struct wire_caller *)c;
}

static int caller_read(struct caller *c, uint64_t address, void *buffer, size_t size) {
        const struct wire_range *range;

        if (size == 0)
                return 0;
        range = wire_memory_find(&wire_caller(c)->request->memory, address, size, WIRE_SEGMENT_DATA);
        if (!range)
                return -EFAULT;
        memcpy(buffer, (const uint8_t *)range->data + (address - range->address), size);
        return 0;
}

static int caller_write(struct caller *c, uint64_t address, const void *buffer, size_t size) {
        struct wire_caller *w = wire_caller(c);
        _cleanup_free_ void *copy = NULL;
        int r;

        if (size == 0)
                return 0;
        if (!wire_memory_find(&w->request->memory, address, size, WIRE_SEGMENT_WRITABLE))
                return -EFAULT;
        if (size > WRITTEN_MAX - w->written)
                return -E2BIG;
        copy = malloc(size);
        if (!copy)
                return -ENOMEM;
        memcpy(copy, buffer, size);
        r = wire_memory_add(&w->writes, address, size, WIRE_SEGMENT_DATA, copy);
        if (r < 0)
                return r;
        w->written += size;
        (void)steal_ptr(copy);
        return 0;
}

static int caller_fd(struct caller *c, int number, int *ret_fd) {
        struct wire_caller *w = wire_caller(c);

        for (size_t i = 0; i < w->request->n_fds; i++)
                if (w->request->numbers[i] == number && w->fds[i] >= 0) {
                        *ret_fd = w->fds[i];
                        w->fds[i] = -1;
                        return 0;
                }
        return -EBADF;
}

void wire_caller_init(struct wire_caller *w, const struct wire_request *request, int *fds) {
        static const struct caller_ops ops = {.read = caller_read, .write = caller_write, .fd = caller_fd};

        *w = (struct wire_caller) {.caller = {.ops = &ops}, .request = request, .fds = fds};
}

void wire_caller_deinit(struct wire_caller *w) {
        for (size_t i = 0; i < w->writes.n; i++)
                free((void *)w->writes.ranges[i].data);
        w->writes.n = 0;
        w->written = 0;
}
