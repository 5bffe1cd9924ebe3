/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Reads a call from its caller, each byte once. The order is that of bpf(2):
 * the size of attr, attr itself, what must be zero in it; then the fields of
 * the row. A length is compared with the kernel's own bounds, and with ours,
 * before anything is allocated for it.
 */

#include "abi/call.h"

#include <errno.h>

#include <linux/bpf.h>

#include "abi/bytes.h"
#include "abi/parts.h"
#include "abi/uapi.h"
#include "base/macro.h"

/* Non-zero bytes beyond what we know could mean anything: to a newer kernel, E2BIG to this one. */
static int read_attr(struct call *c, struct caller *caller) {
        uint8_t page[ABI_PAGE_SIZE];
        int r;

        if (c->size > sizeof(page))
                return -E2BIG;
        if (c->size == 0)
                return 0;
        if (c->size <= sizeof(union abi_attr))
                return caller->ops->read(caller, c->attr_address, c->attr, c->size);
        r = caller->ops->read(caller, c->attr_address, page, c->size);
        if (r < 0)
                return r;
        if (!bytes_are_zero(page + sizeof(union abi_attr), c->size - sizeof(union abi_attr)))
                return -E2BIG;
        memcpy(c->attr, page, sizeof(union abi_attr));
        return 0;
}

static bool is_meant(const struct abi_field *f, const uint8_t *attr) {
        uint32_t own = bytes_u32(attr, f->offset), other = bytes_u32(attr, f->when_offset);
        bool is_relative = !(other & ABI_F_ID) && ((other & ABI_F_LINK) || own != 0);

        switch (f->when) {
        case WHEN_ALWAYS:
                return true;
        case WHEN_NONZERO:
                return own != 0;
        case WHEN_FLAG:
                return other & f->when_value;
        case WHEN_MAP_IN_MAP:
                return bytes_u32(attr, ABI_AT(map_create, map_type)) == BPF_MAP_TYPE_ARRAY_OF_MAPS ||
                       bytes_u32(attr, ABI_AT(map_create, map_type)) == BPF_MAP_TYPE_HASH_OF_MAPS;
        case WHEN_COUNTED:
                return other != 0 || bytes_u32(attr, f->when_value) != 0;
        case WHEN_RELATIVE:
                return is_relative;
        case WHEN_RELATIVE_CGROUP:
                return is_relative && (other & (ABI_F_BEFORE | ABI_F_AFTER));
        case WHEN_NEVER:
                return false;
        }
        return false;
}

int call_measure(const struct abi_field *f, const uint8_t *base, struct call_buffer *b, size_t *ret_size) {
        uint64_t size;

        b->count = bytes_u32(base, f->count_offset);
        b->unit = f->unit ? f->unit : bytes_u32(base, f->unit_offset);
        if (b->count > 0 && f->count_max > 0) {
                if (b->count > f->count_max)
                        return f->bound_error;
                if (f->unit == 0 &&
                    (b->unit < f->unit_min || b->unit > f->unit_max || b->unit % sizeof(uint32_t) != 0))
                        return f->bound_error;
        }
        size = (uint64_t)b->count * b->unit;
        if (f->use == BUFFER_IN && size > CALL_INPUT_MAX)
                return CALL_E_TOO_LARGE;
        if (size > CALL_OUTPUT_MAX) {
                b->is_resized = true;
                size = CALL_OUTPUT_MAX / b->unit * b->unit;
        }
        *ret_size = (size_t)size;
        return 0;
}

static int capture_buffer(struct call *c, const struct abi_field *f, struct call_buffer *b,
                          struct caller *caller) {
        size_t size;
        int r;

        r = call_measure(f, c->attr, b, &size);
        if (r != 0)
                return r;
        r = call_buffer_allocate(b, size);
        if (r < 0 || size == 0)
                return r;
        if (f->use == BUFFER_LOG)
                ((uint8_t *)b->data)[0] = CALL_LOG_UNTOUCHED;
        return f->use == BUFFER_IN ? caller->ops->read(caller, b->address, b->data, size) : 0;
}

/*
 * As strncpy_from_user(): up to the NUL and no further than that, since what
 * follows may not be there. Whole pages can be read without harm; where that
 * fails the caller's memory ends within one, as that of a message may.
 */
static int capture_string(const struct abi_field *f, struct call_buffer *b, struct caller *caller) {
        size_t done = 0, max = f->unit - 1;
        bool by_byte = false;
        char *s;
        int r;

        r = call_buffer_allocate(b, f->unit);
        if (r < 0)
                return r;
        s = b->data;
        while (done < max) {
                uint64_t address = b->address + done;
                size_t n = by_byte ? 1 : ABI_PAGE_SIZE - address % ABI_PAGE_SIZE;

                if (n > max - done)
                        n = max - done;
                r = caller->ops->read(caller, address, s + done, n);
                if (r == -EFAULT && n > 1) {
                        by_byte = true;
                        continue;
                }
                if (r < 0)
                        return r;
                if (memchr(s + done, '\0', n))
                        return 0;
                done += n;
        }
        s[max] = '\0';
        return 0;
}

/*
 * fd_array has as many entries as fd_array_cnt says (6.14), all of which the
 * kernel opens; without it as many as the instructions name, and what they do
 * not name may be anything.
 */
static int capture_fd_array(struct call *c, const struct abi_field *f, struct call_buffer *b,
                            const struct fd_indices *indices, struct caller *caller) {
        uint32_t count = bytes_u32(c->attr, f->count_offset);
        uint32_t n = count > indices->end ? count : indices->end;
        int r;

        if (count >= UINT32_MAX / f->unit)
                return -EINVAL;
        if (indices->is_negative)
                return -EFAULT;
        if (n > CALL_FD_ARRAY_MAX)
                return CALL_E_TOO_LARGE;
        b->unit = f->unit;
        b->count = count;
        r = call_buffer_allocate(b, (size_t)n * f->unit);
        if (r < 0 || n == 0)
                return r;
        r = caller->ops->read(caller, b->address, b->data, b->size);
        if (r < 0)
                return r;
        for (uint32_t i = 0; i < n; i++) {
                uint32_t position = i * f->unit;

                if (i >= count && !fd_indices_have(indices, i)) {
                        bytes_put_u32(b->data, position, CALL_FD_NEVER);
                        continue;
                }
                r = call_add_site(c, call_buffer_index(c, b), position, (int)bytes_u32(b->data, position),
                                  OBJECT_ANY, MISSING_EBADF);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int capture_pointer(struct call *c, const struct abi_field *f, struct fd_indices *indices,
                           struct caller *caller) {
        uint64_t address = bytes_u64(c->attr, f->offset);
        struct call_buffer *b;
        int r;

        if (address == 0) {
                struct call_buffer none = {};
                size_t size = f->unit;

                /* A NULL that the kernel would follow; where NULL means something, the row says WHEN_NONZERO. */
                if (f->when != WHEN_ALWAYS || f->use != BUFFER_IN || f->kind == FIELD_POINTER)
                        return 0;
                r = f->kind == FIELD_STRING ? 0 : call_measure(f, c->attr, &none, &size);
                return r != 0 ? r : size > 0 ? -EFAULT : 0;
        }
        b = call_add_pointer(c, f, CALL_IN_ATTR, address);
        switch (f->kind) {
        case FIELD_BUFFER:
                return capture_buffer(c, f, b, caller);
        case FIELD_STRING:
                return capture_string(f, b, caller);
        case FIELD_INSNS:
                r = capture_buffer(c, f, b, caller);
                return r != 0 ? r : insns_scan(c, b, indices);
        case FIELD_FD_ARRAY:
                return capture_fd_array(c, f, b, indices, caller);
        case FIELD_FD:
        case FIELD_INFO: /* by call_capture_info(): it depends on the object */
        case FIELD_OUT:
        case FIELD_POINTER:
        case FIELD_UNREAD:
        case FIELD_REFUSED:
                break;
        }
        return 0;
}

static int capture_field(struct call *c, const struct abi_field *f, struct fd_indices *indices,
                         struct caller *caller) {
        switch (f->kind) {
        case FIELD_FD:
                if (!is_meant(f, c->attr))
                        return 0;
                return call_add_site(c, CALL_IN_ATTR, f->offset, (int)bytes_u32(c->attr, f->offset),
                                     f->object, f->missing);
        case FIELD_REFUSED:
                return bytes_are_zero(c->attr + f->offset, f->unit) ? 0 : CALL_E_UNCAPTURED;
        case FIELD_OUT:
        case FIELD_UNREAD:
                return 0;
        case FIELD_BUFFER:
        case FIELD_STRING:
        case FIELD_INSNS:
        case FIELD_FD_ARRAY:
        case FIELD_INFO:
        case FIELD_POINTER:
                return capture_pointer(c, f, indices, caller);
        }
        return -EINVAL;
}

/* A row has instructions or none; the indices are large, and only looked at after they were cleared. */
static int capture_fields(struct call *c, struct caller *caller) {
        struct fd_indices indices;

        if (c->row->command == BPF_PROG_LOAD)
                memset(&indices, 0, sizeof(indices));
        for (size_t i = 0; i < c->row->n_fields; i++) {
                const struct abi_field *f = &c->row->fields[i];
                int r;

                if (f->attach != 0 && !(f->attach & c->attach))
                        continue;
                r = capture_field(c, f, &indices, caller);
                if (r != 0)
                        return r;
        }
        return 0;
}

int call_capture(struct call *c, uint32_t command, uint64_t attr_address, uint32_t size,
                 struct caller *caller) {
        int r;

        c->row = abi_command(command);
        c->command = command;
        c->size = size;
        c->attr_address = attr_address;
        if (!c->row)
                return CALL_E_UNKNOWN;
        if (c->row->authority == AUTHORITY_NONE)
                return CALL_E_NATIVE;
        if (!c->row->captured)
                return CALL_E_UNCAPTURED;

        r = read_attr(c, caller);
        if (r < 0)
                return r;
        /* CHECK_ATTR(): fields of other commands are not for this one. */
        if (!bytes_are_zero(c->attr + c->row->size, sizeof(union abi_attr) - c->row->size))
                return -EINVAL;
        if (c->row->attach_offset)
                c->attach = (uint16_t)abi_attach_class(bytes_u32(c->attr, c->row->attach_offset));
        if (c->attach & c->row->attach_refused)
                return CALL_E_UNCAPTURED;
        r = capture_fields(c, caller);
        if (r != 0)
                return r;
        memcpy(c->attr_out, c->attr, sizeof(c->attr_out));
        return 0;
}
