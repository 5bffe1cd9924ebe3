/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Arbitrary bytes as a message. What is decoded lies within them, and written
 * again it reads the same. A request then goes the way that it goes in a deputy:
 * its memory is captured as a call, executed by a bpf(2) that writes a little
 * everywhere, and written back; what comes of that must lie where the request
 * lets it be written, and make a reply.
 *
 * The input: a byte that says whether a whole message follows, or the payload
 * of a request or a reply; the number of descriptors; the result of bpf(2) and
 * the kind of object that its descriptor is; then the bytes.
 */

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <linux/bpf.h>

#include "abi/call.h"
#include "base/macro.h"
#include "wire/caller.h"
#include "wire/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                                  \
        do                                                                                                  \
                if (!(condition))                                                                           \
                        abort();                                                                            \
        while (0)

/* Numbers that this process has not open: closing them closes nothing. */
#define FAKE_FD (1 << 28)

enum input_kind { INPUT_MESSAGE, INPUT_REQUEST, INPUT_REPLY, N_INPUT_KINDS };

struct head {
        uint8_t kind, n_fds, result, object;
};

static struct {
        struct call *call;
        uint8_t result;
} kernel;

static int fake_bpf(uint32_t command, void *attr, uint32_t size) {
        (void)command, (void)attr, (void)size;
        for (size_t i = 0; i < kernel.call->n_buffers; i++) {
                const struct call_buffer *b = &kernel.call->buffers[i];

                if (b->size > 0 && b->field->use != BUFFER_IN)
                        memset(b->data, 'k', b->size < 64 ? b->size : 64);
        }
        return kernel.result < 128 ? kernel.result : -(int)kernel.result;
}

static void require_within(const struct wire_memory *m, const uint8_t *payload, size_t size) {
        REQUIRE(m->n <= WIRE_SEGMENTS_MAX);
        for (size_t i = 0; i < m->n; i++) {
                const struct wire_range *r = &m->ranges[i];
                const uint8_t *at = r->data;

                REQUIRE(r->length > 0 && r->length <= UINT64_MAX - r->address);
                if (r->flags & WIRE_SEGMENT_DATA)
                        REQUIRE(at >= payload && r->length <= size && at <= payload + size - r->length);
        }
}

static void require_same(const struct wire_memory *a, const struct wire_memory *b) {
        REQUIRE(a->n == b->n);
        for (size_t i = 0; i < a->n; i++) {
                const struct wire_range *x = &a->ranges[i], *y = &b->ranges[i];

                REQUIRE(x->address == y->address && x->length == y->length && x->flags == y->flags);
                if (x->flags & WIRE_SEGMENT_DATA)
                        REQUIRE(memcmp(x->data, y->data, x->length) == 0);
        }
}

static void serve(const struct wire_request *q, const struct head *head) {
        _cleanup_wire_caller_ struct wire_caller w;
        _cleanup_call_ struct call c;
        int fds[WIRE_FDS_MAX], r;
        struct wire_reply reply = {};

        for (size_t i = 0; i < q->n_fds; i++)
                fds[i] = FAKE_FD + (int)i;
        call_init(&c);
        wire_caller_init(&w, q, fds);
        r = call_capture(&c, q->command, q->attr_address, q->attr_size, &w.caller);
        if (r == 0)
                r = call_identify(&c, &w.caller);
        if (r == 0 && q->command == BPF_OBJ_GET_INFO_BY_FD)
                r = call_capture_info(&c, head->object % N_ABI_OBJECTS, head->object / N_ABI_OBJECTS,
                                      &w.caller);
        if (r == 0) {
                kernel.call = &c;
                kernel.result = head->result;
                call_execute(&c, fake_bpf);
                (void)call_write_back(&c, &w.caller);
        }
        for (size_t i = 0; i < w.writes.n; i++)
                REQUIRE(wire_memory_find(&q->memory, w.writes.ranges[i].address, w.writes.ranges[i].length,
                                         WIRE_SEGMENT_WRITABLE));
        reply.memory = w.writes;
        REQUIRE(wire_reply_size(&reply) > 0);
}

static void try_request(const uint8_t *payload, size_t size, uint32_t n_fds, const struct head *head) {
        struct wire_request q, back;
        _cleanup_free_ void *again = NULL;

        if (wire_request_decode(payload, size, n_fds, &q) < 0)
                return;
        REQUIRE(q.n_fds == n_fds);
        require_within(&q.memory, payload, size);
        again = malloc(wire_request_size(&q));
        REQUIRE(again && wire_request_size(&q) <= size);
        REQUIRE(wire_request_encode(&q, again, wire_request_size(&q)) == 0);
        REQUIRE(wire_request_decode(again, wire_request_size(&q), n_fds, &back) == 0);
        require_same(&q.memory, &back.memory);
        REQUIRE(memcmp(q.numbers, back.numbers, n_fds * sizeof(q.numbers[0])) == 0);
        serve(&q, head);
}

static void try_reply(const uint8_t *payload, size_t size, uint32_t n_fds) {
        struct wire_reply r, back;
        _cleanup_free_ void *again = NULL;

        if (wire_reply_decode(payload, size, n_fds, &r) < 0)
                return;
        require_within(&r.memory, payload, size);
        again = malloc(wire_reply_size(&r));
        REQUIRE(again && wire_reply_size(&r) <= size);
        REQUIRE(wire_reply_encode(&r, again, wire_reply_size(&r)) == 0);
        REQUIRE(wire_reply_decode(again, wire_reply_size(&r), n_fds, &back) == 0);
        require_same(&r.memory, &back.memory);
        REQUIRE(r.result == back.result && r.flags == back.flags && r.refusal_size == back.refusal_size);
}

static void try_message(const uint8_t *message, size_t size, const struct head *head) {
        struct wire_header h;
        size_t offset;

        if (wire_header_decode(message, size, &h, &offset) < 0)
                return;
        REQUIRE(offset <= size && h.n_fds <= WIRE_FDS_MAX && h.payload_size <= WIRE_PAYLOAD_MAX);
        if (h.flags & WIRE_SEALED)
                return;
        REQUIRE(h.payload_size == size - offset);
        if (h.type == WIRE_RESULT)
                try_reply(message + offset, size - offset, h.n_fds);
        else
                try_request(message + offset, size - offset, h.n_fds, head);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ uint8_t *copy = NULL;
        struct head head;

        if (size < sizeof(head))
                return 0;
        memcpy(&head, data, sizeof(head));
        size -= sizeof(head);
        /* A copy of its own, so that reading past it is seen. */
        copy = malloc(size);
        REQUIRE(copy || size == 0);
        if (size > 0)
                memcpy(copy, data + sizeof(head), size);
        switch ((enum input_kind)(head.kind % N_INPUT_KINDS)) {
        case INPUT_MESSAGE:
                try_message(copy, size, &head);
                break;
        case INPUT_REQUEST:
                try_request(copy, size, head.n_fds, &head);
                break;
        case INPUT_REPLY:
                try_reply(copy, size, head.n_fds);
                break;
        case N_INPUT_KINDS:
                break;
        }
        return 0;
}
