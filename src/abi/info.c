/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Captures the bpf_*_info structure of an obj_get_info_by_fd. It goes both ways:
 * in come counts and pointers to arrays, out comes everything. Our copy is at
 * least as long as the structure that we know, so that no pointer is cut in two
 * by the caller's length; write back goes by the caller's.
 */

#include <errno.h>

#include "abi/bytes.h"
#include "abi/parts.h"
#include "abi/uapi.h"

static int capture_nested(struct call *c, const struct abi_field *f, uint16_t parent) {
        const uint8_t *base = c->buffers[parent].data;
        uint64_t address = bytes_u64(base, f->offset);
        struct call_buffer *b;
        size_t size;
        int r;

        if (address == 0)
                return 0;
        b = call_add_pointer(c, f, parent, address);
        r = call_measure(f, base, b, &size);
        if (r != 0)
                return r;
        r = call_buffer_allocate(b, size);
        if (r == 0 && size > 0 && f->use == BUFFER_LOG)
                ((uint8_t *)b->data)[0] = CALL_LOG_UNTOUCHED;
        return r;
}

static int read_info(struct call_buffer *b, const struct abi_info *info, uint32_t length,
                     struct caller *caller) {
        size_t size = length > info->size ? length : info->size;
        uint8_t *data;
        int r;

        r = call_buffer_allocate(b, size);
        if (r < 0)
                return r;
        b->count = length;
        b->is_resized = size != length;
        data = b->data;
        r = caller->ops->read(caller, b->address, data, length);
        if (r < 0)
                return r;
        if (!bytes_are_zero(data + info->size, size - info->size))
                return -E2BIG;
        if (info->known_input > 0)
                memset(data + info->known_input, 0, size - info->known_input);
        return 0;
}

int call_capture_info(struct call *c, enum abi_object object, uint32_t link_type, struct caller *caller) {
        const struct abi_info *info = abi_info(object, link_type);
        uint32_t length = bytes_u32(c->attr, ABI_AT(info, info_len));
        struct call_buffer *b;
        int r;

        /* Not an object that the kernel has info of, NULL, or nothing asked: it says itself what it thinks. */
        if (!info || c->n_buffers == 0 || length == 0)
                return 0;
        if (length > ABI_PAGE_SIZE)
                return -E2BIG;
        b = &c->buffers[0];
        r = read_info(b, info, length, caller);
        for (size_t i = 0; r == 0 && i < info->n_fields; i++)
                r = capture_nested(c, &info->fields[i], call_buffer_index(c, b));
        return r;
}
