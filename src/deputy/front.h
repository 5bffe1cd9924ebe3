/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The front ends: how calls reach a deputy. Each takes a call from its side,
 * has it go the one path (request.h), and brings the answer back. A load is
 * put into the queue for the loading threads; everything else is served where
 * it was received.
 */

#include "deputy/deputy.h"

/* Serves the notifications of an intercepted program; returns only on an error of the listener. */
struct notify_front {
        struct deputy *deputy;
        int listener; /* owned by the process */
};
void *notify_front_serve(void *front); /* a thread's function; argument: struct notify_front */

/*
 * Serves connections that carry the grant: the first one, and channels that
 * holders make over it. Several threads serve one front.
 */
struct socket_front;
/* `holder` is the process that was given the connection: what records name. */
int socket_front_new(struct socket_front **ret_front, struct deputy *d, int connection_consume,
                     pid_t holder);
/* The two descriptors it begins with, to be kept when others are closed. Returns their number. */
size_t socket_front_fds(const struct socket_front *f, int *ret_fds);
void *socket_front_serve(void *front); /* argument: struct socket_front */
