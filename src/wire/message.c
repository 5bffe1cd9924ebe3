/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Encoding and decoding. Both walk the payload with a cursor that knows what is
 * left; nothing is read or written but through it, so each length is compared
 * in one place with what is really there.
 */

#include "wire/message.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/macro.h"

#define ALIGNMENT 8U

/* The sizes of the protocol's first version: nobody sends shorter ones. */
enum {
        HEADER_FIRST = 32,
        CALL_FIRST = 24,
        RESULT_FIRST = 24,
        SEGMENT_FIRST = 24,
};
static_assert(sizeof(struct wire_header) == HEADER_FIRST, "a new field needs a test with the old size");
static_assert(sizeof(struct wire_call) == CALL_FIRST, "a new field needs a test with the old size");
static_assert(sizeof(struct wire_result) == RESULT_FIRST, "a new field needs a test with the old size");
static_assert(sizeof(struct wire_segment) == SEGMENT_FIRST, "a new field needs a test with the old size");

static uint64_t padded(uint64_t size) {
        return (size + ALIGNMENT - 1) & ~(uint64_t)(ALIGNMENT - 1);
}

static bool is_zero(const uint8_t *data, size_t size) {
        for (size_t i = 0; i < size; i++)
                if (data[i] != 0)
                        return false;
        return true;
}

/* Reading. */

struct reader {
        const uint8_t *at;
        size_t left;
};

/* The next `size` bytes and their padding. */
static int read_bytes(struct reader *r, uint64_t size, const void **ret_data) {
        if (size > r->left || padded(size) > r->left)
                return -EBADMSG;
        if (!is_zero(r->at + size, padded(size) - size))
                return -EBADMSG;
        *ret_data = r->at;
        r->at += padded(size);
        r->left -= padded(size);
        return 0;
}

/* The next structure: `known` bytes of it for us, of which a sender may leave out those after `first`. */
static int read_struct(struct reader *r, void *ret_struct, size_t known, size_t first) {
        uint32_t size;

        if (r->left < sizeof(size))
                return -EBADMSG;
        memcpy(&size, r->at, sizeof(size));
        if (size < first || size % ALIGNMENT != 0)
                return -EBADMSG;
        if (size > WIRE_STRUCT_MAX)
                return -E2BIG;
        if (size > r->left)
                return -EBADMSG;
        if (size > known && !is_zero(r->at + known, size - known))
                return -E2BIG;
        memset(ret_struct, 0, known);
        memcpy(ret_struct, r->at, size < known ? size : known);
        r->at += size;
        r->left -= size;
        return 0;
}

static int read_segment(struct reader *r, uint32_t known_flags, struct wire_memory *m) {
        struct wire_segment segment;
        const void *data = NULL;
        int k;

        k = read_struct(r, &segment, sizeof(segment), SEGMENT_FIRST);
        if (k < 0)
                return k;
        if (segment.flags & ~known_flags)
                return -E2BIG;
        if (segment.flags == 0 || segment.length == 0)
                return -EBADMSG;
        if (segment.flags & WIRE_SEGMENT_DATA) {
                k = read_bytes(r, segment.length, &data);
                if (k < 0)
                        return k;
        }
        k = wire_memory_add(m, segment.address, segment.length, segment.flags, data);
        return k == -EFAULT ? -EBADMSG : k;
}

static int read_memory(struct reader *r, uint32_t n_segments, uint32_t known_flags, struct wire_memory *m) {
        if (n_segments > WIRE_SEGMENTS_MAX)
                return -E2BIG;
        for (uint32_t i = 0; i < n_segments; i++) {
                int k = read_segment(r, known_flags, m);

                if (k < 0)
                        return k;
        }
        return 0;
}

int wire_header_decode(const void *data, size_t size, struct wire_header *ret_header, size_t *ret_size) {
        struct reader r = {.at = data, .left = size};
        struct wire_header h;
        int k;

        k = read_struct(&r, &h, sizeof(h), HEADER_FIRST);
        if (k < 0)
                return k;
        if ((h.flags & ~WIRE_SEALED) || h.n_fds > WIRE_FDS_MAX || h.payload_size > WIRE_PAYLOAD_MAX)
                return -E2BIG;
        if (h.flags & WIRE_SEALED ? h.payload_size == 0 || r.left != 0 : h.payload_size != r.left)
                return -EBADMSG;
        *ret_header = h;
        *ret_size = size - r.left;
        return 0;
}

int wire_request_decode(const void *payload, size_t size, uint32_t n_fds, struct wire_request *ret_request) {
        struct reader r = {.at = payload, .left = size};
        struct wire_request q = {.n_fds = n_fds};
        struct wire_call call;
        const void *numbers;
        int k;

        if (n_fds > WIRE_FDS_MAX)
                return -E2BIG;
        k = read_struct(&r, &call, sizeof(call), CALL_FIRST);
        if (k < 0)
                return k;
        q.command = call.command;
        q.attr_address = call.attr_address;
        q.attr_size = call.attr_size;
        k = read_bytes(&r, n_fds * sizeof(int32_t), &numbers);
        if (k < 0)
                return k;
        memcpy(q.numbers, numbers, n_fds * sizeof(int32_t));
        for (uint32_t i = 0; i < n_fds; i++)
                if (q.numbers[i] < 0)
                        return -EBADMSG;
        k = read_memory(&r, call.n_segments, WIRE_SEGMENT_DATA | WIRE_SEGMENT_WRITABLE, &q.memory);
        if (k < 0)
                return k;
        if (r.left != 0)
                return -EBADMSG;
        *ret_request = q;
        return 0;
}

int wire_reply_decode(const void *payload, size_t size, uint32_t n_fds, struct wire_reply *ret_reply) {
        struct reader r = {.at = payload, .left = size};
        struct wire_reply reply = {};
        struct wire_result result;
        const void *refusal;
        int k;

        k = read_struct(&r, &result, sizeof(result), RESULT_FIRST);
        if (k < 0)
                return k;
        if ((result.flags & ~(WIRE_RESULT_FD | WIRE_RESULT_NATIVE)) ||
            result.refusal_size > WIRE_REFUSAL_MAX)
                return -E2BIG;
        if (n_fds != (result.flags & WIRE_RESULT_FD ? 1 : 0))
                return -EBADMSG;
        k = read_memory(&r, result.n_segments, WIRE_SEGMENT_DATA, &reply.memory);
        if (k < 0)
                return k;
        k = read_bytes(&r, result.refusal_size, &refusal);
        if (k < 0)
                return k;
        if (r.left != 0)
                return -EBADMSG;
        reply.result = result.result;
        reply.flags = result.flags;
        reply.refusal = refusal;
        reply.refusal_size = result.refusal_size;
        *ret_reply = reply;
        return 0;
}

/* Writing. */

struct writer {
        uint8_t *at;
        size_t left;
};

static int write_bytes(struct writer *w, const void *data, size_t size) {
        if (padded(size) > w->left)
                return -ENOBUFS;
        if (size > 0)
                memcpy(w->at, data, size);
        memset(w->at + size, 0, padded(size) - size);
        w->at += padded(size);
        w->left -= padded(size);
        return 0;
}

static int write_memory(struct writer *w, const struct wire_memory *m) {
        int r = 0;

        for (size_t i = 0; i < m->n && r == 0; i++) {
                const struct wire_range *range = &m->ranges[i];
                struct wire_segment segment = {
                        .size = sizeof(segment),
                        .flags = range->flags,
                        .address = range->address,
                        .length = range->length,
                };

                r = write_bytes(w, &segment, sizeof(segment));
                if (r == 0 && (range->flags & WIRE_SEGMENT_DATA))
                        r = write_bytes(w, range->data, range->length);
        }
        return r;
}

/* Segments and their data; beyond WIRE_PAYLOAD_MAX only that it is. */
static uint64_t memory_size(const struct wire_memory *m) {
        uint64_t size = 0;

        for (size_t i = 0; i < m->n; i++) {
                size += sizeof(struct wire_segment);
                if (m->ranges[i].flags & WIRE_SEGMENT_DATA) {
                        if (m->ranges[i].length > WIRE_PAYLOAD_MAX)
                                return WIRE_PAYLOAD_MAX + 1;
                        size += padded(m->ranges[i].length);
                }
        }
        return size;
}

size_t wire_request_size(const struct wire_request *q) {
        uint64_t size =
                sizeof(struct wire_call) + padded(q->n_fds * sizeof(int32_t)) + memory_size(&q->memory);

        return q->n_fds > WIRE_FDS_MAX || size > WIRE_PAYLOAD_MAX ? 0 : size;
}

size_t wire_reply_size(const struct wire_reply *r) {
        uint64_t size = sizeof(struct wire_result) + memory_size(&r->memory) + padded(r->refusal_size);

        return r->refusal_size > WIRE_REFUSAL_MAX || size > WIRE_PAYLOAD_MAX ? 0 : size;
}

void wire_header_init(struct wire_header *h, enum wire_type type, uint64_t serial, size_t payload_size,
                      size_t n_fds) {
        *h = (struct wire_header) {
                .size = sizeof(*h),
                .type = type,
                .serial = serial,
                .flags = payload_size > WIRE_INLINE_MAX ? WIRE_SEALED : 0,
                .n_fds = (uint32_t)n_fds,
                .payload_size = payload_size,
        };
}

int wire_request_encode(const struct wire_request *q, void *buffer, size_t size) {
        struct writer w = {.at = buffer, .left = size};
        struct wire_call call = {
                .size = sizeof(call),
                .command = q->command,
                .attr_address = q->attr_address,
                .attr_size = q->attr_size,
                .n_segments = (uint32_t)q->memory.n,
        };
        int r;

        if (wire_request_size(q) == 0)
                return -E2BIG;
        r = write_bytes(&w, &call, sizeof(call));
        if (r == 0)
                r = write_bytes(&w, q->numbers, q->n_fds * sizeof(int32_t));
        if (r == 0)
                r = write_memory(&w, &q->memory);
        return r;
}

int wire_reply_encode(const struct wire_reply *reply, void *buffer, size_t size) {
        struct writer w = {.at = buffer, .left = size};
        struct wire_result result = {
                .size = sizeof(result),
                .flags = reply->flags,
                .result = reply->result,
                .n_segments = (uint32_t)reply->memory.n,
                .refusal_size = (uint32_t)reply->refusal_size,
        };
        int r;

        if (wire_reply_size(reply) == 0)
                return -E2BIG;
        r = write_bytes(&w, &result, sizeof(result));
        if (r == 0)
                r = write_memory(&w, &reply->memory);
        if (r == 0)
                r = write_bytes(&w, reply->refusal, reply->refusal_size);
        return r;
}

/* Memory. */

int wire_memory_add(struct wire_memory *m, uint64_t address, uint64_t length, uint32_t flags,
                    const void *data) {
        if (length == 0)
                return 0;
        if (length > UINT64_MAX - address)
                return -EFAULT;
        if (m->n >= WIRE_SEGMENTS_MAX)
                return -E2BIG;
        m->ranges[m->n++] = (struct wire_range) {
                .address = address,
                .length = length,
                .flags = flags,
                .data = data,
        };
        return 0;
}

const struct wire_range *wire_memory_find(const struct wire_memory *m, uint64_t address, uint64_t length,
                                          uint32_t flags) {
        for (size_t i = 0; i < m->n; i++) {
                const struct wire_range *range = &m->ranges[i];

                if ((range->flags & flags) != flags || address < range->address)
                        continue;
                if (address - range->address <= range->length &&
                    length <= range->length - (address - range->address))
                        return range;
        }
        return NULL;
}
