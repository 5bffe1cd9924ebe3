/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A thread's own connections to the deputies of the grants that it uses.
 *
 * A grant's descriptor is shared by threads and processes, and answers on it
 * would be mixed. So each thread makes itself a socket pair, sends one end over
 * the grant's connection (WIRE_CONNECT), and keeps the other: a channel has one
 * user and carries one request at a time.
 *
 * Which grant a descriptor means is told by its socket's cookie, which the
 * kernel never gives twice: numbers are closed and opened again for something
 * else. So are a channel's own numbers, by programs that close all descriptors
 * they do not know; before each use, and before it is closed, the number must
 * still be the channel's socket.
 *
 * After fork() the child's thread has a copy of its parent's channels. It knows
 * them for that by a page that the kernel wipes on fork (a pid can be the same
 * again in a pid namespace), closes them, and makes its own.
 */

#include <stddef.h>
#include <stdint.h>

struct channel {
        int socket;
        uint64_t cookie; /* of `socket` */
        uint64_t grant;  /* cookie of the grant's connection */
};

/*
 * The calling thread's channel for this grant; made if there is none. Valid
 * until the thread's next call of these functions.
 *
 * 0; 1 if it was there before, and so may have been closed by the other side in
 * between; or -errno (-EBADF, -ENOTSOCK, -EPROTOTYPE: not a grant; -EPIPE).
 */
int channel_open(int grant_fd, struct channel **ret_channel);

/* Closes it: the connection has ended, or its answers cannot be trusted to be the right ones any more. */
void channel_drop(struct channel *c);

/* The calling thread's buffer of WIRE_MESSAGE_MAX bytes, and its next serial; after channel_open(). */
void *channel_buffer(void);
uint64_t channel_serial(void);

/* 0 if this is an AF_UNIX SEQPACKET socket, or -EBADF, -ENOTSOCK, -EPROTOTYPE. */
int channel_check_grant(int grant_fd);
