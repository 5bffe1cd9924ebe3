/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The protocol's messages. A grant's descriptor is a SOCK_SEQPACKET connection
 * to its deputy; over it the two ends of one machine exchange these structures,
 * in native byte order.
 *
 *   message   wire_header, then the payload (or, with WIRE_SEALED, the payload
 *             in a memfd: kernel/seqpacket.h)
 *   CALL      wire_call, the numbers of the descriptors that come with the
 *             message (int32 each, padded), n_segments × (wire_segment, data)
 *   CONNECT   no payload, one descriptor: a SEQPACKET socket, which is served
 *             as one more connection under the same grant. No reply. Whoever
 *             shares a descriptor with others makes itself such a channel, so
 *             that answers are never mixed. A channel ends at the latest when
 *             the connection that brought it ends: the grant's authority does
 *             not outlive the last copy of its descriptor.
 *   RESULT    wire_result, n_segments × (wire_segment, data), the refusal
 *
 * A connection or channel carries one request at a time; the reply repeats its
 * serial.
 *
 * Every structure begins with its own size, a multiple of eight, and grows at
 * its end: a shorter one is completed with zeros, a longer one is taken if what
 * we do not know of it is zero, and else refused with -E2BIG. Everything starts
 * at a multiple of eight bytes; the padding is zero.
 *
 * A call carries a piece of its maker's memory: segments with an address, of
 * which some have data and some are only to be written. The reply's segments
 * are the bytes that were written, each within a writable segment of the call.
 *
 * The functions here are pure and bounds-checked, and they allocate nothing:
 * decoded values point into the payload.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
        WIRE_SEGMENTS_MAX = 64,
        WIRE_FDS_MAX = 128,
        WIRE_REFUSAL_MAX = 1024,
        WIRE_STRUCT_MAX = 4096,
        /* A message of a header and so much payload fits a socket's default send buffer. */
        WIRE_INLINE_MAX = 160 * 1024,
        /* In a memfd: room for the largest output of a call (CALL_OUTPUT_MAX), and more. */
        WIRE_PAYLOAD_MAX = 80 * 1024 * 1024,
        /* The longest message itself. */
        WIRE_MESSAGE_MAX = WIRE_STRUCT_MAX + WIRE_INLINE_MAX,
};

/* Requests are below 0x1000, replies from there on. */
enum wire_type {
        WIRE_CALL = 1,
        WIRE_CONNECT = 2,
        WIRE_RESULT = 0x1000,
};

struct wire_header {
        uint32_t size;
        uint32_t type;
        uint64_t serial; /* of the request */
        uint32_t flags;
        uint32_t n_fds; /* without the one that holds a sealed payload */
        uint64_t payload_size;
};
#define WIRE_SEALED (1U << 0)

struct wire_call {
        uint32_t size;
        uint32_t command; /* bpf(2)'s registers: command, address and size of attr */
        uint64_t attr_address;
        uint32_t attr_size;
        uint32_t n_segments;
};

struct wire_result {
        uint32_t size;
        uint32_t flags;
        int64_t result; /* what bpf(2) returned, or -errno */
        uint32_t n_segments;
        uint32_t refusal_size;
};
#define WIRE_RESULT_FD (1U << 0)     /* the result is the descriptor that comes with the message */
#define WIRE_RESULT_NATIVE (1U << 1) /* not done: the grant has no say in it, make the call yourself */

struct wire_segment {
        uint32_t size;
        uint32_t flags;
        uint64_t address;
        uint64_t length;
};
#define WIRE_SEGMENT_DATA (1U << 0)     /* `length` bytes follow, padded */
#define WIRE_SEGMENT_WRITABLE (1U << 1) /* the reply may write here */

/* A piece of a process's memory. */
struct wire_range {
        uint64_t address;
        uint64_t length;
        uint32_t flags;
        const void *data; /* with WIRE_SEGMENT_DATA; borrowed */
};

struct wire_memory {
        struct wire_range ranges[WIRE_SEGMENTS_MAX];
        size_t n;
};

struct wire_request {
        uint32_t command;
        uint32_t attr_size;
        uint64_t attr_address;
        struct wire_memory memory; /* attr is part of it */
        int32_t numbers[WIRE_FDS_MAX];
        size_t n_fds;
};

struct wire_reply {
        int64_t result;
        uint32_t flags;
        struct wire_memory memory;
        const char *refusal; /* one sentence for a human, without NUL or newline; borrowed */
        size_t refusal_size;
};

/*
 * Adds a range; an empty one is not added. 0; -EFAULT when no memory can be
 * there (it reaches beyond 2^64); -E2BIG when there are too many.
 */
int wire_memory_add(struct wire_memory *m, uint64_t address, uint64_t length, uint32_t flags,
                    const void *data);

/* The first range with all of these flags in which these bytes lie as a whole, or NULL. */
const struct wire_range *wire_memory_find(const struct wire_memory *m, uint64_t address, uint64_t length,
                                          uint32_t flags);

/* A header for this payload, sealed if it is too long for a message. */
void wire_header_init(struct wire_header *h, enum wire_type type, uint64_t serial, size_t payload_size,
                      size_t n_fds);

/*
 * 0; -EBADMSG if these bytes are no message; -E2BIG if they are one of a newer
 * protocol or beyond the limits. `ret_size` is where the payload begins.
 */
int wire_header_decode(const void *data, size_t size, struct wire_header *ret_header, size_t *ret_size);

/* The size of the payload; 0 if one of the limits is exceeded. */
size_t wire_request_size(const struct wire_request *q);
size_t wire_reply_size(const struct wire_reply *r);

/*
 * Writes a payload of exactly the size that the functions above tell into
 * `buffer`. 0; -E2BIG when it is beyond the limits; -ENOBUFS when it is longer
 * than the buffer.
 */
int wire_request_encode(const struct wire_request *q, void *buffer, size_t size);
int wire_reply_encode(const struct wire_reply *r, void *buffer, size_t size);

/*
 * Reads the payload of a CALL or a RESULT. `n_fds` is the header's: a request
 * must name every descriptor, a reply have one exactly if its flags say so.
 * 0; -EBADMSG; -E2BIG, which the deputy answers with as the call's result.
 */
int wire_request_decode(const void *payload, size_t size, uint32_t n_fds, struct wire_request *ret_request);
int wire_reply_decode(const void *payload, size_t size, uint32_t n_fds, struct wire_reply *ret_reply);
