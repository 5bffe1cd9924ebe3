/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The protocol's messages: what is written is read again, and nothing that is
 * not a message is taken for one. Everything that is decoded lies in an
 * allocation of exactly its size, so that a sanitizer sees a step beyond it.
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/macro.h"
#include "wire/caller.h"
#include "wire/message.h"

static const char attr[40] = "attr";
static const char insns[13] = "instructions";
static const char sentence[] = "not granted";

static void add(struct wire_memory *m, uint64_t address, uint64_t length, uint32_t flags, const void *data) {
        assert_int_equal(wire_memory_add(m, address, length, flags, data), 0);
}

static struct wire_request request_example(void) {
        struct wire_request q = {
                .command = 5,
                .attr_size = sizeof(attr),
                .attr_address = 0x1000,
                .numbers = {7, 9, 12},
                .n_fds = 3,
        };

        add(&q.memory, 0x1000, sizeof(attr), WIRE_SEGMENT_DATA | WIRE_SEGMENT_WRITABLE, attr);
        add(&q.memory, 0x2000, sizeof(insns), WIRE_SEGMENT_DATA, insns);
        add(&q.memory, 0x3000, 1 << 24, WIRE_SEGMENT_WRITABLE, NULL);
        return q;
}

static struct wire_reply reply_example(void) {
        struct wire_reply r = {
                .result = -EPERM,
                .refusal = sentence,
                .refusal_size = strlen(sentence),
        };

        add(&r.memory, 0x1008, 4, WIRE_SEGMENT_DATA, "abcd");
        add(&r.memory, 0x3000, 9, WIRE_SEGMENT_DATA, "verified\n");
        return r;
}

/* An encoded payload, in an allocation of its own. */
struct payload {
        uint8_t *data;
        size_t size;
};

static struct payload payload_copy(const void *data, size_t size) {
        struct payload p = {.data = malloc(size), .size = size};

        assert_true(p.data || size == 0);
        if (size > 0)
                memcpy(p.data, data, size);
        return p;
}

static struct payload encode_request(const struct wire_request *q) {
        size_t size = wire_request_size(q);
        struct payload p = {.data = malloc(size), .size = size};

        assert_true(size > 0);
        assert_non_null(p.data);
        assert_int_equal(wire_request_encode(q, p.data, size), 0);
        return p;
}

static struct payload encode_reply(const struct wire_reply *r) {
        size_t size = wire_reply_size(r);
        struct payload p = {.data = malloc(size), .size = size};

        assert_true(size > 0);
        assert_non_null(p.data);
        assert_int_equal(wire_reply_encode(r, p.data, size), 0);
        return p;
}

static void payload_free(struct payload *p) {
        free(p->data);
}
#define _cleanup_payload_ _cleanup_(payload_free)

/* `more` bytes, each of them `value`, put in at `position`. */
static struct payload payload_insert(const struct payload *p, size_t position, size_t more, int value) {
        struct payload longer = {.data = malloc(p->size + more), .size = p->size + more};

        assert_non_null(longer.data);
        memcpy(longer.data, p->data, position);
        memset(longer.data + position, value, more);
        memcpy(longer.data + position + more, p->data + position, p->size - position);
        return longer;
}

static void put_u32(struct payload *p, size_t position, uint32_t value) {
        assert_true(position + sizeof(value) <= p->size);
        memcpy(p->data + position, &value, sizeof(value));
}

static void put_u64(struct payload *p, size_t position, uint64_t value) {
        assert_true(position + sizeof(value) <= p->size);
        memcpy(p->data + position, &value, sizeof(value));
}

static int decode_request(const struct payload *p, uint32_t n_fds) {
        struct wire_request q;

        return wire_request_decode(p->data, p->size, n_fds, &q);
}

static int decode_reply(const struct payload *p, uint32_t n_fds) {
        struct wire_reply r;

        return wire_reply_decode(p->data, p->size, n_fds, &r);
}

static void assert_same_memory(const struct wire_memory *a, const struct wire_memory *b) {
        assert_int_equal(a->n, b->n);
        for (size_t i = 0; i < a->n; i++) {
                assert_int_equal(a->ranges[i].address, b->ranges[i].address);
                assert_int_equal(a->ranges[i].length, b->ranges[i].length);
                assert_int_equal(a->ranges[i].flags, b->ranges[i].flags);
                if (a->ranges[i].flags & WIRE_SEGMENT_DATA)
                        assert_memory_equal(a->ranges[i].data, b->ranges[i].data, a->ranges[i].length);
        }
}

static void assert_same_request(const struct wire_request *a, const struct wire_request *b) {
        assert_int_equal(a->command, b->command);
        assert_int_equal(a->attr_size, b->attr_size);
        assert_int_equal(a->attr_address, b->attr_address);
        assert_int_equal(a->n_fds, b->n_fds);
        assert_memory_equal(a->numbers, b->numbers, a->n_fds * sizeof(a->numbers[0]));
        assert_same_memory(&a->memory, &b->memory);
}

static void assert_same_reply(const struct wire_reply *a, const struct wire_reply *b) {
        assert_int_equal(a->result, b->result);
        assert_int_equal(a->flags, b->flags);
        assert_int_equal(a->refusal_size, b->refusal_size);
        if (a->refusal_size > 0)
                assert_memory_equal(a->refusal, b->refusal, a->refusal_size);
        assert_same_memory(&a->memory, &b->memory);
}

static void request_is_read_as_written(void **state) {
        struct wire_request q = request_example(), back;
        _cleanup_payload_ struct payload p = encode_request(&q);

        (void)state;
        assert_int_equal(p.size % 8, 0);
        assert_int_equal(wire_request_decode(p.data, p.size, 3, &back), 0);
        assert_same_request(&q, &back);
}

static void reply_is_read_as_written(void **state) {
        struct wire_reply r = reply_example(), back;
        _cleanup_payload_ struct payload p = encode_reply(&r);

        (void)state;
        assert_int_equal(wire_reply_decode(p.data, p.size, 0, &back), 0);
        assert_same_reply(&r, &back);
}

static void empty_ones_are_read_as_written(void **state) {
        struct wire_request q = {.command = 1}, q_back;
        struct wire_reply r = {.result = 5, .flags = WIRE_RESULT_FD}, r_back;
        _cleanup_payload_ struct payload a = encode_request(&q), b = encode_reply(&r);

        (void)state;
        assert_int_equal(wire_request_decode(a.data, a.size, 0, &q_back), 0);
        assert_same_request(&q, &q_back);
        assert_int_equal(wire_reply_decode(b.data, b.size, 1, &r_back), 0);
        assert_same_reply(&r, &r_back);
}

static void every_shorter_payload_is_refused(void **state) {
        struct wire_request q = request_example();
        struct wire_reply r = reply_example();
        _cleanup_payload_ struct payload a = encode_request(&q), b = encode_reply(&r);

        (void)state;
        for (size_t size = 0; size < a.size; size++) {
                _cleanup_payload_ struct payload cut = payload_copy(a.data, size);

                assert_int_equal(decode_request(&cut, 3), -EBADMSG);
        }
        for (size_t size = 0; size < b.size; size++) {
                _cleanup_payload_ struct payload cut = payload_copy(b.data, size);

                assert_int_equal(decode_reply(&cut, 0), -EBADMSG);
        }
}

static void a_longer_payload_is_refused(void **state) {
        struct wire_request q = request_example();
        struct wire_reply r = reply_example();
        _cleanup_payload_ struct payload a = encode_request(&q), b = encode_reply(&r);

        (void)state;
        for (size_t more = 1; more < 32; more++) {
                _cleanup_payload_ struct payload longer_a = payload_insert(&a, a.size, more, 0);
                _cleanup_payload_ struct payload longer_b = payload_insert(&b, b.size, more, 0);

                assert_int_equal(decode_request(&longer_a, 3), -EBADMSG);
                assert_int_equal(decode_reply(&longer_b, 0), -EBADMSG);
        }
}

/* What a changed byte makes is refused, or is another message that can be written and read again. */
static void every_changed_byte_is_refused_or_sound(void **state) {
        struct wire_request q = request_example(), q_back;
        struct wire_reply r = reply_example(), r_back;
        _cleanup_payload_ struct payload a = encode_request(&q), b = encode_reply(&r);

        (void)state;
        for (size_t i = 0; i < a.size; i++)
                for (int change = 1; change < 256; change++) {
                        int k;

                        a.data[i] ^= (uint8_t)change;
                        k = wire_request_decode(a.data, a.size, 3, &q_back);
                        if (k == 0) {
                                _cleanup_payload_ struct payload again = encode_request(&q_back);

                                assert_int_equal(again.size, a.size);
                                assert_memory_equal(again.data, a.data, a.size);
                        } else
                                assert_true(k == -EBADMSG || k == -E2BIG);
                        a.data[i] ^= (uint8_t)change;
                }
        for (size_t i = 0; i < b.size; i++)
                for (int change = 1; change < 256; change++) {
                        int k;

                        b.data[i] ^= (uint8_t)change;
                        k = wire_reply_decode(b.data, b.size, 0, &r_back);
                        if (k == 0) {
                                _cleanup_payload_ struct payload again = encode_reply(&r_back);

                                assert_int_equal(again.size, b.size);
                                assert_memory_equal(again.data, b.data, b.size);
                        } else
                                assert_true(k == -EBADMSG || k == -E2BIG);
                        b.data[i] ^= (uint8_t)change;
                }
}

/* Where the structures of the examples stand, and how long they are. */
enum {
        AT_CALL = 0,
        AT_NUMBERS = 24,
        AT_SEGMENTS = AT_NUMBERS + 16, /* three numbers, padded */
        AT_RESULT = 0,
        AT_WRITTEN = 24,
        STRUCT = 24,
};

static void a_newer_sender_is_understood(void **state) {
        struct wire_request q = request_example(), q_back;
        struct wire_reply r = reply_example(), r_back;
        _cleanup_payload_ struct payload a = encode_request(&q), b = encode_reply(&r);
        static const size_t in_request[] = {AT_CALL, AT_SEGMENTS}, in_reply[] = {AT_RESULT, AT_WRITTEN};

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(in_request); i++)
                for (size_t more = 8; more <= WIRE_STRUCT_MAX - STRUCT; more += 8) {
                        _cleanup_payload_ struct payload grown =
                                payload_insert(&a, in_request[i] + STRUCT, more, 0);

                        put_u32(&grown, in_request[i], (uint32_t)(STRUCT + more));
                        assert_int_equal(wire_request_decode(grown.data, grown.size, 3, &q_back), 0);
                        assert_same_request(&q, &q_back);
                        grown.data[in_request[i] + STRUCT + more - 1] = 1;
                        assert_int_equal(decode_request(&grown, 3), -E2BIG);
                }
        for (size_t i = 0; i < ARRAY_SIZE(in_reply); i++)
                for (size_t more = 8; more <= WIRE_STRUCT_MAX - STRUCT; more += 8) {
                        _cleanup_payload_ struct payload grown =
                                payload_insert(&b, in_reply[i] + STRUCT, more, 0);

                        put_u32(&grown, in_reply[i], (uint32_t)(STRUCT + more));
                        assert_int_equal(wire_reply_decode(grown.data, grown.size, 0, &r_back), 0);
                        assert_same_reply(&r, &r_back);
                        grown.data[in_reply[i] + STRUCT] = 1;
                        assert_int_equal(decode_reply(&grown, 0), -E2BIG);
                }
}

static void sizes_of_structures_are_checked(void **state) {
        struct wire_request q = request_example();
        _cleanup_payload_ struct payload p = encode_request(&q);
        static const size_t positions[] = {AT_CALL, AT_SEGMENTS};
        static const struct {
                uint32_t size;
                int expected;
        } cases[] = {
                {0, -EBADMSG},  {4, -EBADMSG},          {16, -EBADMSG}, {23, -EBADMSG},
                {25, -EBADMSG}, {UINT32_MAX, -EBADMSG}, {4104, -E2BIG}, {UINT32_MAX - 7, -E2BIG},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(positions); i++)
                for (size_t j = 0; j < ARRAY_SIZE(cases); j++) {
                        put_u32(&p, positions[i], cases[j].size);
                        assert_int_equal(decode_request(&p, 3), cases[j].expected);
                        put_u32(&p, positions[i], STRUCT);
                        assert_int_equal(decode_request(&p, 3), 0);
                }
}

static void header_is_read_as_written(void **state) {
        struct wire_header h, back;
        size_t size = 0;
        uint8_t message[sizeof(h) + 16] = {};

        (void)state;
        wire_header_init(&h, WIRE_CALL, /* serial= */ 0x1122334455667788, 16, 2);
        memcpy(message, &h, sizeof(h));
        assert_int_equal(wire_header_decode(message, sizeof(message), &back, &size), 0);
        assert_int_equal(size, sizeof(h));
        assert_memory_equal(&h, &back, sizeof(h));
        for (size_t i = 0; i < sizeof(message); i++) {
                _cleanup_payload_ struct payload cut = payload_copy(message, i);

                assert_int_equal(wire_header_decode(cut.data, i, &back, &size), -EBADMSG);
        }
}

static void header_of_a_newer_sender_is_understood(void **state) {
        struct wire_header h, back;
        size_t size = 0;
        uint8_t message[sizeof(h) + 8 + 16] = {};

        (void)state;
        wire_header_init(&h, WIRE_CALL, /* serial= */ 3, 16, 2);
        h.size += 8;
        memcpy(message, &h, sizeof(h));
        assert_int_equal(wire_header_decode(message, sizeof(message), &back, &size), 0);
        assert_int_equal(size, sizeof(h) + 8);
        assert_int_equal(back.serial, 3);
        message[sizeof(h) + 7] = 1;
        assert_int_equal(wire_header_decode(message, sizeof(message), &back, &size), -E2BIG);
}

static void limits_of_the_header(void **state) {
        struct wire_header h, back;
        size_t size;

        (void)state;
        wire_header_init(&h, WIRE_CALL, 1, WIRE_INLINE_MAX, 0);
        assert_int_equal(h.flags, 0);
        wire_header_init(&h, WIRE_CALL, 1, WIRE_INLINE_MAX + 1, 0);
        assert_int_equal(h.flags, WIRE_SEALED);
        assert_int_equal(wire_header_decode(&h, sizeof(h), &back, &size), 0);
        /* A sealed message is its header and nothing else. */
        h.flags = 0;
        assert_int_equal(wire_header_decode(&h, sizeof(h), &back, &size), -EBADMSG);
        h.flags = WIRE_SEALED;
        h.payload_size = 0;
        assert_int_equal(wire_header_decode(&h, sizeof(h), &back, &size), -EBADMSG);
        h.payload_size = WIRE_PAYLOAD_MAX;
        assert_int_equal(wire_header_decode(&h, sizeof(h), &back, &size), 0);
        h.payload_size = WIRE_PAYLOAD_MAX + 1ULL;
        assert_int_equal(wire_header_decode(&h, sizeof(h), &back, &size), -E2BIG);
        h.payload_size = UINT64_MAX;
        assert_int_equal(wire_header_decode(&h, sizeof(h), &back, &size), -E2BIG);
        h.payload_size = 8;
        h.n_fds = WIRE_FDS_MAX;
        assert_int_equal(wire_header_decode(&h, sizeof(h), &back, &size), 0);
        h.n_fds = WIRE_FDS_MAX + 1;
        assert_int_equal(wire_header_decode(&h, sizeof(h), &back, &size), -E2BIG);
        h.n_fds = 0;
        h.flags = WIRE_SEALED | 2;
        assert_int_equal(wire_header_decode(&h, sizeof(h), &back, &size), -E2BIG);
}

static void limit_of_segments(void **state) {
        struct wire_request q = {.command = 1};
        _cleanup_payload_ struct payload p = {}, more = {};

        (void)state;
        for (size_t i = 0; i < WIRE_SEGMENTS_MAX; i++)
                add(&q.memory, 0x1000 * i, 8, WIRE_SEGMENT_WRITABLE, NULL);
        assert_int_equal(wire_memory_add(&q.memory, 0, 8, WIRE_SEGMENT_WRITABLE, NULL), -E2BIG);
        p = encode_request(&q);
        assert_int_equal(decode_request(&p, 0), 0);
        more = payload_insert(&p, p.size, STRUCT, 0);
        memcpy(more.data + p.size, p.data + STRUCT, STRUCT);
        put_u32(&more, 20, WIRE_SEGMENTS_MAX + 1);
        assert_int_equal(decode_request(&more, 0), -E2BIG);
        put_u32(&more, 20, UINT32_MAX);
        assert_int_equal(decode_request(&more, 0), -E2BIG);
}

static void limit_of_descriptors(void **state) {
        struct wire_request q = {.command = 1, .n_fds = WIRE_FDS_MAX}, back;
        _cleanup_payload_ struct payload p = {};

        (void)state;
        for (int i = 0; i < WIRE_FDS_MAX; i++)
                q.numbers[i] = i;
        p = encode_request(&q);
        assert_int_equal(wire_request_decode(p.data, p.size, WIRE_FDS_MAX, &back), 0);
        assert_same_request(&q, &back);
        assert_int_equal(decode_request(&p, WIRE_FDS_MAX + 1), -E2BIG);
        assert_int_equal(decode_request(&p, UINT32_MAX), -E2BIG);
        assert_int_equal(decode_request(&p, WIRE_FDS_MAX - 2), -EBADMSG);
        q.n_fds = WIRE_FDS_MAX + 1;
        assert_int_equal(wire_request_size(&q), 0);
        assert_int_equal(wire_request_encode(&q, p.data, p.size), -E2BIG);
}

static void limit_of_the_payload(void **state) {
        static char byte;
        struct wire_request q = {.command = 1};
        struct wire_reply r = {};

        (void)state;
        add(&q.memory, 0, WIRE_PAYLOAD_MAX - 2 * STRUCT, WIRE_SEGMENT_DATA, &byte);
        assert_int_equal(wire_request_size(&q), WIRE_PAYLOAD_MAX);
        q.memory.ranges[0].length++;
        assert_int_equal(wire_request_size(&q), 0);
        q.memory.ranges[0].length = UINT64_MAX;
        assert_int_equal(wire_request_size(&q), 0);
        assert_int_equal(wire_request_encode(&q, &byte, 1), -E2BIG);
        add(&r.memory, 0, WIRE_PAYLOAD_MAX, WIRE_SEGMENT_DATA, &byte);
        assert_int_equal(wire_reply_size(&r), 0);
        assert_int_equal(wire_reply_encode(&r, &byte, 1), -E2BIG);
}

static void limit_of_the_refusal(void **state) {
        static const char long_one[WIRE_REFUSAL_MAX + 1] = "a";
        struct wire_reply r = {.refusal = long_one, .refusal_size = WIRE_REFUSAL_MAX}, back;
        _cleanup_payload_ struct payload p = encode_reply(&r);

        (void)state;
        assert_int_equal(wire_reply_decode(p.data, p.size, 0, &back), 0);
        assert_same_reply(&r, &back);
        put_u32(&p, 20, WIRE_REFUSAL_MAX + 1);
        assert_int_equal(decode_reply(&p, 0), -E2BIG);
        r.refusal_size++;
        assert_int_equal(wire_reply_size(&r), 0);
}

static void a_short_buffer_is_not_overrun(void **state) {
        struct wire_request q = request_example();
        struct wire_reply r = reply_example();

        (void)state;
        for (size_t size = 0; size < wire_request_size(&q); size++) {
                _cleanup_free_ void *buffer = malloc(size);

                assert_int_equal(wire_request_encode(&q, buffer, size), -ENOBUFS);
        }
        for (size_t size = 0; size < wire_reply_size(&r); size++) {
                _cleanup_free_ void *buffer = malloc(size);

                assert_int_equal(wire_reply_encode(&r, buffer, size), -ENOBUFS);
        }
}

static void descriptors_of_a_request(void **state) {
        struct wire_request q = request_example();
        _cleanup_payload_ struct payload p = encode_request(&q);

        (void)state;
        assert_int_equal(decode_request(&p, 3), 0);
        assert_int_equal(decode_request(&p, 0), -EBADMSG);
        assert_int_equal(decode_request(&p, 2), -EBADMSG);
        assert_int_equal(decode_request(&p, 5), -EBADMSG);
        put_u32(&p, AT_NUMBERS + 4, UINT32_MAX);
        assert_int_equal(decode_request(&p, 3), -EBADMSG);
        put_u32(&p, AT_NUMBERS + 4, 9);
        put_u32(&p, AT_NUMBERS + 12, 1); /* the padding */
        assert_int_equal(decode_request(&p, 3), -EBADMSG);
}

static void descriptor_of_a_reply(void **state) {
        struct wire_reply r = {.flags = WIRE_RESULT_FD};
        _cleanup_payload_ struct payload p = encode_reply(&r);

        (void)state;
        assert_int_equal(decode_reply(&p, 1), 0);
        assert_int_equal(decode_reply(&p, 0), -EBADMSG);
        assert_int_equal(decode_reply(&p, 2), -EBADMSG);
        put_u32(&p, 4, WIRE_RESULT_NATIVE);
        assert_int_equal(decode_reply(&p, 0), 0);
        assert_int_equal(decode_reply(&p, 1), -EBADMSG);
        put_u32(&p, 4, 1U << 2);
        assert_int_equal(decode_reply(&p, 0), -E2BIG);
}

static void segments_are_checked(void **state) {
        struct wire_request q = request_example();
        _cleanup_payload_ struct payload p = encode_request(&q);
        const size_t last = p.size - STRUCT; /* the one without data */

        (void)state;
        put_u64(&p, last + 8, UINT64_MAX - (1 << 24));
        assert_int_equal(decode_request(&p, 3), 0);
        put_u64(&p, last + 8, UINT64_MAX - (1 << 24) + 1);
        assert_int_equal(decode_request(&p, 3), -EBADMSG);
        put_u64(&p, last + 8, 0);
        put_u64(&p, last + 16, UINT64_MAX);
        assert_int_equal(decode_request(&p, 3), 0);
        put_u64(&p, last + 8, 1);
        assert_int_equal(decode_request(&p, 3), -EBADMSG);
        put_u64(&p, last + 16, 0);
        assert_int_equal(decode_request(&p, 3), -EBADMSG);
        put_u64(&p, last + 16, 8);
        assert_int_equal(decode_request(&p, 3), 0);
        put_u32(&p, last + 4, 0);
        assert_int_equal(decode_request(&p, 3), -EBADMSG);
        put_u32(&p, last + 4, 4);
        assert_int_equal(decode_request(&p, 3), -E2BIG);
        /* Data of a length that would wrap around when it is padded, or that is not there. */
        put_u32(&p, last + 4, WIRE_SEGMENT_DATA);
        put_u64(&p, last + 8, 0);
        for (unsigned int bit = 0; bit < 64; bit++) {
                put_u64(&p, last + 16, 1ULL << bit);
                assert_int_equal(decode_request(&p, 3), -EBADMSG);
                put_u64(&p, last + 16, UINT64_MAX >> bit);
                assert_int_equal(decode_request(&p, 3), -EBADMSG);
        }
        /* A reply writes, and has nothing to be written to. */
        {
                struct wire_reply r = {};
                _cleanup_payload_ struct payload reply = {};

                add(&r.memory, 0, 8, WIRE_SEGMENT_WRITABLE, NULL);
                reply = encode_reply(&r);
                assert_int_equal(decode_reply(&reply, 0), -E2BIG);
        }
}

static void ranges_are_found_as_a_whole(void **state) {
        struct wire_memory m = {};

        (void)state;
        add(&m, 100, 50, WIRE_SEGMENT_DATA, "x");
        add(&m, 150, 50, WIRE_SEGMENT_DATA | WIRE_SEGMENT_WRITABLE, "x");
        add(&m, UINT64_MAX - 8, 8, WIRE_SEGMENT_WRITABLE, NULL);
        add(&m, 0, 0, WIRE_SEGMENT_DATA, NULL);
        assert_int_equal(m.n, 3);
        assert_int_equal(wire_memory_add(&m, UINT64_MAX, 1, WIRE_SEGMENT_DATA, NULL), -EFAULT);
        assert_int_equal(wire_memory_add(&m, 2, UINT64_MAX - 1, WIRE_SEGMENT_DATA, NULL), -EFAULT);

        assert_ptr_equal(wire_memory_find(&m, 100, 50, WIRE_SEGMENT_DATA), &m.ranges[0]);
        assert_ptr_equal(wire_memory_find(&m, 149, 1, WIRE_SEGMENT_DATA), &m.ranges[0]);
        assert_ptr_equal(wire_memory_find(&m, 150, 1, WIRE_SEGMENT_DATA), &m.ranges[1]);
        assert_ptr_equal(wire_memory_find(&m, UINT64_MAX - 8, 8, WIRE_SEGMENT_WRITABLE), &m.ranges[2]);
        assert_null(wire_memory_find(&m, 99, 1, WIRE_SEGMENT_DATA));
        assert_null(wire_memory_find(&m, 99, 2, WIRE_SEGMENT_DATA));
        assert_null(wire_memory_find(&m, 149, 2, WIRE_SEGMENT_DATA));
        assert_null(wire_memory_find(&m, 100, 1, WIRE_SEGMENT_WRITABLE));
        assert_null(wire_memory_find(&m, 200, 1, WIRE_SEGMENT_DATA));
        assert_null(wire_memory_find(&m, 150, UINT64_MAX, WIRE_SEGMENT_DATA));
        assert_null(wire_memory_find(&m, UINT64_MAX - 8, 9, WIRE_SEGMENT_WRITABLE));
        assert_null(wire_memory_find(&m, UINT64_MAX - 8, UINT64_MAX, WIRE_SEGMENT_WRITABLE));
}

static int caller_read(struct wire_caller *w, uint64_t address, void *buffer, size_t size) {
        return w->caller.ops->read(&w->caller, address, buffer, size);
}

static int caller_write(struct wire_caller *w, uint64_t address, const void *buffer, size_t size) {
        return w->caller.ops->write(&w->caller, address, buffer, size);
}

static void a_caller_reads_only_what_was_sent(void **state) {
        struct wire_request q = request_example();
        _cleanup_wire_caller_ struct wire_caller w;
        char buffer[64] = {};

        (void)state;
        /* Beside the instructions, and over their last bytes. */
        add(&q.memory, 0x2000 + sizeof(insns), 8, WIRE_SEGMENT_DATA, "ABCDEFG");
        add(&q.memory, 0x2008, 2, WIRE_SEGMENT_DATA, "!!");
        wire_caller_init(&w, &q, NULL);
        assert_int_equal(caller_read(&w, 0x2000, buffer, sizeof(insns)), 0);
        assert_string_equal(buffer, "instructions");
        assert_int_equal(caller_read(&w, 0x2005, buffer, 3), 0);
        assert_memory_equal(buffer, "uct", 3);
        /* Segments may lie over one another: the first that has it all is read. */
        assert_int_equal(caller_read(&w, 0x2008, buffer, 2), 0);
        assert_memory_equal(buffer, "io", 2);
        assert_int_equal(caller_read(&w, 0x2000 + sizeof(insns), buffer, 8), 0);
        assert_string_equal(buffer, "ABCDEFG");
        assert_int_equal(caller_read(&w, 0, buffer, 0), 0);

        assert_int_equal(caller_read(&w, 0x2000, buffer, sizeof(insns) + 1), -EFAULT);
        assert_int_equal(caller_read(&w, 0x1fff, buffer, 1), -EFAULT);
        assert_int_equal(caller_read(&w, 0x1fff, buffer, 2), -EFAULT);
        assert_int_equal(caller_read(&w, 0x3000, buffer, 1), -EFAULT); /* only to be written */
        assert_int_equal(caller_read(&w, 0, buffer, 1), -EFAULT);
        assert_int_equal(caller_read(&w, UINT64_MAX, buffer, 2), -EFAULT);
}

static void a_caller_is_written_only_where_it_may(void **state) {
        struct wire_request q = request_example();
        _cleanup_wire_caller_ struct wire_caller w;
        char bytes[64] = "bytes";

        (void)state;
        wire_caller_init(&w, &q, NULL);
        assert_int_equal(caller_write(&w, 0x3000, bytes, 6), 0);
        assert_int_equal(caller_write(&w, 0x1008, bytes, 1), 0);
        assert_int_equal(caller_write(&w, 0x3000 + (1 << 24) - 1, bytes, 1), 0);
        assert_int_equal(caller_write(&w, 0, bytes, 0), 0);
        bytes[0] = 'X'; /* what was written has been copied */

        assert_int_equal(caller_write(&w, 0x2000, bytes, 1), -EFAULT); /* only to be read */
        assert_int_equal(caller_write(&w, 0x3000 + (1 << 24) - 1, bytes, 2), -EFAULT);
        assert_int_equal(caller_write(&w, 0x2fff, bytes, 2), -EFAULT);
        assert_int_equal(caller_write(&w, 0x1000, bytes, sizeof(attr) + 1), -EFAULT);
        assert_int_equal(caller_write(&w, UINT64_MAX, bytes, 2), -EFAULT);

        assert_int_equal(w.writes.n, 3);
        assert_int_equal(w.writes.ranges[0].address, 0x3000);
        assert_int_equal(w.writes.ranges[0].length, 6);
        assert_string_equal(w.writes.ranges[0].data, "bytes");
        assert_int_equal(w.writes.ranges[2].address, 0x3000 + (1 << 24) - 1);
}

static void what_is_written_is_bounded(void **state) {
        struct wire_request q = {};
        _cleanup_wire_caller_ struct wire_caller w;
        const size_t half = WIRE_PAYLOAD_MAX / 2;
        _cleanup_free_ char *bytes = calloc(1, half);
        struct wire_reply r = {.refusal = "", .refusal_size = 0};

        (void)state;
        assert_non_null(bytes);
        add(&q.memory, 0, UINT32_MAX, WIRE_SEGMENT_WRITABLE, NULL);
        wire_caller_init(&w, &q, NULL);
        for (size_t i = 0; i < WIRE_SEGMENTS_MAX; i++)
                assert_int_equal(caller_write(&w, i, bytes, 1), 0);
        assert_int_equal(caller_write(&w, 0, bytes, 1), -E2BIG);
        wire_caller_deinit(&w);

        wire_caller_init(&w, &q, NULL);
        assert_int_equal(caller_write(&w, 0, bytes, half), 0);
        assert_int_equal(caller_write(&w, 0, bytes, half), -E2BIG);
        /* As much as is left, in the most pieces that there can be, still makes a reply. */
        assert_int_equal(caller_write(&w, 0, bytes, half - WIRE_STRUCT_MAX - WIRE_REFUSAL_MAX - 62), 0);
        for (size_t i = 2; i < WIRE_SEGMENTS_MAX; i++)
                assert_int_equal(caller_write(&w, i, bytes, 1), 0);
        r.memory = w.writes;
        r.refusal_size = WIRE_REFUSAL_MAX;
        assert_true(wire_reply_size(&r) > 0);
}

static void a_caller_has_each_descriptor_once(void **state) {
        struct wire_request q = request_example();
        int fds[] = {100, 101, 102}, fd = -1;
        _cleanup_wire_caller_ struct wire_caller w;

        (void)state;
        wire_caller_init(&w, &q, fds);
        assert_int_equal(w.caller.ops->fd(&w.caller, 9, &fd), 0);
        assert_int_equal(fd, 101);
        assert_int_equal(fds[1], -1);
        fd = -1;
        assert_int_equal(w.caller.ops->fd(&w.caller, 9, &fd), -EBADF);
        assert_int_equal(w.caller.ops->fd(&w.caller, 8, &fd), -EBADF);
        assert_int_equal(w.caller.ops->fd(&w.caller, -1, &fd), -EBADF);
        assert_int_equal(w.caller.ops->fd(&w.caller, 101, &fd), -EBADF); /* ours is not theirs */
        assert_int_equal(fd, -1);
        assert_int_equal(fds[0], 100);
        assert_int_equal(fds[2], 102);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(request_is_read_as_written),
                cmocka_unit_test(reply_is_read_as_written),
                cmocka_unit_test(empty_ones_are_read_as_written),
                cmocka_unit_test(every_shorter_payload_is_refused),
                cmocka_unit_test(a_longer_payload_is_refused),
                cmocka_unit_test(every_changed_byte_is_refused_or_sound),
                cmocka_unit_test(a_newer_sender_is_understood),
                cmocka_unit_test(sizes_of_structures_are_checked),
                cmocka_unit_test(header_is_read_as_written),
                cmocka_unit_test(header_of_a_newer_sender_is_understood),
                cmocka_unit_test(limits_of_the_header),
                cmocka_unit_test(limit_of_segments),
                cmocka_unit_test(limit_of_descriptors),
                cmocka_unit_test(limit_of_the_payload),
                cmocka_unit_test(limit_of_the_refusal),
                cmocka_unit_test(a_short_buffer_is_not_overrun),
                cmocka_unit_test(descriptors_of_a_request),
                cmocka_unit_test(descriptor_of_a_reply),
                cmocka_unit_test(segments_are_checked),
                cmocka_unit_test(ranges_are_found_as_a_whole),
                cmocka_unit_test(a_caller_reads_only_what_was_sent),
                cmocka_unit_test(a_caller_is_written_only_where_it_may),
                cmocka_unit_test(what_is_written_is_bounded),
                cmocka_unit_test(a_caller_has_each_descriptor_once),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
