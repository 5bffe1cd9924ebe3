/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One message with descriptors over an AF_UNIX SOCK_SEQPACKET socket, as the
 * protocol's two ends send and receive it. What the bytes mean is wire/'s; here
 * is only how they travel:
 *
 *   inline   head and payload are the message
 *   sealed   the message is the head, the payload lies in a memfd that nobody
 *            can change any more, passed before the other descriptors; for what
 *            a socket's send buffer does not hold
 *
 * The receiving side trusts nothing. Descriptors enter a list that owns them
 * before anything else is looked at; a message of which the kernel has cut off
 * data or descriptors is an error and ends the connection.
 *
 *   seqpacket_receive   bytes and descriptors of one message
 *   (wire_header_decode says where the payload is and what comes with it)
 *   seqpacket_unpack    exactly that many descriptors; maps a sealed payload
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/macro.h"

/* As many as the kernel passes in one message (SCM_MAX_FD), so that none is ever cut off for want of room. */
#define SEQPACKET_FDS_MAX 253

struct fd_list {
        int fds[SEQPACKET_FDS_MAX]; /* owned; -1 where one was taken */
        size_t n;
};

struct seqpacket {
        const void *data; /* the message, in the receiver's buffer */
        size_t size;
        const void *payload; /* in the message, or in `map` */
        size_t payload_size;
        struct fd_list fds;
        void *map; /* owned */
};

void seqpacket_init(struct seqpacket *p);
/* Closes what was not taken from the list, unmaps the payload. */
void seqpacket_deinit(struct seqpacket *p);
#define _cleanup_seqpacket_ _cleanup_(seqpacket_deinit)

/*
 * Sends head and payload as one message, with borrowed descriptors. Waits where
 * the socket would, also if somebody has made it non-blocking: the flag belongs
 * to all who hold the socket. Never raises SIGPIPE.
 *
 * 0, or -errno: -EMSGSIZE if it must be sent sealed, -EBADF if one of the
 * descriptors does not exist, -EPIPE or -ECONNRESET if nobody is there.
 */
int seqpacket_send(int socket, const void *head, size_t head_size, const void *payload, size_t payload_size,
                   bool sealed, const int *fds, size_t n_fds);

/*
 * The same without waiting: -EAGAIN where the socket would. For answers: who has
 * one request under way has read the answers to all earlier ones, and who has
 * not must not keep a thread waiting.
 */
int seqpacket_send_now(int socket, const void *head, size_t head_size, const void *payload,
                       size_t payload_size, bool sealed, const int *fds, size_t n_fds);

/*
 * Receives one message into `buffer`, which must outlive *ret_packet, a packet that was
 * initialised and is empty. `ret_packet` owns the descriptors also on failure.
 *
 * 1; 0 at the end of the connection; or -errno: -EMSGSIZE when the message is
 * longer than the buffer, -EMFILE when descriptors were lost (our table is
 * full), -EAGAIN on a non-blocking socket with nothing to read.
 */
int seqpacket_receive(int socket, void *buffer, size_t size, struct seqpacket *ret_packet);

/*
 * Finds the payload as the message's header tells. Without `sealed` it is the
 * message from `offset` to its end. With it the first descriptor holds it: that
 * must be a memfd sealed against writing, growing, shrinking and unsealing, at
 * least `payload_size` long; it is mapped read-only, closed, and removed from
 * the list, in which exactly `n_fds` descriptors must remain.
 *
 * 0, or -errno: -EBADMSG when anything is not as the header says.
 */
int seqpacket_unpack(struct seqpacket *p, size_t offset, size_t payload_size, bool sealed, size_t n_fds);
