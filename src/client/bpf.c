/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * bpf(2) under a grant. The call is captured from our own memory with the same
 * table that its deputy will read it with; what capture read becomes the
 * segments of the request, what the kernel will write its writable ones. The
 * deputy captures the call once more, from the message.
 *
 *   capture   from our memory
 *   request   its segments and descriptors
 *   exchange  send, receive the reply, on the thread's own channel
 *   apply     what the kernel wrote, into our memory; the new descriptor
 *
 * The deputy is not trusted either: it writes only where the call is written.
 */

#include "bpfgrant.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <linux/bpf.h>

#include "abi/call.h"
#include "base/fd.h"
#include "client/channel.h"
#include "client/memory.h"
#include "kernel/bpf.h"
#include "kernel/seqpacket.h"
#include "wire/message.h"

static _Thread_local char refusal[WIRE_REFUSAL_MAX + 1];

const char *bpfgrant_refusal(void) {
        return refusal;
}

/* It may have come from a stranger and is for a terminal. */
static void refusal_set(const char *text, size_t length) {
        memcpy(refusal, text, length);
        for (size_t i = 0; i < length; i++)
                if (iscntrl((unsigned char)refusal[i]))
                        refusal[i] = '?';
        refusal[length] = '\0';
}

/*
 * The verdicts of capture, as results. CALL_E_NATIVE is not an error: the call
 * is made here.
 */
static int capture_refused(const struct call *c, int verdict) {
        const char *name = c->row ? c->row->name : "this command";

        switch (verdict) {
        case CALL_E_UNKNOWN:
                snprintf(refusal, sizeof(refusal), "libbpfgrant does not know bpf(2) command %u",
                         c->command);
                return -EOPNOTSUPP;
        case CALL_E_UNCAPTURED:
                snprintf(refusal, sizeof(refusal), "libbpfgrant cannot carry %s yet", name);
                return -EOPNOTSUPP;
        case CALL_E_TOO_LARGE:
                snprintf(refusal, sizeof(refusal), "a buffer of %s is too large to carry", name);
                return -E2BIG;
        default:
                return -EINVAL;
        }
}

/*
 * What an info structure points to depends on whose it is. Where we cannot tell
 * (no such descriptor, no /proc) nothing is captured of it: the deputy, which
 * can, gives the errno for it, or -EFAULT.
 */
static int capture_info(struct call *c, struct caller *own) {
        int fd = (int)call_u32(c, offsetof(union bpf_attr, info.bpf_fd));
        enum abi_object kind;
        uint32_t link_type = 0;
        int r;

        r = bpf_object_kind(fd, &kind);
        if (r < 0)
                return 0;
        if (kind == OBJECT_LINK) {
                r = bpf_link_type(fd, &link_type);
                if (r < 0)
                        return r;
        }
        return call_capture_info(c, kind, link_type, own);
}

/* 0, -errno, or CALL_E_*. */
static int capture(struct call *c, uint32_t command, void *attr, uint32_t size, struct caller *own) {
        int r = call_capture(c, command, (uintptr_t)attr, size, own);

        return r == 0 && command == BPF_OBJ_GET_INFO_BY_FD ? capture_info(c, own) : r;
}

static uint32_t segment_flags(enum abi_use use) {
        switch (use) {
        case BUFFER_IN:
                return WIRE_SEGMENT_DATA;
        case BUFFER_INOUT:
                return WIRE_SEGMENT_DATA | WIRE_SEGMENT_WRITABLE;
        case BUFFER_OUT:
        case BUFFER_LOG:
                break;
        }
        return WIRE_SEGMENT_WRITABLE;
}

/* How much of a buffer is ours to show: what capture read beyond it stays here. */
static size_t segment_length(const struct call_buffer *b) {
        if (b->size == 0)
                return 0;
        if (b->field->kind == FIELD_STRING)
                return strnlen(b->data, b->size - 1) + 1;
        /* Capture keeps an info structure as long as it knows it to be; count is the caller's length. */
        if (b->field->kind == FIELD_INFO)
                return b->count;
        return b->size;
}

/* `attr` is room for the whole of it: capture has found that what lies beyond CALL_ATTR_MAX is zero. */
static int request_memory(const struct call *c, uint8_t attr[static WIRE_STRUCT_MAX],
                          struct wire_memory *ret_memory) {
        struct wire_memory m = {};
        int r;

        if (c->size > WIRE_STRUCT_MAX)
                return -E2BIG;
        memset(attr, 0, c->size);
        memcpy(attr, c->attr, c->size < CALL_ATTR_MAX ? c->size : CALL_ATTR_MAX);
        r = wire_memory_add(&m, c->attr_address, c->size, WIRE_SEGMENT_DATA | WIRE_SEGMENT_WRITABLE, attr);
        for (size_t i = 0; i < c->n_buffers && r == 0; i++) {
                const struct call_buffer *b = &c->buffers[i];

                r = wire_memory_add(&m, b->address, segment_length(b), segment_flags(b->field->use),
                                    b->data);
        }
        if (r < 0)
                return r;
        *ret_memory = m;
        return 0;
}

/*
 * The descriptors that there are. What a call says of one that is not open
 * depends on the command: the deputy finds out, as it does not come.
 */
static void request_fds(const struct call *c, struct wire_request *q) {
        for (size_t i = 0; i < c->n_fds; i++)
                if (fcntl(c->fds[i].number, F_GETFD) >= 0)
                        q->numbers[q->n_fds++] = c->fds[i].number;
}

static int request_make(const struct call *c, uint8_t attr[static WIRE_STRUCT_MAX],
                        struct wire_request *ret_request) {
        *ret_request = (struct wire_request) {
                .command = c->command,
                .attr_size = c->size,
                .attr_address = c->attr_address,
        };
        request_fds(c, ret_request);
        return request_memory(c, attr, &ret_request->memory);
}

static int request_send(int socket, uint64_t serial, const struct wire_request *q) {
        size_t size = wire_request_size(q);
        _cleanup_free_ void *large = NULL;
        void *payload = channel_buffer();
        struct wire_header header;
        int r;

        if (size == 0)
                return -E2BIG;
        if (size > WIRE_INLINE_MAX) {
                payload = large = malloc(size);
                if (!large)
                        return -ENOMEM;
        }
        r = wire_request_encode(q, payload, size);
        if (r < 0)
                return r;
        wire_header_init(&header, WIRE_CALL, serial, size, q->n_fds);
        r = seqpacket_send(socket, &header, sizeof(header), payload, size, header.flags & WIRE_SEALED,
                           q->numbers, q->n_fds);
        if (r != -EMSGSIZE || (header.flags & WIRE_SEALED))
                return r;
        /* A host with small send buffers (net.core.wmem_default). */
        header.flags |= WIRE_SEALED;
        return seqpacket_send(socket, &header, sizeof(header), payload, size, /* sealed= */ true, q->numbers,
                              q->n_fds);
}

static int reply_receive(int socket, uint64_t serial, struct seqpacket *packet,
                         struct wire_reply *ret_reply) {
        struct wire_header header;
        size_t offset;
        int r;

        r = seqpacket_receive(socket, channel_buffer(), WIRE_MESSAGE_MAX, packet);
        if (r <= 0)
                return r == 0 || r == -ECONNRESET ? -EPIPE : r == -EMSGSIZE ? -EPROTO : r;
        r = wire_header_decode(packet->data, packet->size, &header, &offset);
        if (r < 0 || header.type != WIRE_RESULT || header.serial != serial)
                return -EPROTO;
        r = seqpacket_unpack(packet, offset, header.payload_size, header.flags & WIRE_SEALED, header.n_fds);
        if (r < 0)
                return r == -EBADMSG ? -EPROTO : r;
        r = wire_reply_decode(packet->payload, packet->payload_size, header.n_fds, ret_reply);
        return r < 0 ? -EPROTO : 0;
}

static bool reply_is_sound(const struct wire_reply *reply, const struct wire_request *q) {
        for (size_t i = 0; i < reply->memory.n; i++)
                if (!wire_memory_find(&q->memory, reply->memory.ranges[i].address,
                                      reply->memory.ranges[i].length, WIRE_SEGMENT_WRITABLE))
                        return false;
        return reply->result >= -4095 && reply->result <= INT_MAX;
}

static int exchange(int grant_fd, const struct wire_request *q, struct seqpacket *packet,
                    struct wire_reply *ret_reply) {
        struct channel *channel;
        uint64_t serial;
        int r, old;

        do {
                old = channel_open(grant_fd, &channel);
                if (old < 0)
                        return old;
                serial = channel_serial();
                r = request_send(channel->socket, serial, q);
                if (r == -EPIPE || r == -ECONNRESET) {
                        channel_drop(channel);
                        r = -EPIPE;
                }
                /* Nothing was sent: a channel that the deputy has closed in between is made once more. */
        } while (r == -EPIPE && old == 1);
        if (r < 0)
                return r;
        r = reply_receive(channel->socket, serial, packet, ret_reply);
        if (r == 0 && !reply_is_sound(ret_reply, q))
                r = -EPROTO;
        if (r < 0)
                channel_drop(channel);
        return r;
}

static int apply(const struct wire_reply *reply, struct seqpacket *packet, struct caller *own) {
        for (size_t i = 0; i < reply->memory.n; i++) {
                const struct wire_range *range = &reply->memory.ranges[i];
                int r = own->ops->write(own, range->address, range->data, range->length);

                if (r < 0)
                        return r;
        }
        refusal_set(reply->refusal, reply->refusal_size);
        return reply->flags & WIRE_RESULT_FD ? take_fd(&packet->fds.fds[0]) : (int)reply->result;
}

static int call_under_grant(int grant_fd, uint32_t command, void *attr, uint32_t size) {
        _cleanup_call_ struct call c;
        _cleanup_seqpacket_ struct seqpacket packet;
        uint8_t attr_copy[WIRE_STRUCT_MAX];
        struct wire_request request;
        struct wire_reply reply;
        struct caller own;
        int r;

        call_init(&c);
        seqpacket_init(&packet);
        own_memory_init(&own);
        r = capture(&c, command, attr, size, &own);
        if (r < 0)
                return r;
        if (r == CALL_E_NATIVE)
                return bpf_syscall(command, attr, size);
        if (r > 0)
                return capture_refused(&c, r);
        r = request_make(&c, attr_copy, &request);
        if (r < 0)
                return r;
        r = exchange(grant_fd, &request, &packet, &reply);
        if (r < 0)
                return r;
        if (reply.flags & WIRE_RESULT_NATIVE)
                return bpf_syscall(command, attr, size);
        return apply(&reply, &packet, &own);
}

int bpfgrant_bpf(int grant_fd, uint32_t command, void *attr, uint32_t size) {
        int saved = errno, r;

        refusal[0] = '\0';
        r = call_under_grant(grant_fd, command, attr, size);
        errno = saved;
        return r;
}
