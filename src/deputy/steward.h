/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The steward is the deputy's parent process, and the only one of the two that
 * has CAP_SYS_ADMIN: it answers the two questions about ids that the kernel
 * answers to nobody else. It does not believe the deputy: an id is opened only
 * if the deputy has once shown a descriptor of that very object.
 *
 *   own    here is a descriptor of an object that the grant made: note its id
 *   alive  which of these ids still exist
 *   open   a descriptor for this id, if it was noted
 *
 * One message each way on a SOCK_SEQPACKET pair; `own` has no answer. Messages
 * of one socket arrive in order, so an `open` always finds the `own` before it.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "abi/table.h"

/* The deputy's end. Thread-safe. */
struct steward {
        int fd; /* owned; -1: no steward, every question is -EPERM */
        pthread_mutex_t lock;
};

void steward_init(struct steward *s, int fd_consume);
void steward_deinit(struct steward *s);

int steward_own(struct steward *s, int fd);
int steward_alive(struct steward *s, enum abi_object kind, const uint32_t *ids, size_t n, bool *ret_alive);
/* A new descriptor, or -errno: -ENOENT if the object is gone, -EPERM if it is not the grant's. */
int steward_open(struct steward *s, enum abi_object kind, uint32_t id, uint32_t open_flags);

/* The parent's end: what has been noted. */
struct steward_book;

int steward_book_new(struct steward_book **ret_book);
struct steward_book *steward_book_free(struct steward_book *b);

/*
 * Answers one message that is waiting on fd. 0; -EPIPE when the deputy has
 * closed its end; other errors mean that the deputy is not to be trusted any
 * more (a malformed message), and the connection should be closed.
 */
int steward_serve(struct steward_book *b, int fd);
